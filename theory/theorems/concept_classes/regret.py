"""The ReLU network itself, trained on fresh samples: regret, a guarantee before training, slopes.

Setting
    As in `complexity`, x with E x x^T = I/d; f_W(x) = m^{-1/2} sum_r s_r relu(<w_r, x>), of
    which W alone is trained: W_{t+1} = W_t - eta l'_t grad f_{W_t}(x_t), l convex in f with
    |l''| <= 1: the squared loss e^2/2, or Huber's with threshold 1, for which |l'| <= 1.
    g_t(x) = <grad f_{W_t}(x), W*>. A neuron flips where its sign at x_t is not that at W_0.

Statement
    (AL3)  f_W(x) = <grad f_W(x), W>, and for every W*, width, kappa, with flips:
           sum_t l'_t (f_t - g_t) = (||W* - W_0||^2 - ||W* - W_T||^2)/(2 eta)
                                    + (eta/2) sum_t l'_t^2 ||grad f_t||^2,
           (1/T) sum_t l(f_t, y_t) <= (1/T) sum_t l(g_t, y_t) + ||W* - W_0||^2/(2 eta T)
                                      + (eta/(2T)) sum_t l'_t^2 ||grad f_t||^2,
           with equality for Huber's loss, all errors beyond 1, W* = W_T.
    (AL4)  G = min(1, 1/2 + sqrt(log(T/delta)/(2N))). But for a probability 2 delta no neuron flips
           up to T and at most G m are active at any x_t, once
           kappa >= sqrt(2/pi) (N T/delta) (eta/sqrt(m)) sqrt(T sum_t y_t^2/(1 - eta G))
           (squared loss, eta G < 1), kappa >= sqrt(2/pi) N T^2 eta/(delta sqrt(m)) (Huber's).
           Before training, with 1 for that event:
           E 1 (1/T) sum_t l_t <= (OPT + B^2/(2 d N) + B^2/(2 eta T))/(1 - eta G)   (squared),
           E 1 (1/T) sum_t l_t <= OPT + B^2/(2 d N) + B^2/(2 eta T) + eta G/2       (Huber's);
           of the runs in which the event happens the mean is at most 1/(1 - 2 delta) times that.
           So T of order B^2/eps^2 samples are enough, or B^2/eps where OPT = 0, whatever m.
    (AL5)  Without noise, in a sweep, the slope of the mean loss in log m lies within `tolerance` of
           0, that in log T is at most -1/2: P >= 1/2 each. The latter where training gets
           somewhere: at the largest T, B^2/(2 eta T) <= E F*^2/8 and eta T <= 4 d N; eta <= 2.
    Published, form unverified, C* = 10^4, with C in its place:
    (AL.P) (1/T) sum_t E l_t <= OPT + C C_s p/sqrt(T) for one output, m large, eta small.

    Proof. f is homogeneous of degree 1 in W, so l(f_t) - l(g_t) <= l'_t <grad f_t, W_t - W*>, and
    the distances telescope: nothing is linearised. (AL4): Hoeffding for active neurons, a union
    over the half-normal |<w_r, x_t>|; a neuron moves by at most (eta/sqrt(m)) sum_t |l'_t|,
    for Huber's loss at most eta T/sqrt(m), for the squared loss by (AL3) with W* = W_0, for which
    g_t = 0 up to the first flip. The error of g_0 has mean 0 over W_0, so for any law of labels its
    first order drops.

Kind
    **Equalities** and **upper bound, pathwise** (AL3); **lower bounds, with probability**; **upper
    bounds, in expectation** (AL4).

Premises
    (AL4), (AL5): pairs that start alike; fresh samples; kappa as stated; eta G < 1 for the squared
    loss. In (AL3) nothing: any data in any order. The slope in T is 0 to -1/2 where few steps, or
    few neurons, leave most of the loss, as for phi = z^3 at every T tried.

Source
    Derived, after Allen-Zhu, Li, Liang (arXiv 1811.04918): abstract quoted, theorems recalled.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of, probability
from theory.theorems.concept_classes.complexity import PAIRS, weighted
from theory.theorems.concept_classes.symbols import (
    OPT,
    PAPER,
    SOURCE,
    VOCABULARY,
    C,
    C_s,
    G,
    N,
    T,
    compared,
    d,
    delta,
    end,
    eta,
    euler,
    gradients,
    kappa,
    labels,
    largest,
    p,
    power,
    q,
    sizes,
    smallest,
    start,
    tolerance,
)

B_SQ = weighted(q)
ACTIVE = {G: sp.Min(1, sp.S.Half + sp.sqrt(sp.log(T / delta) / (2 * N)))}


def scale(travel: sp.Expr) -> sp.Expr:
    """The kappa at which no neuron flips, but for delta, if sums of |l'_t| stay below `travel`."""
    return sp.sqrt(2 / sp.pi) * N * T * eta * travel / (delta * sp.sqrt(2 * N))


KAPPA = scale(sp.sqrt(T * labels / (1 - eta * G)))
KAPPA_HUBER = scale(T)
SQUARED = (PAIRS, eta * G < 1, kappa >= KAPPA)
HUBER = (PAIRS, kappa >= KAPPA_HUBER)


def homogeneous() -> Statement:
    """(AL3), Euler."""
    return Statement(euler)


def telescoped() -> Statement:
    """(AL3), the distances."""
    return Statement((start - end) / (2 * eta) + eta * gradients / 2)


def regret() -> Statement:
    """(AL3)."""
    away, noise = start / (2 * eta * T), eta * gradients / (2 * T)
    parts = {"comparator": compared, "distance": away, "gradients": noise}
    return Statement(compared + away + noise, parts=parts)


def frozen() -> Statement:
    """(AL4), the event."""
    return Statement(1 - 2 * delta, SQUARED, definitions=ACTIVE, parts={"kappa_star": KAPPA})


def frozen_huber() -> Statement:
    """(AL4), the event."""
    return Statement(1 - 2 * delta, HUBER, parts={"kappa_star": KAPPA_HUBER})


def _guarantee(bound: sp.Expr, premises: tuple[sp.Basic, ...]) -> Statement:
    parts = {"B^2": B_SQ, "width": B_SQ / (2 * d * N), "samples": B_SQ / (2 * eta * T),
             "of frozen runs": bound / (1 - 2 * delta)}  # fmt: skip
    return Statement(bound, (*premises, 2 * delta < 1), definitions=ACTIVE, parts=parts)


def guarantee() -> Statement:
    """(AL4), squared loss."""
    known = OPT + B_SQ / (2 * d * N) + B_SQ / (2 * eta * T)
    return _guarantee(known / (1 - eta * G), SQUARED)


def guarantee_huber() -> Statement:
    """(AL4), Huber's loss."""
    known = OPT + B_SQ / (2 * d * N) + B_SQ / (2 * eta * T)
    return _guarantee(known + eta * G / 2, HUBER)


def published() -> Statement:
    """(AL.P), form unverified."""
    return Statement(OPT + C * C_s * p / sp.sqrt(T), (PAIRS, eta <= 1))


def _slope(lowest: sp.Expr, highest: sp.Expr, *premises: sp.Basic) -> Statement:
    parts = {"lowest": lowest, "highest": highest}
    return Statement(sp.S.Half, (PAIRS, sizes >= 3, largest >= 4 * smallest, *premises),
                     parts=parts)  # fmt: skip


def width() -> Statement:
    """(AL5), in m."""
    return _slope(-tolerance, tolerance, smallest >= 100)


def samples() -> Statement:
    """(AL5), in T."""
    learns = eta * largest * power >= 4 * B_SQ
    wide = 4 * d * N >= eta * largest
    return _slope(-1 - 2 * tolerance, -sp.S.Half, smallest >= 20, learns, wide, eta <= 2)


_MEAN = r"1\,\frac{1}{T}\sum_t \ell_t"
_CASES: dict[str, Case] = {
    "homogeneous": (
        "AL3", homogeneous, EXACT_PATHWISE, Quantity("output", "f_W(x)", "f_W(x)"),
        "why nothing need be linearised",
    ),
    "telescoped": (
        "AL3", telescoped, EXACT_PATHWISE,
        Quantity("telescoped", "sum_t l'_t (f_t - g_t)", r"\sum_t \ell'_t (f_t - g_t)"),
        "what training gains on a comparator",
    ),
    "regret": (
        "AL3", regret, UPPER_PATHWISE,
        Quantity("regret", "(1/T) sum_t l_t", r"\frac{1}{T}\sum_t \ell_t"),
        "regret of the ReLU network against any comparator",
    ),
    "frozen": (
        "AL4", frozen, LOWER_PROBABILITY,
        probability("frozen", "no flips, at most G m active neurons"),
        "patterns that stay, squared loss",
    ),
    "frozen-huber": (
        "AL4", frozen_huber, LOWER_PROBABILITY,
        probability("frozen_huber", "no flips, at most G m active neurons, Huber"),
        "patterns that stay, Huber's loss",
    ),
    "guarantee": (
        "AL4", guarantee, UPPER_EXPECTATION,
        Quantity("squared", "1 (1/T) sum_t l_t, squared loss", _MEAN),
        "the population loss before training, whatever the width",
    ),
    "guarantee-huber": (
        "AL4", guarantee_huber, UPPER_EXPECTATION,
        Quantity("huber", "1 (1/T) sum_t l_t, Huber's loss", _MEAN),
        "the same for Huber's loss",
    ),
    "width": (
        "AL5", width, LOWER_PROBABILITY,
        probability("slope_width", "the slope in m is near 0"), "the loss is flat in the width",
    ),
    "samples": (
        "AL5", samples, LOWER_PROBABILITY,
        probability("slope_samples", "the slope in T is below -1/2"), "and falls with samples",
    ),
    "published": (
        "AL.P", published, UPPER_EXPECTATION,
        Quantity("huber_all", "(1/T) sum_t l_t, Huber's loss", r"\frac{1}{T}\sum_t \ell_t"),
        "the published rate",
    ),
}  # fmt: skip

CLAIMS = claims_of("concepts", _CASES, VOCABULARY, SOURCE, f"published, form unverified: {PAPER}")
