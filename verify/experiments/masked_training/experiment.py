"""The experiment of masked training: pilot seeds, test seeds, samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theory import registry
from verify.experiments.kit.experiment import Observations, Progress
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.mutation_cases import configurations
from verify.experiments.masked_training.samples import initial_loss, kernel_sample, observations
from verify.experiments.masked_training.setting import Setting, draw_network, pilot, prepare
from verify.judging.sample import Sample
from verify.judging.seeds import seed_tensor
from verify.training.masked.measure import IncompleteError, Measurements, measure
from verify.training.masked.trainer import Round

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NEED_LAZY = {"defect", "surrogate_kernels_positive"}
"""Quantities that need every local iterate watched."""


class MaskedTraining:
    """The experiment of masked training (see `verify.experiments.kit.experiment.Experiment`)."""

    configuration = Configuration

    def __init__(self, trainer: Callable[..., Iterator[Round]] | None = None) -> None:
        self.trainer = trainer

    def preview(self, configuration: Configuration) -> Configuration:
        return replace(configuration, seeds=2, pilot_seeds=min(configuration.pilot_seeds, 4))

    def strategy(self, claim: str) -> SearchStrategy[Configuration]:
        """Configurations of the claim's own case, where it can be informative."""
        from verify.experiments.masked_training.strategies import for_claim

        return for_claim(claim)

    def mutation_configurations(self, claim: str) -> tuple[Configuration, ...]:
        """Configurations in which slips in the claim show (see `verify.audit.mutation.Mutable`)."""
        return configurations(claim)

    def mutation_points(self, claim: str) -> tuple[dict[str, Any], ...]:
        """Points at which mutants are compared (see `verify.audit.mutation.Surveyed`)."""
        from verify.experiments.masked_training.mutation_points import points

        return points(claim)

    def observe(
        self,
        configuration: Configuration,
        *,
        salt: str,
        quantities: Set[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Pilot seeds fix the good event, then the test seeds are trained and measured."""
        setting = prepare(configuration, salt)
        setting.symbols()  # before training: afterwards another process may be lost
        count = 1 if setting.deterministic else configuration.seeds
        pilots = 1 if setting.deterministic else configuration.pilot_seeds
        lazy = quantities is None or not NEED_LAZY.isdisjoint(quantities)
        few = min(count, configuration.watched) if lazy else 0
        step = _counter(progress, (count + pilots + few * (few < count)) * configuration.rounds)

        def run(purpose: str, size: int, *, lazy: bool) -> Measurements:
            device = setting.network.X.device
            return measure(
                setting.network,
                setting.algorithm,
                configuration.rounds,
                seed_tensor(size, purpose, salt, device=device),
                lazy=lazy,
                engine=configuration.engine,
                step=step,
                trainer=self.trainer,
            )

        thresholds = pilot(setting, run("pilot", pilots, lazy=False))
        # a prefix of the test seeds again: watching every iterate costs ten times the training
        watched = run("test", few, lazy=True) if few else None
        try:
            measured = watched if watched and few == count else run("test", count, lazy=False)
            incomplete = ""
        except IncompleteError as error:
            if error.done is None:
                raise
            measured = error.done
            incomplete = f"{error}; {len(measured.loss)} of {count} seeds are kept"
        found = observations(setting, thresholds, measured, salt, watched)
        samples = dict(found.samples)
        if incomplete:
            found = replace(found, notes={**found.notes, "incomplete": incomplete})
        elif quantities is None or "initial_loss" in quantities:
            samples["initial_loss"] = initial_loss(setting, salt)
        if "surrogate_kernels_positive" in samples and not incomplete:
            self._kernel_trials(setting, samples, salt)
        wanted = {q: s for q, s in samples.items() if quantities is None or q in quantities}
        return replace(found, samples=wanted)

    def _kernel_trials(self, setting: Setting, samples: dict[str, Sample], salt: str) -> None:
        """Theorem 2 speaks of W_0 too: inside its regime every trial draws its own."""
        name = "surrogate_kernels_positive"
        claim = registry.claim("published/theorem-2")
        if not claim.regime(samples[name].symbols).holds.all():
            return
        rows = []
        for trial in range(setting.configuration.seeds):
            own = f"{salt}/trial {trial}"
            fresh = replace(
                setting, network=draw_network(setting.configuration, setting.problem, own)
            )
            seeds = seed_tensor(1, "trial", own, device=fresh.network.X.device)
            K, algorithm = setting.configuration.rounds, setting.algorithm
            run = measure(fresh.network, algorithm, K, seeds, lazy=True, trainer=self.trainer)
            rows.append(run.lazy[0, -1])
        samples[name] = kernel_sample(samples[name].symbols, np.array(rows))


def _counter(progress: Progress | None, total: int) -> Callable[[int], None]:
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, total)

    return step
