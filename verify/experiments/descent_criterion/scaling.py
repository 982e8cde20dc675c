"""Sweeps of the output scale: how displacement, defect and predictions of fresh inputs fall."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.descent_criterion.setting import Setting, Start
from verify.experiments.descent_criterion.training import law, train
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import slopes_of, sweep_curves
from verify.judging.sample import Sample

STEP = 0.5
"""eta |q|^2 ||X||^2, the same at every scale."""

SLOPES = {
    "displacement": {"slope_of_displacement": "scaling-displacement"},
    "defect": {
        "slope_of_defect": "scaling-defect",
        "slope_of_odd_defect": "scaling-defect-odd",
        "slope_of_linear_defect": "scaling-defect-linear",
    },
    "fresh": {"slope_of_fresh": "scaling-fresh", "slope_of_odd_fresh": "scaling-fresh-odd"},
}
"""By what is measured: quantities, and their claims."""

QUANTITIES = frozenset(name for quantities in SLOPES.values() for name in quantities)

DRAWN: Any = {
    "labels": {
        "displacement": r"displacement $\Vert t_K - t_0\Vert$",
        "defect": r"defect $\mathrm{max}_k\,\Vert e_k - \ell_k\Vert$",
        "fresh": "distance to linear regression on fresh inputs",
    },
    "axis": r"norm of the output layer $\Vert a\Vert$",
    "quantity": "median over the networks",
}
"""What the picture writes."""


def sweep(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.13) to (C.18): one slope per network, whose output layer is scaled."""
    c, norms = setting.configuration, setting.configuration.output_norms
    drawn = [setting.start(f"sweep {i}", norms[0]) for i in range(c.sweeps)]
    listed: dict[str, list[np.ndarray]] = {name: [] for name in SLOPES}
    for number, norm in enumerate(norms):
        starts = [replace(start, norm=norm) for start in drawn]
        q_sq = np.array([start.q_sq for start in starts])
        eta = STEP / (q_sq * np.linalg.norm(setting.X, 2) ** 2)
        with np.errstate(over="ignore", invalid="ignore"):  # small scales diverge
            found = _measured(setting, starts, eta)
        for name, each in found.items():
            listed[name].append(each)
        tell(number + 1, len(norms))
    scales = np.array(norms)
    medians = {name: np.array(values).T for name, values in listed.items()}
    slopes = {name: slopes_of(scales, values) for name, values in medians.items()}
    values = {"n": setting.shared["n"], "H": setting.shared["H"]}
    title = heading(f"output scale, {c.activation}", c.data, values)
    curve = sweep_curves("scale", scales, medians, slopes, title=title, **DRAWN)
    symbols = setting.shared | {
        "smallest": norms[0], "largest": norms[-1], "scales": len(norms),
    }  # fmt: skip
    samples = {}
    for name, quantities in SLOPES.items():
        for quantity, claim in quantities.items():
            known = registry.claim(f"criterion/{claim}").evaluate(symbols, where=np.array(True))
            low, high = known.parts["lowest"], known.parts["highest"]
            near = (slopes[name] >= low) & (slopes[name] <= high)
            samples[quantity] = Sample(near.astype(np.float64), symbols)
    notes = {
        f"slope of {name}": dict(zip(("median", "low", "high"), interval.tolist(), strict=True))
        for name, interval in curve.details.items()
    }
    return Measured(samples, Trajectory("step", np.arange(2), {}, sweep=curve), notes)


def _measured(setting: Setting, starts: Sequence[Start], eta: np.ndarray) -> dict[str, np.ndarray]:
    """Displacement, defect, and the distance to regression on fresh inputs, one per network."""
    steps = setting.configuration.steps
    run = train(setting, starts, eta, steps, spectra=False)
    outputs = run.e[:, -1] + setting.y
    regression = outputs @ np.linalg.pinv(setting.X).T @ setting.fresh.T
    defect = np.linalg.norm(run.e - law(setting, starts, eta, steps), axis=-1)
    return {
        "displacement": run.distance[:, -1],
        "defect": defect.max(1),
        "fresh": np.abs(run.fresh - regression).max(1),
    }
