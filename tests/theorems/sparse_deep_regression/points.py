"""Points at which the claims on sparse deep regression are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    claim = name.partition("/")[2]
    several = claim == "hoelder-variables"
    noise, L, d = 0.4 + 0.1 * seed, 1 + seed, 1 + seed % 3
    return {
        "m": 12 if claim == "hoelder-slope" else 2 + seed,
        "x": [0.3, 0.81, 0.02, 1.0][seed], "y": [0.9, 0.14, 0.5, 0.37][seed],
        "r": 2 + seed if several or claim.startswith("tree") else 1,
        "q": 3, "q_f": 3, "M": 3 + seed, "beta": 2.0 if several else [2.0, 0.7, 1.5, 3.0][seed],
        "K": 1.3 + seed, "B": 0.7 + seed, "c_beta": 0.25 + 0.1 * seed, "J_hat": 3, "J_out": 4,
        "largest": 16 if claim == "hoelder-slope" else 10_000,
        "smallest": 300 if claim == "sieve-slope" else 4, "sizes": 4, "few": 40, "many": 200,
        "written": 900 + seed,
        "tolerance": 0.1 + 0.02 * seed,
        "L": L, "p": 2.0 + rng.integers(0, 4, L + 1), "epsilon": [0.31, 0.013, 0.9, 0.07][seed],
        "delta": 1e9 if claim == "cover" else 0.02 + 0.1 * seed, "T": 9 + seed, "s": 2 + seed,
        "n": 300 + seed, "N": 12 + seed, "F": 1.2 - 0.1 * seed,
        "sigma": 1.0 if claim == "published-inequality" else noise, "t": 0.3, "delta_p": 0.2,
        "R_star": 0.1 * seed, "Delta": 0.05, "eps_0": 0.3 + 0.1 * seed, "d": d, "J": 4 + seed,
        "kept": 7 + seed, "gap": rng.normal(size=(5, 2)) / 9, "coefficients": rng.normal(size=5),
        "terms": 5, "at": seed % 2, "alpha": 0.2 + 0.2 * seed, "C": 0.7 + seed,
    }  # fmt: skip
