"""Deep networks: a certificate at the start under which gradient descent finds a global minimum.

Setting
    h^l = beta_l h^{l-1} + nu_l sigma(W^l h^{l-1}), l = 1..H, h^0 = x; fully connected: beta_l = 0,
    nu_l = sqrt(c_s/m); ResNet: the same for l = 1, then beta_l = 1, nu_l = c_res/(H sqrt(m)); c_s =
    1/E sigma(z)^2. Convolutional ResNet: W^l acts on patches of q pixels of p, on a circle; nu_l as
    before (c_s/m does not count q), a in R^{m p}. u = kappa (<a, h^H> - its value at the start),
    all entries N(0, 1), all weights trained by gradient descent on ||e||^2/2, e = u - y, e_0 = -y.
    kappa* is the least gain with a certificate. The certificate itself, and what A and R_star
    are: `theory.algebra.descent`.

Statement, for all k, once the certificate holds
    (DG1)  ||J_k - J_0|| <= L ||t_k - t_0||, L from norms of layers at the start, and
    (DG1') from Jacobians of layers at the start (`theory.mathematics.layerwise`); L is the less
    (DG2)  (K1) to (K5): path, budget, kernel, rate, the linear law with its defect; and a parabola
           attains the bound of (K4) with the same s_0, L, E_0
           The same for gradient flow at all times (`theory.algebra.flow`), at no step size
    (DG3)  the same for the convolutional ResNet, where every patching costs sqrt(q)
    (DG4)  (K6): how far the parameters move, from both sides; the error of the linear model
    (DG5)  Two layers, u = m^{-1/2} sum_r a_r erf(<w_r, x>/sqrt(2)), hidden weights trained alone,
           m/2 independent pairs of equal neurons, a = 1, -1, unit rows, eta <= (s1 ||X||)^{-2}:
           P(lambda_min(G_0) >= (1-epsilon) lambda_0) >= 1 - delta, and P(||e_k|| <= x_k for all k)
           >= 1 - delta with (1-epsilon) lambda_0 for s_0^2, once m >= m* = the larger of
               kernel 2 s1^2 ||X||^2 log(n/delta)/(lambda_0 ((1-epsilon) log(1-epsilon) + epsilon))
               taylor (4 s2 ||X|| ||y||/((1-epsilon) lambda_0))^2
    (DG6)  Width sweeps, P(slope in log-log is near its exponent) >= 1/2: kappa* falls, like
           m^{-1/2} at last; at kappa = 1 the relative defect max ||e_k - el_k||/||y|| and the
           change of the kernel like m^{-1}, ||G_0 - G_inf|| like m^{-1/2}; the defect like 1/kappa
    (DG7)  Depth sweeps, the same data at every depth, P(...) >= 1/2: log kappa* of the ResNet, tanh
           or softplus, has a slope below 3/2 in log H; of the fully connected tanh network, by
           norms, one of log 2 per layer at least, by Jacobians one below 3 in log H; with softplus
           one of log 2 per layer even by Jacobians, for lambda falls
    (DG8)  G_0 tends to the infinite-width kernel (`theory.mathematics.deep_kernel`): the mean of
           y^T G_0 y/||y||^2, with an error of order 1/m
    Published (form unverified; constants hidden in O(.) are symbols C), l the smallest eigenvalue
    of the last layer's part K^(H) of the infinite-width kernel, kappa = 1:
    (DG.P1) fully connected, m >= C_m 2^{C_H H} max(n^4/l^4, n/delta, n^2 log(H n/delta)/l^2),
            eta <= C_eta l/(n^2 2^{C_H H}), and
    (DG.P2) ResNet, m >= C_m max(n^4/(l^4 H^6), n^2/(l^2 H^2), n/delta, n^2 log(H n/delta)/l^2),
            eta <= C_eta l H^2/n^2, give P(for all k: ||e_k||^2 <= (1 - eta l/2)^k ||e_0||^2) >=
            1 - delta. Convolutional: the same times an unknown poly(p).

    Proof. (DG1) to (DG4): where cited. (DG5): the Hessian is block diagonal, so L =
    s2 ||X||/sqrt(m) on the whole space; matrix Chernoff for the m/2 pairs, each of norm at most
    s1^2 ||X||^2; the kernel never exceeds s1^2 ||X||^2. The exponents of (DG6) are argued, not
    proved, and (DG7) states what was seen: products of norms grow with depth, Jacobians hardly.

Kind
    Of descent and of gradient flow (K1), (K2), (K4), (K5), (DG1): **upper bounds, pathwise**; (K3):
    one **lower**, one **upper**; (K6): one **lower**, two **upper**; the parabola: **equality,
    pathwise**; (DG8): **equality, in the limit**; all others: **lower bounds, with probability**.

Premises
    The certificate, evaluated at the start: A > 0, R >= R_star, and of descent eta (S_0 +
    L R_star)^2 <= 1.

Source
    After Du, Lee, Li, Wang, Zhai, Gradient Descent Finds Global Minima of Deep Neural Networks
    (ICML 2019, arXiv 1811.03804). Quoted from its abstracts: the Gram matrix is stable throughout
    training; widths exponential in depth for feedforward networks, polynomial for ResNet. Recalled:
    the published forms. Derived here: the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.codegen.cfunctions import log1p

from theory.algebra.descent import LipschitzDescent
from theory.algebra.descent_proof import UNPROVED as UNPROVED
from theory.algebra.descent_proof import inequalities
from theory.algebra.flow import LipschitzFlow
from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of, probability
from theory.language.vocabulary import (
    COUNT,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)

VOCABULARY = Vocabulary()
DESCENT = LipschitzDescent(VOCABULARY)
FLOW = LipschitzFlow(DESCENT, VOCABULARY)
INEQUALITIES = inequalities
_s = VOCABULARY.symbol

n = _s("n", "samples", COUNT)
m = _s("m", "neurons per layer", COUNT)
H = _s("H", "hidden layers", COUNT)
q = _s("q", "pixels of a patch", COUNT)
L_norms = _s("L_norms", "L from norms of layers", NONNEGATIVE)
L_jacobians = _s(
    "L_jacobians", "L from Jacobians of layers (of inputs with pixels: from norms)", NONNEGATIVE
)
norm_X = _s("norm_X", "spectral norm ||X||", POSITIVE, latex=r"\lVert X\rVert")
y_norm = _s("y_norm", "||y||", NONNEGATIVE, latex=r"\lVert y\rVert")
deviation = _s("row_norm_deviation", "max_i | ||x_i|| - 1 |, 0 for unit rows", NONNEGATIVE)
lam0 = _s("lambda_0", "smallest eigenvalue of the infinite-width kernel", POSITIVE)
last = _s("l", "smallest eigenvalue of K^(H), the last layer's part of it", POSITIVE)
limit = _s("G_y", "y^T G_inf y/||y||^2", NONNEGATIVE)
delta = _s("delta", "failure probability", OPEN_UNIT)
eps = _s("epsilon", "share of lambda_0 that the kernel at the start may lose", OPEN_UNIT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
smallest = _s("smallest", "smallest width, gain or depth of a sweep", POSITIVE)
largest = _s("largest", "largest of the sweep", POSITIVE)
sizes = _s("sizes", "widths, gains or depths of a sweep", COUNT)
C_m = _s("C_m", "constant of the published width", POSITIVE)
C_H = _s("C_H", "constant of the published growth with depth", POSITIVE)
C_eta = _s("C_eta", "constant of the published step size", POSITIVE)


def lipschitz(constant: sp.Symbol) -> Statement:
    """(DG1), (DG1')."""
    return Statement(constant * DESCENT.D, (DESCENT.R >= DESCENT.D,))


def convolution() -> Statement:
    """(DG3): the rate, of a network that has patches."""
    return DESCENT.statement((1 - DESCENT.eta * DESCENT.A) ** DESCENT.k * DESCENT.E_0, q >= 2,
                             index=DESCENT.k)  # fmt: skip


def by_width() -> Statement:
    """(DG5)."""
    s1_sq, s2 = 2 / sp.pi, sp.sqrt(2 / sp.pi) * sp.exp(-sp.S.Half)
    lowest = (1 - eps) * lam0
    kernel = 2 * s1_sq * norm_X**2 * sp.log(n / delta) / (lam0 * ((1 - eps) * log1p(-eps) + eps))
    taylor = (4 * s2 * norm_X * y_norm / lowest) ** 2
    L = s2 * norm_X / sp.sqrt(m)
    needed = sp.Max(kernel, taylor)
    return Statement(
        1 - delta,
        (sp.Eq(deviation, 0), m >= needed, DESCENT.eta * s1_sq * norm_X**2 <= 1),
        parts={"kernel": kernel, "taylor": taylor, "m_star": needed, "L": L, "lowest": lowest},
    )


def _sweep(**limits: sp.Expr) -> Statement:
    """P(a slope is at least `lowest` and at most `highest`) >= 1/2, where they are given."""
    return Statement(sp.S.Half, (sizes >= 3, largest >= 4 * smallest), parts=limits)


def near(exponent: sp.Expr) -> Statement:
    """(DG6): a slope near its exponent."""
    return _sweep(lowest=exponent - tolerance, highest=exponent + tolerance)


def gain_falls() -> Statement:
    """(DG6): that of kappa*, which is not yet asymptotic."""
    return _sweep(lowest=-sp.S.Half - tolerance, highest=-sp.Rational(3, 20))


def published(*, residual: bool) -> Statement:
    """(DG.P1), (DG.P2): forms unverified."""
    log = n**2 * sp.log(H * n / delta) / last**2
    if residual:
        sums = (n**4 / (last**4 * H**6), n**2 / (last**2 * H**2), n / delta, log)
        width, step = C_m * sp.Max(*sums), C_eta * last * H**2 / n**2
    else:
        grown = 2 ** (C_H * H)
        width = C_m * grown * sp.Max(n**4 / last**4, n / delta, log)
        step = C_eta * last / (n**2 * grown)
    parts = {"width": width, "step": step, "rate": 1 - DESCENT.eta * last / 2}
    return Statement(1 - delta, (m >= width, DESCENT.eta <= step), parts=parts)


def _slope(name: str, what: str) -> Quantity:
    return probability(f"slope_of_{name}", f"the slope of {what} is within its limits")


_RESIDUAL = Quantity("residual", "||e_k||", r"\lVert e_k\rVert")
_CONVOLUTION = Quantity("residual_of_convolution", "||e_k||", r"\lVert e_k\rVert")
_MAJORANT = Quantity("residual_path", "||e_k||", r"\lVert e_k\rVert")
_DISTANCE = Quantity("distance", "||t_k - t_0||", r"\lVert t_k - t_0\rVert", least=0.0)
_JACOBIAN = Quantity("jacobian_change", "||J_k - J_0||", r"\lVert J_k - J_0\rVert")
_FLOW = Quantity("flow_residual", "||e|| of gradient flow", r"\lVert e_t\rVert")
_FLOW_DISTANCE = Quantity(
    "flow_distance", "||t - t_0|| of gradient flow", r"\lVert t - t_0\rVert", least=0.0
)
_RATE_EVENT = "for all k: ||e_k||^2 <= (1 - eta l/2)^k ||e_0||^2"

_CASES: Mapping[str, Case] = {
    "lipschitz": ("DG1", lambda: lipschitz(L_norms), UPPER_PATHWISE, _JACOBIAN,
                  "the Jacobian changes slowly, by norms of layers"),
    "lipschitz-jacobians": ("DG1'", lambda: lipschitz(L_jacobians), UPPER_PATHWISE, _JACOBIAN,
                            "the same by Jacobians of layers"),
    "path": ("K1", DESCENT.path, UPPER_PATHWISE,
             Quantity("path", "rho_k", r"\rho_k"), "length of the path"),
    "budget": ("K2", DESCENT.budget, UPPER_PATHWISE, _RESIDUAL, "the residual, by the path so far"),
    "kernel": ("K3", DESCENT.smallest_eigenvalue, LOWER_PATHWISE,
               Quantity("smallest_eigenvalue", "lambda_min(G_k)", r"\lambda_{\min}(G_k)",
                        least=0.0),
               "the kernel stays positive"),
    "kernel-change": ("K3", DESCENT.kernel_change, UPPER_PATHWISE,
                      Quantity("kernel_change", "||G_k - G_0||", r"\lVert G_k - G_0\rVert"),
                      "the kernel is stable"),
    "step": ("K4", DESCENT.step, UPPER_PATHWISE,
             Quantity("next_residual", "||e_{k+1}||", r"\lVert e_{k+1}\rVert"),
             "what one step leaves"),
    "majorant": ("K4", DESCENT.recursion, UPPER_PATHWISE, _MAJORANT,
                 "the residual is below that of descent on a parabola"),
    "closed-form": ("K4", DESCENT.closed_form, UPPER_PATHWISE, _RESIDUAL, "the same, closed form"),
    "rate": ("K4", DESCENT.rate, UPPER_PATHWISE, _RESIDUAL, "a linear rate"),
    "half-rate": ("K4", DESCENT.half_rate, UPPER_PATHWISE, _RESIDUAL,
                  "the published rate, squared"),
    "parabola": ("K4", DESCENT.recursion, EXACT_PATHWISE,
                 Quantity("parabola", "|e_k| on s_0 t - L t^2/2", r"|e_k|"),
                 "a parabola attains the bound"),
    "law": ("K5", DESCENT.linear_law, UPPER_PATHWISE,
            Quantity("defect", "||e_k - (I - eta G_0)^k e_0||",
                     r"\lVert e_k - (I - \eta G_0)^k e_0\rVert"),
            "the law of the linear model, with a certified defect"),
    "convolution": ("DG3", convolution, UPPER_PATHWISE, _CONVOLUTION,
                    "a linear rate of the convolutional ResNet"),
    "distance": ("K6", DESCENT.path, UPPER_PATHWISE, _DISTANCE, "how far the parameters move"),
    "least-distance": ("K6", DESCENT.least_distance, LOWER_PATHWISE, _DISTANCE,
                       "no training fits with less movement"),
    "linear-model": ("K6", DESCENT.taylor, UPPER_PATHWISE,
                     Quantity("remainder", "||u_k - J_0 (t_k - t_0)||",
                              r"\lVert u_k - J_0 (t_k - t_0)\rVert"),
                     "the error of the linear model"),
    "flow-path": ("K1", FLOW.path, UPPER_PATHWISE,
                  Quantity("flow_path", "length of the path of gradient flow", r"\rho_t"),
                  "gradient flow: length of the path"),
    "flow-budget": ("K2", FLOW.budget, UPPER_PATHWISE, _FLOW,
                    "gradient flow: the residual, by the path so far"),
    "flow-kernel": ("K3", FLOW.smallest_eigenvalue, LOWER_PATHWISE,
                    Quantity("flow_smallest_eigenvalue", "lambda_min(G) of gradient flow",
                             r"\lambda_{\min}(G_t)", least=0.0),
                    "gradient flow: the kernel stays positive"),
    "flow-kernel-change": ("K3", FLOW.kernel_change, UPPER_PATHWISE,
                           Quantity("flow_kernel_change", "||G - G_0|| of gradient flow",
                                    r"\lVert G_t - G_0\rVert"),
                           "gradient flow: the kernel is stable"),
    "flow-majorant": ("K4", FLOW.majorant, UPPER_PATHWISE, _FLOW,
                      "gradient flow is below that on a parabola"),
    "flow-rate": ("K4", FLOW.rate, UPPER_PATHWISE, _FLOW, "gradient flow: an exponential rate"),
    "flow-half-rate": ("K4", FLOW.half_rate, UPPER_PATHWISE, _FLOW,
                       "gradient flow: half of the linear rate"),
    "flow-parabola": ("K4", FLOW.majorant, EXACT_PATHWISE,
                      Quantity("flow_parabola", "|e| of gradient flow on s_0 t - L t^2/2",
                               r"|e_t|"), "gradient flow on a parabola attains the bound"),
    "flow-law": ("K5", FLOW.linear_law, UPPER_PATHWISE,
                 Quantity("flow_defect", "||e - exp(-G_0 time) e_0|| of gradient flow",
                          r"\lVert e_t - e^{-G_0 t} e_0\rVert"),
                 "gradient flow: the law of the linear model, with a certified defect"),
    "flow-distance": ("K6", FLOW.path, UPPER_PATHWISE, _FLOW_DISTANCE,
                      "gradient flow: how far the parameters move"),
    "flow-least-distance": ("K6", FLOW.least_distance, LOWER_PATHWISE, _FLOW_DISTANCE,
                            "gradient flow: no flow fits with less movement"),
    "flow-linear-model": ("K6", FLOW.taylor, UPPER_PATHWISE,
                          Quantity("flow_remainder", "||u - J_0 (t - t_0)|| of gradient flow",
                                   r"\lVert u_t - J_0 (t - t_0)\rVert"),
                          "gradient flow: the error of the linear model"),
    "width-kernel": ("DG5", by_width, LOWER_PROBABILITY,
                     probability("width_kernel", "lambda_min(G_0) >= (1 - epsilon) lambda_0"),
                     "the kernel of two layers, from the width alone"),
    "width": ("DG5", by_width, LOWER_PROBABILITY,
              probability("width", "||e_k|| <= x_k for all k"),
              "the certificate of two layers, with no measured premise"),
    "gain-width": ("DG6", gain_falls, LOWER_PROBABILITY, _slope("gain", "kappa* in m"),
                   "the least gain falls with the width"),
    "defect-width": ("DG6", lambda: near(-sp.S.One), LOWER_PROBABILITY,
                     _slope("defect", "the defect in m"), "the linear law at large width"),
    "kernel-width": ("DG6", lambda: near(-sp.S.One), LOWER_PROBABILITY,
                     _slope("kernel", "||G_k - G_0|| in m"), "the kernel freezes at large width"),
    "start-width": ("DG6", lambda: near(-sp.S.Half), LOWER_PROBABILITY,
                    _slope("start", "||G_0 - G_inf|| in m"), "the kernel at the start"),
    "defect-gain": ("DG6", lambda: near(-sp.S.One), LOWER_PROBABILITY,
                    _slope("defect_in_gain", "the defect in kappa"),
                    "the linear law at a large gain"),
    "depth-resnet": ("DG7", lambda: _sweep(highest=sp.Rational(3, 2)), LOWER_PROBABILITY,
                     _slope("resnet", "log kappa* in log H, ResNet"),
                     "ResNet: polynomial in depth"),
    "depth-resnet-softplus": ("DG7", lambda: _sweep(highest=sp.Rational(3, 2)), LOWER_PROBABILITY,
                              _slope("resnet_softplus", "log kappa* in log H, ResNet, softplus"),
                              "the same where the activation is not centred"),
    "depth-norms": ("DG7", lambda: _sweep(lowest=sp.log(2)), LOWER_PROBABILITY,
                    _slope("fc_norms", "log kappa* in H, fully connected, by norms"),
                    "products of norms: exponential in depth"),
    "depth-softplus": ("DG7", lambda: _sweep(lowest=sp.log(2)), LOWER_PROBABILITY,
                       _slope("softplus", "log kappa* in H, fully connected, softplus"),
                       "an activation that is not centred: exponential in depth"),
    "depth-jacobians": ("DG7", lambda: _sweep(highest=sp.S(3)), LOWER_PROBABILITY,
                        _slope("fc_jacobians", "log kappa* in log H, fully connected, tanh"),
                        "true Jacobians: polynomial in depth"),
    "infinite-width": ("DG8", lambda: Statement(limit, size=m), EXACT_LIMIT,
                       Quantity("kernel_at_start", "y^T G_0 y/||y||^2",
                                r"y^\top G_0 y/\lVert y\rVert^2"),
                       "the kernel at infinite width"),
    "published-fully-connected": ("DG.P1", lambda: published(residual=False), LOWER_PROBABILITY,
                                  probability("published_fully_connected", _RATE_EVENT),
                                  "published, form unverified"),
    "published-residual": ("DG.P2", lambda: published(residual=True), LOWER_PROBABILITY,
                           probability("published_residual", _RATE_EVENT),
                           "published for the ResNet, form unverified"),
}  # fmt: skip
_SOURCE = "after Du et al., Deep Neural Networks (ICML 2019, arXiv 1811.03804)"

CLAIMS = claims_of("deep", _CASES, VOCABULARY, _SOURCE, f"as recalled, form unverified: {_SOURCE}")
