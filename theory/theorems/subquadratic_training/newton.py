"""Gauss-Newton on one hidden layer: an identity, a certificate, a width, inexact solutions.

Setting
    f(x) = m^{-1/2} sum_r a_r relu(z_r - b), z_r = <w_r, x>, ||x_i|| <= 1, e = f - y, J the
    Jacobian, K_t = J_t J_t^T, G = X X^T, g the spectral norm of |G|. W_{t+1} = W_t - J_t^T kappa,
    kappa = K_t^{-1} e_t. A neuron flips on x_i in a step where 1{z > b} changes.

Statement
    (ST5a) e_{t+1,i} = m^{-1/2} sum over neurons r that flip on x_i of a_r |z_{t+1,r,i} - b|: a step
           without a flip ends at e = 0.
    (ST5b) ||e_{t+1}|| <= (nu_t g/lambda_min(K_t)) ||e_t||, nu_t the largest share that flips on one
           sample.
    (ST5c) Certificate: lambda = lambda_min(K_0), mu = lambda - 2 nu g > 0, q = nu g/mu < 1,
           rho = (largest first step of a neuron) + q/(1 - q) ||X|| ||e_0||/(sqrt(m) mu). If on each
           x_i at most nu m neurons have |z_0 - b| <= rho, then for ALL t
           ||e_t|| <= q^t ||e_0||, no neuron moves further than rho, and at most
           #{r: z_{0,r,i} > b - rho} fire on x_i.
    (ST5d) Coupled signs. Slopes: ||e_1||/||e_0||^2 in m: -1/2; ||e_1|| in ||e_0||: 2. An argument,
           no proof: as many neurons flip as the step is long, each by as much.
    (ST5e) Width, nothing measured: coupled signs (f_0 = 0), ||x_i|| = 1, lambda_b the least
           eigenvalue of G_ij P(X > b, Y > b) (X, Y normal with correlation G_ij),
           lambda = (1 - eps) lambda_b, nu = lambda/(5 g), rho = 5 ||X|| ||y||/(2 sqrt(m) lambda),
           phi_b = phi(max(0, b - rho)). If
           m/2 >= ||G|| log(n/delta)/(lambda_b ((1 - eps) log(1 - eps) + eps)),
           sqrt(m) >= 10 phi_b ||X|| ||y||/(lambda nu) and m >= 12 log(n/delta)/nu, then
           P(for all t: ||e_t|| <= 3^{-t} ||y||) >= 1 - 2 delta.
    (ST6)  Relative residual eps_0: ||e_{t+1}|| <= (eps_0 + (1 + eps_0) nu_t g/lambda_min(K_t))
           ||e_t||.
    Published, form unverified, the width C_m not stated:
    (ST.P2) ||e_{t+1}|| <= ||e_t||/3.

    Proof. (a): relu(z') - relu(z) - 1{z > 0} (z' - z) = |z'| where the sign changes, else 0.
    (b): |z' - b| <= |z' - z| there, and dw_r = -m^{-1/2} a_r sum_j D_rj kappa_j x_j. (c): entries
    of K_t - K_0 are at most 2 nu |G_ij|; ||dw_r|| <= ||X|| ||e_t||/(sqrt(m) mu); induct.
    (e): q = 1/3 in (c); matrix Chernoff over m/2 independent pairs; the number of close pairs has
    a share 2 rho phi_b <= nu/2, Chernoff at twice that. (ST6): kappa = K^{-1}(e + r), and the
    linear part leaves r.

Kind
    **Equality, pathwise** (ST5a); **upper bounds, pathwise** (ST5b, ST5c, ST6, ST.P2); **lower
    bounds, with probability** (ST5d, of one sweep; ST5e).

Premises
    lambda_min(K_t) > 0: above rounding. (ST5d): three sizes over a factor of 8; at each of them,
    with s = ||X|| ||e_0||/(sqrt(m) lambda_b), the length of a step, 2 m s phi(b) >= 6 n neurons
    are that close to the threshold; s <= 3/2 and lambda_b m >= 10 (in m), s <= 1/2 and
    lambda_b m >= 50 (in ||e_0||). These numbers were found by trying: beyond, slopes depart.
    The admissible widths of (ST5e) are all from some one on, and it stays bounded as y -> 0.

Slips that the slack hides
    (ST5b) is 1 to 50 times the residual, which is of second order; its root is true where it is
    below 1, and weaker. The rate of (ST5e) is 100 times too slow in the first step.

Source
    Derived, after Song, Zhang, Zhang (arXiv 2112.07628), whose step has the rate 1/3 (recalled).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.tables import Case, claims_of, probability
from theory.theorems.subquadratic_training.symbols import (
    PUBLISHED,
    SOURCE,
    SWEPT,
    VOCABULARY,
    C_m,
    b,
    close,
    delta,
    density,
    e_0,
    e_t,
    eps,
    eps_0,
    first,
    g,
    kinks,
    lam,
    lam_b,
    largest,
    least,
    m,
    mu,
    n,
    norm_G,
    norm_X,
    norm_y,
    nu,
    nu_t,
    phi_b,
    q,
    rho,
    short,
    single,
    smallest,
    sure,
    t,
    tolerance,
)

CERTIFICATE = {
    mu: lam - 2 * nu * g,
    q: nu * g / mu,
    rho: first + q / (1 - q) * norm_X * e_0 / (sp.sqrt(m) * mu),
}
CERTIFIED = (mu > 0, q < 1, close <= nu * m)
WIDTH = {
    lam: (1 - eps) * lam_b,
    nu: lam / (5 * g),
    rho: 5 * norm_X * norm_y / (2 * sp.sqrt(m) * lam),
    phi_b: density(sp.Max(0, b - rho)),
}


def certificate(bound: sp.Expr, index: sp.Symbol | None = None) -> Statement:
    """(ST5c)."""
    parts = {"mu": mu, "q": q, "rho": rho}
    return Statement(bound, CERTIFIED, CERTIFICATE, parts, index=index)


def width() -> Statement:
    """(ST5e)."""
    chernoff = lam_b * ((1 - eps) * sp.log(1 - eps) + eps)
    premises = (
        sp.Eq(single, 0),
        short >= 1 - sp.Rational(1, 10**9),
        m / 2 >= norm_G * sp.log(n / delta) / chernoff,
        sp.sqrt(m) >= 10 * phi_b * norm_X * norm_y / (lam * nu),
        m >= 12 * sp.log(n / delta) / nu,
    )
    return Statement(1 - 2 * delta, premises, WIDTH, parts={"nu": nu, "rho": rho})


def inexact() -> Statement:
    """(ST6)."""
    return Statement((eps_0 + (1 + eps_0) * nu_t * g / least) * e_t, (least > 0,))


def slope(exponent: sp.Expr, regime: tuple[sp.Basic, ...]) -> Statement:
    """(ST5d)."""
    ends = {"lowest": exponent - tolerance, "highest": exponent + tolerance}
    return Statement(sp.S.Half, (*SWEPT, sp.Eq(single, 0), *regime), parts=ends)


def slope_width() -> Statement:
    """(ST5d), in m: a step is longest, and fewest neurons are close, at the smallest."""
    step = norm_X * norm_y / (sp.sqrt(smallest) * lam_b)
    enough = 2 * smallest * step * density(b) >= 6 * n
    return slope(-sp.S.Half, (step <= sp.Rational(3, 2), smallest * lam_b >= 10, enough))


def slope_order() -> Statement:
    """(ST5d), in ||e_0||: sizes are shares of ||y||."""
    step = norm_X * norm_y / (sp.sqrt(m) * lam_b)
    enough = 2 * m * step * smallest * density(b) >= 6 * n
    return slope(sp.S(2), (step * largest <= sp.S.Half, m * lam_b >= 50, enough))


_NEXT = Quantity("next_error", "||e_{t+1}||", r"\lVert e_{t+1}\rVert")
_CASES: dict[str, Case] = {
    "flips": (
        "ST5a", lambda: Statement(kinks / sp.sqrt(m), (least > 0,)), EXACT_PATHWISE,
        Quantity("newton_error", "entries of e_{t+1}", r"e_{t+1,i}"),
        "what a Gauss-Newton step leaves: neurons that flip, nothing else",
    ),
    "one-step": (
        "ST5b", lambda: Statement(nu_t * g / least * e_t, (least > 0,)), UPPER_PATHWISE, _NEXT,
        "so its factor is the share that flips",
    ),
    "certificate": (
        "ST5c", lambda: certificate(q**t * e_0, t), UPPER_PATHWISE,
        Quantity("certified_error", "||e_t||", r"\lVert e_t\rVert"),
        "a rate for all steps, known at the start",
    ),
    "moved": (
        "ST5c", lambda: certificate(rho), UPPER_PATHWISE,
        Quantity("moved", "largest distance of a neuron from its start", r"\max_r\lVert w_r(t) - "
                 r"w_r(0)\rVert"),
        "how far neurons go",
    ),
    "certified-sparse": (
        "ST5c", lambda: certificate(sure), UPPER_PATHWISE,
        Quantity("certified_fired", "neurons that fire on x_i", "k_i(t)"),
        "how many fire before, during and after",
    ),
    "slope-width": (
        "ST5d", slope_width, LOWER_PROBABILITY,
        probability("slope_width", "|slope of ||e_1||/||e_0||^2 in m + 1/2| <= tolerance"),
        "what a step leaves falls with the width",
    ),
    "slope-order": (
        "ST5d", slope_order, LOWER_PROBABILITY,
        probability("slope_order", "|slope of ||e_1|| in ||e_0|| - 2| <= tolerance"),
        "and is of second order",
    ),
    "width": (
        "ST5e", width, LOWER_PROBABILITY,
        probability("third", "for all t: ||e_t|| <= ||y||/3^t"),
        "the published rate at an explicit width, nothing measured",
    ),
    "inexact": (
        "ST6", inexact, UPPER_PATHWISE,
        Quantity("inexact_error", "||e_{t+1}||, the system solved up to a residual",
                 r"\lVert e_{t+1}\rVert"),
        "a residual of the linear system is all that it costs",
    ),
    "published-rate": (
        "ST.P2", lambda: Statement(e_t / 3, (m >= C_m,)), UPPER_PATHWISE, _NEXT,
        "the published rate",
    ),
}  # fmt: skip

CLAIMS = claims_of("subquadratic", _CASES, VOCABULARY, SOURCE, PUBLISHED)
