"""What gradient descent does: how filters fall apart, what bounds them, what they conserve.

Setting
    Samples of two patches, y_i mu and xi_i, and heads j = 1 and -1 of m filters each,
    f = F_1 - F_-1, F_j(x) = (1/m) sum_r [ s(<w_jr, y mu>) + s(<w_jr, xi>) ], s(z) = max(0, z)^q,
    q > 2, full-batch gradient descent on the mean of l(y_i f_i), l(z) = log(1 + e^-z). xi_i is
    orthogonal to mu. In the design "frame" the patches are orthogonal to one another too. Signals
    are aligned, v_jr = j <w_jr, mu>, and so is noise, u_ri = <w_{y_i r}, xi_i>; without an argument
    t they are those of W_0: v_j = max_r v_jr, u_i = max_r u_ri, (z)- = max(-z, 0),
    N_i = (1/m) sum_r [ ((v_{-j r})-)^q + (<w_{-j r}, xi_i>+)^q ], j = y_i.
    h is the largest relative growth of a positive v_jr or u_ri in one step,
    H = (q-2) h/(1 - (1+h)^-(q-2)), the mean slope of 1 - (1+x)^-(q-2) below h; 1 for the flow.

Statement
    (CN1)  With gamma_jr += (eta/(n m)) sum_i c_i (-l'_i) s'(<w_jr, y mu>) ||mu||^2, c_i the product
           of the label and the clean label, and
           rho_jri += j y_i (eta/(n m)) (-l'_i) s'(<w_jr, xi_i>) ||xi_i||^2,
           j <w_jr(t), mu> = v_jr + gamma_jr,
           <w_jr(t), xi_i> = <w_jr(0), xi_i> + sum_k rho_jrk <xi_k, xi_i>/||xi_k||^2,
           and what is orthogonal to all patches does not move. Without flipped labels gamma never
           falls; in the frame design u_ri never falls, and <w_{-j r}, xi_i> never rises.
    (CN2)  For k <= T, T >= 3: u_ri(k) <= B + 2 eta ||xi_i||^2 q B^(q-1)/(n m),
           B = max(u_ri, (m (N_i + log T))^(1/q)); v_jr(k) likewise, with n_j ||mu||^2 for
           ||xi_i||^2 and the largest N_i of the class for N_i.
    (CN3)  With P_i = (u_ri^-(q-2) - u_ri(t)^-(q-2))/||xi_i||^2 for any r with u_ri > 0 and
           Q_j = (v_jr^-(q-2) - v_jr(t)^-(q-2))/||mu||^2 for any r with v_jr > 0,
           Q_j = sum_{i in class j} P_i in the flow, and 1/H <= Q_j/sum_i P_i <= H in steps.
           Signal and noise draw on one budget.
    (CN4)  h <= max over samples and classes of eta q a (m max(N, (q-2)/q))^((q-2)/q)/(n m), with
           (a, N) = (||xi_i||^2, N_i) and (n_j ||mu||^2, max_{i in j} N_i), at every step.

    Proof. (CN1): the gradient lies in the span of the patches. (CN2): y_i f_i >= u^q/m - N_i, so
    above B a step adds at most eta ||xi_i||^2 q B^(q-1)/(n m T); one step crosses B. (CN3): the
    derivative of v^-(q-2) is -(q-2) (q/(n m)) ||mu||^2 sum_i (-l'_i), that of u_ri^-(q-2) the same
    with one term; for steps x^-(q-2) is convex. (CN4): a step grows u by at most
    eta q ||xi_i||^2 u^(q-2) min(1, e^(N_i - u^q/m))/(n m).

Kind
    **Equalities, pathwise** (CN1, CN3 in the flow); **lower** and **upper bounds, pathwise**.

Premises
    (CN1) any design; growth needs clean labels and the frame. The others: frame, clean labels, and
    for (CN2), (CN4) no shrinking preactivation crosses 0 at W_0: eta q n_{-j} ||mu||^2
    ((v_jr)-)^(q-2)/(n m) <= 1 and eta q ||xi_i||^2 (<w_{-j r}, xi_i>+)^(q-2)/(n m) <= 1. (CN3):
    v_jr > 0, all u_i > 0. Minibatches are not covered.

Source
    Derived, after Cao, Chen, Belkin, Gu (arXiv 2202.06526): abstract quoted, model and
    decomposition recalled.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.convolutional_overfitting.symbols import (
    SOURCE,
    VOCABULARY,
    N,
    N_top,
    T,
    before,
    cross,
    eta,
    flips,
    gamma,
    h,
    least,
    m,
    mu2,
    n,
    n_j,
    other,
    overlap,
    place,
    q,
    rho,
    shrink,
    slope_factor,
    spent,
    start,
    state,
    u,
    v,
    weight,
    xi2,
)

CLEAN = (sp.Eq(flips, 0),)
FRAME = (cross <= sp.Float("1e-9"), *CLEAN)
_STEPS = (*FRAME, q > 2, shrink <= 1)


def signal() -> Statement:
    """(CN1), along mu."""
    return Statement(start + gamma)


def noise() -> Statement:
    """(CN1), along the patches of noise."""
    k = sp.Symbol("k", integer=True, nonnegative=True)
    return Statement(start + sp.Sum(rho[state, k] * overlap[place, k], (k, 0, n - 1)))


def elsewhere() -> Statement:
    """(CN1), across all patches."""
    return Statement(start)


def monotone() -> Statement:
    """(CN1), in the frame."""
    return Statement(before, FRAME)


def _most(at: sp.Expr, norm: sp.Expr, level: sp.Expr) -> Statement:
    B = sp.Symbol("B", positive=True)
    definitions = {B: sp.Max(at, (m * (level + sp.log(T))) ** (1 / q))}
    bound = B + 2 * eta * norm * q * B ** (q - 1) / (n * m)
    return Statement(bound, (*_STEPS, T >= 3), definitions=definitions)


def noise_at_most() -> Statement:
    """(CN2)."""
    return _most(u, xi2, N)


def signal_at_most() -> Statement:
    """(CN2)."""
    return _most(v, n_j * mu2, N_top)


_BUDGET = (*FRAME, q > 2, v > 0, least > 0)


def conservation_at_most() -> Statement:
    """(CN3)."""
    return Statement(spent * slope_factor(h), _BUDGET, parts={"H": slope_factor(h)})


def conservation_at_least() -> Statement:
    """(CN3)."""
    return Statement(spent / slope_factor(h), _BUDGET, parts={"H": slope_factor(h)})


def conservation() -> Statement:
    """(CN3), of the flow."""
    return Statement(spent, _BUDGET)


def growth() -> Statement:
    """(CN4), what is known of h before training."""
    most = (m * sp.Max(other, (q - 2) / q)) ** ((q - 2) / q)
    return Statement(eta * q * weight * most / (n * m), _STEPS)


MEMORY = Quantity("memory", "u_ri(t)+", "u_{ri}(t)^+")
LEARNING = Quantity("signal_part", "v_jr(t)+", "v_{jr}(t)^+")
_BUDGET_SPENT = Quantity("budget", "Q_j", "Q_j")
_CASES: dict[str, Case] = {
    "signal": (
        "CN1", signal, EXACT_PATHWISE,
        Quantity("signal", "j <w_jr(t), mu>", r"j \langle w_{jr}(t), \mu\rangle"),
        "how much of the signal a filter has learned",
    ),
    "noise": (
        "CN1", noise, EXACT_PATHWISE,
        Quantity("noise", "<w_jr(t), xi_i>", r"\langle w_{jr}(t), \xi_i\rangle"),
        "how much of the noise it has memorised",
    ),
    "elsewhere": (
        "CN1", elsewhere, EXACT_PATHWISE,
        Quantity("elsewhere", "||w_jr(t) off all patches||", r"\lVert P^\perp w_{jr}(t)\rVert"),
        "nothing else moves",
    ),
    "monotone": (
        "CN1", monotone, LOWER_PATHWISE,
        Quantity("aligned", "what grows, at a checkpoint", r"u_{ri}(t), v_{jr}(t)"),
        "signal and memory never fall",
    ),
    "noise-at-most": (
        "CN2", noise_at_most, UPPER_PATHWISE, MEMORY,
        "memory grows like a power of log T",
    ),
    "signal-at-most": (
        "CN2", signal_at_most, UPPER_PATHWISE, LEARNING,
        "and so does the signal",
    ),
    "conservation-at-most": (
        "CN3", conservation_at_most, UPPER_PATHWISE, _BUDGET_SPENT,
        "signal and noise draw on one budget",
    ),
    "conservation-at-least": (
        "CN3", conservation_at_least, LOWER_PATHWISE, _BUDGET_SPENT, "and use all of it",
    ),
    "conservation": (
        "CN3", conservation, EXACT_PATHWISE, Quantity("flow_budget", "Q_j of the flow", "Q_j"),
        "the conservation law of the flow",
    ),
    "growth": (
        "CN4", growth, UPPER_PATHWISE,
        Quantity("growth", "largest relative growth in a step", r"\max \Delta u/u"),
        "how far steps are from the flow, before training",
    ),
}  # fmt: skip

CLAIMS = claims_of("convolution", _CASES, VOCABULARY, SOURCE)
