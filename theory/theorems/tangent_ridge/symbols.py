"""The symbols of ridge regression in the tangent space."""

from __future__ import annotations

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
N = _s("N", "neurons", COUNT)
lam = _s("lambda", "ridge", NONNEGATIVE)
tau_sq = _s("tau_sq", "variance of the noise of the labels", NONNEGATIVE)
uniform = _s("uniform", "1 for rows that are uniform on the sphere, else 0", INDEX)
C = _s("C", "constant of the published statement, not stated", POSITIVE)

# the kernel of N neurons
angle = _s("angle", "angle between the two rows", NONNEGATIVE)
T = _v("T", "cosines of the rows", axes=2)
angles = _v("angles", "angles between the rows", NONNEGATIVE, axes=2)
generic = _s("generic_rank", "rank for the same activations and Gaussian rows", INDEX)
density = _s("density", "1 for rows drawn with a density, else 0", INDEX)
part = _s("part", "samples in the set A", INDEX)
seen = _s("seen", "rank of the activations on A", INDEX)
rank = _s("rank", "rank of the kernel of N neurons", INDEX)
lam_K = _s("lambda_K", "least eigenvalue of the kernel K", NONNEGATIVE)
theta = _s("theta", "free parameter of the master bound", POSITIVE)
s = _v("s", "eigenvalues of theta K - (theta^2/2) E2")
norm_T = _s("norm_T", "spectral norm of the cosines", POSITIVE, latex=r"\lVert T\rVert")
eps = _s("epsilon", "share of the least eigenvalue that the width may cost", OPEN_UNIT)
delta = _s("delta", "failure probability", OPEN_UNIT)
edge = _s("edge", "lower edge for the spectrum of K and N d Gaussian vectors", NONNEGATIVE)

# N neurons against infinitely many
v_1 = _s("v_1", "N E ||(k_N - k)^T alpha||^2", NONNEGATIVE)
v_2 = _s("v_2", "alpha^T (E2 - K^2) alpha", NONNEGATIVE)
half = _s("half", "bound of ||E 1{<w, x> > 0} x x^T|| for all w, 1/2 for symmetric x", POSITIVE)
V_1 = _s("V_1", "N times the first-order distance, from one neuron at a time", NONNEGATIVE)
smallest = _s("smallest", "smallest size of a sweep", POSITIVE)
largest = _s("largest", "largest size of a sweep", POSITIVE)
sizes = _s("sizes", "sizes of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
blur = _s("blur", "relative standard error at the largest size of a sweep", NONNEGATIVE)
R_K = _s("R_K", "risk of infinitely many neurons", NONNEGATIVE)
R_poly = _s("R_poly", "risk of polynomial ridge", NONNEGATIVE)

# a network
t = _s("t", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)
mu = _s("mu", "an eigenvalue of the kernel of N neurons", NONNEGATIVE)
target = _s("c", "the labels along its eigenvector")
flips = _s("flips", "activations of training rows that have changed so far", INDEX)

# polynomials
l = _s("l", "degree of polynomial ridge", INDEX)  # noqa: E741 - the name of the field
top = _s("top", "largest degree that is written out", INDEX)
gamma = _v("gamma", "Gegenbauer coefficients of K, from degree 0 on", NONNEGATIVE)
B = _v("B", "dimensions of the harmonics, from degree 0 on", POSITIVE)
gammas = _v("gammas", "Gegenbauer coefficients of K by size", NONNEGATIVE, axes=2)
Bs = _v("B_by_size", "dimensions of the harmonics by size", POSITIVE, axes=2)
at = _s("at", "which of the sizes", INDEX)
m_4 = _s("m_4", "E K_{>l}(t)^4", NONNEGATIVE)
h = _v("h", "a_k^T Q_k(T) a_k: a_k = alpha for k > l, alpha - alpha_l for k <= l", NONNEGATIVE)
a = _v("a", "alpha^T Q_k(T) alpha", NONNEGATIVE)
c = _v("c_k", "alpha^T f*_k(X), the target of degree k on the rows")
F = _v("F", "energy of the target in each degree", NONNEGATIVE)
alpha_sq = _s("alpha_sq", "||alpha||^2", NONNEGATIVE)
norm_M = _s("norm_M", "||M_{>l}||", NONNEGATIVE)
mu_max = _s("mu_max", "largest gamma_k/B_k for k <= l", NONNEGATIVE)
norm_D = _s("norm_D", "||Delta||", NONNEGATIVE)
kap = _s("kap", "effective ridge: root of the fixed point", POSITIVE)
kap_l = _s("kap_l", "effective ridge of polynomial ridge at lambda + gamma_{>l}", POSITIVE)
kap_less = _s("kap_less", "the same at lambda + gamma_{>l} kap/(kap + max_{k>l} mu_k)", POSITIVE)
B_k = _s("B_k", "dimension of the harmonics of the target's degree", POSITIVE)
