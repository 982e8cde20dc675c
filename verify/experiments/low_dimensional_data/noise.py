"""(LD5), (LD6), measured: noise in the codimension."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.low_dimensional_data.networks import drawn
from verify.experiments.low_dimensional_data.setting import Setting
from verify.judging.sample import Sample
from verify.training.divergence import check_finite
from verify.training.ensemble import Ensemble, train

HIDDEN = 2
NETWORKS = 12
"""Of (LD6), at most."""

POINTS = 20
"""Steps at which (LD6) is looked at, at most."""

LEVELS, MANY = 2.0 ** np.arange(-3.0, 4.0), np.array([0.5, 0.75, 1.0, 1.5, 2.0, 3.0])
"""Noise, and rows, over those of the options, in the picture."""

FEWER = 20
"""Times fewer draws there."""


def rows_on(setting: Setting) -> np.ndarray:
    """x_M of all rows, (n, k)."""
    return setting.X @ setting.P


def expected_labels(setting: Setting) -> np.ndarray:
    """E[y|x], (n,): linear in x_M, or the square of one coordinate."""
    at, inner = setting.configuration, setting.direction("target") @ setting.P
    along = rows_on(setting) @ inner
    return at.norm * (along if at.labels == "linear" else along**2)


def rank(setting: Setting) -> int:
    """Of the x_M, centred where an intercept is fitted."""
    rows = rows_on(setting)
    centred = rows - rows.mean(0) if setting.configuration.intercept else rows
    return int(np.linalg.matrix_rank(centred))


def of_regression(setting: Setting) -> dict[str, Any]:
    """What the claims on least squares speak of."""
    at, rows, labels = setting.configuration, rows_on(setting), expected_labels(setting)
    design = np.column_stack([rows, np.ones(len(rows))]) if at.intercept else rows
    fitted = design @ np.linalg.lstsq(design, labels, rcond=None)[0]
    bent = float(np.abs(labels - fitted).max() / np.abs(labels).max())
    level = at.level or at.init_scale * math.sqrt(setting.q)
    return {
        "n": setting.n, "d": setting.d, "q": setting.q, "tau": at.label_noise, "s_xi": at.noise,
        "sigma": at.init_scale, "intercept": int(at.intercept), "epsilon": level,
        "rank": rank(setting), "C": at.rows_constant, "alpha": at.rows_power,
        "bent": bent if bent > 1e-9 else 0.0,
    }  # fmt: skip


def least_squares(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD5): ||beta_perp||^2 of least squares, (regressions,)."""
    at, values = setting.configuration, of_regression(setting)
    found = regressions(setting, at.noise, at.regressions, "least squares")
    enough = registry.claim("subspace/enough-rows").regime(values).holds
    curve = against_noise(setting) if enough else against_rows(setting)
    return Measured({"least_squares": Sample(found, values)}, curve)


def against_noise(setting: Setting) -> Trajectory:
    """The picture over the noise: where it is below what is never trained, noise helps."""
    at = setting.configuration
    levels = at.noise * LEVELS
    few = max(1, at.regressions // FEWER)
    means = [regressions(setting, s, few, f"picture {s:g}").mean() for s in levels]
    law = [_law(setting, s, setting.n) for s in levels]
    return _crossover(setting, "noise", levels, means, law, "noise $s$ off the subspace")


def against_rows(setting: Setting) -> Trajectory:
    """The picture over the number of rows, with those at hand again and again."""
    at, means = setting.configuration, []
    rows = (setting.n * MANY).astype(int)
    few = max(1, at.regressions // FEWER)
    for count in rows:
        again = np.arange(count) % setting.n
        more = replace(setting, X=setting.X[again], y=setting.y[again])
        means.append(regressions(more, at.noise, few, f"picture {count}").mean())
    law = [_law(setting, at.noise, int(count)) for count in rows]
    return _crossover(setting, "rows", rows, means, law, "rows $n$")


def _law(setting: Setting, s: float, n: int) -> float:
    at = setting.configuration
    free = n - at.intercept - setting.d - 1
    return at.label_noise**2 * setting.q / (s**2 * free) if free > 0 else math.nan


def _crossover(
    setting: Setting, index: str, x: np.ndarray, means: list[float], law: list[float], axis: str
) -> Trajectory:
    at = setting.configuration
    untrained = np.full(len(x), at.init_scale**2 * setting.q)
    found = np.array(means)
    measured = np.where(found > 0, found, np.nan)  # 0 where no solution is the only one
    return Trajectory(
        index, x, {"measured": measured, "law": np.array(law), "untrained": untrained},
        labels={"measured": "mean over draws", "law": r"$\tau^2 q/(s^2(n - d - 1))$",
                "untrained": r"the untrained $\sigma^2 q$: noise helps below it"},
        axis=axis, quantity=r"$\Vert\beta_\perp\Vert^2$",
        title=drawn(setting, "least squares", {"s": at.noise, r"\tau": at.label_noise}),
    )  # fmt: skip


def regressions(setting: Setting, s: float, count: int, purpose: str) -> np.ndarray:
    """||beta_perp||^2 for fresh noise and labels, (count,); 0 where no solution is the only one."""
    at, rng = setting.configuration, setting.rng(purpose)
    labels, found = expected_labels(setting), np.empty(count)
    if setting.n < setting.d + at.intercept or rank(setting) < setting.P.shape[1]:
        return np.zeros(count)  # out of the regime
    for first in range(0, count, 500):
        size = min(500, count - first)
        Xi = rng.standard_normal((size, setting.n, setting.q))
        X = setting.X + s * Xi @ setting.N.T
        y = labels + at.label_noise * rng.standard_normal((size, setting.n))
        if at.intercept:
            X, y = X - X.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
        Q, R = np.linalg.qr(X)
        beta = np.linalg.solve(R, np.einsum("cnd,cn->cd", Q, y)[..., None])[..., 0]
        found[first : first + size] = ((beta @ setting.N) ** 2).sum(1)
    return found


def descent(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD5): one linear layer by descent, X given: (times, regressions)."""
    at, rng = setting.configuration, setting.rng("descent")
    Xi = rng.standard_normal((setting.n, setting.q))
    X = setting.X + at.noise * Xi @ setting.N.T
    beta = at.norm * setting.direction("target")
    shape = (at.regressions, setting.n)
    w = at.init_scale * rng.standard_normal((at.regressions, setting.d))
    y = expected_labels(setting) + at.label_noise * rng.standard_normal(shape)
    S, pull = X.T @ X / setting.n, y @ X / setting.n
    t = np.array(sorted({1, -(-at.steps // 8), at.steps}))
    squares = []
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, int(t[-1]) + 1):
            w = w - at.step * (w @ S - pull)
            if step in t:
                squares.append(((w @ setting.N) ** 2).sum(1))
    check_finite(*squares)
    lam, V = np.linalg.eigh(S)
    values = {
        **of_regression(setting), "t": t, "eta": at.step, "lam": lam.clip(min=0.0),
        "H": V.T @ setting.N @ setting.N.T @ V, "c": V.T @ beta,
    }  # fmt: skip
    return Measured({"descent": Sample(np.array(squares), values)})


def speed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD6): one hidden ReLU layer on noisy rows, (times, networks)."""
    at = setting.configuration
    copies = min(NETWORKS, at.networks)
    Xi = at.noise * setting.rng("speed").standard_normal((setting.n, setting.q))
    start = setting.ensemble("speed", copies, setting.mlp(HIDDEN, "relu"))
    samples, share, t = watched(setting, start, Xi)
    judged, symbols = registry.claim("subspace/kept"), samples["kept_share"].symbols
    bound = judged.evaluate(symbols, where=judged.regime(symbols).holds).bound
    curve = Trajectory(
        "step", t, {"kept": share.mean(1), "bound": bound.mean(1)},
        errors={"kept": share.std(1) / math.sqrt(max(1, copies - 1))},
        labels={"kept": "mean over the networks", "bound": "no less, by the residuals alone"},
        axis="steps $t$",
        quantity=r"kept share $\Vert W_1(t)N\Vert/\Vert W_1(0)N\Vert$",
        title=drawn(setting, "noise off the subspace", {"s": at.noise}),
    )  # fmt: skip
    return Measured(samples, curve)


def watched(
    setting: Setting, start: Ensemble, Xi: np.ndarray
) -> tuple[dict[str, Sample], np.ndarray, np.ndarray]:
    """Samples of networks of one hidden ReLU layer on rows with the noise Xi; shares; times."""
    at, N = setting.configuration, torch.tensor(setting.N)
    X, y = torch.tensor(setting.X + Xi @ setting.N.T), torch.tensor(setting.y)
    t = np.unique([math.ceil(at.steps * i / POINTS) for i in range(1, POINTS + 1)])
    initial = start.W_1 @ N
    norms, active, parts = [], [], [initial]

    def watch(step: int, now: Ensemble, residual: torch.Tensor) -> None:
        W, b, a, _ = now.parameters.values()
        on = (X @ W.mT + b[:, None] > 0).double()
        norms.append(residual.norm(dim=1))
        active.append((on @ (a[:, 0] ** 2)[..., None])[..., 0].amax(1).sqrt())
        if step in t:
            parts.append((W @ N).clone())

    end = train(start, X, y, at.steps, partial(torch.optim.SGD, lr=at.step), watch=watch)
    parts.append(end.W_1 @ N)
    now = torch.stack(parts[1:])
    moved = (now - initial).norm(dim=(-2, -1)).numpy()
    whole = initial.norm(dim=(-2, -1)).numpy()
    share = now.norm(dim=(-2, -1)).numpy() / whole
    e, A = torch.stack(norms).numpy(), torch.stack(active).numpy()
    values = {"eta": at.step, "n": setting.n, "norm_Xi": float(np.linalg.norm(Xi, 2))}
    path = {"path": (e * A).cumsum(0)[t - 1]}
    sums = {
        "residuals": e.cumsum(0)[t - 1], "a_max": np.maximum.accumulate(A)[t - 1],
        "untrained": whole,
    }  # fmt: skip
    check_finite(moved, share, e.cumsum(0), A)
    samples = {
        "moved": Sample(moved, {**values, **path}, scale=whole.max()),
        "kept_share": Sample(share, {**values, **sums}),
    }
    return samples, share, t


def size_of_noise(setting: Setting) -> Sample:
    """(LD6): whether the norm of the noise is as small as it should be, per draw."""
    at, rng = setting.configuration, setting.rng("size")
    values = {"n": setting.n, "q": setting.q, "s_xi": at.noise, "u": at.room}
    limit = at.noise * (math.sqrt(setting.n) + math.sqrt(setting.q) + at.room)
    Xi = at.noise * rng.standard_normal((min(at.regressions, 1000), setting.n, setting.q))
    norms = np.linalg.svd(Xi, compute_uv=False)[:, 0]
    return Sample((norms <= limit).astype(np.float64), values)
