"""Corollaries: the named algorithms, by substitution into the main theorem.

Setting
    As in Link I, with a particular mask law, number of surrogates and local steps.

Statement
    Substitutions into (I.4); the contraction 1 - r and the noise s^2 (R -> 0) follow:
    gradient descent        xi = theta = 1, V = 0       (1 - eta lambda)^tau, 0
    dropout                 Bernoulli, p = tau = 1      1 - eta lambda,
                                                        eta^2 ((1-xi)/xi) tr(H^2 Phi)
    multi-sample dropout    Bernoulli, tau = 1          1 - theta zeta lambda,
                                                        theta^2 zeta^2 ((1-xi)/(xi p)) tr(H^2 Phi)
    Independent Subnet      categorical, xi = 1/p,      (1 - p eta lambda)^tau, 0
    Training (IST)          theta = 1, V = 0

Kind
    **Upper bounds, in expectation**; gradient descent has no masks, so there the mean is the path.

Premises
    Those of (I.4) after substitution, and that the mask law and the counts are those of the case.

Source
    Explicit forms of Corollaries 4 to 6 and Theorem 7 of Liao & Kyrillidis (arXiv 2112.02668v1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from theory.language.claim import Claim, Statement
from theory.language.kinds import UPPER_EXPECTATION
from theory.theorems.masked_training.laws import BERNOULLI
from theory.theorems.masked_training.stochastic_recursion import LOSS_ON_GOOD_EVENT, displayed_form
from theory.theorems.masked_training.symbols import VOCABULARY, V, eta, p, tau, theta, xi, zeta

_BERNOULLI_THETA = 1 - (1 - xi) ** p
_BERNOULLI_V = (1 - xi) / (xi * p)


def gradient_descent() -> Statement:
    case = {xi: 1, theta: 1, V: 0, zeta: eta}
    return displayed_form().subs(case, sp.Eq(xi, 1))


def dropout() -> Statement:
    case = {theta: BERNOULLI.theta(1), V: BERNOULLI.V(1), tau: 1, zeta: eta / xi}
    return displayed_form().subs(case, sp.Eq(p, 1), sp.Eq(tau, 1))


def multi_sample_dropout() -> Statement:
    case = {theta: _BERNOULLI_THETA, V: _BERNOULLI_V, tau: 1}
    law = sp.Eq(theta, _BERNOULLI_THETA), sp.Eq(V, _BERNOULLI_V)
    return displayed_form().subs(case, sp.Eq(tau, 1), *law)


def independent_subnet_training() -> Statement:
    case = {theta: 1, V: 0, xi: 1 / p, zeta: p * eta}
    return displayed_form().subs(case, sp.Eq(theta, 1), sp.Eq(V, 0), sp.Eq(xi, 1 / p))


CASES: Mapping[str, tuple[Callable[[], Statement], str, str]] = {
    "gradient-descent": (gradient_descent, "Theorem 3 at xi = 1", "no masks"),
    "dropout": (dropout, "Corollary 4", "one Bernoulli mask, one step"),
    "multi-sample-dropout": (multi_sample_dropout, "Corollary 5", "p Bernoulli masks, one step"),
    "ist": (independent_subnet_training, "Theorem 7", "each neuron in exactly one of p subnets"),
}

CLAIMS = tuple(
    Claim(
        f"corollary/{name}",
        f"explicit form of {place}, Liao & Kyrillidis (arXiv 2112.02668v1)",
        UPPER_EXPECTATION,
        LOSS_ON_GOOD_EVENT,
        build,
        VOCABULARY,
        f"main theorem for {name.replace('-', ' ')}: {words}",
    )
    for name, (build, place, words) in CASES.items()
)
