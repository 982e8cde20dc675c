"""Every symbol and field that random feedback hands to its claims, against oracles."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import Near, alone, unnoticed, unseen, walk
from tests.theorems.factorisation_feedback import curves
from tests.theorems.factorisation_feedback.curves import beside
from tests.theorems.factorisation_feedback.oracles import ORACLES
from verify.experiments.factorisation_feedback.configuration import Configuration

ZERO = Configuration(
    outputs=4, inputs=5, rank=3, signal=1.3, hidden=2, feedback_scale=0.8, step=0.3, steps=7,
    horizon=2.0, points=3, largest_rank=4, most_steps=6, size=9, draws=5, spikes=1, spike=4.0,
    excess=0.4, sweeps=2, tolerance=0.1, start_scale=0.4,
)  # fmt: skip
CASES = {
    "zero": ZERO,
    "gaussian": replace(ZERO, start="gaussian", hidden=3, spikes=3, spectrum="geometric"),
    "gradient descent": replace(ZERO, rule="gradient-descent", start="gaussian", hidden=3),
    "feedback": replace(ZERO, start="feedback", law="signs", signal=0.6),
    "more units than the rank": replace(ZERO, hidden=4, rank=2, steps=5),
    "real data": replace(ZERO, data="diabetes", inputs=4, hidden=1, steps=3, most_steps=2),
}
DRAWN = {"drawn_error", "one_unit_error", "slope_of_ratio", "excess", "excess_of_one",
         "mean_excess", "ratio", "overlap", "equal_error", "isotropic_overlap"}  # fmt: skip
PATHS = set(ORACLES.samples) - DRAWN
SOME = {case: PATHS for case in CASES if case != "zero"}
SOME["gaussian"] = PATHS | {"excess", "mean_excess", "ratio"}


def differ(values):
    return np.ptp(values) > 0.01 * np.abs(values).max()


SHOWS = {
    "sizes that differ": lambda it: len({*it.Y.shape, len(it.C), it.at["k"]}) >= 3,
    "modes that differ": lambda it: len(it.at["u"]) == 1 or differ(it.at["u"]),
    "energies that are not the squares of modes": lambda it: (
        abs(it.at["a"] - it.at["u"] ** 2).min() > 1e-3
    ),
}


FROM_ZERO = curves.OF_ENDS | beside(curves.OF_ALIGNMENT_FROM_ZERO, curves.of_modes(2))
CURVES = {
    "zero": FROM_ZERO | beside(curves.OF_ALIGNMENT_FROM_ZERO, curves.of_modes(2),
                               curves.OF_SPECTRA, curves.OF_EXCESS),
    "more units than the rank": FROM_ZERO,
    "gradient descent": curves.OF_ENDS_OF_DESCENT | beside(curves.OF_ALIGNMENT),
    "real data": curves.OF_ENDS | beside(curves.OF_ALIGNMENT_FROM_ZERO, curves.of_modes(1)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    shows = SHOWS if CASES[case].data == "synthetic" else {}
    shown = CURVES.get(case, curves.OF_ENDS | beside(curves.OF_ALIGNMENT))
    oracles = replace(ORACLES, shows=shows, curves=shown)
    walk("factorisation-feedback", oracles, CASES[case], quantities=SOME.get(case))


ERRORS = {"x": curves.steps, "feedback": curves.squared_errors}
PICTURES = {
    **{("zero", name): found for name, found in curves.OF_PATHS.items()},
    ("zero", "squared_error"): ERRORS | {"moved": curves.of_the_other_rule},
    ("gaussian", "squared_error"): ERRORS | {"gradient-descent": curves.of_the_other_rule},
    ("gradient descent", "squared_error"): {
        "x": curves.steps, "gradient-descent": curves.squared_errors,
        "feedback": curves.of_the_other_rule,
    },
    ("gradient descent", "update"): {"x": curves.steps, "gradient-descent": curves.updates},
    ("zero", "drawn_error"): curves.OF_MEANS | beside(curves.OF_SPECTRA),
    ("zero", "one_unit_error"): curves.OF_MEANS,
    ("zero", "overlap"): curves.OF_OVERLAPS,
}  # fmt: skip


@pytest.mark.parametrize(("case", "quantity"), PICTURES)
def test_the_picture_of_one_quantity(case, quantity):
    oracles = replace(ORACLES, curves=PICTURES[case, quantity])
    walk("factorisation-feedback", oracles, CASES[case], quantities={quantity})


MISTAKES = {
    "the deviation": ("panels/2/errors/power", lambda it: np.std(curves.ratios(it, "power"), 1)),
    "of another spectrum": ("panels/2/spiked", curves.OF_SPECTRA["power"]),
    "no root": ("feedback", lambda it: [seen.R[-1].ravel() @ seen.R[-1].ravel()
                                        for seen, _ in it.ends]),
    "one rank further": ("best", lambda it: Near([*curves.best(it)[1:], np.nan], gaps=True)),
    "of the first start": ("panels/0/random", curves.OF_ALIGNMENT["cosine"]),
    "in the time of the first mode": ("panels/1/mode 2", lambda it: [
        curves.by_hand.phi(tau * (it.at["u"][1] / it.at["u"][0]) ** (2 / 3))
        for tau in curves.OWN_TIMES]),
    "counts": ("panels/3/drawn", lambda it: curves.shares(it) * it.configuration.draws),
}  # fmt: skip


def test_mistakes_in_the_picture_are_seen():
    assert unnoticed("factorisation-feedback", ORACLES, ZERO, MISTAKES) == []


def test_a_quantity_alone_is_that_among_all():
    alone("factorisation-feedback", replace(ZERO, sweeps=1, start="gaussian"))


@pytest.mark.parametrize(("case", "quantities"), [("feedback", PATHS), ("zero", DRAWN)])
def test_every_slip_is_seen(case, quantities):
    """Of a millionth, in every symbol and field."""
    assert unseen("factorisation-feedback", ORACLES, CASES[case], quantities=quantities) == []
