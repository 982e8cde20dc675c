"""Points at which the claims on trainable biases are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    n, m = 2 + seed, 4 + seed
    values = {
        "n": n, "m": m, "B": [-0.4, 0.0, 1.3, 2.1][seed], "tau": int(seed != 1),
        "G": [0.3, -0.8, 0.0, 0.6][seed], "T": [0.02, 0.05, 0.01, 0.001][seed], "top": 3 + seed,
        "c": np.concatenate([[0.0], 0.05 * rng.random(9)]), "lambda_k": 0.1 * rng.random(9),
        "rows": np.linspace(1.5, 0.1, 9), "s": 0.2 + 0.1 * seed, "R_B": 0.001 * (1 + seed),
        "apart": 0.4 + 0.1 * seed, "lambda_B": 0.3 + 0.1 * seed, "C": 0.2 + seed,
        "k": 7 * seed, "eta": 0.1 + 0.02 * seed, "lambda": 0.3, "Lambda": 1.4 + 0.1 * seed,
        "e_0": 0.7, "y": 1e-3 * (1 + seed), "norm_X": 1.5, "g": 2.5, "nu": 0.01, "near": 0,
        "could": 5 + seed, "epsilon": 0.4, "delta": 0.1 + 0.05 * seed, "coupled": 1, "gap": 1e4,
        "mu": 0.8, "a_0": -0.3 + 0.2 * seed, "r": 0.02 + 0.1 * seed, "smallest": 128,
        "largest": 1024 * (1 + seed), "widths": 4, "tolerance": 0.1 + 0.05 * seed,
        "R": 0.5 + seed, "R_w": 0.2 + 0.1 * seed, "p": 0.1 + 0.1 * seed,
        "z": rng.standard_normal((n, m)), "mean_loss": 0.2, "R_S": 0.05 + 0.01 * seed,
    }  # fmt: skip
    if name == "bias/series":
        values |= {"G": 1e-3 * (1 + seed), "top": 6, "c": np.concatenate([[0.0], rng.random(9)])}
    if name.startswith("bias/published"):
        values |= {"B": 0.3 + 0.5 * seed}
    if name == "bias/steps":
        values |= {"eta": 0.5, "Lambda": 2.0}
    if name in ("bias/least-eigenvalue", "bias/theorem", "bias/published-rate"):
        values |= {"m": 10**7}
    return values
