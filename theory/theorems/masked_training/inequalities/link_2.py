"""Link II: growth of the local residuals, and what of alpha* is algebra."""

from __future__ import annotations

import sympy as sp

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality, Use
from theory.theorems.masked_training.inequalities.terms import at_more, larger, more
from theory.theorems.masked_training.lazy_regime import alpha_star, definitions
from theory.theorems.masked_training.symbols import eps_A, eps_B, eps_f, p, tau, tau_hat

b, t, x, y = lemmas.b, lemmas.t, lemmas.x, lemmas.y


def defect() -> tuple[Inequality, ...]:
    quotient = definitions()[tau_hat].args[0][0]
    steps = quotient.rewrite(sp.log).rewrite(sp.exp).rewrite(sp.Pow)
    grown, star = {b: 1 + eps_f, t: tau}, alpha_star()
    now, then, start = sp.symbols("now then start", nonnegative=True)
    apart, A, Q = sp.symbols("apart A Q", nonnegative=True)
    return (
        Inequality(
            "defect/residual",
            "(II.1): ||e_t|| <= (1 + eps_f)^t ||e_0||, from t to t + 1",
            then <= (1 + eps_f) ** (t + 1) * start,
            (now <= (1 + eps_f) ** t * start, then <= (1 + eps_f) * now),
        ),
        Inequality(
            "defect/steps",
            "(II.1): sum_{t<tau} (1 + eps_f)^t = tau^, from tau to tau + 1",
            sp.Eq(steps + (1 + eps_f) ** tau, steps.subs(tau, tau + 1)),
            (eps_f > 0,),
        ),
        Inequality(
            "defect/mismatch",
            "(II.1): tau^ >= tau",
            steps >= tau,
            (eps_f > 0,),
            (Use("power/growth", {x: eps_f, t: tau}),),
        ),
        Inequality(
            "defect/telescoping",
            "(II.1): ||A^t - Q^t|| <= t ||A - Q|| if ||A||, ||Q^t|| <= 1, from t to t + 1",
            then <= (t + 1) * apart,
            (A <= 1, Q <= 1, now <= t * apart, then <= A * now + apart * Q),
        ),
        Inequality(
            "defect/curvature",
            "(II.1): sum_{t<tau} t = tau (tau - 1)/2, from tau to tau + 1",
            sp.Eq(tau * (tau - 1) / 2 + tau, (tau * (tau - 1) / 2).subs(tau, tau + 1)),
        ),
        Inequality(
            "defect/surrogates",
            "(II.1): the mean over surrogates is at most rho_k",
            (now + x) / (p + 1) <= sp.sqrt((then + x**2) / (p + 1)),
            (now**2 / p <= then,),
            (Use("norm/mean", {lemmas.C: now, y: x, lemmas.count: p}),),
        ),
        Inequality(
            "defect/steps-rise",
            "(II.1): tau^ rises in eps_f",
            steps <= at_more(steps, eps_f),
            (eps_f > 0, *larger(eps_f)),
            (
                Use("power/at-least-one", grown),
                Use("power/at-least-one", {b: 1 + more(eps_f), t: tau}),
            ),
            tau,
        ),
        Inequality(
            "defect/rises",
            "(II.1): alpha* rises in eps_f, tau^, eps_A and eps_B; Link III inverts it",
            star <= at_more(star, eps_f, tau_hat, eps_A, eps_B),
            larger(eps_f, tau_hat, eps_A, eps_B),
        ),
    )
