"""Inequalities that any theorem may cite: whole powers, and norms of finite sums.

Norms are proved as the step from n terms to n + 1: A, B and C are those of the terms so far.
"""

from __future__ import annotations

import sympy as sp

from theory.algebra.inequalities import Inequality, Use

b, x, y = sp.symbols("b x y", real=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
count = sp.Symbol("count", integer=True, positive=True)
more_b, A, B, C, rest = sp.symbols("b' A B C rest", nonnegative=True)
weight = sp.Symbol("c", positive=True)


def lemmas() -> tuple[Inequality, ...]:
    """Powers by induction, then norms."""
    return (*powers(), *norms())


def powers() -> tuple[Inequality, ...]:
    nonnegative = Use("power/nonnegative")
    return (
        Inequality("power/nonnegative", "any rate^k", b**t >= 0, (b >= 0,), induction=t),
        Inequality(
            "power/at-most-one",
            "any rate^k, ||Q^tau|| <= 1",
            b**t <= 1,
            (b >= 0, b <= 1),
            (nonnegative,),
            t,
        ),
        Inequality(
            "power/falling",
            "a share of at least one draw",
            b ** (t + 1) <= b,
            (b >= 0, b <= 1),
            (Use("power/at-most-one"),),
        ),
        Inequality("power/at-least-one", "growth (1 + eps)^t", b**t >= 1, (b >= 1,), induction=t),
        Inequality(
            "power/rising",
            "a larger rate bounds a smaller one",
            b**t <= more_b**t,
            (b >= 0, b <= more_b),
            (nonnegative,),
            t,
        ),
        Inequality(
            "power/bernoulli",
            "1 - (1-x)^tau <= tau x",
            (1 - x) ** t >= 1 - t * x,
            (x <= 1,),
            induction=t,
        ),
        Inequality(
            "power/growth",
            "(1 + eps)^tau >= 1 + tau eps",
            (1 + x) ** t >= 1 + t * x,
            (x >= 0,),
            induction=t,
        ),
        Inequality(
            "power/reciprocal",
            "power/half",
            (1 - x) ** t <= 1 / (1 + t * x),
            (x >= 0, x <= 1),
            (Use("power/nonnegative", {b: 1 - x}),),
            t,
        ),
        Inequality(
            "power/half",
            "linear rates from powers",
            1 - (1 - x) ** t >= t * x / 2,
            (x >= 0, x <= 1, t * x <= 1),
            (Use("power/reciprocal"),),
        ),
    )


def norms() -> tuple[Inequality, ...]:
    return (
        Inequality(
            "norm/square-of-a-sum",
            "squaring a recursion",
            (x + y) ** 2 <= (1 + weight) * x**2 + (1 + 1 / weight) * y**2,
        ),
        Inequality(
            "norm/cauchy-schwarz",
            "norm/minkowski",
            A * B + x * y <= sp.sqrt(A**2 + x**2) * sp.sqrt(B**2 + y**2),
        ),
        Inequality(
            "norm/minkowski",
            "root mean squares of sums",
            sp.sqrt(C**2 + (x + y) ** 2) <= sp.sqrt(A**2 + x**2) + sp.sqrt(B**2 + y**2),
            (C <= A + B,),
            (Use("norm/cauchy-schwarz"),),
        ),
        Inequality(
            "norm/mean",
            "the square of a mean is at most the mean square",
            (C + y) ** 2 / (count + 1) <= C**2 / count + y**2,
        ),
        Inequality(
            "norm/largest",
            "the largest of p numbers is at most sqrt(p) root mean squares",
            sp.Le(A, sp.sqrt(count) * sp.sqrt((A**2 + rest) / count)),
        ),
    )
