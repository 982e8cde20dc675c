"""Every coordinate by itself: its flow in closed form, descent between two such curves, and when.

Setting
    The loss <b, b> - (2/n) sum_i y_i <b, S(x_i)> with b = w o w - v o v and S the score falls apart
    into coordinates. With phi a coordinate of Phi = (1/n) sum_i S(x_i) y_i,
    w_{k+1} = w_k + eta (phi - b_k) w_k,  v_{k+1} = v_k - eta (phi - b_k) v_k,  w_0 = v_0 = alpha
    (a gradient step of size eta/4 on that loss), and the flow w' = (phi - b) w, v' = -(phi - b) v.

Statement
    R = sqrt(phi^2 + 4 alpha^4), q = 2 alpha^2/(|phi| + R), E = exp(-2 R t).
    (FY1)  In the flow w v = alpha^2, and
           b(t) = beta(phi, t) := phi (1 - E) q ((1+q)^2 + (1-q)^2 E)
                                  / ((q (1+q) + (1-q) E) (1 + q - q (1-q) E)).
    (FY2)  In descent, with eta R <= 2/5 and c = (1 + eta |phi|/2)/(1 - 2 eta R - eta^2 phi^2/4):
           w_k v_k = alpha^2 prod_{i<k} (1 - eta^2 (phi - b_i)^2)
           (w_k v_k/alpha^2) beta(|phi|, eta k) <= sign(phi) b_k <= beta(|phi|, c eta k)
           and explicitly, for |phi| > alpha^2 and 1/o_k = (|phi|/alpha^2 - 1)(1 + 2 eta |phi|)^-k,
           |phi|/(1 + 1/o_k) - alpha^2 <= sign(phi) b_k
             <= min(|phi|, alpha^2 ((1 + eta |phi|)^(2k) - (1 - eta |phi|)^(2k))).
    (FY5)  So a coordinate of size `noise` stays within epsilon for the first
           log(epsilon/alpha^2)/(2 log(1 + eta noise)) steps, and one of size `signal` lacks no more
           than `near` from step log((signal/alpha^2 - 1)(signal/(near - alpha^2) - 1))
           /log(1 + 2 eta signal) on. Between the two is the window for stopping. For small steps it
           is open if signal/noise > (log(signal/alpha^2) + log(signal/near))/log(epsilon/alpha^2):
           the nearer to the origin the start, the weaker the signals that are told from noise.
    Published, form unverified, C_1, C_2 not stated, with s_m the smallest |b*_j| on the support:
    (FY.1) signals are found by step C_1 log(1/alpha)/(eta (|m| s_m - M_0 sqrt(log p/n)));
    (FY.2) noise stays away until step C_2 log(1/alpha) sqrt(n/log p)/(M_0 eta).

    Proof. y = w/v obeys y' = 2 (phi - alpha^2 (y - 1/y)) y, a Riccati equation with the roots 1/q
    and -q for phi >= 0. log y moves by 2 artanh(eta e) >= 2 eta e, and e = phi - b falls: the lower
    end. e_{k+1} = e_k (1 - 2 eta z_k - eta^2 e_k b_k), z = w^2 + v^2 <= sqrt(b^2 + 4 alpha^4): the
    upper end. w^2/phi dominates the logistic map, whose odds grow by at least 1 + 2 eta phi;
    alpha (1 - eta phi)^k <= v_k and w_k <= alpha (1 + eta phi)^k.

Kind
    **Equality, pathwise** (the flow, both products); **lower** and **upper bound, pathwise**.

Premises
    eta R <= 2/5. Any Phi: of drawn data, of real data, or any other numbers. The window: both sizes
    above alpha^2, `noise` above epsilon (else it never gets there), `signal` above near > alpha^2.

Source
    Derived, after Fan, Yang, Yu (arXiv 2007.08322), whose algorithm this is (recalled).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy.codegen.cfunctions import expm1

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE, Kind
from theory.theorems.single_index_models.symbols import (
    C_1,
    C_2,
    M_0,
    SOURCE,
    VOCABULARY,
    alpha,
    eps,
    eta,
    k,
    kept,
    mu,
    n,
    near,
    noise,
    p,
    phi,
    shrunk,
    signal,
    t,
    weakest,
)

R = sp.Symbol("R", positive=True)
q = sp.Symbol("q", positive=True)
ROOTS = {R: sp.sqrt(phi**2 + 4 * alpha**4), q: 2 * alpha**2 / (sp.Abs(phi) + R)}

SMALL_STEPS = (eta * R <= sp.Rational(2, 5),)
_SIZE = sp.Abs(phi)
_SEEN = alpha**2 < _SIZE


def beta(at: sp.Expr, time: sp.Expr) -> sp.Expr:
    """(FY1), in R and q, of which no two terms cancel."""
    E = sp.exp(-2 * R * time)
    above = q * ((1 + q) ** 2 + (1 - q) ** 2 * E)
    below = (q * (1 + q) + (1 - q) * E) * (1 + q - q * (1 - q) * E)
    return -at * expm1(-2 * R * time) * above / below


def flow() -> Statement:
    """(FY1)."""
    return Statement(beta(phi, t), definitions=ROOTS)


def flow_product() -> Statement:
    """(FY1), what is conserved."""
    return Statement(alpha**2)


def product() -> Statement:
    """(FY2), what is left of it in steps."""
    return Statement(alpha**2 * kept)


def at_least() -> Statement:
    """(FY2)."""
    return Statement(shrunk * beta(_SIZE, eta * k), SMALL_STEPS, definitions=ROOTS, index=k)


def at_most() -> Statement:
    """(FY2)."""
    c = (1 + eta * _SIZE / 2) / (1 - 2 * eta * R - eta**2 * phi**2 / 4)
    return Statement(
        beta(_SIZE, c * eta * k), SMALL_STEPS, definitions=ROOTS, parts={"c": c}, index=k
    )


def simply_at_least() -> Statement:
    """(FY2), without exponentials."""
    over = (_SIZE / alpha**2 - 1) * (1 + 2 * eta * _SIZE) ** (-k)
    return Statement(
        _SIZE / (1 + over) - alpha**2, (_SEEN, *SMALL_STEPS), definitions=ROOTS,
        parts={"1/o": over},
    )  # fmt: skip


def simply_at_most() -> Statement:
    """(FY2), without exponentials."""
    grown = alpha**2 * ((1 + eta * _SIZE) ** (2 * k) - (1 - eta * _SIZE) ** (2 * k))
    return Statement(sp.Min(_SIZE, grown), (_SEEN, *SMALL_STEPS), definitions=ROOTS)


def stop(size: sp.Expr) -> sp.Expr:
    """Steps for which a coordinate of noise stays within epsilon."""
    return sp.log(eps / alpha**2) / (2 * sp.log(1 + eta * size))


_ARRIVAL = sp.log((signal / alpha**2 - 1) * (signal / (near - alpha**2) - 1)) / sp.log(
    1 + 2 * eta * signal
)
_FINDS = (
    near > alpha**2,
    signal > near,
    eta * sp.sqrt(signal**2 + 4 * alpha**4) <= sp.Rational(2, 5),
)
_STAYS = (
    eps > alpha**2,
    noise > eps,
    eta * sp.sqrt(noise**2 + 4 * alpha**4) <= sp.Rational(2, 5),
)


def first() -> Statement:
    """(FY5): the first whole number of steps from there on; 0 where it lacks no more before."""
    return Statement(sp.Max(_ARRIVAL, 0) + 1, _FINDS)


def last() -> Statement:
    """(FY5)."""
    return Statement(stop(noise) - 1, _STAYS)


def window() -> Statement:
    """(FY5)."""
    parts = {"opens": _ARRIVAL, "closes": stop(noise)}
    return Statement(stop(noise) - sp.Max(_ARRIVAL, 0) - 2, (*_FINDS, *_STAYS), parts=parts)


_NOISE = M_0 * sp.sqrt(sp.log(p) / n)


def published_first() -> Statement:
    """(FY.1), form unverified."""
    rate = eta * (weakest - _NOISE)
    return Statement(
        C_1 * sp.log(1 / alpha) / rate, (sp.Ne(mu, 0), alpha < 1, weakest > _NOISE, signal > near)
    )


def published_last() -> Statement:
    """(FY.2), form unverified."""
    bound = C_2 * sp.log(1 / alpha) / (eta * _NOISE)
    return Statement(bound, (sp.Ne(mu, 0), alpha < 1, weakest > 0, p > 1, noise > eps))


_COORDINATE = Quantity("coordinate", "sign(phi) b_k", r"\mathrm{sign}(\phi)\, b_k")
_CLAIMS: dict[str, tuple[str, Callable[[], Statement], Kind, Quantity, str]] = {
    "flow": (
        "FY1", flow, EXACT_PATHWISE, Quantity("flow", "b(t) of the flow", "b(t)"),
        "every coordinate in closed form",
    ),
    "flow-product": (
        "FY1", flow_product, EXACT_PATHWISE,
        Quantity("flow_product", "w(t) v(t) of the flow", "w(t) v(t)"), "what the flow conserves",
    ),
    "product": (
        "FY2", product, EXACT_PATHWISE, Quantity("product", "w_k v_k", "w_k v_k"),
        "what steps leave of it",
    ),
    "at-least": ("FY2", at_least, LOWER_PATHWISE, _COORDINATE, "descent is behind its flow"),
    "at-most": ("FY2", at_most, UPPER_PATHWISE, _COORDINATE, "by no more than this"),
    "simply-at-least": (
        "FY2", simply_at_least, LOWER_PATHWISE, _COORDINATE, "a signal grows at least so fast",
    ),
    "simply-at-most": (
        "FY2", simply_at_most, UPPER_PATHWISE, _COORDINATE, "and noise at most so fast",
    ),
    "first": (
        "FY5", first, UPPER_PATHWISE,
        Quantity("first", "steps until b_k >= signal - near", r"\min\{k: b_k \ge s - n\}"),
        "when signals are found",
    ),
    "last": (
        "FY5", last, LOWER_PATHWISE,
        Quantity("last", "last step with b_k <= epsilon", r"\max\{k: b_k \le \epsilon\}",
                 least=0.0),
        "until when noise stays away",
    ),
    "window": (
        "FY5", window, LOWER_PATHWISE,
        Quantity("window", "steps between the two", r"\text{last} - \text{first}"),
        "the window for stopping",
    ),
}  # fmt: skip

PUBLISHED = "published, form unverified: Fan, Yang, Yu (arXiv 2007.08322)"

CLAIMS = (
    *(
        Claim(f"index/{name}", f"({code}), {SOURCE}", kind, quantity, build, VOCABULARY, words)
        for name, (code, build, kind, quantity, words) in _CLAIMS.items()
    ),
    Claim(
        "index/published-first", PUBLISHED, UPPER_PATHWISE, _CLAIMS["first"][3],
        published_first, VOCABULARY, "the published start of the window",
    ),
    Claim(
        "index/published-last", PUBLISHED, LOWER_PATHWISE, _CLAIMS["last"][3],
        published_last, VOCABULARY, "its published end",
    ),
)  # fmt: skip
