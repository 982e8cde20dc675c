"""Symbols of network identification, and the derivatives of g."""

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

PAPER = "Fornasier, Klock, Mondelli, Rauchensteiner (2025), arXiv 2211.04589"
SOURCE = f"derived here, after {PAPER}"

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

D = _s("D", "input dimension", COUNT)
m = _s("m", "neurons", COUNT)
N = _s("N", "points at which Hessians are taken", COUNT)
a = _s("a", "g(t) = a tanh(b t)", POSITIVE)
b = _s("b", "g(t) = a tanh(b t)", POSITIVE)
S = _s("S", "sum_k sqrt(2 sum_i w_ki^6 + 2 (sum_i w_ki^4)^2)", POSITIVE)
eps = _s("eps", "step of finite differences", POSITIVE, latex=r"\epsilon")
nu = _s("nu", "values are off by at most that", NONNEGATIVE, latex=r"\nu")
E = _s("E", "spectral norm of the errors of all Hessians", NONNEGATIVE)
s_m = _s("s_m", "m-th singular value of the N approximate Hessians", NONNEGATIVE)

gamma = _s("gamma", "shift of the power iteration", latex=r"\gamma")
F = _s("F", "||P^(x_t x_t^T)||^2", sp.Interval(0, 1))
y = _s("y", "||P^(x_t x_t^T) x_t + gamma x_t||", NONNEGATIVE)
rest = _s("rest", "sqrt(1 - F) at x", UNIT | sp.FiniteSet(0))
theta = _s("theta", "||P^ - P||, at least", NONNEGATIVE, latex=r"\theta")
s_k = _s("s_k", "isolation of w_k", NONNEGATIVE)
tangent = _s("tangent", "tan of the angle between x and +-w_k", NONNEGATIVE, latex=r"\tan\alpha_k")
delta = _s("delta", "failure probability", OPEN_UNIT, latex=r"\delta")
C = _s("C", "constant of the published number of neurons", POSITIVE)

z = _s("z", "<w_k, x> + tau_k")
sign = _s("sign", "s_k: w^_k = s_k w_k", latex=r"s_k")
R = _s("R", "distance from 0 at which signs are told", POSITIVE)
tau = _s("tau", "tau_k", latex=r"\tau_k")
dual = _s("dual", "(Gamma^-1)_kk", POSITIVE, latex=r"(\Gamma^{-1})_{kk}")

t = _s("t", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE, latex=r"\eta")
lam = _s("lam", "least eigenvalue of A", NONNEGATIVE, latex=r"\lambda")
Lam = _s("Lam", "largest eigenvalue of A", POSITIVE, latex=r"\Lambda")
d = _s("d", "distance from the biases before the step", NONNEGATIVE)
d_0 = _s("d_0", "distance from the biases at the start", NONNEGATIVE)
p = _s("p", "||P^T xi||/N, xi the residuals of the weights at the true biases", NONNEGATIVE)
zeta = _s("zeta", "root mean square of xi", NONNEGATIVE, latex=r"\zeta")
M = _s("M", "points at which biases are fitted", COUNT)
sizes = _s("sizes", "steps of finite differences in a sweep", COUNT)
widest = _s("widest", "largest step of a sweep", POSITIVE)
narrowest = _s("narrowest", "smallest step of a sweep", POSITIVE)
tau_max = _s("tau_max", "no bias is larger", NONNEGATIVE, latex=r"\tau_{\max}")
starts = _s("starts", "starts of the power iteration", COUNT)
fewest = _s("fewest", "steps of the power iteration and of descent, the fewer", COUNT)
faintest = _s(
    "faintest", "least of a neuron's largest |g''| at the N points, over the largest", NONNEGATIVE
)
tolerance = _s("tolerance", "distance allowed between a slope and its exponent", OPEN_UNIT)

h = _s("h", "error of a Hessian, at most", NONNEGATIVE)
r = _s("r", "distance of x x^T from the span of the w_k w_k^T, at most", NONNEGATIVE)
G_2 = _s("G_2", "max |g''|", POSITIVE)
G_4 = _s("G_4", "max |g''''|", POSITIVE)
q = _s("q", "curvature: what a step may lose of its rate")
e = _s("e", "rate that the residuals leave")
bend = _s("bend", "of a quadratic that bounds the decrease from below", NONNEGATIVE)

T = D * (D + 1) / 2
"""Dimension of the symmetric matrices."""

_u = sp.sqrt((15 - sp.sqrt(105)) / 30)
SECOND = {G_2: a * b**2 * 4 / (3 * sp.sqrt(3))}
FOURTH = {G_4: 8 * a * b**4 * _u * (1 - _u**2) * (2 - 3 * _u**2)}
ERROR = {**FOURTH, h: eps**2 * G_4 / 6 * S + D * nu / eps**2}
ROUNDING = D * m * a * (1 + b * R) / eps**2 / 10**14
"""What an entry of a Hessian loses in rounding, at a distance R from 0."""

RESOLVED = eps >= sp.Rational(1, 10**4)
"""Below it rounding is larger than what differences are off by."""


def second(at: sp.Expr) -> sp.Expr:
    """g''."""
    return -2 * a * b**2 * sp.tanh(b * at) * (1 - sp.tanh(b * at) ** 2)
