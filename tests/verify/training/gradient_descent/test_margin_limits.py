"""The margin's certified limits: on their sides of the truth, found from every face."""

import numpy as np
import pytest

from tests.verify.training.gradient_descent import by_hand
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


def kernels(what):
    n, rank, dead = KERNELS[what]
    for i in range(40):
        rng = numpy_generator("margin", what, i)
        F = rng.normal(size=(n, rank)) * 10.0 ** rng.uniform(-3, 3)
        F[:dead] = 0.0
        yield F @ F.T, rng.choice([-1.0, 1.0], size=n)


@pytest.mark.parametrize("what", KERNELS)
def test_low_truth_high(what):
    positive = 0
    for H, labels in kernels(what):
        found, truth = margin(H, labels), by_hand.margin(H, labels)
        size = np.sqrt(np.trace(H))
        slack = 1e-7 * size if truth < 1e-6 * size else 1e-12 * size  # of the square root of 0
        assert found.low <= truth + slack
        assert truth <= found.high + slack
        assert found.high - found.low <= 1e-6 * size
        positive += truth > 1e-6 * size
    assert what == "an input without features" or positive > 0


def test_the_face_of_the_truth():
    """Two orthogonal features of lengths 3 and 4: the distance of their segment from 0 is 12/5."""
    assert by_hand.margin(np.diag([9.0, 16.0]), np.array([1.0, -1.0])) == pytest.approx(2.4)
    obtuse = np.array([[1.0, 3.0], [3.0, 25.0]])  # the near end is nearest
    assert by_hand.margin(obtuse, np.ones(2)) == pytest.approx(1.0)
    assert by_hand.margin(np.diag([0.0, 1.0]), np.ones(2)) == 0
