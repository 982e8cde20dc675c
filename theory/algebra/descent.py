"""Gradient descent under a Lipschitz Jacobian: a certificate at the start, for every step.

Setting
    Outputs u(t) in R^n of parameters t in R^P, e = u - y, loss ||e||^2/2, full-batch steps of size
    eta. J_k is the Jacobian at step k, G_k = J_k J_k^T (n x n), lambda = s_0^2 its smallest
    eigenvalue at the start (0 where P < n), S_0 the largest singular value of J_0, E_0 = ||e_0||.
    d_k = ||t_{k+1} - t_k||, rho_k = d_0 + .. + d_{k-1}, D_k = ||t_k - t_0||, spectral norms.

Premises
    ||J(t) - J(t')|| <= L ||t - t'|| on the ball of radius R around t_0;  A = lambda - 2 L E_0 > 0;
    R >= R_star = 2 E_0/(s_0 + sqrt(A));  eta (S_0 + L R_star)^2 <= 1.

Statement, for all k
    (K1) rho_k <= R_star
    (K2) ||e_k|| <= q(rho_k), q(r) = E_0 - s_0 r + L r^2/2
    (K3) lambda_min(G_k) >= (s_0 - L rho_k)^2 >= A;  ||G_k - G_0|| <= 2 S_0 L rho_k + (L rho_k)^2
    (K4) ||e_{k+1}|| <= x (1 - eta (A + 2 L x)(1 - eta L x/2)), x = ||e_k||; so ||e_k|| <= x_k, the
         same from x_0 = E_0, and x_k <= A E_0 z/(A - 2 L E_0 (z - 1)), z = exp(-A eta k),
         and x_k <= (1 - eta A)^k E_0; (1 - eta lambda/2)^k E_0 where 4 L E_0 <= lambda
    (K5) ||e_k - (I - eta G_0)^k e_0|| <= L R_star^2/2 + C L R_star E_0/sqrt(A),
         C = max_{K<=k} sqrt(a) sum_{j<K} (1-a)^j c_{K-1-j}, a = eta A (see
         `theory.mathematics.defect`)
    (K6) M_k - L D_k^2/(2 s_0) <= D_k <= R_star, M_k = ||J_0^+ (e_k - e_0)||;
         ||u_k - u_0 - J_0 (t_k - t_0)|| <= L D_k^2/2

    Equality: u(t) = s_0 t - L t^2/2 (n = P = 1, y = E_0, from t = 0) attains K2 and K4 at every
    step. It is one neuron with square activation.

    Proof. (a) Where 0 <= eta G <= I and G >= s^2 I: ||(I - eta G)e|| <= ||e|| - eta s ||J^T e||.
    (b) A step changes u by -eta Jbar J_k^T e_k, ||Jbar - J_k|| <= L d_k/2, so ||e_{k+1}|| <=
    ||e_k|| - s_k d_k + L d_k^2/2, s_k = s_0 - L rho_k: added to q(rho_k), q(rho_k + d_k), so K2.
    (c) The same holds for every smaller step, and q < 0 beyond R_star, so it is never passed: K1,
    K3. (d) q(r) = ((s_0 - L r)^2 - A)/(2L), so s_k^2 >= A + 2 L ||e_k||; d_k >= eta s_k ||e_k||
    and (b) falls in d_k: K4; the map rises, so it may be iterated; its closed form is the flow r' =
    (s_0 - L r) q(r), slower than descent. (e) The difference to the linear model gains
    -eta J_0 (J_k - J_0)^T e_k - eta (Jbar - J_0) J_k^T e_k in a step: the last terms sum to
    L R_star^2/2, the first to the other, as max sqrt(x)(1-x)^i = c_i: K5. (f) K6 is Taylor.

Source
    Derived here; Newton-Kantorovich for gradient descent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1

from theory.language.claim import Statement
from theory.language.vocabulary import INDEX, NONNEGATIVE, POSITIVE, Vocabulary


class LipschitzDescent:
    """The symbols of a certificate, defined in a theorem's vocabulary, and the statements K1 to K6.

    Each method gives the statement of one claim; `more` are premises of the theorem's own. The
    experiment hands over what the vocabulary says; A and R_star are defined by the statements.
    """

    def __init__(self, vocabulary: Vocabulary, *more: Callable[[], sp.Basic]) -> None:
        s = vocabulary.symbol
        self.lam = s("lambda", "smallest eigenvalue of G_0 = J_0 J_0^T, n x n", NONNEGATIVE)
        self.S_0 = s("S_0", "largest singular value of J_0", NONNEGATIVE)
        self.L = s("L", "Lipschitz constant of the Jacobian on the ball", NONNEGATIVE)
        self.R = s("R", "radius of the ball", NONNEGATIVE)
        self.E_0 = s("E_0", "||e_0||", NONNEGATIVE, latex=r"\lVert e_0\rVert")
        self.eta = s("eta", "step size", POSITIVE)
        self.k = s("k", "steps taken", INDEX)
        self.rho = s("rho", "length of the path so far", NONNEGATIVE)
        self.E = s("E", "||e_k||, one step before", NONNEGATIVE)
        self.D = s("D", "distance ||t_k - t_0||", NONNEGATIVE)
        self.M = s("M", "least change of a linear model that gives e_k", NONNEGATIVE)
        self.C = s("C", "constant of the defect, a function of eta A", NONNEGATIVE)
        self.A = s("A", "lambda - 2 L E_0", POSITIVE)
        self.R_star = s("R_star", "end of the path", NONNEGATIVE, latex=r"R^\ast")
        self.x = vocabulary.indexed("x", "bounds of ||e_j|| before step k", NONNEGATIVE)
        self._more = more

    @property
    def s_0(self) -> sp.Expr:
        """The smallest singular value of J_0."""
        return sp.sqrt(self.lam)

    @property
    def definitions(self) -> dict[sp.Symbol, sp.Expr]:
        """A and R_star."""
        end = 2 * self.E_0 / (self.s_0 + sp.sqrt(self.A))
        return {self.A: self.lam - 2 * self.L * self.E_0, self.R_star: end}

    @property
    def premises(self) -> tuple[sp.Basic, ...]:
        """That the certificate holds."""
        certified = (self.lam > 2 * self.L * self.E_0, self.R_star <= self.R, self.stable)
        return (*certified, *(build() for build in self._more))

    @property
    def stable(self) -> sp.Basic:
        """The premise on the step size, which gradient flow does without."""
        return self.eta * (self.S_0 + self.L * self.R_star) ** 2 <= 1

    def statement(self, bound: sp.Expr, *premises: sp.Basic, **other: Any) -> Statement:
        """A statement in these symbols, under the premises of the certificate and more."""
        parts = {"A": self.A, "R_star": self.R_star}
        return Statement(
            bound, (*self.premises, *premises), definitions=self.definitions, parts=parts, **other
        )

    def q(self, r: sp.Expr) -> sp.Expr:
        """What is left of the residual after a path of length r, at most."""
        return self.E_0 - self.s_0 * r + self.L * r**2 / 2

    def majorant(self, x: sp.Expr) -> sp.Expr:
        """One step of gradient descent on the parabola q, from the residual x."""
        fall = self.eta * (self.A + 2 * self.L * x) * (1 - self.eta * self.L * x / 2)
        return x * (1 - fall)

    def path(self) -> Statement:
        """(K1), and the upper side of (K6): upper bound of rho_k and of D_k."""
        return self.statement(self.R_star)

    def budget(self) -> Statement:
        """(K2): upper bound of ||e_k||."""
        return self.statement(self.q(self.rho))

    def smallest_eigenvalue(self) -> Statement:
        """(K3): lower bound of lambda_min(G_k)."""
        return self.statement((self.s_0 - self.L * self.rho) ** 2)

    def kernel_change(self) -> Statement:
        """(K3): upper bound of ||G_k - G_0||."""
        moved = self.L * self.rho
        return self.statement(2 * self.S_0 * moved + moved**2)

    def step(self) -> Statement:
        """(K4), one step: upper bound of ||e_{k+1}||, from E = ||e_k||."""
        return self.statement(self.majorant(self.E))

    def recursion(self) -> Statement:
        """(K4), from the start: upper bound of ||e_k||, the residual on the parabola."""
        bound = self.majorant(self.x[self.k - 1])
        found = self.statement(bound, history=self.x, initial=self.E_0, index=self.k)
        return replace(found, parts={})

    def closed_form(self) -> Statement:
        """(K4): upper bound of ||e_k|| in closed form."""
        return self.statement(self.on_the_parabola(self.eta * self.k), index=self.k)

    def on_the_parabola(self, time: sp.Expr) -> sp.Expr:
        """The residual of gradient flow on the parabola q, from E_0."""
        lost, rest = sp.exp(-self.A * time), expm1(-self.A * time)
        return self.A * self.E_0 * lost / (self.A - 2 * self.L * self.E_0 * rest)

    def rate(self) -> Statement:
        """(K4): upper bound of ||e_k||, a linear rate."""
        return self.statement((1 - self.eta * self.A) ** self.k * self.E_0, index=self.k)

    def half_rate(self) -> Statement:
        """(K4) where 4 L E_0 <= lambda: upper bound of ||e_k|| at half of the linear rate."""
        bound = (1 - self.eta * self.lam / 2) ** self.k * self.E_0
        return self.statement(bound, self.lam >= 4 * self.L * self.E_0, index=self.k)

    def linear_law(self) -> Statement:
        """(K5): upper bound of ||e_k - (I - eta G_0)^k e_0||."""
        curved = self.C * self.E_0 / sp.sqrt(self.A)
        return self.statement(self.L * self.R_star * (self.R_star / 2 + curved))

    def least_distance(self) -> Statement:
        """(K6): lower bound of D_k."""
        return self.statement(self.M - self.L * self.D**2 / (2 * self.s_0))

    def taylor(self) -> Statement:
        """(K6): upper bound of ||u_k - u_0 - J_0 (t_k - t_0)||."""
        return self.statement(self.L * self.D**2 / 2)
