"""Points at which the claims of masked training are evaluated to 50 digits."""

import numpy as np

ROUNDS = 3
IST = {"theta": 1.0, "V": 0.0, "xi": 1 / 3, "p": 3}
CASES = {
    "corollary/gradient-descent": {"xi": 1.0},
    "corollary/dropout": {"p": 1, "tau": 1},
    "corollary/multi-sample-dropout": {"tau": 1},
    "corollary/ist": IST,
    "identity/noise-variance": {"V": 0.3},
    "identity/aggregation": IST,
    "identity/dispersion": IST,
    "published/corollary-4": {"p": 1, "tau": 1},
    "published/corollary-5": {"tau": 1},
    "published/theorem-7": IST,
    "published/theorem-7/kappa-restored": IST,
    "published/theorem-7/proof": IST,
}


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    n, p, tau, xi = 3 + seed, 2 + seed % 2, 1 + seed, [0.3, 0.5, 0.9, 1.0][seed]
    case = CASES.get(name, {})
    p, tau, xi = case.get("p", p), case.get("tau", tau), case.get("xi", xi)
    mu = np.sort(rng.uniform(0.05, 0.5, n))
    factor = rng.standard_normal((n, n))
    c = rng.standard_normal(n)
    scalars = {
        "n": n, "d": n - 1, "K": ROUNDS, "p": p, "tau": tau, "xi": xi, "k": 3, "m": 10**6,
        "theta": 1 - (1 - xi) ** p, "V": (1 - xi) / (xi * p), "eta": xi, "zeta": 0.9,
        "lambda": mu[0], "Lambda": mu[-1], "lambda_0": 0.2, "delta": 0.1, "alpha": 1e-3,
        "R": 0.01, "c": 0.01, "e0_sq": float(c @ c), "rho_k": 1.3, "g": 2.0,
        "nu": 0.0 if seed == 3 else 10.0 ** -(2 * seed + 2), "epsilon_A": 0.02,
        "epsilon_B": 0.03, "stability_A": 0.5, "stability_B": 0.6, "e_sq": 1.7, "tr_Phi": 0.4,
        "local_loss": 3.0, "spread": 1.1, "kappa": xi / np.sqrt(n), "C_m": 1e-9, "C_eta": 1e4,
        "C_B": 2.0, "C": 2.5, "y_max": 1.2, "y_sq": 2.2, "row_norm_deviation": 0.0,
        "displacement": 1e-4, "gamma": 0.3, "excess": 0.1,
    }  # fmt: skip
    vectors = {
        "mu": mu,
        "c_j": c,
        "c_sq": c**2,
        "Phi": factor @ factor.T / 10,
        "alpha_j": rng.uniform(0, 1e-2, ROUNDS),
    }
    return {**scalars, **vectors, **case}
