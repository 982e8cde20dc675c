"""Power iteration in the span of Hessians climbs, and its end is near a weight or far from it.

Setting
    That of `subspace`. P^ is the projection on any subspace of symmetric matrices, F^(x) =
    ||P^(x x^T)||^2 on the sphere. The iteration is x_{t+1} = y_t/||y_t||, y_t = P^(x_t x_t^T) x_t +
    gamma x_t. theta >= ||P^ - P||; alpha_k is the angle between x and w_k, sign free. The isolation
    s_k is the least ||(I - P)(w_k v^T + v w_k^T)||_F of unit v orthogonal to w_k.

Statement
    gamma >= 1/2: in any subspace, at every step,
    (FK.7)  F^(x_{t+1}) >= F^(x_t), and more exactly
    (FK.8)  F^(x_{t+1}) >= F^(x_t) + 4 (||y_t|| - F^(x_t) - gamma), at least F^(x_t)
    At every unit x, for every k, with r = sqrt(1 - F^(x)) + theta,
    (FK.9)  sin alpha_k (s_k cos alpha_k - sin alpha_k) <= r: a dichotomy
    (FK.10) where tan alpha_k <= s_k/(2 (1 + r)), tan alpha_k <= 2r/(s_k + sqrt(s_k^2 - 4r(1 + r)))
    Published, recalled, form unverified, C not stated:
    (FK.P)  uniform weights, m log(m)^2 <= C D^2: P(all weights are found) >= 1 - delta

    Proof. (FK.7), (FK.8): F^ + gamma ||x||^4 is convex, for <P^ b, c> >= (<b, c> - 1)/2 for unit
    rank-one b, c; its gradient at x is 4 y, <x, y> = F^ + gamma <= ||y||. (FK.9): dist(x x^T, W) <=
    r; x = cos w_k + sin v. (FK.10): with u the tangent, (1 + r) u^2 - s_k u + r >= 0, and u is not
    above the middle of its roots.

Kind
    (FK.7), (FK.8): **lower bounds, pathwise**; (FK.9), (FK.10): **upper bounds, pathwise**; (FK.P):
    **lower bound, with probability**.

Premises
    gamma >= 1/2: at gamma = 0 F^ may fall to 0, as in the span of diag(2, -1) from (1, sqrt 8)/3;
    in 150 random subspaces one step decreased it, at -1/2 most do.
    (FK.10): 4 r (1 + r) < s_k^2 and the near side of the dichotomy.

Sharpness
    (FK.9), (FK.10): equality in the limit as x nears w_k along the v that attains s_k; at the ends
    of iterations the bounds are 6 to 30 times the angle. There is no certificate that ends are
    near: spurious near-maxima appear as m comes close to the threshold of (FK.6).

Source
    Derived, after Fornasier et al. (arXiv 2211.04589); the iteration is that of Kileel & Pereira,
    as recalled. (FK.P) is what is recalled of the main theorem.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.theorems.network_identification.symbols import (
    PAPER,
    SOURCE,
    VOCABULARY,
    C,
    D,
    F,
    delta,
    gamma,
    m,
    r,
    rest,
    s_k,
    tangent,
    theta,
    y,
)

CONVEX = gamma >= sp.S.Half
_DISTANCE = {r: rest + theta}
NEAR = (4 * r * (1 + r) < s_k**2, tangent <= s_k / (2 * (1 + r)))
_CLIMB = Quantity("climb", "F^(x_{t+1})", r"\hat F(x_{t+1})")


def direction() -> Statement:
    """(FK.10)."""
    bound = 2 * r / (s_k + sp.sqrt(s_k**2 - 4 * r * (1 + r)))
    return Statement(bound, NEAR, _DISTANCE)


_CASES: Mapping[str, Case] = {
    "monotone": (
        "FK.7", lambda: Statement(F, (CONVEX,)), LOWER_PATHWISE, _CLIMB,
        "power iteration never goes down",
    ),
    "ascent": (
        "FK.8", lambda: Statement(F + 4 * (y - F - gamma), (CONVEX,)), LOWER_PATHWISE, _CLIMB,
        "and rises by what its step is long",
    ),
    "dichotomy": (
        "FK.9", lambda: Statement(r, (), _DISTANCE), UPPER_PATHWISE,
        Quantity("dichotomy", "sin alpha_k (s_k cos alpha_k - sin alpha_k)",
                 r"\sin\alpha_k\,(s_k\cos\alpha_k - \sin\alpha_k)"),
        "where F^ is large, a weight is near or far",
    ),
    "direction": (
        "FK.10", direction, UPPER_PATHWISE,
        Quantity("tangent", "tan alpha_k", r"\tan\alpha_k"),
        "how near",
    ),
    "published": (
        "FK.P", lambda: Statement(1 - delta, (m * sp.log(m) ** 2 <= C * D**2,)), LOWER_PROBABILITY,
        probability("found", "all weights are found"),
        "the published number of neurons",
    ),
}  # fmt: skip

CLAIMS = claims_of(
    "identification", _CASES, VOCABULARY, SOURCE, f"recalled, form unverified: {PAPER}"
)
