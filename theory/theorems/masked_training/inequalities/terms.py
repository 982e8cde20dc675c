"""What the inequalities are made of: expressions for one eigenpair, and larger values."""

from __future__ import annotations

import sympy as sp

from theory.theorems.masked_training.stochastic_recursion import M_i, q_i
from theory.theorems.masked_training.symbols import Phi, c_sq, mu, theta

mu_i, Phi_ii, c_i, q_1 = sp.symbols("mu_i Phi_ii c_i^2 q_i", nonnegative=True)
"""Eigenvalue, noise, squared residual and eigenvalue of P in one eigenvector."""

_ENTRIES = {q_i: q_1, M_i: 1 - theta * q_1, mu: mu_i, Phi: Phi_ii, c_sq: c_i}


def more(symbol: sp.Symbol) -> sp.Symbol:
    """A second, larger value of a symbol."""
    return sp.Symbol(f"{symbol}'", **symbol.assumptions0)


def at_more(e: sp.Expr, *symbols: sp.Symbol) -> sp.Expr:
    """The expression at the larger values of some symbols."""
    return e.subs({symbol: more(symbol) for symbol in symbols}, simultaneous=True)


def larger(*symbols: sp.Symbol) -> tuple[sp.Basic, ...]:
    """That the second values are at least the first."""
    return tuple(symbol <= more(symbol) for symbol in symbols)


def summand(e: sp.Expr) -> sp.Expr:
    """The expression with every sum replaced by its term."""
    return e.replace(lambda part: isinstance(part, sp.Sum), lambda part: part.function)


def scalar(e: sp.Expr) -> sp.Expr:
    """The expression for one eigenpair and one round: what is left of sums becomes a number."""
    sums = sorted(e.atoms(sp.Sum), key=str)
    names = {total: sp.Symbol(f"S_{at}", nonnegative=True) for at, total in enumerate(sums)}
    e = e.xreplace(names)
    entries = e.atoms(sp.Indexed)
    return e.xreplace({entry: _ENTRIES.get(entry.base, number(entry)) for entry in entries})


def number(entry: sp.Indexed) -> sp.Symbol:
    """The value of one entry of a nonnegative vector."""
    return sp.Symbol(str(entry.base), nonnegative=True)
