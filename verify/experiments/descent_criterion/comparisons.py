"""What is measured without a certificate: the floor where n > d, and a race."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics.positive_networks import CRITERIA
from verify.experiments.descent_criterion.setting import Setting
from verify.experiments.descent_criterion.training import residuals
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.judging.sample import Sample
from verify.judging.seeds import torch_generator
from verify.training.deep import Network, Parameters

STEP_SIZES = (0.03, 0.1, 0.3, 1.0, 1.9)
"""Step sizes of a race, in units of 1/||J_0||^2: each start takes its best."""

FLOOR_STEP = 1.5
"""That of the floor, in the same units."""

GOAL = 1e-3
"""Share of ||y||^2 that a race runs to."""

DEPTHS, WIDTHS = (1, 2, 4, 8), (1, 4, 16, 64)
"""Hidden layers of the first width, and widths of all layers, for which A* is shown."""

RACE: dict[str, Any] = {
    "labels": {
        "this_start": "zero first layer, positive weights",
        "standard": "standard initialisation",
        "goal": "the goal",
    },
    "axis": "steps $k$ of gradient descent",
    "quantity": r"median of $\Vert e_k\Vert^2/\Vert y\Vert^2$",
}
SCALES: dict[str, Any] = {
    "labels": {"integral": "integral criterion", "ball": "ball criterion"},
    "quantity": r"smallest $\Vert a\Vert$ that is certified",
}
"""What the pictures write."""


def floor(setting: Setting) -> Sample:
    """(C.19): whether the loss is near that of linear regression; 0 where its floor is 0."""
    c, known = setting.configuration, setting.shared
    starts = [setting.start(f"floor {i}") for i in range(c.floors)]
    norm = min(start.norm for start in starts)
    network = setting.network(starts)
    last = residuals(network, setting.y, FLOOR_STEP / _largest(network), c.floor_steps)[:, -1]
    least = setting.y - setting.X @ (np.linalg.pinv(setting.X) @ setting.y)
    symbols = known | {"norm_a": norm}
    parts = registry.claim("criterion/floor").evaluate(symbols, where=np.array(True)).parts
    ratio = last / max(float(least @ least), 1e-300)
    near = (ratio >= parts["lowest"]) & (ratio <= parts["highest"])
    return Sample(near.astype(np.float64), symbols)


def race(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.20): steps to the goal from both starts, each with its best step size."""
    c, y = setting.configuration, setting.y
    starts = [setting.start(f"race {i}", _norm(setting)) for i in range(c.races)]
    ours = _steps(setting, setting.network(starts), np.zeros((c.races, len(y))))
    tell(1, 2)
    drawn = standard(setting, c.races)
    theirs = _steps(setting, drawn, drawn.initial.f.numpy())
    tell(2, 2)
    (first, curves), (second, others) = ours, theirs
    won = (first <= second) & (first <= c.race_steps)
    title = heading(f"race to {GOAL:g}, widths {c.widths}, {c.activation}", c.data,
                    {"n": setting.shared["n"], "d": setting.shared["d"]})  # fmt: skip
    series = {"this_start": curves, "standard": others, "goal": np.full(len(curves), GOAL)}
    panel = Trajectory("step", np.arange(len(curves)), series, title=title, **RACE)
    trajectory = Trajectory("step", np.arange(2), {}, panels=(panel, *scales(setting)))
    notes = {
        "steps to the goal": {
            name: dict(zip(("median", "least", "most"),
                           (float(np.median(n)), int(n.min()), int(n.max())), strict=True))
            for name, n in (("this start", first), ("standard", second))
        },
        "not reached": f"counts as {c.race_steps + 1}",
    }  # fmt: skip
    return Measured(
        {"race": Sample(won.astype(np.float64), dict(setting.shared))}, trajectory, notes
    )


def standard(setting: Setting, count: int) -> Network:
    """Weights N(0, 1/fan-in), as many networks."""
    c, d = setting.configuration, setting.shared["d"]
    sizes = (d, *c.layers)
    shapes = [*zip(c.layers, sizes, strict=False), (c.layers[-1],)]
    drawn = []
    for i in range(count):
        generator = torch_generator("standard", f"{setting.salt}/race {i}")
        drawn.append(
            [
                torch.randn(s, generator=generator, dtype=torch.float64) / s[-1] ** 0.5
                for s in shapes
            ]
        )
    *W, a = (torch.stack(each) for each in zip(*drawn, strict=True))
    design = setting.network([setting.starts[0]]).design
    return Network(
        design, torch.tensor(setting.X), Parameters(tuple(W), a), torch.ones(count).double()
    )


def _norm(setting: Setting) -> float | None:
    """||a|| of the first network for all, where it is not given: A* takes longest of all."""
    return setting.configuration.output_norm or setting.starts[0].norm


def _steps(setting: Setting, network: Network, f_0: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps to the goal (S,), steps + 1 where it is not reached; the median loss of the best.

    f_0  (S, n) outputs at the start, which the network leaves out of its own
    """
    c, y_sq, sizes = setting.configuration, float(setting.y @ setting.y), len(STEP_SIZES)
    eta = np.outer(STEP_SIZES, 1 / _largest(network)).ravel()
    left = np.tile(setting.y - f_0, (sizes, 1))
    losses = residuals(_repeated(network, sizes), left, eta, c.race_steps) / y_sq
    losses = np.nan_to_num(losses.reshape(sizes, len(f_0), -1), nan=np.inf)
    reached = losses <= GOAL
    steps = np.where(reached.any(-1), reached.argmax(-1), c.race_steps + 1)
    best = np.lexsort((losses[:, :, -1], steps), axis=0)[0]
    return steps.min(0), np.median(losses[best, np.arange(len(best))], 0)


def _repeated(network: Network, times: int) -> Network:
    """The networks of the batch, one after the other, several times."""
    W = tuple(each.repeat(times, 1, 1) for each in network.start.W)
    start = Parameters(W, network.start.a.repeat(times, 1))
    return replace(network, start=start, kappa=network.kappa.repeat(times))


def _largest(network: Network) -> np.ndarray:
    """||J_0||^2, (S,)."""
    return np.asarray(torch.linalg.eigvalsh(network.initial.kernel())[:, -1].numpy())


def scales(setting: Setting) -> list[Trajectory]:
    """A* against the depth at the first width, and against the width at the depth given."""
    c, E_0 = setting.configuration, setting.shared["E_0"]
    if not setting.shared["lambda_X"] > 0:
        return []
    m, H = c.layers[0], len(c.layers)
    found = []
    for index, sizes, words, fixed, shapes in (
        ("depth", DEPTHS, "hidden layers $H$", {"m": m}, [(m,) * depth for depth in DEPTHS]),
        ("width", WIDTHS, "neurons per layer $m$", {"H": H}, [(width,) * H for width in WIDTHS]),
    ):
        nets = [setting.shaped(shape) for shape in shapes]
        curves = {
            criterion: np.array([net.smallest_scale(E_0, c.epsilon, criterion) for net in nets])
            for criterion in CRITERIA
        }
        title = heading(f"output scale that is certified, by {index}", c.data,
                        {"n": setting.shared["n"], **fixed})  # fmt: skip
        drawn = {"title": title, "axis": words, **SCALES}
        found.append(Trajectory(index, np.array(sizes), curves, **drawn))
    return found
