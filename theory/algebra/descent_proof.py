"""The algebra in the proof of `theory.algebra.descent`, from the objects that its claims use."""

from __future__ import annotations

import sympy as sp

from theory.algebra.descent import LipschitzDescent
from theory.algebra.inequalities import Inequality, Unproved
from theory.language.vocabulary import Vocabulary

x, d, s, p, c, a, b, r = sp.symbols("x d s p c a b r", nonnegative=True)


def inequalities() -> tuple[Inequality, ...]:
    """The steps of the proof that are algebra."""
    at = LipschitzDescent(Vocabulary())
    s_0, root_A, moved = sp.symbols("s_0 root_A L", positive=True)
    E_0, eta, S_0 = at.E_0, at.eta, at.S_0
    A = s_0**2 - 2 * moved * E_0
    end = 2 * E_0 / (s_0 + root_A)
    root = sp.Eq(root_A**2, A)

    def named(e: sp.Expr) -> sp.Expr:
        return e.subs({at.lam: s_0**2, at.L: moved}, simultaneous=True)

    q = named(at.q(r))
    step = named(at.majorant(x)).subs(at.A, a)
    decrease = x - s * d + moved * d**2 / 2
    flowing = a * E_0 * c / (a + 2 * moved * E_0 * (1 - c))  # c = exp(-A time)
    return (
        Inequality(
            "descent/two-points", "(a): the mean speed of weights at 1/eta and at s^2",
            c * (c + p * (1 - c)) <= (c + p * (1 - c) / 2) ** 2, (c <= 1, p <= 1),
        ),
        Inequality(
            "descent/contraction", "(a): ||(I - eta G)e|| <= ||e|| - eta s ||J^T e||",
            (1 - p) * (1 - c) ** 2 <= (1 - c - p * (1 - c) / 2) ** 2, (c <= 1, p <= 1),
        ),
        Inequality(
            "descent/budget", "(b): one step, added to q(rho)",
            sp.Eq(q + decrease.subs({x: 0, s: s_0 - moved * r}), q.subs(r, r + d)),
        ),
        Inequality(
            "descent/square", "(d): q by its slope",
            sp.Eq(2 * moved * q, (s_0 - moved * r) ** 2 - A),
        ),
        Inequality("descent/end", "(c): q(R_star) = 0", sp.Eq(q.subs(r, end), 0), (root,)),
        Inequality("descent/last-slope", "K3: s_0 - L R_star = sqrt(A)",
                   sp.Eq(s_0 - moved * end, root_A), (root,)),
        Inequality("descent/length", "K1: E_0/s_0 <= R_star <= 2 E_0/s_0",
                   sp.And(E_0 / s_0 <= end, end <= 2 * E_0 / s_0), (root,)),
        Inequality(
            "descent/falls", "(d): the least step decreases the residual least",
            decrease <= decrease.subs(d, eta * s * x), (d >= eta * s * x, moved * d <= s),
        ),
        Inequality(
            "descent/step", "K4: the least step, at the least slope",
            decrease.subs(d, eta * s * x) <= step,
            (a + 2 * moved * x <= s**2, eta * moved * x <= 2),
        ),
        Inequality(
            "descent/stable", "K4: eta (A + 4 L E_0) <= 1 by the premise on the step",
            A + 4 * moved * E_0 <= (S_0 + moved * end) ** 2, (root, s_0 <= S_0),
        ),
        Inequality(
            "descent/rises", "K4: the derivative of the majorant",
            1 - a - 4 * b + a * b + 3 * b**2 >= 0, (a + 4 * b <= 1,),
        ),
        Inequality(
            "descent/rate", "K4: a linear rate", step <= x * (1 - eta * a),
            (eta * (a + 2 * moved * x) <= 4,),
        ),
        Inequality(
            "descent/flow", "K4 of gradient flow: the closed form solves x' = -(A + 2 L x) x",
            sp.Eq(-a * c * sp.diff(flowing, c), -(a + 2 * moved * flowing) * flowing),
            (a > 0, c <= 1),
        ),
        Inequality("descent/half", "K4: half of the linear rate", s_0**2 / 2 <= A,
                   (4 * moved * E_0 <= s_0**2,)),
    )  # fmt: skip


UNPROVED = (
    Unproved(
        "descent/spectrum",
        "(a)",
        "for a given mean of the spectral measure the residual is largest on two points",
        "convexity; K1 to K4 are tried on random quadratic maps",
    ),
    Unproved(
        "descent/smaller-steps",
        "(c)",
        "the path never passes R_star, by all smaller steps at once",
        "continuity; K1 is tried with R = R_star up to rounding",
    ),
    Unproved(
        "descent/flow",
        "K4 in closed form",
        "a gradient step on q is ahead of its flow",
        "convexity of q; tried on parabolas",
    ),
    Unproved(
        "descent/dawson",
        "K5 of gradient flow",
        "int_0^T exp(-A r)/sqrt(T - r) dr = 2 F(sqrt(A T))/sqrt(A), F <= 0.54105",
        "calculus; C is tried against quadrature and against that of descent at small steps",
    ),
    Unproved(
        "descent/linear-law",
        "K5",
        "max sqrt(x)(1 - x)^i = c_i, and the sum over steps",
        "calculus; K5 is tried on random quadratic maps",
    ),
)
