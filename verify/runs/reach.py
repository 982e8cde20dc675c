"""What a claim would take whose regime no machine reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from theory.language.claim import Claim
from theory.language.text import plain_text

MOST = 300
"""Powers of ten up to which a value is looked for."""


def needed(claim: Claim, symbols: Mapping[str, Any], name: str) -> str:
    """The least value of the symbol from which on no premise fails for it, as "m >= 5e14".

    A premise may hold the symbol on both sides, so it is searched for, to one per cent. Premises
    are those that fail at the values of `symbols`; one without the symbol is told instead.
    """
    failing = {failure.premise for failure in claim.regime(symbols).failures}
    own = claim.variables[name].symbol
    relations = []
    for premise in claim.statement.premises:
        if plain_text(premise) not in failing:
            continue
        expanded = claim.statement.expand(premise)
        if own not in expanded.free_symbols:
            return f"another case: {plain_text(premise)}"
        scalars = {
            v.symbol: float(symbols[other])
            for other, v in claim.variables.items()
            if other != name and np.ndim(symbols[other]) == 0
        }
        relations.append(expanded.subs(scalars))

    def holds(exponent: float) -> bool:
        return all(r.subs(own, sp.Float(10) ** exponent) == sp.true for r in relations)

    low, high = 0.0, float(MOST)
    if not holds(high):
        return f"no {name} is enough"
    while high - low > 0.004:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return f"{name} >= {10**high:.2g}"
