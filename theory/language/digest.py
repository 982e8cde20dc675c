"""What a claim states as a hash, the same in every process: whether it is still the same claim."""

from __future__ import annotations

import math

import sympy as sp
from sympy.printing.repr import ReprPrinter

from theory.language.claim import Claim
from theory.language.hashing import hashed


def digest(claim: Claim) -> str:
    """A hash of what the claim states: its formulas and premises, its kind, what it speaks of.

    Its name, its source and its words may change.
    """
    least = claim.quantity.least
    known = [] if least == -math.inf else [f"at least {float(least)!r}"]
    return hashed(claim.confidence, written(claim), *known)


def written(claim: Claim) -> str:
    """All that is stated, a line for each formula; the claim keeps it."""
    kept: dict[str, str] = claim.__dict__
    if "_written" not in kept:
        kept["_written"] = _written(claim)
    return kept["_written"]


def _written(claim: Claim) -> str:
    st = claim.statement
    content = [claim.kind, claim.quantity.name, st.bound, st.variance, st.initial]
    content += [*st.premises, "band", *(st.band or ()), st.history, st.index, "definitions"]
    content += [e for pair in st.definitions.items() for e in pair]
    content += [] if st.ceiling is None else ["ceiling", st.ceiling]
    content += [] if st.size is None else ["size", st.size, st.rate]
    printer = _Content()
    return "\n".join(printer.doprint(e) if isinstance(e, sp.Basic) else str(e) for e in content)


class _Content(ReprPrinter):
    """Writes symbols with all that is assumed of them.

    `srepr` writes what their makers assumed. Of two equal symbols, made as positive and as positive
    and real, sympy's cache hands out either: it depends on what else the process did.
    """

    def _print_Symbol(self, symbol: sp.Symbol) -> str:
        return f"Symbol({symbol.name!r}, {sorted(symbol.assumptions0.items())})"
