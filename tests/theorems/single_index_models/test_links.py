"""Single index models with links of one's own, any noise, correlated inputs and files."""

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from tests.bench import LEVEL, verdict
from tests.theorems.single_index_models.test_theorem import BENCH, FEW, SMALL, first, judged
from theory import InvalidArgument, claim
from theory.language.formulas import Z
from theory.theorems.single_index_models.symbols import precision
from verify.experiments.single_index_models.cases import PATHS, STATISTIC, SWEEPS
from verify.experiments.single_index_models.experiment import EXPERIMENT
from verify.experiments.single_index_models.links import LINKS, link, moments
from verify.judging.verdict import Verdict, judge
from verify.runs.check import check

SMOOTH = ("sine", "tanh(x) + x/3", "exp(z/2)", "z^2 - 1", "cos(3*z)", "7")
CORNERS = {"relu": (0.5, 0.5, 1.5), "sign": (mp.sqrt(2 / mp.pi), 1, 1), "abs(z)": (0, 1, 3)}


def mean(expression):
    """Of a function of a standard normal number, with 50 digits."""
    f = sp.lambdify(Z, expression, "mpmath")
    with mp.workdps(50):
        return mp.quad(
            lambda t: f(t) * mp.npdf(t),
            mp.linspace(-16, 16, 17),
            maxdegree=5,
            method="gauss-legendre",
        )


@pytest.mark.parametrize("text", SMOOTH)
def test_moments_to_50_digits(text):
    """mu* by the derivative, which the quadrature in float64 does not use."""
    found, f = moments(text), link(text)
    for value, power in ((found.second, 2), (found.fourth, 4)):
        assert value == pytest.approx(float(mean(f.expression**power)), rel=1e-12)
    assert found.slope == pytest.approx(float(mean(f.derivative)), rel=1e-12, abs=1e-30)


@pytest.mark.parametrize("text", CORNERS)
def test_moments_of_links_with_corners(text):
    found = moments(text)
    for value, wanted in zip((found.slope, found.second, found.fourth), CORNERS[text], strict=True):
        assert value == pytest.approx(float(wanted), rel=1e-12, abs=1e-30)


@pytest.mark.parametrize(
    ("text", "finite"),
    [("exp(z^2/5)", (True, True, False)), ("exp(z^2/3)", (True, False, False)),
     ("exp(z^2)", (False, False, False)), ("1/(z - 0.1234)", (False, False, False))],
)  # fmt: skip
def test_moments_that_do_not_exist(text, finite):
    found = moments(text)
    assert tuple(map(bool, np.isfinite([found.slope, found.second, found.fourth]))) == finite


@pytest.mark.parametrize(
    ("text", "where"),
    [("log(z)", "z = 0 it is -inf"), ("sqrt(z)", "it is nan"), ("1/z", "z = 0"),
     ("exp(z**4)", r"it is \d.*e\+1"), ("cos", "one of sine, cubic.*a formula in z"),
     ("import os", "cannot be read")],
)  # fmt: skip
def test_links_that_are_none(text, where):
    with pytest.raises(InvalidArgument, match=rf"link = .*{where}"):
        replace(SMALL, link=text)


ANY = ("tanh(x) + x/3", "exp(z/2)", "z^2 - 1", "3", "1/(z - 0.1234)", "sin(5*z)*abs(z)")


@pytest.mark.parametrize("text", ANY)
@pytest.mark.claims(checks=4)
def test_the_laws_hold_for_any_link_and_tail(gate, text):
    """Even links, constant ones, with a pole: given the responses nothing else matters."""
    student = {"link": text, "noise_law": "student", "tail": 1.5}
    laws = replace(STATISTIC, draws=600, delta=0.5, **student)
    curve = replace(FEW, samples=200, dimension=20, draws=300, points=6, **student)
    for configuration, name in ((laws, "entry"), (laws, "noise"), (laws, "largest"),
                                (curve, "error")):  # fmt: skip
        sample = first(configuration, name, gate.seed(name))
        gate.check(claim(f"index/{name}"), sample, detail=text)


def test_noise_of_students_law_has_its_tail():
    """P(|noise| > u) u^nu goes to a constant: the slope of log P is -nu."""
    sizes = {}
    for law in ("student", "gaussian"):
        at = replace(SMALL, link="0", noise=1.0, noise_law=law, tail=1.5, tau=None)
        made = EXPERIMENT.prepare(at, "tails")
        y = np.abs(made.responses(made.rng("tails"), np.zeros(400_000)))
        far = [np.mean(y > u) for u in (10, 20, 40)]
        sizes[law] = far
    slopes = np.diff(np.log(sizes["student"])) / np.log(2)
    np.testing.assert_allclose(slopes, -1.5, atol=0.1)
    assert max(sizes["gaussian"]) == 0


PUBLISHED = ("published", "published-matrix", "published-first", "published-last")


@pytest.mark.parametrize("text", ["3", "z^2 - 1", "abs(z)"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_rates_need_a_slope(text, name):
    """A link with E f'(Z) = 0 says nothing of beta*: out of their regime, and only those."""
    at = replace(SMALL, samples=40, link=text, noise=0.1)
    found = judged(name, first(at, name))
    assert found.verdict is Verdict.OUT_OF_REGIME
    assert "mu" in found.reason
    assert "mu" not in judged(name, first(replace(at, link="sine"), name)).reason
    assert judged("at-most", first(at, "at-most")).verdict is not Verdict.OUT_OF_REGIME


@pytest.mark.parametrize("name", ["heavy-tails", "clipped"])
def test_slopes_need_a_link_whose_tail_is_not_seen(name):
    """Lognormal responses have all moments; at these sizes a few of them are the sum."""
    sample = first(replace(SWEEPS, link="exp(3*z)", tail=4.5), name)
    found = judged(name, sample)
    assert found.verdict is Verdict.OUT_OF_REGIME
    assert "f_4" in found.reason
    if name == "heavy-tails":
        assert verdict(BENCH.changed(name, premises=()), sample) is Verdict.REFUTED


def test_without_a_fourth_moment_no_slope_is_measured_and_the_reason_is_told():
    at = replace(SWEEPS, link="exp(z^2/5)")
    found = check("single-index-models", at, salt="none", budget=1e-6,
                  patterns=["index/heavy-tails", "index/clipped"])  # fmt: skip
    assert [j.verdict for j in found.judgements] == [Verdict.OUT_OF_REGIME] * 2
    assert all("E f(Z)^4 < oo" in j.reason for j in found.judgements)
    assert not found.unjudged
    assert found.exit_code == 3  # they were named


# --- correlated inputs ---------------------------------------------------------------------------

RHO = replace(STATISTIC, correlation=0.7, link="tanh(x) + x/3", draws=2000)


@pytest.mark.parametrize("rho", [0.7, -0.9])
@pytest.mark.claims(checks=2)
def test_the_law_of_the_statistic_of_correlated_inputs(gate, rho):
    for name in ("entry", "noise"):
        sample = first(replace(RHO, correlation=rho), name, gate.seed(name))
        gate.check(claim(f"index/{name}"), sample, detail=f"{rho}")


def test_the_law_of_independent_inputs_is_not_theirs():
    sample = first(replace(RHO, correlation=-0.5), "entry")
    assert verdict(BENCH.changed("entry", {precision: 1}), sample) is Verdict.REFUTED
    wrong = replace(sample, symbols={**sample.symbols, "precision": 1.0})
    assert judge(claim("index/entry"), wrong, LEVEL).verdict is Verdict.REFUTED


def test_other_scores_of_correlated_inputs_are_refuted(monkeypatch):
    """Phi = mean of y_i x_i, which is Sigma times what it should be."""
    kind = type(EXPERIMENT.prepare(RHO, "x"))
    monkeypatch.setattr(kind, "unmixed", lambda self, Phi: Phi @ self.root.T)
    for name in ("entry", "noise"):
        assert judged(name, first(RHO, name)).verdict is Verdict.REFUTED, name


ISOTROPIC = ("largest", "error", "selection", "support", "oracle", "lasso", "published")


@pytest.mark.parametrize("name", ISOTROPIC)
def test_all_else_needs_independent_inputs(name):
    found = judged(name, first(replace(SMALL, samples=30, correlation=0.5), name))
    assert found.verdict is Verdict.OUT_OF_REGIME
    assert "rho" in found.reason


def test_paths_and_matrices_do_not():
    at = replace(SMALL, samples=30, correlation=0.5)
    for name in ("flow", "product", "at-least", "matrix-descent", "matrix-flow"):
        assert judged(name, first(at, name)).verdict is Verdict.HOLDS, name


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    rng, path = np.random.default_rng(3), tmp_path / "mine.csv"
    rows = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6))
    np.savetxt(path, rows, delimiter=",", header="a,b,c,d,e,yield", comments="")
    return str(path)


def test_paths_of_a_file_hold(file):
    for name in ("flow", "product", "at-least", "at-most", "lasso-coordinate"):
        assert judged(name, first(replace(PATHS, data=file), name)).verdict is Verdict.HOLDS, name


def test_another_column_as_target(file):
    """It is one of six; the rest are inputs."""
    by_name, last = (
        EXPERIMENT.prepare(replace(PATHS, data=file, target=t), "x") for t in ("c", None)
    )
    assert len(by_name.whole.Phi) == len(last.whole.Phi) == 5
    assert not np.allclose(by_name.whole.Phi, last.whole.Phi)
    assert "yield" in last.notes["problem"]


@pytest.mark.parametrize(
    ("change", "text"),
    [({"data": "sphere"}, "data = 'sphere'.*gaussian, diabetes.*or a file"),
     ({"data": "nowhere.csv"}, "there is none of this name"),
     ({"data": "diabetes", "target": "c"}, "target = 'c'.*no file"),
     ({"correlation": 1.0}, "correlation = 1.0"),
     ({"correlation": 0.5, "inputs": "laplace"}, "correlation = 0.5.*laplace")],
)  # fmt: skip
def test_bad_sources(change, text):
    with pytest.raises(InvalidArgument, match=text):
        first(replace(SMALL, **change), "product")


def test_a_file_of_one_target(tmp_path):
    same = tmp_path / "same.csv"
    np.savetxt(same, np.column_stack([np.arange(5.0) ** 2, np.ones(5)]), delimiter=",")
    with pytest.raises(InvalidArgument, match="targets are not all the same"):
        first(replace(PATHS, data=str(same)), "product")
    np.savetxt(same, np.column_stack([np.ones(5), np.arange(5.0) ** 2]), delimiter=",")
    with pytest.raises(InvalidArgument, match="inputs are not all the same"):
        first(replace(PATHS, data=str(same)), "product")


def test_the_names_are_formulas():
    assert set(LINKS) == {"sine", "cubic", "relu", "tanh", "sign"}
    for name, text in LINKS.items():
        np.testing.assert_array_equal(link(name)([-1.3, 0.4]), link(text)([-1.3, 0.4]))
