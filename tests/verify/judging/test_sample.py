"""Samples: what they accept, and that they cannot change once made."""

import numpy as np
import pytest

from theory import InvalidArgument
from verify.judging import sample
from verify.judging.evidence import lower_confidence
from verify.judging.sample import Sample

VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("values", "options", "name"),
    [
        ([], {}, "values"),
        (np.empty((3, 0)), {}, "values"),
        (1.0, {}, "values"),
        (VALUES, {"dtype": "float16"}, "dtype"),
        (VALUES, {"deterministic": True}, "values"),
        (VALUES[0], {"deterministic": True}, "values"),
    ],
)
def test_invalid(values, options, name):
    with pytest.raises(InvalidArgument, match=rf"^{name} = "):
        Sample(values, **options)


def test_values_are_a_copy_that_cannot_be_written():
    values = VALUES.copy()
    made = Sample(values)
    values[:] = 0
    assert (made.values == VALUES).all()
    with pytest.raises(ValueError, match="read-only"):
        made.values[0] = 0


@pytest.mark.parametrize("values", [[True, False], [1, 0], np.float32([1, 0])])
def test_values_are_float64(values):
    assert Sample(values).values.dtype == np.float64
    assert Sample(values).values.tolist() == [1.0, 0.0]


def test_rows_are_checkpoints():
    assert Sample(VALUES).rows.shape == (2, 3)
    assert Sample(VALUES[0]).rows.shape == (1, 3)


def test_tolerance_is_above_the_rounding_of_the_dtype():
    for dtype in ("float32", "float64"):
        assert np.finfo(dtype).eps * 1e3 < Sample(VALUES, dtype=dtype).tolerance < 1e-2


def test_lower_confidence():
    made = Sample(VALUES)
    assert (made.lower_confidence(0.1) == lower_confidence(VALUES, 0.1)).all()
    assert (made.lower_confidence(0.1) > made.lower_confidence(1e-3)).all()
    other = Sample(VALUES * 2)
    assert other.lower_confidence(0.1) == pytest.approx(2 * made.lower_confidence(0.1))


def test_the_value_of_one_seed_that_stands_for_all_is_its_limit():
    assert Sample(VALUES[:, :1], deterministic=True).lower_confidence(1e-9).tolist() == [1.0, 4.0]


def test_claims_on_one_sample_share_its_limits(monkeypatch):
    calls = []
    monkeypatch.setattr(sample, "lower_confidence", lambda *a: calls.append(a) or np.zeros(2))
    made = Sample(VALUES)
    for level in (0.1, 0.1, 0.2):
        made.lower_confidence(level)
    assert len(calls) == 2
