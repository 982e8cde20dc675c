"""The symbols of feedback alignment, with meaning and domain.

Network f(x) = m^{-1/2} sum_r beta_r psi(<w_r, x>), outputs on X (n, d), residual e = f - y, loss
||e||^2/2; b (m,) are the fixed weights that carry the error back. With decay lam_t, all from the
values before the step,

    w_r    += -(eta/sqrt m) b_r sum_i e_i psi'(<w_r, x_i>) x_i
    beta_r  = (1 - eta lam_t) beta_r - (eta/sqrt m) sum_i e_i psi(<w_r, x_i>)

B2 = |b|^2. Linear networks: h = -X^T e, W_p = (I - b b^T/B2) W_0, s_0 = W_0^T b/B2, A_t =
W_t^T W_t/m + (<b, beta_t>/m) I, theta* = X^+ y, and e is the part in the range of X (the rest never
moves). Matrix norms are spectral but for ||W||^2 and ||dW||^2 in conservation laws (Frobenius).
"""

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

# --- what is trained, and how ---
n = _s("n", "samples", COUNT)
d = _s("d", "input dimension", COUNT)
m = _s("m", "hidden neurons", COUNT)
k = _s("k", "steps taken", INDEX)
t = _s("t", "time of the flow", NONNEGATIVE)
eta = _s("eta", "step size", POSITIVE)
lam = _s("lambda", "decay of the second layer at this step", NONNEGATIVE)
delta = _s("delta", "failure probability", OPEN_UNIT)
curvature = _s("curvature", "max |psi''| beside 0: 0 where psi(z) = psi'(z) z", NONNEGATIVE)
kink = _s("kink", "psi'(0+) - psi'(0-): 0 linear, 1 ReLU", NONNEGATIVE)
transport = _s(
    "transport", "largest change of the weights that carry the error back, 0 if fixed", NONNEGATIVE
)
kurtosis = _s("kurtosis", "E b_r^4/(E b_r^2)^2 of the law of b, 3 for Gaussian weights", POSITIVE)
correlation = _s("correlation", "of b_r with beta_r at the start", sp.Interval(-1, 1))
beta_scale = _s("beta_scale", "standard deviation of beta_r at the start", NONNEGATIVE)

# --- the problem ---
norm_X = _s("norm_X", "spectral norm ||X||", POSITIVE, latex=r"\lVert X\rVert")
mu = _s("mu", "smallest nonzero eigenvalue of X X^T", POSITIVE)
norm_y = _s("norm_y", "||y||, its part in the range of X", NONNEGATIVE, latex=r"\lVert y\rVert")
theta = _s("theta", "|theta*|, the least solution of X theta = y", POSITIVE)
gamma = _s("gamma", "smallest eigenvalue of E psi(<w, x_i>) psi(<w, x_j>), w ~ N(0, I)", POSITIVE)

# --- one network at its start ---
e0 = _s("e_0", "||e_0||", POSITIVE, latex=r"\lVert e_0\rVert")
B2 = _s("B2", "|b|^2", POSITIVE, latex=r"|b|^2")
overlap = _s("overlap", "<b, beta_0>", latex=r"\langle b, \beta_0\rangle")
s0 = _s("s_0", "|W_0^T b|/|b|^2", NONNEGATIVE)
low = _s("low", "smallest eigenvalue of W_p^T W_p/m", NONNEGATIVE)
high = _s("high", "largest eigenvalue of W_p^T W_p/m", NONNEGATIVE)
a = _s("a", "rate that is tried, free", POSITIVE)
beta_p = _s("beta_p", "|beta_0 - b <b, beta_0>/|b|^2|", NONNEGATIVE)
W_p = _s("W_p", "spectral norm ||W_p||", NONNEGATIVE)
W_p_theta = _s("W_p_theta", "|W_p theta*|", NONNEGATIVE)

R = _s("R", "how far s can move", NONNEGATIVE)
b_min = _s("b_min", "<b, beta_t> stays above")
b_max = _s("b_max", "<b, beta_t> stays below")

FIXED = (sp.Eq(transport, 0),)
"""The error is carried back by weights that never change."""
HOMOGENEOUS = (*FIXED, sp.Eq(curvature, 0))
LINEAR = (*HOMOGENEOUS, sp.Eq(kink, 0))
RELU = (*HOMOGENEOUS, sp.Eq(kink, 1))

SOURCE = "after Song, Xu, Lafferty, Random Backpropagation Weights (arXiv 2106.06044)"
UNVERIFIED = "as recalled, form unverified: Song, Xu, Lafferty (arXiv 2106.06044)"
