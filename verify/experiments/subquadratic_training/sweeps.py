"""Slopes in log-log: what steps cost and how many neurons fire in m; what Gauss-Newton leaves."""

from __future__ import annotations

import time
from collections.abc import Set
from typing import Any

import numpy as np
from scipy.special import ndtr

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import slopes_of, sweep_curves
from verify.experiments.subquadratic_training.setting import Array, Setting, parts
from verify.judging.sample import Sample
from verify.training.gauss_newton import Networks, residuals
from verify.training.shifted import (
    Counter,
    Lazy,
    Network,
    dense_step,
    sparse_step,
    threshold,
)

NETWORKS = 20
"""Networks at every point of a sweep of Gauss-Newton; their root mean square is taken."""

LABELS = {"dense": "dense step", "sparse": "sparse step", "lazy": "last layer, lazily"}

SCALES = (1.0, 0.5, 0.25, 0.125)
"""Of the targets, in the sweep over ||e_0||."""


def near(name: str, slopes: Array, x: Array, tolerance: float, **more: Any) -> Sample:
    """Whether each slope is between the ends that its claim names; what is 0 has no slope."""
    symbols = {
        "smallest": x.min(), "largest": x.max(), "sizes": len(x), "tolerance": tolerance, **more,
    }  # fmt: skip
    ends = parts(name, symbols)
    low = float(ends.get("lowest", np.array(-np.inf)))
    good = np.isfinite(slopes) & (slopes >= low) & (slopes <= float(ends["highest"]))
    return Sample(good.astype(np.float64), symbols)


def costs(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One network at every width of a sweep, one step of every kind."""
    c, X, y = setting.configuration, setting.X, setting.y
    widths = np.array(c.widths)
    names = ("fired", "sparse", "dense", "lazy")
    counted = {name: np.empty((c.sweeps, len(widths))) for name in names}
    seconds = {name: np.empty((c.sweeps, len(widths))) for name in ("sparse", "dense")}
    for i in range(c.sweeps):
        rng = setting.rng(f"costs {i}")
        for j, m in enumerate(c.widths):
            net = Network.drawn(rng, X.shape[1], m, c.layers, threshold(m, c.sparsity))
            lazy = Lazy(net, X, c.restart)
            lazy.step(y, c.step)
            counted["lazy"][i, j] = lazy.per_step
            for name, step in (("sparse", sparse_step), ("dense", dense_step)):
                count, copy = Counter(), net.copy()
                began = time.process_time()
                taken = step(copy, X, y, c.step, count)
                seconds[name][i, j] = time.process_time() - began
                counted[name][i, j] = count.total
            counted["fired"][i, j] = taken.fired[0].mean()
        tell(i + 1, c.sweeps)
    slopes = {name: slopes_of(widths, found) for name, found in counted.items()}
    of_start = {name: setting.symbols[name] for name in ("c", "n", "d", "L", "short")}
    samples = {
        f"slope_{name}": near(
            f"{'fired-slope' if name == 'fired' else f'slope-{name}'}", found, widths,
            c.tolerance, **of_start,
        )
        for name, found in slopes.items()
    }  # fmt: skip
    return Measured(samples, _picture(setting, widths, counted, seconds, slopes))


def _picture(setting: Setting, widths: Array, counted: dict[str, Array],
             seconds: dict[str, Array], slopes: dict[str, Array]) -> Trajectory:  # fmt: skip
    """Counts with the exact law of the largest part; and the time, which nothing judges."""
    c, (n, d) = setting.configuration, setting.X.shape
    shares = np.array([ndtr(-threshold(int(m), c.sparsity)) for m in widths])
    law = n * (widths * d + widths**2.0 * shares)
    drawn = ("dense", "sparse", "lazy")
    curve = sweep_curves(
        "width", widths, {**{name: counted[name] for name in drawn}, "law": law[None]},
        {name: slopes[name] for name in drawn},
        labels={**LABELS, "law": "$n (m d + m^2 Q(b))$"}, axis="width $m$",
        quantity="multiply-adds of a step",
        title=heading("Cost of a step", c.data, {"n": n, "d": d, "L": c.layers, "c": c.sparsity}),
    )  # fmt: skip
    times = {name: np.maximum(np.median(found, axis=0), 1e-9) for name, found in seconds.items()}
    panel = Trajectory(
        "width", widths, times, labels={name: LABELS[name] for name in times},
        axis="width $m$", quantity="seconds of a step",
        title=heading("Time of a step", c.data, {"n": n, "d": d, "L": c.layers}),
    )  # fmt: skip
    return Trajectory("width", widths, {}, sweep=curve, panels=(panel,))


def newton(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(ST5d): ||e_1|| of networks in pairs, in the width and in the targets."""
    c, widths, scales = setting.configuration, np.array(setting.configuration.widths), SCALES

    def left(nets: Networks, W: Array, scale: float) -> tuple[float, float]:
        e = np.linalg.norm(residuals(nets, W, scale * setting.y, 1), axis=2)
        return tuple(np.sqrt((e**2).mean(1)))

    over_m, over_e = np.empty((c.sweeps, len(widths))), np.empty((c.sweeps, len(scales)))
    first = np.empty_like(over_e)
    for i in range(c.sweeps):
        for j, m in enumerate(c.widths):
            e_0, e_1 = left(*setting.networks(f"width {i} {m}", NETWORKS, m), 1.0)
            over_m[i, j] = e_1 / e_0**2
        drawn = setting.networks(f"order {i}", NETWORKS, c.widths[-1])
        for j, scale in enumerate(scales):
            first[i, j], over_e[i, j] = left(*drawn, scale)
        tell(i + 1, c.sweeps)
    names = ("n", "b", "norm_X", "norm_y", "lambda_b", "single")
    more = {name: setting.newton_symbols[name] for name in names} | {"m": widths[-1]}
    return Measured({
        "slope_width": near(
            "slope-width", slopes_of(widths, over_m), widths, c.tolerance, **more
        ),
        "slope_order": near(
            "slope-order", slopes_of(np.array(scales), over_e), np.array(scales), c.tolerance,
            **more,
        ),
    })  # fmt: skip
