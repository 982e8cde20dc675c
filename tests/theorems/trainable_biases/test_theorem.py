"""The claims on trainable biases hold, some are sharp; they hold in every small configuration."""

from dataclasses import replace
from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from tests.bench import Bench
from theory import InvalidArgument, claim, claims
from verify.experiments.trainable_biases import curves, descent, generalisation, kernel, width
from verify.experiments.trainable_biases.cases import (
    CERTIFIED,
    CLASS,
    KERNEL,
    LARGE_BIAS,
    ONE,
    PUBLISHED,
    RISK,
    SCALED,
    SWEEP,
    WHOLE,
    WIDTH,
    homes,
)
from verify.experiments.trainable_biases.configuration import Configuration
from verify.experiments.trainable_biases.experiment import EXPERIMENT
from verify.experiments.trainable_biases.setting import Rows, prepare
from verify.experiments.trainable_biases.strategies import configurations
from verify.judging.verdict import Verdict, judge, judge_initialisations
from verify.runs.check import missing

BENCH = Bench("trainable-biases", "bias", "biases")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged
LEVEL = 1e-8
DIGITS = Configuration(data="digits", targets="auto", samples=20, width=100)
DIABETES = Configuration(data="diabetes", targets="auto", samples=3, target_scale=0.02,
                         width=20_000, bias=0.5, seeds=2)  # fmt: skip


CASES = {
    "kernel": (KERNEL, ("kernel", "active", "published-share", "series", "schur", "rows",
                        "separation", "published-eigenvalue")),
    "large bias": (LARGE_BIAS, ("circles", "condition", "schur")),
    "negative bias, frozen": (replace(KERNEL, bias=-0.7, biases="frozen"),
                              ("kernel", "active", "series", "schur", "rows", "separation")),
    "certificates": (CERTIFIED, ("rate", "travel", "fired")),
    "frozen": (replace(CERTIFIED, biases="frozen", samples=2), ("rate", "travel", "fired")),
    "large scale": (SCALED, ("unchanged", "law", "steps", "rate")),
    "frozen at a large scale": (replace(SCALED, biases="frozen"), ("unchanged", "law", "steps")),
    "width of the kernel": (WIDTH, ("least-eigenvalue",)),
    "width of all": (replace(WHOLE, trials=100), ("theorem",)),
    "published width": (replace(PUBLISHED, trials=120), ("published-rate",)),
    "sweeps": (replace(SWEEP, sweeps=80, tolerance=0.3, smallest=128, largest=1024), ("slope",)),
    "class": (CLASS, ("linear", "complexity", "mean-complexity", "published-complexity")),
    "digits": (DIGITS, ("kernel", "active", "schur", "rows", "separation")),
    "class on digits": (replace(DIGITS, bias=1.5), ("linear", "complexity")),
    "diabetes": (DIABETES, ("rate", "travel", "fired")),
    "law on diabetes": (replace(DIABETES, samples=10, kappa=1e6, width=400, steps=30),
                        ("unchanged", "law")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=8)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


def test_the_risk_is_bounded_for_most_samples():
    samples = EXPERIMENT.observe(RISK, salt="risk", quantities={"risk"}).of("risk")
    assert judge_initialisations(claim("bias/risk"), samples, LEVEL).verdict is Verdict.HOLDS


def test_every_claim_is_among_the_cases():
    seen = {f"bias/{name}" for _, names in CASES.values() for name in names}
    assert {*seen, "bias/risk"} == set(homes()) == set(claims("trainable-biases"))


CERTAIN = ("series", "schur", "rows", "separation", "circles", "condition", "rate", "travel",
           "fired", "unchanged", "law", "steps", "published-eigenvalue")  # fmt: skip


@pytest.mark.claims(share=0.05)
@settings(max_examples=20)
@given(configuration=configurations())
def test_every_configuration(gate, configuration):
    """Any rows, biases, widths and scales; where a premise fails nothing is said."""
    quantities = {claim(f"bias/{name}").quantity.name for name in CERTAIN}
    salt = gate.seed(configuration)
    found = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities).samples
    for name in CERTAIN:
        sample = found.get(claim(f"bias/{name}").quantity.name)
        if sample is not None:
            gate.check(claim(f"bias/{name}"), sample, detail=repr(configuration))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("rate", Verdict.HOLDS), ("rate", Verdict.OUT_OF_REGIME), ("law", Verdict.HOLDS),
     ("circles", Verdict.HOLDS), ("circles", Verdict.OUT_OF_REGIME)],
)  # fmt: skip
def test_the_search_reaches(name, verdict):
    find(configurations(), lambda c: judged(name, first(c, name)).verdict is verdict,
         settings=settings(phases=[Phase.generate]))  # fmt: skip


# --- how sharp -----------------------------------------------------------------------------------


def tightness(name, configuration):
    found = judged(name, first(configuration, name))
    assert found.verdict is Verdict.HOLDS, found
    return found.tightness


def test_sharp_cases():
    """Circles and condition of two samples, all bounds of one, the travel of one sample."""
    two = Configuration(samples=2, dimension=3, bias=0.5, terms=400)
    for name in ("circles", "condition"):
        assert tightness(name, two) == pytest.approx(1, abs=1e-9)
    for name in ("schur", "rows", "separation", "circles"):
        assert tightness(name, replace(two, samples=1)) == pytest.approx(1, abs=1e-9)
    assert tightness("travel", replace(ONE, kappa=1e3, steps=300, step=0.1)) < 1.1
    assert tightness("fired", CERTIFIED) < 1.05
    assert tightness("steps", SCALED) < 1.2
    assert tightness("linear", replace(CLASS, samples=1)) < 1.0001


def test_the_bounds_are_ordered_and_not_far():
    """(TB2): 0.55 to 1, 0.4 to 0.85 and 0.2 to 0.6 of the least eigenvalue."""
    for B, n, d in product((0.0, 1.0, 2.0), (8, 20), (10, 30)):
        c = Configuration(samples=n, dimension=d, bias=B)
        setting = prepare(c, "order")
        symbols, least = kernel.known(setting), setting.lambda_B
        ratios = [claim(f"bias/{name}").evaluate(symbols).bound[()] / least
                  for name in ("schur", "rows", "separation", "published-eigenvalue")]  # fmt: skip
        assert ratios == sorted(ratios, reverse=True)
        assert 0.5 < ratios[0] <= 1
        assert 0.3 < ratios[1] < 0.95
        assert 0.15 < ratios[2] < 0.9
        assert ratios[3] < 2e-3


def test_a_large_bias_conditions_the_kernel():
    """In all problems tried; there is no proof that it is monotone."""
    rows = Rows(prepare(Configuration(samples=16, dimension=12), "condition").rows.X, 1)
    found = []
    for B in (0.0, 0.5, 1.0, 1.5, 2.0):
        mu = np.linalg.eigvalsh(rows.kernel(B))
        found.append(mu[-1] / mu[0])
    assert found == sorted(found, reverse=True)
    assert found[0] > 10
    assert found[-1] < 3.5


def test_the_widths_of_the_kernel_grow_as_neurons_fall_silent():
    """In 1/Q(B)."""
    needed = []
    for B in (0.0, 1.0, 2.0):
        symbols = width.before(prepare(Configuration(samples=6, bias=B, delta=0.1), "width"))
        needed.append(width.required("bias/least-eigenvalue", symbols))
    assert needed[1] > 2 * needed[0]
    assert needed[2] > 5 * needed[1]


def test_no_width_is_affordable_for_dependent_rows():
    c = Configuration(samples=2, target_scale=1e4)
    assert width.required("bias/theorem", width.before(prepare(c, "wide"))) is None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tiny_classes_by_all_signs(n):
    """(TB7) for every sign vector and many starts of the ascent: bound over supremum above 1."""
    rng, worst = np.random.default_rng(n), np.inf
    for _ in range(3):
        m, X = 4, rng.standard_normal((n, 3))
        rows = Rows(X / np.linalg.norm(X, axis=1, keepdims=True), 1)
        z, a = rows.X @ rng.standard_normal((3, m)) - 0.3, rng.choice((-1.0, 1.0), m)
        R, R_w = 0.5, 0.3
        near = generalisation.Class(z, a, 1 + rows.G, R, R_w)
        sups = []
        for s in product((-1.0, 1.0), repeat=n):
            signs, best = np.array(s), float(near.supremum(np.array(s), 60))
            for _ in range(8):
                c = near.within(rng.standard_normal((n, m)))
                for _ in range(40):
                    q = near.direction(near.K @ c, signs)
                    c = near.within(c + 0.1 * q / max(np.linalg.norm(near.lengths(q)), 1e-300))
                    best = max(best, float(near.value(near.K @ c, signs)))
            sups.append(best)
        bound = generalisation.complexity(z, R, R_w, 1)
        worst = min(worst, bound / max(np.mean(sups), 1e-300))
    assert worst > 1
    assert worst < 3


def test_a_certificate_certifies_itself():
    """Its nu is the least that does; where there is none the share of the theorem stands in."""
    z = np.array([[0.1, -0.02, 3.0, -4.0]])
    nu, rho = descent.certificate(z, 1.0, 1.0, 0.1, sqrt(2), 1.0)
    assert (nu, rho) == (0.25, pytest.approx(0.1))
    assert (np.abs(z) <= sqrt(2) * rho).sum() == 2 or nu * 4 >= 1
    nu, rho = descent.certificate(z, 1.0, 1.0, 100.0, sqrt(2), 1.0)
    assert (nu, rho) == (0.25, 100.0)
    assert descent.certificate(z, 0.0, 1.0, 1.0, sqrt(2), 1.0)[1] == np.inf


def test_steps_that_are_not_trained_are_not_counted():
    """A count that ends with training is below any larger bound, whatever the claim."""
    for steps, found in ((100, Verdict.HOLDS), (3, Verdict.VACUOUS)):
        assert judged("steps", first(replace(SCALED, steps=steps), "steps")).verdict is found


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    found = EXPERIMENT.observe(EXPERIMENT.preview(replace(SCALED, width=40, enough=40,
                                                          population=20)), salt="all")  # fmt: skip
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("trainable-biases").values())


def test_pictures():
    setting = prepare(replace(SCALED, width=40, samples=3), "picture")
    starts = descent.started(setting, "paths", 2)
    at = descent.checkpoints(setting.configuration.steps, setting.configuration.points)
    found = [descent.followed(s, setting.y, 100, at, 0.1) for s in starts]
    drawn = curves.residual(setting, found)
    active, speed = drawn.panels
    bounds = curves.eigenvalue(setting).panels[0]
    assert [active.index, speed.index, bounds.index] == ["k", "B", "B"]
    for panel in (drawn, active, speed, bounds):
        assert set(panel.series) == set(panel.labels)
        assert panel.axis
        assert panel.title
    shares = [active.series[f"B = {B:g}"][0] for B in curves.BIASES]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("bias", 6.0), ("bias", float("nan")), ("biases", "some"), ("signs", "both"), ("width", 0),
     ("width", 7), ("smallest", 9), ("enough", 3), ("kappa", 0.0), ("step", 0.0), ("step", 1.1),
     ("steps", 0), ("points", 0), ("seeds", 0), ("reduction", 1.0), ("terms", -1), ("draws", 0),
     ("epsilon", 0.0), ("delta", 0.5), ("trials", 0), ("sweeps", 0), ("radius", 0.0),
     ("evenness", -1.0), ("ascents", 0), ("population", 1), ("constant", 0.0), ("largest", 4)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


@pytest.mark.parametrize(
    "fields",
    [{"samples": 1, "dimension": 1}, {"samples": 2, "width": 2}, {"bias": 5.0, "width": 10},
     {"bias": -5.0, "width": 10}, {"target_scale": 1e6}, {"target_scale": 1e-9}, {"kappa": 1e8},
     {"signs": "independent", "width": 1, "smallest": 1, "largest": 8, "enough": 3},
     {"terms": 0}, {"data": "orthogonal", "samples": 4, "dimension": 4},
     {"radius": 1e-6}, {"radius": 1e3, "evenness": 0.1}],
)  # fmt: skip
def test_extremes_are_no_refutation(fields):
    base = Configuration(samples=3, dimension=4, width=40, population=20, steps=8, largest=256)
    found = EXPERIMENT.observe(replace(EXPERIMENT.preview(base), **fields), salt="extreme")
    assert "incomplete" not in found.notes
    for each in claims("trainable-biases").values():
        if each.quantity.name in found.samples and "published" not in each.name:
            sample = found.samples[each.quantity.name]
            verdict = judge(each, sample, LEVEL).verdict
            assert verdict is not Verdict.REFUTED or each.name == "bias/risk", each.name
