"""K1 to K6 on random quadratic maps and on the parabola, where they are attained; their algebra."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory.algebra.descent import LipschitzDescent
from theory.algebra.descent_proof import inequalities
from theory.algebra.inequalities import Inequality
from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import LOWER_PATHWISE, UPPER_PATHWISE
from theory.language.vocabulary import Vocabulary
from theory.mathematics.defect import defect_constant, peaks
from verify import Sample, Verdict, judge
from verify.audit.proof import Status, prove, prove_all
from verify.judging.seeds import numpy_generator

WORDS = Vocabulary()
AT = LipschitzDescent(WORDS)


def claim(name: str, statement: Statement | None = None) -> Claim:
    kind = LOWER_PATHWISE if name in ("smallest_eigenvalue", "least_distance") else UPPER_PATHWISE
    build = getattr(AT, name) if statement is None else lambda: statement
    return Claim(name, "here", kind, Quantity("x", "x", "x"), build, WORDS)


CLAIMS = {
    name: claim(name)
    for name in ("path", "budget", "smallest_eigenvalue", "kernel_change", "step", "recursion",
                 "closed_form", "rate", "linear_law", "least_distance", "taylor")
}  # fmt: skip


class Quadratic:
    """u_i(t) = <j_i, t> + t^T Q_i t/2 from t = 0; its Jacobian changes by at most L ||t||."""

    def __init__(self, J_0, Q, y, L, share=1.0, steps=40):
        self.J_0, self.Q, self.y = J_0, Q, y
        values = np.linalg.svd(J_0, compute_uv=False)
        s_0, S_0 = values[len(J_0) - 1] if len(values) >= len(J_0) else 0.0, values[0]
        E_0 = np.linalg.norm(y)
        A = s_0**2 - 2 * L * E_0
        end = 2 * E_0 / (s_0 + np.sqrt(A)) if A > 0 else 1.0
        eta = share / (S_0 + L * end) ** 2
        t, path = np.zeros(J_0.shape[1]), []
        for _ in range(steps + 1):
            e = J_0 @ t + np.einsum("ipq,p,q->i", Q, t, t) / 2 - y
            J = J_0 + Q @ t
            path.append((t, e, J))
            t = t - eta * J.T @ e
        self.T, self.e = np.array([p[0] for p in path]), np.array([p[1] for p in path])
        self.J = np.array([p[2] for p in path])
        rho = np.r_[0, np.linalg.norm(np.diff(self.T, axis=0), axis=1).cumsum()]
        C = defect_constant(np.array(eta * max(A, 0)), steps)
        moved = self.e - self.e[0]
        G_0 = J_0 @ J_0.T
        M = (
            np.sqrt(np.maximum(np.einsum("ki,ki->k", moved, np.linalg.solve(G_0, moved.T).T), 0))
            if s_0
            else np.zeros(steps + 1)
        )
        self.symbols = {
            "lambda": s_0**2, "S_0": S_0, "L": L, "R": end, "E_0": E_0, "eta": eta, "rho": rho,
            "k": np.arange(steps + 1), "D": np.linalg.norm(self.T, axis=1), "C": float(C), "M": M,
        }  # fmt: skip

    def samples(self):
        at, e = self.symbols, np.linalg.norm(self.e, axis=1)
        G = self.J @ self.J.swapaxes(1, 2)
        linear, laws = np.eye(len(self.y)) - at["eta"] * G[0], [self.e[0]]
        for _ in e[1:]:
            laws.append(linear @ laws[-1])
        one = {"scale": at["E_0"] + at["S_0"] ** 2}
        late = {**at, "E": e[:-1], "k": at["k"][1:], **{n: at[n][1:] for n in ("rho", "D", "M")}}
        taylor = self.T @ self.J_0.T - (self.e - self.e[0])
        return {
            "path": Sample(at["rho"], at, **one),
            "budget": Sample(e, at, **one),
            "smallest_eigenvalue": Sample(np.linalg.eigvalsh(G)[:, 0], at, **one),
            "kernel_change": Sample(np.linalg.norm(G - G[0], 2, axis=(1, 2)), at, **one),
            "step": Sample(e[1:], late, **one),
            "recursion": Sample(e, at, **one),
            "closed_form": Sample(e, at, **one),
            "rate": Sample(e, at, **one),
            "linear_law": Sample(np.linalg.norm(self.e - np.array(laws), axis=1), at, **one),
            "least_distance": Sample(at["D"], at, **one),
            "taylor": Sample(np.linalg.norm(taylor, axis=1), at, **one),
        }


def parabola(h: float, *, share: float = 1.0, false: float = 1.0) -> Quadratic:
    """u(t) = s t - L t^2/2 towards y, h = L y/s^2; the certificate is given `false` L."""
    s, y = 1.3, 0.7
    L = h * s**2 / y
    found = Quadratic(np.array([[s]]), np.array([[[-L]]]), np.array([y]), L, share)
    found.symbols["L"] = false * L
    return found


def random_map(seed: int, n: int, extra: int, h: float, share: float) -> Quadratic:
    """A random quadratic map: L is the spectral norm of its second derivative in all of (v, t)."""
    rng = numpy_generator("quadratic", seed)
    P = n + extra
    J_0, Q = rng.normal(size=(n, P)), rng.normal(size=(n, P, P))
    Q, y = Q + Q.swapaxes(1, 2), rng.normal(size=n)
    # ||J(t) - J_0|| = ||sum_p t_p Q_{.p.}|| <= the norm of the n P x P matrix
    L = np.linalg.norm(Q.reshape(n * P, P), 2)
    s_0 = np.linalg.svd(J_0, compute_uv=False)[n - 1]
    y = y * h * s_0**2 / (L * np.linalg.norm(y))
    return Quadratic(J_0, Q, y, L, share)


@given(
    st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 3),
    st.sampled_from((0.01, 0.2, 0.45, 0.4999)), st.sampled_from((0.2, 1.0)),
)  # fmt: skip
def test_all_hold_on_quadratic_maps(seed, n, extra, h, share):
    for name, sample in random_map(seed, n, extra, h, share).samples().items():
        judged = judge(CLAIMS[name], sample, 0.0)
        assert judged.verdict in (Verdict.HOLDS, Verdict.UNDERPOWERED), (name, judged)


@pytest.mark.parametrize("h", [0.1, 0.3, 0.45, 0.499])
def test_the_parabola_attains_the_budget_and_the_majorant(h):
    samples = parabola(h).samples()
    for name in ("budget", "step", "recursion"):
        evaluated = CLAIMS[name].evaluate(samples[name].symbols).bound
        np.testing.assert_allclose(samples[name].values, evaluated, rtol=1e-9, atol=1e-12)
    for name in ("smallest_eigenvalue", "taylor"):
        evaluated = CLAIMS[name].evaluate(samples[name].symbols).bound
        np.testing.assert_allclose(samples[name].values, evaluated, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("h", [0.1, 0.2, 0.3, 0.4, 0.45, 0.49, 0.499])
@pytest.mark.parametrize("name", ["budget", "step", "recursion", "smallest_eigenvalue"])
def test_two_percent_less_curvature_is_refuted_on_the_parabola(h, name):
    sample = parabola(h, false=0.98).samples()[name]
    assert judge(CLAIMS[name], sample, 0.0).verdict is Verdict.REFUTED


def test_the_path_ends_at_r_star():
    """On the parabola, once it has converged; with less curvature the end is nearer, refuted."""
    s, y, h = 1.3, 0.7, 0.4
    L = h * s**2 / y
    found = Quadratic(np.array([[s]]), np.array([[[-L]]]), np.array([y]), L, steps=400)
    sample = found.samples()["path"]
    bound = CLAIMS["path"].evaluate(found.symbols).bound
    assert sample.values[-1] == pytest.approx(bound, rel=1e-9)
    found.symbols["L"] = 0.98 * L
    assert judge(CLAIMS["path"], found.samples()["path"], 0.0).verdict is Verdict.REFUTED


def test_rates_without_their_correction_are_refuted_on_the_parabola():
    """(1 - eta lambda)^k without the 2 L E_0, and A with L E_0 in its place."""
    sample = parabola(0.3).samples()["rate"]
    full = Statement((1 - AT.eta * AT.lam) ** AT.k * AT.E_0)
    half = Statement((1 - AT.eta * (AT.lam - AT.L * AT.E_0)) ** AT.k * AT.E_0)
    for wrong in (full, half):
        assert judge(claim("rate", wrong), sample, 0.0).verdict is Verdict.REFUTED


def test_more_outputs_than_parameters_are_out_of_the_regime():
    """u = (t, 0) never reaches y = (0, 1); one singular value of J is 1, lambda_min(G_0) is 0."""
    found = Quadratic(np.array([[1.0], [0.0]]), np.zeros((2, 1, 1)), np.array([0.0, 1.0]), 0.0)
    for name, sample in found.samples().items():
        assert judge(CLAIMS[name], sample, 0.0).verdict is Verdict.OUT_OF_REGIME
    found.symbols["lambda"] = 1.0  # the smallest that an SVD returns
    assert judge(CLAIMS["rate"], found.samples()["rate"], 0.0).verdict is Verdict.REFUTED


def test_a_step_too_large_or_a_ball_too_small_is_out_of_the_regime():
    assert parabola(0.3, share=1.01).symbols["eta"] > 0
    judged = judge(CLAIMS["rate"], parabola(0.3, share=1.01).samples()["rate"], 0.0)
    assert judged.verdict is Verdict.OUT_OF_REGIME
    small = parabola(0.3)
    small.symbols["R"] *= 0.999
    assert judge(CLAIMS["rate"], small.samples()["rate"], 0.0).verdict is Verdict.OUT_OF_REGIME
    assert judge(CLAIMS["rate"], parabola(0.5).samples()["rate"], 0.0).verdict is (
        Verdict.OUT_OF_REGIME
    )


def test_no_digits_are_lost_near_the_limit():
    """h = 0.4999999: the closed form against 50 digits."""
    values = {"lambda": 1.0, "S_0": 1.0, "L": 0.4999999, "E_0": 1.0, "R": 3.0, "eta": 0.2, "k": 40}
    exact = CLAIMS["closed_form"].evaluate_exact(values)
    assert CLAIMS["closed_form"].evaluate(values).bound == pytest.approx(float(exact), rel=1e-9)


def test_half_of_the_rate_where_the_certificate_has_room():
    found = claim("half_rate")
    for h, verdict in ((0.24, Verdict.HOLDS), (0.26, Verdict.OUT_OF_REGIME)):
        assert judge(found, parabola(h).samples()["rate"], 0.0).verdict is verdict


def test_the_algebra_is_proved():
    assert {proof.status for proof in prove_all(inequalities())} == {Status.PROVED}


@pytest.mark.parametrize("name", ["descent/budget", "descent/square", "descent/step"])
def test_the_algebra_with_two_percent_less_curvature_is_refuted(name):
    """In what is claimed; the path itself has the whole L."""
    found = next(each for each in inequalities() if each.name == name)
    L = sp.Symbol("L", positive=True)
    less = found.statement.rhs.subs(L, L * sp.Rational(98, 100))
    false = Inequality("false", "", found.statement.func(found.statement.lhs, less), found.domain)
    assert prove(false).status is Status.REFUTED


def test_the_constant_of_the_defect():
    """c_i by maximisation; C against its limits and the direct sum."""
    x = np.linspace(0, 1, 200001)
    for i, c in enumerate(peaks(6)):
        assert (np.sqrt(x) * (1 - x) ** i).max() == pytest.approx(c, rel=1e-9)
    a, c = 0.03, peaks(500)
    sums = [((1 - a) ** np.arange(K) * c[:K][::-1]).sum() for K in range(1, 501)]
    assert defect_constant(np.array(a), 500) == pytest.approx(np.sqrt(a) * max(sums), rel=1e-12)
    for a, wanted in ((1e-4, 0.4652), (0.01, 0.476), (0.1, 0.515), (1.0, 1.0)):
        assert defect_constant(np.array(a), int(9 / a)) == pytest.approx(wanted, abs=5e-4)
    assert (defect_constant(np.array([0.0, 1.5, np.nan]), 5) == 1).all()
    assert defect_constant(np.array(1e-4), 100) < 0.1
