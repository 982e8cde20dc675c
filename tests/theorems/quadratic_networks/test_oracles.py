"""Every symbol and field that quadratic and smooth networks hand to their claims."""

from dataclasses import replace

import numpy as np
import pytest

from tests.oracles import alone, unnoticed, unseen, walk
from tests.theorems.quadratic_networks import curves
from tests.theorems.quadratic_networks.oracles import ORACLES
from theory import registry

EXPERIMENT = registry.theorem("quadratic-networks").load_experiment()
Configuration = EXPERIMENT.configuration

FEW = Configuration(
    dimension=3, samples=9, positive=4, negative=4, output=1.7, target_scale=0.8, seeds=2, steps=9,
    points=5, horizon=1.5, trials=5, activation="leaky", leak=0.4, q=0.4, reach=0.7, delta=0.3,
    published_samples=0.7, published_rate=0.01, published_distance=0.3,
)  # fmt: skip
UNEVEN = replace(FEW, start="independent", uneven=0.8, negative=3, positive=5)
CASES = {
    "coupled pairs": (FEW, {"gap", "global_gap", "drift", "size", "least", "moments", "flow_gap"}),
    "uneven neurons": (UNEVEN, {"gap_here", "curvature"}),
    "a saddle": (replace(UNEVEN, start="saddle", positive=3), {"gap_here", "curvature"}),
    "diabetes": (replace(FEW, data="diabetes", features=2, targets="auto", seeds=3),
                 {"gap", "global_gap"}),
    "minima": (replace(FEW, start="independent", positive=5, steps=200),
               {"minimum", "explained", "gained"}),
    "smooth": (FEW, {"error", "path", "planted_loss", "discriminant"}),
    "squares": (replace(FEW, activation="square", dimension=4, samples=5),
                {"error", "path", "planted_loss", "discriminant"}),
    "ranks": (FEW, {"rank_of_square", "rank_of_smooth"}),
    "stuck": (replace(FEW, dimension=4, samples=7, start="independent", steps=60), {"gained"}),
    "long steps": (replace(FEW, step=10.0), {"gap"}),
    "long steps, smooth": (replace(FEW, step=3.0, seeds=3), {"error"}),
    "basin": (replace(FEW, points=4), {"discriminant"}),
    "wide": (replace(FEW, dimension=14, samples=2, activation="leaky", leak=0.7, trials=8,
                     start="independent"), {"wide_kernel", "wide_rate"}),
    "not wide": (replace(FEW, dimension=6, samples=3, activation="leaky", leak=0.7, trials=30,
                         start="independent", steps=3), {"wide_kernel", "wide_rate"}),
}  # fmt: skip
SHOWS = {
    "coupled pairs": {
        "different seeds": lambda it: abs(np.diff(it.at_start[1]))[0] > 0.01,
        "M* with both signs": lambda it: (
            np.prod(np.linalg.eigvalsh(it.quadratic.best)[[0, -1]]) < 0
        ),
        "t_min is not t_max": lambda it: it.quadratic.spectrum[0] < 0.5 * it.quadratic.spectrum[1],
    },
    "uneven neurons": {
        "both signs of the curvature bound": lambda it: it.up > it.quadratic.d,
        "v_+ is not v_-": lambda it: float(it.v[0]) < 0.9 * float(-it.v[it.up]),
    },
    "stuck": {"some of the trials": lambda it: 0 < curves.stuck(it)[0] < 1},
}


CURVES = {
    **dict.fromkeys(("coupled pairs", "diabetes"), curves.OF_DESCENT),
    **dict.fromkeys(("uneven neurons", "a saddle"), curves.OF_CURVATURE),
    **dict.fromkeys(("smooth", "squares"), curves.OF_CERTIFICATE),
    "long steps": {name: of for name, of in curves.OF_DESCENT.items() if "bound" not in name},
    "long steps, smooth": {
        name: of for name, of in curves.OF_CERTIFICATE.items() if "bound" not in name
    },
    "minima": curves.OF_SIZES, "stuck": curves.OF_STUCK, "basin": curves.OF_BASIN,
}  # fmt: skip
"""Of cases whose picture is not empty; a bound is drawn where its premises hold."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    configuration, quantities = CASES[case]
    oracles = replace(ORACLES, shows=SHOWS.get(case, {}), curves=CURVES.get(case, {}))
    walk("quadratic-networks", oracles, configuration, quantities=quantities)


MISTAKES = {
    "diabetes": {
        "the median": ("mean_gap", lambda it: np.median(curves.gaps(it), axis=1)),
        "the second seed": ("first_gap", lambda it: curves.gaps(it)[:, 1]),
        "the bound of the second": ("bound_of_the_first", lambda it: curves.global_rate(it, 1)),
    },
    "uneven neurons": {"the second seed": ("bound", lambda it: curves.certified_gap(it, 1))},
    "long steps, smooth": {
        "the median": ("mean_error", lambda it: np.median(curves.errors(it), axis=1)),
    },
    "minima": {
        "the median": ("mean_loss", lambda it: [np.median(row[2]) for row in curves.sized(it)]),
        "not halved": ("law", lambda it: 2 * np.array(curves.law(it))),
    },
    "stuck": {"any": ("share", lambda it: np.where(curves.stuck(it), 1.0, 0.02))},
    "basin": {
        "of one seed": ("radius", lambda it: curves.discriminant(it)["symbols"]["r"].value[:, 0]
                        / it.configuration.reach),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_picture_are_seen(case):
    configuration, quantities = CASES[case]
    found = unnoticed("quadratic-networks", ORACLES, configuration, MISTAKES[case],
                      quantities=quantities)  # fmt: skip
    assert found == []


CONDITIONS = {
    "coupled pairs": ["flow_gap: scale", "flow_gap: values"],  # to what integration leaves
    "minima": ["explained: symbol gap", "gained: symbol bend", "gained: symbol slope",
               "gained: values", "minimum: symbol gap"],  # 0 up to rounding
    "stuck": ["gained: symbol bend", "gained: symbol slope", "gained: values"],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_slip_would_be_seen(case):
    configuration, quantities = CASES[case]
    found = unseen("quadratic-networks", ORACLES, configuration, quantities=quantities)
    assert found == CONDITIONS.get(case, [])


def test_a_quantity_alone_is_that_among_all():
    alone("quadratic-networks", replace(FEW, trials=3, dimension=4, samples=10, steps=150))


def test_all_quantities_have_a_case():
    assert set().union(*(wanted for _, wanted in CASES.values())) == EXPERIMENT.quantities
