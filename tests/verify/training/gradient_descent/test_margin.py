"""The certified limits of a margin lie on their sides of the truth, in exact arithmetic."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from theory.language.errors import InvalidArgument
from verify.training.gradient_descent.margin import margin


def exact_square(signed):
    """min over the simplex of q^T S q for a rational S: every face, its stationary point."""
    n, found = len(signed), []
    for size in range(1, n + 1):
        for face in combinations(range(n), size):
            q = stationary([[signed[i][j] for j in face] for i in face])
            if q is not None and min(q) >= 0:
                rows = zip(face, q, strict=True)
                found.append(
                    sum(x * y * signed[i][j] for i, x in rows for j, y in zip(face, q, strict=True))
                )
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


def problems(count=300):
    rng = np.random.default_rng(11)
    for _ in range(count):
        n = int(rng.integers(1, 5))
        A = rng.integers(-5, 6, size=(n, 3))
        yield (A @ A.T).astype(float), rng.choice([-1.0, 1.0], n)


def test_low_and_high_enclose_the_truth():
    apart = []
    for H, labels in problems():
        low, high, q = margin(H, labels)
        signed = H * np.outer(labels, labels)
        truth = exact_square([[Fraction(int(x)) for x in row] for row in signed])
        assert Fraction(low) ** 2 <= truth <= Fraction(high) ** 2
        assert min(q) >= 0
        assert sum(q) == pytest.approx(1)
        if truth > 0:
            apart.append(high - low)
    assert len(apart) > 100
    assert max(apart) < 1e-10  # and they are close: such limits are worth something


def test_the_exact_minimum_is_that_of_a_grid():
    signed = [[Fraction(2), Fraction(-1)], [Fraction(-1), Fraction(3)]]
    grid = [(Fraction(i, 700), 1 - Fraction(i, 700)) for i in range(701)]
    least = min(2 * a * a - 2 * a * b + 3 * b * b for a, b in grid)
    assert exact_square(signed) == least == Fraction(5, 7)


def test_labels_are_signs():
    with pytest.raises(InvalidArgument, match="labels"):
        margin(np.eye(2), np.array([1.0, 0.0]))
