"""Every symbol and field that ridge regression hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unseen, walk
from tests.theorems.ridge_overfitting.oracles import ORACLES
from theory import claim, registry
from verify.experiments.ridge_overfitting import certificates, gaussian
from verify.experiments.ridge_overfitting.setting import prepare

NAME = "ridge-overfitting"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

DRAWN = Configuration(
    samples=8, dimension=40, heads=2, tail=0.03, ridge=0.02, energy=1.7, noise=0.4, prior=0.3,
    designs=3, trials=12, room=0.3, smallest=8, copies=3, first=4, last=32, sweeps=2, tolerance=0.3,
    published=3.0, published_head=1.5, condition=9.0,
)  # fmt: skip
NUMBERS = {"kappa", "share", "freedom", "bias_form", "negative_is_better", "side_of_optimum",
           "critical_noise_of_law"}  # fmt: skip
LIMITS = {"variance_in_the_limit", "bias_in_the_limit", "critical_noise"}
CASES = {
    "drawn": DRAWN,
    "negative": replace(
        DRAWN, population="power", coordinates="uniform", ridge=-0.6, target="even"
    ),
    "flat": replace(DRAWN, population="flat", coordinates="rademacher", target="tail"),
    "diabetes": replace(DRAWN, population="diabetes", features=4, target="labels"),
    "near the edge": replace(DRAWN, dimension=16, ridge=-0.6, copies=40),
    "no head": replace(DRAWN, heads=0, target="even", samples=4),
}  # fmt: skip
SOME = {
    "flat": NUMBERS | LIMITS - {"critical_noise"} | gaussian.OF_TRIALS,
    "diabetes": certificates.OF_HEADS | certificates.OF_DIRECTIONS | gaussian.OF_TRIALS,
    "near the edge": LIMITS - {"critical_noise"},
    "no head": certificates.OF_HEADS | gaussian.OF_TRIALS,
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    walk(NAME, ORACLES, CASES[case], quantities=SOME.get(case))


def test_a_slip_in_any_of_them_is_seen():
    assert unseen(NAME, ORACLES, DRAWN) == []


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, DRAWN)


@pytest.mark.parametrize("of", ["variance", "bias"])
@pytest.mark.parametrize("fields", [{"room": 0.0}, {"room": 1.0, "ridge": 0.0, "target": "even"},
                                    {"heads": 0, "target": "tail"}, {"room": 3.0}])  # fmt: skip
def test_what_the_events_allow(of, fields):
    """The events always happen, so the bounds themselves are compared."""
    at = replace(DRAWN, dimension=400, **fields)
    setting, by_hand = prepare(at, "allowed"), ORACLES.ingredients(at, "allowed")
    found = gaussian.allowed(claim(f"ridge/gaussian-{of}"), gaussian.symbols(setting, setting.k))
    assert np.isfinite(found) == (fields.get("room") != 3.0)
    assert found == pytest.approx(by_hand.allowed(of), rel=1e-9, nan_ok=True)


def test_slopes_within_and_without_the_tolerance_are_among_them():
    tight = replace(DRAWN, sweeps=8, tolerance=0.05)
    found = EXPERIMENT.observe(tight, salt="events", quantities={"slope_of_benign"})
    assert 0 < found.samples["slope_of_benign"].values.mean() < 1
