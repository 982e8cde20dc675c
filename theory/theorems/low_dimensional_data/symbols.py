"""The symbols of networks trained on data in a subspace."""

from __future__ import annotations

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    POSITIVE,
    UNIT,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
q = _s("q", "codimension of the subspace, d - k", COUNT)
m = _s("m", "hidden neurons", COUNT)
L = _s("L", "layers", COUNT)
t = _s("t", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)

# networks of any kind
sigma = _s("sigma", "standard deviation of the initial entries of W_1", POSITIVE)
rates = _v("rates", "step size of each step", NONNEGATIVE)
kept = _s("f", "f_t, what weight decay leaves of a weight without gradient", latex="f_t")
wd = _s("omega", "weight decay", NONNEGATIVE)
momentum = _s("momentum", "momentum of descent", NONNEGATIVE)
adaptive = _s("adaptive", "1 for steps that divide by each entry's own size (Adam), else 0", INDEX)
coupled = _s("coupled", "1 where the decay is a part of the gradient, else 0", INDEX)
tilt = _s("tilt", "largest entry of P P^T off its diagonal: 0 for axes", NONNEGATIVE)
kurtosis = _s("kurtosis", "excess kurtosis of the initial entries of W_1: 0 for Gaussian")
w_0 = _s("w_0", "the entry of W_1 N at the start")
off = _s("off", "distance of the point from the subspace", NONNEGATIVE)
J_sq = _s("J_sq", "||J_t(x)||^2", NONNEGATIVE, latex=r"\lVert J_t(x)\rVert^2")
J_sum = _s("J_sum", "||J_t(x) + J_t(x')||^2 at two points", NONNEGATIVE)

# off the subspace
s = _s("s", "distance of x + s n from the subspace", POSITIVE)
a = _v("a", "outer weights of the hidden neurons")
a_part = _v("a_part", "absolute outer weights of one sign", NONNEGATIVE)
z = _v("z", "preactivations at x")
z_part = _v("z_part", "preactivations at x of the neurons of one sign")
m_part = _s("m_part", "neurons of one sign", COUNT)

# linear networks
K_0 = _s("K_0", "the entry of K at the start")
drift = _s("drift", "sum over the steps so far of what K changes by, over eta^2")
k_min = _s("k_min", "smallest eigenvalue of K after the steps so far")
k_max = _s("k_max", "largest eigenvalue of K after the steps so far")
beta_sq = _s("beta_sq", "||beta_t||^2, the linear map on the subspace", NONNEGATIVE)
delta_0 = _s("delta_0", "||w_M||^2 - a^2 at the start")
perp = _s("perp", "||w_perp(0)||", POSITIVE, latex=r"\lVert w_\perp(0)\rVert")
transversal = _s("transversal", "||N^T grad f||", NONNEGATIVE)
B = _s("B", "||beta||, the norm of the target", POSITIVE, latex=r"\lVert\beta\rVert")
lam_max = _s("lam_max", "largest eigenvalue of X^T X/n", POSITIVE)
N = _s("N", "steps per unit of time, 1/eta", COUNT)

# noise in the codimension
s_xi = _s("s_xi", "standard deviation of the noise off the subspace", POSITIVE)
tau = _s("tau", "standard deviation of the noise of the labels", POSITIVE)
intercept = _s("intercept", "1 where an intercept is fitted, else 0", INDEX)
rank = _s("rank", "rank of the rows on the subspace, centred where there is an intercept", INDEX)
bent = _s("bent", "distance of E[y|x] from a linear function, 0 for linear", NONNEGATIVE)
eps = _s("epsilon", "size of the transversal gradient that is asked for", POSITIVE)
C = _s("C", "constant of the published number of rows, not stated", POSITIVE)
alpha = _s("alpha", "power of 1/s_xi^2 in it, not stated", POSITIVE)
lam = _v("lam", "eigenvalues of X^T X/n", NONNEGATIVE)
H = _v("H", "V^T N N^T V, V the eigenvectors of X^T X/n", axes=2)
c = _v("c", "V^T beta")
norm_Xi = _s("norm_Xi", "spectral norm of the noise Xi (n, q)", POSITIVE)
path = _s("path", "sum over the steps of ||e|| max_i (sum of a_j^2 active on i)^(1/2)", NONNEGATIVE)
residuals = _s("residuals", "sum over the steps so far of ||e||", NONNEGATIVE)
a_max = _s("a_max", "largest (sum of a_j^2 active on i)^(1/2) so far", NONNEGATIVE)
untrained = _s("untrained", "||W_1(0) N||_F", POSITIVE)
u = _s("u", "room for the norm of the noise", POSITIVE)

# escape from the origin
beta = _s("beta", "target of the chain", POSITIVE)
start = _s("start", "size of every layer at the start", POSITIVE)
s_sq = _s("s_sq", "variance of the inputs along the target", POSITIVE)
c_1 = _s("c_1", "constant of the published statement, not stated", UNIT)
c_2 = _s("c_2", "constant of its exponent, not stated", POSITIVE)
