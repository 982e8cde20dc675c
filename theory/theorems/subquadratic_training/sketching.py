"""TensorSketch: its exact second moments, and preconditioners made with it.

Setting
    S maps a matrix X with rows i, columns j to s buckets: entry (i, j) is added to bucket
    h_1(i) + h_2(j) mod s with sign r_1(i) r_2(j), hashes and signs independent and uniform. For
    u v^T it is IFFT(FFT(C_1 u) FFT(C_2 v)), C_1, C_2 CountSketches. Columns of J^T are of that form
    (D_i x_i^T). Q is an orthonormal basis of their span.

Statement
    (ST7)  E <SX, SY> = <X, Y>. k_s = 1 for odd s, 2 for even s. For u v^T and u' v'^T
           Var = [ c1^2 (A2 + B2) + c2^2 (A1 + B1) + A1 A2 + B1 B2 ]/s + k_s (A1 B2 + B1 A2)/s^2,
           c1 = <u, u'>, k1 = sum_i u_i^2 u'_i^2, A1 = ||u||^2 ||u'||^2 - k1, B1 = c1^2 - k1, and
           index 2 with v. For any X, Y, with T = X^T Y, U = X Y^T,
           Var = [ sum_{j != l} (T_jl^2 + T_jl T_lj) + sum_{i != k} (U_ik^2 + U_ik U_ki)
                 + sum_{i != k, j != l} (X_ij^2 Y_kl^2 + X_ij Y_kl X_kl Y_ij) ]/s
                 + k_s/s^2 sum_{i != k, j != l} X_ij Y_kl (X_kj Y_il + X_il Y_kj).
           E ||Q^T S^T S Q - I||_F^2 is the sum of that over pairs of columns of Q, M say, and
           P(||Q^T S^T S Q - I||_F > far) <= M/far^2.
    (ST8)  K~ = J S^T S J^T as preconditioner, the singular values of S Q in [1 - gamma, 1 + gamma],
           gamma < 1: the energy norm of the error of conjugate gradients on K after t steps is at
           most 2 gamma^t times the first one. For Gaussian S with s rows and n columns of J^T,
           gamma = sqrt(n/s) + sqrt(2 log(2/delta)/s) < 1 will do with probability 1 - delta,
           whatever the conditioning of J.
    Published [recalled: Avron, Nguyen, Woodruff 2014]:
    (ST.P4) E ||Q^T S^T S Q - I||_F^2 <= (2 + 3^2) n^2/s.

    Proof. (ST7): lags of the two hashes; signs pair equal or swapped; Markov for the square.
    (ST8): the spectrum of K~^{-1} K is in [(1 + gamma)^-2, (1 - gamma)^-2], Chebyshev;
    Davidson-Szarek.

Kind
    **Equalities, pathwise**: variances by enumerating all hashes and signs; **upper bounds, in
    expectation**, **of a probability** and **pathwise**; **lower bound, with probability**.

Premises
    gamma < 1; for s < n it is not.

Slips that the slack hides
    (ST.P4) is 6 to 12 times the exact value; Markov's bound is 70 times the probability.

Source
    Derived, after Song, Zhang, Zhang (arXiv 2112.07628), who sketch and precondition so;
    Davidson & Szarek (2001).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    EXACT_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
)
from theory.language.tables import Case, claims_of, probability
from theory.theorems.subquadratic_training.symbols import (
    E_0,
    N_1,
    N_2,
    PUBLISHED,
    SOURCE,
    VOCABULARY,
    c_1,
    c_2,
    columns,
    delta,
    entries,
    far,
    gamma,
    k_1,
    k_2,
    n,
    rows,
    s,
    swapped,
    t,
)

PARITY = (3 + (-1) ** s) / 2
"""k_s: solutions of 2 x = 0 modulo s."""


def rank_one() -> Statement:
    """(ST7), u v^T and u' v'^T."""
    A_1, B_1, A_2, B_2 = N_1 - k_1, c_1**2 - k_1, N_2 - k_2, c_2**2 - k_2
    lags = c_1**2 * (A_2 + B_2) + c_2**2 * (A_1 + B_1) + A_1 * A_2 + B_1 * B_2
    return Statement(lags / s + PARITY * (A_1 * B_2 + B_1 * A_2) / s**2)


def moment() -> sp.Expr:
    """(ST7), any matrices."""
    return (columns + rows + entries) / s + PARITY * swapped / s**2


def gaussian() -> Statement:
    """(ST8), Gaussian S."""
    size = sp.sqrt(n / s) + sp.sqrt(2 * sp.log(2 / delta) / s)
    return Statement(1 - delta, (gamma < 1,), {gamma: size}, {"gamma": gamma})


_MOMENT = Quantity("sketch_moment", "||Q^T S^T S Q - I||_F^2",
                   r"\lVert Q^T S^T S Q - I\rVert_F^2")  # fmt: skip
_CASES: dict[str, Case] = {
    "sketch": (
        "ST7", rank_one, EXACT_PATHWISE,
        Quantity("sketch_variance", "Var <S(u v^T), S(u' v'^T)>",
                 r"\mathrm{Var}\langle S(uv^T), S(u'v'^T)\rangle"),
        "the second moment of TensorSketch, exactly",
    ),
    "sketch-matrices": (
        "ST7", lambda: Statement(moment()), EXACT_PATHWISE,
        Quantity("matrix_variance", "Var <SX, SY>", r"\mathrm{Var}\langle SX, SY\rangle"),
        "and for any two matrices",
    ),
    "sketch-subspace": (
        "ST7", lambda: Statement(moment()), UPPER_EXPECTATION, _MOMENT,
        "how far a sketch of the Jacobian is from an isometry",
    ),
    "sketch-failure": (
        "ST7", lambda: Statement(moment() / far**2), UPPER_PROBABILITY,
        probability("sketch_far", "||Q^T S^T S Q - I||_F > far"), "and how often farther",
    ),
    "published-sketch": (
        "ST.P4", lambda: Statement(11 * n**2 / s), UPPER_EXPECTATION, _MOMENT,
        "the known bound",
    ),
    "preconditioned": (
        "ST8", lambda: Statement(2 * gamma**t * E_0, (gamma < 1,), index=t), UPPER_PATHWISE,
        Quantity("energy", "energy norm of the error of conjugate gradients",
                 r"\lVert\kappa_t - \kappa\rVert_K"),
        "conjugate gradients with a sketched preconditioner",
    ),
    "gaussian-sketch": (
        "ST8", gaussian, LOWER_PROBABILITY,
        probability("gaussian_close", "singular values of S Q within gamma of 1"),
        "how many Gaussian rows make a preconditioner",
    ),
}  # fmt: skip

CLAIMS = claims_of("subquadratic", _CASES, VOCABULARY, SOURCE, PUBLISHED)
