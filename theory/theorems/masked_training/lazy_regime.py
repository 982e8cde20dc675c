"""Link II: the lazy-regime lemma, a bound on the linearisation defect of every round.

Setting
    As in Link I. S_i are the neurons whose activation on x_i differs from the one at W_0 at some
    iterate visited so far (global iterates up to and including W_{k+1}; local iterates of active
    neurons in all rounds up to k);
    nu = max_{i,l} max{(1/(xi m)) sum_{r in S_i} m^l_r, (p/m) sum_{r in S_i} m^l_r/N_r};
    A^l = xi^{-2} sum_r m^l_r H_r with eps_A = max_l ||A^l - H/xi||;
    B^l = sum_r (m^l_r/N_r) H_r with eps_B = max_l ||B^l - (theta/p) H||.

Statement
    (II.1) ||Delta_k|| <= alpha* rho_k, where with eps_f = 2 nu zeta g and
    tau^ = ((1 + eps_f)^tau - 1)/eps_f (tau if eps_f = 0)
    alpha* = [(1+eps_f)^tau - 1] + [tau^ - tau] + p zeta tau eps_B
             + theta eta (tau(tau-1)/2) eps_A.

Kind
    **Upper bound, pathwise**: deterministic, in every round and at every width.

Premises
    zeta Lambda <= 1; local stability: eta A^l <= I and p zeta B^l <= I for all l.

Source
    Explicit form of the perturbation argument in the proof of Theorem 3, Liao & Kyrillidis
    (arXiv 2112.02668v1).
"""

from __future__ import annotations

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import UPPER_PATHWISE
from theory.theorems.masked_training.stochastic_recursion import STABLE
from theory.theorems.masked_training.symbols import (
    VOCABULARY,
    eps_A,
    eps_B,
    eps_f,
    eta,
    g,
    nu,
    p,
    rho_k,
    stab_A,
    stab_B,
    tau,
    tau_hat,
    theta,
    zeta,
)

DEFECT = Quantity("defect", "||Delta_k||", r"\lVert\Delta_k\rVert")


def alpha_star() -> sp.Expr:
    """The relative defect bound in nu, eps_A and eps_B (through eps_f and tau_hat)."""
    mismatch = tau_hat - tau
    averaging = p * zeta * tau * eps_B
    curvature = theta * eta * tau * (tau - 1) / 2 * eps_A
    return eps_f * tau_hat + mismatch + averaging + curvature


def definitions() -> dict[sp.Symbol, sp.Expr]:
    # expm1 and log1p: eps_f can be far below 1e-8, where (1 + eps_f)^tau - 1 has no digits left
    quotient = expm1(tau * log1p(eps_f)) / eps_f
    return {
        eps_f: 2 * nu * zeta * g,
        tau_hat: sp.Piecewise((quotient, eps_f > 0), (tau, True)),
    }


def lemma() -> Statement:
    return Statement(
        bound=alpha_star() * rho_k,
        premises=(STABLE, stab_A <= 1, stab_B <= 1),
        definitions=definitions(),
        parts={"alpha_star": alpha_star()},
    )


CLAIMS = (
    Claim(
        "link-2",
        "Link II, equation (II.1); explicit form of the proof of Theorem 3, Liao & Kyrillidis "
        "(arXiv 2112.02668v1)",
        UPPER_PATHWISE,
        DEFECT,
        lemma,
        VOCABULARY,
        "the linearisation defect of every round",
    ),
)
