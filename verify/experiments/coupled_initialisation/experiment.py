"""The experiment of coupled initialisation."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.coupled_initialisation.lemmas import LEMMAS
from verify.experiments.coupled_initialisation.mutation_cases import configurations as cases
from verify.experiments.coupled_initialisation.setting import Setting, parts, prepare
from verify.experiments.coupled_initialisation.training import deviation, logistic, squared
from verify.experiments.kit.experiment import Observations, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.judging.sample import Sample

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SQUARED = {"initial_residual", "margin", "frozen", "loss", "convergence", "published_squared"}
LOGISTIC = {"logistic_frozen", "logistic_risk", "logistic", "published_logistic"}
SLOPE = "slope_of_deviation"
DRAWS = 4
"""Networks per width of a sweep, which takes their mean."""

EVERY = SQUARED | LOGISTIC | {*LEMMAS, SLOPE}


class CoupledInitialisation:
    """The experiment of (A.1) to (A.14) (see `verify.experiments.kit.experiment.Experiment`)."""

    configuration = Configuration

    def preview(self, configuration: Configuration) -> Configuration:
        return replace(configuration, trials=1, outputs=2, sweeps=1)

    def strategy(self, claim: str) -> SearchStrategy[Configuration]:
        """Small problems of all sources."""
        from verify.experiments.coupled_initialisation.strategies import configurations

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
        """Every trial draws a network of its own, at the N and kappa that the claims require."""
        setting = prepare(configuration, salt)
        wanted = EVERY if quantities is None else set(quantities)
        samples = {name: [LEMMAS[name](setting)] for name in LEMMAS if name in wanted}
        runs = [run for run, of in ((squared, SQUARED), (logistic, LOGISTIC)) if wanted & of]
        total, done = len(runs) * configuration.trials, 0

        def told(trials: int) -> None:
            if progress:
                progress(done + trials, total)

        trajectory = Trajectory("step", np.arange(2), {})
        notes: dict[str, Any] = {"required": _required(setting)}
        for run in runs:
            trained = run(setting, told)
            done += configuration.trials
            samples |= trained.samples
            if not trajectory.series:
                first = int(run is logistic)
                points = len(next(iter(trained.curves.values())))
                steps = np.arange(first, first + points)
                errors = {"mean_loss": trained.error}
                trajectory = Trajectory("step", steps, trained.curves, errors=errors)
        if SLOPE in wanted:
            samples[SLOPE], curve = _sweep(setting, notes)
            trajectory = replace(trajectory, sweep=curve)
        kept = {name: found for name, found in samples.items() if name in wanted}
        return Observations(
            {name: found[0] for name, found in kept.items()},
            trajectory,
            notes,
            {name: tuple(found[1:]) for name, found in kept.items() if len(found) > 1},
        )


def _required(setting: Setting) -> dict[str, dict[str, float]]:
    """N and kappa of both trainings."""
    runs = {"squared": setting.symbols(), "logistic": setting.symbols(logistic=True)}
    return {name: {s: float(at[s]) for s in ("N", "kappa", "eta")} for name, at in runs.items()}


def _sweep(setting: Setting, notes: dict[str, Any]) -> tuple[list[Sample], Trajectory]:
    """(A.14): one slope per sweep; the median slope with its interval goes to the notes."""
    configuration = setting.configuration
    widths, sweeps = np.array(configuration.widths), configuration.sweeps
    found = [deviation(setting, int(pairs), sweeps * DRAWS) for pairs in widths]
    means = np.array(found).reshape(len(widths), sweeps, DRAWS).mean(axis=2)
    slopes = slopes_of(widths, means.T)
    curve = sweep_curves("pairs", widths, {"deviation": means.T}, {"deviation": slopes})
    notes["slope"] = dict(zip(("median", "low", "high"), curve.details["deviation"], strict=True))
    symbols = setting.shared | sweep_symbols(widths, configuration.tolerance)
    between = parts("coupled/boundary", symbols)
    near = (slopes >= between["lowest"]) & (slopes <= between["highest"])
    return [Sample(near.astype(np.float64), symbols)], curve
