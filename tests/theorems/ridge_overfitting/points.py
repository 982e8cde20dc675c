"""Points at which the claims on ridge regression are evaluated to 50 digits."""

import mpmath
import numpy as np

E = {0: [1.0, 0.1], 1: [1.0, 0.4, 0.05], 2: [2.0, 0.01], 3: [1.0, 0.02]}
GAMMA = {0: [0.1, 9.0], 1: [0.05, 0.5, 4.0], 2: [0.2, 7.0], 3: [0.1, 5.0]}


def fixed_point(seed, ridge):
    """The largest root, to 30 digits."""
    with mpmath.workdps(40):
        pairs = [(mpmath.mpf(e), mpmath.mpf(g)) for e, g in zip(E[seed], GAMMA[seed], strict=True)]
        low, high = mpmath.mpf(0), mpmath.mpf(1000)
        while high - low > mpmath.mpf(10) ** -30:
            k = (low + high) / 2
            # on its largest root the sum falls below 1 and stays there
            if sum(g * e / (e + k) for e, g in pairs) + ridge / k > 1:
                low = k
            else:
                high = k
        return float(high)


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    rng = np.random.default_rng(seed)
    name = name.partition("/")[2]
    at_zero = name in ("boundary", "negative-helps", "optimum")
    ridge = 0.0 if at_zero else 0.2 * seed
    flat, p = name.startswith("flat"), 12 + seed
    energies = np.zeros(len(E[seed]))
    energies[0], energies[-1] = 0.5 + seed, 0.1 * (not at_zero) + energies[-1]
    x = rng.uniform(0.5, 1.5, 12)
    return {
        "n": 5 + seed, "p": p, "k": 1 + seed % 2, "lam": 0.0 if flat else 0.3 * (1 + seed),
        "s2": 1e-3 * (1 + seed) if name == "negative-helps" else 0.4, "excess": 0.0,
        "a_min": x[0], "l_i": x[1], "theta_i": x[2] - 1, "h": x[3] / 2, "z_sq": 5 * x[4],
        "q": x[5], "rest": 0.1, "m_low": x[6], "m_high": 2 * x[7] + 1,
        "T": x[8], "P": x[9], "w": x[10],
        "xi": x[11], "tail_trace": 3 * x[0], "norm_1": x[1], "size_1": 2 * x[2], "theta_0": x[3],
        "L": 0.01 * x[4], "S1": 3 + seed, "S2": 0.1 * x[5], "S4": 1e-3 * x[6],
        "C": 2 + seed, "c": 1.5, "cond": 50.0, "t": 0.4 + 0.1 * seed,
        "l": np.sort(rng.uniform(0.1, 1, p))[::-1], "theta": rng.normal(size=p),
        "node": rng.uniform(1, 9, 4), "weight": rng.dirichlet(np.ones(4)), "nodes": 4,
        "spread": 0.0, "energy": 1.0 + seed, "n_first": 4, "n_last": 40, "n_sizes": 5,
        "tolerance": 0.1, "J": len(E[seed]), "e": np.array(E[seed]), "gamma": np.array(GAMMA[seed]),
        "E": energies, "kappa": fixed_point(seed, ridge), "ridge": ridge, "f": 0.0,
        "k_star": seed, "S2_star": x[7], "theta_star": x[8], "energy_star": x[9],
        "pull": x[10], "fall": x[11], "bent": 0.0, "outside": 0.0, "l_k": x[0],
        "bias_0": 0.3 * x[1], "g_0": 0.2 * x[2], "t2": x[3], "posterior": x[4], "misfit": x[5],
    }  # fmt: skip
