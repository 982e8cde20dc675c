"""Concept classes: claims hold, some are sharp; what a user asks of them."""

from dataclasses import replace
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from tests.bench import Bench
from theory import InvalidArgument, claim, claims
from verify.experiments.concept_classes.cases import (
    END,
    GUARANTEE,
    HUBER,
    LAYERS,
    NORMS,
    PARITY,
    REAL,
    REGRET,
    SWEEPS,
    homes,
)
from verify.experiments.concept_classes.configuration import Configuration
from verify.experiments.concept_classes.experiment import EXPERIMENT
from verify.experiments.concept_classes.network import train
from verify.experiments.concept_classes.regret import running
from verify.experiments.concept_classes.setting import prepare
from verify.experiments.concept_classes.strategies import configurations
from verify.judging.verdict import Verdict
from verify.runs.check import missing

NAME = "concept-classes"
EXACT = ("representation", "inner", "by-terms")
DRAWN = ("norm", "at-start", "at-start-at-most")
PATHS = ("homogeneous", "telescoped", "regret")
LAYERED = ("random-signs", "curvature", "descends")
SMALL = Configuration(pairs=10, steps=24, seeds=3, draws=40, points=3, sweeps=2, smallest=8,
                      largest=32, hidden=4, nets=5, descents=1)  # fmt: skip
NOISY = replace(GUARANTEE, noise=1.0, phi="0 5; 5", step=0.2, steps=900, seeds=70)

CASES = {
    "norms": (NORMS, (*EXACT, *DRAWN)),
    "one constant": (replace(NORMS, phi="1", dimension=2), EXACT),
    "four functions": (replace(NORMS, phi="1; 0 1; 0 0 0 1; 0 0 0 0 0 1", draws=20), EXACT),
    "one pair": (replace(NORMS, phi="0 1; 1", pairs=1, dimension=3), DRAWN),
    "one parity": (PARITY, ("parity",)),
    "guarantee": (GUARANTEE, ("guarantee", "frozen")),
    "without noise": (replace(GUARANTEE, noise=0.0), ("guarantee",)),
    "much noise": (NOISY, ("guarantee",)),
    "Huber": (HUBER, ("guarantee-huber", "frozen-huber", "published")),
    "regret": (REGRET, PATHS),
    "a scale without flips": (replace(REGRET, init_scale=None), PATHS),
    "its end": (END, PATHS),
    "diabetes": (REAL, PATHS),
    "digits": (replace(REAL, data="digits", loss="huber", step=2.0), PATHS),
    "large steps": (replace(REGRET, step=6.0, loss="huber"), PATHS),
    "each neuron by itself": (replace(REGRET, coupled=False), PATHS),
    "sweeps": (replace(SWEEPS, steps=320, step=1.5, largest=800), ("width", "samples")),
    "layers": (LAYERS, LAYERED),
    "one neuron in every layer": (replace(LAYERS, hidden=1, nets=300, change=0.3), LAYERED[:1]),
}


BENCH = Bench("concept-classes", "concepts")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=3)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    seed = gate.seed(configuration)
    for name, sample in BENCH.measured(configuration, BENCH.pathwise, seed).items():
        gate.check(BENCH.claim(name), sample, detail=repr(configuration))


REACHED = {
    "one pair, one step": lambda c: c.pairs == 1 and c.steps == 1,
    "one row of real data": lambda c: c.rows == 1 and c.data == "digits",
    "a start that is not small, flips": lambda c: c.init_scale == 1e-3 and c.step > 1,
    "a neuron by itself": lambda c: not c.coupled and c.comparator == "end",
    "one neuron in every layer": lambda c: c.hidden == 1,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


# --- what a user asks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phi", "squared"),
    [("0 1", 2 * pi), ("1", 4.0), ("0 0 0 1", 12 * pi),
     ("0 1 0 -0.16666666666666666 0 0.008333333333333333", 7.336)],
)  # fmt: skip
def test_the_complexity_of_a_function_from_its_coefficients(phi, squared):
    """Those of z, 1, z^3, and of sin up to degree 5."""
    row = Configuration(phi=phi).coefficients[0]
    values = dict(zip(("phi_0", "phi_1", "phi_3", "phi_5"), row, strict=True))
    values |= {name.replace("phi", "psi"): x for name, x in values.items()}
    found = claim("concepts/inner").evaluate({**values, "rho": 1.0})
    assert float(found.bound) == pytest.approx(squared, abs=5e-4)
    sample = observed(replace(NORMS, phi=phi, draws=10), ["by-terms"])["by-terms"]
    assert sample.symbols["terms"] == pytest.approx(sqrt(squared), abs=2e-4)


def test_what_the_guarantee_asks_for_does_not_know_the_width():
    """At the same number of samples, for ever wider networks, it falls to a limit."""
    at = first(replace(GUARANTEE, seeds=2), "guarantee").symbols
    wide = [float(claim("concepts/guarantee")(**{**at, "N": N, "kappa": 1e30}))
            for N in (100, 10**4, 10**8, 10**12)]  # fmt: skip
    assert wide == sorted(wide, reverse=True)
    assert wide[-2] == pytest.approx(wide[-1], rel=1e-3)
    B_sq = 4 * at["q_0"] + 2 * pi * at["q_1"] + 12 * pi * at["q_3"] + 80 * pi / 3 * at["q_5"]
    limit = (at["OPT"] + B_sq / (2 * at["eta"] * at["T"])) / (1 - at["eta"] / 2)
    assert wide[-1] == pytest.approx(limit, rel=1e-3)


def test_the_published_constant_makes_its_rate_vacuous():
    sample = first(replace(HUBER, constant=1e4, seeds=4, steps=200, pairs=50), "published")
    assert judged("published", sample).verdict is Verdict.VACUOUS


# --- sharp cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 10, 50])
@pytest.mark.parametrize("kappa", [0.1, 100.0])
def test_regret_is_an_equality_for_errors_beyond_the_threshold(steps, kappa):
    """Huber's loss and the network at the end as comparator."""
    at = replace(END, steps=steps, init_scale=kappa)
    sample = first(at, "regret", "sharp")
    bound = claim("concepts/regret").evaluate(sample.symbols).bound
    np.testing.assert_allclose(bound[-1], sample.values[-1], rtol=1e-13)


def test_a_network_of_one_pair_attains_the_variance():
    """N = 1 and draws by the thousand: mean and spread of (AL2)."""
    sample = first(replace(NORMS, phi="0 1", pairs=1, draws=200_000, points=2), "at-start")
    found = claim("concepts/at-start").evaluate(sample.symbols)
    np.testing.assert_allclose(sample.values.mean(1), found.bound, rtol=0.06)


def test_a_limit_on_the_mean_loss_limits_no_path():
    """Labels of tail 3, two steps: runs move further than sqrt(2 T S), S = T times the guarantee.

    So a scale for that may be too small; the one of the claim is that of the labels themselves.
    """
    rng, eta, N, T, runs, delta = np.random.default_rng(0), 0.5, 50, 2, 2000, 0.1
    target = prepare(Configuration(), "tails").target
    x = rng.normal(size=(T, runs, 6))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    y = target(x) + rng.standard_t(3, size=(T, runs))
    g = np.broadcast_to(rng.normal(size=(runs, 1, N, 6)), (runs, 2, N, 6))
    path = train(g, 1e9, x, y, eta, "squared")
    assert not path.flips.any()
    at = {"T": T, "eta": eta, "delta": delta, "N": N, "d": 6, "coupled": 1, "OPT": 1.5,
          "kappa": 1e9}  # fmt: skip
    at |= dict(zip(("q_0", "q_1", "q_3", "q_5"), target.q, strict=True))
    S = T * float(claim("concepts/guarantee")(**at, labels=1.0))
    moved = np.abs(path.slope).sum(0)
    assert (moved > sqrt(2 * T * S)).any()
    # kappa_star is linear in the limit on moves
    good = path.active.max(0) <= 0.5 + sqrt(np.log(T / delta) / (2 * N))
    unit = sqrt(2 / pi) * N * T * eta / (delta * sqrt(2 * N))
    for run in np.flatnonzero(good)[:100]:
        values = {**at, "labels": float((y[:, run] ** 2).sum())}
        asked = claim("concepts/frozen").evaluate(values).parts["kappa_star"]
        assert moved[run] <= float(asked) / unit


def test_losses_are_means_of_what_came_before():
    losses = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(running(losses), [[0, 1], [1, 2], [2, 3]])


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    found = EXPERIMENT.observe(EXPERIMENT.preview(SMALL), salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(each, found.samples) for each in claims(NAME).values())
    assert set(homes()) == set(claims(NAME))


@pytest.mark.parametrize(
    ("field", "value"),
    [("phi", "0 1 1"), ("phi", ""), ("phi", "z"), ("phi", "0 0"), ("phi", "0 1 0 0 0 0 1"),
     ("phi", "1;1;1;1;1"), ("phi", "inf"), ("phi", "1;"), ("phi", "0 1e-300"),
     ("dimension", 1), ("noise", -1.0), ("noise", 1e300),
     ("data", "sphere"), ("loss", "hinge"), ("comparator", "best"), ("init_scale", 0.0),
     ("step", 0.0), ("delta", 1.0), ("hidden", 13), ("change", 0.0), ("largest", 4),
     ("coupled", 1), ("pairs", 0), ("tolerance", 0.0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        replace(SMALL, **{field: value})


def test_too_much_work_is_refused():
    with pytest.raises(InvalidArgument, match=r"steps.*operations"):
        prepare(replace(SMALL, steps=10**9), "work")
    with pytest.raises(InvalidArgument, match=r"rows.*operations"):
        prepare(replace(SMALL, data="digits", rows=1797, seeds=40), "work")


@pytest.mark.parametrize("noise", [1e-300, 1e-3, 1 / 40, 0.03])
def test_what_little_noise_costs_is_half_its_variance(noise):
    at = prepare(replace(SMALL, noise=noise), "opt")
    for loss in ("squared", "huber"):
        assert at.opt(loss, noise) == pytest.approx(noise**2 / 2, rel=1e-12)


OUTSIDE = {
    "each neuron by itself": (
        {"coupled": False, "init_scale": 1.0},
        ("at-start", "at-start-at-most", "guarantee", "guarantee-huber", "frozen", "frozen-huber",
         "width", "samples", "published"),
    ),
    "a scale at which neurons flip": (
        {"init_scale": 1.0}, ("guarantee", "guarantee-huber", "frozen", "frozen-huber"),
    ),
    "steps too large": ({"step": 2.5}, ("guarantee", "frozen")),
    "two parities": ({"phi": "0 1; 1"}, ("parity",)),
    "patterns that change": ({"change": 9.0}, ("random-signs",)),
    "two sizes": ({"largest": 16}, ("width",)),
}  # fmt: skip


@pytest.mark.parametrize("what", OUTSIDE)
def test_out_of_the_regime(what):
    options, names = OUTSIDE[what]
    for name, sample in observed(replace(SMALL, **options), names).items():
        assert judged(name, sample).verdict is Verdict.OUT_OF_REGIME, name


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("step", [1.5, 30.0, 1e30])
def test_steps_that_are_too_large_are_no_refutation(step):
    far = replace(SMALL, step=step, loss="squared", steps=40)
    found = EXPERIMENT.observe(far, salt="far")
    for each in claims(NAME).values():
        sample = found.samples.get(each.quantity.name)
        if sample is not None:
            name = each.name.partition("/")[2]
            assert judged(name, sample).verdict is not Verdict.REFUTED, name
    assert step < 1e29 or any("smaller steps" in why for why in found.unmeasured.values())
