"""Random feedback in loops and from definitions, for oracles; nothing of the code under test."""

from math import sqrt

import numpy as np


def product(A, B):
    """A B, entry by entry."""
    return np.array([[sum(a * b for a, b in zip(row, column, strict=True)) for column in B.T]
                     for row in A])  # fmt: skip


def frobenius(M):
    return sqrt(sum(x * x for x in np.ravel(M)))


def spectral(M):
    """The root of the largest eigenvalue of M^T M."""
    return sqrt(max(0.0, np.linalg.eigvalsh(M.T @ M)[-1]))


def feedback(Y, C, Z, W, eta, steps):
    """Iterates (Z, W), by back-propagation through a network fed with unit vectors.

    The error comes back through C, or through Z^T where C is None.
    """
    found = [(Z, W)]
    for _ in range(steps):
        dZ, dW = np.zeros_like(Z), np.zeros_like(W)
        for i in range(Y.shape[1]):
            hidden = W[:, i]
            e = Y[:, i] - product(Z, hidden[:, None])[:, 0]
            dZ += np.multiply.outer(e, hidden)
            dW[:, i] += product(Z.T if C is None else C, e[:, None])[:, 0]
        Z, W = Z + eta * dZ, W + eta * dW
        found.append((Z, W))
    return found


def optimal(Y, C, W, eta, steps):
    """The same with Z = argmin ||Y - Z W||_F, from the normal equations."""
    found = []
    for _ in range(steps + 1):
        Z = np.linalg.solve(product(W, W.T), product(W, Y.T)).T
        found.append((Z, W))
        W = W + eta * product(C, Y - product(Z, W))
    return found


def flow(Y, C, Z, W, times, steps=400):
    """The flow at the times, by the classical Runge-Kutta method between each two."""
    found, now = [], 0.0
    for until in times:
        h = (until - now) / steps
        for _ in range(steps if h > 0 else 0):
            slopes = [(0.0 * Z, 0.0 * W)]
            for part in (0.0, 0.5, 0.5, 1.0):
                z, w = Z + part * h * slopes[-1][0], W + part * h * slopes[-1][1]
                R = Y - z @ w
                slopes.append((R @ w.T, C @ R))
            weights = (0, 1, 2, 2, 1)
            Z = Z + h / 6 * sum(c * s[0] for c, s in zip(weights, slopes, strict=True))
            W = W + h / 6 * sum(c * s[1] for c, s in zip(weights, slopes, strict=True))
        found.append((Z, W))
        now = until
    return found


def phi(tau, steps=2000):
    """phi' = 1 - phi^3 from 0, by the classical Runge-Kutta method."""
    x, h = 0.0, tau / steps
    for _ in range(steps):
        a = 1 - x**3
        b = 1 - (x + h / 2 * a) ** 3
        c = 1 - (x + h / 2 * b) ** 3
        d = 1 - (x + h * c) ** 3
        x += h / 6 * (a + 2 * b + 2 * c + d)
    return x


def left(Y, C):
    """||Y (I - P)||_F^2: of least squares of Y on the rows of C Y."""
    return float(((Y - Y @ np.linalg.pinv(C @ Y) @ C @ Y) ** 2).sum())
