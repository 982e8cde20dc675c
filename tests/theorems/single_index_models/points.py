"""Points at which the claims on single index models are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    s = 2 + seed
    b = rng.normal(size=s)
    return {
        "alpha": [1e-9, 1e-4, 0.05, 0.3][seed], "phi": [0.7, -1.3, 0.4, -0.2][seed],
        "t": [30.0, 8.0, 3.0, 0.5][seed], "k": [300, 40, 7, 2][seed],
        "eta": [0.1, 0.2, 0.3, 0.15][seed], "kept": 0.9, "shrunk": 0.8 + 0.05 * seed,
        "signal": 0.6 + 0.1 * seed, "noise": 0.3 + 0.05 * seed,
        "epsilon": [1e-4, 1e-3, 0.02, 0.15][seed], "near": [0.05, 0.02, 0.1, 0.3][seed],
        "n": 100 + seed, "p": 30 + seed, "s": s, "m": -0.9 + 0.7 * seed, "a": 0.1 + 0.02 * seed,
        "b_j": -0.4 + 0.3 * seed, "precision": 1.0 + 0.3 * seed, "rho": 0.0,
        "mu": 1.6 - 0.4 * seed, "b": b / np.linalg.norm(b), "kurtosis": 0.0, "tied": 0,
        "delta": 0.1 + 0.05 * seed, "lam": 0.2 + 0.06 * seed, "z": 2.0 + 0.3 * seed, "speed": 0.3,
        "off": 1e-4, "off_4": 1e-6, "on": 0.03 + 0.01 * seed, "on_var": 2e-4, "missed": 1e-4,
        "M_0": 1.7, "C_1": 1.5 + seed, "C_2": 0.3, "weakest": 0.6 + 0.2 * seed,
        "s_0": 2, "s_1": seed, "C": 3.0 + seed, "d": 5 + seed, "r": 1 + seed,
        "alone": 0.4 - 0.3 * seed, "left": 1e-5, "nu": [1.5, 1.2, 3.0, 2.5][seed],
        "smallest": 100, "largest": 1600 * (seed + 1), "sizes": 5, "tolerance": 0.1 + 0.02 * seed,
        "samples": 400, "sigma": 0.5 + 0.1 * seed, "f_sq": 0.8, "f_4": 2.0, "tau": 2.0 + seed,
    }  # fmt: skip
