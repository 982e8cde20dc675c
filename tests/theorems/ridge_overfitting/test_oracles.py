"""Every symbol and field that ridge regression hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.ridge_overfitting import curves
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
    "two-sided": DRAWN,
    "the best ridge": replace(DRAWN, samples=4, dimension=14),
    "three sweeps": replace(DRAWN, sweeps=3, last=16),
}  # fmt: skip
SOME = {
    "flat": NUMBERS | LIMITS - {"critical_noise"} | gaussian.OF_TRIALS,
    "diabetes": certificates.OF_HEADS | certificates.OF_DIRECTIONS | gaussian.OF_TRIALS,
    "near the edge": LIMITS - {"critical_noise"},
    "no head": certificates.OF_HEADS | gaussian.OF_TRIALS,
    "two-sided": gaussian.OF_TRIALS,
    "the best ridge": {"critical_noise"},
    "three sweeps": {"slope_of_benign", "slope_of_tempered"},
}
CURVES = {
    "drawn": curves.OF_HEADS | curves.OF_RISKS | curves.OF_SWEEPS,
    "negative": curves.OF_HEADS | curves.OF_SWEEPS,
    "three sweeps": curves.OF_SWEEPS,
    **dict.fromkeys(("diabetes", "no head"), curves.OF_HEADS),
    "two-sided": curves.OF_TRIALS,
    "the best ridge": curves.OF_DIAGRAM | curves.OF_RISKS,
}
"""Of cases whose picture is not empty."""
SHOWS = {
    "two-sided": {
        "heads without an upper bound": lambda it: np.isnan(curves.two_sided(it)[1]).any(),
        "and with one": lambda it: np.isfinite(curves.two_sided(it)[1]).sum() > 2,
    },
    "the best ridge": {
        "of both signs": lambda it: (
            {x < 1 for x in curves.OF_DIAGRAM["limit"](it)} == {True, False}
        ),
        "designs that are another matter": lambda it: any(
            curves.OF_DIAGRAM["limit"](it) != curves.OF_DIAGRAM["measured"](it)
        ),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, {}))
    walk(NAME, oracles, CASES[case], quantities=SOME.get(case))


MISTAKES = {
    "no head": {
        "the first design": ("certificate", lambda it: curves.certificate(it)[0]),
        "the median": ("measured", lambda it: np.median(it.table["variance"], axis=0)),
        "g alone": ("limit", lambda it: curves.OF_HEADS["limit"](it).value
                    / (1 + curves.OF_HEADS["limit"](it).value)),
    },
    "two-sided": {
        "the least square": ("errors/measured", lambda it: it.risks[0].std() / len(it.risks[0])
                             ** 0.5 * np.ones(len(curves.two_sided(it)[0]))),
        "one direction further": ("at_least", lambda it: curves.GAPS(
            [curves.at_least(it, int(k) + 1) for k in curves.two_sided(it)[0]])),
    },
    "the best ridge": {
        "the limit": ("measured", curves.OF_DIAGRAM["limit"]),
        "from 0": ("limit", lambda it: curves.OF_DIAGRAM["limit"](it) - 1),
        "twice": ("panels/0/1", lambda it: 2 * np.array(curves.relative(1.0)(it).value)),
    },
    "three sweeps": {
        "the mean": ("sweep/benign", lambda it: np.mean(it.swept["benign"][1], axis=1)),
        "another tail": ("sweep/details/benign", curves.OF_SWEEPS["sweep/details/tempered"]),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    found = unnoticed(NAME, ORACLES, CASES[case], MISTAKES[case], quantities=SOME[case])
    assert found == []


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
