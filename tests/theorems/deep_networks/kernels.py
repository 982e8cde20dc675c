"""The kernel of networks of erf at infinite width, entry by entry."""

from math import asin, pi, sqrt

import numpy as np


def erf_kernel(X, beta, c):
    """G_inf and K^(H), entry by entry."""
    n = len(X)
    S = [X @ X.T]
    for kept, added in zip(beta, c, strict=True):
        at, new = S[-1], np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                inside = at[i, j] / sqrt((1 + at[i, i]) * (1 + at[j, j]))
                new[i, j] = kept * at[i, j] + added**2 * 2 / pi * asin(inside)
        S.append(new)
    B, total, last = np.ones((n, n)), S[-1].copy(), None
    for at in range(len(c) - 1, -1, -1):
        slopes = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                sides = (1 + S[at][i, i]) * (1 + S[at][j, j]) - S[at][i, j] ** 2
                slopes[i, j] = 2 / pi / sqrt(sides)
        part = c[at] ** 2 * B * S[at] * slopes
        last = part if last is None else last
        total += part
        B = beta[at] * B + c[at] ** 2 * B * slopes
    return total, last
