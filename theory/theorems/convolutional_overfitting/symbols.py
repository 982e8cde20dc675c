"""The symbols of overfitting in a two-layer convolutional network."""

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
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

SOURCE = "after Cao, Chen, Belkin, Gu (arXiv 2202.06526)"
PUBLISHED = "published, form unverified: Cao, Chen, Belkin, Gu (arXiv 2202.06526)"
LARGEST = 1e300
"""In place of what is infinite."""

# the model
q = _s("q", "power of the activation max(0, z)^q", POSITIVE)
n = _s("n", "samples", COUNT)
m = _s("m", "filters of each head", COUNT)
n_j = _s("n_j", "samples of the class", INDEX)
mu2 = _s("mu_sq", "||mu||^2", POSITIVE)
xi2 = _s("xi_sq", "||xi_i||^2", POSITIVE)
eta = _s("eta", "step size", POSITIVE)
T = _s("T", "steps of the whole run", COUNT)
cross = _s("cross", "largest |cosine| between two noise patches", NONNEGATIVE)
flips = _s("flips", "share of labels that are flipped", NONNEGATIVE)
shrink = _s("shrink", "largest share that a shrinking preactivation loses in a step", NONNEGATIVE)

# CN1
start = _s("start", "the quantity at W_0")
gamma = _s("gamma", "what the recursion of the signal has added")
before = _s("before", "the same at the checkpoint before")
rho = _v("rho", "what the recursions of noise have added, by checkpoint, run and filter", axes=2)
overlap = _v("overlap", "<xi_k, xi_i>/||xi_k||^2, by run and i", axes=2)
state = _s("state", "row of rho", INDEX)
place = _s("place", "row of overlap", INDEX)

# at W_0
u = _s("u", "aligned noise <w_{y_i r}, xi_i> at W_0")
v = _s("v", "aligned signal j <w_jr, mu> at W_0")
top = _s("top", "the largest v_jr of the class at W_0")
least = _s("least", "the least u_i of the class, u_i the largest u_ri, at W_0")
N = _s("N", "what the other head can do to sample i, at W_0", NONNEGATIVE)
N_top = _s("N_top", "the largest N_i of the class", NONNEGATIVE)
weight = _s("a", "||xi_i||^2 of a patch, n_j ||mu||^2 of a signal", NONNEGATIVE)
other = _s("N_a", "N_i of a patch, the largest of the class of a signal", NONNEGATIVE)
h = _s("h", "largest relative growth of a preactivation in a step so far", POSITIVE)
h_0 = _s("h_0", "the limit of that growth which is known before training", POSITIVE)
chi = _s("chi", "phase parameter of the class", NONNEGATIVE, latex=r"\chi")
chi_top = _s("chi_top", "the larger phase parameter of both classes", NONNEGATIVE)
share = _s("share", "v_jr^+/v_j of the filter, 0 where v_j <= 0", NONNEGATIVE)
V = _v("V", "v_jr^+ by run and class, and filter", NONNEGATIVE, axes=2)
V_share = _v("V_share", "v_jr^+/v_j by run and class, and filter", NONNEGATIVE, axes=2)
U = _v("U", "u_ri^+ by run and class, sample of the class, and filter", NONNEGATIVE, axes=3)
U_part = _v("U_part", "u_ri^+/u_i by run and class, sample of it, filter", NONNEGATIVE, axes=3)
u_top = _s("u_top", "the largest u_i of the class, 0 where negative", NONNEGATIVE)

row = _s("row", "row of V and U: run and class", INDEX)

# during training
spent = _s("spent", "sum over the class of P_i, the noise clock")
margin = _s("margin", "the least margin y_i f_i of the class")
worst = _s("worst", "the larger s_1 + s_{-1} of the harmful phase", NONNEGATIVE)
K = _s("K", "factor by which noise may grow", POSITIVE)
spread = _s("w", "by how much margins of the class differ while noise is below K u", NONNEGATIVE)
fullest = _s("fullest", "the largest psi_i of the class", NONNEGATIVE)
worst_class = _s("worst_class", "the largest psi_i of both classes", NONNEGATIVE)
chi_low = _s("chi_low", "the smaller phase parameter of both classes", NONNEGATIVE)
fit = _s("fit", "mean over the classes of e^nu times the largest loss of the class", NONNEGATIVE)
fit_mean = _s("fit_mean", "mean over the classes of e^nu' times its mean loss", NONNEGATIVE)
O = _s("O", "mean over the classes of what the other head's signal can do, at W_0", NONNEGATIVE)  # noqa: E741 # fmt: skip
sp2 = _s("sigma_p_sq", "variance of a coordinate of the test noise", NONNEGATIVE)
off = _v("off", "||P w_jr|| by checkpoint, head and filter", NONNEGATIVE, axes=2)
off_most = _v("off_most", "its limit from W_0, by head and filter", NONNEGATIVE, axes=2)
gaussian = _s("gaussian", "1 where the test noise is Gaussian, else 0", INDEX)
step = _s("step", "number of the checkpoint", INDEX)
theta = _s("theta", "signal from which a class counts as learned", POSITIVE)

# sweeps
d_low = _s("d_low", "smallest dimension of a sweep", COUNT)
d_high = _s("d_high", "largest dimension of a sweep", COUNT)
sizes = _s("sizes", "dimensions of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

# published
snr = _s("SNR", "||mu|| over the root mean square norm of noise patches", POSITIVE)
eps = _s("epsilon", "training loss that was reached", NONNEGATIVE)
C = _s("C", "constant of the published phases, not stated", POSITIVE)


def slope_factor(growth: sp.Expr) -> sp.Expr:
    """H' = (q-2) h/(1 - (1+h)^-(q-2)): how far steps depart from the flow."""
    from sympy.codegen.cfunctions import expm1, log1p

    return -(q - 2) * growth / expm1(-(q - 2) * log1p(growth))
