"""Points at which the claims on feedback alignment are evaluated to 50 digits."""

DECAYING = ("angle", "pull", "relu-alignment", "decayed")


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    name = name.partition("/")[2]
    relu = name.startswith("relu")
    decay = 0.1 + 0.2 * seed if name.startswith((*DECAYING, "neuron", "residual")) else 0.0
    values = {
        "n": 1 + seed, "d": 3 + seed, "m": 3000 + 100 * seed, "k": 3 * seed, "t": 0.7 * seed,
        "eta": 0.05 + 0.01 * seed, "lambda": decay, "delta": 0.1 + 0.1 * seed, "curvature": 0.0,
        "kink": 1.0 if relu else 0.0, "transport": 0.0, "kurtosis": 3.0, "correlation": 0.0,
        "beta_scale": 1.0, "norm_X": 1.1 + 0.1 * seed, "mu": 0.4 + 0.1 * seed,
        "norm_y": 1.3, "theta": 1.7 + 0.2 * seed, "gamma": 0.3, "rank": 2 + seed,
        "e_0": 1.5 + 0.3 * seed, "B2": 2900.0 + seed, "overlap": 40.0 - 30 * seed, "s_0": 0.03,
        "low": 0.9, "high": 1.1, "a": 0.5 + 0.05 * seed, "beta_p": 54.0, "W_p": 56.0,
        "W_p_theta": 90.0 + seed, "product": 0.3 - seed, "w_sq": 4.0 + seed, "w_sq_next": 4.1,
        "dw_sq": 0.02, "W_sq": 9010.0, "W0_sq": 9000.0 + seed, "dW_sq": 0.3, "decayed": 0.0,
        "e_i": 0.7 - 0.4 * seed, "y_i": 0.9, "carried": -60.0 - seed, "direct": -0.2,
        "next_overlap": 55.0, "b_r": -0.7 + seed, "z_0": 1.2, "shift": 0.013, "beta_r0": 0.4,
        "w_v": 0.02 * seed, "q": 0.8, "c": 0.011, "C": 0.5, "tolerance": 0.2, "smallest": 64,
        "largest": 1024, "widths": 5, "e_before": 0.8, "low_A": 0.9, "high_A": 1.2,
        "B2_A": 700.0 + seed, "z_p": 20.0, "silent": 0.0, "lost": 0, "leaving": 0, "others": 0,
    }  # fmt: skip
    if name == "relu-rate":
        wide = {"m": 10**6, "B2": 1e6, "a": 0.2, "sigma_min": 600.0 + seed, "sigma_max": 800.0,
                "norm_H": 0.001, "norm_T": 0.002, "norm_F": 0.003}  # fmt: skip
        values |= wide
    if name in ("angle", "angle/lower", "pull", "pull/lower"):
        values["t"] = 4e4 * (1 + seed)
    if name.startswith("relu-alignment"):
        values |= {"n": 1, "eta": 0.001, "t": 2e4 * (1 + seed), "norm_X": 1.0, "mu": 1.0}
    if name == "stopped-alignment":
        values |= {"overlap": 900.0 + 100 * seed, "m": 3000}
    return values
