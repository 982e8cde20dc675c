"""The vocabulary of random feedback in low-rank matrix factorisation."""

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

SOURCE = "after Garg & Vempala, How and When Random Feedback Works (AISTATS 2022, arXiv 2111.08706)"

VOCABULARY = Vocabulary()
_s, _v = VOCABULARY.symbol, VOCABULARY.indexed

# sizes and steps
r = _s("r", "hidden units: columns of Z, rows of W and C", COUNT)
units = _s("units", "hidden units r, at least two", sp.Range(2, sp.oo))
k = _s("k", "rank of Y", COUNT)
N = _s("N", "rows and columns of a square Y", COUNT)
t = _s("t", "steps taken", INDEX)
j = _s("j", "number of the time at which a flow is seen", INDEX)
time = _s("time", "time of a flow", NONNEGATIVE)
eta = _s("eta", "step size", POSITIVE)

# what carries the error back, and starts
transport = _s(
    "transport", "largest entry of what carries the error back to W less C, 0 if that is C",
    NONNEGATIVE,
)  # fmt: skip
start = _s("start", "||W_0||_F + ||Z_0 - zeta C^T||_F", NONNEGATIVE)
zeta = _s("zeta", "scale of a start Z_0 = zeta C^T, 0 for others", NONNEGATIVE)

# entries of matrices, one for each measured value
K0 = _s("K_0", "entry of K at the start")
DD = _s("DD", "entry of the sum of D_s D_s^T over the steps s < t")
R_ = _s("R_t", "entry of R before the step")
RWW = _s("RWW", "entry of R W^T W before the step")
ZD = _s("ZD", "entry of Z_{t+1} D_t")
YP = _s("YP", "entry of Y P")
P_ = _s("P", "entry of P")
Y_ = _s("Y", "entry of Y")
G0 = _s("G_0", "entry of W_0 W_0^T")
A0 = _s("A_0", "entry of C Y W_0^T")
same = _s("matrix_product", "entry of Z W, by the iteration of matrices")

# modes: U = A diag(u) B^T
modes = _s("modes", "modes: singular values u of U that are not 0", COUNT)
u_ = _s("u_i", "singular value of U, of one mode", POSITIVE)
w_ = _s("w_i", "its value in W before the step")
q_ = _s("q_i", "its value in Q before the step")
u = _v("u", "singular values of U that are not 0, in descending order", POSITIVE)
a = _v("a", "|Y B_i|^2", NONNEGATIVE)
w = _v("w", "w of each mode after t steps, by its recursion", axes=2)
q = _v("q", "q of each mode after t steps, by its recursion", axes=2)
phi = _v("phi", "phi(time u_i^{2/3}/2^{1/3}), by time and mode", NONNEGATIVE, axes=2)
u1 = _s("u_max", "highest singular value of U", POSITIVE)
ur = _s("u_min", "lowest singular value of U that is not 0", POSITIVE)
floor_sq = _s("floor_sq", "||Y (I - P)||_F^2", NONNEGATIVE)

# norms along a path
U_F = _s("U_F", "||U||_F", POSITIVE)
U_least = _s("sigma_U", "r-th singular value of U", NONNEGATIVE)
Y_F = _s("Y_F", "||Y||_F", POSITIVE)
C_F = _s("C_F", "||C||_F", POSITIVE)
C_max = _s("C_norm", "spectral norm ||C||", POSITIVE)
C_min = _s("lambda_C", "lowest eigenvalue of C C^T", NONNEGATIVE)
D_F = _s("D_F", "||D_t||_F", NONNEGATIVE)
D0_F = _s("D_0", "||D_0||_F", NONNEGATIVE)
DW_F = _s("DW_F", "||D_t W_t^T||_F", NONNEGATIVE)
WD_F = _s("WD_F", "||W_t^T D_t||_F", NONNEGATIVE)
RW_F = _s("RW_F", "||R_t W_t^T||_F", NONNEGATIVE)
R_norm = _s("R_norm", "spectral norm ||R_t||", NONNEGATIVE)
Q_norm = _s("Q_norm", "spectral norm ||Q_t||", NONNEGATIVE)
Q_least = _s("sigma_Q", "lowest singular value of Q_t, 0 up to rounding", NONNEGATIVE)
Q_sym = _s("lambda_Q", "lowest eigenvalue of (Q_t + Q_t^T)/2")
Z_norm = _s("Z_norm", "spectral norm ||Z_t||", NONNEGATIVE)
W_least = _s("sigma_W", "lowest singular value of W_t that is not 0", POSITIVE)
lift = _s("lift", "spectral norm ||Y U^+||", NONNEGATIVE)
K_max = _s("lambda_K", "highest eigenvalue of K_0")
K_F = _s("K_F", "||K_0||_F", NONNEGATIVE)
W_sq = _s("W_sq", "||W_t||_F^2", NONNEGATIVE)
W0_sq = _s("W0_sq", "||W_0||_F^2", NONNEGATIVE)
trQ0 = _s("trQ_0", "tr(C Z_0)")
S1 = _s("S_1", "sum of ||D_s||_F^2 over the steps s < t", NONNEGATIVE)
S2 = _s("S_2", "sum of ||D_s W_s^T||_F^2 over the steps s < t", NONNEGATIVE)
L0 = _s("L_0", "L at the start")
L_min = _s("L_min", "a lower bound of L for all steps")
x_min = _s("x", "norm ||W||_F at which the bound of L is least", POSITIVE)
x_max = _s("W_max", "a bound of ||W_t||_F for all steps", POSITIVE)
rho = _s("rho", "eigenvalue of C Z_t, of the same rank in order")

# Z optimal at every step
U_nuclear = _s("U_nuclear", "||U||_*", POSITIVE)
W0_norm = _s("W0_norm", "spectral norm ||W_0||", NONNEGATIVE)
UW0 = _s("UW_0", "<U, W_0>")
least = _s("least", "lowest eigenvalue of the symmetric part of C Y W_t^T")
advanced = _s("advanced", "||(I - eta Q_t) D_t||_F", NONNEGATIVE)

# errors under Gaussian feedback
tail = _v("tail", "sum of sigma_i^2 over i > l, for l = 0, 1, ...", NONNEGATIVE)
sigma = _v("sigma", "singular values of Y, in descending order", NONNEGATIVE)
J = _v("J", "E[g_j^2/sum_i sigma_i^2 g_i^2] for each j, g standard normal", NONNEGATIVE)
p = _s("p", "squared singular values of Y that are s; the others are tau", COUNT)
s = _s("s", "the large squared singular value of Y", POSITIVE)
tau = _s("tau", "the small squared singular value of Y", POSITIVE)
c = _s("c", "number of the draw of C", INDEX)
f = _v("f", "eigenvalues of F = C_1^T (C_2 C_2^T)^-1 C_1, by draw", POSITIVE, axes=2)
eps = _s("epsilon", "by which r squared singular values exceed 1", NONNEGATIVE)
tolerance = _s("tolerance", "distance allowed between a slope and 1", OPEN_UNIT)
smallest = _s("smallest", "smallest r of a sweep", COUNT)
largest = _s("largest", "largest r of a sweep", COUNT)
widths = _s("widths", "values of r in a sweep", COUNT)
