"""Metamorphic twins of the cases of the judge: what must not change their verdicts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.judging.test_verdict import CASES, LEVEL, OUT, REFUTED, TABLE, UNDERPOWERED
from theory.language.kinds import Mode
from verify.judging.verdict import judge

EXPECTATION = [
    c for c, row in zip(CASES, TABLE, strict=True) if row[1].kind.mode is Mode.EXPECTATION
]
WITH_UNIT = [
    c for c, row in zip(CASES, TABLE, strict=True) if row[1].kind.mode is not Mode.PROBABILITY
]


@pytest.mark.parametrize(("claim", "sample", "verdict"), EXPECTATION)
def test_the_order_of_seeds_does_not_matter(claim, sample, verdict):
    for salt in range(2):
        order = np.random.default_rng(salt).permutation(sample.rows.shape[1])
        assert judge(claim, replace(sample, values=sample.rows[:, order]), LEVEL).verdict is verdict


@settings(max_examples=6)
@given(exponent=st.integers(-100, 100))
@pytest.mark.parametrize(("claim", "sample", "verdict"), WITH_UNIT)
def test_the_unit_does_not_matter(claim, sample, verdict, exponent):
    powers = {"b": 1, "low": 1, "high": 1, "top": 1, "v": 2, "q": 0, "a": 0}
    unit = 10.0**exponent
    symbols = {n: np.asarray(x) * unit ** powers[n] for n, x in sample.symbols.items()}
    measured = {n: np.asarray(getattr(sample, n)) * unit for n in ("values", "trivial", "scale")}
    scaled = replace(sample, symbols=symbols, **measured)
    assert judge(claim, scaled, LEVEL).verdict is verdict


@pytest.mark.parametrize(("claim", "sample", "verdict"), CASES)
def test_a_stricter_level_refutes_no_more(claim, sample, verdict):
    strict = judge(claim, sample, 1e-12).verdict
    assert (
        strict is verdict
        or (verdict is not REFUTED and strict is UNDERPOWERED)
        or (verdict is REFUTED and strict is not OUT)
    )
