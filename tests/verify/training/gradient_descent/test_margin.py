"""The certified limits of a margin lie on their sides of the truth, in exact arithmetic."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.verify.training.gradient_descent import by_hand
from theory.language.errors import InvalidArgument
from verify.judging.seeds import numpy_generator
from verify.training.gradient_descent import margin

KERNELS = {
    "of full rank": (4, 4, 0),
    "more features than inputs": (5, 9, 0),
    "singular": (5, 3, 0),
    "of rank one": (4, 1, 0),
    "an input without features": (4, 6, 1),
    "one input": (1, 2, 0),
}
"""Inputs, rank, inputs whose feature is 0."""


def problems(what, count=60):
    """Kernels of integer features times powers of 2, so that no entry is rounded; and labels."""
    n, rank, dead = KERNELS[what]
    for i in range(count):
        rng = numpy_generator("margin", what, i)
        features = rng.integers(-5, 6, size=(n, rank)) * 2.0 ** rng.integers(-10, 11)
        features[:dead] = 0.0
        yield features @ features.T, rng.choice([-1.0, 1.0], n)


def exact_square(H, labels):
    """min over the simplex of (q o y)^T H (q o y), a fraction: every face, its stationary point."""
    n, found = len(H), []
    S = [[Fraction(x) for x in row] for row in (H * np.outer(labels, labels)).tolist()]
    for size in range(1, n + 1):
        for face in combinations(range(n), size):
            q = stationary([[S[i][j] for j in face] for i in face])
            if q is not None and min(q) >= 0:
                at = list(zip(face, q, strict=True))
                found.append(sum(x * y * S[i][j] for i, x in at for j, y in at))
    return min(found)


def stationary(S):
    """q with S q = const 1 and sum q = 1, by Gauss; None where it is not unique."""
    n = len(S)
    rows = [[*S[i], Fraction(-1), Fraction(0)] for i in range(n)]
    rows.append([Fraction(1)] * n + [Fraction(0), Fraction(1)])
    for column in range(n + 1):
        pivot = next((r for r in range(column, n + 1) if rows[r][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [x / rows[column][column] for x in rows[column]]
        for r in range(n + 1):
            if r != column:
                factor = rows[r][column]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[column], strict=True)]
    return [rows[i][-1] for i in range(n)]


@pytest.mark.parametrize("what", KERNELS)
def test_low_and_high_enclose_the_truth(what):
    positive = 0
    for H, labels in problems(what):
        low, high, q = margin(H, labels)
        truth, size = exact_square(H, labels), np.sqrt(np.trace(H))
        assert Fraction(low) ** 2 <= truth <= Fraction(high) ** 2
        assert min(q) >= 0
        assert sum(q) == pytest.approx(1)
        positive += truth > 0
        # and they are close: such limits are worth something; at 0 the root of rounding is left
        assert high - low <= (1e-10 if truth > 0 else 1e-6) * size
    if what == "an input without features":
        assert positive == 0
    else:
        assert positive > 0


def by_general_optimiser(H, labels):
    n = len(H)
    K = H * np.outer(labels, labels)
    rows = {"type": "eq", "fun": lambda q: q.sum() - 1}
    found = minimize(lambda q: q @ K @ q, np.full(n, 1 / n), jac=lambda q: 2 * K @ q,
                     bounds=[(0, 1)] * n, constraints=[rows], method="SLSQP",
                     options={"ftol": 1e-14, "maxiter": 500})  # fmt: skip
    return np.sqrt(found.fun)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_margin_is_certified(n, scale):
    rng = numpy_generator("margin", n)
    A = rng.normal(size=(n, n + 2))
    H, labels = A @ A.T * scale, rng.choice([-1.0, 1.0], n)
    found = margin(H, labels)
    assert found.low <= found.high <= found.low * (1 + 1e-9)
    assert found.weights.min() >= 0
    assert found.weights.sum() == pytest.approx(1)
    assert found.high == pytest.approx(
        by_general_optimiser(H / scale, labels) * scale**0.5, rel=1e-5
    )


def test_inseparable_data_have_no_margin():
    """Of a margin that is 0 the limit from above is the root of a rounding error."""
    low, high, _ = margin(np.ones((2, 2)), np.array([1.0, -1.0]))
    assert low == 0
    assert 0 <= high < 1e-7


@pytest.mark.parametrize("what", KERNELS)
def test_the_margin_by_hand(what):
    """What oracles take for the truth."""
    for H, labels in problems(what, 20):
        truth = exact_square(H, labels)
        near = 1e-12 if truth > 0 else 1e-7
        expected = pytest.approx(float(truth) ** 0.5, rel=1e-9, abs=near * np.sqrt(np.trace(H)))
        assert by_hand.margin(H, labels) == expected


def test_the_exact_minimum_is_that_of_a_grid():
    H, labels = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -1.0])
    grid = [(Fraction(i, 700), 1 - Fraction(i, 700)) for i in range(701)]
    least = min(2 * a * a - 2 * a * b + 3 * b * b for a, b in grid)
    assert exact_square(H, labels) == least == Fraction(5, 7)


def test_minima_on_faces():
    """Orthogonal features of lengths 3 and 4: the distance of their segment from 0 is 12/5."""
    for square in (exact_square, lambda *given: by_hand.margin(*given) ** 2):
        assert float(square(np.diag([9.0, 16.0]), np.array([1.0, -1.0]))) == pytest.approx(5.76)
        obtuse = np.array([[1.0, 3.0], [3.0, 25.0]])  # the near end is nearest
        assert float(square(obtuse, np.ones(2))) == pytest.approx(1.0)
        assert square(np.diag([0.0, 1.0]), np.ones(2)) == 0


def test_labels_are_signs():
    with pytest.raises(InvalidArgument, match="labels"):
        margin(np.eye(2), np.array([1.0, 0.0]))
