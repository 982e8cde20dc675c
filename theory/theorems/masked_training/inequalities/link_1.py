"""Link I: the contraction r, the scalar form, the main theorem and its displayed form."""

from __future__ import annotations

import sympy as sp

from theory.algebra import lemmas
from theory.algebra.inequalities import Inequality, Use
from theory.language.numeric import expand
from theory.theorems.masked_training import published
from theory.theorems.masked_training.inequalities.terms import at_more, larger, more, mu_i, scalar
from theory.theorems.masked_training.stochastic_recursion import (
    STABLE,
    M_i,
    displayed_form,
    main_theorem,
    noise,
    q,
    q_i,
    scalar_form,
    spectrum_of_P,
)
from theory.theorems.masked_training.symbols import (
    Lam,
    R,
    V,
    alpha,
    alpha_j,
    c,
    e0_sq,
    i,
    k,
    lam,
    lam0,
    r,
    rho,
    s,
    sigma,
    tau,
    theta,
    xi,
    zeta,
)

b, t, x = lemmas.b, lemmas.t, lemmas.x
B, g = sp.symbols("B g", nonnegative=True)
"""a_k^2, and a partial sum."""


def contraction() -> tuple[Inequality, ...]:
    rate, eigenvalue = noise()[r], scalar(q(i))
    stable, unit = zeta * lam <= 1, Use("power/at-most-one", {b: 1 - zeta * lam, t: tau})
    positive = Use("power/nonnegative", {b: 1 - zeta * lam, t: tau})
    between = (theta <= 1, zeta * mu_i <= 1, lam <= mu_i)
    at_mu = {b: 1 - zeta * mu_i, t: tau}
    return (
        Inequality(
            "contraction/stable",
            "(I.1), (II.1): ||I - zeta H|| <= 1",
            sp.And(1 - zeta * mu_i >= 0, 1 - zeta * mu_i <= 1),
            (STABLE, mu_i <= Lam),
        ),
        Inequality(
            "contraction/unit",
            "(I.1): 0 <= r <= 1",
            sp.And(rate >= 0, rate <= 1),
            (theta <= 1, stable),
            (positive, unit),
        ),
        Inequality(
            "contraction/share",
            "(I.2), (L.1): 0 <= q_i <= min(1, tau zeta mu_i)",
            sp.And(eigenvalue >= 0, eigenvalue <= 1, eigenvalue <= tau * zeta * mu_i),
            (zeta * mu_i <= 1,),
            (
                Use("power/nonnegative", at_mu),
                Use("power/at-most-one", at_mu),
                Use("power/bernoulli", {x: zeta * mu_i, t: tau}),
            ),
        ),
        Inequality(
            "contraction/eigenvalue",
            "(I.1): ||M||^2 <= (1 - r)^2, 0 <= M_i",
            sp.And(
                (1 - theta * eigenvalue) ** 2 <= (1 - rate) ** 2,
                spectrum_of_P()[M_i].function.subs({q_i[i]: eigenvalue}) >= 0,
            ),
            between,
            (
                Use("power/nonnegative", at_mu),
                Use("power/rising", {b: 1 - zeta * mu_i, lemmas.more_b: 1 - zeta * lam, t: tau}),
            ),
        ),
        Inequality(
            "contraction/rises",
            "(I.4): r rises in theta and lambda",
            rate <= at_more(rate, theta, lam),
            (*larger(theta, lam), zeta * more(lam) <= 1),
            (
                unit,
                Use(
                    "power/rising", {b: 1 - zeta * more(lam), lemmas.more_b: 1 - zeta * lam, t: tau}
                ),
            ),
        ),
        Inequality(
            "contraction/rises-in-tau",
            "(I.4): r rises in tau",
            rate <= rate.subs(tau, tau + 1),
            (stable,),
            (positive,),
        ),
    )


def _step() -> sp.Expr:
    """The squared scalar form: the next a_k^2 from B = a_k^2, with alpha in every round."""
    form = scalar_form()
    assert form.history is not None
    return form.bound.subs({form.history[k - 1]: B, alpha_j[k - 1]: alpha})


def recursion() -> tuple[Inequality, ...]:
    main, one = main_theorem(), _step()
    total = main.definitions[rho]
    rate, region = (expand(main.parts[name], {rho: total}) for name in ("rate", "neighbourhood"))
    bound = main.bound.subs(main.parts["rate"], 1 - rho)
    linear = (1 - rho) * B + rho * main.parts["neighbourhood"]
    return (
        Inequality("main/rho", "(I.3): the rate is 1 - rho", sp.Eq(B * rate, B - B * total)),
        Inequality(
            "scalar/rises",
            "(I.1): increasing in the past, s, sigma and alpha",
            one <= at_more(one, B, s, sigma, alpha),
            larger(B, s, sigma, alpha),
        ),
        Inequality(
            "noise/rises",
            "(I.1): s and sigma rise in R, s in V and tr(P^2 Phi)",
            sp.And(
                scalar(noise()[s]) <= at_more(scalar(noise()[s]), R, V),
                scalar(noise()[sigma]) <= at_more(scalar(noise()[sigma]), R),
            ),
            (*larger(R, V), xi <= 1),
        ),
        Inequality(
            "main/squared",
            "(I.3): one round, by (x+y)^2 <= (1+c) x^2 + (1+1/c) y^2",
            one <= linear.subs(rho, total),
        ),
        Inequality(
            "main/rate",
            "(I.3): 0 <= 1 - rho < 1",
            sp.And(rate >= 0, rate < 1),
            (total > 0,),
        ),
        Inequality(
            "main/geometric-series",
            "(I.3): sum_{j<k} (1-rho)^j <= 1/rho, from k to k + 1",
            1 + (1 - rho) * g <= 1 / rho,
            (rho > 0, rho <= 1, g <= 1 / rho),
        ),
        Inequality("main/start", "(I.3) at k = 0", e0_sq <= bound.subs(k, 0), (rho > 0,)),
        Inequality(
            "main/round",
            "(I.3): from k to k + 1, what one round allows",
            linear <= bound.subs(k, k + 1),
            (rho > 0, rho <= 1, sp.Le(B, bound)),
        ),
        Inequality(
            "main/rises",
            "(I.3): rate and neighbourhood rise in alpha, s and sigma",
            sp.And(
                rate <= at_more(rate, alpha),
                region <= at_more(region, alpha),
                region <= at_more(region, s, sigma),
            ),
            (at_more(total, alpha) > 0, *larger(alpha, s, sigma)),
        ),
    )


def displayed() -> tuple[Inequality, ...]:
    main, shown = main_theorem(), displayed_form()
    total = main.definitions[rho].subs(c, r / 2)
    square, regime = 1 - total.subs(alpha, 0), (*shown.premises, r <= 1)
    defect = total.subs(alpha, 0) - total
    strong = {name: e.subs(c, r / 2).subs(rho, total) for name, e in main.parts.items()}
    bound = main.bound.subs(c, r / 2).subs(rho, total)
    linear = expand(shown.parts["rate"], shown.definitions)
    half = Use("power/half", {x: zeta * lam, t: tau})
    steps = (theta <= 1, zeta * lam <= 1, tau * zeta * lam <= 1)
    printed = published.in_our_symbols(published.theorem_3()).parts["rate"]
    return (
        Inequality(
            "displayed/square",
            "(I.4): (1+r/2)(1-r)^2 = 1 - 3r/2 + r^3/2",
            sp.Eq(square, 1 - 3 * r / 2 + r**3 / 2),
        ),
        Inequality(
            "displayed/defect", "(I.4): (1+2/r) alpha^2 <= 3r/16", defect <= 3 * r / 16, regime
        ),
        Inequality(
            "displayed/sum",
            "(I.4): both together",
            square + 3 * r / 16 <= 1 - 13 * r / 16,
            (r > 0, r <= 1),
        ),
        Inequality(
            "displayed/contraction",
            "(I.4): rho >= 13r/16 >= 4r/5 at c = r/2",
            sp.And(total >= 13 * r / 16, total >= 1 - shown.parts["rate"]),
            regime,
        ),
        Inequality(
            "displayed/rate",
            "(I.4): 1/5 <= 1 - 4r/5 < 1",
            sp.And(shown.parts["rate"] >= sp.Rational(1, 5), shown.parts["rate"] < 1),
            regime,
        ),
        Inequality(
            "displayed/neighbourhood",
            "(I.4): at least that of (I.3)",
            strong["neighbourhood"] <= shown.parts["neighbourhood"],
            regime,
        ),
        Inequality(
            "displayed/bound",
            "(I.4): at least (I.3) at c = r/2, in every round",
            bound <= shown.bound,
            regime,
            (
                Use("displayed/neighbourhood"),
                Use("displayed/contraction"),
                Use("main/rate", {c: r / 2}),
                Use("power/rising", {b: strong["rate"], lemmas.more_b: shown.parts["rate"], t: k}),
            ),
        ),
        Inequality(
            "displayed/rises",
            "(I.4): the neighbourhood rises in alpha, s, sigma and falls in r, the rate falls in r",
            sp.And(
                shown.parts["neighbourhood"]
                <= at_more(shown.parts["neighbourhood"], alpha, s, sigma),
                shown.parts["neighbourhood"] >= at_more(shown.parts["neighbourhood"], r),
                shown.parts["rate"] >= at_more(shown.parts["rate"], r),
            ),
            (r > 0, *larger(alpha, s, sigma, r)),
        ),
        Inequality(
            "displayed/linear-rate",
            "(I.4): the rate is below 1 - 2 theta tau zeta lambda/5",
            linear <= 1 - 2 * theta * tau * zeta * lam / 5,
            steps,
            (half,),
        ),
        Inequality(
            "displayed/published-rate",
            "(I.4) against Theorem 3, where lambda >= 3 lambda_0/4",
            linear <= printed,
            (*steps, lam >= sp.Rational(3, 4) * lam0),
            (half,),
        ),
    )
