"""Kernel ridge with infinitely many neurons against polynomial ridge with a self-induced term.

Setting
    As in `width` and `risk`, rows and new inputs uniform on sqrt(d) S^{d-1}. K(t) = sum_k gamma_k
    Q_k(t) in Gegenbauer polynomials (`theory.mathematics.gegenbauer`), B_k their multiplicities,
    mu_k = gamma_k/B_k, gamma_{>l} = K(1) - sum_{k<=l} gamma_k, K(1) = 1/2. For the step gamma_1 =
    1/4 and gamma_3 = gamma_5 = ... = 0. Polynomial ridge of degree l: the kernel K_l = sum_{k<=l}
    gamma_k Q_k and the ridge lambda + gamma_{>l}, coefficients alpha_l. Delta = K - K_l -
    gamma_{>l} I. M_{>l} = sum_{k>l} (gamma_k^2/B_k) Q_k(T). The target f* has the energy F_k in
    degree k, the labels have noise of variance tau^2. Spectral norms.

Statement
    (NT7)  E ||Delta||_F^2 = n (n-1) s,                         s = sum_{k>l} gamma_k^2/B_k
           E tr Delta^4 = n (n-1) [(n-2)(n-3) q + 2 (n-2) s^2 + m_4],  q = sum_{k>l} gamma_k^4/B_k^3
           E lambda_min(K) >= gamma_{>l} - (E tr Delta^4)^{1/4}
           ||f_KRR - f_poly||^2 = sum_k (gamma_k^2/B_k) a_k^T Q_k(T) a_k, a_k = alpha for k > l,
               alpha - alpha_l for k <= l
             <= ||M_{>l}|| |alpha|^2 + max_{k<=l} mu_k ||Delta||^2 |alpha|^2/(4 (lambda+gamma_{>l}))
           R_KRR = sum_k [(gamma_k^2/B_k) alpha^T Q_k(T) alpha - 2 mu_k alpha^T f*_k(X) + F_k]
    (NT8)  kap the root of n = sum_k gamma_k/(mu_k + kap) + (gamma_{>top} + lambda)/kap,
           g = (1/n) sum_k gamma_k mu_k/(mu_k + kap)^2:
           R_KRR -> [sum_k kap^2 F_k/(mu_k + kap)^2 + tau^2 g]/(1 - g), an error of order 1/n, for
           means over targets and noise, exact given the rows:
           sum_k F_k [1 - 2 mu_k tr(S Q_k) + tr(S M S Q_k)] + tau^2 tr(S M S), S = (K + lambda)^{-1}
           The paper's form drops degrees > l and puts gamma_{>l} into the ridge. With kap_l(r) the
           root of degrees <= l at the ridge r:
             kap_l(lambda + gamma_{>l} kap/(kap + max_{k>l} mu_k)) <= kap
                                                            <= kap_l(lambda + gamma_{>l})
    (NT9)  f* in the degree k, uniform on the unit sphere there: the mean risk is at least
           1 - min(n, N d)/B_k, for every width, ridge and stopping time.
    Published, C not stated, powers of logarithms left out:
           |R_KRR - R_poly| <= C sqrt(n/d^{l+1})

    Proof. The Q_k are reproducing: closed walks of length 2 and 4; entries of T that share at most
    one row are independent. Weyl, ||Delta||^4 <= tr Delta^4. Pythagoras over degrees. (K + lambda)
    (alpha - alpha_l) = -Delta alpha_l, and x/(x + r)^2 <= 1/(4 r). (NT8) is the deterministic
    equivalent of kernel ridge with eigenvalues mu_k of multiplicity B_k. (NT9): the predictor lies
    in a span of min(n, N d) functions that is fixed before f*, and the trace of a projector.

Kind
    (NT7): **equalities, in expectation**, **lower bound, in expectation**, **equality, in
    expectation** over new inputs, **upper bound, pathwise**, **equality, in expectation** over new
    inputs; (NT8): **in the limit** of many samples, **upper and lower bound, pathwise**; (NT9):
    **lower bound, pathwise**: the mean over targets is exact.

Premises
    gamma_k >= 0; lambda + gamma_{>l} > 0. (NT8): kap solves its equation. (NT9): zero initial
    output.

What is no claim
    lambda_min(K) ~ gamma_{>j} + gamma_j (1 - sqrt(n/B_j))_+^2 for the next degree j > l with
    gamma_j > 0: a trend, 10 to 28 % high at d = 8 to 60, and off by 2 for n < d.

Slips that hide
    In the certificate of (NT7) the first term alone is not refuted, nor is polynomial ridge with
    lambda alone at n = 3 d; at n = d it is.

Source
    After Montanari & Zhong (arXiv 2007.12826): that the test error is that of polynomial ridge with
    a self-induced term is theirs (quoted: abstract), the rate with C is recalled, its form
    unverified; the laws and constants are derived here.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LIMIT,
    LOWER_EXPECTATION,
    LOWER_PATHWISE,
    UPPER_PATHWISE,
)
from theory.theorems.tangent_ridge.symbols import (
    VOCABULARY,
    B,
    B_k,
    Bs,
    C,
    F,
    N,
    R_poly,
    a,
    alpha_sq,
    at,
    c,
    d,
    gamma,
    gammas,
    h,
    kap,
    kap_l,
    kap_less,
    l,
    lam,
    m_4,
    mu_max,
    n,
    norm_D,
    norm_M,
    tau_sq,
    top,
)
from theory.theorems.tangent_ridge.width import PUBLISHED, SOURCE

_k = sp.Symbol("k", integer=True, nonnegative=True)
_ALL, _HIGH, _LOW = (_k, 0, top), (_k, l + 1, top), (_k, 0, l)
_mu = gamma[_k] / B[_k]
_PAIRS = n * (n - 1)
_SELF = sp.S.Half - sp.Sum(gamma[_k], _LOW)
"""gamma_{>l}."""

_s = sp.Sum(gamma[_k] ** 2 / B[_k], _HIGH)
_q = sp.Sum(gamma[_k] ** 4 / B[_k] ** 3, _HIGH)
_FOURTH = _PAIRS * ((n - 2) * (n - 3) * _q + 2 * (n - 2) * _s**2 + m_4)


def second_moment() -> Statement:
    """(NT7): squares of different entries are uncorrelated."""
    return Statement(_PAIRS * _s, variance=2 * _PAIRS * (m_4 - _s**2), parts={"s": _s})


def fourth_moment() -> Statement:
    """(NT7): |Delta_ij| <= gamma_{>l}, so tr Delta^4 <= ||Delta||^2 ||Delta||_F^2 is bounded."""
    return Statement(_FOURTH, ceiling=n * (n - 1) ** 3 * _SELF**4, parts={"q": _q, "s": _s})


def least_mean() -> Statement:
    """(NT7): lambda_min(K) <= K_ii = 1/2."""
    return Statement(_SELF - _FOURTH ** sp.Rational(1, 4), ceiling=sp.S.Half,
                     parts={"self_induced": _SELF})  # fmt: skip


def pythagoras() -> Statement:
    """(NT7); at a new input by Cauchy and Schwarz in the space of the kernel."""
    bound = sp.Sum(_mu * gamma[_k] * h[_k], _ALL)
    return Statement(bound, ceiling=sp.Sum(gamma[_k] * h[_k], _ALL) / 2)


def certificate() -> Statement:
    """(NT7)."""
    low = mu_max * norm_D**2 / (4 * (lam + _SELF))
    return Statement((norm_M + low) * alpha_sq, (lam + _SELF > 0,), parts={"low": low * alpha_sq})


def risk() -> Statement:
    """(NT7); a harmonic of norm 1 is at most sqrt(B_k)."""
    bound = sp.Sum(_mu * gamma[_k] * a[_k] - 2 * _mu * c[_k] + F[_k], _ALL)
    size = sp.sqrt(sp.Sum(gamma[_k] * a[_k], _ALL) / 2) + sp.Sum(sp.sqrt(B[_k] * F[_k]), _ALL)
    return Statement(bound, ceiling=size**2)


def risk_law() -> Statement:
    """(NT8)."""
    weight, mu = gammas[_k, at], gammas[_k, at] / Bs[_k, at]
    g = sp.Sum(weight * mu / (mu + kap) ** 2, _ALL) / n
    missed = sp.Sum(kap**2 * F[_k] / (mu + kap) ** 2, _ALL)
    tail = sp.S.Half - sp.Sum(weight, _ALL)
    root = sp.Eq(n, sp.Sum(weight / (mu + kap), _ALL) + (tail + lam) / kap)
    return Statement((missed + tau_sq * g) / (1 - g), (root, g < 1), parts={"g": g}, size=n)


def harmonics() -> Statement:
    """(NT9)."""
    return Statement(1 - sp.Min(n, N * d) / B_k)


def published_polynomial() -> Statement:
    """Published, form unverified: R_KRR itself, from above."""
    return Statement(R_poly + C * sp.sqrt(n / d ** (l + 1)))


_KAP = Quantity("effective_ridge", "kap", r"\kappa")

CLAIMS = (
    Claim(
        "tangent/second-moment", f"(NT7), {SOURCE}", EXACT_EXPECTATION,
        Quantity("second_moment", "||Delta||_F^2", r"\lVert\Delta\rVert_F^2"),
        second_moment, VOCABULARY, "high degrees are noise off the diagonal, of this size",
    ),
    Claim(
        "tangent/fourth-moment", f"(NT7), {SOURCE}", EXACT_EXPECTATION,
        Quantity("fourth_moment", "tr Delta^4", r"\operatorname{tr}\Delta^4"),
        fourth_moment, VOCABULARY, "and of this norm",
    ),
    Claim(
        "tangent/least-mean", f"(NT7), {SOURCE}", LOWER_EXPECTATION,
        Quantity("least_of_K", "lambda_min(K)", r"\lambda_{\min}(K)", least=0.0),
        least_mean, VOCABULARY, "so high degrees act as a ridge",
    ),
    Claim(
        "tangent/pythagoras", f"(NT7), {SOURCE}", EXACT_EXPECTATION,
        Quantity("distance_at_inputs", "(f_KRR(x) - f_poly(x))^2", r"(f_{KRR}(x) - f_l(x))^2"),
        pythagoras, VOCABULARY, "the distance to polynomial ridge without new inputs",
    ),
    Claim(
        "tangent/certificate", f"(NT7), {SOURCE}", UPPER_PATHWISE,
        Quantity("distance", "||f_KRR - f_poly||^2", r"\lVert f_{KRR} - f_l\rVert^2"),
        certificate, VOCABULARY, "which is small",
    ),
    Claim(
        "tangent/risk", f"(NT7), {SOURCE}", EXACT_EXPECTATION,
        Quantity("error_at_inputs", "(f_KRR(x) - f*(x))^2", r"(f_{KRR}(x) - f^\ast(x))^2"),
        risk, VOCABULARY, "the risk of kernel ridge without new inputs",
    ),
    Claim(
        "tangent/risk-law", f"(NT8), {SOURCE}", EXACT_LIMIT,
        Quantity("mean_risk", "mean of R_KRR over targets and noise", r"\mathbb{E} R_{KRR}"),
        risk_law, VOCABULARY, "and without any data",
    ),
    Claim(
        "tangent/self-induced-at-most", f"(NT8), {SOURCE}", UPPER_PATHWISE, _KAP,
        lambda: Statement(kap_l), VOCABULARY, "high degrees are a ridge of at most their sum",
    ),
    Claim(
        "tangent/self-induced-at-least", f"(NT8), {SOURCE}", LOWER_PATHWISE, _KAP,
        lambda: Statement(kap_less), VOCABULARY, "and of nearly that",
    ),
    Claim(
        "tangent/harmonics", f"(NT9), {SOURCE}", LOWER_PATHWISE,
        Quantity("harmonics", "mean of R_N over targets of degree k", r"\mathbb{E}_{f^\ast} R_N",
                 least=0.0),
        harmonics, VOCABULARY, "what n samples cannot learn at any width",
    ),
    Claim(
        "tangent/published-polynomial", PUBLISHED, UPPER_PATHWISE,
        Quantity("risk_of_kernel", "R_KRR", r"R_{KRR}"),
        published_polynomial, VOCABULARY, "published, with a constant of one's own",
    ),
)  # fmt: skip
