"""Slopes of width sweeps: the laws hold, other exponents are refuted."""

from dataclasses import replace

import numpy as np
import pytest

from theory import InvalidArgument, claim, claims
from verify.experiments.kit.slopes import slopes_of
from verify.experiments.scaling_laws import floors
from verify.experiments.scaling_laws.experiment import EXPERIMENT, MEASURED, NOISY, Configuration
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.training.masked.trials import measured, network_symbols

LEVEL = 1e-8
LAZY = ("defect", "flips", "distance", "displacement")
SWEEPS = {
    "one-step": Configuration(xi=0.6, surrogates=3, local_steps=1, rounds=4),
    "local-steps": Configuration(xi=0.6, surrogates=2, local_steps=4, rounds=3),
    "subnets": Configuration(law="categorical", surrogates=2, rounds=4),
    "subnets-local-steps": Configuration(law="categorical", surrogates=2, local_steps=4, rounds=3),
}
FLOOR = Configuration(
    data="orthogonal", law="categorical", surrogates=2, samples=2, local_steps=4, rounds=24,
    smallest=256, largest=2048, masks=4, trials=32,
)  # fmt: skip


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.claims(checks=len(LAZY))
def test_the_lazy_regime_sets_in_like_one_over_root_m(gate, sweep):
    configuration = replace(SWEEPS[sweep], smallest=256, largest=2048, trials=32)
    observed = EXPERIMENT.observe(configuration, salt=gate.seed())
    for name in LAZY:
        law = claim(f"scaling/{name}")
        gate.check(law, observed.samples[law.quantity.name], detail=str(observed.notes))


@pytest.mark.claims(checks=1)
def test_the_floor_of_subnets_falls_like_one_over_m(gate):
    law = claim("scaling/subnet-floor")
    observed = EXPERIMENT.observe(FLOOR, salt=gate.seed(), quantities={law.quantity.name})
    gate.check(law, observed.samples[law.quantity.name], detail=str(observed.notes))


WRONG_FLOORS = {
    "V half as large again": lambda V, p, xi: 1.5 * V,
    "p forgotten": lambda V, p, xi: V * p,
    "(1 - xi) for (1 - xi)/xi": lambda V, p, xi: xi * V,
}


@pytest.mark.claims(checks=1)
def test_the_floor_is_that_of_the_limit_law(gate, monkeypatch):
    """And no other, as p, tau and xi change: eight combinations on each of 32 networks."""
    law, trained = claim("scaling/floors"), {}

    def once(setting, width, trial, masks, *, lazy):
        key = setting.configuration, setting.salt, width, trial, masks, lazy
        if key not in trained:
            trained[key] = measured(setting, width, trial, masks, lazy=lazy)
        return trained[key]

    def observe():
        return EXPERIMENT.observe(NOISY, salt=gate.seed(), quantities={law.quantity.name})

    monkeypatch.setattr(floors, "measured", once)
    observed = observe()
    ratios = observed.notes["floor_ratios"]
    assert ratios.shape == (32, 8)
    gate.check(law, observed.samples[law.quantity.name], detail=str(ratios.mean(0)))
    *_, last = floors.variants(NOISY)  # several surrogates, fewer active neurons: slips show
    monkeypatch.setattr(floors, "variants", lambda _: [last])
    for slip, change in WRONG_FLOORS.items():

        def wrong(setting, network, change=change):
            found = network_symbols(setting, network)
            return found | {"V": change(found["V"], found["p"], found["xi"])}

        monkeypatch.setattr(floors, "network_symbols", wrong)
        found = judge(law, observe().samples[law.quantity.name], LEVEL)
        assert found.verdict is Verdict.REFUTED, slip
    assert len(trained) == ratios.size


@pytest.mark.parametrize(
    "options", [{"rounds": 4}, {"xi": 1.0}, {"law": "categorical", "xi": None}]
)
def test_floors_out_of_regime(options):
    law = claim("scaling/floors")
    observed = EXPERIMENT.observe(
        replace(NOISY, trials=2, **options), salt="0", quantities={law.quantity.name}
    )
    found = judge(law, observed.samples[law.quantity.name], LEVEL)
    assert found.verdict is Verdict.OUT_OF_REGIME


def sample(slopes, exponent, **symbols):
    values = {"tolerance": 0.2, "smallest": 16, "largest": 256, "widths": 5, **symbols}
    return Sample((np.abs(slopes - exponent) <= 0.2).astype(float), values)


@pytest.mark.parametrize("true", [-1.0, -0.1, 0.0])
def test_another_exponent_is_refuted(true):
    slopes = true + 0.1 * np.random.default_rng(0).normal(size=40)
    law = claim("scaling/defect")
    assert judge(law, sample(slopes, true), LEVEL).verdict is Verdict.HOLDS
    assert judge(law, sample(slopes, -0.5), LEVEL).verdict is Verdict.REFUTED


def test_few_sweeps_say_nothing():
    law = claim("scaling/defect")
    assert judge(law, sample(np.full(20, -0.5), -0.5), LEVEL).verdict is Verdict.UNDERPOWERED


@pytest.mark.parametrize(
    "symbols",
    [{"widths": 2}, {"largest": 64}],
    ids=["two widths", "a factor of 4"],
)
def test_short_sweeps_are_out_of_regime(symbols):
    law = claim("scaling/defect")
    found = judge(law, sample(np.full(40, -0.5), -0.5, **symbols), LEVEL)
    assert found.verdict is Verdict.OUT_OF_REGIME


@pytest.mark.parametrize("exponent", [-0.5, -1.0])
def test_slopes_of_powers(exponent):
    widths = np.array([16, 32, 64, 128])
    values = 3.0 * widths[None, :, None] ** np.array([exponent, 0.0])
    assert slopes_of(widths, values) == pytest.approx(np.array([[exponent, 0.0]]))
    values[0, 1, 0] = 0.0
    assert slopes_of(widths, values)[0, 0] == -np.inf


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", range(4))
def test_a_sweep_that_diverged_has_no_slope(strange, at):
    """With that of a fall it would be below every exponent: an event that is claimed."""
    widths = np.array([16, 32, 64, 128])
    values = np.ones((2, 4))
    values[0, at] = strange
    lost, kept = slopes_of(widths, values)
    assert np.isnan(lost)
    assert kept == 0


def test_every_law_is_measured():
    named = {name.removeprefix("scaling/") for name in claims("scaling-laws")}
    assert named == {*MEASURED, "floors"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("smallest", 0), ("largest", 16), ("masks", 0), ("tolerance", 1.0), ("trials", 0)],
)
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        replace(SWEEPS["subnets"], **{field: value})
