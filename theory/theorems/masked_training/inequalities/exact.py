"""The limit law and its floor, the moments of Bernoulli masks, identities of one round."""

from __future__ import annotations

import sympy as sp

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality, Use
from theory.theorems.masked_training import identities, limit_law
from theory.theorems.masked_training.corollaries import multi_sample_dropout
from theory.theorems.masked_training.inequalities.terms import (
    Phi_ii,
    at_more,
    c_i,
    larger,
    more,
    q_1,
    scalar,
    summand,
)
from theory.theorems.masked_training.symbols import V, k, p, theta, xi

b, t, x, y = lemmas.b, lemmas.t, lemmas.x, lemmas.y


def law() -> tuple[Inequality, ...]:
    term, floor = scalar(summand(limit_law.mean_square())), scalar(summand(limit_law.floor()))
    M, unit = 1 - theta * q_1, (theta <= 1, q_1 <= 1)
    return (
        Inequality(
            "limit-law/round",
            "(L.1), (I.2): from k to k + 1",
            sp.Eq(term.subs(k, k + 1), M**2 * term + theta**2 * q_1**2 * V * Phi_ii),
            unit,
        ),
        Inequality(
            "limit-law/divided-out",
            "(L.1): 1 - M^2 = theta q (2 - theta q), at most 1",
            sp.And(sp.Eq(1 - M**2, theta * q_1 * (2 - theta * q_1)), 1 - M**2 <= 1),
            unit,
        ),
        Inequality(
            "limit-law/floor",
            "(L.2): the noise gathered by round k is below the floor",
            term <= M ** (2 * k) * c_i + floor,
            unit,
            (Use("power/nonnegative", {b: M, t: k}),),
        ),
        Inequality(
            "floor/rises",
            "(L.2): in V, in q (and so in tau), in Phi",
            floor <= at_more(floor, V, q_1, Phi_ii),
            (theta <= 1, more(q_1) <= 1, *larger(V, q_1, Phi_ii)),
        ),
        _band(),
    )


def _band() -> Inequality:
    """y >= 0 is the root mean square at finite width, L the law."""
    L = sp.Symbol("L", nonnegative=True)
    ends = limit_law.law().band
    assert ends is not None
    lower, upper = (scalar(end.xreplace({limit_law.mean_square(): L})) for end in ends)
    envelope = sp.sqrt(upper) - sp.sqrt(L)
    return Inequality(
        "limit-law/band",
        "(L.1): within the envelope of sqrt(L), from both sides",
        sp.And(lower <= y**2, y**2 <= upper),
        (y >= 0, y <= sp.sqrt(L) + envelope, y >= sp.sqrt(L) - envelope),
    )


def masks() -> tuple[Inequality, ...]:
    """theta and V of Bernoulli masks, as multi-sample dropout has them."""
    law = {e.lhs: e.rhs for e in multi_sample_dropout().premises if isinstance(e, sp.Eq)}
    held, spread, unit = law[theta], law[V], (xi <= 1,)
    floor = scalar(summand(limit_law.floor())).subs({V: spread, theta: held})
    idle = {b: 1 - xi, t: p}
    none = (1 - xi) ** p
    return (
        Inequality(
            "masks/held",
            "(I.4), (II.1): xi <= theta <= min(1, p xi)",
            sp.And(held >= xi, held <= 1, held <= p * xi),
            unit,
            (
                Use("power/nonnegative", idle),
                Use("power/bernoulli", {x: xi, t: p}),
                Use("power/falling", {b: 1 - xi, t: p - 1}),
            ),
        ),
        Inequality(
            "masks/theta-over-p",
            "(I.4): theta V falls in p",
            held * spread >= (held * spread).subs(p, p + 1),
            unit,
            (Use("power/reciprocal", {x: xi, t: p}), Use("power/nonnegative", idle)),
        ),
        Inequality(
            "masks/gap",
            "floor/falls-in-p",
            2 * (1 - none - p * none * xi) >= (1 - none) * (1 - none * (1 - xi)),
            unit,
            (Use("power/bernoulli", {x: xi, t: p + 1}), Use("power/nonnegative", idle)),
            p,
        ),
        Inequality(
            "floor/falls-in-p",
            "(L.2): the floor of Bernoulli masks falls in p",
            floor >= floor.subs(p, p + 1),
            (xi <= 1, q_1 <= 1),
            (
                Use("masks/gap"),
                Use("power/nonnegative", idle),
                Use("power/at-most-one", idle),
            ),
        ),
    )


def one_round() -> tuple[Inequality, ...]:
    """Identities of one round, from p surrogates to p + 1 or for one neuron.

    total, squares, spread: sums over surrogates of an output, of its square, and over pairs of
    surrogates of the squared difference.
    """
    total, output, residual = sp.symbols("total output residual", real=True)
    squares, spread = sp.symbols("squares spread", nonnegative=True)
    wider = spread + p * output**2 - 2 * output * total + squares

    def mean_squared(squares: sp.Expr, spread: sp.Expr, p_: sp.Expr) -> sp.Expr:
        values = {identities.local_loss: squares / p_, identities.spread: spread, p: p_}
        return identities.aggregation().bound.subs(values, simultaneous=True)

    averaged = sp.Eq((total / p) ** 2, mean_squared(squares, spread, p))
    loss = identities.surrogate_loss().bound
    one_neuron = loss.subs({identities.e_sq: residual**2, identities.tr_Phi: output**2})
    return (
        Inequality(
            "identity/neuron",
            "(E.1): the mean over the mask of one neuron",
            sp.Eq(
                xi * (residual + (1 / xi - 1) * output) ** 2 + (1 - xi) * (residual - output) ** 2,
                one_neuron,
            ),
        ),
        Inequality(
            "identity/average",
            "(E.3): from p to p + 1 surrogates",
            sp.Eq(
                ((total + output) / (p + 1)) ** 2, mean_squared(squares + output**2, wider, p + 1)
            ),
            (averaged,),
        ),
        Inequality(
            "identity/spread",
            "(E.4): squared distances from the mean",
            sp.Eq(
                squares - 2 * total * (total / p) + p * (total / p) ** 2,
                identities.dispersion().bound.subs(identities.spread, spread),
            ),
            (averaged,),
        ),
    )
