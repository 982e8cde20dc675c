"""(CN7), measured: which classes are learned as the signal crosses its predicted threshold."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.convolutional_overfitting.descent import (
    HEADS,
    Problem,
    descend,
    margins,
    preactivations,
)
from verify.experiments.convolutional_overfitting.paths import steps
from verify.experiments.convolutional_overfitting.setting import Setting, Start
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.judging.sample import Sample

GRID = (0.4, 0.6, 0.8, 0.9, 1.1, 1.25, 1.6, 2.4)
"""||mu|| over its predicted threshold, where chi_1 = 1."""

FACTORS = (0.5, 1.0, 2.0)
"""Numbers of samples, over that of the configuration."""


def sizes(setting: Setting) -> list[int]:
    """Those of them that fit."""
    c = setting.configuration
    most = c.dimension - 1 if c.design == "frame" else c.samples * 2
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


def population(setting: Setting, problem: Problem, W: np.ndarray) -> np.ndarray:
    """Mean test losses over held-out patches under both labels, (R,)."""
    q = problem.q
    noise = (np.maximum(W @ setting.held_out.T, 0) ** q).mean(-2)
    signal, _ = preactivations(problem, W)
    total = 0.0
    for y in (1.0, -1.0):
        own = (np.maximum(y * signal, 0) ** q).mean(-1)
        f = (own[:, 0] - own[:, 1])[:, None] + noise[:, 0] - noise[:, 1]
        total = total + np.logaddexp(0, -y * f).mean(-1) / 2
    return np.asarray(total)


def transition(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Classes at the end of training, on a grid around the predicted threshold."""
    c, found, curves, learned_from = setting.configuration, [], {}, []
    every = sizes(setting)
    predicted = []
    for done, samples in enumerate(every):
        problem, threshold = around(setting, samples)
        at, path = Start(problem), descend(problem, [c.steps])
        state = preactivations(problem, path.W[0])
        S = (np.maximum(HEADS[:, None] * state[0], 0) ** c.power).mean(-1)
        each = margins(problem, *state)
        margin = np.where(problem.members(), each[:, None], np.inf).min(-1)
        top = np.maximum(
            np.where(problem.members()[..., None], at.u[:, None], 0.0).max((-2, -1)), 0
        )
        shrink = np.broadcast_to(at.shrink[:, None], S.shape)
        found.append(np.array([S, at.chi, at.v.max(-1), top, margin, shrink]).reshape(6, -1))
        losses = population(setting, problem, path.W[0]).reshape(len(GRID), -1)
        curves[f"samples_{samples}"] = np.median(losses, axis=1)
        first = S[:, 0].reshape(len(GRID), -1) > c.learned
        at_first = np.where(first.any(0), np.array(GRID)[first.argmax(0)], np.nan)
        predicted.append(float(np.median(threshold / c.noise_norm)))
        learned_from.append(float(np.median(at_first * threshold / c.noise_norm)))
        tell(done + 1, len(every))
    S, chi, v, top, margin, shrink = np.concatenate(found, axis=1)
    known = c.learned < S
    shared = steps(setting, "q", "cross", "flips", "h_0", "theta")
    samples = {}
    for name, which in (("chi_learned", known), ("chi_not_learned", ~known)):
        if which.any():
            own = {"top": v} if name == "chi_learned" else {"u_top": top, "margin": margin}
            symbols = {**shared, "shrink": shrink, **own}
            per = {key: value[which] if np.ndim(value) else value for key, value in symbols.items()}
            samples[name] = Sample(chi[which], per)
    return Measured(samples, picture(setting, every, curves, predicted, learned_from))


def picture(setting: Setting, every: list[int], curves: dict[str, np.ndarray],
            predicted: list[float], learned_from: list[float]) -> Trajectory:  # fmt: skip
    """Test loss over SNR, for each number of samples: the two axes of a map, with chi = 1."""
    c = setting.configuration
    title = heading("Test loss on both sides of the threshold", f"{c.data} noise",
                    {"d": c.dimension, "q": c.power, "m": c.filters})  # fmt: skip
    labels = {f"samples_{n}": rf"$n = {n}$, $\chi = 1$ at SNR {snr:.2g}"
              for n, snr in zip(every, predicted, strict=True)}  # fmt: skip
    guess = np.full(len(GRID), np.log(2))
    loss = Trajectory(
        "snr", np.array(GRID), {**curves, "guess": guess}, scale="linear",
        labels={**labels, "guess": "a guess"}, axis=r"SNR over that of $\chi_1 = 1$",
        quantity="test loss", title=title,
    )  # fmt: skip
    line = Trajectory(
        "samples", np.array(every),
        {"predicted": np.array(predicted), "learned": np.array(learned_from)}, scale="log",
        labels={"predicted": r"$\chi_1 = 1$", "learned": "least that was learned, of a grid"},
        axis="samples $n$", quantity="SNR", title=heading("The line between the phases",
        f"{c.data} noise", {"d": c.dimension, "q": c.power}),
    )  # fmt: skip
    return Trajectory("snr", np.array(GRID), {}, panels=(loss, line))
