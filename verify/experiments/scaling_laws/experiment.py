"""The experiment of the scaling laws: every sweep gives one slope per quantity."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np

from theory import registry
from theory.theorems.scaling_laws import FLOORS, exponent
from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Progress,
    Trajectory,
    heading,
)
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.experiments.scaling_laws import floors
from verify.experiments.scaling_laws.configuration import NOISY, SUBNETS, Configuration, homes
from verify.experiments.scaling_laws.setting import Setting, prepare
from verify.judging.sample import Sample
from verify.training.masked.trials import measured

MEASURED = {
    "defect": "alpha",
    "flips": "nu",
    "distance": "distance",
    "displacement": "displacement",
    "subnet-floor": "floor",
}
"""What is measured by the name of the law."""

DRAWN: Any = {
    "labels": {
        "alpha": r"linearisation defect $\alpha$",
        "nu": r"weight $\nu$ of flipped neurons",
        "distance": r"distance $\Vert w_r - w_{0,r}\Vert$",
        "displacement": "displacement of the outputs $R$",
        "floor": r"loss $\Vert e_K\Vert^2$ in late rounds",
    },
    "axis": "width $m$",
    "quantity": "median over the sweeps",
}
"""What the picture writes."""


LAZY_QUANTITIES = {"slope_of_flips", "slope_of_distance"}
"""Quantities that need every local iterate watched."""


def swept(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """An event per sweep and law: its slope is near the exponent."""
    configuration = setting.configuration
    widths = configuration.widths
    lazy = not LAZY_QUANTITIES.isdisjoint(wanted)
    total, done = configuration.trials * sum(widths), 0
    found = np.empty((configuration.trials, len(widths), len(MEASURED)))
    for trial in range(configuration.trials):
        for i, width in enumerate(widths):
            one = measured(setting, width, trial, configuration.masks, lazy=lazy)
            found[trial, i] = [one[name] for name in MEASURED.values()]
            done += width
            tell(done, total)
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
    shown = {"n": setting.problem.n, "p": configuration.surrogates,
             r"\tau": configuration.local_steps, r"\xi": configuration.activity}  # fmt: skip
    title = heading("width sweep", configuration.data, shown)
    curves = sweep_curves("width", np.array(widths), values, named, title=title, **DRAWN)
    trajectory = Trajectory("width", np.array(widths), {}, sweep=curves)
    return Measured(samples, trajectory, {"median_slopes": median, "slopes": slopes})


def search(claim: str) -> Any:
    """Small problems and few widths, all laws; noisy ones for the floors."""
    from hypothesis import strategies as st

    from verify.experiments.kit.strategies import small_trials

    if claim == FLOORS.name:
        xi, p, tau = st.sampled_from((0.6, 0.75, 0.9)), st.integers(1, 4), st.integers(1, 4)
        return st.builds(
            lambda xi, p, tau: replace(NOISY, xi=xi, surrogates=p, local_steps=tau), xi, p, tau
        )
    return st.builds(lambda f: Configuration(**f, smallest=64, largest=512), small_trials())


def slips(claim: str) -> tuple[Configuration, ...]:
    """Configurations in which slips in the claim show."""
    own = {"scaling/subnet-floor": SUBNETS, "scaling/floors": NOISY}
    return (own.get(claim, Configuration()),)


SLOPES = {registry.claim(f"scaling/{name}").quantity.name for name in MEASURED}

EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(SLOPES, swept),
        Measurement.of({FLOORS.quantity.name}, floors.measure),
    ),
    homes=homes,
    few={"trials": 1},
    search=search,
    slips=slips,
)
