"""The symbols of networks with trainable biases, and expressions that several claims share."""

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
m = _s("m", "neurons", COUNT)
B = _s("B", "bias of every neuron at the start")
t = _s("tau", "1 where biases are trained, 0 where they are frozen", INDEX)

# the kernel of infinitely many neurons
G = _s("G", "inner product of the two rows", sp.Interval(-1, 1))
T = _s("T", "Owen's T(B, sqrt((1-G)/(1+G)))", latex=r"T(B, \sqrt{\tfrac{1-G}{1+G}})")
top = _s("top", "largest degree that is written out", INDEX)
c = _v("c", "coefficients of the step 1{z > B}: c_k at place k + 1, 0 at place 0")
lam_k = _v("lambda_k", "least eigenvalue of the Schur power of degree k of G", NONNEGATIVE)
rows = _v("rows", "max_i sum_{j != i} |G_ij|^k, from degree 0 on", NONNEGATIVE)
s = _s("s", "largest |G_ij| of two rows, 0 for one row", sp.Interval(0, 1))
R_B = _s("R_B", "max_i sum_{j != i} |tau + G_ij| L_B(G_ij)", NONNEGATIVE)
apart = _s("apart", "min over i != j of ||x_i - x_j|| and ||x_i + x_j||", NONNEGATIVE)
lam_B = _s("lambda_B", "least eigenvalue of H_inf", NONNEGATIVE)
C = _s("C", "constant of the published statement, not stated", POSITIVE)

# training
k = _s("k", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)
lam = _s("lambda", "least eigenvalue of H_0", NONNEGATIVE)
Lam = _s("Lambda", "largest eigenvalue of H_0", NONNEGATIVE)
e_0 = _s("e_0", "||e_0||", POSITIVE, latex=r"\lVert e_0\rVert")
y = _s("y", "||y||, which is ||e_0|| for coupled signs", POSITIVE, latex=r"\lVert y\rVert")
norm_X = _s("norm_X", "||X~||", POSITIVE, latex=r"\lVert\tilde X\rVert")
g = _s("g", "spectral norm of |G~|, entry by entry", POSITIVE, latex=r"\tilde g")
nu = _s("nu", "share of the neurons that may be near their kink", UNIT)
near = _s("near", "neurons within sqrt(1+tau) rho of their kink, the most of a sample", INDEX)
could = _s("could", "neurons above their kink by -sqrt(1+tau) rho or more", INDEX)
eps = _s("epsilon", "share of the least eigenvalue that the width may cost", OPEN_UNIT)
delta = _s("delta", "failure probability", OPEN_UNIT)
coupled = _s("coupled", "1 for coupled signs, else 0", INDEX)
gap = _s("gap", "least |<w_r, x_i> - b_r| at the start", NONNEGATIVE)
mu = _s("mu", "an eigenvalue of H_0", NONNEGATIVE)
a_0 = _s("a_0", "e_0 along its eigenvector")
ratio = _s("r", "relative residual that is asked for", OPEN_UNIT)
smallest = _s("smallest", "smallest width of a sweep", POSITIVE)
largest = _s("largest", "largest width of a sweep", POSITIVE)
widths = _s("widths", "widths of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

# generalisation
R = _s("R", "radius of the class, all neurons together", POSITIVE)
R_w = _s("R_w", "radius of the class, one neuron", POSITIVE)
p = _s("p", "share of active neurons at the start, over neurons and samples", sp.Interval(0, 1))
z = _v("z", "pre-activations at the start by sample and neuron", axes=2)
mean_loss = _s("mean_loss", "mean loss on the sample", NONNEGATIVE)
R_S = _s("R_S", "bound of the Rademacher complexity on the sample", NONNEGATIVE)

Q = sp.erfc(B / sp.sqrt(2)) / 2
"""P(N(0,1) > B)."""

NORM = sp.sqrt(1 + t)
"""||x~||."""


def phi(x: sp.Expr) -> sp.Expr:
    """The standard normal density."""
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
