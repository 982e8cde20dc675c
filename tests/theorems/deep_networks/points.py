"""Points at which the claims of deep networks are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    published = name.startswith("deep/published")
    return {
        "n": 2 + seed, "H": 1 + seed, "q": 2 + seed, "m": 10**9 if published else 10**7,
        "k": 2 + 3 * seed, "lambda": 4.0 + seed, "S_0": 3.0 + 0.5 * seed, "E_0": 0.9 + 0.1 * seed,
        "L": 0.3 + 0.1 * seed, "R": 1.5, "eta": 1e-4 if published else 0.04, "rho": 0.1 * seed,
        "E": 0.5 + 0.1 * seed, "D": 0.1 + 0.1 * seed, "M": 0.3, "C": 0.48, "L_norms": 1.1,
        "L_jacobians": 0.9, "norm_X": 1.1 + 0.1 * seed, "y_norm": 1.3, "row_norm_deviation": 0.0,
        "lambda_0": 0.2 + 0.02 * seed, "l": 0.3, "G_y": 0.7 + seed, "delta": 0.2 + 0.1 * seed,
        "epsilon": 0.25, "tolerance": 0.2, "smallest": 16.0, "largest": 128.0, "sizes": 4,
        "time": 0.2 + 0.3 * seed, "C_m": 1.0, "C_H": 1.5, "C_eta": 1.2,
    }  # fmt: skip
