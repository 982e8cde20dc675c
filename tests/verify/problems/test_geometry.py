"""Problems drawn for a configuration: what is refused, and their geometry."""

from types import SimpleNamespace

import numpy as np
import pytest
from verify.problems.drawn import drawn, geometry

from theory import InvalidArgument
from theory.mathematics.kernels import lambda_0
from verify.problems import drawn as module


def configuration(data):
    return SimpleNamespace(data=data, samples=3, dimension=4, targets="auto", target_scale=0.5)


@pytest.fixture
def no_targets(tmp_path):
    path = tmp_path / "zero.npz"
    np.savez(path, X=np.eye(3), y=np.zeros(3))
    return configuration(str(path))


def test_targets_that_are_all_0_are_refused_where_they_must_not_be(no_targets):
    assert not drawn(no_targets, "0").y.any()
    with pytest.raises(InvalidArgument, match="targets"):
        drawn(no_targets, "0", nonzero=True)


def test_a_singular_kernel_is_refused(monkeypatch):
    monkeypatch.setattr(module, "lambda_0", lambda X: 0.0)
    with pytest.raises(InvalidArgument, match="lambda_0 > 0"):
        drawn(configuration("sphere"), "0")


def test_geometry():
    problem = drawn(configuration("sphere"), "0")
    X, y = problem.X, problem.y
    assert geometry(problem) == {
        "n": 3,
        "norm_X": pytest.approx(np.sqrt(np.linalg.eigvalsh(X @ X.T)[-1])),
        "g": pytest.approx(np.linalg.eigvalsh(np.abs(X @ X.T))[-1]),
        "lambda_0": lambda_0(X),
        "row_norm_deviation": 0.0,
        "y_sq": pytest.approx((y**2).sum()),
    }
