"""Functions of frozen activations: closed norms and overlaps, against draws of inputs."""

import numpy as np
import pytest

from theory.mathematics.gegenbauer import coefficients, polynomials
from theory.mathematics.tangent import overlap, squared_norm, step_kernel

RNG = np.random.default_rng(0)
DRAWS = 400_000


def inputs(d):
    x = np.random.default_rng(d).standard_normal((DRAWS, d))
    return np.sqrt(d) * x / np.linalg.norm(x, axis=1, keepdims=True)


def values(x, W, b):
    return ((x @ W.T > 0) * (x @ b.T)).sum(1)


def near(found, draws, errors=5.0):
    """Within so many standard errors of the mean of draws."""
    return abs(found - draws.mean()) <= errors * draws.std() / np.sqrt(len(draws))


@pytest.mark.parametrize(("d", "N"), [(2, 3), (3, 1), (4, 5), (9, 3)])
def test_squared_norm(d, N):
    W, b = RNG.standard_normal((2, N, d))
    drawn = values(inputs(d), W, b) ** 2
    found = squared_norm(W, b)
    assert near(found, drawn)
    assert not near(1.03 * found, drawn)
    assert squared_norm(7 * W, 2 * b) == pytest.approx(4 * found)


def test_squared_norm_of_one_neuron_and_of_twins():
    """E 1{<w, x> > 0} <b, x>^2 = |b|^2/2; two equal neurons are one of twice the weight."""
    W, b = RNG.standard_normal((2, 1, 6))
    assert squared_norm(W, b) == pytest.approx((b**2).sum() / 2, rel=1e-14)
    assert squared_norm(np.vstack([W, W]), np.vstack([b, b])) == pytest.approx(2 * (b**2).sum())
    opposite = squared_norm(np.vstack([W, -W]), np.vstack([b, b]))
    assert opposite == pytest.approx((b**2).sum(), rel=1e-12)


def test_many_networks_at_once():
    W, b = RNG.standard_normal((2, 4, 3, 5))
    Z = np.eye(5)
    gamma = np.array([0.1, 0.2, 0.3])
    one_by_one = [squared_norm(w, c) for w, c in zip(W, b, strict=True)]
    np.testing.assert_allclose(squared_norm(W, b), one_by_one, rtol=1e-12)
    one_by_one = [overlap(w, c, Z, gamma) for w, c in zip(W, b, strict=True)]
    np.testing.assert_allclose(overlap(W, b, Z, gamma), one_by_one, rtol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 8])
def test_overlaps_by_degree(d):
    W, b = RNG.standard_normal((2, 3, d))
    z = RNG.standard_normal(d)
    z /= np.linalg.norm(z)
    x = inputs(d)
    f, Q = values(x, W, b), polynomials(d, 4, x @ z / np.sqrt(d))
    for k in range(5):
        found = overlap(W, b, z[None], np.eye(5)[k])[0]
        assert near(found, f * Q[k]) or abs(found) < 1e-12
    found = overlap(W, b, z[None], np.eye(5)[1])[0]
    assert not near(1.1 * found, f * Q[1])
    assert found == pytest.approx(b.sum(0) @ z / (2 * np.sqrt(d)), rel=1e-12)


@pytest.mark.parametrize("d", [3, 8])
def test_overlap_with_the_kernel(d):
    W, b = RNG.standard_normal((2, 3, d))
    z = np.eye(d)[:1]
    x = inputs(d)
    gamma = coefficients(step_kernel, d, 60)
    drawn = values(x, W, b) * step_kernel(x @ z[0] / np.sqrt(d))
    assert near(overlap(W, b, z, gamma)[0], drawn)
