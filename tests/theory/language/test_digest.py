"""What restates a claim: its digest differs; names, sources and words may change."""

import math
from dataclasses import replace

import pytest
import sympy as sp

from theory.language.claim import Claim
from theory.language.digest import digest
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE

x = sp.Symbol("x", positive=True)
CLAIM = Claim.of("toy", x, kind=LOWER_PATHWISE, source="here", premises=[x < 2])


def of(**quantity):
    return replace(CLAIM, quantity=replace(CLAIM.quantity, **quantity))


@pytest.mark.parametrize(
    "other",
    [
        replace(CLAIM, kind=EXACT_PATHWISE),
        replace(CLAIM, confidence="delta"),
        replace(CLAIM, build=lambda: replace(CLAIM.statement, bound=2 * x)),
        replace(CLAIM, build=lambda: replace(CLAIM.statement, premises=(x < 3,))),
        of(name="another"),
        of(least=0.0),
    ],
    ids=["kind", "confidence", "bound", "premise", "quantity", "least"],
)
def test_another_statement_has_another_digest(other):
    assert digest(other) != digest(CLAIM)


def test_what_a_quantity_never_falls_below_is_stated():
    assert len({digest(of(least=least)) for least in (-math.inf, 0.0, -1.0, 0.1, 0.1 + 1e-9)}) == 5
    assert digest(of(least=0)) == digest(of(least=0.0))


@pytest.mark.parametrize(
    "other",
    [replace(CLAIM, name="b", source="there", summary="words"), of(text="|x|", latex="|x|")],
    ids=["name", "words"],
)
def test_words_may_change(other):
    assert digest(other) == digest(CLAIM)
