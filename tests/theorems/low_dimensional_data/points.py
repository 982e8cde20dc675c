"""Points at which the claims on data in a subspace are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    d, m = 3 + seed, 4 + seed
    A = np.linalg.qr(rng.normal(size=(d, d)))[0][:, :2]
    n = {"subspace/enough-rows": 400 + seed, "subspace/too-few-rows": d + 5 + seed}
    return {
        "n": n.get(name, d + 5 + 3 * seed), "d": d, "q": 2, "m": m, "m_part": m, "L": 2 + seed,
        "t": 3 * seed, "eta": 0.1,
        "rates": 0.1 + 0.01 * np.arange(3 * seed + 2), "sigma": 0.3 + 0.1 * seed,
        "omega": 0.2 * seed,
        "momentum": 0.0, "adaptive": seed % 2, "coupled": 0, "tilt": 0.0, "kurtosis": 0.0,
        "w_0": -0.4 + 0.3 * seed, "off": 0.0, "J_sq": 1.3, "J_sum": 0.7 + seed,
        "s": 0.8 + seed, "a": rng.normal(size=m), "a_part": rng.uniform(0.1, 1, m),
        "z": 0.5 * rng.normal(size=m), "z_part": 0.5 * rng.normal(size=m),
        "K_0": -0.7 + 0.5 * seed, "drift": 3.0 - 2 * seed, "k_min": -1.0 + 0.4 * seed,
        "k_max": 0.5 + 0.4 * seed, "beta_sq": 1.0 + seed, "delta_0": -0.1 + 0.1 * seed
        if name == "subspace/chain" else 0.0, "perp": 0.6, "transversal": 0.5 + 0.1 * seed,
        "B": 0.5 + seed, "lam_max": 0.3, "N": 20 * (seed + 1), "s_xi": 0.3 + 0.1 * seed, "tau": 0.5,
        "intercept": seed % 2, "rank": d - 2, "bent": 0.0, "epsilon": 0.4,
        "lam": rng.uniform(0.1, 2.0, d), "H": A @ A.T, "c": rng.normal(size=d),
        "norm_Xi": 3.0, "path": 2.0 + seed, "residuals": 0.3, "a_max": 0.6, "untrained": 2.0,
        "u": 1.0 + 0.5 * seed, "beta": 1.0 + seed, "start": 0.1 + 0.05 * seed, "s_sq": 0.4,
        "C": 0.1 + 0.01 * seed, "alpha": 0.5 + 0.2 * seed, "c_1": 0.5, "c_2": 0.7,
    }  # fmt: skip
