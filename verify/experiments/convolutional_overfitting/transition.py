"""(CN7), measured: which classes are learned as the signal crosses its predicted threshold."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from verify.experiments.convolutional_overfitting.configuration import TRAINING
from verify.experiments.convolutional_overfitting.curves import grown, means_of
from verify.experiments.convolutional_overfitting.descent import (
    HEADS,
    Path,
    Problem,
    descend,
    margins,
    preactivations,
)
from verify.experiments.convolutional_overfitting.paths import steps
from verify.experiments.convolutional_overfitting.setting import Setting, Start
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.judging.sample import Sample

GRID = (0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.5, 2.0)
"""||mu|| over its predicted threshold, where chi_1 = 1."""

SIDES = {"below": 0.7, "above": 1.5}
"""Places of the grid on both sides."""

FACTORS = (0.5, 1.0, 2.0)
"""Numbers of samples, over that of the configuration."""


def sizes(setting: Setting) -> list[int]:
    """Those of them that fit."""
    c = setting.configuration
    most = c.dimension - 1 if c.design == "frame" else c.samples * 2
    most = min(most, TRAINING) if c.data == "digits" else most
    found = {min(max(2, round(factor * c.samples)), most) for factor in FACTORS}
    return sorted(found)


def around(setting: Setting, samples: int) -> tuple[Problem, np.ndarray]:
    """All runs at every place of the grid, (grid * R), and the thresholds of ||mu||, (R,)."""
    c = setting.configuration
    drawn = setting.drawn(f"transition {samples}", c.seeds, samples)
    chi = Start(drawn).chi[:, 0]
    # no threshold where no filter of the class, or not all samples, can grow: the SNR asked for
    proper = (chi > 0) & (chi < 1e100)
    threshold = drawn.mu * np.where(proper, np.where(proper, chi, 1.0) ** (-1 / c.power), 1.0)
    many = len(GRID)
    tiled = {name: np.concatenate([getattr(drawn, name)] * many)
             for name in ("X", "y", "clean", "W", "eta")}  # fmt: skip
    mu = (np.array(GRID)[:, None] * threshold).ravel()
    return setting.stepped(Problem(q=drawn.q, mu=mu, **tiled)), threshold


def of_class(setting: Setting, problem: Problem, W: np.ndarray) -> np.ndarray:
    """Mean test losses of class 1 over held-out patches, (R,)."""
    q = problem.q
    noise = (np.maximum(W @ setting.held_out.T, 0) ** q).mean(-2)
    signal, _ = preactivations(problem, W)
    own = (np.maximum(signal, 0) ** q).mean(-1)
    f = (own[:, 0] - own[:, 1])[:, None] + noise[:, 0] - noise[:, 1]
    return np.asarray(np.logaddexp(0, -f).mean(-1))


@dataclass(frozen=True, eq=False)
class Trained:
    """The problems of one number of samples, trained: their states at checkpoints (K)."""

    samples: int
    problem: Problem
    threshold: np.ndarray
    path: Path

    @cached_property
    def states(self) -> tuple[np.ndarray, np.ndarray]:
        return preactivations(self.problem, self.path.W)

    @cached_property
    def signals(self) -> np.ndarray:
        """S_j at the end, (grid * R, 2)."""
        v = np.maximum(HEADS[:, None] * self.states[0][-1], 0)
        return np.asarray((v**self.problem.q).mean(-1))

    @property
    def classes(self) -> dict[str, np.ndarray]:
        """Symbols of every class."""
        at, members = Start(self.problem), self.problem.members()
        margin = self.problem.least(margins(self.problem, *(state[-1] for state in self.states)))
        u = np.where(members[..., None], at.u[:, None], 0.0).max((-2, -1))
        shrink = np.broadcast_to(at.shrink[:, None], margin.shape)
        return {"chi": at.chi, "top": at.v.max(-1), "u_top": np.maximum(u, 0), "margin": margin,
                "shrink": shrink}  # fmt: skip


def transition(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Classes at the end of training, on a grid around the predicted threshold."""
    c, found = setting.configuration, []
    every = sizes(setting)
    for done, samples in enumerate(every):
        problem, threshold = around(setting, samples)
        keep = setting.keep if samples == c.samples else [c.steps]
        path = descend(problem, keep, recursions=False)
        found.append(Trained(samples, problem, threshold, path))
        tell(done + 1, len(every))
    S = np.concatenate([each.signals.ravel() for each in found])
    classes = [each.classes for each in found]
    values = {name: np.concatenate([each[name].ravel() for each in classes]) for name in classes[0]}
    samples_: dict[str, Sample] = {}
    shared = steps(setting, "q", "cross", "flips", "h_0", "theta")
    for name, which in (("chi_learned", c.learned < S), ("chi_not_learned", c.learned >= S)):
        if which.any():
            own = {key: value[which] for key, value in values.items()}
            samples_[name] = Sample(own.pop("chi"), {**shared, **own})
    return Measured(samples_, picture(setting, found))


def picture(setting: Setting, found: list[Trained]) -> Trajectory:
    """Test loss over SNR for each number of samples, the two axes of a map, with chi = 1."""
    c, grid = setting.configuration, np.array(GRID)
    options = {"d": c.dimension, "q": c.power, "m": c.filters}
    curves, labels, predicted, least = {}, {}, [], []
    for each in found:
        name = f"samples_{each.samples}"
        losses = of_class(setting, each.problem, each.path.W[-1]).reshape(len(grid), -1)
        curves[name] = np.median(losses, axis=1)
        predicted.append(float(np.median(each.threshold / c.noise_norm)))
        known = each.signals[:, 0].reshape(len(grid), -1) > c.learned
        first = np.where(known.any(0), grid[known.argmax(0)], np.inf)
        least.append(float(np.median(first * each.threshold / c.noise_norm)))
        labels[name] = rf"$n = {each.samples}$, $\chi_1 = 1$ at SNR {predicted[-1]:.2g}"
    loss = Trajectory(
        "snr", grid, {**curves, "guess": np.full(len(grid), np.log(2))}, scale="linear",
        labels={**labels, "guess": "a guess"}, axis=r"SNR over that of $\chi_1 = 1$",
        quantity="test loss of class 1",
        title=heading("On both sides of the threshold", f"{c.data} noise", options),
    )  # fmt: skip
    map_ = Trajectory(
        "snr", grid, curves, {"line": np.ones(len(found))}, heights=[e.samples for e in found],
        labels={**labels, "line": r"$\chi_1 = 1$"}, axis=r"SNR over that of $\chi_1 = 1$",
        quantity="samples $n$",
        title=heading("Test loss of class 1", f"{c.data} noise", options),
    )  # fmt: skip
    line = Trajectory(
        "samples", np.array([each.samples for each in found]),
        {"predicted": np.array(predicted), "learned": np.array(least)}, scale="log",
        labels={"predicted": r"$\chi_1 = 1$", "learned": "least that was learned, of a grid"},
        axis="samples $n$", quantity="SNR",
        title=heading("The line between the phases", f"{c.data} noise", options),
    )  # fmt: skip
    panels = (
        loss,
        map_,
        line,
        *(both(setting, each) for each in found if each.samples == c.samples),
    )
    return Trajectory("snr", grid, {}, panels=panels)


def both(setting: Setting, trained: Trained) -> Trajectory:
    """Signal and memory of class 1 below and above the threshold, in mean over the runs."""
    c, runs = setting.configuration, len(trained.threshold)
    curves, labels = {}, {}
    for side, place in SIDES.items():
        at = GRID.index(place) * runs
        found = grown(trained.problem, *trained.states)
        for name, curve in zip(("signal", "noise"), found, strict=True):
            curves[f"{name}_{side}"] = curve[:, at : at + runs]
            labels[f"{name}_{side}"] = f"{name}, SNR {place:g} of the threshold"
    means, errors = means_of(curves)
    return Trajectory(
        "step", trained.path.steps, means, errors=errors, scale="linear", labels=labels,
        axis="steps", quantity="largest of class 1",
        title=heading("What is learned and memorised", f"{c.data} noise",
                      {"n": c.samples, "d": c.dimension, "q": c.power}),
    )  # fmt: skip
