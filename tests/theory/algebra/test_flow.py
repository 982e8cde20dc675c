"""Gradient flow on quadratic maps and on the parabola, where K2 and K4 are attained; its C."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.special import dawsn

from tests.theory.algebra.test_descent import AT, WORDS, Quadratic, parabola, random_map
from theory.algebra.descent_proof import inequalities
from theory.algebra.flow import DAWSON, LipschitzFlow
from theory.algebra.inequalities import Inequality
from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import LOWER_PATHWISE, UPPER_PATHWISE
from theory.mathematics.defect import defect_constant
from verify import Sample, Verdict, judge
from verify.audit.proof import Status, prove

FLOW = LipschitzFlow(AT, WORDS)
NAMES = ("path", "budget", "smallest_eigenvalue", "kernel_change", "majorant", "rate",
         "linear_law", "least_distance", "taylor")  # fmt: skip


def claim(name, statement=None):
    kind = LOWER_PATHWISE if name in ("smallest_eigenvalue", "least_distance") else UPPER_PATHWISE
    build = getattr(FLOW, name) if statement is None else lambda: statement
    return Claim(name, "here", kind, Quantity("x", "x", "x"), build, WORDS)


def flowed(of: Quadratic, steps=12):
    """Samples by claim of gradient flow on the map of a descent, at times eta k."""
    at = {k: v for k, v in of.symbols.items() if k not in ("eta", "k", "rho", "D", "M", "C")}
    times = of.symbols["eta"] * np.arange(steps + 1)
    J_0, Q, y, P = of.J_0, of.Q, of.y, of.J_0.shape[1]

    def outputs(t):
        return J_0 @ t + np.einsum("ipq,p,q->i", Q, t, t) / 2

    def change(_, z):
        moved = -(J_0 + Q @ z[:P]).T @ (outputs(z[:P]) - y)
        return np.append(moved, np.linalg.norm(moved))

    found = solve_ivp(change, (0, times[-1]), np.zeros(P + 1), "DOP853", times, rtol=1e-12,
                      atol=1e-14)  # fmt: skip
    T, rho = found.y[:P].T, found.y[P]
    e = np.array([outputs(t) - y for t in T])
    G = np.array([(J_0 + Q @ t) @ (J_0 + Q @ t).T for t in T])
    mu, V = np.linalg.eigh(G[0])
    law = np.array([V @ (np.exp(-mu * time) * (V.T @ e[0])) for time in times])
    moved = e - e[0]
    M = np.sqrt(np.maximum(((moved @ V) ** 2 / mu).sum(1), 0))
    at |= {"rho": rho, "time": times, "D": np.linalg.norm(T, axis=1), "M": M}
    values = {
        "path": rho, "budget": np.linalg.norm(e, axis=1),
        "smallest_eigenvalue": np.linalg.eigvalsh(G)[:, 0],
        "kernel_change": np.linalg.norm(G - G[0], 2, axis=(1, 2)),
        "linear_law": np.linalg.norm(e - law, axis=1), "least_distance": at["D"],
        "taylor": np.linalg.norm(moved - T @ J_0.T, axis=1),
    }  # fmt: skip
    values |= dict.fromkeys(("majorant", "rate"), values["budget"])
    scale = 10 * (at["E_0"] + at["S_0"] ** 2)  # of the integration
    return {name: Sample(values[name], at, scale=scale) for name in NAMES}


@settings(max_examples=30)
@given(
    st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 3),
    st.sampled_from((0.01, 0.2, 0.45, 0.4999)),
)  # fmt: skip
def test_all_hold_on_quadratic_maps(seed, n, extra, h):
    for name, sample in flowed(random_map(seed, n, extra, h, 1.0)).items():
        judged = judge(claim(name), sample, 0.0)
        assert judged.verdict in (Verdict.HOLDS, Verdict.UNDERPOWERED), (name, judged)


@pytest.mark.parametrize("h", [0.1, 0.4, 0.499])
def test_the_parabola_attains_the_budget_and_the_majorant(h):
    for name in ("budget", "majorant", "smallest_eigenvalue"):
        sample = flowed(parabola(h))[name]
        bound = claim(name).evaluate(sample.symbols).bound
        np.testing.assert_allclose(sample.values, bound, rtol=1e-9, atol=1e-10)
        false = flowed(parabola(h, false=0.98))[name]
        assert judge(claim(name), false, 0.0).verdict is Verdict.REFUTED


def test_rates_without_their_correction_are_refuted_on_the_parabola():
    sample = flowed(parabola(0.3))["rate"]
    for kept in (AT.lam, AT.lam - AT.L * AT.E_0):
        wrong = Statement(sp.exp(-kept * FLOW.time) * AT.E_0)
        assert judge(claim("rate", wrong), sample, 0.0).verdict is Verdict.REFUTED


def test_half_of_the_rate_where_the_certificate_has_room():
    for h, verdict in ((0.24, Verdict.HOLDS), (0.26, Verdict.OUT_OF_REGIME)):
        judged = judge(claim("half_rate"), flowed(parabola(h))["rate"], 0.0)
        assert judged.verdict is verdict


def test_descent_is_below_its_flow():
    """On the parabola at every step: the closed form of descent is the flow."""
    descent = np.linalg.norm(parabola(0.3).e, axis=1)[:13]
    found = flowed(parabola(0.3))["majorant"].values
    assert (descent[1:] < found[1:]).all()


def test_only_the_step_size_is_no_premise():
    wanted = [p for p in AT.rate().premises if p != AT.stable]
    for name in (*NAMES, "half_rate"):
        assert list(getattr(FLOW, name)().premises)[:2] == wanted
    small = parabola(0.3)
    small.symbols["R"] *= 0.999
    for sample in (flowed(small)["rate"], flowed(parabola(0.5))["rate"]):
        assert judge(claim("rate"), sample, 0.0).verdict is Verdict.OUT_OF_REGIME


def test_the_constant_of_the_defect():
    """sqrt(A) times the integral of the peaks, over all ends T; and that of descent as a -> 0."""
    A = 1.7

    def total(T):  # r = T - w^2 takes the root out of the integrand
        found = quad(lambda w: 2 * np.exp(-A * (T - w * w)) / np.sqrt(2 * np.e), 0, np.sqrt(T))
        return np.sqrt(A) * found[0]

    ends = np.linspace(0.1, 2, 200)
    sums = np.array([total(T) for T in ends])
    np.testing.assert_allclose(sums, np.sqrt(2 / np.e) * dawsn(np.sqrt(A * ends)), rtol=1e-9)
    assert sums.max() <= DAWSON <= sums.max() + 1e-4
    a = np.array([1e-3, 1e-4, 1e-5])
    limit = [float(defect_constant(one, int(4 / one))) for one in a]
    assert np.polyfit(np.sqrt(a), limit, 1)[1] == pytest.approx(float(DAWSON), abs=1e-4)


def test_the_closed_form_with_less_curvature_is_refuted():
    found = next(each for each in inequalities() if each.name == "descent/flow")
    L = sp.Symbol("L", positive=True)
    less = found.statement.rhs.subs(L, L * sp.Rational(98, 100))
    false = Inequality("false", "", sp.Eq(found.statement.lhs, less), found.domain)
    assert prove(found).status is Status.PROVED
    assert prove(false).status is Status.REFUTED
