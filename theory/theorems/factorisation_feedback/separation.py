"""Errors under Gaussian feedback, against gradient descent: (LR6), (LR7), (LR9).

Gradient descent ends at the best approximation of rank r, of squared error sum_{i > r} sigma_i^2.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language import laws
from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_PATHWISE,
    LOWER_EXPECTATION,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.laws import BetaCdf
from theory.language.numeric import MaxOver
from theory.language.tables import Case, claims_of
from theory.theorems.factorisation_feedback.symbols import (
    SOURCE,
    VOCABULARY,
    J,
    N,
    c,
    eps,
    f,
    largest,
    p,
    r,
    s,
    sigma,
    smallest,
    tail,
    tau,
    tolerance,
    units,
    widths,
)

_i = sp.Symbol("i", integer=True, nonnegative=True)
_TWO_LEVELS = (s >= tau, p <= r, r <= N - p)


def expected() -> Statement:
    """(LR6): the least of the bounds of the range finder, over its oversampling."""
    each = (1 + _i / (units - _i - 1)) * tail[_i]
    return Statement(-MaxOver(-each, (_i, 0, units - 2)), index=units)


def rank_one() -> Statement:
    """(LR6), r = 1."""
    mean = tail[0] - sp.Sum(sigma[_i] ** 4 * J[_i], (_i, 0, N - 1))
    return Statement(mean, (sp.Eq(r, 1),), ceiling=tail[0])


def excess() -> Statement:
    """(LR7), any number of spikes."""
    shares = sp.Sum(1 / (1 + s / tau * f[c, _i]), (_i, 0, p - 1))
    return Statement((s - tau) * shares, _TWO_LEVELS)


def excess_law() -> Statement:
    """(LR7), one spike: (s - tau)/(1 + (s/tau) b/(1-b)), b ~ Beta(r/2, (N-r)/2)."""
    x = sp.Symbol("x", nonnegative=True)
    b = (s - tau - x) / (s - tau - x + x * s / tau)
    law = laws.Distribution(x, 1 - BetaCdf(r / 2, (N - r) / 2, b))
    return Statement(law, (s > tau, sp.Eq(p, 1), r <= N - 1))


def excess_mean() -> Statement:
    """(LR7), by Jensen's inequality."""
    bound = p * (s - tau) / (1 + s / tau * r / (N - p - r - 1))
    return Statement(bound, (*_TWO_LEVELS, p + r + 1 < N), ceiling=p * (s - tau))


def strong_signal() -> Statement:
    """(LR7), as many spikes as hidden units; equality as s/tau -> oo."""
    ratio = 1 + (1 - tau / s) * sp.Sum(1 / f[c, _i], (_i, 0, p - 1)) / (N - r)
    return Statement(ratio, (*_TWO_LEVELS, sp.Eq(p, r)))


def growth() -> Statement:
    """(LR7): the median ratio grows like r, at N = 8 r and a strong signal."""
    parts = {"lowest": 1 - tolerance, "highest": 1 + tolerance}
    return Statement(sp.S.Half, (widths >= 3, largest >= 8 * smallest), parts=parts)


_RATIO = r"\frac{\lVert R\rVert_F^2}{\sum_{i>r}\sigma_i^2}"
_EXCESS = r"\lVert R\rVert_F^2 - \sum_{i>r}\sigma_i^2"
_OVERLAP = r"\frac1r\operatorname{tr}(P_{\mathrm{GD}}P)"
CASES: Mapping[str, Case] = {
    "expected-error": (
        "LR6", expected, UPPER_EXPECTATION,
        Quantity("drawn_error", "E||Y(I - P)||_F^2", r"\mathbb{E}\lVert Y(I-P)\rVert_F^2"),
        "the error left, in the mean over Gaussian feedback",
    ),
    "expected-error/one-unit": (
        "LR6", rank_one, EXACT_EXPECTATION,
        Quantity("one_unit_error", "E||Y(I - P)||_F^2", r"\mathbb{E}\lVert Y(I-P)\rVert_F^2"),
        "its value for one hidden unit",
    ),
    "separation/exact": (
        "LR7", excess, EXACT_PATHWISE,
        Quantity("excess", "||R||_F^2 - sum_{i>r} sigma_i^2", _EXCESS),
        "what random feedback loses against gradient descent, on two levels",
    ),
    "separation/law": (
        "LR7", excess_law, EXACT_LAW,
        Quantity("excess_of_one", "||R||_F^2 - sum_{i>r} sigma_i^2", _EXCESS),
        "its law over Gaussian feedback, for one spike",
    ),
    "separation/mean": (
        "LR7", excess_mean, LOWER_EXPECTATION,
        Quantity("mean_excess", "E||R||_F^2 - sum_{i>r} sigma_i^2", rf"\mathbb{{E}}{_EXCESS}"),
        "and a lower bound of its mean",
    ),
    "separation/strong-signal": (
        "LR7", strong_signal, UPPER_PATHWISE,
        Quantity("ratio", "||R||_F^2/sum_{i>r} sigma_i^2", _RATIO),
        "the ratio of both errors where the spikes dominate",
    ),
    "separation/growth": (
        "LR7", growth, LOWER_PROBABILITY,
        Quantity("slope_of_ratio", "P(|slope of the median ratio in r - 1| <= tolerance)",
                 r"\mathbb{P}\left[\left|\text{slope} - 1\right|\le\text{tolerance}\right]"),
        "so no constant bounds it",
    ),
    "overlap": (
        "LR9", lambda: Statement((1 + eps) * r / N, (r < N,), index=N), UPPER_EXPECTATION,
        Quantity("overlap", "E tr(P_GD P)/r", rf"\mathbb{{E}}{_OVERLAP}"),
        "representations are nearly orthogonal",
    ),
    "overlap/error": (
        "LR9", lambda: Statement(1 + r * eps / (N - r), (r < N,)), UPPER_PATHWISE,
        Quantity("equal_error", "||R||_F^2/sum_{i>r} sigma_i^2", _RATIO),
        "at nearly equal error",
    ),
    "overlap/isotropic": (
        "LR9", lambda: Statement(r / N, (r < N,), ceiling=sp.S.One), EXACT_EXPECTATION,
        Quantity("isotropic_overlap", "E tr(P_r P)/r, all sigma_i = 1", rf"\mathbb{{E}}{_OVERLAP}"),
        "the overlap with any fixed r directions of an isotropic Y",
    ),
}  # fmt: skip

CLAIMS = claims_of("factorisation", CASES, VOCABULARY, SOURCE)
