"""Points at which the claims on tangent ridge are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    claim = name.partition("/")[2]
    n, d, N, top = 5 + seed, 3 + seed, 4 + seed, 4
    if claim == "edge":
        n, d, N = 84 + seed, 20, 40
    if claim == "least-eigenvalue":
        N = 400
    gammas, B = rng.uniform(0.02, 0.08, (top + 1, 2)), rng.uniform(1, 9, (top + 1, 2))
    at, kap = seed % 2, 0.3 + 0.1 * seed
    gamma = gammas[:, at]
    root = (gamma / (gamma / B[:, at] + kap)).sum()
    lam = kap * (n - root) - (0.5 - gamma.sum())
    return {
        "n": n, "d": d, "N": N, "lambda": lam if claim == "risk-law" else 0.1 * (1 + seed),
        "tau_sq": 0.3 + seed, "uniform": 1, "C": 0.7 + 0.1 * seed,
        "angle": 0.3 + 0.6 * seed, "T": rng.uniform(-1, 1, (n, n)),
        "angles": rng.uniform(0, np.pi, (n, n)), "generic_rank": 3 + seed, "density": 1,
        "part": 2 + seed, "seen": 1, "rank": 2 + seed, "lambda_K": 0.1, "theta": 0.5,
        "s": rng.uniform(0.06, 0.2, n), "norm_T": 3.0, "epsilon": 0.5, "delta": 0.2,
        "edge": 0.1 + 0.01 * seed, "v_1": 0.3 + seed, "v_2": 2.0 - 0.3 * seed, "half": 0.5 + seed,
        "V_1": 0.8, "smallest": 8, "largest": 64, "sizes": 4, "tolerance": 0.2, "blur": 0.1,
        "R_K": 0.4, "R_poly": 0.3, "t": 5 * seed, "eta": 0.2, "mu": 0.3 + 0.2 * seed, "c": -0.7,
        "flips": 0, "l": 1 + seed % 2, "top": top, "gamma": gamma, "B": B[:, at],
        "gammas": gammas, "B_by_size": B, "at": at, "m_4": 0.4,
        "h": rng.uniform(0, 2, top + 1), "a": rng.uniform(0, 2, top + 1),
        "c_k": rng.normal(size=top + 1), "F": rng.uniform(0, 1, top + 1), "alpha_sq": 2.0 + seed,
        "norm_M": 0.2, "mu_max": 0.05, "norm_D": 0.3, "kap": kap, "kap_l": 0.5, "kap_less": 0.2,
        "B_k": 20.0 + seed,
    }  # fmt: skip
