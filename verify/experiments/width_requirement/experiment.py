"""The experiment of the width requirement: training at m* with nothing measured before."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.experiments.kit.experiment import Observations, Progress, Trajectory
from verify.experiments.masked_training.setting import Thresholds
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.lemmas import EVENTS, lemma_samples, surrogate_residuals
from verify.experiments.width_requirement.mutation_cases import configurations as cases
from verify.experiments.width_requirement.setting import Setting, prepare
from verify.judging.sample import Sample
from verify.judging.seeds import seed_tensor
from verify.training.masked.measure import LAZY, Measurements, measure
from verify.training.masked.network import Network

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

TRAINED = {"good_event", "loss_on_good_event", "distance"}
"""Quantities that need training."""


class WidthRequirement:
    """The experiment of Link III (see `verify.experiments.kit.experiment.Experiment`)."""

    configuration = Configuration

    def preview(self, configuration: Configuration) -> Configuration:
        return replace(configuration, trials=1)

    def strategy(self, claim: str) -> SearchStrategy[Configuration]:
        """Small orthogonal and spherical problems, all laws."""
        from verify.experiments.width_requirement.strategies import configurations

        return configurations()

    def mutation_configurations(self, claim: str) -> tuple[Configuration, ...]:
        """Configurations in which slips in the claim show (see `verify.audit.mutation`)."""
        return cases(claim)

    def observe(
        self,
        configuration: Configuration,
        *,
        salt: str,
        quantities: Set[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Every trial draws W_0 and masks of its own; lemmas at the widths they require."""
        setting = prepare(configuration, salt)
        wanted = set(EVENTS) | TRAINED if quantities is None else set(quantities)
        samples = lemma_samples(setting, wanted)
        more: dict[str, tuple[Sample, ...]] = {}
        trajectory = Trajectory("round", np.arange(configuration.rounds + 1), {})
        if wanted & TRAINED:
            runs = _train(setting, lazy="distance" in wanted, progress=progress)
            trained = [_samples(setting, *run) for run in runs]
            events = np.array([found["good_event"] for found in trained], dtype=np.float64)
            symbols = {**setting.symbols, "m": setting.width}
            samples["good_event"] = Sample(events, symbols)
            samples["loss_on_good_event"] = trained[0]["loss"]
            more["loss_on_good_event"] = tuple(found["loss"] for found in trained[1:])
            if "distance" in wanted:
                samples["distance"] = _joined(
                    [found["distance"] for found in trained], configuration.dtype
                )
            mean = np.mean([run[1].loss.mean(0) for run in runs], axis=0)
            trajectory = Trajectory("round", trajectory.x, {"mean_loss": mean})
        notes = {"required": setting.required, "width": setting.width}
        wanted_samples = {name: s for name, s in samples.items() if name in wanted}
        return Observations(wanted_samples, trajectory, notes, initialisations=more)


def _train(
    setting: Setting, *, lazy: bool, progress: Progress | None
) -> list[tuple[Network, Measurements]]:
    configuration, algorithm = setting.configuration, setting.algorithm
    count = 1 if algorithm.xi == 1.0 else configuration.seeds
    found = []
    for trial in range(configuration.trials):
        network = setting.network(trial, setting.width, "trial")
        seeds = seed_tensor(count, "masks", setting.salt, trial, device=network.X.device)
        found.append((network, measure(network, algorithm, configuration.rounds, seeds, lazy=lazy)))
        if progress:
            progress(trial + 1, configuration.trials)
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
