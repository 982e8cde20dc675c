"""Feedback alignment converges, and without decay it does not align: certified before training.

Setting
    See `symbols`; no decay. Where a linear network is spoken of, the error is its part in the range
    of X; for ReLU it is all of e.

Statement
    Linear, gradient flow: a_0 = low + (<b, beta_0> - B2 s_0^2/2)/m > 0 gives
    (C.6)  ||e_t|| <= exp(-a_0 mu t) ||e_0|| for ALL t, whatever X and y are
    Linear, steps: a certificate is an a > 0 with R = ||X|| ||e_0||/(sqrt m a mu),
           b_min = <b, beta_0> + (B2/2) ((s_0 - R)_+^2 - s_0^2) - B2 eta ||e_0||^2/(2 m a)
           b_max = <b, beta_0> + (B2/2) ((s_0 + R)^2 - s_0^2)
           low + b_min/m >= a
           eta ||X||^2 (high + <b, beta_0>/m + (B2/m) (3/2 (s_0 + R)^2 - s_0^2/2)) <= 1
    (C.7)  ||e_k|| <= (1 - eta a mu)^k ||e_0|| for ALL k
    (C.8)  |cos(b, beta_k)| <= num/sqrt(num^2 + B2 b_p^2) for ALL k, num = max(|b_min|, |b_max|),
           once b_p = beta_p - ||W_p|| R > 0: no alignment without decay
           (beta_0 = 0 has beta_p = 0: there it says nothing)
    Gaussian W_0, beta_0, b of scale 1, l = sqrt(2 log(4/delta)):
    (C.9)  P(a_0 >= 1/4) >= 1 - delta once sqrt(m-1) - sqrt d - l >= 0 and
           (sqrt(m-1) - sqrt d - l)^2 - (sqrt m + l) l - (sqrt d + l)^2/2 >= m/4
    (C.10) so P(for all t: ||e_t|| <= exp(-mu t/4) ||e_0||) >= 1 - delta there: a width linear in d,
           free of n and of the targets
    ReLU, steps, a certificate: a > 0, rho = ||e_0||/a, e_psi = ||X||^2 |b| rho/m, with
           S_i = {r: |<w_r, x_i>| <= |b_r| ||X|| rho |x_i|/sqrt m}, psi_r = |psi(X w_r)|,
           nu_i = (1/m) sum_{r in S_i} (|b_r beta_r| + |b_r| psi_r rho/sqrt m),
           T_i = m^{-3/2} sum_r b_r psi(<w_r, x_i>) D_r X X^T D_r, H = (1/m) sum b_r beta_r D_r X
           X^T D_r, F_ij = |x_i.x_j| (nu_i + nu_j), all at the start:
           (sigma_min(Psi)/sqrt m - e_psi)_+^2 - ||H|| - rho ||[T_1..T_n]|| - ||F||
               - (B2/m^2) ||X||^4 rho^2 >= a,      eta (sigma_max(Psi)/sqrt m + e_psi)^2 <= 1
    (C.11) ||e_k|| <= (1 - eta a)^k ||e_0|| for ALL k
    Linear, flow or steps, beta_0 ~ N(0, I), m -> infinity:
    (C.12) E(||W_inf||^2 - ||W_0||^2)/2 -> (|theta*|^2 + rank X)/2, with an error of order 1/m: by
           (C.2) that is E<b, beta_inf - beta_0> of the flow, a constant, so cos ~ 1/m. (For other
           psi it is (y^T G^-1 K G^-1 y + tr G^-1 K)/2, G_ij = E psi(<w, x_i>) psi(<w, x_j>), K_ij =
           <x_i, x_j> E psi' psi'; with a kink the error is of order 1/sqrt m.)
    Published (form unverified; C free):
    (C.P1) m >= C n^2 log(n/delta)/gamma^2 gives
           P(for all k: ||e_k|| <= (1 - eta gamma/4)^k ||e_0||) >= 1 - delta

    Proof. (C.7) With s_t' = s_t + s_0, W^T W = W_p^T W_p + B2 s' s'^T, and (C.2) is <b, beta_{t+1}>
    = <b, beta_0> + (B2/2) (|s'_{t+1}|^2 - s_0^2 - sum_{k<=t} |ds_k|^2). Suppose A_k >= a I up to t.
    Then ||e_{k+1}||^2 <= ||e_k||^2 - eta a |h_k|^2, as A_k <= I/(eta ||X||^2), so sum eta |h_k|^2
    <= ||e_0||^2/a, and sum |ds_k| <= R. For the next step, eta a |h|^2 <= ||e||^2 follows from
    eta a ||X||^2 <= 1, which the two conditions imply. So A_{t+1} >= a I. (C.6) the same with
    eta -> 0, where |s'|^2 >= 0 suffices. (C.8) bounds both parts of beta_t. (C.9) Davidson-Szarek
    and three Gaussian tails, delta/4 each. (C.11) e_{k+1} = (I - eta (G_k + H_k)) e_k with secant
    slopes in [0, 1]; sum eta ||e|| <= rho keeps w_r within |b_r| ||X|| rho/sqrt m, so only S_i can
    flip; beta_r(k) = beta_r(0) + m^{-1/2} psi(X w_r(0)).E + a rest of |b_r| ||X||^2 rho^2/m, |E| <=
    rho. (C.12) is (C.2) at the first order in 1/m.

Kind
    (C.6), (C.7), (C.8), (C.11): **upper bounds, pathwise**; (C.9), (C.10), (C.P1): **lower bounds,
    with probability**; (C.12): **equality, in the limit**.

Source
    Derived, after the abstract of Song, Xu, Lafferty, Convergence and Alignment of Gradient Descent
    with Random Backpropagation Weights (NeurIPS 2021, arXiv 2106.06044): "the error converges to
    zero exponentially fast", "regularization is necessary in order for the parameters to become
    aligned". Their rate eta gamma/4 is recalled; the width in (C.P1) is a guess of its form.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_LIMIT, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.language.vocabulary import COUNT, NONNEGATIVE, POSITIVE
from theory.theorems.feedback_alignment.symbols import (
    B2,
    FIXED,
    LINEAR,
    RELU,
    SOURCE,
    UNVERIFIED,
    VOCABULARY,
    R,
    W_p,
    a,
    b_max,
    b_min,
    beta_p,
    beta_scale,
    correlation,
    d,
    delta,
    e0,
    eta,
    gamma,
    high,
    k,
    kurtosis,
    lam,
    low,
    m,
    mu,
    n,
    norm_X,
    overlap,
    s0,
    t,
    theta,
)

_s = VOCABULARY.symbol
sigma_min = _s(
    "sigma_min", "smallest singular value of Psi_0 = psi(X W_0^T), n of them", NONNEGATIVE
)
sigma_max = _s("sigma_max", "largest singular value of Psi_0", NONNEGATIVE)
norm_H = _s("norm_H", "norm of (1/m) sum_r b_r beta_r D_r X X^T D_r at the start", NONNEGATIVE)
norm_T = _s("norm_T", "norm of [T_1..T_n], what a moving second layer adds per rho", NONNEGATIVE)
norm_F = _s("norm_F", "norm of |x_i.x_j| (nu_i + nu_j): neurons that can flip", NONNEGATIVE)
rho = _s("rho", "||e_0||/a: the sum of eta ||e||", NONNEGATIVE)
e_psi = _s("e_psi", "how far Psi/sqrt m can move", NONNEGATIVE)
rank = _s("rank", "rank of X", COUNT)
C = _s("C", "constant of the published width", POSITIVE)

GAUSSIAN = (sp.Eq(kurtosis, 3), sp.Eq(correlation, 0), sp.Eq(beta_scale, 1))
_NO_DECAY = sp.Eq(lam, 0)


def trapped(before: tuple[sp.Basic, ...] = (*LINEAR, _NO_DECAY)) -> Statement:
    """The certificate of steps of a linear network, with the rate that it gives."""
    definitions = {
        R: norm_X * e0 / (sp.sqrt(m) * a * mu),
        b_min: overlap + B2 / 2 * (sp.Max(0, s0 - R) ** 2 - s0**2) - B2 * eta * e0**2 / (2 * m * a),
        b_max: overlap + B2 / 2 * ((s0 + R) ** 2 - s0**2),
    }
    largest = high + overlap / m + B2 / m * (3 * (s0 + R) ** 2 - s0**2) / 2
    premises = (*before, low + b_min / m >= a, eta * norm_X**2 * largest <= 1)
    rate = 1 - eta * a * mu
    return Statement(rate**k * e0, premises, definitions, parts={"rate": rate}, index=k)


def initial_rate() -> sp.Expr:
    """a_0."""
    return low + (overlap - B2 * s0**2 / 2) / m


def flow() -> Statement:
    """(C.6)."""
    rate = initial_rate()
    premises = (*LINEAR, _NO_DECAY, rate > 0)
    return Statement(sp.exp(-rate * mu * t) * e0, premises, parts={"rate": rate}, index=t)


def misaligned() -> Statement:
    """(C.8)."""
    found = trapped()
    most, off = sp.Max(sp.Abs(b_min), sp.Abs(b_max)), beta_p - W_p * R
    return Statement(most / sp.sqrt(most**2 + B2 * off**2), (*found.premises, off > 0),
                     found.definitions, index=k)  # fmt: skip


def width() -> Statement:
    """(C.9), (C.10)."""
    tail = sp.sqrt(2 * sp.log(4 / delta))
    least = sp.sqrt(m - 1) - sp.sqrt(d) - tail
    left = least**2 - (sp.sqrt(m) + tail) * tail - (sp.sqrt(d) + tail) ** 2 / 2
    premises = (*LINEAR, _NO_DECAY, *GAUSSIAN, least >= 0, left >= m / 4)
    return Statement(1 - delta, premises, parts={"rate": sp.Rational(1, 4)})


def relu() -> Statement:
    """(C.11)."""
    definitions = {rho: e0 / a, e_psi: norm_X**2 * sp.sqrt(B2) * rho / m}
    least = sp.Max(0, sigma_min / sp.sqrt(m) - e_psi) ** 2
    least += -norm_H - rho * norm_T - norm_F - B2 / m**2 * norm_X**4 * rho**2
    stable = eta * (sigma_max / sp.sqrt(m) + e_psi) ** 2 <= 1
    rate = 1 - eta * a
    return Statement(rate**k * e0, (*RELU, _NO_DECAY, least >= a, stable), definitions,
                     parts={"rate": rate}, index=k)  # fmt: skip


def mean_alignment() -> Statement:
    """(C.12)."""
    return Statement((theta**2 + rank) / 2, (*LINEAR, _NO_DECAY, *GAUSSIAN), size=m)


def published() -> Statement:
    """(C.P1), form unverified."""
    needed = C * n**2 * sp.log(n / delta) / gamma**2
    premises = (*FIXED, _NO_DECAY, *GAUSSIAN, m >= needed)
    return Statement(1 - delta, premises, parts={"width": needed, "rate": 1 - eta * gamma / 4})


_ERROR, _COS = r"\lVert e_k\rVert", r"|\cos(b, \beta_k)|"
_CASES: Mapping[str, Case] = {
    "flow-rate": (
        "C.6", flow, UPPER_PATHWISE, Quantity("flow_error", "||e_t||", r"\lVert e_t\rVert"),
        "the flow of a linear network converges, from its start alone",
    ),
    "rate": (
        "C.7", trapped, UPPER_PATHWISE, Quantity("error", "||e_k||", _ERROR),
        "so do steps: a linear network, certified before training",
    ),
    "misaligned": (
        "C.8", misaligned, UPPER_PATHWISE, Quantity("alignment", "|cos(b, beta_k)|", _COS),
        "without decay it never aligns",
    ),
    "width": (
        "C.9", width, LOWER_PROBABILITY, probability("initial_rate", "a_0 >= 1/4"),
        "the rate, from a width linear in d",
    ),
    "convergence": (
        "C.10", width, LOWER_PROBABILITY,
        probability("convergence", "for all t: ||e_t|| <= exp(-mu t/4) ||e_0||"),
        "the flow converges, with no measured premise",
    ),
    "relu-rate": (
        "C.11", relu, UPPER_PATHWISE, Quantity("relu_error", "||e_k||", _ERROR),
        "a ReLU network, certified before training",
    ),
    "mean-alignment": (
        "C.12", mean_alignment, EXACT_LIMIT,
        Quantity("gain", "E(||W_inf||^2 - ||W_0||^2)/2",
                 r"\mathbb{E}(\lVert W_\infty\rVert^2 - \lVert W_0\rVert^2)/2"),
        "what alignment there is does not grow with the width",
    ),
    "published-rate": (
        "C.P1", published, LOWER_PROBABILITY,
        probability("published_rate", "for all k: ||e_k|| <= (1 - eta gamma/4)^k ||e_0||"),
        "published, form unverified",
    ),
}  # fmt: skip

CLAIMS = claims_of("feedback", _CASES, VOCABULARY, SOURCE, UNVERIFIED)
