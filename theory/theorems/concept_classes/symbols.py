"""The symbols of concept classes."""

from __future__ import annotations

import sympy as sp
from sympy import Interval

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

PAPER = "Allen-Zhu, Li, Liang (arXiv 1811.04918)"
SOURCE = f"derived, after {PAPER}"

DEGREES = (0, 1, 3, 5)
"""Of Taylor coefficients that may be other than 0."""

COSTS = (sp.Integer(4), 2 * sp.pi, 12 * sp.pi, sp.Rational(80, 3) * sp.pi)
"""1/c_k^2 at these degrees, c_k the Hermite coefficients of the step 1{z > 0}."""

# two functions of one variable
phi = tuple(_s(f"phi_{k}", f"Taylor coefficient of degree {k} of phi") for k in DEGREES)
psi = tuple(_s(f"psi_{k}", f"Taylor coefficient of degree {k} of psi") for k in DEGREES)
rho = _s("rho", "inner product of two unit vectors", Interval(-1, 1), latex=r"\varrho")

# the target
q = tuple(
    _s(f"q_{k}", f"sum over pairs of terms of a a' phi_{k} phi'_{k} <w1,w1'>^{k} <w2,w2'>",
       NONNEGATIVE)
    for k in DEGREES
)  # fmt: skip
r = tuple(
    _s(f"r_{k}", f"the same as q_{k} with <w2,x> <w2',x> in place of <w2,w2'>", NONNEGATIVE)
    for k in DEGREES
)
terms = _s("terms", "sum over terms of |a| C(phi)", NONNEGATIVE)
norm_var = _s("norm_var", "variance of ||H(g)||^2", NONNEGATIVE)
F = _s("F", "the target F*(x)")
half_2 = _s("half_2", "E 1{<g,x> > 0} <H(g), x>^2", NONNEGATIVE)
half_3 = _s("half_3", "E 1{<g,x> > 0} <H(g), x>^3")
half_4 = _s("half_4", "E 1{<g,x> > 0} <H(g), x>^4", NONNEGATIVE)
mixed = _s("mixed", "1 where some terms are even functions and some are odd, else 0", INDEX)
d = _s("d", "input dimension; E x x^T = I/d", COUNT)
p = _s("p", "terms of the target", COUNT)
power = _s("power", "E F*(x)^2, twice the squared loss of the output 0", NONNEGATIVE)
OPT = _s("OPT", "population loss of the target", NONNEGATIVE, latex=r"\mathrm{OPT}")

# the network
N = _s("N", "pairs of neurons, m = 2N", COUNT)
kappa = _s("kappa", "initial weight scale", POSITIVE)
eta = _s("eta", "step size", POSITIVE)
T = _s("T", "steps taken, each on a fresh sample", COUNT)
delta = _s("delta", "failure probability", OPEN_UNIT)
coupled = _s("coupled", "1 where the neurons of a pair start alike, else 0", INDEX)
euler = _s("euler", "sum over weights of weight times derivative of f")
compared = _s("compared", "mean loss of the comparator, (1/T) sum_t l(g_t(x_t), y_t)", NONNEGATIVE)
start = _s("start", "||W* - W_0||^2", NONNEGATIVE)
end = _s("end", "||W* - W_T||^2", NONNEGATIVE)
gradients = _s("gradients", "sum_t l'_t^2 ||grad f_t(x_t)||^2", NONNEGATIVE)
labels = _s("labels", "the largest sum_t y_t^2 of all runs", NONNEGATIVE)
C_s = _s("C_s", "largest sum_k (k+1)^(7/4) |phi_k| of the terms", POSITIVE)
C = _s("C", "constant of the published complexity; 10^4 as published", POSITIVE)

# sweeps
smallest = _s("smallest", "smallest size of a sweep", COUNT)
largest = _s("largest", "largest size of a sweep", COUNT)
sizes = _s("sizes", "sizes of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

# three layers
f_0 = _s("f_0", "the network without the change, f(W, V)")
second = _s("second", "a^T D_2 V' D_1 W' x")
room_1 = _s("room_1", "smallest of |<w_r,x>| - |<w'_r,x>|")
room_2 = _s("room_2", "the same of the second layer, at its worst signs")
L = _s("L", "loss at theta", NONNEGATIVE)
L_star = _s("L_star", "loss of the comparator", NONNEGATIVE, latex=r"L^\ast")
C_1 = _s("C_1", "mean over x of the variance that random signs give", NONNEGATIVE)
slope = _s("slope", "<grad L, theta>")
product = _s("product", "mean over x of e e*, the residuals of theta and of the comparator")
size = _s("size", "||W*||^2 + ||V*||^2", POSITIVE)
G = sp.Symbol("G", positive=True)
"""Most of the share of neurons that are active at a sample."""
