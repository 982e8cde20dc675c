"""Paths: conservation laws, the whole curve from zero, the Lyapunov function, rates, alignment.

(LR1), (LR2), (LR4), (LR5), (LR8) of the theorem; the flow has the same laws with eta -> 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.factorisation_feedback.symbols import (
    C_F,
    D0_F,
    D_F,
    DD,
    DW_F,
    K0,
    K_F,
    L0,
    R_,
    RWW,
    S1,
    S2,
    SOURCE,
    U_F,
    VOCABULARY,
    WD_F,
    ZD,
    C_max,
    C_min,
    K_max,
    L_min,
    W0_sq,
    W_sq,
    a,
    eta,
    floor_sq,
    j,
    modes,
    phi,
    q,
    q_,
    r,
    rho,
    start,
    t,
    time,
    transport,
    trQ0,
    u,
    u1,
    u_,
    ur,
    w,
    w_,
    x_max,
    x_min,
    zeta,
)

FIXED = (sp.Eq(transport, 0),)
"""Steps of random feedback, not of gradient descent."""

FROM_ZERO = (sp.Eq(start, 0), sp.Eq(zeta, 0))
"""W_0 = Z_0 = 0."""

MONOTONE = sp.Rational(3, 5)
"""eta (2 u_max)^{2/3} up to which no mode overshoots: tried, false at 0.65."""

STABLE = sp.Rational(33, 50)
"""eta ((2 u_max)^{2/3} + zeta ||C||^2) up to which steps keep the rate of the flow: tried."""

EARLY, LATE = sp.Rational(1, 10**4), 23
"""Times u^{2/3} t/2^{1/3} at which a flow from zero is at its start, at its end, to 1e-10."""

_i = sp.Symbol("i", integer=True, nonnegative=True)
_all = (_i, 0, modes - 1)
_kap = sp.Symbol("kap", real=True)
_third = sp.Rational(1, 3)


def _scaled(u_value: sp.Expr) -> sp.Expr:
    """The time of a mode in its own unit."""
    return time * u_value ** (2 * _third) / 2**_third


def curve(product: sp.Expr, premises: tuple[sp.Basic, ...], index: sp.Symbol) -> Statement:
    """(LR2): the squared error, if q w/u of the modes is `product`."""
    return Statement(
        floor_sq + sp.Sum((1 - product) ** 2 * a[_i], _all), premises, index=index
    )  # fmt: skip


def _potential(x: sp.Expr) -> sp.Expr:
    """The lower bound of L at ||W||_F = x >= 0."""
    return sp.Max(0, x**2 / sp.sqrt(r) - _kap) ** 2 / 8 - U_F * x


def certified(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    """(LR4), with all that certifies L_min and W_max as premises.

    x is the minimiser of the potential; L_min is no more than the smallest value that L can have,
    as the set of values L >= potential(x) with kap = kap(L) is an interval that ends at L_0.
    """
    stationary = sp.Eq(x_min**3 / (sp.sqrt(r) * _kap * x_min + 2 * r * U_F), 1)
    premises = (
        *FIXED,
        L_min <= L0,
        stationary,
        L_min <= _potential(x_min),
        x_max >= x_min,
        _potential(x_max) >= L0,
        eta * x_max**2 <= 1,
    )
    return Statement(bound, premises, {_kap: K_F + 2 * eta * (L0 - L_min)}, index=index)


def _step_of_modes() -> sp.Expr:
    """The step size in units of the fastest mode."""
    return eta * (2 * u1) ** (2 * _third)


def rate() -> Statement:
    """(LR5), steps."""
    small = eta * ((2 * u1) ** (2 * _third) + zeta * C_max**2) <= STABLE
    factor = 1 - eta * zeta * C_min
    return Statement(
        factor**t * D0_F, (*FIXED, sp.Eq(start, 0), small), parts={"rate": factor}, index=t
    )  # fmt: skip


def _cosine(numbers: sp.Expr, energies: sp.Expr) -> sp.Expr:
    return sp.Sum(numbers, _all) / (C_F * sp.sqrt(sp.Sum(energies * a[_i], _all)))


def cosine_of_flow(size: sp.Expr, *premises: sp.Basic, index: sp.Symbol | None = None) -> Statement:
    """(LR8): the cosine from zero, if the q of the modes are as `size`."""
    bound = _cosine(size, (size / u[_i]) ** 2)
    return Statement(bound, (*FROM_ZERO, *premises), index=index)


_K = Quantity("K", "K_t, entry by entry", "(K_t)_{ij}")
_COS = r"\cos\angle(C^{\top}, Z_t)"
_SUM = r"\sum_{s<t}\eta\lVert D_s\rVert_F^2"
CASES: Mapping[str, Case] = {
    "gram": (
        "LR1", lambda: Statement(K0 + eta**2 * DD, FIXED), EXACT_PATHWISE, _K,
        "W W^T - C Z - (C Z)^T changes at second order alone",
    ),
    "residual": (
        "LR1", lambda: Statement(R_ - eta * RWW - eta * ZD, FIXED), EXACT_PATHWISE,
        Quantity("residual", "R_{t+1}, entry by entry", "(R_{t+1})_{ij}"),
        "one step of the residual, by the new Z",
    ),
    "modes/forward": (
        "LR2", lambda: Statement(w_ + eta * (u_ - q_ * w_), FIXED + FROM_ZERO), EXACT_PATHWISE,
        Quantity("forward_modes", "w_i(t+1) = (A^T W_{t+1} B)_ii", "w_i(t+1)"),
        "from zero every mode goes its own way",
    ),
    "modes/feedback": (
        "LR2", lambda: Statement(q_ + eta * (u_ - q_ * w_) * w_, FIXED + FROM_ZERO), EXACT_PATHWISE,
        Quantity("feedback_modes", "q_i(t+1) = (A^T C Z_{t+1} A)_ii", "q_i(t+1)"),
        "and so does its product with the feedback",
    ),
    "curve": (
        "LR2", lambda: curve(q[t, _i] * w[t, _i] / u[_i], FIXED + FROM_ZERO, t), EXACT_PATHWISE,
        Quantity("squared_error", "||R_t||_F^2", r"\lVert R_t\rVert_F^2"),
        "the error of every step from zero, whatever the step size",
    ),
    "lyapunov": (
        "LR4", lambda: Statement(eta * S1 - eta**2 * S2 / 2, FIXED), EXACT_PATHWISE,
        Quantity("lyapunov", "L_0 - L_t", "L_0 - L_t"),
        "a function that every small step lowers, from any start",
    ),
    "lyapunov/path": (
        "LR4", lambda: certified(2 * (L0 - L_min)), UPPER_PATHWISE,
        Quantity("path", "sum_{s<t} eta ||D_s||_F^2", _SUM), "so the path is short",
    ),
    "lyapunov/slowest": (
        "LR4", lambda: certified(2 * (L0 - L_min) / (eta * t), t), UPPER_PATHWISE,
        Quantity("slowest", "min_{s<t} ||D_s||_F^2", r"\min_{s<t}\lVert D_s\rVert_F^2"),
        "and its steps vanish like 1/t",
    ),
    "lyapunov/weights": (
        "LR4", lambda: certified(x_max), UPPER_PATHWISE,
        Quantity("weights", "||W_t||_F", r"\lVert W_t\rVert_F"), "weights stay bounded",
    ),
    "rate": (
        "LR5", rate, UPPER_PATHWISE,
        Quantity("update", "||C R_t||_F", r"\lVert CR_t\rVert_F"),
        "from Z_0 = zeta C^T the error seen through the feedback falls geometrically",
    ),
    "alignment/inner-product": (
        "LR8", lambda: Statement(trQ0 + (W_sq - W0_sq) / 2 - eta**2 * S1 / 2, FIXED),
        EXACT_PATHWISE, Quantity("inner_product", "tr(C Z_t)", r"\operatorname{tr}(CZ_t)"),
        "Z turns towards C^T as much as W grows",
    ),
    "alignment/monotone": (
        "LR8", lambda: Statement(rho, (*FIXED, *FROM_ZERO, _step_of_modes() <= MONOTONE)),
        LOWER_PATHWISE,
        Quantity("alignment_eigenvalues", "eigenvalues of C Z_{t+1}", r"\lambda_i(CZ_{t+1})"),
        "from zero no eigenvalue of C Z ever falls",
    ),
    "alignment/cosine": (
        "LR8",
        lambda: Statement(
            _cosine(q[t, _i], (q[t, _i] / u[_i]) ** 2), (*FIXED, *FROM_ZERO, t >= 2), index=t
        ),
        EXACT_PATHWISE, Quantity("cosine", "cos(C^T, Z_t)", _COS),
        "the angle from zero, which need not close",
    ),
    "flow/gram": (
        "LR1", lambda: Statement(K0), EXACT_PATHWISE,
        Quantity("flow_K", "K of the flow, entry by entry", "K_{ij}"), "the flow conserves K",
    ),
    "flow/curve": (
        "LR2", lambda: curve(phi[j, _i] ** 3, FROM_ZERO, j), EXACT_PATHWISE,
        Quantity("flow_squared_error", "||R||_F^2 of the flow", r"\lVert R\rVert_F^2"),
        "one universal curve for every mode, in its own time",
    ),
    "flow/approach": (
        "LR2", lambda: Statement(sp.exp(-_scaled(u_)), FROM_ZERO), UPPER_PATHWISE,
        Quantity("lag", "1 - (q_i w_i/u_i)^{1/3}", r"1 - (q_iw_i/u_i)^{1/3}"),
        "time constants go like u^{-2/3}",
    ),
    "flow/lyapunov": (
        "LR4",
        lambda: Statement(3 * sp.Sum((2 * u[_i]) ** (4 * _third), _all) / 8, FROM_ZERO),
        UPPER_PATHWISE, Quantity("flow_lyapunov", "-L of the flow", "-L"),
        "the value at which the Lyapunov function ends, from zero",
    ),
    "flow/decay": (
        "LR5", lambda: Statement(2 * DW_F**2 + WD_F**2 - K_max * D_F**2), LOWER_PATHWISE,
        Quantity("decay", "-d||D||_F^2/dt", r"-\frac{d}{dt}\lVert D\rVert_F^2"),
        "how fast the updates of the flow fall",
    ),
    "flow/rate": (
        "LR5", lambda: Statement(sp.exp(K_max * time) * D0_F**2, index=j), UPPER_PATHWISE,
        Quantity("flow_update", "||D||_F^2 of the flow", r"\lVert D\rVert_F^2"),
        "geometrically, where K_0 is negative definite",
    ),
    "flow/cosine": (
        "LR8", lambda: cosine_of_flow(u[_i] ** (2 * _third) * phi[j, _i] ** 2, index=j),
        EXACT_PATHWISE,
        Quantity("flow_cosine", "cos(C^T, Z) of the flow", _COS), "the angle in the flow",
    ),
    "flow/cosine-start": (
        "LR8", lambda: cosine_of_flow(u[_i] ** 2, _scaled(u1) <= EARLY),
        EXACT_PATHWISE, Quantity("first_cosine", "cos(C^T, Z) at the start", _COS),
        "where the angle starts",
    ),
    "flow/cosine-end": (
        "LR8", lambda: cosine_of_flow(u[_i] ** (2 * _third), _scaled(ur) >= LATE), EXACT_PATHWISE,
        Quantity("last_cosine", "cos(C^T, Z) at the end", _COS), "where the angle ends",
    ),
}  # fmt: skip

CLAIMS = claims_of("factorisation", CASES, VOCABULARY, SOURCE)
