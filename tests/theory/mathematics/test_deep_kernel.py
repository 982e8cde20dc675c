"""The infinite-width kernel against quadrature over pairs of normal variables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf

from theory.language.errors import InvalidArgument
from theory.mathematics.deep_kernel import deep_kernel

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def sigma(z):
    return erf(z / np.sqrt(2))


def slope(z):
    return np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2)


def mean(of, S, i, j):
    """E of(u) of(v) for (u, v) ~ N(0, S restricted to i, j), by Gauss-Hermite quadrature."""
    a, b, c = S[i, i], S[j, j], S[i, j]
    u = np.sqrt(a) * NODES
    v = c / a * u[:, None] + np.sqrt(max(b - c**2 / a, 0.0)) * NODES
    return float((WEIGHTS * of(u)) @ (of(v) @ WEIGHTS))


def by_quadrature(X, beta, c):
    """The recursion with quadrature in place of closed forms."""
    n = len(X)
    each = [(i, j) for i in range(n) for j in range(n)]

    def matrix(of, S):
        return np.array([mean(of, S, i, j) for i, j in each]).reshape(n, n)

    S = [X @ X.T]
    for kept, added in zip(beta, c, strict=True):
        S.append(kept * S[-1] + added**2 * matrix(sigma, S[-1]))
    B, total, terms = np.ones((n, n)), S[-1], []
    for kept, added, at in reversed(list(zip(beta, c, S[:-1], strict=True))):
        terms.append(added**2 * B * matrix(slope, at) * at)
        total = total + terms[-1]
        B = kept * B + added**2 * B * matrix(slope, at)
    return total, terms[0]


LAYERS = {
    "one": ((0.0,), (1.7,)),
    "fully connected": ((0.0, 0.0, 0.0), (3**0.5,) * 3),
    "residual": ((0.0, 1.0, 1.0), (3**0.5, 0.5, 0.4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_quadrature(name):
    X = np.random.default_rng(1).normal(size=(3, 4)) / 2
    for found, wanted in zip(deep_kernel(X, *LAYERS[name]), by_quadrature(X, *LAYERS[name]),
                             strict=True):  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=1e-8)


def test_the_last_layer_is_a_part():
    """G_inf - K^(H) is positive semidefinite: the rate from K^(H) alone is slower."""
    X = np.random.default_rng(2).normal(size=(4, 6))
    X /= np.linalg.norm(X, axis=1)[:, None]
    seen = {}
    for H in (1, 2, 4):
        whole, last = deep_kernel(X, (0.0,) + (1.0,) * (H - 1), (3**0.5,) + (1 / H,) * (H - 1))
        assert np.linalg.eigvalsh(whole - last)[0] > -1e-12
        seen[H] = np.linalg.eigvalsh(whole)[0] / np.linalg.eigvalsh(last)[0]
    assert seen[1] < seen[2] < seen[4]
    assert seen[4] > 15


def test_bad_input():
    X = np.eye(2)
    for beta, c, rows in (((1.0,), (1.0,), X), ((), (), X), ((0.0,), (1.0, 1.0), X),
                          ((0.0,), (1.0,), X * np.nan)):  # fmt: skip
        with pytest.raises(InvalidArgument):
            deep_kernel(rows, beta, c)
