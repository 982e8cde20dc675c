"""The symbols of masked training, with meaning and domain.

Network f_W(x) = m^{-1/2} sum_r a_r relu(<w_r, x>), outputs u = f_W(X), residual e = u - y;
H = sum_r H_r is the neural tangent kernel and Phi = sum_r phi_r phi_r^T the output covariance,
both at W_0; (mu_j, v_j) are the eigenpairs of H, c_j = <v_j, e_0>. Indices start at 0.
"""

from __future__ import annotations

import sympy as sp

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    UNIT,
    Vocabulary,
)

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
m = _s("m", "hidden width", COUNT)
p = _s("p", "surrogate models (masks) per round", COUNT)
tau = _s("tau", "local gradient steps per round", COUNT)
k = _s("k", "round index", INDEX)
K = _s("K", "rounds", COUNT)
xi = _s("xi", "probability that a neuron is active in one surrogate", UNIT)
eta = _s("eta", "local step size", POSITIVE)
zeta = _s("zeta", "effective step size eta/xi", POSITIVE)
kappa = _s("kappa", "initial weight scale: w_{0,r} ~ N(0, kappa^2 I)", POSITIVE)
delta = _s("delta", "failure probability", OPEN_UNIT)

theta = _s("theta", "P(N_r >= 1): a neuron is in some surrogate", UNIT)
V = _s("V", "Var(N_r)/(p xi)^2: variance of the averaged masks", NONNEGATIVE)

excess = _s(
    "excess", "excess kurtosis of zbar: (E(N/(p xi) - 1)^4/V^2 - 3) sum ||phi_r||^4/(tr Phi)^2"
)

lam = _s("lambda", "smallest eigenvalue of the neural tangent kernel H at W_0", NONNEGATIVE)
Lam = _s("Lambda", "largest eigenvalue of H at W_0", NONNEGATIVE)
lam0 = _s("lambda_0", "smallest eigenvalue of the infinite-width kernel", POSITIVE)
mu = _v("mu", "eigenvalues of H at W_0, increasing", NONNEGATIVE)
c_sq = _v(
    "c_sq", "squared components c_j^2 of e_0 in the eigenvectors of H", NONNEGATIVE, latex="c^2"
)
c_vec = _v("c_j", "components <v_j, e_0> of the initial residual")
Phi = _v("Phi", "output covariance in the eigenvectors of H: v_i^T Phi v_j", axes=2)

e0_sq = _s("e0_sq", "squared initial residual ||e_0||^2", NONNEGATIVE, latex=r"\lVert e_0\rVert^2")
alpha = _s("alpha", "largest relative linearisation defect on the good event", NONNEGATIVE)
alpha_j = _v("alpha_j", "linearisation defect allowed in round j", NONNEGATIVE, latex=r"\alpha")
R = _s("R", "displacement of the outputs allowed on the good event", NONNEGATIVE)
c = _s("c", "free constant of the main theorem (any positive number)", POSITIVE)

r = _s("r", "contraction of one round: theta (1 - (1 - zeta lambda)^tau)", NONNEGATIVE)
s = _s("s", "sampling noise injected in one round", NONNEGATIVE)
sigma = _s("sigma", "sampling noise of one surrogate", NONNEGATIVE)
rho = _s("rho", "total contraction of the squared residual in one round")

nu = _s("nu", "largest weight of neurons whose activation flipped since W_0", NONNEGATIVE)
g = _s("g", "spectral norm of the entrywise absolute Gram matrix |X X^T|", NONNEGATIVE)
eps_A = _s("epsilon_A", "largest deviation of a masked kernel A^l from its mean", NONNEGATIVE)
eps_B = _s("epsilon_B", "largest deviation of an averaging kernel B^l from its mean", NONNEGATIVE)
eps_f = _s(
    "epsilon_f", "growth of a local residual per step through flips: 2 nu zeta g", NONNEGATIVE
)
tau_hat = _s("tau_hat", "((1 + epsilon_f)^tau - 1)/epsilon_f", NONNEGATIVE, latex=r"\hat\tau")
rho_k = _s("rho_k", "scale of round k: root mean square surrogate residual", NONNEGATIVE)
stab_A = _s("stability_A", "largest eigenvalue of eta A^l over the surrogates", NONNEGATIVE)
stab_B = _s("stability_B", "largest eigenvalue of p zeta B^l over the surrogates", NONNEGATIVE)

i, j = sp.symbols("i j", integer=True, nonnegative=True)
"""Bound indices: i, j over eigenpairs; j also over past rounds."""
