"""Limiting kernels: closed cases, quadrature, Monte Carlo, symmetries, refused inputs."""

import numpy as np
import pytest

from theory import InvalidArgument
from theory.mathematics.kernels import arc_cosine, lambda_0, limiting_kernels

PI = np.pi


def rows(n, d, seed=0):
    X = np.random.default_rng(seed).standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def pair(psi):
    return np.array([[1.0, 0.0], [np.cos(psi), np.sin(psi)]])


@pytest.mark.parametrize(
    ("psi", "H", "Phi"),
    [
        (0.0, 1 / 2, 1 / 2),
        (PI / 3, 1 / 6, np.sqrt(3) / (4 * PI) + 1 / 6),
        (PI / 2, 0.0, 1 / (2 * PI)),
        (2 * PI / 3, -1 / 12, np.sqrt(3) / (4 * PI) - 1 / 12),
        (PI, 0.0, 0.0),
    ],
)
def test_closed_cases(psi, H, Phi):
    found = limiting_kernels(pair(psi), kappa=3.0)
    assert found[0][0, 1] == pytest.approx(H, abs=1e-15)
    assert found[1][0, 1] == pytest.approx(9 * Phi, abs=1e-14)


def test_quadrature():
    """Phi over the direction of w in the plane of the rows: E|w|^2 = 2, midpoint rule."""
    t = (np.arange(200_000) + 0.5) * 2 * PI / 200_000
    for psi in (0.3, 1.0, 2.5, 3.1):
        mean = 2 * np.mean(np.maximum(np.cos(t), 0) * np.maximum(np.cos(t - psi), 0))
        assert limiting_kernels(pair(psi))[1][0, 1] == pytest.approx(mean, abs=1e-8)


def test_monte_carlo():
    """H/G is a probability: Hoeffding over all pairs at error rate 1e-6 (7e-3 at this sample)."""
    X, count = rows(6, 4), 200_000
    active = (X @ np.random.default_rng(1).standard_normal((4, count)) > 0).astype(float)
    H, _ = limiting_kernels(X)
    radius = np.sqrt(np.log(2 * 36 / 1e-6) / (2 * count))
    assert np.abs(active @ active.T / count - H / (X @ X.T)).max() <= radius
    shifted = limiting_kernels(X + np.eye(6, 4) / 10)[0] / (X @ X.T)
    assert np.abs(active @ active.T / count - shifted).max() > radius


def test_output_covariance_of_wide_networks():
    """Means of relu products; Chebyshev at error rate 1e-4 with Var <= E[product^2] <= 3/2."""
    X, count = rows(4, 3), 400_000
    out = np.maximum(X @ np.random.default_rng(2).standard_normal((3, count)), 0)
    _, Phi = limiting_kernels(X)
    assert np.abs(out @ out.T / count - Phi).max() <= np.sqrt(1.5 * 16 / (count * 1e-4))


def test_rotation_leaves_both_unchanged():
    X = rows(8, 5) * np.arange(1, 9)[:, None]
    Q = np.linalg.qr(np.random.default_rng(3).standard_normal((5, 5)))[0]
    for a, b in zip(limiting_kernels(X, 0.7), limiting_kernels(X @ Q, 0.7), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


def test_row_norms_and_kappa_scale_out():
    X, norms = rows(7, 4), np.linspace(0.1, 5, 7)
    scale = np.outer(norms, norms)
    H, Phi = limiting_kernels(X)
    scaled_H, scaled_Phi = limiting_kernels(norms[:, None] * X, kappa=0.3)
    np.testing.assert_allclose(scaled_H, scale * H, rtol=1e-13)
    np.testing.assert_allclose(scaled_Phi, 0.09 * scale * Phi, rtol=1e-13)


def test_symmetric_and_positive():
    for kernel in limiting_kernels(rows(40, 3)):
        np.testing.assert_array_equal(kernel, kernel.T)
        assert np.linalg.eigvalsh(kernel)[0] > -1e-14


@pytest.mark.parametrize("psi", [1e-3, 1e-6, 1e-9])
def test_nearly_parallel_rows(psi):
    """H_ii - H_ij = psi/(2 pi) to first order; arccos of the cosine sees nothing at 1e-9."""
    X = np.array([[1.0, 0.0], [1.0, psi]])
    H, _ = limiting_kernels(X)
    assert H[0, 0] - H[0, 1] == pytest.approx(np.arctan(psi) / (2 * PI), rel=1e-6)
    assert lambda_0(X) == pytest.approx(psi / (2 * PI), rel=max(2 * psi, 1e-6))
    assert np.arccos(1 / np.sqrt(1 + 1e-18)) == 0


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0, 2.0], [np.nan, 0.0]], "rows 1'.*finite"),
        ([[np.inf, 2.0]], "rows 0'.*finite"),
        ([1.0, 2.0], "n, d"),
        (np.zeros((0, 3)), "n, d"),
        (np.zeros((3, 0)), "n, d"),
        (np.full((9, 2), np.nan), r"rows 0, 1, 2, \.\.\."),
    ],
)
def test_refused_inputs(X, message):
    with pytest.raises(InvalidArgument, match=message):
        lambda_0(X)


@pytest.mark.parametrize("kappa", [0.0, -1.0, np.nan, np.inf])
def test_refused_scale(kappa):
    with pytest.raises(InvalidArgument, match="kappa"):
        limiting_kernels(rows(2, 2), kappa)


@pytest.mark.parametrize(
    ("pairs", "d", "others", "singular"),
    [
        (1, 2, 0, False),
        (1, 2, 3, False),
        (2, 2, 0, False),
        (3, 2, 0, True),
        (3, 3, 4, False),
        (4, 3, 0, True),
        (4, 3, 3, True),
    ],
)
def test_opposite_rows(pairs, d, others, singular):
    """Opposite pairs make the kernel singular exactly where their directions are dependent."""
    x = rows(pairs + others, d, seed=5)
    X = np.vstack([x, -2 * x[:pairs]])
    if singular:
        assert abs(lambda_0(X)) < 1e-14
    else:
        assert lambda_0(X) > 1e-6


@pytest.mark.parametrize("X", [np.ones((2, 3)), [[1.0, 0.0], [0.0, 0.0]]])
def test_kernels_of_rows_without_an_angle_are_finite(X):
    assert all(np.isfinite(kernel).all() for kernel in limiting_kernels(X))
    assert abs(lambda_0(X)) < 1e-15


# --- arc-cosine kernels between two sets of rows -------------------------------------------------

ACTIVATIONS = {0: lambda z: (z > 0).astype(float), 1: lambda z: np.maximum(z, 0)}


@pytest.mark.parametrize("degree", ACTIVATIONS)
def test_arc_cosine_by_quadrature(degree):
    """E phi(<w, x>) phi(<w, y>) over the direction of w in the plane; E|w|^2 = 2."""
    t = (np.arange(200_000) + 0.5) * 2 * PI / 200_000
    phi, X, Y = ACTIVATIONS[degree], rows(3, 2), np.vstack([2 * rows(2, 2, seed=4), -rows(1, 2)])
    w = np.stack([np.cos(t), np.sin(t)])
    found = 2**degree * phi(X @ w) @ phi(Y @ w).T / len(t)
    assert arc_cosine(X, Y, degree=degree) == pytest.approx(found, abs=1e-5)
    other = 2 ** (1 - degree) * ACTIVATIONS[1 - degree](X @ w) @ phi(Y @ w).T / len(t)
    assert abs(arc_cosine(X, Y, degree=degree) - other).max() > 0.01


@pytest.mark.parametrize("degree", ACTIVATIONS)
def test_arc_cosine_between_sets_is_a_block_of_that_of_all(degree):
    X = rows(7, 4) * np.arange(1, 8)[:, None]
    whole = arc_cosine(X, degree=degree)
    np.testing.assert_array_equal(whole, whole.T)
    np.testing.assert_allclose(arc_cosine(X[:3], X[3:], degree=degree), whole[:3, 3:], rtol=1e-13)
    H, Phi = limiting_kernels(X)
    np.testing.assert_allclose(whole, (H / (X @ X.T), Phi)[degree], rtol=1e-12)


@pytest.mark.parametrize(
    ("X", "Y", "degree", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 2)), 1, r"Y.*\(m, 3\)"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), 1, "Y.*finite"),
        (np.ones(3), None, 1, "X"),
        (np.ones((2, 3)), None, 2, "degree.*0 or 1"),
    ],
)
def test_arc_cosine_refuses(X, Y, degree, message):
    with pytest.raises(InvalidArgument, match=message):
        arc_cosine(X, Y, degree=degree)
