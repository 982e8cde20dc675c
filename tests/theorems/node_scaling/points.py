"""Points at which the claims of node scalings are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    published = name.startswith("node/published")
    gamma = 1.0 if "ntk" in name else [0.1, 0.3, 0.5, 0.9][seed]
    values = {
        "n": 2 + seed, "d": 3 + seed, "m": 4 * 10**18 if published else 10**9, "t": 0.7 * seed,
        "k": 3 * seed, "gamma": gamma, "kappa": 1.0 if published else 50.0 + seed, "eta": 0.3,
        "delta": 0.2 + 0.1 * seed, "epsilon": 0.25, "norm_X": 1.1 + 0.1 * seed, "g": 2.0,
        "e0_sq": 1.3, "y_sq": 1.7, "row_norm_deviation": 0.0, "lambda": 0.3, "lambda_0": 0.25,
        "theta_0": 0.2, "nu": 0.01 + 0.01 * seed, "omega": 0.02, "near": 1000.0, "weight": 0.01,
        "tolerance": 0.2, "left": 1e-3, "cut": 0.1,
        "smallest": 64, "largest": 1024, "widths": 5, "C": 1.2,
        "kept": 0.2 * seed, "norm_x": 0.4 + seed, "travel": 0.3 * seed, "uneven": 0.0,
    }  # fmt: skip
    easy = {"n": 2, "d": 2 + seed, "gamma": 0.9, "delta": 0.9, "lambda_0": 0.4 + 0.02 * seed}
    return values | easy if published else values
