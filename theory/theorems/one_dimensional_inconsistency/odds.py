"""How likely a kink crosses: against the certificate, the width and an offset of the targets.

Setting
    As in `certificate`, He's initialisation, steps of at most 1/lam_max(A_ref M), A_ref the mean of
    A. tau = eta times the steps until which kinks are watched; tau = oo is for ever.
    Per side Sxx, Sx, S1: the entries of M_s; chi_s = Sx/Sxx, D = diag(S1 - Sx^2/Sxx),
    A_q = [[2, 1], [1, 2]]. v_s: coefficients of the affine fit of side s.

Statement
    (HS5) P(no kink crosses) >= P(the certificate holds at W_0 and T_0): draws alone, no training.
    (HS6) v = 0: sqrt(m) P(some kink crosses by tau) -> C = (1/(2 pi)) sum_s E[up_s + dn_s],
          up_s = max over t <= tau and both signs of (p_s +- B_s(t)/xi)_+,
          dn_s = max over t <= tau and both signs of (-p_s +- B_s(t)/xi)_+,
          p_s ~ N(0, 2) independent, B(t) = exp(-D A_q t) (chi_+ p_+, chi_- p_-).
          C >= C_0 = pi^{-3/2} sum_s (1 + |chi_s|/xi), with equality at tau = 0 where
          |chi_s| <= xi.
    (HS7) targets shifted by kappa/sqrt(m): P(no kink crosses by tau) ->
          exp(-(kappa/(pi xi)) sum_s max_{t <= tau} |B_s(t)|),
          B(t) = -(I - exp(-D A_q t)) A_q^{-1} (1, 1), which for D_+ = D_- is
          exp(-2 kappa (1 - exp(-3 D tau))/(3 pi xi)). The change is at m ~ (3 pi xi/(2 s))^2 for
          an offset s: consistency returns, at huge width only.
    Published, form unverified, C and gamma not stated: P(no kink crosses) >= 1 - C m^{-gamma} for
    gamma < 1/2. By (HS6) gamma = 1/2 is right.

    Proof, to leading order. Fast: S_s[1, 3] -> 0 while the sum of eta al is p_s/m, and that of
    eta be is chi_s times it. Slow: be_s = D_s (q_s - v_s), and the biases come back to 0, or go to
    -A_q^{-1} v. A kink of side s crosses when 1/rho is below the sums: rho is Cauchy of scale
    m^{-1/2}, and there are m/2 neurons on a side: the number that cross is Poisson.

Kind
    (HS5): **lower bound, with probability**; (HS6), (HS7): **equalities in a limit**, of error
    m^{-1/2}; **lower bound, pathwise** (of numbers). They say nothing of finite m.

Premises
    M_s > 0, v = 0 (before the shift), step <= 1. (HS6), (HS7): C <= sqrt(m) at the smallest width:
    shares near 1 show no limit, and C is large where a data point is near 0. (HS5): the certified
    share is a lower confidence limit, from draws of its own, of error 1e-9; this adds to the level.
    A kink is watched for finitely many steps, which is on the safe side.

Source
    (HS5) to (HS7) derived; the publication is Holzmueller & Steinwart (arXiv 2002.04861).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_LIMIT, LOWER_PATHWISE, LOWER_PROBABILITY
from theory.theorems.one_dimensional_inconsistency.symbols import (
    SOURCE,
    VOCABULARY,
    D_minus,
    D_plus,
    E_minus,
    E_plus,
    M_min,
    b_minus,
    b_plus,
    certified,
    chi_minus,
    chi_plus,
    gamma,
    he,
    kappa,
    m,
    narrowest,
    published_C,
    step,
    tau,
    v_opt,
    xi,
)

USUAL = (sp.Eq(he, 1), sp.Eq(v_opt, 0), M_min > 0, step <= 1)
_HALF = sp.Rational(1, 2)
_C = (E_plus + E_minus) / (2 * sp.pi)
RARE = sp.sqrt(narrowest) >= _C
"""At the smallest width, to leading order."""


def probability() -> Statement:
    """(HS5)."""
    return Statement(certified, (certified > 0,))


def constant() -> Statement:
    """(HS6)."""
    return Statement(_C, (*USUAL, RARE), size=m, rate=_HALF)


def first_trip() -> Statement:
    """(HS6), C_0."""
    sides = (1 + chi_plus / xi) + (1 + chi_minus / xi)
    return Statement(sides / sp.pi ** sp.Rational(3, 2), USUAL)


def offset() -> Statement:
    """(HS7)."""
    lost = kappa * (b_plus + b_minus) / (sp.pi * xi)
    return Statement(sp.exp(-lost), (*USUAL, RARE), size=m, rate=_HALF)


def offset_of_equal_sides() -> Statement:
    """(HS7), D_+ = D_-."""
    lost = 2 * kappa * (1 - sp.exp(-3 * D_plus * tau)) / (3 * sp.pi * xi)
    return Statement(sp.exp(-lost), (*USUAL, RARE, sp.Eq(D_plus, D_minus)), size=m, rate=_HALF)


def published() -> Statement:
    """Published, form unverified."""
    return Statement(1 - published_C * m**-gamma, (*USUAL, gamma < _HALF))


_STAYS = Quantity("stays", "P(no kink crosses)", r"\mathbb{P}[\text{no kink crosses}]")
_SHIFTED = Quantity("stays_shifted", "P(no kink crosses by tau), shifted by kappa/sqrt(m)",
                    r"\mathbb{P}[\text{no kink crosses by }\tau]")  # fmt: skip

CLAIMS = (
    Claim(
        "inconsistency/probability", f"(HS5), {SOURCE}", LOWER_PROBABILITY, _STAYS,
        probability, VOCABULARY, "as likely as the certificate, at least",
    ),
    Claim(
        "inconsistency/constant", f"(HS6), {SOURCE}", EXACT_LIMIT,
        Quantity("scaled_crossing", "sqrt(m) P(some kink crosses by tau)",
                 r"\sqrt{m}\,\mathbb{P}[\text{some kink crosses by }\tau]"),
        constant, VOCABULARY, "the odds of a crossing fall like C/sqrt(m)",
    ),
    Claim(
        "inconsistency/first-trip", f"(HS6), {SOURCE}", LOWER_PATHWISE,
        Quantity("crossing_constant", "C", r"C"),
        first_trip, VOCABULARY, "C, without the way back of the biases",
    ),
    Claim(
        "inconsistency/offset", f"(HS7), {SOURCE}", EXACT_LIMIT, _SHIFTED,
        offset, VOCABULARY, "with an offset kinks do cross, at huge width",
    ),
    Claim(
        "inconsistency/offset-of-equal-sides", f"(HS7), {SOURCE}", EXACT_LIMIT, _SHIFTED,
        offset_of_equal_sides, VOCABULARY, "the same in closed form",
    ),
    Claim(
        "inconsistency/published", "published, form unverified: Holzmueller & Steinwart "
        "(arXiv 2002.04861)", LOWER_PROBABILITY, _STAYS,
        published, VOCABULARY, "published, with constants of one's own",
    ),
)  # fmt: skip
