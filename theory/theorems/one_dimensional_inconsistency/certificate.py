"""No kink will ever cross: a certificate after T_0 steps, and the bad local minimum behind it.

Setting
    As in `dynamics`, full batch. The recursion is run for T_0 steps (T_0 = 0 is allowed); all that
    follows is taken there. In the order al_+, be_+, al_-, be_-: M = blockdiag(M_+, M_-),
    R = M^{1/2}, A = C + blockdiag(S_s[1:2, 1:2] + S_s[3, 3] I) with C = 1 in the four places
    (be, be'), H = R A R = V diag(lam) V^T, z = R^{-1} u, k = V^T z. lam_j stands for
    (1 - |1 - eta lam_j|)/eta, which is lam_j while eta lam_j <= 1. Z_r = sum |k_j|/lam_j,
    ref = |R V| (|k|/lam); absolute values of matrices and vectors are entrywise.
    For U = (A_+, B_+, A_-, B_-), with g = A^2 + B^2 < 1 on each side,
    K = [[0, 0, A], [0, 0, B], [A, B, 0]], Dl = (I - K)^{-1} - I = (K + K^2)/(1 - g),
    d = Dl |th_i|, dS = Dl |S| + |S| Dl^T + Dl |S| Dl^T,
    Delta = dS[1:2, 1:2] + (dS[3, 3] + A (|S| + dS)[1, 3] + B (|S| + dS)[2, 3]) I,
    eps = || |R| blockdiag(Delta) |R| ||.

Statement
    If U >= ref + rownorms(R) (eps/lam_1) Z_r/(1 - eps/lam_1) with eps < lam_1, and for every i
    |b| + d_2 < xi (|a| - d_1), then no kink ever crosses, and for all t >= T_0
    (HS3) sum_{T_0 <= r < t} eta |u_r| <= ref + rownorms(R) (eps/lam_1) Z_r/(1 - eps/lam_1)
          |b_i(t)|/|a_i(t)| <= (|b_i| + d_2)/(|a_i| - d_1)
          L_t >= L_aff
          L_t - L_aff <= (1/2) (1 - eta (lam_1 - eps))^{2 (t - T_0)} ||z||^2.
    (HS4) So L_t -> L_aff. L >= L_aff in the whole cell |b_i| < xi |a_i|, which is open, and there
          the least eigenvalue of the Hessian is -max_s |u_s|, 0 in the limit: a local minimum.
          m >= n - 1 neurons reach L = 0.

    Proof. Exactly z' = (I - eta R A~ R) z, with A~ = A - eta blockdiag((S13 al + S23 be) I). By
    induction the sums are at most U. Ordered products of nonnegative matrices are at most
    (I - K)^{-1}, so |Phi - I| <= Dl entrywise, |A~_t - A| <= Delta, and variation of constants
    gives the sums back. In the cell f is affine on each side. The Hessian is J^T diag(mu) J of rank
    4 at most, plus a copy of Q_s for every neuron, whose least eigenvalue is -|u_s|; with 5
    neurons a side there is an eigenvector of it that J does not see.

Kind
    (HS3): **upper bound, pathwise**, twice, **lower bound, pathwise**, **upper bound, pathwise**;
    (HS4): **lower bound, pathwise**, **equalities, pathwise**.

Premises
    Those said above, as `gap` >= 0, `growth` < 1, `reach` < xi; M_s > 0, eta lam_max < 2, full
    batch; and that no kink has crossed by T_0, which is again known from the recursion, by (HS2).
    Without it the recursion is run on past a crossing, its biases come back, and networks that end
    below L_aff are certified.

Source
    (HS3), (HS4) derived. That descent "only finds a bad local minimum" and "essentially performs
    linear regression" is quoted from the abstract of Holzmueller & Steinwart (arXiv 2002.04861).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.theorems.one_dimensional_inconsistency.symbols import (
    SOURCE,
    T_0,
    VOCABULARY,
    A,
    B,
    L_aff,
    M_min,
    Z_r,
    Z_sq,
    abs_a,
    abs_b,
    abs_w,
    b_start,
    eps,
    eta,
    farthest,
    fewest,
    gap,
    growth,
    lam_1,
    lam_max,
    m,
    n,
    part,
    reach,
    ref,
    room,
    row,
    t,
    ties,
    turned,
    u_minus,
    u_plus,
    xi,
)

NOT_YET = room > 0
"""No kink has crossed by T_0."""

CERTIFIED = (
    NOT_YET, sp.Eq(b_start, 0), M_min > 0, sp.Eq(part, 0), eta * lam_max < 2, eps < lam_1,
    gap >= 0, growth < 1, reach < xi,
)  # fmt: skip


def sums() -> Statement:
    """(HS3), the way of the gradients."""
    return Statement(ref + row * (eps / lam_1) * Z_r / (1 - eps / lam_1), CERTIFIED)


def kinks_stay() -> Statement:
    """(HS3), one kink."""
    g = A**2 + B**2
    d_1 = (A * abs_w + A**2 * abs_a + A * B * abs_b) / (1 - g)
    d_2 = (B * abs_w + A * B * abs_a + B**2 * abs_b) / (1 - g)
    return Statement((abs_b + d_2) / (abs_a - d_1), CERTIFIED, parts={"d_1": d_1, "d_2": d_2})


def loss_floor() -> Statement:
    """(HS3), from below."""
    return Statement(L_aff, CERTIFIED)


def loss_rate() -> Statement:
    """(HS3), from above."""
    rate = (1 - eta * (lam_1 - eps)) ** (2 * (t - T_0))
    return Statement(rate * Z_sq / 2, (*CERTIFIED, t >= T_0), parts={"rate": rate})


def cell() -> Statement:
    """(HS4), around the network."""
    return Statement(L_aff, (farthest < xi, sp.Eq(turned, 0)))


def curvature() -> Statement:
    """(HS4), the Hessian."""
    return Statement(-sp.Max(u_plus, u_minus), (farthest < xi, fewest >= 5))


def interpolation() -> Statement:
    """(HS4), what a network can reach."""
    return Statement(sp.S.One, (m >= n - 1, sp.Eq(ties, 0)))


CLAIMS = (
    Claim(
        "inconsistency/sums", f"(HS3), {SOURCE}", UPPER_PATHWISE,
        Quantity("sums", "sum over the steps since T_0 of eta |al_s|, eta |be_s|",
                 r"\sum_{r} \eta |\alpha_s|, \sum_{r} \eta |\beta_s|"),
        sums, VOCABULARY, "how far gradients will ever carry",
    ),
    Claim(
        "inconsistency/certificate", f"(HS3), {SOURCE}", UPPER_PATHWISE,
        Quantity("farthest_kinks", "max over t >= T_0 of |b_i/a_i|",
                 r"\max_{t \ge T_0} |b_i/a_i|"),
        kinks_stay, VOCABULARY, "so far a kink comes, and never to a data point",
    ),
    Claim(
        "inconsistency/loss-floor", f"(HS3), {SOURCE}", LOWER_PATHWISE,
        Quantity("loss", "L_t", r"L_t", least=0.0),
        loss_floor, VOCABULARY, "descent never does better than two lines",
    ),
    Claim(
        "inconsistency/loss-rate", f"(HS3), {SOURCE}", UPPER_PATHWISE,
        Quantity("loss_gap", "L_t - L_aff", r"L_t - L_{\mathrm{aff}}"),
        loss_rate, VOCABULARY, "and tends to them",
    ),
    Claim(
        "inconsistency/local-minimum", f"(HS4), {SOURCE}", LOWER_PATHWISE,
        Quantity("loss_around", "L near the end of training", r"L(\theta_t + \delta)", least=0.0),
        cell, VOCABULARY, "nor does any network around it",
    ),
    Claim(
        "inconsistency/curvature", f"(HS4), {SOURCE}", EXACT_PATHWISE,
        Quantity("curvature", "least eigenvalue of the Hessian", r"\lambda_{\min}(\nabla^2 L)"),
        curvature, VOCABULARY, "there is no way down in the limit",
    ),
    Claim(
        "inconsistency/interpolation", f"(HS4), {SOURCE}", EXACT_PATHWISE,
        Quantity("explained", "1 - L/L(0) of a network with a kink at each input but one",
                 r"1 - L/L(0)"),
        interpolation, VOCABULARY, "though networks of this width fit all",
    ),
)  # fmt: skip
