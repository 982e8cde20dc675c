"""Claims from a table of cases."""

import pytest
import sympy as sp

from theory import InvalidArgument, registry
from theory.language.claim import Quantity, Statement
from theory.language.kinds import LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import claims_of, probability
from theory.language.vocabulary import POSITIVE, Vocabulary

WORDS = Vocabulary()
x = WORDS.symbol("x", "a size", POSITIVE)
SEEN = Quantity("seen", "what is seen", "s")
CASES = {
    "bound": ("T.1", lambda: Statement(2 * x), UPPER_PATHWISE, SEEN, "at most twice"),
    "printed": (
        "T.P1", lambda: Statement(sp.S.Half), LOWER_PROBABILITY, probability("event", "s <= x"),
        "as printed",
    ),
}  # fmt: skip


def test_a_claim_for_every_case():
    bound, printed = claims_of("theorem", CASES, WORDS, "derived", "recalled")
    assert (bound.name, printed.name) == ("theorem/bound", "theorem/printed")
    assert (bound.source, printed.source) == (
        "equation (T.1); derived",
        "equation (T.P1); recalled",
    )
    assert (bound.kind, printed.kind) == (UPPER_PATHWISE, LOWER_PROBABILITY)
    assert (bound.quantity, bound.summary) == (SEEN, "at most twice")
    assert bound.statement.bound == 2 * x
    assert printed.quantity == Quantity(
        "event", "P(s <= x)", r"\mathbb{P}\left[\text{s <= x}\right]"
    )


def test_without_a_source_of_their_own_printed_claims_have_that_of_all():
    assert claims_of("theorem", CASES, WORDS, "derived")[1].source == "equation (T.P1); derived"


def test_every_published_form_is_marked():
    """What is recalled is not said to be derived."""
    for claim in registry.claims().values():
        equation = claim.source.partition("(")[2].partition(")")[0]
        if ".P" in equation:
            assert "unverified" in claim.source


def test_a_statement_outside_the_vocabulary_is_refused():
    wrong = {"bound": ("T.1", lambda: Statement(sp.Symbol("z")), *CASES["bound"][2:])}
    (claim,) = claims_of("theorem", wrong, WORDS, "derived")
    with pytest.raises(InvalidArgument):
        claim.evaluate({"x": 1.0})
