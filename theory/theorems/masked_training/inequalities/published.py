"""What is said of the published statements: rates, step sizes, misprints."""

from __future__ import annotations

import sympy as sp

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality, Use
from theory.theorems.masked_training import published
from theory.theorems.masked_training.published import (
    B_1,
    C_1,
    C_eta,
    eta_pub,
    gamma,
    kappa_pub,
    lam0_pub,
)
from theory.theorems.masked_training.symbols import n, tau, theta, xi

b, t = lemmas.b, lemmas.t


def misprints() -> tuple[Inequality, ...]:
    printed, mended = published.theorem_3(), published.theorem_3(kappa_pub**2)
    region, mended_region = (
        st.definitions[B_1].subs(C_1, st.definitions[C_1]) for st in (printed, mended)
    )
    narrow, wide = (
        st.parts["neighbourhood"] for st in (published.corollary_6(), published.corollary_6(xi**2))
    )
    step = next(e for e in printed.premises if e.has(C_eta))
    start, rounded = published.initial_loss().bound, published.initial_loss_printed()
    seventh = published.theorem_7(share=gamma).parts["rate"]
    unit = (xi <= 1, theta <= 1)
    return (
        Inequality(
            "published/step-size",
            "Theorem 3: eta <= lambda_0/(48 n tau max(n, p)) implies the appendix's second premise",
            16 * (tau - 1) * n**2 * eta_pub <= lam0_pub,
            (step.subs(C_eta, sp.Rational(1, 48)),),
        ),
        Inequality(
            "published/kappa",
            "Theorem 3: B_1 without kappa^2 is larger for kappa <= 1",
            mended_region <= region,
            (*unit, kappa_pub <= 1),
        ),
        Inequality(
            "published/theta-xi",
            "Corollary 6: with theta - xi it claims more than with theta - xi^2",
            narrow <= wide,
            unit,
        ),
        Inequality(
            "published/initial-loss",
            "Theorem 7: C^2 n bounds the initial loss for kappa <= 1",
            start <= rounded.bound,
            (
                published.y_max <= published.C - 1,
                published.y_sq <= n * published.y_max**2,
                xi * kappa_pub <= 1,
            ),
        ),
        Inequality(
            "published/seventh-rate",
            "Theorem 7: 0 <= gamma + (1-gamma)(1 - eta lambda_0/2)^tau <= 1",
            sp.And(seventh >= 0, seventh <= 1),
            (gamma < 1, eta_pub * lam0_pub <= 2),
            tuple(
                Use(name, {b: 1 - eta_pub * lam0_pub / 2, t: tau})
                for name in ("power/nonnegative", "power/at-most-one")
            ),
        ),
        Inequality(
            "published/gamma",
            "Theorem 7: gamma = 1/2 makes the neighbourhood of its proof smallest",
            1 / (gamma * (1 - gamma)) >= 4,
            (gamma < 1,),
        ),
    )
