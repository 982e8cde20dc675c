"""Orthant probabilities, against draws at a stated error rate, and in degenerate positions."""

import numpy as np
import pytest

from theory.mathematics.kernels import limiting_kernels
from theory.mathematics.orthants import angles, seen_through, three, two

X = np.random.default_rng(0).standard_normal((5, 3)) * np.arange(1, 6)[:, None]
Y = np.vstack([X[:2], -X[2:3], np.random.default_rng(1).standard_normal((2, 3))])
W = np.random.default_rng(2).standard_normal((3, 200_000))
RADIUS = np.sqrt(np.log(2 * 125 / 1e-6) / (2 * W.shape[1]))
"""Hoeffding over 125 shares, at error rate 1e-6."""


def test_angles():
    psi = angles(X, Y)
    norms = np.outer(np.linalg.norm(X, axis=1), np.linalg.norm(Y, axis=1))
    np.testing.assert_allclose(np.cos(psi), X @ Y.T / norms, atol=1e-14)
    assert psi[0, 0] < 1e-15
    assert psi[2, 2] == pytest.approx(np.pi, abs=1e-15)
    assert angles(np.zeros((1, 3)), X) == pytest.approx(np.pi / 2)
    np.testing.assert_array_equal(angles(X), angles(X, X))
    near = np.array([[1.0, 0.0], [1.0, 1e-12]])
    assert angles(near)[0, 1] == pytest.approx(1e-12, abs=1e-15)


def test_probabilities_are_shares_of_draws():
    first, second = (X @ W > 0).astype(float), (Y @ W > 0).astype(float)
    pairs = two(angles(X, Y))
    assert np.abs(first @ second.T / W.shape[1] - pairs).max() <= RADIUS
    a, b, c = angles(X), angles(X, Y), angles(X, Y)
    triples = three(a[:, :, None], b[:, None, :], c[None, :, :])
    shares = np.einsum("iw,jw,kw->ijk", first, first, second, optimize=True) / W.shape[1]
    assert np.abs(shares - triples).max() <= RADIUS
    halved = three(a[:, :, None] / 2, b[:, None, :], c[None, :, :])
    assert np.abs(shares - halved).max() > RADIUS


def test_degenerate_rows():
    """Twice the same row, and a row with its opposite."""
    psi = np.array([0.0, 0.4, 2.0])
    np.testing.assert_allclose(three(0.0, psi, psi), two(psi), atol=1e-15)
    np.testing.assert_allclose(three(np.pi, psi, np.pi - psi), 0, atol=1e-15)


def test_two_gives_the_kernel():
    H, _ = limiting_kernels(X)
    np.testing.assert_allclose(X @ X.T * two(angles(X)), H, rtol=1e-12)


def test_seen_through_is_a_mean_of_squares():
    T = np.cos(angles(X))
    active = (X @ W > 0).astype(float)
    shares = np.einsum("iw,jw,kw->ijk", active, active, active, optimize=True) / W.shape[1]
    mean = np.einsum("ik,kj,ikj->ij", T, T, shares)
    assert np.abs(seen_through(T, angles(X)) - mean).max() <= 5 * RADIUS
    assert np.abs(seen_through(T, angles(X)) / 1.05 - mean).max() > 5 * RADIUS
