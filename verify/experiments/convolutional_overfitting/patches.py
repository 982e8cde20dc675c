"""(CN8), measured: how patches that are not orthogonal come near the conservation law."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from theory import registry
from verify.experiments.convolutional_overfitting.descent import (
    Problem,
    descend_on_patches,
    preactivations,
)
from verify.experiments.convolutional_overfitting.paths import budgets
from verify.experiments.convolutional_overfitting.setting import Setting, Start, framed
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, slopes_of, sweep_curves
from verify.judging.sample import Sample


def problems(setting: Setting, rng: np.random.Generator, dimension: int, runs: int) -> Problem:
    """Runs with Gaussian patches of that dimension, before they are made a frame."""
    c = setting.configuration
    n = c.samples
    X = rng.standard_normal((runs, n, dimension)) * c.noise_norm / np.sqrt(dimension - 1)
    X[..., -1] = 0.0
    first = min(max(1, round(c.balance * n)), n - 1)
    y = np.where(np.arange(n) < first, 1.0, -1.0) * np.ones((runs, 1))
    W = rng.standard_normal((runs, 2, c.filters, dimension)) * c.init / c.noise_norm
    mu = np.full(runs, c.snr * c.noise_norm)
    return setting.stepped(Problem(X, y, y, mu, W, c.power, np.ones(runs)))


def log_ratio(problem: Problem, steps: int) -> np.ndarray:
    """log of Q of the largest filter over the sum of P at the end, (R, 2); NaN where undefined."""
    gram = problem.X @ np.swapaxes(problem.X, -1, -2)
    start = preactivations(problem, problem.W)
    end = descend_on_patches(problem, *start, gram, steps)
    Q, spent, least = budgets(problem, *(each[None] for each in end))
    largest = Start(problem).v.argmax(-1)[None, ..., None]
    Q = np.take_along_axis(Q, largest, -1)[0, ..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((Q > 0) & (spent[0] > 0) & (least > 0), np.log(Q / spent[0]), np.nan)


def sweeps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One slope for every sweep over the dimension."""
    c, rng = setting.configuration, setting.rng("patches")
    dimensions = np.array(doubled(c.smallest, c.largest))
    found = np.full((c.sweeps, len(dimensions)), np.nan)
    for at, dimension in enumerate(dimensions):
        for sweep in range(c.sweeps):
            drawn = problems(setting, rng, int(dimension), c.problems)
            twin = Problem(framed(drawn.X), drawn.y, drawn.y, drawn.mu, drawn.W, drawn.q, drawn.eta)
            apart = np.abs(log_ratio(drawn, c.steps) - log_ratio(twin, c.steps))
            if np.isfinite(apart).any():
                found[sweep, at] = np.nanmedian(apart)
        tell(at + 1, len(dimensions))
    slopes = slopes_of(dimensions, found)
    symbols = {"d_low": c.smallest, "d_high": int(dimensions[-1]), "sizes": len(dimensions),
               "tolerance": c.tolerance}  # fmt: skip
    ends = (
        registry.claim("convolution/gaussian-patches").evaluate(symbols, where=np.array(True)).parts
    )
    near = (slopes >= ends["lowest"]) & (slopes <= ends["highest"])
    drawn_as = sweep_curves(
        "dimension", dimensions, {"error": found}, {"error": slopes},
        labels={"error": "median over problems"}, axis="dimension $d$",
        quantity=r"$|\log(Q/\sum P)|$ apart from the frame",
        title=heading("Gaussian patches", "as they are", {"n": c.samples, "q": c.power}),
    )  # fmt: skip
    sample = Sample(near.astype(float), symbols)
    return Measured({"slope": sample}, Trajectory("dimension", dimensions, {}, sweep=drawn_as))
