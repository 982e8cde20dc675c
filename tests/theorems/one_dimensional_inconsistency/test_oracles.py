"""Every symbol and field that networks on a line hand to their claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.one_dimensional_inconsistency.curves import (
    crosses,
    kink,
    most_ready,
    of_odds,
    of_paths,
    predicted,
)
from tests.theorems.one_dimensional_inconsistency.oracles import ORACLES, crossed
from theory import registry

NAME = "one-dimensional-inconsistency"
EXPERIMENT = registry.theorem(NAME).load_experiment()
Configuration = EXPERIMENT.configuration

PATHS = {"moments", "outer_bias", "gradients", "weights", "kinks", "has_crossed", "change"}
CERTIFIED = {"sums", "farthest_kinks", "loss", "loss_gap"}
MINIMUM = {"loss_around", "curvature", "explained"}
ODDS = {"scaled_crossing", "crossing_constant", "stays_shifted"}

FEW = Configuration(
    width=7, steps=12, points=4, seeds=3, certify_at=3, offset=0.2, step=0.7, outer=1.2, neurons=6,
    around=3, draws=6, smallest=2, trials=5, copies=3, horizon=0.6, shift=2.5,
    published_constant=1.5, published_power=0.3,
)  # fmt: skip
WIDE = replace(FEW, width=1024, seeds=2, outer=1.0, offset=0.0, certify_at=16, steps=24, step=1.0)
BMI = replace(FEW, data="diabetes", samples=20, feature=3, gap=0.4, target_scale=0.7)
CASES = {
    "six points": (FEW, PATHS),
    "minibatches": (replace(FEW, batch=4), PATHS),
    "one feature": (replace(BMI, residuals=False), PATHS),
    "variances exchanged": (replace(FEW, start="swapped", step=0.3), PATHS),
    "crossings": (replace(FEW, offset=4.0), PATHS),
    "kinks over the data": (replace(FEW, start="spread", width=2, step=0.1), {"weights"}),
    "certified": (WIDE, CERTIFIED),
    "certified at the start": (replace(WIDE, width=8192, certify_at=0, seeds=1), CERTIFIED),
    "one feature, certified": (replace(WIDE, data="diabetes", samples=20, feature=3, gap=0.8),
                               CERTIFIED),
    "minimum": (FEW, MINIMUM),
    "ties": (replace(BMI, neurons=11), MINIMUM),
    "odds": (replace(FEW, offset=0.0, outer=1.0), ODDS),
    "odds of one feature": (replace(BMI, offset=0.05, smallest=1), ODDS),
    "odds of a certificate": (replace(WIDE, draws=8, horizon=0.004),
                              {"stays"}),
}  # fmt: skip
SHOWS = {
    "crossings": {"a kink that crosses": lambda it: crossed(it)[-1].any() and not
                  crossed(it)[0].any()},
    "certified": {
        "certificates that hold": lambda it: all(h.certificate.holds for h in it.halves),
        "steps above the inverse curvature": lambda it: any(
            h.certificate.lam_max * h.eta > 1 for h in it.halves
        ),
    },
}  # fmt: skip
ROUGHLY = {
    "odds": ["crossing_constant: scale", "crossing_constant: values", "scaled_crossing: symbol "
             "E_minus", "scaled_crossing: symbol E_plus", "stays_shifted: symbol E_minus",
             "stays_shifted: symbol E_plus"],
    "certified": [f"{name}: symbol gap" for name in sorted(CERTIFIED)],
}  # fmt: skip
"""To what quadrature and an iteration leave."""


def curves_of(configuration, quantities):
    """Of what the picture of these quantities shows."""
    it = ORACLES.ingredients(configuration, "oracles")
    found = of_paths(it) if quantities & (PATHS | CERTIFIED) else {}
    return found | (of_odds(it) if "scaled_crossing" in quantities else {})


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=curves_of(*CASES[case]))
    configuration, quantities = CASES[case]
    walk(NAME, oracles, configuration, quantities=quantities)


MISTAKES = {
    "six points": {
        "the first neuron, not the first by |w/a|": ("kink 1", lambda it: kink(it, 0)),
        "a ratio upside down": ("kink 1", lambda it: 1 / kink(it, most_ready(it)[0]).value),
        "the farthest point": ("point", lambda it: [max(abs(it.x))] * len(it.t)),
    },
    "odds of one feature": {
        "the further offset alone": ("sweep/law 0.06", lambda it: predicted(it, 0.01 - 0.05)),
        "no offset": ("sweep/offset 0.15", lambda it: crosses(it, 0.0)),
        "the expansion": ("sweep/law 0.05", lambda it: -np.log1p(-np.array(
            predicted(it, 0.0).value))),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    assert unnoticed(NAME, ORACLES, configuration, MISTAKES[case], quantities=quantities) == []


@pytest.mark.parametrize("case", ["six points", "crossings", "certified", "minimum", "odds",
                                  "odds of a certificate"])  # fmt: skip
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    found = unseen(NAME, ORACLES, configuration, quantities=quantities)
    assert found == ROUGHLY.get(case, [])


def test_a_quantity_alone_is_that_among_all():
    alone(NAME, FEW)


def test_all_quantities_have_a_case():
    assert set().union(*(wanted for _, wanted in CASES.values())) == EXPERIMENT.quantities
