"""The symbols of over-parameterised single index models."""

from __future__ import annotations

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
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

SOURCE = "after Fan, Yang, Yu (arXiv 2007.08322)"

# one coordinate
alpha = _s("alpha", "size of w and v at the start", POSITIVE)
phi = _s("phi", "the coordinate of the statistic Phi")
t = _s("t", "time of the flow", NONNEGATIVE)
k = _s("k", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)
kept = _s("kept", "product over the steps of 1 - eta^2 (phi - b_i)^2", NONNEGATIVE)
shrunk = _s("shrunk", "w_k v_k/alpha^2", NONNEGATIVE)
signal = _s("signal", "size of a coordinate that is to be found", POSITIVE)
noise = _s("noise", "size of a coordinate that is to stay away", POSITIVE)
eps = _s("epsilon", "what coordinates of noise may have grown to", POSITIVE)
near = _s("near", "what a coordinate of signal may lack", POSITIVE)

# the model
n = _s("n", "samples", COUNT)
p = _s("p", "dimension", COUNT)
s = _s("s", "coordinates of beta* that are not 0", COUNT)
m = _s("m", "mean of y_i <x_i, beta*>")
a = _s("a", "||y||/n, the size of the noise of Phi", POSITIVE)
b_j = _s("b_j", "a coordinate of beta*")
precision = _s("precision", "(Sigma^-1)_jj, 1 of independent inputs", POSITIVE)
rho = _s("rho", "correlation of neighbouring inputs, whose covariance Sigma is rho^|i-j|",
         Interval.open(-1, 1))  # fmt: skip
mu = _s("mu", "E f'(Z) = E Z f(Z), Z standard normal; 0 where it is 0 or there is none")
b = _v("b", "the coordinates of beta* that are not 0")
kurtosis = _s("kurtosis", "excess kurtosis of the inputs: 0 for Gaussian")
tied = _s("tied", "1 where the noise of y depends on more than <x, beta*>, else 0", INDEX)
delta = _s("delta", "failure probability", OPEN_UNIT)
z = _s("z", "threshold over a", POSITIVE)
lam = _s("lam", "threshold of the lasso", POSITIVE, latex=r"\lambda")

speed = _s("speed", "eta times the largest sqrt(phi^2 + 4 alpha^4) of all draws", NONNEGATIVE)

# by quadrature, with Z standard normal and b_k(phi) the scalar descent
off = _s("off", "E b_k(a Z)^2", NONNEGATIVE)
off_4 = _s("off_4", "E b_k(a Z)^4", NONNEGATIVE)
on = _s("on", "sum over the support of E (b_k(phi_j) - m b*_j)^2", NONNEGATIVE)
on_var = _s("on_var", "sum over the support of Var (b_j - m b*_j)^2, b the estimate", NONNEGATIVE)
missed = _s("missed", "sum over the support of E (b_k(phi_j) - phi_j)^2", NONNEGATIVE)
M_0 = _s("M_0", "size of the responses: root of the mean of y^2", POSITIVE)
s_0 = _s("s_0", "strong coordinates of beta*", INDEX)
s_1 = _s("s_1", "weak coordinates of beta*", INDEX)
C = _s("C", "constant of the published rate, not stated", POSITIVE)
C_1 = _s("C_1", "constant of the published start of the window, not stated", POSITIVE)
C_2 = _s("C_2", "constant of its published end, not stated", POSITIVE)
weakest = _s("weakest", "|m| times the smallest |b*_j| that is not 0; 0 where unknown", NONNEGATIVE)

# matrices
d = _s("d", "rows and columns", COUNT)
r = _s("r", "rank of B*", COUNT)
alone = _s("alone", "scalar descent at the eigenvalue of Phi; 0 off the diagonal")
left = _s("left", "largest squared distance of B_k from the best rank r of Phi, over a^2",
          NONNEGATIVE)  # fmt: skip

# truncation
tail = _s("nu", "tail index of the noise", POSITIVE)
sigma = _s("sigma", "size of the noise", NONNEGATIVE)
f_sq = _s("f_sq", "E f(Z)^2", NONNEGATIVE)
f_4 = _s("f_4", "E f(Z)^4", NONNEGATIVE)
tau = _s("tau", "where responses are clipped", POSITIVE)
smallest = _s("smallest", "smallest number of samples", COUNT)
largest = _s("largest", "largest number of samples", COUNT)
sizes = _s("sizes", "numbers of samples", COUNT)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)
samples = _s("samples", "samples, for an ensemble of matrices", COUNT)
