"""The limit of random features by hand: roots of scipy, and the published forms in 30 digits."""

from functools import lru_cache
from math import sqrt

import mpmath as mp
import numpy as np
from scipy.optimize import brentq


def root(f, low, high):
    """Of a function that changes its sign between two positive numbers, to rounding."""
    logs = brentq(lambda x: f(np.exp(x)), np.log(low), np.log(high), xtol=1e-15, rtol=1e-15)
    return float(np.exp(logs))


def fixed_point(a, b, psi, c, lam):
    """q and s, by roots inside roots of the balance of rows and features."""
    types, r = list(zip(a, b, psi, strict=True)), sqrt(lam)

    def p(q, s):
        return [f / (r + y * q + x * q / (1 + q * s)) for x, y, f in types]

    def s_of(q):
        most = sum(x * f / (r + y * q) for x, y, f in types)
        least = sum(x * f / (r + (x + y) * q) for x, y, f in types)
        if not most > least:
            return most

        def excess(s):
            return sum(x * each for x, each in zip(a, p(q, s), strict=True)) - s

        return root(excess, least * (1 - 1e-12), most * (1 + 1e-12))

    def balance(q):
        return r * (q - sum(p(q, s_of(q)))) + (sum(psi) - c)

    q = root(balance, 1e-12 * c / (r + sum((x + y) * f for x, y, f in types) / r), c / r)
    return q, s_of(q)


def risk_of_limit(a, b, psi, c, lam, F_1, tau):
    """By the matrix M and the forms L as they are published, in 30 digits."""
    with mp.workdps(30):
        return published(tuple(a), tuple(b), tuple(psi), c, lam, F_1, tau)


@lru_cache(maxsize=1024)
def published(a, b, psi, c, lam, F_1, tau):
    q, s = map(mp.mpf, fixed_point(a, b, psi, c, lam))
    D, K = 1 + q * s, len(a)
    p = [f / (mp.sqrt(lam) + y * q + x * q / D) for x, y, f in zip(a, b, psi, strict=True)]
    M = mp.matrix(K + 1, K + 1)
    for i in range(K):
        for j in range(K):
            M[i, j] = (psi[i] / p[i] ** 2 if i == j else 0) - q**2 * a[i] * a[j] / D**2
        M[i, K] = M[K, i] = a[i] / D**2 + b[i]
    M[K, K] = c / q**2 - s**2 / D**2
    v = [mp.matrix([*row, end]) for row, end in (
        (b, 0), ([0] * K, 1), ([x / D**2 for x in a], -(s**2) / D**2),
        ([-(q**2) * x / D**2 for x in a], 1 / D**2),
    )]  # fmt: skip

    def L(i, j):
        return -(v[i - 1].T * mp.lu_solve(M, v[j - 1]))[0]

    return float(F_1**2 * (1 / D**2 + L(3, 4) + L(1, 4)) + tau**2 * (L(2, 3) + L(1, 2)))
