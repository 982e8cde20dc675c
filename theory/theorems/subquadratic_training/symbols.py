"""The symbols of subquadratic training."""

from __future__ import annotations

import sympy as sp

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

SOURCE = "after Song, Zhang, Zhang (arXiv 2112.07628)"
PUBLISHED = "published, form unverified: Song, Zhang, Zhang (arXiv 2112.07628)"

# networks of shifted ReLUs
n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
m = _s("m", "neurons per layer", COUNT)
L = _s("L", "hidden layers", COUNT)
c = _s("c", "sparsity: b = sqrt(2 c log m)", OPEN_UNIT)
b = _s("b", "threshold", NONNEGATIVE)
norm_h = _s("norm_h", "||h^{l-1}||, the norm of what the layer sees", POSITIVE,
            latex=r"\lVert h\rVert")  # fmt: skip
long = _s("long", "largest ||x_i||", NONNEGATIVE)
short = _s("short", "least ||x_i||", NONNEGATIVE)
near = _s("near", "neurons with <w_r(0), h> > b - rho ||h||", INDEX)
pairs = _s("pairs", "pairs of neurons with opposite signs", COUNT)
single = _s("single", "neurons that are in no pair of opposite signs", INDEX)
reach = _s("reach", "how far neurons may move, fixed before W_0 is drawn", NONNEGATIVE)

# counts of one step
dense = _s("dense", "the same number of the dense trainer")
grown = _s("grown", "largest ||e_t||/||e_0|| so far", NONNEGATIVE)
into = _s("into", "neurons that fire below the last layer, over samples", INDEX)
blocks = _s("blocks", "products of the numbers that fire in layers l, l + 1, over samples", INDEX)
top = _s("top", "neurons that fire in the last layer, over samples", INDEX)
bottom = _s("bottom", "neurons that fire in the first layer, over samples", INDEX)

# Gauss-Newton
t = _s("t", "steps taken", INDEX)
kinks = _s("kinks", "sum of a_r |z_{t+1,r} - b| over the neurons that flip in the step")
nu_t = _s("nu_t", "largest share of neurons that flip on one sample in the step", NONNEGATIVE)
g = _s("g", "spectral norm of the matrix of |<x_i, x_j>|", POSITIVE)
least = _s("least", "lambda_min(K_t)", NONNEGATIVE, latex=r"\lambda_{\min}(K_t)")
e_t = _s("e_t", "||e_t||", NONNEGATIVE, latex=r"\lVert e_t\rVert")
e_0 = _s("e_0", "||e_0||", NONNEGATIVE, latex=r"\lVert e_0\rVert")
lam = _s("lambda", "lambda_min(K_0)", NONNEGATIVE)
nu = _s("nu", "share of neurons that may flip on one sample", NONNEGATIVE)
norm_X = _s("norm_X", "||X||", POSITIVE, latex=r"\lVert X\rVert")
first = _s("first", "largest first step of a neuron", NONNEGATIVE)
close = _s("close", "most neurons with |z_0 - b| <= rho on one sample", INDEX)
sure = _s("sure", "neurons with z_0 > b - rho, rho that of the certificate", INDEX)
mu = _s("mu", "lambda_min(K_t), at least")
q = _s("q", "factor per step")
rho = _s("rho", "how far a neuron moves, at most")
lam_b = _s("lambda_b", "least eigenvalue of the expected kernel", POSITIVE, latex=r"\lambda_b")
norm_G = _s("norm_G", "||X X^T||", POSITIVE, latex=r"\lVert G\rVert")
norm_y = _s("norm_y", "||y||", NONNEGATIVE, latex=r"\lVert y\rVert")
eps = _s("epsilon", "share of lambda_b that the kernel may lose", OPEN_UNIT)
delta = _s("delta", "failure probability", OPEN_UNIT)
phi_b = _s("phi_b", "density of <w_r, x> within rho of b, at most", NONNEGATIVE, latex=r"\phi_b")
eps_0 = _s("epsilon_0", "relative residual of the linear system", NONNEGATIVE)

# sketches
s = _s("s", "rows of the sketch", COUNT)
c_1 = _s("c_1", "<u, u'>")
c_2 = _s("c_2", "<v, v'>")
k_1 = _s("k_1", "sum of u_i^2 u'_i^2", NONNEGATIVE)
k_2 = _s("k_2", "sum of v_i^2 v'_i^2", NONNEGATIVE)
N_1 = _s("N_1", "||u||^2 ||u'||^2", NONNEGATIVE)
N_2 = _s("N_2", "||v||^2 ||v'||^2", NONNEGATIVE)
columns = _s("columns", "sum over j != l of T_jl^2 + T_jl T_lj, T = X^T Y")
rows = _s("rows", "the same of X Y^T")
entries = _s("entries", "sum over i != k, j != l of X_ij^2 Y_kl^2 + X_ij Y_ij X_kl Y_kl")
swapped = _s("swapped", "sum over i != k, j != l of X_ij Y_kl (X_kj Y_il + X_il Y_kj)")
far = _s("far", "distance of Q^T S^T S Q from I that counts as a failure", POSITIVE)
gamma = _s("gamma", "distance of the singular values of S Q from 1", NONNEGATIVE)
E_0 = _s("E_0", "energy norm of the first error of conjugate gradients", NONNEGATIVE)

# sweeps
smallest = _s("smallest", "smallest size of a sweep", POSITIVE)
largest = _s("largest", "largest size of a sweep", POSITIVE)
sizes = _s("sizes", "sizes of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

# published
C_f = _s("C_f", "constant of the published number that fires", POSITIVE)
C_e = _s("C_e", "constant of its published probability", POSITIVE)
C_m = _s("C_m", "published width", POSITIVE)
C_c = _s("C_c", "constant of the published cost", POSITIVE)
alpha = _s("alpha", "by how much the published exponent is below 2", OPEN_UNIT)


def tail(x: sp.Expr) -> sp.Expr:
    """Q(x) = P(N(0, 1) > x)."""
    return sp.erfc(x / sp.sqrt(2)) / 2


def density(x: sp.Expr) -> sp.Expr:
    """phi(x)."""
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


SWEPT = (sizes >= 3, largest >= 8 * smallest)
