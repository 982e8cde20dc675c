"""The symbols of ReLU networks of one hidden layer on a line."""

from __future__ import annotations

import sympy as sp

from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, POSITIVE, Vocabulary

SOURCE = "derived, after Holzmueller & Steinwart (arXiv 2002.04861)"

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

m = _s("m", "hidden neurons", COUNT)
t = _s("t", "steps taken", INDEX)
eta = _s("eta", "step size", POSITIVE)
crossed = _s("crossed", "neurons whose kink has crossed by then", INDEX)
b_start = _s("b_start", "largest |b_i| at the start", NONNEGATIVE)
xi = _s("xi", "distance from 0 to the nearest data point", POSITIVE)
M_min = _s("M_min", "smallest eigenvalue of M_+ and M_-", NONNEGATIVE)
part = _s("part", "share of the rows that a step leaves out", NONNEGATIVE)

# one step of the thirteen numbers
entry = _s("entry", "an entry of S_s one step before, by the recursion")
once = _s("once", "this entry of Q_s S_s + S_s Q_s")
twice = _s("twice", "this entry of Q_s S_s Q_s")
c_before = _s("c_before", "the outer bias one step before, by the recursion")
be_plus = _s("be_plus", "be_+ there")
be_minus = _s("be_minus", "be_- there")
M_1 = _s("M_1", "first entry of a row of M_s")
M_2 = _s("M_2", "second entry of this row")
h = _s("h", "this entry of h_s")
S_13 = _s("S_13", "S_s[1, 3] of the recursion", latex="S_{13}")
S_23 = _s("S_23", "S_s[2, 3] of the recursion", latex="S_{23}")
c = _s("c", "outer bias of the recursion")

# one neuron
F_1 = _s("F_1", "entry of Phi_s in the row of this weight, column a")
F_2 = _s("F_2", "entry of Phi_s in this row, column b")
F_3 = _s("F_3", "entry of Phi_s in this row, column w")
a_0 = _s("a_0", "inner weight at the start")
b_0 = _s("b_0", "inner bias at the start")
w_0 = _s("w_0", "outer weight at the start")
rho = _s("rho", "w_i(0)/a_i(0)")
F_11 = _s("F_11", "Phi_s[1, 1]", latex=r"\Phi_{11}")
F_13 = _s("F_13", "Phi_s[1, 3]", latex=r"\Phi_{13}")
F_21 = _s("F_21", "Phi_s[2, 1]", latex=r"\Phi_{21}")
F_23 = _s("F_23", "Phi_s[2, 3]", latex=r"\Phi_{23}")
low_plus = _s("low_plus", "left end of I_+(t), -1e15 where there is none")
high_plus = _s("high_plus", "right end of I_+(t), 1e15 where there is none")
low_minus = _s("low_minus", "left end of I_-(t), -1e15 where there is none")
high_minus = _s("high_minus", "right end of I_-(t), 1e15 where there is none")
least_plus = _s("least_plus", "least rho_i of the right side")
most_plus = _s("most_plus", "largest rho_i of the right side")
least_minus = _s("least_minus", "least rho_i of the left side")
most_minus = _s("most_minus", "largest rho_i of the left side")
a = _s("a", "inner weight after the steps so far")
b = _s("b", "inner bias after the steps so far")
w = _s("w", "outer weight after the steps so far")
al = _s("al", "al_s after the steps so far")
be = _s("be", "be_s after the steps so far")

# the certificate
T_0 = _s("T_0", "steps of the recursion before the certificate", INDEX)
room = _s("room", "least distance of all rho_i from the ends of I_s(T_0), or < 0")
lam_1 = _s("lam_1", "least of the modified eigenvalues (1 - |1 - eta lam_j|)/eta of H", sp.S.Reals)
lam_max = _s("lam_max", "largest eigenvalue of H", POSITIVE)
eps = _s("epsilon", "|| |R| blockdiag(Delta) |R| ||", NONNEGATIVE)
Z_r = _s("Z_r", "sum of |k_j|/lam_j", NONNEGATIVE)
Z_sq = _s("Z_sq", "||z||^2 at T_0", NONNEGATIVE, latex=r"\lVert z\rVert^2")
ref = _s("ref", "an entry of |R V| (|k|/lam)", NONNEGATIVE)
row = _s("row", "norm of this row of R", NONNEGATIVE)
gap = _s("gap", "least entry of U - ref - row (eps/lam_1) Z_r/(1 - eps/lam_1), over U")
growth = _s("growth", "largest A_s^2 + B_s^2", NONNEGATIVE)
reach = _s("reach", "largest (|b| + d_2)/(|a| - d_1) of all neurons, or 1e9 where |a| <= d_1",
           NONNEGATIVE)  # fmt: skip
A = _s("A", "A_s of U_s = (A_s, B_s)", NONNEGATIVE)
B = _s("B", "B_s of U_s = (A_s, B_s)", NONNEGATIVE)
abs_a = _s("abs_a", "|a_i| at T_0", NONNEGATIVE, latex="|a|")
abs_b = _s("abs_b", "|b_i| at T_0", NONNEGATIVE, latex="|b|")
abs_w = _s("abs_w", "|w_i| at T_0", NONNEGATIVE, latex="|w|")
L_aff = _s("L_aff", "least loss of a function affine on each side", NONNEGATIVE)

# the minimum
farthest = _s("farthest", "largest |b_i|/|a_i| of the network", NONNEGATIVE)
turned = _s("turned", "neurons whose a_i changed its sign", INDEX)
u_plus = _s("u_plus", "(al_+^2 + be_+^2)^(1/2)", NONNEGATIVE)
u_minus = _s("u_minus", "(al_-^2 + be_-^2)^(1/2)", NONNEGATIVE)
fewest = _s("fewest", "neurons of the side that has fewer", INDEX)
n = _s("n", "different inputs", COUNT)
ties = _s("ties", "inputs that are equal to another one", INDEX)

# odds
certified = _s("certified", "lower confidence limit of P(the certificate holds), error 1e-9",
               NONNEGATIVE)  # fmt: skip
he = _s("he", "1 for the initialisation of He, else 0", INDEX)
step = _s("step", "eta lam_max(A_ref M), A_ref the mean of A at the start", POSITIVE)
v_opt = _s("v_opt", "largest coefficient of the affine fits of the two sides", NONNEGATIVE)
tau = _s("tau", "time eta times the steps until which kinks are watched", NONNEGATIVE)
E_plus = _s("E_plus", "E[up_+ + dn_+]", NONNEGATIVE)
E_minus = _s("E_minus", "E[up_- + dn_-]", NONNEGATIVE)
narrowest = _s("narrowest", "smallest of the widths of a limit", COUNT)
chi_plus = _s("chi_plus", "|Sx/Sxx| of the right side", NONNEGATIVE, latex=r"\chi_+")
chi_minus = _s("chi_minus", "|Sx/Sxx| of the left side", NONNEGATIVE, latex=r"\chi_-")
kappa = _s("kappa", "sqrt(m) |offset|, the same at every width", POSITIVE)
b_plus = _s("b_plus", "max over t <= tau of |B_+(t)|/|offset|", NONNEGATIVE)
b_minus = _s("b_minus", "max over t <= tau of |B_-(t)|/|offset|", NONNEGATIVE)
D_plus = _s("D_plus", "S1 - Sx^2/Sxx of the right side", NONNEGATIVE)
D_minus = _s("D_minus", "S1 - Sx^2/Sxx of the left side", NONNEGATIVE)
published_C = _s("C", "constant of the published probability, not stated", POSITIVE)
gamma = _s("gamma", "published power of 1/m", POSITIVE)
