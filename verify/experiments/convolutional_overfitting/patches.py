"""(CN8), measured: how patches that are not orthogonal come near the conservation law."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import numpy as np

from theory import registry
from verify.experiments.convolutional_overfitting.descent import (
    Problem,
    descend,
    preactivations,
)
from verify.experiments.convolutional_overfitting.paths import budgets
from verify.experiments.convolutional_overfitting.setting import Setting, Start, framed
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, slopes_of, sweep_curves
from verify.judging.sample import Sample


def problems(setting: Setting, rng: np.random.Generator, dimension: int, runs: int) -> Problem:
    """Runs with Gaussian patches of that dimension, in coordinates of their span (n + 1)."""
    c = setting.configuration
    n = c.samples
    X = rng.standard_normal((runs, n, dimension)) * c.noise_norm / np.sqrt(dimension - 1)
    X[..., -1] = 0.0
    W = rng.standard_normal((runs, 2, c.filters, dimension)) * c.init / c.noise_norm
    basis = np.linalg.svd(X, full_matrices=False)[2]
    basis = np.concatenate([basis, np.zeros((runs, 1, dimension))], axis=1)
    basis[:, -1, -1] = 1.0
    turned = np.swapaxes(basis, -1, -2)
    y = setting.labels(n) * np.ones((runs, 1))
    mu = np.full(runs, c.snr * c.noise_norm)
    return Problem(X @ turned, y, y, mu, W @ turned[:, None], c.power, np.ones(runs))


def log_ratio(problem: Problem, steps: int) -> np.ndarray:
    """log of Q of the largest filter over the sum of P at the end, (R, 2); NaN where undefined."""
    end = preactivations(problem, descend(problem, [steps], recursions=False).W)
    Q, spent, least = budgets(problem, *end)
    largest = Start(problem).v.argmax(-1)[None, ..., None]
    Q = np.take_along_axis(Q, largest, -1)[0, ..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((Q > 0) & (spent[0] > 0) & (least > 0), np.log(Q / spent[0]), np.nan)


def joined(found: list[Problem]) -> Problem:
    """All runs of some problems."""
    names = ("X", "y", "clean", "mu", "W", "eta")
    every = {name: np.concatenate([getattr(each, name) for each in found]) for name in names}
    return Problem(q=found[0].q, **every)


def sweeps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One slope for every sweep over the dimension."""
    c, rng = setting.configuration, setting.rng("patches")
    dimensions = np.array(doubled(c.smallest, c.largest))
    found = np.full((c.sweeps, len(dimensions)), np.nan)
    for at, dimension in enumerate(dimensions):
        drawn = setting.stepped(
            joined([problems(setting, rng, int(dimension), c.problems) for _ in range(c.sweeps)])
        )
        twin = replace(drawn, X=framed(drawn.X))
        apart = np.abs(log_ratio(drawn, c.steps) - log_ratio(twin, c.steps))
        rows = apart.reshape(c.sweeps, -1)
        some = np.isfinite(rows).any(-1)
        found[some, at] = np.nanmedian(rows[some], axis=-1)
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
