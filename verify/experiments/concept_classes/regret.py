"""(AL3) to (AL5), measured: training on fresh samples, or on rows of real data in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.concept_classes.network import (
    SIGNS,
    Path,
    euler,
    loss_of,
    train,
)
from verify.experiments.concept_classes.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.judging.sample import Sample

RIDGE = 1e-3
"""Of the comparator on real data, on kernels of trace at most the number of rows."""

SLACK = 1 + 1e-9
"""Over the scale that a premise asks for, which is computed twice."""

GUARANTEES = {"squared": "concepts/guarantee", "huber": "concepts/guarantee-huber"}


def scale_asked_for(setting: Setting, loss: str, symbols: dict[str, Any]) -> float:
    """kappa: what the option says, or what the guarantee asks for."""
    given = setting.configuration.init_scale
    if given is not None:
        return given
    name = {"squared": "concepts/frozen", "huber": "concepts/frozen-huber"}[loss]
    parts = registry.claim(name).evaluate({**symbols, "kappa": 1.0}, where=np.array(True)).parts
    asked = float(parts["kappa_star"]) * SLACK
    return asked if math.isfinite(asked) and asked > 0 else 1.0


def target_comparator(setting: Setting, g: np.ndarray) -> np.ndarray:
    """W* - W_0 of the target."""
    H = setting.target.H(g[:, :1] if setting.configuration.coupled else g)
    return np.asarray(SIGNS[..., None] * H / math.sqrt(2 * g.shape[2]))


def ridge_comparator(setting: Setting, g: np.ndarray) -> np.ndarray:
    """W* - W_0 of ridge regression on the features of W_0, on all rows of real data."""
    X, y = setting.real
    m, gram = 2 * g.shape[2], X @ X.T
    found = np.empty((*g.shape[:3], X.shape[1]))
    for each, W in zip(found, g, strict=True):
        active = (W @ X.T > 0).astype(np.float64)
        flat = active.reshape(m, -1)
        alpha = np.linalg.solve(flat.T @ flat / m * gram + RIDGE * np.eye(len(y)), y)
        each[:] = (active * alpha) @ X
    return np.asarray(SIGNS[..., None] * found / math.sqrt(m))


def regret(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL3): (numbers of steps, networks)."""
    c = setting.configuration
    real = c.data != "teacher"
    x, y = setting.rows(c.seeds) if real else setting.stream("regret", c.steps, c.seeds, c.noise)
    g = setting.weights("regret", c.seeds, c.pairs, x.shape[-1])
    symbols = {"T": c.steps, "eta": c.step, "delta": c.delta, "N": c.pairs,
               "labels": (y**2).sum(0).max(), "coupled": int(c.coupled)}  # fmt: skip
    kappa = scale_asked_for(setting, c.loss, symbols)

    def trained(comparator: np.ndarray | None) -> Path:
        return train(g, kappa, x, y, c.step, c.loss, comparator)

    if c.comparator == "end":
        comparator = trained(None).D
    else:
        comparator = (ridge_comparator if real else target_comparator)(setting, g)
    path = trained(comparator)
    T = np.unique(np.geomspace(1, c.steps, c.points).round().astype(int))
    each = np.cumsum(path.slope * (path.f - path.g), axis=0)
    size = np.cumsum(np.abs(path.slope) * (np.abs(path.f) + np.abs(path.g)), axis=0)
    start = (comparator**2).sum((1, 2, 3)) * np.ones((len(T), 1))
    end = path.away[T - 1]
    gradients = np.cumsum(path.slope**2 * path.active, axis=0)[T - 1]
    values = {"T": T[:, None], "eta": c.step, "start": start, "end": end, "gradients": gradients,
              "compared": running(path.compared)[T - 1]}  # fmt: skip
    f, product, terms = euler(g, kappa, path.D, x[-1])
    samples = {
        "output": Sample(f, {"euler": product}, scale=terms),
        "telescoped": Sample(each[T - 1], values,
                             scale=size[T - 1] + (start + end) / (2 * c.step)),
        "regret": Sample(running(path.loss)[T - 1], values),
    }  # fmt: skip
    return Measured(samples, regret_curves(setting, path, values))


def running(losses: np.ndarray) -> np.ndarray:
    """Means over the first t steps."""
    steps = np.arange(1, len(losses) + 1)
    return np.asarray(np.cumsum(losses, axis=0) / steps[:, None])


def regret_curves(setting: Setting, path: Path, values: dict[str, Any]) -> Trajectory:
    c, T = setting.configuration, values["T"][:, 0]
    bound = registry.claim("concepts/regret")(**{k: v for k, v in values.items() if k != "end"})
    curves = {"loss": running(path.loss)[T - 1].mean(1), "bound": bound.mean(1),
              "comparator": values["compared"].mean(1)}  # fmt: skip
    return Trajectory(
        "step", T, curves,
        labels={"loss": "mean loss so far", "bound": "its regret bound",
                "comparator": "of the comparator"},
        axis="samples $T$", quantity=r"mean loss $\sum_t \ell_t/T$",
        title=heading("Regret of the ReLU network", c.data,
                      {"m": 2 * c.pairs, r"\eta": c.step}),
    )  # fmt: skip


def guaranteed(loss: str) -> Callable[[Setting, Set[str], Progress], Measured]:
    """(AL4), by loss: events (networks,), mean losses (1, networks)."""
    end = "" if loss == "squared" else "_huber"

    def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
        c = setting.configuration
        x, y = setting.stream(loss, c.steps, c.seeds, c.noise)
        g = setting.weights(loss, c.seeds, c.pairs)
        symbols = {**setting.of_target, "T": c.steps, "eta": c.step, "delta": c.delta,
                   "N": c.pairs, "labels": (y**2).sum(0).max(),
                   "OPT": setting.opt(loss, c.noise)}  # fmt: skip
        symbols["kappa"] = scale_asked_for(setting, loss, symbols)
        path = train(g, symbols["kappa"], x, y, c.step, loss)
        half = math.log(c.steps / c.delta) / (2 * c.pairs)
        most = min(1.0, 0.5 + math.sqrt(half))
        good = (path.flips[-1] == 0) & (path.active.max(0) <= most)
        mean = running(path.loss)
        trivial = initial(setting, loss)
        samples = {
            f"frozen{end}": Sample(good.astype(float), symbols),
            loss: Sample((good * mean[-1])[None], symbols, trivial=trivial, share=good.mean()),
        }  # fmt: skip
        if loss == "huber":
            samples["huber_all"] = Sample(mean[-1:], symbols, trivial=trivial)
        curves = guarantee_curves(setting, loss, symbols, good * mean)
        return Measured(samples, curves if loss in wanted else None)

    return measured


def initial(setting: Setting, loss: str) -> float:
    """The population loss of the output 0, on many fresh samples."""
    _, y = setting.stream("before training", 4000, 1, setting.configuration.noise)
    return float(loss_of(loss, y).mean())


def guarantee_curves(
    setting: Setting, loss: str, symbols: dict[str, Any], mean: np.ndarray
) -> Trajectory:
    """Mean loss and guarantee over the number of samples."""
    c = setting.configuration
    T = np.unique(np.geomspace(1, c.steps, 40).round().astype(int))
    claim = registry.claim(GUARANTEES[loss])
    known = {k: v for k, v in symbols.items() if k in claim.variables}
    bound = claim.evaluate({**known, "T": T}, where=np.ones(len(T), dtype=bool)).bound
    spread = mean[T - 1].std(1) / math.sqrt(max(1, c.seeds - 1))
    return Trajectory(
        "step", T, {"loss": mean[T - 1].mean(1), "guarantee": bound,
                    "best": np.full(len(T), symbols["OPT"])},
        errors={"loss": spread},
        labels={"loss": "mean over networks", "guarantee": "guarantee before training",
                "best": "OPT, of the target"},
        axis="samples $T$", quantity=r"mean loss $\sum_t \ell_t/T$",
        title=heading(f"A guarantee without the width, {loss} loss", f"phi = {c.phi}",
                      {"m": 2 * c.pairs, "d": c.dimension, r"\eta": c.step}),
    )  # fmt: skip
