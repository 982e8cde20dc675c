"""The inequalities in the proofs of masked training, from the objects that its claims are made of.

In a sum over eigenpairs, neurons, rounds or surrogates it is the term, or the step from one count
to the next, that is stated. A prime marks the larger of two values of a symbol.
"""

from __future__ import annotations

from theory.algebra.inequalities import Inequality
from theory.theorems.masked_training.inequalities import exact, link_1, link_2, published
from theory.theorems.masked_training.inequalities.outside import UNPROVED

__all__ = ["UNPROVED", "build"]


def build() -> tuple[Inequality, ...]:
    """All of them, each after those that it cites."""
    parts = (
        link_1.contraction,
        link_1.recursion,
        link_1.displayed,
        link_2.defect,
        exact.law,
        exact.masks,
        exact.one_round,
        published.misprints,
    )
    return tuple(entry for part in parts for entry in part())
