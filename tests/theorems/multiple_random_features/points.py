"""Points at which the claims on random features of several types are evaluated to 50 digits."""

import numpy as np

from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from theory.mathematics.random_features import limit, threshold


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    K = 1 + seed
    a, b, psi = rng.uniform(0.2, 2, size=(3, K))
    c, lam = 1.5 + seed, 10.0 ** (-seed)
    found = limit(a, b, psi, c, lam)
    q, s = float(found.q), float(found.s)
    total = 0.4 * c
    if name == "features/peak":
        q, s = map(float, threshold(a, b, psi))
        c = total = float(psi.sum())
    n, N = 5 + seed, 7 + seed
    omega = rng.exponential(size=(2, N))
    if name.startswith("features/given"):
        kap = float(equivalent(n, lam, Spectrum(omega[1])).kappa)
    else:
        kap = 1.0
    alike = {"features/maxima": 1 if seed % 2 else K}.get(name, K)
    if name in ("features/maxima", "features/descents"):
        lam = 1e-3 * b.min()
    d = 6 + seed
    if name == "features/descents":
        n, d = 60 * K, 20 * K + seed
    return {
        "K": K, "d": d, "n": n, "N": N, "c": c, "lam": lam, "psi": psi, "a": a, "b": b,
        "q": q, "s": s, "F_0": 0.5 * (seed % 2), "F_1": 1.2, "tau": 0.3 + seed, "mu_0": 0.1,
        "total": total, "R_0": 0.7 + seed, "t": 1, "omega": omega, "kap": kap, "spread": 0.0,
        "C_sq": rng.exponential(size=(2, N)) / N, "tolerance": 0.1 + 0.1 * seed,
        "b_min": b.min(), "rank_U": N, "rank_Z": n - 1, "M": 20 + seed, "replaced": 0,
        "top": 30.0, "small": 100.0, "inverse_e": 50.0, "alike": alike, "gap": 0.01 * seed,
        "narrow": 0.04,
        "share": 1.0 if name.endswith("width") else 0.5 + seed, "falls": 2.0 + seed,
    }  # fmt: skip
