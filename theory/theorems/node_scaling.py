"""Unequal node scalings: gradient flow and descent of f = sum_j sqrt(lambda_j) a_j relu(<w_j, x>).

Setting
    m hidden nodes with scalings lambda_j = gamma/m + (1-gamma) l_j/sum_k l_k, so they sum to 1 and
    lambda_j >= gamma/m; signs a_j = +-1, w_j ~ N(0, kappa^2 I), rows ||x_i|| <= 1. Loss ||e||^2/2.
    Kernels Theta = sum_j lambda_j D_j G D_j >= gamma H, H = (1/m) sum_j D_j G D_j; lambda and
    theta_0 are the smallest eigenvalues of H and Theta at the start, lambda_0 that of H at
    infinite width, g the norm of |G|.

Statement
    Certificate of gradient flow: nu in (0, lambda/(2g)), mu = lambda - 2 nu g, rho = ||X|| ||e_0||/
    (gamma mu), and for every i at most nu m nodes have |<w_j(0), x_i>| <= sqrt(lambda_j) rho. Then
    for ALL t >= 0
    (B.1)  ||e_t||^2 <= exp(-2 gamma mu t) ||e_0||^2
    (B.2)  ||w_j(t) - w_j(0)|| <= sqrt(lambda_j) rho
    (B.3)  lambda_min(Theta_t) >= gamma mu
    Certificate of gradient descent: eta ||X||^2 <= 1, omega in (0, theta_0/(2g)), mu' = theta_0 -
    2 omega g, rho' = ||X|| ||e_0||/mu', and for every i the nodes with |<w_j(0), x_i>| <=
    sqrt(lambda_j) rho' have scalings of sum omega at most. Then for ALL k >= 0
    (B.4)  ||e_k||^2 <= (1 - eta mu')^{2k} ||e_0||^2
    (B.5)  ||w_j(k) - w_j(0)|| <= sqrt(lambda_j) rho'
    gamma = 1 is the NTK parametrisation: an initialisation certificate for gradient descent.
    (B.6)  Pairs of equal nodes with opposite signs and equal scalings (e_0 = -y), lambda =
           (1-epsilon) lambda_0, nu = lambda/(4g): P(the certificate of gradient flow holds) >=
           1 - delta once m >= m* = max of
               kernel   2 ||G|| log(2n/delta)/(lambda_0 ((1-epsilon) log(1-epsilon) + epsilon))
               travel   (16 sqrt(2/pi) g ||X|| ||y||/(kappa gamma lambda^2))^2
               count    12 log(2n/delta)/nu
    (B.7)  So P(for all t: ||e_t||^2 <= exp(-gamma lambda t) ||y||^2) >= 1 - delta once m >= m*.
    Feature learning of gradient descent: P(|slope - exponent| <= tolerance) >= 1/2 for the slope of
    a width sweep of what training changed, with l_j = j^{-1/alpha}, 0 < alpha < 1:
    (B.8)  max_j ||w_j - w_j(0)||: exponent -1/2 where gamma = 1, (B.9) 0 where gamma < 1
    (B.10) ||Theta - Theta_0||: exponent -1/2 where gamma = 1, (B.11) 0 where gamma < 1
    Pruning: K a set of pairs that is kept, lambda(K) the sum of its scalings, f^K the trained
    network with the others cut off. For ALL times and EVERY x
    (B.12) |f_t(x) - f_t^K(x)| <= rho ||x|| (1 - lambda(K)), by flow, and with rho' by descent;
           <= ||x|| sum over cut nodes of sqrt(lambda_j) ||w_j(t) - w_j(0)||, with no certificate
    (B.13) P(|slope - 2| <= tolerance) >= 1/2 for the slope of the training loss of f^K in 1 -
           lambda(K), the k largest pairs kept: where gamma < 1 few pairs do. In k the slope
           2 (1 - 1/alpha) takes gamma far below k^{1 - 1/alpha}: at gamma = 0.1 and alpha = 1/2 it
           is about -1 up to k = 8. Seen: 1.98, 1.9, 1.8 at gamma = 1, 0.5, 0.1, medians.
    (B.T)  Transfer: P(training lowers the risk of ridge regression with the kernel on a second
           task of the same inputs) >= 1/2. Seen on digits: in 66, 55, 57 of 100 draws at gamma =
           1, 0.5, 0.1; the risk itself is least at gamma = 1. No more than that is claimed.
    Published (constants unverified but for the first width and the displacement), with inputs
    scaled by 1/sqrt(d), so kappa_n = lambda_0/d and their time is d t; D_0^2 = 2 C^2 + 2/d,
    |y_i| <= C, kappa = 1:
    (B.P1) m >= max(8 n log(4n/delta)/(kappa_n d), 2^25 n^4 D_0^2/(kappa_n^4 d^3 gamma^2 delta^5),
           2^35 n^6 D_0^2/(kappa_n^6 d^5 gamma^2 delta^5)) gives with probability 1 - delta
           ||e_t||^2 <= exp(-gamma kappa_n (d t)/2) ||e_0||^2
    (B.P2) and ||w_j(t) - w_j(0)|| <= 8 n D_0 sqrt(lambda_j)/(kappa_n d^{1/2} gamma delta^{1/2}).

    Proof. While every node has moved at most sqrt(lambda_j) rho only near ones have flipped, so
    H_t differs from H by at most 2 nu g, Theta_t >= gamma H_t >= gamma mu, and int ||e|| <=
    ||e_0||/(gamma mu) keeps the nodes there. A step of descent changes the outputs by -eta Theta~ e
    with Theta~ = sum_j lambda_j C_j G D_j, 0 <= C_j <= 1, which differs from Theta_0 by at most
    2 omega g. (B.6): matrix Chernoff for the kernel, half of delta; a node is near with probability
    sqrt(2/pi) sqrt(lambda_j) rho/kappa at most, sum_j sqrt(lambda_j) <= sqrt(m), so nu N/2 of N =
    m/2 pairs are expected, and twice that is exceeded with probability exp(-nu N/6) at most.
    (B.12): the two nodes of a pair cancel at the start, and the output of each has changed by
    sqrt(lambda_j) ||w_j(t) - w_j(0)|| ||x|| <= lambda_j rho ||x|| at most.

Slips that hide
    In (B.12) the certificate leaves a factor 2 or more: half of the bound is not refuted unless the
    certificate is sharp, as on one input.

Kind
    (B.1), (B.2), (B.4), (B.5), (B.12): **upper bounds, pathwise**; (B.3): **lower bound,
    pathwise**; all others: **lower bounds, with probability**.

Premises
    The certificate, evaluated at the start; eta ||X||^2 <= 1 for descent; unit rows and m >= m* in
    (B.6), (B.7); pairs of equal scalings in (B.12). In (B.13) training has come to its end: what it
    leaves of ||y|| is at most a tenth of the smallest share of the scalings that is cut.

Source
    After Caron, Ayed, Jung, Lee, Lee, Yang, Over-parameterised Shallow Neural Networks with
    Asymmetrical Node Scaling (arXiv 2302.01002).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from theory.language.claim import Quantity, Statement
from theory.language.kinds import LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    UNIT,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
m = _s("m", "hidden nodes", COUNT)
t = _s("t", "time", NONNEGATIVE)
k = _s("k", "steps taken", INDEX)
gamma = _s("gamma", "share of the scalings that is equal for all nodes", UNIT)
kappa = _s("kappa", "initial weight scale", POSITIVE)
eta = _s("eta", "step size", POSITIVE)
delta = _s("delta", "failure probability", OPEN_UNIT)
eps = _s("epsilon", "share of lambda_0 that the kernel at the start may lose", OPEN_UNIT)
norm_X = _s("norm_X", "spectral norm ||X||", POSITIVE, latex=r"\lVert X\rVert")
g = _s("g", "spectral norm of |G|", POSITIVE)
e0_sq = _s("e0_sq", "||e_0||^2", POSITIVE, latex=r"\lVert e_0\rVert^2")
y_sq = _s("y_sq", "||y||^2", POSITIVE, latex=r"\lVert y\rVert^2")
deviation = _s("row_norm_deviation", "max_i | ||x_i|| - 1 |, 0 for unit rows", NONNEGATIVE)
lam = _s("lambda", "smallest eigenvalue of H at the start", NONNEGATIVE)
lam0 = _s("lambda_0", "smallest eigenvalue of H at infinite width", POSITIVE)
theta0 = _s("theta_0", "smallest eigenvalue of Theta at the start", NONNEGATIVE)
nu = _s("nu", "share of nodes allowed near one kink, free", POSITIVE)
omega = _s("omega", "sum of scalings allowed near one kink, free", POSITIVE)
near = _s("near", "nodes within sqrt(lambda_j) rho of one kink at the start, at most", NONNEGATIVE)
weight = _s("weight", "scalings within sqrt(lambda_j) rho' of one kink, at most", NONNEGATIVE)
mu = _s("mu", "lambda - 2 nu g", NONNEGATIVE)
mu_k = _s("mu_k", "theta_0 - 2 omega g", NONNEGATIVE)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
smallest = _s("smallest", "smallest width of a sweep", COUNT)
largest = _s("largest", "largest width of a sweep", COUNT)
widths = _s("widths", "widths of a sweep", COUNT)
share = _s("kept", "lambda(K), sum of the scalings of the nodes that are kept", NONNEGATIVE)
norm_x = _s("norm_x", "||x||", NONNEGATIVE, latex=r"\lVert x\rVert")
travel = _s("travel", "sum of sqrt(lambda_j) ||w_j - w_j(0)|| over the cut nodes", NONNEGATIVE)
left = _s("left", "norm of the errors that training leaves over ||y||, the largest of all sweeps",
          NONNEGATIVE)  # fmt: skip
cut = _s("cut", "smallest share of the scalings that is cut", POSITIVE)
uneven = _s("uneven", "largest relative difference of the scalings inside a pair", NONNEGATIVE)
C = _s("C", "bound of |y_i|", NONNEGATIVE)

EVEN = sp.Eq(uneven, 0)
CERTIFIED = (mu > 0, near <= nu * m)
DESCENT = (eta * norm_X**2 <= 1, mu_k > 0, weight <= omega)
_MU, _MU_K = {mu: lam - 2 * nu * g}, {mu_k: theta0 - 2 * omega * g}
_RHO = norm_X * sp.sqrt(e0_sq) / (gamma * mu)
_RHO_K = norm_X * sp.sqrt(e0_sq) / mu_k


def _flow(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    parts = {"mu": mu, "rho": _RHO}
    return Statement(bound, CERTIFIED, definitions=_MU, parts=parts, index=index)


def _descent(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    parts = {"mu": mu_k, "rho": _RHO_K}
    return Statement(bound, DESCENT, definitions=_MU_K, parts=parts, index=index)


def pruned(rho: sp.Expr, premises: tuple[sp.Basic, ...], known: dict[Any, sp.Expr]) -> Statement:
    """(B.12)."""
    bound = rho * norm_x * (1 - share)
    return Statement(bound, (*premises, EVEN), definitions=known, parts={"rho": rho})


def pruned_power() -> Statement:
    """(B.13)."""
    ends = {"lowest": 2 - tolerance, "highest": 2 + tolerance}
    return Statement(sp.S.Half, (10 * left <= cut,), parts=ends)


def required() -> dict[str, sp.Expr]:
    """The conditions of m*, and what they leave: lowest, nu."""
    lowest, log = (1 - eps) * lam0, sp.log(2 * n / delta)
    least = lowest / (4 * g)
    width = {
        "kernel": 2 * norm_X**2 * log / (lam0 * ((1 - eps) * log1p(-eps) + eps)),
        "travel": (16 * sp.sqrt(2 / sp.pi) * g * norm_X * sp.sqrt(y_sq)
                   / (kappa * gamma * lowest**2)) ** 2,
        "count": 12 * log / least,
    }  # fmt: skip
    return {**width, "m_star": sp.Max(*width.values()), "lowest": lowest, "nu": least}


def at_width() -> Statement:
    """(B.6), (B.7)."""
    found = required()
    premises = (sp.Eq(deviation, 0), sp.Ge(m, found["m_star"]))
    return Statement(1 - delta, premises, parts=found)


def slope(exponent: sp.Expr, regime: sp.Basic) -> Statement:
    """(B.8) to (B.11)."""
    return Statement(
        sp.S.Half,
        (widths >= 3, largest >= 8 * smallest, regime),
        parts={"lowest": exponent - tolerance, "highest": exponent + tolerance},
    )


def published() -> Statement:
    """(B.P1), (B.P2): constants unverified."""
    kappa_n, D0_sq = lam0 / d, 2 * C**2 + 2 / d
    width = sp.Max(
        8 * n * sp.log(4 * n / delta) / (kappa_n * d),
        2**25 * n**4 * D0_sq / (kappa_n**4 * d**3 * gamma**2 * delta**5),
        2**35 * n**6 * D0_sq / (kappa_n**6 * d**5 * gamma**2 * delta**5),
    )
    distance = 8 * n * sp.sqrt(D0_sq) / (kappa_n * sp.sqrt(d) * gamma * sp.sqrt(delta))
    parts = {"width": width, "rate": gamma * kappa_n * d / 2, "distance": distance}
    premises = (sp.Eq(deviation, 0), sp.Eq(kappa, 1), sp.Ge(m, width))
    return Statement(1 - delta, premises, parts=parts)


def _slope_of(name: str, what: str) -> Quantity:
    return probability(f"slope_of_{name}", f"|slope of {what} - exponent| <= tolerance")


_DISTANCE = r"\max_j\lVert w_j - w_j(0)\rVert/\sqrt{\lambda_j}"
_CUT = r"|f_t(x) - f_t^K(x)|"
_PRUNED = Quantity("pruned_output", "|f_k(x) - f_k^K(x)|", r"|f_k(x) - f_k^K(x)|")
_FLOW_LOSS = Quantity("flow_loss", "||e_t||^2", r"\lVert e_t\rVert^2")
_LOSS = Quantity("descent_loss", "||e_k||^2", r"\lVert e_k\rVert^2")
_SOURCE = "after Caron et al., Asymmetrical Node Scaling (arXiv 2302.01002)"
_UNVERIFIED = "constants unverified: Caron et al. (arXiv 2302.01002)"
_NTK, _FEATURES = sp.Eq(gamma, 1), gamma < 1

_CASES: Mapping[str, Case] = {
    "flow-loss": (
        "B.1", lambda: _flow(sp.exp(-2 * gamma * mu * t) * e0_sq, t), UPPER_PATHWISE, _FLOW_LOSS,
        "gradient flow, from a certificate at the start",
    ),
    "flow-distance": (
        "B.2", lambda: _flow(_RHO), UPPER_PATHWISE,
        Quantity("flow_distance", "max_j ||w_j(t) - w_j(0)||/sqrt(lambda_j)", _DISTANCE),
        "how far nodes move in it",
    ),
    "flow-kernel": (
        "B.3", lambda: _flow(gamma * mu), LOWER_PATHWISE,
        Quantity("flow_kernel", "lambda_min(Theta_t)", r"\lambda_{\min}(\Theta_t)", least=0.0),
        "its kernel stays positive",
    ),
    "descent-loss": (
        "B.4", lambda: _descent((1 - eta * mu_k) ** (2 * k) * e0_sq, k), UPPER_PATHWISE, _LOSS,
        "gradient descent, from a certificate at the start",
    ),
    "descent-distance": (
        "B.5", lambda: _descent(_RHO_K), UPPER_PATHWISE,
        Quantity("descent_distance", "max_j ||w_j(K) - w_j(0)||/sqrt(lambda_j)", _DISTANCE),
        "how far nodes move in it",
    ),
    "certificate": (
        "B.6", at_width, LOWER_PROBABILITY,
        probability("certificate", "the certificate of gradient flow holds at nu = lambda/(4g)"),
        "the certificate, from the width alone",
    ),
    "convergence": (
        "B.7", at_width, LOWER_PROBABILITY,
        probability("convergence", "for all t: ||e_t||^2 <= exp(-gamma lambda t) ||y||^2"),
        "gradient flow with no measured premise",
    ),
    "ntk-distance": (
        "B.8", lambda: slope(-sp.S.Half, _NTK), LOWER_PROBABILITY,
        _slope_of("distance", "max_j ||w_j - w_j(0)||"), "equal scalings: nodes move less and less",
    ),
    "feature-distance": (
        "B.9", lambda: slope(sp.S.Zero, _FEATURES), LOWER_PROBABILITY,
        _slope_of("feature_distance", "max_j ||w_j - w_j(0)||"), "unequal scalings: nodes move",
    ),
    "ntk-kernel": (
        "B.10", lambda: slope(-sp.S.Half, _NTK), LOWER_PROBABILITY,
        _slope_of("kernel", "||Theta_t - Theta_0||"), "equal scalings: the kernel freezes",
    ),
    "feature-kernel": (
        "B.11", lambda: slope(sp.S.Zero, _FEATURES), LOWER_PROBABILITY,
        _slope_of("feature_kernel", "||Theta_t - Theta_0||"), "unequal scalings: the kernel moves",
    ),
    "pruning": (
        "B.12", lambda: pruned(_RHO_K, DESCENT, _MU_K), UPPER_PATHWISE, _PRUNED,
        "what pruning costs after descent, at every input",
    ),
    "pruning-measured": (
        "B.12", lambda: Statement(travel * norm_x, (EVEN,)), UPPER_PATHWISE, _PRUNED,
        "the same, by how far the cut nodes have moved",
    ),
    "flow-pruning": (
        "B.12", lambda: pruned(_RHO, CERTIFIED, _MU), UPPER_PATHWISE,
        Quantity("flow_pruned_output", "|f_t(x) - f_t^K(x)|", _CUT),
        "what pruning costs after gradient flow",
    ),
    "pruning-power": (
        "B.13", pruned_power, LOWER_PROBABILITY,
        probability("slope_of_pruning", "|slope of the pruned loss - 2| <= tolerance"),
        "the loss of a pruned network goes with the square of what is cut",
    ),
    "transfer": (
        "B.T", lambda: Statement(sp.S.Half), LOWER_PROBABILITY,
        probability("transfer", "training lowers the ridge risk of a second task"),
        "features that are trained on one task serve another",
    ),
    "published-loss": (
        "B.P1", published, LOWER_PROBABILITY,
        probability("published_loss", "for all t: ||e_t||^2 <= exp(-gamma kappa_n d t/2)"
                     " ||e_0||^2"),
        "published, constants unverified",
    ),
    "published-distance": (
        "B.P2", published, LOWER_PROBABILITY,
        probability("published_distance", "||w_j(t) - w_j(0)|| <= 8 n D_0 sqrt(lambda_j)/..."),
        "published displacement",
    ),
}  # fmt: skip

CLAIMS = claims_of("node", _CASES, VOCABULARY, _SOURCE, _UNVERIFIED)
