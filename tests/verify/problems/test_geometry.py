"""Problems of a configuration's options: what is refused, and their geometry."""

import numpy as np
import pytest

from theory import InvalidArgument
from theory.mathematics.kernels import lambda_0
from verify.experiments.kit import ProblemOptions, pieces
from verify.problems.geometry import geometry

SPHERE = ProblemOptions(data="sphere", samples=3, dimension=4)


@pytest.fixture
def no_targets(tmp_path):
    path = tmp_path / "zero.npz"
    np.savez(path, X=np.eye(3), y=np.zeros(3))
    return ProblemOptions(data=str(path), samples=3)


def test_targets_that_are_all_0_are_refused_where_they_must_not_be(no_targets):
    assert not no_targets.problem("0").y.any()
    with pytest.raises(InvalidArgument, match="targets"):
        no_targets.problem("0", nonzero=True)


def test_a_singular_kernel_is_refused_where_it_must_not_be(monkeypatch):
    monkeypatch.setattr(pieces, "lambda_0", lambda X: 0.0)
    assert SPHERE.problem("0").n == 3
    with pytest.raises(InvalidArgument, match="lambda_0 > 0"):
        SPHERE.problem("0", positive_kernel=True)


def test_geometry():
    problem = SPHERE.problem("0")
    X, y = problem.X, problem.y
    assert geometry(problem) == {
        "n": 3,
        "norm_X": pytest.approx(np.sqrt(np.linalg.eigvalsh(X @ X.T)[-1])),
        "g": pytest.approx(np.linalg.eigvalsh(np.abs(X @ X.T))[-1]),
        "lambda_0": lambda_0(X),
        "row_norm_deviation": 0.0,
        "y_sq": pytest.approx((y**2).sum()),
    }
