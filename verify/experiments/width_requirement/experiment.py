"""The experiment of the width requirement: training at m* with nothing measured before."""

from __future__ import annotations

from collections.abc import Set
from functools import partial
from typing import Any

import numpy as np

from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Progress,
    Trajectory,
    heading,
)
from verify.experiments.width_requirement.cases import homes, slips
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.lemmas import EVENTS, trials
from verify.experiments.width_requirement.setting import Setting, prepare
from verify.judging.sample import Sample
from verify.judging.seeds import seed_tensor
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import LAZY, Measurements, measure
from verify.training.masked.network import Network
from verify.training.masked.trials import surrogate_residuals

TRAINED = {"good_event", "loss_on_good_event", "distance"}
"""Quantities that need training."""

DRAWN: Any = {
    "labels": {"mean_loss": "mean over the initialisations"},
    "axis": "rounds $k$",
    "quantity": r"squared residual $\Vert e_k\Vert^2$",
}
"""What the picture writes."""


def trained(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Every trial draws W_0 and masks of its own, at the width that the theorem asks for."""
    runs = _train(setting, lazy="distance" in wanted, tell=tell)
    found = [_samples(setting, *run) for run in runs]
    events = np.array([each["good_event"] for each in found], dtype=np.float64)
    samples: dict[str, Any] = {
        "good_event": Sample(events, {**setting.symbols, "m": setting.width}),
        "loss_on_good_event": [each["loss"] for each in found],
    }
    if "distance" in wanted:
        distances = [each["distance"] for each in found]
        samples["distance"] = _joined(distances, setting.dtype)
    mean = np.mean([measured.loss.mean(0) for _, measured in runs], axis=0)
    shown = {"n": setting.problem.n, "m": setting.width, "p": setting.algorithm.p,
             r"\tau": setting.algorithm.tau, r"\xi": setting.algorithm.xi}  # fmt: skip
    title = heading("masked training at the required width", setting.configuration.data, shown)
    curves = {"mean_loss": mean}
    return Measured(
        samples, Trajectory("round", np.arange(setting.rounds + 1), curves, title=title, **DRAWN)
    )


def _train(setting: Setting, *, lazy: bool, tell: Progress) -> list[tuple[Network, Measurements]]:
    configuration, algorithm = setting.configuration, setting.algorithm
    count = 1 if algorithm.xi == 1.0 else configuration.seeds
    found = []
    for trial in range(configuration.trials):
        network = setting.network(trial, setting.width, "trial")
        seeds = seed_tensor(count, "masks", setting.salt, trial, device=network.X.device)
        found.append((network, measure(network, algorithm, configuration.rounds, seeds, lazy=lazy)))
        tell(trial + 1, configuration.trials)
    return found


def _samples(setting: Setting, network: Network, measured: Measurements) -> dict[str, Any]:
    """The good event (of the first mask sequence), the loss on it, and the distances travelled."""
    constants = setting.required
    K = setting.configuration.rounds
    good = Thresholds(np.full(K, constants["alpha"]), constants["R"]).good_event(measured)
    symbols = {**setting.symbols, "m": setting.width, "k": np.arange(K + 1)}
    symbols["e0_sq"] = float(network.e_0.square().sum())
    loss = Sample(
        (measured.loss * good).T,
        symbols,
        trivial=symbols["e0_sq"],
        given=1,
        share=float(good[:, -1].mean()),
        deterministic=setting.algorithm.xi == 1.0,
        dtype=setting.configuration.dtype,
    )
    lazy = dict(zip(LAZY, np.moveaxis(measured.lazy, -1, 0), strict=True))
    distance = lazy["displacement"], np.cumsum(surrogate_residuals(measured), axis=1), lazy["nu"]
    return {"good_event": bool(good[0, -1]), "loss": loss, "distance": (symbols, distance)}


def _joined(found: list[tuple[dict[str, Any], tuple[np.ndarray, ...]]], dtype: str) -> Sample:
    """Distances of all trials as one pathwise sample, (paths, rounds)."""
    symbols = {name: value for name, value in found[0][0].items() if name not in ("k", "e0_sq")}
    moved, travelled, nu = (np.concatenate([d[i] for _, d in found]) for i in range(3))
    symbols |= {"travelled": travelled, "nu": nu}
    return Sample(moved, symbols, scale=symbols["kappa"], dtype=dtype)


def search(claim: str) -> Any:
    """Small orthogonal and spherical problems, all laws."""
    from verify.experiments.width_requirement.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        *(Measurement.of(name, partial(trials, name=name), 0.5) for name in EVENTS),
        Measurement.of(TRAINED, trained, 10.0),
    ),
    homes=homes,
    few={"trials": 1},
    search=search,
    slips=slips,
)
