"""Points at which the claims of coupled initialisation are evaluated to 50 digits."""

import numpy as np

CIRCLE = tuple(
    f"coupled/{name}" for name in
    ("sign-changes", "least-width", "circle-margin", "width-by-margin", "features-power")
)  # fmt: skip


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    n = 2 + seed
    if name.startswith(CIRCLE):
        return {"n": 4 * (seed + 1), "m": 2 + seed, "R": 0.01, "gamma_inf": 0.1 + 0.05 * seed,
                "fewest": 8, "most": 64 + 8 * seed, "sizes": 3 + seed}  # fmt: skip
    return {
        "n": n, "N": 10**6, "k": 3 + seed, "T": 2 + 5 * seed, "K": 10**4, "kappa": 1e9,
        "eta": 1e-3 if name == "coupled/published-squared" else 0.4 + 0.1 * seed,
        "delta": 0.2 + 0.1 * seed, "epsilon": 0.25, "norm_X": 1.0 + 0.05 * seed, "y_sq": 1.3,
        "row_norm_deviation": 0.0, "lambda": 0.1 + 0.02 * seed, "lambda_0": 0.2, "gamma": 0.3,
        "gamma_inf": 0.25 + 0.05 * seed, "rho": [0.0, 0.7, 3.0, 40.0][seed], "flips": 0,
        "xi": 0.3 + 0.1 * seed, "mu": 0.1 + 0.2 * np.arange(n), "c": 0.5 - 0.3 * np.arange(n),
        "tolerance": 0.2, "smallest": 64, "largest": 1024, "widths": 5, "C_m": 1.5,
        "C_eta": 2.0, "C_T": 0.7, "risk": 0.1,
    }  # fmt: skip
