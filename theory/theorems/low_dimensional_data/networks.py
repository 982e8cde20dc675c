"""Any network f(x) = g(W_1 x + b_1) on data in a subspace: what training never sees, exactly.

Setting
    P (d, k) and N (d, q), q = d - k: orthonormal bases of the subspace M and of its complement; all
    x_i in M. Any depth, activation and loss. W_1 has independent entries N(0, sigma^2), independent
    of all else; J(x) = dg/dz at z = W_1 x + b_1; f_t = prod_{s<t} (1 - eta_s omega) with weight
    decay omega and step sizes eta_s of any schedule, 1 without decay.

Statement
    (LD1)  W_1(t) N = f_t W_1(0) N
    (LD2)  ||N^T grad f_t(x)||^2/||J_t(x)||^2 ~ sigma^2 f_t^2 chi^2_q at every x in M, of mean
           q sigma^2 f_t^2; at two points N^T grad f_t has the covariance sigma^2 f_t^2 <J, J'> I:
           ||N^T (grad f_t(x) + grad f_t(x'))||^2/||J_t(x) + J_t(x')||^2 ~ sigma^2 f_t^2 chi^2_q
    One hidden ReLU layer, x in M, n a unit normal, r = sigma s f_t, z_j = <w_j, x> + b_j; over the
    part that is never trained, whose redraws leave the trained network on M as it is:
    (LD3)  E f(x + s n) = c + sum_j a_j [z_j Phi(z_j/r) + r phi(z_j/r)],
           Var f(x + s n) = sum_j a_j^2 ((z_j^2 + r^2) Phi + z_j r phi - [..]^2)

    Proof. Gradients of W_1 are sums of outer products with x_i, so what is orthogonal to M only
    decays; Adam divides entry by entry, which keeps zeros only along axes. The trajectory on M does
    not know W_1(0) N, which is independent of the rest: given J_t(x), N^T grad f_t(x) = f_t
    (W_1(0) N)^T J_t(x) is Gaussian. In (LD3) z_j is shifted by r times a standard normal number.

Kind
    (LD1): **equality, pathwise**; (LD2): **equalities in law**; (LD3): **equalities of means**.
    E f is tested on the neurons of each sign of a_j by itself, whose sums are not negative.

Premises
    Momentum without weight decay. Adam on a subspace of coordinate axes, without weight decay;
    AdamW there with any. (LD2): x on M (off M J depends on W_1 N), J(x) != 0, Gaussian W_1.
    (LD3): s > 0, f_t > 0.

Slips that hide
    Off M with random signs of the outer weights the law is wrong by less than a test sees.

Source
    After He, Tsai, Ward, Side-effects of Learning from Low-dimensional Data Embedded in a Euclidean
    Space (arXiv 2203.00614): that df/dn is sensitive to the untrainable parameters is theirs
    (quoted: project page); laws and constants are derived here.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_EXPECTATION, EXACT_LAW, EXACT_PATHWISE
from theory.language.laws import ChiSquared
from theory.theorems.low_dimensional_data.symbols import (
    VOCABULARY,
    J_sq,
    J_sum,
    a,
    a_part,
    adaptive,
    coupled,
    kept,
    kurtosis,
    m,
    m_part,
    momentum,
    off,
    q,
    rates,
    s,
    sigma,
    t,
    tilt,
    w_0,
    wd,
    z,
    z_part,
)

SOURCE = "after He, Tsai, Ward (arXiv 2203.00614)"
STEPS = (
    sp.Eq(momentum * wd, 0),
    sp.Eq(adaptive * tilt, 0),
    sp.Eq(adaptive * coupled * wd, 0),
)
"""Of the optimiser: those under which what is orthogonal to the data only decays."""

_i = sp.Symbol("i", integer=True, nonnegative=True)
KEPT = {kept: sp.Product(1 - rates[_i] * wd, (_i, 0, t - 1))}
_LAW = (*STEPS, sp.Eq(kurtosis, 0), sp.Eq(off, 0))
_j = sp.Symbol("j", integer=True, nonnegative=True)
_RADIUS = sigma * s * kept


def untrained_part() -> Statement:
    """(LD1)."""
    return Statement(kept * w_0, STEPS, KEPT)


def gradient() -> Statement:
    """(LD2), one point."""
    return Statement(sigma**2 * kept**2 * ChiSquared(q), (*_LAW, J_sq > 0), KEPT)


def two_points() -> Statement:
    """(LD2), the covariance at two points."""
    return Statement(sigma**2 * kept**2 * ChiSquared(q), (*_LAW, J_sum > 0), KEPT)


def moments(center: sp.Expr, radius: sp.Expr) -> list[sp.Expr]:
    """E relu(center + radius g)^i for i = 1, ..., 4, g standard normal."""
    ratio = center / radius
    Phi = (1 + sp.erf(ratio / sp.sqrt(2))) / 2
    phi = radius * sp.exp(-(ratio**2) / 2) / sp.sqrt(2 * sp.pi)
    x, r = center, radius
    return [
        x * Phi + phi,
        (x**2 + r**2) * Phi + x * phi,
        (x**3 + 3 * x * r**2) * Phi + (x**2 + 2 * r**2) * phi,
        (x**4 + 6 * x**2 * r**2 + 3 * r**4) * Phi + (x**3 + 5 * x * r**2) * phi,
    ]


def smoothed() -> Statement:
    """(LD3), the mean, of the neurons of one sign; far from kinks its variance cancels."""
    first, second, *_ = moments(z_part[_j], _RADIUS)
    over = (_j, 0, m_part - 1)
    return Statement(
        sp.Sum(a_part[_j] * first, over),
        (*STEPS, kept > 0),
        KEPT,
        variance=sp.Max(0, sp.Sum(a_part[_j] ** 2 * (second - first**2), over)),
    )


def spread() -> Statement:
    """(LD3), the variance; its own needs fourth moments."""
    first, second, third, fourth = moments(z[_j], _RADIUS)
    over = (_j, 0, m - 1)
    square = second - first**2
    power = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    total = sp.Sum(a[_j] ** 2 * square, over)
    excess = sp.Sum(a[_j] ** 4 * (power - 3 * square**2), over)
    return Statement(total, (*STEPS, kept > 0), KEPT, variance=sp.Max(0, excess + 2 * total**2))


_GRADIENT = r"\lVert N^\top \nabla f_t(x)\rVert^2/\lVert J_t(x)\rVert^2"

CLAIMS = (
    Claim(
        "subspace/untrained", f"(LD1), {SOURCE}", EXACT_PATHWISE,
        Quantity("untrained_part", "entries of W_1(t) N", r"(W_1(t) N)_{ji}"),
        untrained_part, VOCABULARY, "what is orthogonal to the data is never trained",
    ),
    Claim(
        "subspace/gradient", f"(LD2), {SOURCE}", EXACT_LAW,
        Quantity("gradient", "||N^T grad f_t(x)||^2/||J_t(x)||^2", _GRADIENT),
        gradient, VOCABULARY, "the transversal gradient after any training",
    ),
    Claim(
        "subspace/two-points", f"(LD2), {SOURCE}", EXACT_LAW,
        Quantity("sum_of_gradients",
                 "||N^T (grad f_t(x) + grad f_t(x'))||^2/||J_t(x) + J_t(x')||^2",
                 r"\frac{\lVert N^\top (\nabla f_t(x) + \nabla f_t(x'))\rVert^2}"
                 r"{\lVert J_t(x) + J_t(x')\rVert^2}"),
        two_points, VOCABULARY, "its covariance at two points",
    ),
    Claim(
        "subspace/smoothed", f"(LD3), {SOURCE}", EXACT_EXPECTATION,
        Quantity("part_off_subspace", "sum over one sign of |a_j| relu(<w_j, x + s n> + b_j)",
                 r"\sum_{\pm a_j > 0} |a_j| \sigma(\langle w_j, x + s n\rangle + b_j)"),
        smoothed, VOCABULARY, "off the subspace the mean network has a smoothed activation",
    ),
    Claim(
        "subspace/spread", f"(LD3), {SOURCE}", EXACT_EXPECTATION,
        Quantity("squared_deviation", "(f(x + s n) - E f(x + s n))^2",
                 r"(f(x + s n) - \mathbb{E} f(x + s n))^2"),
        spread, VOCABULARY, "and this is how far networks differ there",
    ),
)  # fmt: skip
