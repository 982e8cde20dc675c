"""Gradient flow under a Lipschitz Jacobian: the certificate of descent, without its step size.

Setting
    That of `theory.algebra.descent`, with t' = -J(t)^T e in place of steps: the limit eta -> 0 at
    the time eta k. rho is the length of the path up to the time, other letters are as there.

Premises
    ||J(t) - J(t')|| <= L ||t - t'|| on the ball of radius R;  A = lambda - 2 L E_0 > 0;
    R >= R_star = 2 E_0/(s_0 + sqrt(A)).

Statement, at all times
    (K1), (K2), (K3), (K6) as for descent, and
    (K4) ||e|| <= A E_0 z/(A - 2 L E_0 (z - 1)), z = exp(-A time), so ||e|| <= exp(-A time) E_0, and
         exp(-lambda time/2) E_0 where 4 L E_0 <= lambda
    (K5) ||e - exp(-G_0 time) e_0|| <= L R_star^2/2 + C L R_star E_0/sqrt(A), C = sqrt(2/e) max F,
         F Dawson's integral: C = 0.46409, below 0.4641

    Equality: u(t) = s_0 t - L t^2/2 attains K2 and K4.

    Proof. ||e||' = -||J^T e||^2/||e|| <= -(s_0 - L rho) rho': K2 by integration, and with q < 0
    just beyond R_star K1, K3. (s_0 - L rho)^2 = A + 2 L q(rho) >= A + 2 L ||e||, so ||e||' <=
    -(A + 2 L ||e||) ||e||: K4. The difference D to the linear model obeys D' = -G_0 D -
    J_0 (J - J_0)^T e - (J - J_0) J^T e; the last term adds at most int L rho drho = L R_star^2/2,
    the first L R_star int c(time - r) ||e(r)|| dr with c(r) = max sqrt(x) exp(-x r) =
    1/sqrt(2 e r), and int_0^T exp(-A r)/sqrt(T - r) dr = 2 F(sqrt(A T))/sqrt(A): K5.

Source
    Derived here.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from theory.algebra.descent import LipschitzDescent
from theory.language.claim import Statement
from theory.language.vocabulary import NONNEGATIVE, Vocabulary

DAWSON = sp.Rational(4641, 10000)
"""C, rounded up."""


class LipschitzFlow:
    """The statements K1 to K6 of gradient flow, in the symbols of a certificate and the time."""

    def __init__(self, descent: LipschitzDescent, vocabulary: Vocabulary) -> None:
        self.of = descent
        self.time = vocabulary.symbol("time", "time of gradient flow", NONNEGATIVE)

    def _flowing(self, statement: Statement) -> Statement:
        """Without the premise on the step size."""
        kept = tuple(p for p in statement.premises if p != self.of.stable)
        return replace(statement, premises=kept)

    def path(self) -> Statement:
        """(K1), and the upper side of (K6): upper bound of rho and of D."""
        return self._flowing(self.of.path())

    def budget(self) -> Statement:
        """(K2): upper bound of ||e||."""
        return self._flowing(self.of.budget())

    def smallest_eigenvalue(self) -> Statement:
        """(K3): lower bound of lambda_min(G)."""
        return self._flowing(self.of.smallest_eigenvalue())

    def kernel_change(self) -> Statement:
        """(K3): upper bound of ||G - G_0||."""
        return self._flowing(self.of.kernel_change())

    def majorant(self) -> Statement:
        """(K4): upper bound of ||e||, the residual of gradient flow on the parabola."""
        bound = self.of.on_the_parabola(self.time)
        return self._flowing(self.of.statement(bound, index=self.time))

    def rate(self) -> Statement:
        """(K4): upper bound of ||e||, exponential."""
        bound = sp.exp(-self.of.A * self.time) * self.of.E_0
        return self._flowing(self.of.statement(bound, index=self.time))

    def half_rate(self) -> Statement:
        """(K4) where 4 L E_0 <= lambda: upper bound of ||e|| at half of the linear rate."""
        of = self.of
        bound, small = sp.exp(-of.lam * self.time / 2) * of.E_0, of.lam >= 4 * of.L * of.E_0
        return self._flowing(of.statement(bound, small, index=self.time))

    def linear_law(self) -> Statement:
        """(K5): upper bound of ||e - exp(-G_0 time) e_0||."""
        of = self.of
        curved = DAWSON * of.E_0 / sp.sqrt(of.A)
        return self._flowing(of.statement(of.L * of.R_star * (of.R_star / 2 + curved)))

    def least_distance(self) -> Statement:
        """(K6): lower bound of D."""
        return self._flowing(self.of.least_distance())

    def taylor(self) -> Statement:
        """(K6): upper bound of ||u - u_0 - J_0 (t - t_0)||."""
        return self._flowing(self.of.taylor())
