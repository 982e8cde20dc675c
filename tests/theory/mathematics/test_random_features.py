"""The limit of ridge regression on random features: published forms, 50 digits, refused inputs."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import root

from theory import InvalidArgument
from theory.mathematics.random_features import limit, threshold

A, B = 1 / 4, 1 / 4 - 1 / (2 * np.pi)
"""Of relu."""

SCALES = np.array([1, 0.05, 0.0015])
RNG = np.random.default_rng(0)


def problem(K, lam=None):
    a, b, psi = RNG.exponential(size=(3, K))
    return a, b, psi, float(2 * RNG.exponential()), lam or 10 ** RNG.uniform(-4, 1)


RANDOM = [problem(K) for K in (1, 1, 2, 2, 3, 3, 4)]


def functional(K):
    """What is stationary at the fixed point: its symbols, and the expression."""
    p, a, b, psi = (sp.symbols(f"{name}0:{K}", positive=True) for name in ("p", "a", "b", "psi"))
    q, c, root_lam = sp.symbols("q c r", positive=True)
    s = sum(x * y for x, y in zip(a, p, strict=True))
    of_types = sum(f * sp.log(x) - root_lam * x - q * g * x
                   for f, x, g in zip(psi, p, b, strict=True))  # fmt: skip
    given = (*a, *b, *psi, c, root_lam)
    return (*p, q), given, of_types + c * sp.log(q) - root_lam * q - sp.log(1 + q * s)


def published(a, b, psi, c, lam):
    """By the Hessian, as published: the fixed point of scipy, M from sympy, the forms L."""
    K = len(a)
    unknown, given, content = functional(K)
    values = (*a, *b, *psi, c, np.sqrt(lam))
    gradient = sp.lambdify((unknown, given), [x * content.diff(x) for x in unknown])
    found = root(lambda logs: gradient(np.exp(logs), values), np.zeros(K + 1), tol=1e-14)
    assert np.abs(gradient(np.exp(found.x), values)).max() < 1e-10
    *p, q = np.exp(found.x)
    hessian = sp.lambdify((unknown, given), sp.hessian(content, unknown))
    M = -np.array(hessian((*p, q), values), dtype=float)
    s = a @ np.array(p)
    D = 1 + q * s
    v1, v2 = np.append(b, 0), np.append(0 * b, 1)
    v3, v4 = np.append(a, -(s**2)) / D**2, np.append(-(q**2) * a, 1) / D**2

    def L(x, y):
        return -x @ np.linalg.solve(M, y)

    return np.array(p), q, 1 / D**2 + L(v3, v4) + L(v1, v4), L(v2, v3) + L(v1, v2)


@pytest.mark.parametrize("at", range(len(RANDOM)))
def test_the_published_form(at):
    found = limit(*RANDOM[at])
    p, q, bias, variance = published(*RANDOM[at])
    np.testing.assert_allclose(found.p, p, rtol=1e-8)
    right = [q, bias, variance]
    np.testing.assert_allclose([found.q, found.bias, found.variance], right, rtol=1e-8)
    a, b, psi, c, lam = RANDOM[at]
    noise = limit(a, b + 1e-3, psi, c, lam)
    assert abs(noise.variance / variance - 1) > 1e-6


@pytest.mark.parametrize("at", range(2))
def test_one_type_is_the_model_of_mei_and_montanari(at):
    """Their three polynomials in chi, Definition 1 of arXiv 1908.05355, here chi = -b p q."""
    a, b, psi, c, lam = RANDOM[at]
    found = limit(a, b, psi, c, lam)
    x, z, f, g = float(-b[0] * found.p[0] * found.q), a[0] / b[0], psi[0], c
    E_0 = (
        -(x**5) * z**3 + 3 * x**4 * z**2 + (f * g - g - f + 1) * x**3 * z**3 - 2 * x**3 * z**2
        - 3 * x**3 * z + (f + g - 3 * f * g + 1) * x**2 * z**2 + 2 * x**2 * z + x**2
        + 3 * f * g * x * z - f * g
    )  # fmt: skip
    E_1 = g * x**3 * z**2 - g * x**2 * z + f * g * x * z - f * g
    E_2 = (
        x**5 * z**3 - 3 * x**4 * z**2 + (f - 1) * x**3 * z**3 + 2 * x**3 * z**2 + 3 * x**3 * z
        - (f + 1) * x**2 * z**2 - 2 * x**2 * z - x**2
    )  # fmt: skip
    assert found.bias == pytest.approx(E_1 / E_0, rel=1e-10)
    assert found.variance == pytest.approx(E_2 / E_0, rel=1e-10)


def in_many_digits(a, b, psi, c, lam):
    """q and s by nested bisections in 34 digits, on the other form of the last equation."""
    with mp.workdps(34):
        a, b, psi = ([mp.mpf(float(x)) for x in row] for row in (a, b, psi))
        c, r = mp.mpf(float(c)), mp.sqrt(mp.mpf(float(lam)))
        types = list(zip(a, b, psi, strict=True))

        def halved(below, low, high):
            for _ in range(100):
                middle = mp.sqrt(low * high)
                low, high = (middle, high) if below(middle) else (low, middle)
            return low

        def s_of(q):
            ends = [sum(x * f / (r + (y + t * x) * q) for x, y, f in types) for t in (1, 0)]
            return halved(
                lambda s: sum(x * f / (r + y * q + x * q / (1 + q * s)) for x, y, f in types) > s,
                *ends,
            )

        def short(q):
            s = s_of(q)
            p = [f / (r + y * q + x * q / (1 + q * s)) for x, y, f in types]
            of_b = sum(y * each for y, each in zip(b, p, strict=True))
            return q * (r + of_b + s / (1 + q * s)) < c

        q = halved(short, c / (r + sum((x + y) * f for x, y, f in types) / r), c / r)
        return float(q), float(s_of(q))


HARD = {
    "the threshold": ([A], [B], [4.0], 4.0, 1e-12),
    "few features": ([A], [B], [0.01], 4.0, 1e-14),
    "many features": ([A], [B], [400.0], 4.0, 1e-14),
    "three scales": (A * SCALES**2, B * SCALES**2, [4.0] * 3, 4.0, 1e-10),
    "linear and square": ([1.0, 0.0], [0.0, 1.0], [2.0, 2.0], 6.0, 1e-12),
    "a large ridge": ([A], [B], [2.0], 4.0, 1e6),
}


@pytest.mark.parametrize("what", HARD)
def test_fixed_points_that_are_hard_to_find(what):
    found = limit(*HARD[what])
    q, s = in_many_digits(*HARD[what])
    np.testing.assert_allclose([found.q, found.s], [q, s], rtol=2e-14)


def test_many_points_are_those_one_by_one():
    x = np.geomspace(0.1, 3, 5)
    found = limit(A * SCALES**2, B * SCALES**2, x[:, None] * np.ones(3), 2.0, 1e-6)
    assert found.p.shape == (5, 3)
    for at, each in enumerate(x):
        one = limit(A * SCALES**2, B * SCALES**2, each * np.ones(3), 2.0, 1e-6)
        assert (found.q[at], found.bias[at]) == (one.q, one.bias)


@pytest.mark.parametrize("K", [1, 2, 3])
def test_the_threshold_as_the_ridge_falls(K):
    a, b, psi, *_ = problem(K)
    q, s = threshold(a, b, psi)
    found = limit(a, b, psi, psi.sum(), 1e-16)
    np.testing.assert_allclose([found.q, found.s], [q, s], rtol=1e-6)
    np.testing.assert_allclose(1e-8 * found.variance, psi.sum() / (2 * q), rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": [-1.0, 1.0]}, "a = .*>= 0"),
        ({"b": [np.nan, 1.0]}, "b = .*>= 0"),
        ({"psi": 1.0}, "psi = 1.0.*list"),
        ({"psi": [1.0, 2.0, 3.0]}, "psi.*one shape"),
        ({"c": 0.0}, "c = 0.0.*> 0"),
        ({"lam": 0.0}, "lam = 0.0.*> 0"),
        ({"lam": np.inf}, "lam.*> 0"),
    ],
)
def test_refused(change, message):
    given = {"a": [1.0, 2.0], "b": [1.0, 1.0], "psi": [1.0, 2.0], "c": 1.0, "lam": 1.0}
    with pytest.raises(InvalidArgument, match=message):
        limit(**{**given, **change})


def test_no_threshold_of_linear_features():
    with pytest.raises(InvalidArgument, match=r"b = .*> 0"):
        threshold([1.0], [0.0], [2.0])
