"""Linear networks on data in a subspace: what depth does to the transversal gradient, and escape.

Setting
    Plain gradient descent with step eta on the mean of (f - y)^2/2, y = <beta, x>, x_i in M.
    One hidden layer: f = a^T W x, beta_t = P^T W^T a, K = (W P)(W P)^T - a a^T (m, m).
    A chain of L layers: f = a^{L-1} <w, x>, the L - 1 scalars equal; w = w_M + w_perp.

Statement
    (LD4)  K_t = K_0 + eta^2 sum (g_W g_W^T - g_a g_a^T), the gradients of the steps so far, and so
           (-k_max + sqrt(k_max^2 + 4 ||beta_t||^2))/2 <= ||a||^2
                <= (-k_min + sqrt(k_min^2 + 4 ||beta_t||^2))/2,
           k_min and k_max the extreme ones of all m eigenvalues of K_t. By (LD2) with J = a,
           ||N^T grad f||^2 ~ sigma^2 ||a||^2 chi^2_q: from a small start its mean is sigma^2 q
           ||beta||.
           Chain: with y = ||N^T grad f||/||w_perp(0)|| (= a^{L-1}),
           ||beta_t||^2 = y^2 (y^{2/(L-1)} + delta_0 + eta^2 sum (||g_w||^2 - g_a^2)),
           delta_0 = ||w_M||^2 - a^2 at the start; balanced (delta_0 = 0), as eta -> 0 and t -> oo:
           y -> ||beta||^{(L-1)/L}: depth damps targets of norm < 1 and amplifies those > 1.
    (LD7)  A balanced chain in one dimension, every layer of size start, inputs of variance s_sq:
           the time eta t until a^L >= beta/2 is at least
               (start^{2-L} - (beta/2)^{(2-L)/L})/(s_sq beta (L-2)),  L >= 3,
               log(beta/(2 start^2))/(2 s_sq beta),                   L = 2,
           and as eta -> 0 it is int_{start^L}^{beta/2} dp/(s_sq L p^{2-2/L} (beta - p)).
    Published: (LD.P) it takes exponentially long in the reciprocal of the variance, at least
           c_1 exp(c_2/s_sq), constants free, form unverified. The time is of order 1/s_sq instead.

    Proof. W' = W - eta a r^T, a' = a - eta W r, r the gradient in beta: the terms of order eta of
    W W^T - a a^T cancel. ||a||^4 + a^T K a = ||beta_t||^2. (LD7): below beta a step is at most that
    of a' = s_sq beta a^{L-1}, whose right side grows, so descent lags behind its flow.

Kind
    (LD4): **equality, pathwise**, **upper and lower bound, pathwise**, **equality, pathwise**, **in
    the limit** of small steps; (LD7): **lower bound, pathwise**, **in the limit** of small steps.

Premises
    start^L < beta/2. In the limits the largest step is one of descent near the target, where its
    rate is L lambda beta^{2-2/L} with lambda the variance.

Source
    Derived, after the depth of linear networks and the escape from the origin in He, Tsai, Ward
    (arXiv 2203.00614).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_LIMIT, EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.theorems.low_dimensional_data.networks import SOURCE
from theory.theorems.low_dimensional_data.symbols import (
    K_0,
    VOCABULARY,
    B,
    L,
    N,
    beta,
    beta_sq,
    c_1,
    c_2,
    delta_0,
    drift,
    eta,
    k_max,
    k_min,
    lam_max,
    perp,
    s_sq,
    start,
    transversal,
)

TERMS = 60
"""Of the series in (p/beta)^i <= 2^-i."""

_SMALL = start**L < beta / 2


def balance() -> Statement:
    """(LD4), what descent keeps, with its defect."""
    return Statement(K_0 + eta**2 * drift)


def outer(k: sp.Expr) -> Statement:
    """(LD4), ||a||^2 where K = k."""
    return Statement((-k + sp.sqrt(k**2 + 4 * beta_sq)) / 2)


def chain() -> Statement:
    """(LD4), a chain of any balance."""
    y = transversal / perp
    bound = y**2 * (y ** (2 / (L - 1)) + delta_0 + eta**2 * drift)
    return Statement(bound, (L >= 2,), parts={"y": y})


def depth() -> Statement:
    """(LD4), a balanced chain."""
    slow = L * lam_max * B ** (2 - 2 / L) <= N
    return Statement(B ** ((L - 1) / L), (L >= 2, sp.Eq(delta_0, 0), slow), size=N)


def escape_at_least() -> Statement:
    """(LD7), for descent with any step."""
    half = beta / 2
    deep = (start ** (2 - L) - half ** ((2 - L) / L)) / (s_sq * beta * (L - 2))
    two = sp.log(half / start**2) / (2 * s_sq * beta)
    return Statement(sp.Piecewise((two, sp.Eq(L, 2)), (deep, True)), (L >= 2, _SMALL))


def escape_time() -> Statement:
    """(LD7), for small steps: the integral by the series of 1/(beta - p)."""
    half, low, power = beta / 2, start**L, 2 / L - 1
    i = sp.Symbol("i", integer=True, nonnegative=True)
    first = sp.Piecewise(
        (sp.log(half / low), sp.Eq(L, 2)),
        ((half**power - low**power) / power, True),
    )
    rest = sp.Sum((half ** (i + power) - low ** (i + power)) / ((i + power) * beta**i),
                  (i, 1, TERMS))  # fmt: skip
    bound = (first + rest) / (s_sq * L * beta)
    slow = L * s_sq * beta ** (2 - 2 / L) <= N
    return Statement(bound, (L >= 2, _SMALL, slow), size=N)


def published_escape() -> Statement:
    """(LD.P), form unverified."""
    return Statement(c_1 * sp.exp(c_2 / s_sq), (_SMALL,))


_OUTER = Quantity("outer_weights", "||a||^2", r"\lVert a\rVert^2", least=0.0)
_ESCAPE = Quantity("escape_time", "eta t until a^L >= beta/2", r"\eta t_{1/2}", least=0.0)

CLAIMS = (
    Claim(
        "subspace/balance", f"(LD4), {SOURCE}", EXACT_PATHWISE,
        Quantity("balance", "entries of K = W P P^T W^T - a a^T", "K_{ij}"),
        balance, VOCABULARY, "what two linear layers keep, with the defect of descent",
    ),
    Claim(
        "subspace/outer-at-most", f"(LD4), {SOURCE}", UPPER_PATHWISE, _OUTER,
        lambda: outer(k_min), VOCABULARY, "so the outer layer, and the transversal gradient",
    ),
    Claim(
        "subspace/outer-at-least", f"(LD4), {SOURCE}", LOWER_PATHWISE, _OUTER,
        lambda: outer(k_max), VOCABULARY, "from below",
    ),
    Claim(
        "subspace/chain", f"(LD4), {SOURCE}", EXACT_PATHWISE,
        Quantity("chain", "||beta_t||^2", r"\lVert\beta_t\rVert^2"),
        chain, VOCABULARY, "any depth: the transversal gradient follows from the map on the data",
    ),
    Claim(
        "subspace/depth", f"(LD4), {SOURCE}", EXACT_LIMIT,
        Quantity("transversal_of_chain", "||N^T grad f||/||w_perp(0)||",
                 r"\lVert N^\top\nabla f\rVert/\lVert w_\perp(0)\rVert"),
        depth, VOCABULARY, "depth damps targets of norm below 1 and amplifies others",
    ),
    Claim(
        "subspace/escape-at-least", f"(LD7), {SOURCE}", LOWER_PATHWISE, _ESCAPE,
        escape_at_least, VOCABULARY, "a chain leaves the origin slowly",
    ),
    Claim(
        "subspace/escape-time", f"(LD7), {SOURCE}", EXACT_LIMIT,
        Quantity("escape_times", "eta t until a^L = beta/2, at N steps per unit of time",
                 r"\eta t_{1/2}"),
        escape_time, VOCABULARY, "in this time, for small steps",
    ),
    Claim(
        "subspace/published-escape",
        "published, form unverified: exponential in 1/variance, He, Tsai, Ward (arXiv 2203.00614)",
        LOWER_PATHWISE, _ESCAPE, published_escape, VOCABULARY,
        "published, with constants of one's own: not seen",
    ),
)  # fmt: skip
