"""Numbers that users hand over: taken without loss and without a warning, or refused."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas
import pytest
import sympy as sp

from theory import InvalidArgument
from theory.language.conversion import as_float64, number_type

TAKEN = [
    (3, 3.0),
    (2.5, 2.5),
    (True, 1.0),
    (np.float32(0.1), float(np.float32(0.1))),
    (np.uint8(3), 3.0),
    (2**53, 2.0**53),
    (2**70, 2.0**70),
    (Fraction(1, 4), 0.25),
    (Decimal("0.5"), 0.5),
    (sp.Rational(1, 2), 0.5),
    (sp.Float(0.1), 0.1),
    (range(3), [0, 1, 2]),
    ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ((1, 2.5), [1, 2.5]),
    (np.array([1, 2], dtype=object), [1, 2]),
    (np.ma.array([1.0, 2.0]), [1, 2]),
    (np.array([2**60], dtype=np.uint64), [2.0**60]),
    (np.longdouble(0.5), 0.5),
    (np.float16(0.5), 0.5),
    ([np.array([1.0]), np.array([2.0])], [[1], [2]]),
]


@pytest.mark.parametrize(("value", "expected"), TAKEN, ids=lambda v: type(v).__name__)
def test_numbers_are_taken(value, expected):
    found = as_float64("x", value)
    assert found.dtype == np.float64
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1.5",
        b"1",
        ["1", "2"],
        [1, "2"],
        [1, None],
        1j,
        np.array([1 + 0j]),
        [[1, 2], [1]],
        {"a": 1},
        {1, 2},
        object(),
        np.array(["a"]),
        np.array([None, 1.0]),
        np.datetime64("2020-01-01"),
        np.timedelta64(3, "s"),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.ma.array([1.0, 2.0], mask=[0, 1]),
        [np.ma.array([1.0, 2.0], mask=[0, 1]), [1, 2]],
        2**53 + 1,
        [2**53 + 1, 0],
        10**400,
        np.uint64(2**64 - 1),
        Fraction(1, 3),
        Decimal("0.1"),
        Decimal("1e400"),
        sp.Rational(1, 3),
        sp.Symbol("x"),
        lambda: 1,
        iter([1]),
        np.array([1.0, 1 + 2.0**-60], dtype=np.longdouble) + np.longdouble(2) ** -60,
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_would_be_lost_is_refused(value):
    with pytest.raises(InvalidArgument) as caught:
        as_float64("x", value)
    assert caught.value.name == "x"


def test_the_copy_is_a_copy():
    array = np.ones(3)
    found = as_float64("x", array)
    array[:] = 0
    assert found.tolist() == [1, 1, 1]


def test_tables():
    assert as_float64("x", pandas.Series([1.5, 2.5])).tolist() == [1.5, 2.5]
    assert as_float64("x", pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})).tolist() == [
        [1, 0.5],
        [2, 1.5],
    ]
    assert as_float64("x", pandas.Series([1, 2], dtype="Int64")).tolist() == [1, 2]
    missing = as_float64("x", pandas.Series([1, None], dtype="Int64"))
    assert np.isnan(missing).tolist() == [False, True]  # no number, as a value that is none
    for lost in (
        pandas.Series(["1", "2"]),
        pandas.Series(["1", "2"], dtype="category"),
        pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pandas.Series(pandas.to_datetime(["2020-01-01"])),
        pandas.NA,
    ):
        with pytest.raises(InvalidArgument):
            as_float64("x", lost)


def test_tensors():
    import torch

    third = torch.tensor([1 / 3], dtype=torch.float32)
    for tensor in (
        third,
        third.double(),
        third.half(),
        third.bfloat16(),
        third.to(torch.int64),
        third > 0,
    ):
        assert as_float64("x", tensor).tolist() == tensor.double().tolist()
        assert as_float64("x", [tensor, tensor]).shape == (2, 1)
        assert as_float64("x", [tensor[0], tensor[0]]).tolist() == [tensor[0].item()] * 2
        assert number_type(tensor) == str(tensor.dtype).removeprefix("torch.")
    assert as_float64("x", torch.eye(2).to_sparse()).tolist() == [[1, 0], [0, 1]]
    for lost in (third.clone().requires_grad_(), [third.clone().requires_grad_()], third + 1j):
        with pytest.raises(InvalidArgument):
            as_float64("x", lost)
    with pytest.raises(InvalidArgument, match=r"x\.detach\(\)"):
        as_float64("x", third.clone().requires_grad_())


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.ones(2, np.float32), "float32"),
        ([np.float32(1), np.float32(2)], "float32"),
        ([1.0, np.float32(2)], "float32"),
        ([[1.0], [np.float16(2)]], "float16"),
        (np.ones(2), "float64"),
        (1.0, "float"),
        (np.ones(2, int), "int64"),
    ],
)
def test_the_type_of_numbers(value, name):
    assert number_type(value) == name
