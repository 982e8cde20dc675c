"""The published theorems, as printed, and in the symbols of this package.

Setting
    Their surrogates are unscaled, m^{-1/2} sum_r a_r m^l_r relu(<w_r, x>), and their full network
    carries the factor xi. The outputs u follow the same trajectory under w = xi w_pub, hence
        kappa_pub = kappa/xi,  eta_pub = eta/xi^2 = zeta/xi,  lambda_0,pub = xi lambda_0,
    and displacements of weights scale as kappa does. ||x_i|| = 1, |y_i| <= C - 1, no two inputs
    parallel; theta = 1 - (1-xi)^p for Bernoulli masks. Constants hidden in Omega(.), O(.) and
    Theta(.) are symbols whose values the caller chooses: C_m in widths, C_eta in step sizes, C_B
    in neighbourhoods. The appendix takes C_eta = 1/48; elsewhere 1 stands for no information.
    Theta(.) for a width is read as a lower bound: more width only shrinks the neighbourhood.

Statement (their symbols, without the index pub)
    Theorem 2     with probability 1 - delta every surrogate kernel has lambda_min >= lambda_0/2
    Theorem 3     E||y - u_k||^2 <= (1 - eta theta tau lambda_0/4)^k ||y - u_0||^2 + B_1 with
                  B_1 = 64 (1-xi)^2 n^3 d/(m lambda_0^2)
                        + 68 eta tau (theta-xi^2) n^3 kappa^2/(p lambda_0)
                        + (theta-xi^2) n kappa^2/(6 tau^2 p) + (tau-1)^2 p C_1/(24 tau^2)
                        + 8 eta^2 (tau-1)^2 n^4 p C_1/lambda_0^2 + 4 eta (tau-1) p n C_1,
                  C_1 = 4 theta^2 (1-xi) n kappa^2/p
    Corollary 4   dropout (tau = p = 1): rate by substitution, neighbourhood O(1 - xi)
    Corollary 5   multi-sample dropout (tau = 1): O((1-xi)^2/(nK) + (theta-xi^2)/p)
    Corollary 6   Bernoulli subnets: O((1-xi)^2/(nK) + (theta-xi)/p
                                       + (tau-1)^2 theta^2 (1-xi)/tau^2)
    Theorem 7     categorical masks: E||y - u_k||^2 <= (1/2 + (1/2)(1 - eta lambda_0/2)^tau)^k C^2 n
                  + O(tau (p-1)^2 n^3 d/(lambda_0^2 m))
    Its proof     for any gamma in (0, 1): rate gamma + (1-gamma)(1 - eta lambda_0/2)^tau and
                  neighbourhood 64 tau (p-1)^2 kappa^2 n^3 d/(lambda_0^2 gamma (1-gamma) m)
    Suspected misprints, each next to its mended twin: kappa^2 is missing from the first term of
    B_1 and from the O(.) of Theorem 7 (harmless for kappa <= 1); Corollary 6 has theta - xi where
    Theorem 3 gives theta - xi^2; the factor C^2 n of Theorem 7 bounds E||y - u_0||^2 with 1 for
    kappa^2: the exact value is ||y||^2 + xi^2 n kappa^2/2.

Kind
    Theorem 2: **lower bound, with probability** 1 - delta over the initialisation and the masks.
    The initial loss: **exact, in expectation** over the initialisation (its printed form: an upper
    bound). All others: **upper bounds, in expectation** over the masks, for all but a share delta
    of initialisations.

Premises
    Width, step size and assumptions on the data as printed; the mask law of each case.

Source
    Liao & Kyrillidis, On the Convergence of Shallow Neural Network Training with Randomly Masked
    Neurons, arXiv 2112.02668v1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_EXPECTATION, LOWER_PROBABILITY, UPPER_EXPECTATION, Kind
from theory.language.vocabulary import NONNEGATIVE, OPEN_UNIT, POSITIVE
from theory.theorems.masked_training.symbols import (
    VOCABULARY,
    K,
    V,
    d,
    delta,
    e0_sq,
    k,
    kappa,
    lam0,
    m,
    n,
    p,
    tau,
    theta,
    xi,
    zeta,
)

_s = VOCABULARY.symbol
C_m = _s("C_m", "constant of a required width, hidden in Omega(.)", POSITIVE)
C_eta = _s("C_eta", "constant of an allowed step size, hidden in O(.)", POSITIVE, latex=r"C_\eta")
C_B = _s("C_B", "constant of a neighbourhood, hidden in O(.)", POSITIVE)
C = _s("C", "bound of the targets: |y_i| <= C - 1", sp.Interval(1, sp.oo))
y_max = _s("y_max", "largest absolute target", NONNEGATIVE)
y_sq = _s("y_sq", "squared norm of the targets ||y||^2", NONNEGATIVE, latex=r"\lVert y\rVert^2")
row_deviation = _s("row_norm_deviation", "largest | ||x_i|| - 1 | over the inputs", NONNEGATIVE)
displacement = _s("displacement", "largest ||w^l_{k,t,r} - w_{0,r}|| over a run", NONNEGATIVE)
gamma = _s("gamma", "free constant in the proof of Theorem 7", OPEN_UNIT)
B_1 = _s("B_1", "neighbourhood of Theorem 3", NONNEGATIVE)
C_1 = _s("C_1", "variance of the local steps in Theorem 3", NONNEGATIVE)

kappa_pub = _s("kappa_pub", "initial weight scale as published: kappa/xi", POSITIVE)
eta_pub = _s("eta_pub", "local step size as published: eta/xi^2", POSITIVE)
lam0_pub = _s("lambda_0_pub", "lambda_0 as published: xi lambda_0", POSITIVE)
displacement_pub = _s("displacement_pub", "displacement as published: over xi", NONNEGATIVE)

SYMBOL_MAP: Mapping[sp.Symbol, sp.Expr] = {
    kappa_pub: kappa / xi,
    eta_pub: zeta / xi,
    lam0_pub: xi * lam0,
    displacement_pub: displacement / xi,
}

LOSS = Quantity("loss", "E ||e_k||^2", r"\mathbb{E}\lVert e_k\rVert^2")
INITIAL_LOSS = Quantity("initial_loss", "E ||e_0||^2", r"\mathbb{E}\lVert e_0\rVert^2")
KERNELS_POSITIVE = Quantity(
    "surrogate_kernels_positive",
    "P(lambda_min(sum_r m^l_r H_r) >= threshold for all k, t, l)",
    r"\mathbb{P}\left[\lambda_{\min}\left(\sum_r m^l_r H_r\right)\ge\text{threshold}\right]",
)

_DATA = (sp.Eq(row_deviation, 0), y_max <= C - 1)
_BERNOULLI = (sp.Eq(theta, 1 - (1 - xi) ** p),)
_CATEGORICAL = (sp.Eq(theta, 1), sp.Eq(V, 0), sp.Eq(xi, 1 / p))


def in_our_symbols(statement: Statement) -> Statement:
    """A published statement in the symbols of this package."""
    return statement.subs(SYMBOL_MAP)


def _linear(rate: sp.Expr, initial: sp.Expr, neighbourhood: sp.Expr, *premises: Any) -> Statement:
    """rate^k initial + neighbourhood."""
    return Statement(
        bound=rate**k * initial + neighbourhood,
        premises=(*premises, *_DATA),
        parts={"rate": rate, "neighbourhood": neighbourhood},
        index=k,
    )


def theorem_2() -> Statement:
    width = n**2 * sp.log(K * p * n / delta) / (xi * lam0_pub**2)
    near = displacement_pub <= kappa_pub * lam0_pub / (8 * n)
    return Statement(
        bound=1 - delta,
        premises=(m >= C_m * width, near, *_DATA),
        parts={"threshold": lam0_pub / 2},
    )


def _rate_3() -> sp.Expr:
    return 1 - eta_pub * theta * tau * lam0_pub / 4


def _step_3() -> sp.Expr:
    """With C_eta = 1/48 it implies the appendix's eta <= lambda_0/(16 (tau-1) n^2) as well."""
    return lam0_pub / (n * tau * sp.Max(n, p))


def _kernel_width_3() -> sp.Expr:
    return K / delta * n**4 / (kappa_pub**2 * xi * theta * lam0_pub**4)


def theorem_3(first_term: sp.Expr = sp.S.One) -> Statement:
    """Theorem 3; `first_term` multiplies the first term of B_1 (kappa^2 mends it)."""
    spread = theta - xi**2
    region = (
        first_term * 64 * (1 - xi) ** 2 * n**3 * d / (m * lam0_pub**2)
        + 68 * eta_pub * tau * spread * n**3 * kappa_pub**2 / (p * lam0_pub)
        + spread * n * kappa_pub**2 / (6 * tau**2 * p)
        + (tau - 1) ** 2 * p * C_1 / (24 * tau**2)
        + 8 * eta_pub**2 * (tau - 1) ** 2 * n**4 * p * C_1 / lam0_pub**2
        + 4 * eta_pub * (tau - 1) * p * n * C_1
    )
    width = sp.Max(
        _kernel_width_3(),
        K / delta * n * K**2 * B_1 / (kappa_pub**2 * theta * lam0_pub**2),
        K / delta * K**2 * p,
    )
    premises = (m >= C_m * width, eta_pub <= C_eta * _step_3(), *_BERNOULLI)
    return replace(
        _linear(_rate_3(), e0_sq, B_1, *premises),
        definitions={C_1: 4 * theta**2 * (1 - xi) * n * kappa_pub**2 / p, B_1: region},
    )


def _corollary(
    neighbourhood: sp.Expr, case: Mapping[sp.Symbol, Any], *premises: sp.Basic
) -> Statement:
    """Theorem 3 in a special case with kappa = n^{-1/2}; the neighbourhood is as printed."""
    scale = 1 / sp.sqrt(n)
    width = C_m * _kernel_width_3().subs(kappa_pub, scale)
    general = _linear(
        _rate_3(), e0_sq, C_B * neighbourhood, m >= width, eta_pub <= C_eta * _step_3()
    )
    return general.subs(case, *premises, sp.Max(K, d) <= n, sp.Eq(kappa_pub, scale))


def corollary_4() -> Statement:
    return _corollary(1 - xi, {theta: xi, tau: 1, p: 1}, sp.Eq(p, 1), sp.Eq(tau, 1))


def corollary_5() -> Statement:
    region = (1 - xi) ** 2 / (n * K) + (theta - xi**2) / p
    return _corollary(region, {tau: 1}, sp.Eq(tau, 1), *_BERNOULLI)


def corollary_6(subtracted: sp.Expr = xi) -> Statement:
    """Corollary 6; it prints theta - xi, where Theorem 3 gives theta - xi^2."""
    local = (tau - 1) ** 2 * theta**2 * (1 - xi) / tau**2
    region = (1 - xi) ** 2 / (n * K) + (theta - subtracted) / p + local
    return _corollary(region, {}, p <= n, *_BERNOULLI)


def theorem_7(factor: sp.Expr = C_B, share: sp.Expr = sp.S.Half) -> Statement:
    """Theorem 7; `factor` multiplies the neighbourhood, `share` is gamma of the proof."""
    rate = share + (1 - share) * (1 - eta_pub * lam0_pub / 2) ** tau
    region = factor * tau * (p - 1) ** 2 * n**3 * d / (lam0_pub**2 * m)
    width = tau**2 * n**2 * K * sp.Max(n**2, d) / (lam0_pub**4 * delta)
    step = lam0_pub / n**2
    return _linear(rate, C**2 * n, region, m >= C_m * width, eta_pub <= C_eta * step, *_CATEGORICAL)


def initial_loss_printed() -> Statement:
    return Statement(bound=C**2 * n, premises=_DATA)


def initial_loss() -> Statement:
    """||y||^2 + E||u_0||^2; the fourth moment of u_i is (3/4)(1 + 1/m) (xi kappa)^4."""
    scale = xi * kappa_pub
    fourth = (sp.Rational(3, 4) * (1 + 1 / m)) ** sp.Rational(1, 4) * sp.sqrt(n) * scale
    return Statement(
        bound=y_sq + n * scale**2 / 2,
        premises=_DATA[:1],
        # Minkowski in L^4, E||u_0||^4 <= n^2 E u_i^4, less the squared mean
        variance=(fourth + sp.sqrt(y_sq)) ** 4 - (y_sq + n * scale**2 / 2) ** 2,
    )


_Case = tuple[Callable[[], Statement], Kind, Quantity, str, str]


def _loss(build: Callable[[], Statement], place: str, summary: str) -> _Case:
    return build, UPPER_EXPECTATION, LOSS, place, summary


_LINEAR = "linear convergence under {} masks".format
CASES: Mapping[str, _Case] = {
    "theorem-2": (
        theorem_2,
        LOWER_PROBABILITY,
        KERNELS_POSITIVE,
        "Theorem 2",
        "every surrogate kernel stays positive",
    ),
    "theorem-3": _loss(theorem_3, "Theorem 3", _LINEAR("Bernoulli")),
    "theorem-3/kappa-restored": _loss(
        lambda: theorem_3(kappa_pub**2),
        "Theorem 3, with kappa^2 in the first term of B_1",
        _LINEAR("Bernoulli") + ", mended",
    ),
    "corollary-4": _loss(corollary_4, "Corollary 4", "dropout"),
    "corollary-5": _loss(corollary_5, "Corollary 5", "multi-sample dropout"),
    "corollary-6": _loss(corollary_6, "Corollary 6", "subnets drawn by Bernoulli masks"),
    "corollary-6/xi-squared": _loss(
        lambda: corollary_6(xi**2),
        "Corollary 6, with theta - xi^2 as in Theorem 3",
        "subnets drawn by Bernoulli masks, mended",
    ),
    "theorem-7": _loss(theorem_7, "Theorem 7", _LINEAR("categorical")),
    "theorem-7/kappa-restored": _loss(
        lambda: theorem_7(C_B * kappa_pub**2),
        "Theorem 7, with kappa^2 in the neighbourhood",
        _LINEAR("categorical") + ", mended",
    ),
    "theorem-7/proof": _loss(
        lambda: theorem_7(64 * kappa_pub**2 / (gamma * (1 - gamma)), gamma),
        "proof of Theorem 7",
        _LINEAR("categorical") + ", free gamma",
    ),
    "initial-loss": (
        initial_loss_printed,
        UPPER_EXPECTATION,
        INITIAL_LOSS,
        "the factor C^2 n of Theorem 7",
        "loss at the start",
    ),
    "initial-loss/exact": (
        initial_loss,
        EXACT_EXPECTATION,
        INITIAL_LOSS,
        "the factor C^2 n of Theorem 7, with the exact E||u_0||^2",
        "loss at the start",
    ),
}
"""name -> (statement in their symbols, kind, quantity, place, summary)"""


def _claim(name: str, build: Callable[[], Statement], case: _Case) -> Claim:
    _, kind, quantity, place, words = case
    return Claim(
        name,
        f"{place}, Liao & Kyrillidis (arXiv 2112.02668v1)",
        kind,
        quantity,
        build,
        VOCABULARY,
        words,
        confidence="delta" if quantity is LOSS else "",
    )


AS_PRINTED = tuple(_claim(f"as-printed/{name}", case[0], case) for name, case in CASES.items())
"""The claims in their symbols; not registered."""

CLAIMS = tuple(
    _claim(f"published/{name}", lambda build=case[0]: in_our_symbols(build()), case)  # type: ignore[misc]
    for name, case in CASES.items()
)
