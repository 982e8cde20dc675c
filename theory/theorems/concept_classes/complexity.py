"""The norm of a target from its coefficients, and the comparator of a network of finite width.

Setting
    ||x|| = 1, F*(x) = sum_{i<=p} a_i phi_i(<w1_i, x>) <w2_i, x> with unit vectors w1_i, w2_i.
    phi is admissible if its Taylor coefficients phi_k vanish at even k >= 2; here up to degree 5.
    c_k are the Hermite coefficients of the step 1{z > 0}: c_0 = 1/2, c_k = He_{k-1}(0)/sqrt(2 pi
    k!). h_phi = sum_k (phi_k/c_k) He_k/sqrt(k!), H(g) = sum_i a_i h_{phi_i}(<g, w1_i>) w2_i.
    The network has N pairs w_{2s-1} = w_{2s} = kappa g_s with signs +-1, m = 2N, g_s ~ N(0, I).

Statement
    (AL1)  E 1{<g,x> > 0} h_phi(<g,w1>) = phi(<w1,x>), so F*(x) = E 1{<g,x> > 0} <H(g), x>;
           E h_phi(<g,w>) h_psi(<g,w'>) = sum_k phi_k psi_k <w,w'>^k/c_k^2, and for phi = psi,
           w = w', the complexity of phi:
           C(phi)^2 = 4 phi_0^2 + 2 pi phi_1^2 + 12 pi phi_3^2 + (80 pi/3) phi_5^2;
           B^2 := E ||H||^2 = 4 q_0 + 2 pi q_1 + 12 pi q_3 + (80 pi/3) q_5,
           q_k = sum_{i,i'} a_i a_i' phi_ik phi_i'k <w1_i,w1_i'>^k <w2_i,w2_i'>,
           B <= sum_i |a_i| C(phi_i).
    (AL2)  W*_r = w_r + m^{-1/2} s_r H(g_r), s_r the sign of neuron r, has at the start
           E (<grad f_0(x), W*> - F*(x))^2 = (E 1{<g,x> > 0} <H,x>^2 - F*(x)^2)/N <= A(x)/N,
           A(x) = E <H,x>^2 = 4 r_0 + 2 pi r_1 + 12 pi r_3 + (80 pi/3) r_5,
           r_k as q_k with <w2_i,x> <w2_i',x>; the first term is A(x)/2 where all terms are even or
           all are odd. Its mean over x with E x x^T = I/d is A = B^2/d.

    Proof. Mehler's formula. What W* predicts at the start is a mean of N independent copies of
    1{<g,x> > 0} <H(g), x>.

Kind
    **Equalities, pathwise** (integrals by quadrature); **equality of means** (B^2, AL2); **upper
    bound, pathwise** (the triangle inequality), **in expectation** (A/N).

Premises
    The neurons of a pair start alike.

Source
    Derived, after Allen-Zhu, Li, Liang (arXiv 1811.04918). Their complexity (quoted in a follow-up)
    is C_s(phi, R) = C* sum_k (k+1)^1.75 R^k |phi_k| with C* = 10^4.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_PATHWISE,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.tables import Case, claims_of
from theory.theorems.concept_classes.symbols import (
    COSTS,
    DEGREES,
    SOURCE,
    VOCABULARY,
    F,
    N,
    coupled,
    half_2,
    half_3,
    half_4,
    mixed,
    norm_var,
    phi,
    psi,
    q,
    r,
    rho,
    terms,
)

PAIRS = sp.Eq(coupled, 1)


def weighted(by_degree: Sequence[sp.Expr]) -> sp.Expr:
    """sum over the degrees 0, 1, 3, 5 of a number over c_k^2."""
    return sp.Add(*(cost * each for cost, each in zip(COSTS, by_degree, strict=True)))


def representation() -> Statement:
    """(AL1), what the norm represents."""
    return Statement(sp.Add(*(a * rho**k for a, k in zip(phi, DEGREES, strict=True))))


def inner() -> Statement:
    """(AL1), of two functions; of one with itself its complexity."""
    triples = zip(phi, psi, DEGREES, strict=True)
    return Statement(weighted([a * b * rho**k for a, b, k in triples]))


def norm() -> Statement:
    """(AL1), of the target."""
    return Statement(weighted(q), variance=norm_var)


def by_terms() -> Statement:
    """(AL1), at most."""
    return Statement(terms)


def at_start() -> Statement:
    """(AL2)."""
    spread = half_2 - F**2
    fourth = half_4 - 4 * F * half_3 + 6 * F**2 * half_2 - 3 * F**4
    variance = (fourth - 3 * spread**2) / N**3 + 2 * spread**2 / N**2
    return Statement(spread / N, (PAIRS,), variance=variance)


def at_start_at_most() -> Statement:
    """(AL2), in closed form."""
    return Statement(weighted(r) / N, (PAIRS,), parts={"A": weighted(r)})


def parity() -> Statement:
    """(AL2), of one parity."""
    return Statement(weighted(r) / 2, (sp.Eq(mixed, 0),))


_START = Quantity(
    "at_start", "(<grad f_0(x), W*> - F*(x))^2",
    r"\left(\langle\nabla f_0(x), W^\ast\rangle - F^\ast(x)\right)^2",
)  # fmt: skip
_CASES: dict[str, Case] = {
    "representation": (
        "AL1", representation, EXACT_PATHWISE,
        Quantity("represented", "E 1{<g,x> > 0} h(<g,w>)",
                 r"\mathbb{E}\,1\{\langle g,x\rangle > 0\}\, h(\langle g,w\rangle)"),
        "a polynomial as a mean over random neurons",
    ),
    "inner": (
        "AL1", inner, EXACT_PATHWISE,
        Quantity("inner", "E h(<g,w>) h'(<g,w'>)",
                 r"\mathbb{E}\, h(\langle g,w\rangle)\, h'(\langle g,w'\rangle)"),
        "the explicit complexity of a function, and inner products",
    ),
    "norm": (
        "AL1", norm, EXACT_EXPECTATION, Quantity("norm", "||H(g)||^2", r"\lVert H(g)\rVert^2"),
        "the explicit norm of the target",
    ),
    "by-terms": (
        "AL1", by_terms, UPPER_PATHWISE, Quantity("B", "B", "B"),
        "it is at most the sum over the terms",
    ),
    "at-start": (
        "AL2", at_start, EXACT_EXPECTATION, _START, "what a network of finite width can represent",
    ),
    "at-start-at-most": (
        "AL2", at_start_at_most, UPPER_EXPECTATION, _START, "the same in closed form",
    ),
    "parity": (
        "AL2", parity, EXACT_PATHWISE,
        Quantity("half", "E 1{<g,x> > 0} <H,x>^2",
                 r"\mathbb{E}\,1\{\langle g,x\rangle > 0\}\langle H,x\rangle^2"),
        "targets of one parity",
    ),
}  # fmt: skip

CLAIMS = claims_of("concepts", _CASES, VOCABULARY, SOURCE)
