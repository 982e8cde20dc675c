"""Sweeps over the width: the mean alignment without decay, and the law at infinite width."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from theory import registry
from verify.experiments.feedback_alignment.curves import drawn
from verify.experiments.feedback_alignment.flows import NOT_TRAINED
from verify.experiments.feedback_alignment.setting import Setting, output_kernel
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.judging.sample import Sample
from verify.training.feedback import Reduced, train

TIME, STEP = 20.0, 0.5
"""The end of a run in units of 1/(eta mu), and eta ||X||^2."""

NETWORKS = 8
"""Networks per width of a sweep, which takes their mean."""

SWEEP_STEPS = 60


def gain(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.12): (||W||^2 - ||W_0||^2)/2 at the end, (widths, draws), of linear networks."""
    c, at, rows = setting.configuration, setting.symbols, []
    eta = STEP / at["norm_X"] ** 2
    steps = int(np.ceil(TIME / (eta * at["mu"])))
    for number, width in enumerate(c.widths):
        reduced = Reduced.of(setting.networks(f"gain {width}", width, c.draws))
        for numbers in reduced.steps(eta, np.zeros(steps)):
            end = numbers
        rows.append(reduced.growth(end))
        tell(number + 1, len(c.widths))
    symbols = {**at, **NOT_TRAINED, "m": np.array(c.widths, dtype=float)}
    return Measured({"gain": Sample(np.array(rows), symbols)})


def deviation(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.20): one slope per sweep; the median slope with its interval goes to the notes."""
    c, at, rows = setting.configuration, setting.symbols, []
    sweeps = max(1, c.draws // NETWORKS)
    G = output_kernel(setting.X, c.activation)
    for number, width in enumerate(c.widths):
        means = [
            _deviation(setting, f"deviation {width} {sweep}", width, G) for sweep in range(sweeps)
        ]
        rows.append(means)
        tell(number + 1, len(c.widths))
    widths, found = np.array(c.widths), np.array(rows).T
    slopes = slopes_of(widths, found)
    symbols = {**at, **NOT_TRAINED, **sweep_symbols(widths, c.tolerance)}
    parts = registry.claim("feedback/infinite-width").evaluate(symbols, where=np.array(True)).parts
    near = (slopes >= parts["lowest"]) & (slopes <= parts["highest"])
    curve = sweep_curves("width", widths, {"deviation": found}, {"deviation": slopes},
                         **drawn(setting, "widths"))  # fmt: skip
    interval = dict(zip(("median", "low", "high"), curve.details["deviation"], strict=True))
    sample = Sample(near.astype(np.float64), symbols)
    picture = Trajectory("time", np.arange(2.0), {}, sweep=curve)
    return Measured({"slope_of_deviation": sample}, picture, {"slope of deviation": interval})


def _deviation(setting: Setting, purpose: str, width: int, G: np.ndarray) -> float:
    """max_k ||e_k - E_k||, the mean over the networks of one sweep."""
    eta, decay = setting.symbols["eta"], setting.configuration.decay
    network = setting.networks(purpose, width, NETWORKS)
    law, largest = network.residual, np.zeros(NETWORKS)
    for net in train(network, eta, [decay] * SWEEP_STEPS):
        largest = np.maximum(largest, np.linalg.norm(net.residual - law, axis=1))
        law = (1 - eta * decay) * law - eta * (law @ G + decay * setting.y)
    return float(largest.mean())
