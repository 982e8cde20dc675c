"""The symbols of sparse deep ReLU regression."""

from __future__ import annotations

from sympy import Interval

from theory.language.vocabulary import (
    COUNT,
    INDEX,
    NONNEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    UNIT,
    Vocabulary,
)

SOURCE = "after Schmidt-Hieber (arXiv 1708.06633)"
PUBLISHED = "published, form unverified: Schmidt-Hieber (arXiv 1708.06633)"

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed
_CLOSED = Interval(0, 1)

# networks
m = _s("m", "sawtooth functions that are added in a network that multiplies", COUNT)
x = _s("x", "a number in [0, 1]", _CLOSED)
y = _s("y", "another one", _CLOSED)
r = _s("r", "factors of a product; variables of a sieve", COUNT)
q = _s("q", "levels of the tree of products; of monomials in a sieve", INDEX)
q_f = _s("q_f", "levels of the tree of a hat in every variable and a polynomial", INDEX)
M = _s("M", "knots of each variable, less one", COUNT)
beta = _s("beta", "smoothness of the function", POSITIVE)
K = _s("K", "Hoelder constant of its last derivative; r > 1: norm of the Hessian", NONNEGATIVE)
B = _s("B", "largest sum of absolute coefficients of its Taylor polynomials", NONNEGATIVE)
c_beta = _s("c_beta", "max over u of (1-u) u^beta + u (1-u)^beta", NONNEGATIVE)
J_hat = _s("J_hat", "layers that double, for the hats", INDEX)
J_out = _s("J_out", "layers that double, for the output", INDEX)
largest = _s("largest", "largest size of a sweep", POSITIVE)
smallest = _s("smallest", "smallest size of a sweep", POSITIVE)
sizes = _s("sizes", "sizes of a sweep", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

# covers
L = _s("L", "hidden layers", COUNT)
p = _v("p", "widths, from the input to the last hidden layer; one output", POSITIVE)
eps = _s("epsilon", "largest difference of two parameters", UNIT)
delta = _s("delta", "radius of the cover", POSITIVE)
T = _s("T", "parameters", COUNT)
s = _s("s", "parameters that may differ from 0", INDEX)

# the oracle inequality
n = _s("n", "samples", COUNT)
N = _s("N", "functions in the class", COUNT)
F = _s("F", "the functions and the truth are in [0, F]", POSITIVE)
sigma = _s("sigma", "standard deviation of the noise", POSITIVE)
t = _s("t", "free parameter of the oracle inequality", POSITIVE)
fail = _s("delta_p", "failure probability", OPEN_UNIT)
R_star = _s("R_star", "least risk in the class", NONNEGATIVE, latex=r"R^\ast")
excess = _s("Delta", "empirical risk of the estimator less the least one, at most", NONNEGATIVE)
slack = _s("eps_0", "free parameter of the published oracle inequality", UNIT)

# wavelets
d = _s("d", "input dimension", COUNT)
J = _s("J", "levels of Haar functions that are written out", INDEX)
kept = _s("kept", "coefficients that are estimated", INDEX)
gap = _v("gap", "errors of the estimated coefficients", axes=2)
coefficient = _v("coefficients", "coefficients of the target", axes=1)
coefficients = _s("terms", "coefficients that are not 0", COUNT)
at = _s("at", "which of the samples", INDEX)
few = _s("few", "Haar coefficients above the noise, squared, at the smallest n", INDEX)
many = _s("many", "the same at the largest n", INDEX)
written = _s("written", "Haar functions that are written out", COUNT)
alpha = _s("alpha", "smoothness of the function of one variable", UNIT)
C = _s("C", "constant of a published statement, not stated", POSITIVE)
