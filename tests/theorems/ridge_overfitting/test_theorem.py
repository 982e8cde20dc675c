"""Ridge regression: the claims hold, on any data and with ridges of any sign, and are sharp."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from scipy.stats import linregress

from tests.theorems.ridge_overfitting.by_hand import bias, fixed_point, variance
from theory import InvalidArgument, claim, claims
from theory.language.kinds import Mode
from theory.mathematics.deterministic_equivalent import Spectrum
from verify.experiments.ridge_overfitting import gaussian, sweeps
from verify.experiments.ridge_overfitting.cases import HEAD, LAW_OF_BIAS, ONE, SMALL
from verify.experiments.ridge_overfitting.configuration import Configuration
from verify.experiments.ridge_overfitting.experiment import EXPERIMENT
from verify.experiments.ridge_overfitting.numbers import best, critical_noise
from verify.experiments.ridge_overfitting.setting import prepare
from verify.experiments.ridge_overfitting.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing
from verify.training import ridge

PATHS = [
    name.partition("/")[2] for name, each in claims("ridge-overfitting").items()
    if each.kind.mode is Mode.PATHWISE and "published" not in name
]  # fmt: skip
LEVEL = 1e-8


def observed(configuration, names, salt="ridge"):
    """Samples by the name of the claim."""
    quantity = {name: claim(f"ridge/{name}").quantity.name for name in names}
    found = EXPERIMENT.observe(configuration, salt=salt, quantities=set(quantity.values()))
    return {name: found.samples[q] for name, q in quantity.items() if q in found.samples}


def first(configuration, name, salt="ridge"):
    return observed(configuration, [name], salt)[name]


BASE = Configuration(samples=20, dimension=160, heads=3, designs=20, copies=40, trials=300)
GIVEN = ("variance-at-least", "bias-at-least", "leave-one-out", "variance-head", "variance-tail",
         "variance-at-most", "bias-head", "bias-tail", "bias-at-most", "slope")  # fmt: skip
CASES = {
    "a negative ridge": (replace(BASE, ridge=-0.9, coordinates="uniform"), GIVEN),
    "signs as coordinates": (replace(BASE, coordinates="rademacher", target="tail"), GIVEN),
    "more rows than directions": (replace(BASE, dimension=7, ridge=0.1), GIVEN),
    "digits": (Configuration(population="digits", features=12, samples=30, designs=10,
                             target="labels", ridge=0.01), GIVEN),
    "diabetes": (Configuration(population="diabetes", samples=30, designs=10, ridge=0.3), GIVEN),
    "few rows": (SMALL[2], GIVEN),
    "gaussian": (replace(BASE, dimension=1200, tail=0.002, room=2.2),
                 ("gaussian-variance", "gaussian-bias")),
    "no head": (replace(BASE, population="flat", heads=0, target="even", dimension=900, ridge=0.2),
                ("gaussian-variance", "gaussian-bias", "gaussian-at-least")),
    "flat": (replace(BASE, population="flat", samples=10, dimension=20, trials=2000, energy=2.0),
             ("flat-variance", "flat-bias")),
    "the limit": (replace(BASE, population="power", ridge=0.1), ("variance-law", "bias-law")),
    "a negative ridge in the limit": (replace(LAW_OF_BIAS, copies=150, target="even"),
                                      ("variance-law", "bias-law")),
    "signs in the limit": (replace(BASE, coordinates="rademacher"), ("variance-law",)),
    "the boundary": (replace(HEAD, smallest=12, dimension=120, tail=0.3, copies=400),
                     ("boundary",)),
    "phases": (replace(HEAD, copies=20), ("negative-helps", "optimum", "sufficient")),
    "a prior": (replace(BASE, dimension=30, ridge=-0.5, prior=0.2), ("isotropic-prior",)),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
@pytest.mark.claims(checks=10)
def test_claims_hold(gate, what):
    configuration, names = CASES[what]
    found = observed(configuration, names, gate.seed())
    assert set(found) == set(names)
    for name, sample in found.items():
        gate.check(claim(f"ridge/{name}"), sample, detail=what)


@pytest.mark.claims(checks=2)
def test_exponents(gate):
    found = observed(replace(BASE, sweeps=40, last=128), ("benign", "tempered"), gate.seed())
    for name, sample in found.items():
        gate.check(claim(f"ridge/{name}"), sample)


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Any population, target and sign of the ridge; one row, one head, repeated rows."""
    for name, sample in observed(configuration, PATHS, gate.seed(configuration)).items():
        gate.check(claim(f"ridge/{name}"), sample, detail=repr(configuration))


REACHED = {
    "data with its labels": lambda c: c.population == "digits" and c.target == "labels",
    "close to the edge": lambda c: c.ridge == -0.95 and c.dimension > c.samples,
    "a large ridge": lambda c: c.ridge > 1,
    "no head": lambda c: c.heads == 0 and c.dimension > c.samples,
    "one row": lambda c: c.samples == 1,
    "fewer directions than rows": lambda c: c.dimension < c.samples and c.ridge > 0,
    "a tail above the spikes": lambda c: c.tail > 1 and c.population == "spiked",
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=3000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


# --- sharp cases, closed forms -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        ("variance-at-least", replace(ONE, samples=1)),
        ("bias-at-least", replace(ONE, tail=1e-8)),
        ("variance-head", replace(ONE, tail=1e-8)),
        ("variance-tail", replace(ONE, tail=1e6)),
        ("bias-head", replace(ONE, tail=1e-8, target="tail")),
        ("bias-tail", replace(ONE, tail=1e-8, target="tail", dimension=40)),
    ],
)  # fmt: skip
def test_attained(name, configuration):
    """One row: the largest ratio of the two sides among 200 designs is 1."""
    judged = judge(claim(f"ridge/{name}"), first(configuration, name), 0)
    assert judged.passed
    assert judged.tightness == pytest.approx(1, abs=2e-2)


def test_the_root_of_a_flat_spectrum_is_attained():
    """(RO.18) at k = 0, for every ridge."""
    flat = Configuration(population="flat", samples=7, dimension=30, target="even", ridge=-0.3)
    sample = first(flat, "kappa-at-least")
    at_least = claim("ridge/kappa-at-least")
    where = at_least.regime(sample.symbols).holds
    bound = at_least.evaluate(sample.symbols, where=where).bound
    np.testing.assert_allclose(bound[:, 0], sample.values[:, 0], rtol=1e-12)


def test_the_forms_are_sharp():
    """Both factors 1/4 where all eigenvalues are kappa; 1 where they are far from it."""
    half = Configuration(population="flat", samples=10, dimension=20, target="even")
    far = Configuration(samples=10, dimension=10_000, heads=3, tail=1e-5, target="head")
    for name, configuration in (
        ("variance-form-at-least", half),
        ("bias-form-at-least", half),
        ("variance-form-at-most", far),
        ("bias-form-at-most", far),
    ):
        judged = judge(claim(f"ridge/{name}"), first(configuration, name), 0)
        assert judged.tightness == pytest.approx(1, abs=0.05), name  # fmt: skip


def test_two_sided_theorem_with_numbers():
    """Upper and lower bound of V within a factor of 11, with the limit between them."""
    at = Configuration(samples=100, dimension=20_000, heads=3, tail=2e-4, room=3.0)
    setting = prepare(at, "numbers")
    values = gaussian.symbols(setting, 3)
    high = gaussian.allowed(claim("ridge/gaussian-variance"), values)
    low = float(claim("ridge/gaussian-at-least")(**values))
    limit = float(setting.equivalent().variance)
    assert low < limit < high < 11 * low
    assert high < 0.5
    assert limit < 1.7 * low


@pytest.mark.parametrize(
    ("n", "p", "k", "tail", "critical"),
    [(40, 400, 4, 0.05, 0.548), (60, 1200, 5, 0.03, 1.329), (40, 160, 4, 0.1, 0.12),
     (100, 1000, 5, 0.02, 0.1813)],
)  # fmt: skip
def test_the_phase_boundary_of_four_problems(n, p, k, tail, critical):
    """The noise below which a negative ridge helps, and where the best ridge lies around it."""
    spectrum, energies = Spectrum(np.array([1.0, tail]), np.array([k, p - k])), np.array([1.0, 0])
    found = critical_noise(n, spectrum, energies)
    assert found == pytest.approx(critical, rel=1e-3)
    for share in (0.3, 0.8, 1.2, 3.0):
        _, below, above = best(n, spectrum, energies, share * found)
        assert (below < above) == (share < 1)


def test_the_risk_below_the_boundary():
    """The first of them at 0.3 of the critical noise: 13 % below that of interpolation."""
    spectrum = Spectrum(np.array([1.0, 0.05]), np.array([4, 396]))
    zero, below, _ = best(40, spectrum, np.array([1.0, 0.0]), 0.3 * 0.548)
    assert below / zero == pytest.approx(0.87, abs=0.01)


def test_flat_spectra_have_closed_forms():
    """kappa = l (p/n - 1): the limit n/(p - n) of V is below its mean n/(p - n - 1)."""
    kappa, g, lowest = fixed_point(10, 0.0, [1.0] * 40)
    assert (kappa, g) == pytest.approx((3.0, 0.25))
    assert lowest == pytest.approx(-((40**0.5 - 10**0.5) ** 2))
    at = {"n": 10, "p": 20, "lam": 0.0, "excess": 0.0, "spread": 0.0, "l": np.ones(20)}
    found = claim("ridge/flat-variance").evaluate(at)
    assert float(found.bound) == pytest.approx(10 / 9)
    draws = np.random.default_rng(0).standard_normal((40_000, 2, 12))
    V = np.trace(np.linalg.inv(draws @ draws.swapaxes(1, 2)), axis1=1, axis2=2)
    variance_of = claim("ridge/flat-variance").evaluate({**at, "n": 2, "p": 12}).variance
    assert float(variance_of) == pytest.approx(V.var(), rel=0.05)


def test_the_law_of_the_exponents():
    """Slopes of the limits: -0.56 and -0.1, of what falls like n^(-1/2) and what does not."""
    ns = np.array([16, 32, 64, 128, 256])
    slopes = {}
    for tail in sweeps.TAILS:
        V = [float(sweeps.equivalent(n, 0.0, sweeps.spectrum(tail, n)).variance) for n in ns]
        slopes[tail] = linregress(np.log(ns), np.log(V)).slope
    assert slopes["benign"] == pytest.approx(-0.5, abs=0.1)
    assert slopes["tempered"] == pytest.approx(0.0, abs=0.15)
    assert slopes["catastrophic"] == pytest.approx(0.5, abs=0.1)
    huge = sweeps.spectrum("tempered", 10**8)
    assert float(sweeps.equivalent(1e8, 0.0, huge).variance) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("share", [0.0, -0.4, 0.3])
def test_descent_in_the_dual_has_this_risk(share):
    """A trainer of its own: noisy labels, descent on the dual, the mean over the noise."""
    setting = prepare(replace(BASE, samples=8, dimension=60), "descent")
    pop = setting.population
    X = pop.draw(setting.rng("own"), 1, 8) * np.sqrt(pop.l)
    least = np.linalg.svd(X[0], compute_uv=False)[-1] ** 2
    lam = share * (least if share < 0 else 10.0)
    noise = np.vstack([np.zeros(8), np.eye(8)])
    y = X[0] @ pop.theta + noise
    found = ridge.descend(np.repeat(X, 9, axis=0), y, lam, 20_000)
    error = found - pop.theta
    assert error[0] ** 2 @ pop.l == pytest.approx(bias(X[0], lam, pop.l, pop.theta))
    each = ((found[1:] - found[0]) ** 2 @ pop.l).sum()
    assert each == pytest.approx(variance(X[0], lam, pop.l))


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    found = EXPERIMENT.observe(EXPERIMENT.preview(replace(BASE, samples=8)), salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("ridge-overfitting").values())


def test_curves_of_the_two_sided_bounds():
    """What is measured lies between them, and by its limit."""
    at = replace(BASE, dimension=1200, tail=0.002, room=2.2)
    curves = EXPERIMENT.observe(at, salt="curves", quantities={"mean_variance"}).trajectory.series
    both = np.isfinite(curves["at_most"]) & np.isfinite(curves["at_least"])
    assert both.sum() > 2
    low, middle, high = (curves[x][both] for x in ("at_least", "measured", "at_most"))
    assert (low < middle).all()
    assert (middle < high).all()
    np.testing.assert_allclose(curves["limit"], curves["measured"], rtol=0.1)


def test_the_curve_of_the_best_ridge():
    """It passes through lam = 0 at the critical noise, measured and in the limit."""
    few = replace(HEAD, copies=2, smallest=8)
    found = EXPERIMENT.observe(few, salt="curves", quantities={"critical_noise"}).trajectory
    s2, limit = found.x, found.series["limit"]
    assert (limit[s2 < 0.95] < 1).all()
    assert (limit[s2 > 1.05] > 1).all()
    assert (np.diff(limit) > 0).all()
    np.testing.assert_allclose(found.series["measured"], limit, rtol=0.15)
    (risks,) = found.panels
    for share, curve in risks.series.items():
        assert np.interp(0.0, risks.x, curve) == pytest.approx(1, rel=5e-3)
        lowest = risks.x[np.argmin(curve)]
        assert np.sign(lowest) == np.sign(float(share) - 1) or share == "1"


def test_a_file_as_population(tmp_path):
    rng = np.random.default_rng(0)
    np.savetxt(tmp_path / "own.csv", rng.normal(size=(60, 5)), delimiter=",")
    own = Configuration(population=str(tmp_path / "own.csv"), samples=9, features=3, ridge=0.1,
                        target="labels", designs=5)  # fmt: skip
    found = EXPERIMENT.observe(own, salt="file", quantities={"variance"})
    assert "own.csv" in found.notes["problem"]
    assert judge(claim("ridge/variance-at-most"), found.samples["variance"], 0).passed
    setting = prepare(own, "file")
    rows = setting.population.rows
    np.testing.assert_allclose(rows.T @ rows / len(rows), np.eye(9), atol=1e-9)


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"population": "sphere"}, "population"), ({"population": "dgits"}, "population"),
     ({"population": "absent.csv"}, "population"), ({"samples": 0}, "samples"),
     ({"heads": 400}, "heads"), ({"heads": 0}, "heads"), ({"target": "labels"}, "target"),
     ({"tail": 0.0}, "tail"), ({"decay": -1.0}, "decay"), ({"ridge": -1.0}, "ridge"),
     ({"smallest": 5}, "smallest"),
     ({"ridge": float("nan")}, "ridge"), ({"noise": 0.0}, "noise"), ({"prior": 0.0}, "prior"),
     ({"coordinates": "cauchy"}, "coordinates"), ({"designs": 0}, "designs"),
     ({"last": 8}, "last"), ({"energy": 0.0}, "energy"), ({"features": 0}, "features"),
     ({"tolerance": 1.0}, "tolerance"), ({"room": -1.0}, "room")],
)  # fmt: skip
def test_bad_values(fields, named):
    with pytest.raises(InvalidArgument, match=named):
        prepare(Configuration(**fields), "bad")


OUT = {
    "gaussian-variance": [{"coordinates": "rademacher"}, {"dimension": 40}, {"ridge": -0.2},
                          {"samples": 6, "heads": 5, "dimension": 4000}],
    "gaussian-at-least": [{"coordinates": "uniform"}, {"ridge": -0.1}],
    "flat-variance": [{}, {"population": "flat", "ridge": 0.1},
                      {"population": "flat", "dimension": 22}],
    "flat-bias": [{"population": "flat", "coordinates": "uniform"},
                  {"population": "flat", "dimension": 10}],
    "variance-law": [{"ridge": -0.7}],
    "optimum": [{"population": "power"}],
    "sufficient": [{"target": "even"}],
    "published-variance": [{"heads": 15, "condition": 1.01}],
    "benign": [{"coordinates": "uniform"}, {"last": 64}],
}  # fmt: skip


@pytest.mark.parametrize(("name", "fields"), [(n, f) for n, rows in OUT.items() for f in rows])
def test_out_of_the_regime(name, fields):
    few = replace(BASE, trials=5, copies=5, designs=3, sweeps=1, **fields)
    judged = judge(claim(f"ridge/{name}"), first(few, name), LEVEL)
    assert judged.verdict is Verdict.OUT_OF_REGIME


def test_repeated_rows_are_no_refutation():
    """Of 40 rows of a small file some are the same: A is singular at lam = 0."""
    at = Configuration(population="diabetes", samples=50, ridge=0.0, designs=20, features=10)
    for name, sample in observed(at, GIVEN).items():
        assert judge(claim(f"ridge/{name}"), sample, 0).verdict is not Verdict.REFUTED, name


@pytest.mark.parametrize("fields", [{"dimension": 15}, {"population": "digits", "features": 4}])
def test_what_does_not_apply_is_out_of_the_regime(fields):
    found = EXPERIMENT.observe(replace(BASE, designs=2, trials=2, sweeps=1, last=32, **fields),
                               salt="notes")  # fmt: skip
    assert "critical_noise" not in found.samples
    assert "needed" in found.out_of_regime["critical_noise"]
    assert not found.unmeasured
