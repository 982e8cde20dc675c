"""What a claim would take whose regime no machine reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from theory.language.claim import Claim
from theory.language.text import plain_text

MOST = 150
"""Powers of ten up to which a value is looked for; its square is a float64."""


def needed(claim: Claim, symbols: Mapping[str, Any], name: str) -> str:
    """The least value of the symbol from which on no premise fails for it, as "m >= 5e14".

    A premise may hold the symbol on both sides, so it is searched for, to one per cent, and serves
    every trial. Premises are those that fail at the values of `symbols`. Empty where no value is
    enough, or one of them is without the symbol: then it is not the size that is missing.
    """
    failing = {failure.premise for failure in claim.regime(symbols).failures}
    own = claim.variables[name].symbol
    for premise in claim.statement.premises:
        text = plain_text(premise)
        if text in failing and own not in claim.statement.expand(premise).free_symbols:
            return ""

    def holds(exponent: float) -> bool:
        regime = claim.regime(symbols, {name: 10.0**exponent})
        return failing.isdisjoint(failure.premise for failure in regime.failures)

    low, high = 0.0, float(MOST)
    if not holds(high):
        return ""
    while high - low > 0.004:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return f"{name} >= {10**high:.2g}"
