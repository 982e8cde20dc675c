"""Values of symbols remember what they have checked, as long as it cannot have changed."""

import pickle

import numpy as np
import pytest
import sympy as sp

from theory import InvalidArgument
from theory.language.evaluation import Values
from theory.language.vocabulary import COUNT, INDEX, Variable

N = Variable(sp.Symbol("n", positive=True), "", COUNT)
V = Variable(sp.IndexedBase("v", real=True), "", sp.S.Reals, axes=1)


def test_a_number_and_a_fixed_array_are_checked_once():
    fixed = np.arange(3.0)
    fixed.flags.writeable = False
    values = Values(n=2, v=fixed)
    for variable in (N, V):
        once = values.of(variable)
        assert values.of(variable) is once
        with pytest.raises(ValueError, match="read-only"):
            once[...] = 7.0


def test_what_is_put_in_its_place_is_checked_again():
    values = Values(n=2)
    assert values.of(N) == 2
    values["n"] = 3
    assert values.of(N) == 3
    values["n"] = 0
    with pytest.raises(InvalidArgument, match="n = 0"):
        values.of(N)


@pytest.mark.parametrize("seen", [lambda a: a, lambda a: np.broadcast_to(a, (3,))])
def test_an_array_that_may_change_is_read_each_time(seen):
    array = np.arange(3.0)
    values = Values(v=seen(array))
    values.of(V)
    array[0] = 5.0
    assert values.of(V)[0] == 5.0
    array[0] = np.nan
    with pytest.raises(InvalidArgument, match="v = nan"):
        values.of(V)


def test_another_domain_is_another_check():
    k = sp.Symbol("n", nonnegative=True)
    values = Values(n=0)
    assert values.of(Variable(k, "", INDEX)) == 0
    with pytest.raises(InvalidArgument, match="n = 0"):
        values.of(N)


def test_they_travel():
    there = pickle.loads(pickle.dumps(Values(n=2)))
    assert type(there) is Values
    assert there.of(N) == 2
