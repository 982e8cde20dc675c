"""Link I: the stochastic recursion of the residual, and the main theorem.

Setting
    Masked training of a shallow ReLU network: in each round p surrogates, drawn by a mask law
    with moments theta and V, take tau local steps of size eta = xi zeta and are averaged per
    neuron. With P = I - (I - zeta H)^tau the defect Delta_k = e_{k+1} - (e_k - theta P (e_k +
    zbar_k)) is what linearisation at W_0 misses, and rho_k the root mean square residual of the
    surrogates. On the good event G_k, for all j < k: ||Delta_j|| <= alpha_j rho_j and
    (sum_r ||phi_r(W_j) - phi_r(W_0)||^2)^{1/2} <= R; alpha_j and R are constants fixed before
    the masks are drawn. a_k^2 = E[||e_k||^2; G_k].

Statement
    r = theta (1 - (1 - zeta lambda)^tau),  s = theta sqrt(V) (sqrt(tr P^2 Phi) + R),
    sigma = sqrt((1 - xi)/xi) (sqrt(tr Phi) + R),  M_i = 1 - theta q_i,
    q_i = 1 - (1 - zeta mu_i)^tau.
    (I.1) scalar form    a_{k+1} <= sqrt((1-r)^2 a_k^2 + s^2) + alpha_k sqrt(a_k^2 + sigma^2)
    (I.2) sharp form     a_k <= l_k + sum_{j<k} (max_i M_i^{k-1-j}) alpha_j sqrt(a_j^2 + sigma^2)
    (I.3) main theorem   a_k^2 <= (1 - rho)^k ||e_0||^2 + ((1+c) s^2 + (1+1/c) alpha^2 sigma^2)/rho
                         with rho = 1 - (1+c)(1-r)^2 - (1+1/c) alpha^2 > 0, any c > 0
    (I.4) displayed form a_k^2 <= (1 - 4r/5)^k ||e_0||^2 + 2 s^2/r + (2 alpha sigma/r)^2
                         with alpha <= r/4
    The first two are tested as the sequences that they generate from a_0 = ||e_0||: both are
    increasing in the past, so those sequences bound a_k.

Kind
    **Upper bounds, in expectation** over the masks, W_0 and a given.

Premises
    zeta Lambda <= 1; for (I.3) rho > 0; for (I.4) alpha <= r/4 and r > 0.

Source
    Explicit form of Theorem 3 of Liao & Kyrillidis, On the Convergence of Shallow Neural Network
    Training with Randomly Masked Neurons (TMLR 2022; arXiv 2112.02668v1).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import UPPER_EXPECTATION
from theory.language.numeric import MaxOver, Vector
from theory.theorems.masked_training.symbols import (
    VOCABULARY,
    K,
    Lam,
    Phi,
    R,
    V,
    alpha,
    alpha_j,
    c,
    c_sq,
    e0_sq,
    i,
    j,
    k,
    lam,
    mu,
    n,
    r,
    rho,
    s,
    sigma,
    tau,
    theta,
    xi,
    zeta,
)

SOURCE = "explicit form of Theorem 3, Liao & Kyrillidis (arXiv 2112.02668v1)"
LOSS_ON_GOOD_EVENT = Quantity(
    "loss_on_good_event",
    "E[ ||e_k||^2 ; G_k ]",
    r"\mathbb{E}\left[\lVert e_k\rVert^2;\,G_k\right]",
)
STABLE = zeta * Lam <= 1


def q(index: sp.Expr) -> sp.Expr:
    """Eigenvalue of P = I - (I - zeta H)^tau."""
    return 1 - (1 - zeta * mu[index]) ** tau


q_i, M_i = sp.IndexedBase("q", nonnegative=True), sp.IndexedBase("M", nonnegative=True)


def spectrum_of_P() -> dict[sp.IndexedBase, sp.Expr]:
    """Definitions of the eigenvalues q_i of P and M_i of M = I - theta P."""
    over = (i, 0, n - 1)
    return {q_i: Vector(q(i), over), M_i: Vector(1 - theta * q_i[i], over)}


def over_eigenpairs(term: sp.Expr, index: sp.Symbol = i) -> sp.Sum:
    return sp.Sum(term, (index, 0, n - 1))


def noise() -> dict[sp.Symbol, sp.Expr]:
    """Definitions of r, s and sigma."""
    trace_P2_Phi = over_eigenpairs(q(i) ** 2 * Phi[i, i])
    trace_Phi = over_eigenpairs(Phi[i, i])
    return {
        r: theta * (1 - (1 - zeta * lam) ** tau),
        s: theta * sp.sqrt(V) * (sp.sqrt(trace_P2_Phi) + R),
        sigma: sp.sqrt((1 - xi) / xi) * (sp.sqrt(trace_Phi) + R),
    }


def scalar_form() -> Statement:
    B = sp.IndexedBase("B", real=True, nonnegative=True)
    step = sp.sqrt((1 - r) ** 2 * B[k - 1] + s**2) + alpha_j[k - 1] * sp.sqrt(B[k - 1] + sigma**2)
    return Statement(
        bound=step**2, premises=(STABLE,), definitions=noise(), history=B, initial=e0_sq, index=k
    )


def sharp_form() -> Statement:
    B = sp.IndexedBase("B", real=True, nonnegative=True)
    w_j, t_j = sp.IndexedBase("w", nonnegative=True), sp.IndexedBase("t", nonnegative=True)
    spectrum, past = (i, 0, n - 1), (j, 0, k - 1)
    injected = sp.sqrt(over_eigenpairs(M_i[i] ** (2 * j) * q_i[i] ** 2 * Phi[i, i]))
    linear = over_eigenpairs(M_i[i] ** (2 * k) * c_sq[i])
    defects = sp.Sum(t_j[k - 1 - j] * alpha_j[j] * sp.sqrt(B[j] + sigma**2), past)
    return Statement(
        bound=(sp.sqrt(linear + theta**2 * V * sp.Sum(w_j[j] ** 2, past)) + defects) ** 2,
        premises=(STABLE,),
        definitions={
            sigma: noise()[sigma],
            **spectrum_of_P(),
            w_j: Vector(injected + R * MaxOver(M_i[i] ** j * q_i[i], spectrum), (j, 0, K - 1)),
            t_j: Vector(MaxOver(M_i[i] ** j, spectrum), (j, 0, K - 1)),
        },
        history=B,
        initial=e0_sq,
        index=k,
    )


def main_theorem() -> Statement:
    rate = (1 + c) * (1 - r) ** 2 + (1 + 1 / c) * alpha**2  # 1 - rho would lose its digits
    neighbourhood = ((1 + c) * s**2 + (1 + 1 / c) * alpha**2 * sigma**2) / rho
    return Statement(
        bound=rate**k * e0_sq + neighbourhood,
        premises=(STABLE, rho > 0),
        definitions={
            **noise(),
            rho: 1 - rate,
        },
        parts={"rate": rate, "neighbourhood": neighbourhood},
        index=k,
    )


def displayed_form() -> Statement:
    rate = 1 - 4 * r / 5
    neighbourhood = 2 * s**2 / r + (2 * alpha * sigma / r) ** 2
    return Statement(
        bound=rate**k * e0_sq + neighbourhood,
        premises=(STABLE, r > 0, alpha <= r / 4),
        definitions=noise(),
        parts={"rate": rate, "neighbourhood": neighbourhood},
        index=k,
    )


def _claim(name: str, equation: str, build: Callable[[], Statement], summary: str) -> Claim:
    source = f"Link I, equation ({equation}); {SOURCE}"
    return Claim(name, source, UPPER_EXPECTATION, LOSS_ON_GOOD_EVENT, build, VOCABULARY, summary)


CLAIMS = (
    _claim("link-1/scalar", "I.1", scalar_form, "the scalar recursion, iterated from ||e_0||"),
    _claim("link-1/sharp", "I.2", sharp_form, "the recursion in the eigenvectors of the kernel"),
    _claim("main", "I.3", main_theorem, "linear convergence to a neighbourhood, free c"),
    _claim("main/displayed", "I.4", displayed_form, "linear convergence at rate 4r/5"),
)
