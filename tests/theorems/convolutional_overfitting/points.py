"""Points at which the claims on the convolutional network are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    m, n, rows = 2 + seed, 3 + seed, 2
    learned = "learned" in name
    V = rng.uniform(0.01, 0.2, (rows, m))
    U = rng.uniform(0.01, 0.2, (rows, n, m))
    benign = "benign" in name
    chi = (2.0 if benign else 0.4) + 0.1 * seed
    return {
        "q": [3.0, 2.5, 4.0, 2.2][seed], "n": n, "m": m, "n_j": 2 + seed, "mu_sq": 9.0 + seed,
        "xi_sq": 0.8 + 0.1 * seed, "eta": 0.3 + 0.1 * seed, "T": 50 + seed, "cross": 1e-12,
        "flips": 0.0, "shrink": 0.1, "start": 0.2 - 0.3 * seed, "before": -0.1 + 0.2 * seed,
        "gamma": 0.3 + seed, "rho": rng.normal(size=(4, n)), "overlap": rng.normal(size=(5, n)),
        "state": seed, "place": 4 - seed, "u": 0.12 - 0.05 * (seed == 3), "v": 0.06 + 0.01 * seed,
        "top": 0.4 + 0.02 * seed if benign else 0.15, "least": 0.05, "N": 0.02 * seed,
        "N_top": 0.03 * seed, "a": 0.9 + seed, "N_a": [0.0, 0.1, 0.6, 1.1][seed],
        "h": 0.2 + 0.3 * seed, "h_0": 0.1 + 0.05 * seed, "chi": chi, "chi_top": 0.5, "share": 0.7,
        "V": V, "V_share": V / V.max(-1, keepdims=True), "U": U,
        "U_part": U / U.max(-1, keepdims=True), "row": seed % 2, "u_top": 0.2 + 0.05 * seed,
        "spent": 1.7 + seed, "margin": 2.5 + seed if learned else 1.5 + seed, "worst": 0.01 + seed,
        "K": 20.0 + seed, "w": 0.01 * seed, "fullest": 0.2, "worst_class": 0.1 * seed,
        "chi_low": 2.5 + seed, "fit": 0.3 + seed, "fit_mean": 0.2 + seed, "O": 0.01 * (seed + 1),
        "sigma_p_sq": 0.02, "off": rng.uniform(0.1, 2, (3, 2 * m)),
        "off_most": rng.uniform(0.1, 2, (1, 2 * m)), "gaussian": 1, "step": seed % 3,
        "theta": 1.0 - 0.1 * seed, "d_low": 50, "d_high": 400 + seed, "sizes": 4 + seed,
        "tolerance": 0.2, "SNR": 2.0 if benign else 0.1, "epsilon": 1e-3 * (seed + 1), "C": 1.5,
    }  # fmt: skip
