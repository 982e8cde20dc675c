"""Linear regression on whitened inputs of data that are shipped."""

import numpy as np
import pytest

from theory import InvalidArgument
from verify.problems.whitened import whitened


def test_inputs_are_white_and_the_matrix_solves_least_squares():
    shapes = ("digits", 10, 61), ("diabetes", 1, 10), ("wine", 3, 13), ("cancer", 1, 30)
    for data, outputs, most in shapes:
        found = whitened(data, 1000)
        m = found.X.shape[1]
        assert (m, found.T.shape[1]) == (most, outputs)
        np.testing.assert_allclose(found.X.T @ found.X / len(found.X), np.eye(m), atol=1e-10)
        by_solver = np.linalg.lstsq(found.X, found.T, rcond=None)[0].T
        np.testing.assert_allclose(found.Y, by_solver, atol=1e-10)
    assert whitened("digits", 7).X.shape == (1797, 7)
    with pytest.raises(InvalidArgument, match="one of diabetes, digits, wine, cancer"):
        whitened("sphere", 3)


def test_components_come_in_their_order():
    """Each explains less than the one before; a few are the first of many."""
    few, many = whitened("digits", 3), whitened("digits", 9)
    np.testing.assert_allclose(few.X, many.X[:, :3], atol=1e-12)
    np.testing.assert_allclose(few.Y, many.Y[:, :3], atol=1e-12)


def test_targets_have_mean_0_and_the_one_number_variance_1():
    assert abs(whitened("digits", 2).T.mean(0)).max() < 1e-14
    assert whitened("diabetes", 2).T.std() == pytest.approx(1)
