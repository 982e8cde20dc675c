"""Low-rank matrices in place of sparse vectors: the same scalar law, in every eigenvalue.

Setting
    x (d, d) with independent N(0, 1) entries, y = f(<x, B*>) + noise, B* symmetric of rank r with
    ||B*||_F = 1; Phi = (1/n) sum_i y_i (x_i + x_i^T)/2; W_0 = V_0 = alpha I,
    W_{k+1} = W_k + eta (Phi - B_k) W_k, V_{k+1} = V_k - eta (Phi - B_k) V_k, B = W W^T - V V^T;
    the flow likewise. sig_i is the i-th largest |eigenvalue| of Phi = Q diag(phi) Q^T.

Statement
    (FY7)  Q^T B_k Q = diag(b_k(phi_i)) with the scalar descent b_k, and in the flow
           diag(beta(phi_i, t)).
           P(||Phi - m B*||_op <= lam) >= 1 - delta, lam = a (sqrt(2 d) + sqrt(2 log(2/delta))).
           At the stop of that lam, but for delta,
           ||B_k - m B*||_F <= 2 sqrt(2 r) lam + ||(sig_i/(1 + o_i) + alpha^2)_{i<=r}||
                               + sqrt(d-r) epsilon.
           E ||B_k - m B*||_F^2/a^2 -> r (d-r) + r (r+1)/2 - 1 as n grows, with an error of order
           1/n: the dimension of the tangent space, but for the direction of B*.
    Published, form unverified, C not stated:
    (FY.M) E ||B_k - m B*||_F^2 <= C M_0^2 r d log(d)/n.

    Proof. W_k and V_k stay polynomials in Phi. The noise is a times a symmetrised Gaussian matrix
    off B*: Slepian's inequality, concentration, Weyl's inequality. To first order in a the best
    rank r of Phi moves by the noise projected on the tangent space; second orders are odd in it.

Slips that hide
    The error at the stop is three times below its limit: sqrt(r) for sqrt(2 r) is not refuted.

Kind
    **Equalities, pathwise**; **lower bounds, with probability**; **equality in the limit**.

Premises
    Those of vectors, with lam as here; inputs are independent. The limit: what separates B_k from
    the best rank r of Phi is below a^2/1000 in square.

Source
    Derived, after Fan, Yang, Yu (arXiv 2007.08322).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    Kind,
)
from theory.theorems.single_index_models.errors import GAUSSIAN, HAS_SLOPE
from theory.theorems.single_index_models.symbols import (
    M_0,
    SOURCE,
    VOCABULARY,
    C,
    a,
    alone,
    alpha,
    d,
    delta,
    eps,
    left,
    n,
    r,
    samples,
    speed,
)
from theory.theorems.single_index_models.trajectories import PUBLISHED, flow


def descent() -> Statement:
    """(FY7), the eigenvalues in descent."""
    return Statement(alone)


_LAM = a * (sp.sqrt(2 * d) + sp.sqrt(2 * sp.log(2 / delta)))


def norm() -> Statement:
    """(FY7), the noise."""
    return Statement(1 - delta, GAUSSIAN, parts={"lam": _LAM})


def error() -> Statement:
    """(FY7), the error."""
    premises = (*GAUSSIAN, r <= d, eps > alpha**2, speed <= sp.Rational(2, 5))
    return Statement(1 - delta, premises, parts={"lam": _LAM})


def tangent() -> Statement:
    """(FY7), the limit."""
    dimension = r * (d - r) + r * (r + 1) / 2 - 1
    premises = (*GAUSSIAN, r <= d, left <= sp.Rational(1, 1000))
    return Statement(dimension, premises, size=samples)


def published() -> Statement:
    """(FY.M), form unverified."""
    return Statement(C * M_0**2 * r * d * sp.log(d) / n, (*GAUSSIAN, HAS_SLOPE, d > 1))


_CLAIMS: dict[str, tuple[Callable[[], Statement], Kind, Quantity, str]] = {
    "flow": (
        flow, EXACT_PATHWISE,
        Quantity("matrix_flow", "entry of Q^T B(t) Q", r"(Q^\top B(t) Q)_{ij}"),
        "the flow of matrices",
    ),
    "descent": (
        descent, EXACT_PATHWISE,
        Quantity("matrix_entry", "entry of Q^T B_k Q", r"(Q^\top B_k Q)_{ij}"),
        "matrices descend eigenvalue by eigenvalue",
    ),
    "norm": (
        norm, LOWER_PROBABILITY,
        Quantity("matrix_norm", "P(||Phi - m B*||_op <= lam)",
                 r"\mathbb{P}\left[\lVert\Phi - mB^\ast\rVert_{op} \le \lambda\right]"),
        "the noise of the statistic",
    ),
    "selection": (
        error, LOWER_PROBABILITY,
        Quantity("matrix_selection", "P(||B_k - m B*||_F is within its limit)",
                 r"\mathbb{P}\left[\lVert B_k - mB^\ast\rVert_F \le \text{limit}\right]"),
        "the error at the stop",
    ),
    "oracle": (
        tangent, EXACT_LIMIT,
        Quantity("matrix_error", "||B_k - m B*||_F^2/a^2",
                 r"\lVert B_k - mB^\ast\rVert_F^2/a^2"),
        "as good as with the tangent space known",
    ),
}  # fmt: skip

CLAIMS = (
    *(
        Claim(f"index/matrix-{name}", f"(FY7), {SOURCE}", kind, quantity, build, VOCABULARY, words)
        for name, (build, kind, quantity, words) in _CLAIMS.items()
    ),
    Claim(
        "index/published-matrix", PUBLISHED,
        UPPER_EXPECTATION,
        Quantity("matrix_stopped", "||B_k - m B*||_F^2", r"\lVert B_k - mB^\ast\rVert_F^2"),
        published, VOCABULARY, "the published rate for matrices",
    ),
)  # fmt: skip
