"""The steps of the proofs that are not polynomial algebra, and how each is covered instead."""

from theory.algebra.inequalities import Unproved

_ENUMERATED = "An expectation over masks; the tests enumerate all masks of small networks"

UNPROVED = (
    Unproved(
        "noise moments",
        "(I.1), (I.2), (L.1), (E.2)",
        "E zbar = 0, Cov zbar = V Phi, cross terms vanish given the past",
        f"{_ENUMERATED}.",
    ),
    Unproved(
        "Minkowski in L^2",
        "(I.1), (I.2), (L.1)",
        "(E||x+y||^2)^{1/2} <= (E||x||^2)^{1/2} + (E||y||^2)^{1/2}",
        "A sum over finitely many masks: norm/minkowski proves the step from n to n + 1 terms; "
        "a mean is such a sum, each term with the root of its probability.",
    ),
    Unproved(
        "matrices by their eigenvalues",
        "(I.1), (I.2), (II.1)",
        "||M||, ||P||, ||Q|| are the largest of |M_i|, q_i, 1 - q_i; norms are submultiplicative",
        "Holds for any n, so it is no sentence about finitely many real numbers; the scalar "
        "inequalities are proved for each eigenvalue.",
    ),
    Unproved(
        "maxima over eigenpairs",
        "(I.2)",
        "||M^k x|| <= max_i M_i^k ||x||, with the unrolled sum over past rounds",
        "Any number of eigenpairs and rounds; the terms are limit-law/round and norm/minkowski. "
        "The claim is tested on runs.",
    ),
    Unproved(
        "flipped kernels",
        "(II.1)",
        "||sum_{r in S_i or S_j} m_r |G_ij|/m|| <= 2 nu g",
        "Entrywise comparison of matrices of any size; the claim is pathwise and tested on runs.",
    ),
    Unproved(
        "variance allowance",
        "(L.1)",
        "sd ||e_k||^2 <= twice that of the Gaussian limit, plus the envelope",
        "An allowance, not a bound, as its module says; measured there.",
    ),
    Unproved(
        "Chernoff exponent",
        "Link III, item 1",
        "(1-eps) log(1-eps) + eps > 0 for 0 < eps < 1",
        "Transcendental: it is log(1+y) < y at y = eps/(1-eps), the tangent of a concave function.",
    ),
    Unproved(
        "Gaussian band",
        "Link III, item 2",
        "P(|N(0, kappa^2)| <= R_w) <= sqrt(2/pi) R_w/kappa",
        "An integral: the density is at most its value at 0.",
    ),
    Unproved(
        "tail bounds",
        "Link III, items 1 to 5",
        "matrix Chernoff and Bernstein, multiplicative Chernoff, Markov, Chebyshev, union bounds",
        "Theorems on probabilities, cited.",
    ),
    Unproved(
        "published bounds",
        "Theorems 2, 3 and 7, Corollaries 4 to 6",
        "the neighbourhoods and widths themselves",
        "Constants hidden in O(.) and Omega(.) leave nothing to prove; tested inside their regime.",
    ),
)
