"""(ST2) to (ST4), measured along gradient descent: sparse and lazy steps beside dense ones."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.subquadratic_training.setting import Array, Setting
from verify.judging.sample import Sample
from verify.training.shifted import (
    Counter,
    Lazy,
    Network,
    dense_last_step,
    dense_step,
    sparse_step,
)

OF_DESCENT = {"sparse", "operations", "operations_dense"}
OF_LAZY = {"lazy", "operations_lazy"}
BLOWN = 1e6
"""Growth of the residual at which descent is stopped."""


def network(setting: Setting) -> Network:
    """The start of all descents."""
    c = setting.configuration
    return Network.drawn(setting.rng("network"), setting.X.shape[1], c.width, c.layers, setting.b)


def compared(setting: Setting, own: tuple[Array, Array], other: tuple[Array, Array],
             e: Array) -> Sample:  # fmt: skip
    """Outputs (T, n) and final weights of two trainers, as one vector.

    The residuals e (T, n) tell how far rounding may have grown.
    """
    size = np.linalg.norm(e, axis=1)
    growth = np.maximum.accumulate(size) / size[0]
    outputs, weights = own
    scales = np.concatenate([
        np.full(outputs.size, np.abs(other[0]).max() + np.abs(setting.y).max()),
        np.full(weights.size, np.abs(other[1]).max()),
    ])  # fmt: skip
    grown = np.concatenate([np.repeat(growth, outputs.shape[1]), np.full(weights.size, growth[-1])])
    return Sample(
        np.concatenate([outputs.ravel(), weights]),
        {"dense": np.concatenate([other[0].ravel(), other[1]]), "grown": grown},
        scale=scales,
    )


def flat(weights: list[Array]) -> Array:
    """All weights as one vector."""
    return np.concatenate([W.ravel() for W in weights])


def above(z: Array, b: float, rho: float, norms: Array) -> Array:
    """Neurons with z > b - rho ||h|| of preactivations z (n, m), (n,)."""
    return np.asarray((z > b - rho * norms[:, None]).sum(1))


def descended(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """All layers, by full products and by those that fire."""
    c, X, y = setting.configuration, setting.X, setting.y
    dense, sparse = network(setting), network(setting)
    first = sparse.weights[0].copy()
    z_0, norms = X @ first.T, np.linalg.norm(X, axis=1)
    f: list[list[Array]] = [[], []]
    fired, costs, near = [], [], []
    for _ in range(c.steps):
        full, few = Counter(), Counter()
        moved = float(np.linalg.norm(sparse.weights[0] - first, axis=1).max())
        near.append(above(z_0, setting.b, moved, norms))
        f[0].append(dense_step(dense, X, y, c.step, full).outputs)
        step = sparse_step(sparse, X, y, c.step, few)
        f[1].append(step.outputs)
        fired.append(step.fired)
        costs.append((few.total, full.total))
        if not np.abs(step.outputs - y).max() <= BLOWN * np.abs(f[1][0] - y).max():
            break
        tell(len(costs), c.steps)
    k = np.array(fired, dtype=np.float64)
    few_total, full_total = np.array(costs, dtype=np.float64).T
    counted = {
        "into": k[:, :-1].sum((1, 2)),
        "blocks": (k[:, 1:] * k[:, :-1]).sum((1, 2)),
        "top": k[:, -1].sum(1),
        "bottom": k[:, 0].sum(1),
        "C_c": c.published_cost,
        "alpha": c.published_gain,
    }
    outputs = [np.array(each) for each in f]
    e = outputs[0] - y
    samples = {
        "sparse": compared(
            setting, (outputs[1], flat(sparse.weights)), (outputs[0], flat(dense.weights)), e
        ),
        "operations": Sample(few_total, {**setting.symbols, **counted}),
        "operations_dense": Sample(full_total, setting.symbols),
        "fired_on_the_way": Sample(k[:, 0], {"near": np.array(near)}),
    }
    return Measured(samples, _curves(setting, e, k))


def _curves(setting: Setting, e: Array, k: Array) -> Trajectory:
    """The residual, and the share that fires in every layer."""
    c = setting.configuration
    t = np.arange(len(e))
    values = {"n": len(setting.X), "m": c.width, "L": c.layers, "c": c.sparsity}
    share = {f"layer_{layer + 1}": k[:, layer].mean(1) / c.width for layer in range(c.layers)}
    panel = Trajectory(
        "step", t, share, labels={name: name.replace("_", " ") for name in share},
        axis="steps $t$", quantity="share of neurons that fire",
        title=heading("neurons that fire", c.data, values),
    )  # fmt: skip
    return Trajectory(
        "step", t, {"residual": np.maximum(np.linalg.norm(e, axis=1), 1e-300)},
        panels=(panel,), labels={"residual": "gradient descent"}, axis="steps $t$",
        quantity=r"$\Vert f_t - y\Vert$", title=heading("shifted ReLUs", c.data, values),
    )  # fmt: skip


def lazily(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """The last layer alone, multiplied out and not."""
    c, y = setting.configuration, setting.y
    dense = network(setting)
    lazy = Lazy(dense, setting.X, c.restart)
    H, start = dense.layers(setting.X)[-2], dense.weights[-1].copy()
    z_0, norms = H @ start.T, np.linalg.norm(H, axis=1)
    f: list[list[Array]] = [[], []]
    fired, costs, near = [], [], []
    for _ in range(c.steps):
        moved = float(np.linalg.norm(lazy.weights - start, axis=1).max())
        near.append(above(z_0, setting.b, moved, norms))
        before = lazy.per_step
        f[0].append(dense_last_step(dense, H, y, c.step, Counter()).outputs)
        step = lazy.step(y, c.step)
        f[1].append(step.outputs)
        fired.append(step.fired[0])
        costs.append(lazy.per_step - before)
        if not np.abs(step.outputs - y).max() <= BLOWN * np.abs(f[1][0] - y).max():
            break
        tell(len(costs), c.steps)
    k = np.array(fired, dtype=np.float64)
    outputs = [np.array(each) for each in f]
    final = flat(dense.weights[-1:])
    samples = {
        "lazy": compared(
            setting, (outputs[1], lazy.weights.ravel()), (outputs[0], final), outputs[0] - y
        ),
        "operations_lazy": Sample(
            np.array(costs, dtype=np.float64), {**setting.symbols, "top": k.sum(1)}
        ),
        "fired_above": Sample(k, {"near": np.array(near)}),
    }
    return Measured(samples)
