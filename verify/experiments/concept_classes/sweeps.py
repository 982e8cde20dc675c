"""(AL5), measured: the loss without noise over widths and over numbers of samples."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.concept_classes.network import train
from verify.experiments.concept_classes.regret import running, scale_asked_for
from verify.experiments.concept_classes.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, median_interval, slopes_of
from verify.judging.sample import Sample

INPUTS = 4000
"""That the power of the target is a mean of."""

NETWORKS = 2
"""In the mean of a sweep."""

CLAIM = {"width": "concepts/width", "samples": "concepts/samples"}


def losses(setting: Setting, width: int, steps: int) -> np.ndarray:
    """Mean losses so far, without noise, squared loss: (steps, sweeps)."""
    c, pairs = setting.configuration, max(1, width // 2)
    many = c.sweeps * NETWORKS
    x, y = setting.stream(f"sweep {width}", steps, many, 0.0)
    g = setting.weights(f"sweep {width}", many, pairs)
    symbols = {"T": steps, "eta": c.step, "delta": c.delta, "N": pairs,
               "labels": (y**2).sum(0).max(), "coupled": int(c.coupled)}  # fmt: skip
    kappa = scale_asked_for(setting, "squared", symbols)
    found = running(train(g, kappa, x, y, c.step, "squared").loss)
    return np.asarray(found.reshape(steps, c.sweeps, NETWORKS).mean(2))


def slopes(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One slope in m and one in T for every sweep, (sweeps,)."""
    c = setting.configuration
    widths = np.array(doubled(c.smallest, c.largest))
    T = np.array(doubled(max(1, c.steps // 8), c.steps))
    by_width = []
    for at, width in enumerate(widths):
        by_width.append(losses(setting, int(width), c.steps))
        tell(at + 1, len(widths))
    table = {"width": (widths, np.array([each[-1] for each in by_width]).T),
             "samples": (T, by_width[0][T - 1].T)}  # fmt: skip
    more: dict[str, dict[str, Any]] = {"width": {}, "samples": learning(setting, int(widths[0]))}
    samples, details = {}, {}
    for name, (sizes, found) in table.items():
        symbols = {**more[name], "smallest": int(sizes[0]), "largest": int(sizes[-1]),
                   "sizes": len(sizes), "tolerance": c.tolerance,
                   "coupled": int(c.coupled)}  # fmt: skip
        ends = registry.claim(CLAIM[name]).evaluate(symbols, where=np.array(True)).parts
        slope = slopes_of(sizes, found)
        near = (slope >= ends["lowest"]) & (slope <= ends["highest"])
        samples[f"slope_{name}"] = Sample(near.astype(float), symbols)
        details[name] = np.array(median_interval(slope))
    curve = Trajectory(
        "width", widths,
        {"width": np.median(table["width"][1], axis=0),
         "guarantee": np.array([_bound(setting, int(width)) for width in widths])},
        {"width": details["width"]},
        labels={"width": "mean loss", "guarantee": "guarantee before training"},
        axis="width $m$", quantity=r"mean loss $\sum_t \ell_t/T$",
        title=heading("Flat in the width", f"phi = {c.phi}", {"T": c.steps, "d": c.dimension}),
    )  # fmt: skip
    notes = {f"slope in the {name}": dict(zip(("median", "low", "high"), each, strict=True))
             for name, each in details.items()}  # fmt: skip
    return Measured(samples, Trajectory("step", np.arange(2), {}, sweep=curve), notes)


def learning(setting: Setting, width: int) -> dict[str, Any]:
    """What tells whether training gets somewhere; the power by many fresh inputs."""
    values = setting.target(setting.inputs("power", INPUTS))
    return {**setting.of_target, "N": max(1, width // 2), "eta": setting.configuration.step,
            "power": float((values**2).mean())}  # fmt: skip


def _bound(setting: Setting, width: int) -> float:
    """(AL4) at that width, OPT = 0."""
    c = setting.configuration
    values = {**setting.of_target, "N": max(1, width // 2), "T": c.steps, "eta": c.step,
              "delta": c.delta, "OPT": 0.0, "labels": 0.0, "kappa": 1.0}  # fmt: skip
    where = np.array(True)
    return float(registry.claim("concepts/guarantee").evaluate(values, where=where).bound)
