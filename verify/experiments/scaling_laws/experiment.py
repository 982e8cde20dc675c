"""The experiment of the scaling laws: every sweep gives one slope per quantity."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from theory import registry
from theory.theorems.scaling_laws import FLOORS, exponent
from verify.experiments.kit.experiment import Observations, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.experiments.scaling_laws import floors
from verify.experiments.scaling_laws.configuration import NOISY, SUBNETS, Configuration
from verify.experiments.width_requirement.configuration import Configuration as WidthRequirement
from verify.experiments.width_requirement.setting import Setting, prepare
from verify.experiments.width_requirement.study import measured
from verify.judging.sample import Sample

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MEASURED = {
    "defect": "alpha",
    "flips": "nu",
    "distance": "distance",
    "displacement": "displacement",
    "subnet-floor": "floor",
}
"""What is measured by the name of the law."""


LAZY_QUANTITIES = {"slope_of_flips", "slope_of_distance"}
"""Quantities that need every local iterate watched."""


class ScalingLaws:
    """The experiment of the scaling laws (see `verify.experiments.kit.experiment.Experiment`)."""

    configuration = Configuration

    def preview(self, configuration: Configuration) -> Configuration:
        return replace(configuration, trials=1)

    def strategy(self, claim: str) -> SearchStrategy[Configuration]:
        """Small problems and few widths, all laws; noisy ones for the floors."""
        from hypothesis import strategies as st

        if claim == FLOORS.name:
            xi, p, tau = st.sampled_from((0.6, 0.75, 0.9)), st.integers(1, 4), st.integers(1, 4)
            return st.builds(
                lambda xi, p, tau: replace(NOISY, xi=xi, surrogates=p, local_steps=tau), xi, p, tau
            )

        from verify.experiments.width_requirement.strategies import configurations

        def sweep(base: WidthRequirement) -> Configuration:
            fields = {name: value for name, value in vars(base).items() if name != "width"}
            return Configuration(**fields, smallest=64, largest=512)

        return st.builds(sweep, configurations())

    def mutation_configurations(self, claim: str) -> tuple[Configuration, ...]:
        """Configurations in which slips in the claim show (see `verify.audit.mutation`)."""
        own = {"scaling/subnet-floor": SUBNETS, "scaling/floors": NOISY}
        return (own.get(claim, Configuration()),)

    def observe(
        self,
        configuration: Configuration,
        *,
        salt: str,
        quantities: Set[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Train every sweep, or every variant for the floors: an event per sweep and law."""
        setting = prepare(configuration, salt)
        if quantities is None or quantities - {FLOORS.quantity.name}:
            found = self._slopes(configuration, setting, quantities, progress)
        else:
            found = Observations({}, Trajectory("width", np.array(configuration.widths), {}))
        ratio = FLOORS.quantity.name
        if quantities is not None and ratio not in quantities:
            return found
        sample, ratios = floors.sample(configuration, setting, salt, progress)
        return replace(
            found,
            samples={**found.samples, ratio: sample},
            notes={**found.notes, "floor_ratios": ratios},
        )

    def _slopes(
        self,
        configuration: Configuration,
        setting: Setting,
        quantities: Set[str] | None,
        progress: Progress | None,
    ) -> Observations:
        """An event per sweep and law: its slope is near the exponent."""
        widths = configuration.widths
        lazy = quantities is None or not LAZY_QUANTITIES.isdisjoint(quantities)
        total, done = configuration.trials * sum(widths), 0
        found = np.empty((configuration.trials, len(widths), len(MEASURED)))
        for trial in range(configuration.trials):
            for i, width in enumerate(widths):
                one = measured(setting, width, trial, configuration.masks, lazy=lazy)
                found[trial, i] = [one[name] for name in MEASURED.values()]
                done += width
                if progress:
                    progress(done, total)
        slopes = dict(zip(MEASURED, slopes_of(np.array(widths), found).T, strict=True))
        contraction = setting.symbols["theta"] * -np.expm1(
            configuration.local_steps
            * np.log1p(-setting.symbols["zeta"] * 0.5 * setting.symbols["lambda_0"])
        )
        symbols = {
            **setting.symbols,
            "r": float(contraction),
            **sweep_symbols(widths, configuration.tolerance),
        }
        samples = {}
        for name, slope in slopes.items():
            near = np.abs(slope - exponent(name)) <= configuration.tolerance
            quantity = registry.claim(f"scaling/{name}").quantity.name
            samples[quantity] = Sample(near.astype(np.float64), symbols)
        seen = {name: i for i, name in enumerate(MEASURED) if np.isfinite(found[..., i]).all()}
        values = {MEASURED[name]: found[..., i] for name, i in seen.items()}
        named = {MEASURED[name]: slopes[name] for name in seen}
        median = {name: float(np.median(slopes[name])) for name in seen}
        wanted = {q: s for q, s in samples.items() if quantities is None or q in quantities}
        curves = sweep_curves("width", np.array(widths), values, named)
        trajectory = Trajectory("width", np.array(widths), {}, sweep=curves)
        return Observations(wanted, trajectory, {"median_slopes": median, "slopes": slopes})
