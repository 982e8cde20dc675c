"""The experiment of coupled initialisation: (A.1) to (A.17)."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.coupled_initialisation import circle, lemmas, training
from verify.experiments.coupled_initialisation.cases import homes, slips
from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.coupled_initialisation.setting import Setting, parts, prepare
from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Progress,
    Trajectory,
    heading,
)
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.judging.sample import Sample

DRAWS = 4
"""Networks per width of a sweep, which takes their mean."""


DRAWN: Any = {
    "labels": {"deviation": r"$\mathrm{max}_k\,\Vert e_k - (I-\eta H)^k e_0\Vert / \Vert y\Vert$"},
    "axis": "pairs of neurons $N$",
    "quantity": "median over the sweeps",
}
"""What the picture of a sweep writes."""


def sweep(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(A.14): one slope per sweep; the median slope with its interval goes to the notes."""
    configuration = setting.configuration
    widths, sweeps = np.array(configuration.widths), configuration.sweeps
    found = []
    for number, pairs in enumerate(widths):
        found.append(training.deviation(setting, int(pairs), sweeps * DRAWS))
        tell(number + 1, len(widths))
    means = np.array(found).reshape(len(widths), sweeps, DRAWS).mean(axis=2)
    slopes = slopes_of(widths, means.T)
    title = heading("width sweep", configuration.data, {"n": setting.shared["n"], r"\kappa": 1.0})
    curve = sweep_curves(
        "pairs", widths, {"deviation": means.T}, {"deviation": slopes}, title=title, **DRAWN
    )
    symbols = setting.shared | sweep_symbols(widths, configuration.tolerance)
    between = parts("coupled/boundary", symbols)
    near = (slopes >= between["lowest"]) & (slopes <= between["highest"])
    interval = dict(zip(("median", "low", "high"), curve.details["deviation"], strict=True))
    return Measured(
        {"slope_of_deviation": Sample(near.astype(np.float64), symbols)},
        Trajectory("step", np.arange(2), {}, sweep=curve),
        {"slope": interval},
    )


def search(claim: str) -> Any:
    """Small problems of all sources."""
    from verify.experiments.coupled_initialisation.strategies import configurations

    return configurations(claim)


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        *(Measurement.of(name, lemma, 0.1) for name, lemma in lemmas.LEMMAS.items()),
        Measurement.of(training.OF_SQUARED, training.squared),
        Measurement.of(training.OF_LOGISTIC, training.logistic),
        Measurement.of({"slope_of_deviation"}, sweep),
        Measurement.of(circle.OF_CIRCLE, circle.on_the_circle),
    ),
    homes=homes,
    few={"trials": 1, "outputs": 2, "sweeps": 1, "circle_steps": 1},
    search=search,
    slips=slips,
)
