"""The symbols of ridge regression."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

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
p = _s("p", "dimension", COUNT)
k = _s("k", "directions of the head", INDEX)
lam = _s("lam", "ridge, added to X X^T", latex=r"\lambda")
s2 = _s("s2", "variance of the noise", NONNEGATIVE, latex=r"\sigma^2")
excess = _s("excess", "distance of the coordinates from Gaussian ones: 0 for these", NONNEGATIVE)

# one direction, one design
a_min = _s("a_min", "least eigenvalue of A = X X^T + lam I", latex=r"a_{\min}")
l_i = _s("l_i", "eigenvalue of the direction", POSITIVE)
theta_i = _s("theta_i", "coefficient of the target along it", latex=r"\theta_i")
h = _s("h", "x_i^T A^-1 x_i")
z_sq = _s("z_sq", "|z_i|^2", NONNEGATIVE, latex=r"|z_i|^2")
q = _s("q", "z_i^T A_{-i}^-1 z_i: the direction left out of A")
rest = _s("rest", "least over largest absolute eigenvalue of A_{-i}", NONNEGATIVE)

# head and tail of one design
m_low = _s("m_low", "least eigenvalue of A_k = X_1 X_1^T + lam I", latex="m_-")
m_high = _s("m_high", "largest eigenvalue of A_k", latex="m_+")
T = _s("T", "tr (Z_0^T Z_0 + m_high Sigma_0^-1)^-1", NONNEGATIVE)
P = _s("P", "spectral norm of (Sigma_0^-1 + Z_0^T Z_0/m_high)^-1", NONNEGATIVE)
w = _s("w", "(v^T (Sigma_0^-1 + Z_0^T Z_0/m_high)^-1 v)^(1/2), v = Sigma_0^(-1/2) theta_0",
       NONNEGATIVE)  # fmt: skip
xi = _s("xi", "(theta_1^T X_1^T A_k^-1 X_1 theta_1)^(1/2)", NONNEGATIVE, latex=r"\xi")
tail_trace = _s("tail_trace", "tr(X_1 Sigma_1 X_1^T)", NONNEGATIVE)
norm_1 = _s("norm_1", "|theta_1| in the norm of Sigma_1", NONNEGATIVE)
size_1 = _s("size_1", "|theta_1|", NONNEGATIVE)
theta_0 = _s("theta_0", "|theta_0| in the norm of Sigma_0^-1", NONNEGATIVE, latex=r"\theta_0")
L = _s("L", "l_{k+1}, the largest eigenvalue of the tail", POSITIVE)
S1 = _s("S1", "sum of the eigenvalues of the tail", POSITIVE)
S2 = _s("S2", "sum of their squares", POSITIVE)
S4 = _s("S4", "sum of their fourth powers", POSITIVE)
C = _s("C", "constant of the published bounds, not stated", POSITIVE)
c = _s("c", "constant of the published size of the head, not stated", POSITIVE)
cond = _s("cond", "largest condition number of A_k in the published premise", POSITIVE)

# Gaussian rows
t = _s("t", "deviation that is allowed for", NONNEGATIVE)
l = _v("l", "eigenvalues of Sigma, the largest first", NONNEGATIVE)
theta = _v("theta", "coefficients of the target")
node = _v("node", "nodes of the quadrature for chi^2 of n - k degrees of freedom", NONNEGATIVE)
weight = _v("weight", "their weights", NONNEGATIVE)
nodes = _s("nodes", "nodes of the quadrature", COUNT)
spread = _s("spread", "largest over smallest eigenvalue of Sigma, minus 1", NONNEGATIVE)
energy = _s("energy", "|theta| in the norm of Sigma, squared", NONNEGATIVE)
n_first = _s("n_first", "smallest number of samples of a sweep", COUNT)
n_last = _s("n_last", "largest number of samples of a sweep", COUNT)
n_sizes = _s("n_sizes", "numbers of samples of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed from an exponent", OPEN_UNIT)

# laws
J = _s("J", "different eigenvalues", COUNT)
e = _v("e", "the different eigenvalues of Sigma", NONNEGATIVE)
gamma = _v("gamma", "their multiplicities, over n", NONNEGATIVE, latex=r"\gamma")
E = _v("E", "energy of the target in the eigenspaces, sum of l theta^2", NONNEGATIVE)
kappa = _s("kappa", "largest root of the fixed point", POSITIVE, latex=r"\kappa")
ridge = _s("ridge", "lam/n", latex=r"\lambda/n")
f = _s("f", "lam over the least lam that has a fixed point, where lam < 0; else 0", NONNEGATIVE)
k_star = _s("k_star", "eigenvalues of at least kappa", INDEX, latex=r"k^\ast")
S2_star = _s("S2_star", "sum of the squares of the others", NONNEGATIVE)
theta_star = _s("theta_star", "sum of theta_i^2/l_i over the k_star first", NONNEGATIVE)
energy_star = _s("energy_star", "sum of l_i theta_i^2 over the others", NONNEGATIVE)

# negative ridge
pull = _s("pull", "delta^T Sigma X^T A^-2 X theta, delta = theta - theta_hat without noise")
fall = _s("fall", "tr(X Sigma X^T A^-3)", NONNEGATIVE)
bent = _s("bent", "spread of the eigenvalues in which the target has energy, 0: one", NONNEGATIVE)
outside = _s("outside", "share of the energy of the target outside of the head", NONNEGATIVE)
l_k = _s("l_k", "least eigenvalue of the head", POSITIVE)
bias_0 = _s("bias_0", "sum_i E_i kappa^2/(e_i + kappa)^2 at lam = 0", NONNEGATIVE)
g_0 = _s("g_0", "g at lam = 0", OPEN_UNIT)
t2 = _s("t2", "variance of the prior of theta", POSITIVE, latex=r"\tau^2")
posterior = _s("posterior", "tr(Sigma (X^T X/s2 + I/t2)^-1)", NONNEGATIVE)
misfit = _s("misfit", "tr(X Sigma X^T A^-1 A*^-1 A^-1), A* = X X^T + (s2/t2) I", NONNEGATIVE)
