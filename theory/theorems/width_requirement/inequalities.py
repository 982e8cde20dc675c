"""The inequalities in the proof of Link III, from the expressions that its claims are made of.

Definitions have branches: where every mask holds every neuron (xi = 1), flips may take all of
alpha; at one local step averaging may take what curvature takes else. w stands for e^{-1/12}.
"""

from __future__ import annotations

import sympy as sp

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality, Unproved, Use
from theory.theorems.masked_training.lazy_regime import alpha_star
from theory.theorems.masked_training.stochastic_recursion import displayed_form
from theory.theorems.masked_training.symbols import (
    K,
    alpha,
    eps_A,
    eps_B,
    eps_f,
    eta,
    g,
    m,
    nu,
    p,
    r,
    s,
    sigma,
    tau,
    tau_hat,
    theta,
    xi,
    zeta,
)
from theory.theorems.width_requirement import link_3

t, x = lemmas.t, lemmas.x
a, A, S, now, norm = sp.symbols("a A S now norm", nonnegative=True)
w, b = sp.symbols("w b", positive=True)
FLIPS = eps_f * tau_hat + tau_hat - tau
"""What flips add to alpha*: the sum over t <= tau of (1 + eps_f)^t - 1."""


def build() -> tuple[Inequality, ...]:
    """Flips, the split of alpha, the sum of residuals, and the widths that conditions ask for."""
    return (*flips(), *split(), *residuals(), *widths())


def branch(e: sp.Expr, *, full: bool = False, one_step: bool = False) -> sp.Expr:
    """The expression at xi = 1 or where masks vary; at one local step or several."""

    def chosen(part: sp.Piecewise) -> sp.Expr:
        first = part.args[0]
        taken = full if first.cond.has(xi) else one_step
        return first.expr if taken else part.args[-1].expr

    e = e.replace(lambda part: isinstance(part, sp.Piecewise), chosen)
    return e.subs(sp.exp(-sp.Rational(1, 12)), w)


def _cubic(steps: sp.Expr) -> sp.Expr:
    """Bounds sum_{t <= steps} ((1 + x)^t - 1)."""
    return x * steps * (steps + 1) / 2 + 4 * x**2 * (steps - 1) * steps * (steps + 1) / 21


def flips() -> tuple[Inequality, ...]:
    allowed = link_3.allowed()
    sums = FLIPS.subs(tau_hat, ((1 + eps_f) ** tau - 1) / eps_f)
    return (
        Inequality(
            "width/sums",
            "Link III: eps_f tau^ + tau^ - tau = sum_{t<=tau} ((1 + eps_f)^t - 1), to tau + 1",
            sp.Eq(sums + (1 + eps_f) ** (tau + 1) - 1, sums.subs(tau, tau + 1)),
            (eps_f > 0,),
        ),
        Inequality(
            "width/growth",
            "Link III: (1 + eps_f)^t for t <= tau",
            (1 + x) ** t <= 1 + t * x + sp.Rational(4, 7) * t * (t - 1) * x**2,
            (x >= 0, 4 * t * x <= 1),
            induction=t,
        ),
        Inequality(
            "width/steps",
            "Link III: sum_{t<=tau} ((1 + eps_f)^t - 1), from tau to tau + 1",
            S + (1 + x) ** (tau + 1) - 1 <= _cubic(tau + 1),
            (x >= 0, 4 * (tau + 1) * x <= 1, _cubic(tau) >= S),
            (Use("width/growth", {t: tau + 1}),),
        ),
        Inequality(
            "width/flips",
            "Link III: that sum is at most (13/12) eps_f tau (tau + 1)/2",
            _cubic(tau) <= sp.Rational(13, 12) * x * tau * (tau + 1) / 2,
            (x >= 0, 2 * tau * (tau + 1) * x <= 1),
        ),
        Inequality(
            "width/every-step",
            "Link III: eps_f is as small as width/growth and width/steps ask, for t <= tau",
            4 * tau * x <= 1,
            (x >= 0, 2 * tau * (tau + 1) * x <= 1),
        ),
        *(
            Inequality(
                f"width/weight{name}",
                f"Link III{where}: at the weight nu flips add their share of r/4, and eps_f is "
                "small enough for it",
                sp.And(
                    sp.Rational(13, 12) * (2 * nu * zeta * g) * tau * (tau + 1) / 2 <= share,
                    2 * tau * (tau + 1) * (2 * nu * zeta * g) <= 1,
                ),
                (g > 0, nu <= branch(allowed[nu], full=full), w <= sp.Rational(12, 13), r <= 1),
            )
            for name, where, share, full in (
                ("", "", r / 8, False),
                ("-full", " at xi = 1", r / 4, True),
            )
        ),
    )


def split() -> tuple[Inequality, ...]:
    t_B, t_A = (branch(e) for e in link_3.thresholds())
    t_1 = branch(link_3.thresholds()[0], one_step=True)
    at = {eta: xi * zeta}
    stable = (zeta * norm <= sp.Rational(1, 2), r <= theta, theta <= 1)
    return (
        Inequality(
            "width/split-one-step",
            "Link III at tau = 1: flips and averaging make up alpha* <= r/4",
            alpha_star().subs(at).subs(tau, 1) <= r / 4,
            (FLIPS.subs(tau, 1) <= r / 8, eps_B <= t_1.subs(tau, 1)),
        ),
        Inequality(
            "width/stable-averaging",
            "(II.1): p zeta B^l <= I, from ||B^l|| <= (theta/p) ||H|| + t_B",
            sp.And(
                p * zeta * (theta / p * norm + t_B) <= 1,
                p * zeta * (theta / p * norm + t_1) <= 1,
            ),
            stable,
        ),
        Inequality(
            "width/stable-curvature",
            "(II.1): eta A^l <= I, from ||A^l|| <= ||H||/xi + t_A; one local step needs no A^l",
            xi * zeta * (norm / xi + t_A) <= 1,
            (*stable, tau >= 2),
        ),
        Inequality(
            "width/split",
            "Link III: flips, averaging and curvature make up alpha* <= r/4",
            alpha_star().subs(at) <= r / 4,
            (tau >= 2, r / 8 >= FLIPS, eps_B <= t_B, eps_A <= t_A),
        ),
        Inequality(
            "width/tau-hat",
            "Link III: tau^ <= tau + 1/4",
            tau_hat <= tau + sp.Rational(1, 4),
            (r / 4 >= FLIPS, r <= 1),
        ),
        Inequality(
            "width/neighbourhood",
            "(III.2): the neighbourhood of (I.4) at alpha <= r/4",
            displayed_form().parts["neighbourhood"] <= link_3.loss().parts["neighbourhood"],
            (r > 0, alpha <= r / 4),
        ),
    )


def residuals() -> tuple[Inequality, ...]:
    """A = (1 - 4r/5)^{k/2} E_0, a = a_k; b^2 is the rate."""
    root = link_3.mean_sum() / sp.sqrt(p)
    steady = sp.expand(root.subs(link_3.E_0, 0)).coeff(K)
    decayed = _powers(root.subs({s: 0, sigma: 0, link_3.E_0: 1, r: 5 * (1 - b**2) / 4}))
    pathwise = _powers(branch(link_3.residual_sum(sp.S.One), full=True).subs(link_3.E_0, 1))
    return (
        Inequality(
            "width/round",
            "Link III: one round of the sum of residuals, by Minkowski",
            sp.sqrt(a**2 + sigma**2) <= A + steady,
            (r > 0, a**2 <= A**2 + link_3.loss().parts["neighbourhood"]),
        ),
        Inequality(
            "width/rounds",
            "Link III: sum_{k<K} (1 - 4r/5)^{k/2}, from K to K + 1",
            sp.Eq(decayed + b**K, decayed.subs(K, K + 1)),
            (b < 1,),
        ),
        Inequality(
            "width/pathwise-round",
            "Link III at xi = 1: (1 - r) + r/4 a round",
            (1 - r) * now + alpha * now <= (1 - sp.Rational(3, 4) * r) * now,
            (alpha <= r / 4,),
        ),
        Inequality(
            "width/pathwise-rounds",
            "Link III at xi = 1: sum_{k<K} (1 - 3r/4)^k, from K to K + 1",
            sp.Eq(pathwise + (1 - sp.Rational(3, 4) * r) ** K, pathwise.subs(K, K + 1)),
            (r > 0, r <= 1),
        ),
    )


def _powers(e: sp.Expr) -> sp.Expr:
    """expm1 and log1p as powers."""
    return sp.powdenest(e.rewrite(sp.log).rewrite(sp.exp).rewrite(sp.Pow), force=True)


def widths() -> tuple[Inequality, ...]:
    variance, size, at, log = sp.symbols("variance size at log", positive=True)
    needed = link_3.conditions()[link_3.needed["travel"]]
    return (
        Inequality(
            "width/tail",
            "(III.8), (III.9): the width inverts the exponent of matrix Bernstein",
            m * at**2 / (2 * (variance + size * at / 3)) >= log,
            (m >= link_3.bernstein(variance, size, at, log),),
        ),
        Inequality(
            "width/travel",
            "(III.1), (III.10): no neuron travels further than R_w",
            link_3.distance().bound.subs(link_3.travelled, link_3.total) <= link_3.R_w,
            (m >= needed, tau_hat <= tau + sp.Rational(1, 4)),
        ),
    )


UNPROVED = (
    Unproved(
        "e^{-1/12}",
        "Link III",
        "e^{-1/12} <= 12/13",
        "Transcendental: 1 + y <= e^y at y = 1/12.",
    ),
    Unproved(
        "sum in L^2",
        "Link III",
        "the L^2 norm of a sum over rounds is at most the sum of L^2 norms, max_l at most sqrt(p)",
        "Minkowski and norm/largest, for any number of rounds and surrogates.",
    ),
)
