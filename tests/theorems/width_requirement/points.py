"""Points at which the claims of the width requirement are evaluated to 50 digits."""

from theory.theorems.masked_training.laws import law

CASES = {
    "width/active": {"xi": 0.5},
    "width/averaging": {"xi": 0.5},
    "width/curvature": {"xi": 0.5, "tau": 3},
}


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    case = CASES.get(name, {})
    p, xi = 1 + seed, case.get("xi", [0.3, 0.5, 0.9, 1.0][seed])
    values = {
        "n": 2 + seed, "K": 3 + 2 * seed, "p": p, "tau": 1 + seed, "xi": xi, "k": 3,
        "m": 4 * 10**18, "zeta": 0.2, "lambda_0": 0.2, "delta": 0.3, "epsilon": 0.25,
        "norm_X": 1.2 + 0.1 * seed, "g": 2.0, "kappa": 0.7, "e0_sq": 1.4, "y_sq": 2.2,
        "row_norm_deviation": 0.0, "travelled": 12.0, "R": 0.1, "nu": 0.0 if seed == 3 else 1e-3,
    }  # fmt: skip
    return values | law("bernoulli").moments(p, xi) | case
