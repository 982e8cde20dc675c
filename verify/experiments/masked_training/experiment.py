"""The experiment of masked training: pilot seeds, test seeds, samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Experiment, Measured, Measurement, Progress
from verify.experiments.masked_training.cases import homes, slips
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.samples import initial_loss, kernel_sample, samples_of
from verify.experiments.masked_training.setting import Setting, draw_network, pilot, prepare
from verify.judging.plural import number
from verify.judging.sample import Sample
from verify.judging.seeds import seed_tensor
from verify.training.masked.measure import IncompleteError, Measurements, measure
from verify.training.masked.trainer import Round

Trainer = Callable[..., Iterator[Round]]

KERNELS = "surrogate_kernels_positive"
LAZY = {"defect", KERNELS}
"""Quantities that need every local iterate watched."""

TRAINED = {
    "loss_on_good_event", "linearised_loss", "loss", *LAZY, "aggregation", "dispersion",
    "surrogate_loss", "noise_variance",
}  # fmt: skip


def trained(
    setting: Setting, wanted: Set[str], tell: Progress, *, trainer: Trainer | None
) -> Measured:
    """Pilot seeds fix the good event, then the test seeds are trained and measured.

    Where another process of the run is lost, the seeds that were finished are kept.
    """
    configuration, salt = setting.configuration, setting.salt
    setting.symbols()  # before training: afterwards another process may be lost
    count = 1 if setting.deterministic else configuration.seeds
    pilots = 1 if setting.deterministic else configuration.pilot_seeds
    few = 0 if LAZY.isdisjoint(wanted) else min(count, configuration.watched)
    step = _counter(tell, (count + pilots + few * (few < count)) * configuration.rounds)

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
            trainer=trainer,
        )

    thresholds = pilot(setting, run("pilot", pilots, lazy=False))
    # a prefix of the test seeds again: watching every iterate costs ten times the training
    watched = run("test", few, lazy=True) if few else None
    incomplete = ""
    try:
        measured = watched if watched and few == count else run("test", count, lazy=False)
    except IncompleteError as error:
        if error.done is None:
            raise
        measured = error.done
        incomplete = f"{error}; {len(measured.loss)} of {number(count, 'seed', 'are')} kept"
    found = samples_of(setting, thresholds, measured, watched)
    first = found.samples[KERNELS] if KERNELS in wanted and not incomplete else None
    if isinstance(first, Sample):
        own = kernel_trials(setting, first, trainer)
        found = replace(found, samples={**found.samples, KERNELS: own})
    return replace(found, incomplete=incomplete)


def kernel_trials(setting: Setting, sample: Sample, trainer: Trainer | None) -> Sample:
    """Theorem 2 speaks of W_0 too: inside its regime every trial draws its own."""
    if not registry.claim("published/theorem-2").regime(sample.symbols).holds.all():
        return sample
    rows = []
    K, algorithm = setting.configuration.rounds, setting.algorithm
    for trial in range(setting.configuration.seeds):
        own = f"{setting.salt}/trial {trial}"
        network = draw_network(setting.configuration, setting.problem, own)
        seeds = seed_tensor(1, "trial", own, device=network.X.device)
        run = measure(network, algorithm, K, seeds, lazy=True, trainer=trainer)
        rows.append(run.lazy[0, -1])
    return kernel_sample(sample.symbols, np.array(rows))


def _counter(tell: Progress, total: int) -> Callable[[int], None]:
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        tell(done, total)

    return step


def search(claim: str) -> Any:
    """Configurations of the claim's own case, where it can be informative."""
    from verify.experiments.masked_training.strategies import for_claim

    return for_claim(claim)


def points(claim: str) -> tuple[dict[str, Any], ...]:
    """Points at which mutants are compared."""
    from verify.experiments.masked_training import mutation_points

    return mutation_points.points(claim)


def masked_training(trainer: Trainer | None = None) -> Experiment:
    """The experiment, by the engine of the configuration or by a trainer of one's own."""
    return Experiment(
        Configuration,
        prepare,
        (
            Measurement.of(TRAINED, partial(trained, trainer=trainer), 10.0),
            Measurement.of("initial_loss", initial_loss),
        ),
        homes=homes,
        few={"seeds": 2, "pilot_seeds": 4},
        search=search,
        slips=slips,
        points=points,
    )


EXPERIMENT = masked_training()
