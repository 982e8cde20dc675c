"""The tangent kernel of N neurons: its mean, its rank, its least eigenvalue.

Setting
    Rows x_i of norm sqrt d, T = X X^T/d, angles psi_ij. w_l ~ N(0, I_d), l = 1..N; the activation
    is the ReLU. Features (N d)^{-1/2} (1{<w_l, x> > 0} x)_l in R^{N d}. S is the 0/1 pattern of
    activations (n, N), D_l the diagonal matrix of its column l.
        K_N = (1/N) sum_l D_l T D_l = T o (S S^T)/N,   K = E K_N = T o p,  p = (pi - psi)/(2 pi)
        E2 = E (D T D)^2, (E2)_ij = sum_k t_ik t_kj (1/2 - (psi_ik + psi_kj + psi_ij)/(4 pi))

Statement
    (NT1)  E (K_N)_ij/t_ij = p_ij,   E ||K_N - K||_F^2 = (1/N) sum_ij t_ij^2 p_ij (1 - p_ij)
    (NT2)  rank K_N <= n - |A| + d rank(S_A) for every set A of samples, S_A its rows of S, and
           rank K_N = min over A almost surely for rows with a density. That is the rank for the
           same S and fresh Gaussian rows. So rank K_N <= min(n - #dead, N d), #dead the samples
           that no neuron sees, E #dead = n 2^-N: "N d >= n" needs N >= log2(n/delta), too.
           For labels of pure noise of variance tau^2 the mean training error is
           tau^2 (1 - rank/n) at convergence without ridge, and never below.
    (NT3)  P(lambda_min(K_N) >= (1-eps) lambda_K) >= 1 - delta once N >= N*: the smaller of
             min over theta of the N with sum_i exp(N [theta (1-eps) lambda_K - s_i]) <= delta,
                 s the eigenvalues of theta K - (theta^2/2) E2,
             ||T|| log(n/delta)/(lambda_K (eps + (1-eps) log(1-eps))).
           On the sphere the second is of the order (n + d) log(n/delta)/d.
    (NT4)  HEURISTIC, not proved: lambda_min(K_N) -> the lower edge of N d Gaussian vectors of
           covariance K, max_m [-1/m + (1/(N d)) sum_i t_i/(1 + t_i m)], t = spec K, m < -1/t_min.
    Published, C not stated, powers of logarithms left out:
           lambda_min(K_N) >= (1 - C sqrt(n/(N d))) lambda_K

    Proof. (NT1): variance of Bernoulli means. (NT2): the rows of the features are p_i (x) x_i, p_i
    the rows of S; those of A span at most rank(S_A) d dimensions. Equality is the union of d copies
    of the row matroid of S. Gradient descent contracts towards the projection of the labels.
    (NT3): Tropp's master bound P(lambda_min(sum Y) <= s) <= e^{theta s} tr exp(sum log E e^{-theta
    Y}), e^-x <= 1 - x + x^2/2, and the logarithm is operator monotone; the second is Chernoff's.

Kind
    (NT1): **equalities, in expectation**; (NT2): **upper bound, pathwise**, **equality, pathwise**,
    **equalities** and **lower bound, in expectation**; (NT3): **lower bound, with probability**;
    (NT4): **in the limit** of large d at fixed n/d and N, of means over draws.

Premises
    No zero rows. (NT2), equality: rows with a density. (NT3): lambda_K > 0. (NT4), the range in
    which it was seen to hold: uniform rows, n >= 4 d, d >= 20, N d >= 8 n.

Slips that hide
    (NT3) is loose by a factor 10 to 20 in N: K^2 in place of E2 (a factor 1/6) is not seen.

Source
    After Montanari & Zhong, The interpolation phase transition in neural networks: memorization and
    generalization under lazy training (Ann. Statist. 50(5), 2022; arXiv 2007.12826): that the least
    eigenvalue is bounded below as soon as N d >> n is theirs (quoted: abstract); the rates with C
    are recalled, their form unverified. Constants, and (NT2), (NT4), are derived here. Tropp,
    User-friendly tail bounds (2012); Silverstein & Choi (1995).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import (
    EXACT_EXPECTATION,
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_EXPECTATION,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_PATHWISE,
)
from theory.theorems.tangent_ridge.symbols import (
    VOCABULARY,
    C,
    N,
    T,
    angle,
    angles,
    d,
    delta,
    density,
    edge,
    eps,
    generic,
    lam_K,
    n,
    norm_T,
    part,
    rank,
    s,
    seen,
    tau_sq,
    theta,
    uniform,
)

SOURCE = "after Montanari & Zhong (arXiv 2007.12826)"
PUBLISHED = "published, form unverified: Montanari & Zhong (arXiv 2007.12826)"

_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j"))
_PAIRS = ((_i, 0, n - 1), (_j, 0, n - 1))
_p = (sp.pi - angles[_i, _j]) / (2 * sp.pi)


def both_active() -> Statement:
    """(NT1), the mean."""
    p = (sp.pi - angle) / (2 * sp.pi)
    return Statement(p, variance=p * (1 - p) / N)


def fluctuation() -> Statement:
    """(NT1), the variance.

    Var of the square of a mean of N independent matrices A of mean 0: (E ||A||^4 - m^2)/N^3 +
    2 (N-1)/N^3 E <A, A'>^2, where m = E ||A||^2, ||A||^2 <= top and E <A, A'>^2 <= m^2.
    """
    m = sp.Sum(T[_i, _j] ** 2 * _p * (1 - _p), *_PAIRS)
    top = sp.Sum(T[_i, _j] ** 2 * (1 - _p) ** 2, *_PAIRS)
    return Statement(m / N, variance=(m * top + (2 * N - 3) * m**2) / N**3)


def rank_of_part() -> Statement:
    """(NT2), by a set of samples."""
    return Statement(n - part + d * seen)


def rank_at_most() -> Statement:
    """(NT2), by the best set."""
    return Statement(generic)


def rank_exactly() -> Statement:
    """(NT2), for rows with a density."""
    return Statement(generic, (sp.Eq(density, 1),))


def dead() -> Statement:
    """(NT2), samples that no neuron sees: two of them with probability p_ij^N."""
    return Statement(n * 2 ** (-N), variance=sp.Sum(_p**N, *_PAIRS) - n**2 * 4 ** (-N))


def memorised() -> Statement:
    """(NT2), the training error at convergence: tau^2/n times chi-squared."""
    return Statement(tau_sq * (1 - rank / n), variance=2 * tau_sq**2 * (n - rank) / n**2)


def never_below() -> Statement:
    """(NT2), the training error at any time."""
    return Statement(tau_sq * (1 - rank / n), variance=2 * tau_sq**2 / n)


def least_eigenvalue() -> Statement:
    """(NT3)."""
    tropp = sp.Sum(sp.exp(N * (theta * (1 - eps) * lam_K - s[_i])), (_i, 0, n - 1))
    power = eps + (1 - eps) * sp.log(1 - eps)
    chernoff = n * sp.exp(-N * lam_K * power / norm_T)
    return Statement(
        1 - delta,
        (lam_K > 0, sp.Min(tropp, chernoff) <= delta),
        parts={"tropp": tropp, "chernoff": chernoff},
    )


def published_eigenvalue() -> Statement:
    """Published, form unverified."""
    return Statement((1 - C * sp.sqrt(n / (N * d))) * lam_K)


def edge_of_spectrum() -> Statement:
    """(NT4), heuristic."""
    return Statement(edge, (sp.Eq(uniform, 1), n >= 4 * d, d >= 20, N * d >= 8 * n), size=d)


_RANK = Quantity("rank", "rank of K_N", r"\operatorname{rank} K_N")

CLAIMS = (
    Claim(
        "tangent/both-active", f"(NT1), {SOURCE}", EXACT_EXPECTATION,
        Quantity("both_active", "share of neurons that see both rows",
                 r"\frac1N \sum_\ell S_{i\ell} S_{j\ell}"),
        both_active, VOCABULARY, "the mean of the kernel of N neurons",
    ),
    Claim(
        "tangent/fluctuation", f"(NT1), {SOURCE}", EXACT_EXPECTATION,
        Quantity("fluctuation", "||K_N - K||_F^2", r"\lVert K_N - K\rVert_F^2"),
        fluctuation, VOCABULARY, "and how far it is from its mean",
    ),
    Claim(
        "tangent/rank-of-part", f"(NT2), {SOURCE}", UPPER_PATHWISE,
        Quantity("rank_by_parts", "rank of K_N", r"\operatorname{rank} K_N"),
        rank_of_part, VOCABULARY, "few neurons see few dimensions of any set of samples",
    ),
    Claim(
        "tangent/rank-at-most", f"(NT2), {SOURCE}", UPPER_PATHWISE, _RANK,
        rank_at_most, VOCABULARY, "no rows have a larger rank than generic ones",
    ),
    Claim(
        "tangent/rank", f"(NT2), {SOURCE}", EXACT_PATHWISE, _RANK,
        rank_exactly, VOCABULARY, "the memorisation threshold",
    ),
    Claim(
        "tangent/dead", f"(NT2), {SOURCE}", EXACT_EXPECTATION,
        Quantity("dead", "samples that no neuron sees", r"\#\text{dead}"),
        dead, VOCABULARY, "samples that are never learnt",
    ),
    Claim(
        "tangent/memorised", f"(NT2), {SOURCE}", EXACT_EXPECTATION,
        Quantity("memorised", "training error of pure noise, at convergence",
                 r"\tfrac1n \lVert f(X) - y\rVert^2"),
        memorised, VOCABULARY, "what is left of noise",
    ),
    Claim(
        "tangent/never-below", f"(NT2), {SOURCE}", LOWER_EXPECTATION,
        Quantity("on_the_way", "training error of pure noise, at any step",
                 r"\tfrac1n \lVert f_t(X) - y\rVert^2", least=0.0),
        never_below, VOCABULARY, "and it is not less at any time",
    ),
    Claim(
        "tangent/least-eigenvalue", f"(NT3), {SOURCE}", LOWER_PROBABILITY,
        Quantity("least_eigenvalue", "P(lambda_min(K_N) >= (1-epsilon) lambda_K)",
                 r"\mathbb{P}[\lambda_{\min}(K_N) \ge (1-\epsilon)\lambda_K]"),
        least_eigenvalue, VOCABULARY, "so many neurons are enough, from the data alone",
    ),
    Claim(
        "tangent/published-eigenvalue", PUBLISHED, LOWER_PATHWISE,
        Quantity("lambda_min", "lambda_min(K_N)", r"\lambda_{\min}(K_N)", least=0.0),
        published_eigenvalue, VOCABULARY, "published, with a constant of one's own",
    ),
    Claim(
        "tangent/edge", f"(NT4), heuristic, {SOURCE}", EXACT_LIMIT,
        Quantity("lambda_min_by_size", "lambda_min(K_N)", r"\lambda_{\min}(K_N)"),
        edge_of_spectrum, VOCABULARY, "heuristic: a sharp law of the least eigenvalue",
    ),
)  # fmt: skip
