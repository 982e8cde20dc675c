"""Descent and flow of quadratic networks: gap, weights, and what flow would conserve."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.quadratic_networks.networks import (
    descend,
    flow,
    gradient,
    hessian,
    recursion,
    second_moment,
)
from verify.experiments.quadratic_networks.setting import Setting
from verify.judging.sample import TOLERANCE, Sample

OF_DESCENT = {"gap", "global_gap", "moments", "drift", "size", "least"}
OF_CURVATURE = {"gap_here", "curvature"}

KNOWN = 1e-20 / TOLERANCE["float64"]
"""A gap has errors of 1e-20 of the squared outputs that cancel in it,"""
SUMMED = 1e-14 / TOLERANCE["float64"]
"""sums of residuals times outputs have errors of 1e-14 of them."""

INTEGRATED = 1e-9
"""Relative error of the outputs of a flow."""

FLOW = 1000.0
"""A flow is followed for so many steady steps at most: with a small rate it would take for ever."""


def checkpoints(steps: int, points: int) -> np.ndarray:
    """0, 1 and more steps at growing distances, `points` + 1 at most."""
    found = np.geomspace(1, steps, points).round().astype(int)
    return np.unique(np.concatenate([[0], found]))


def descended(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (points, seeds) along gradient descent; of entries (points, seeds, 2, d, d)."""
    c, data, v, up = setting.configuration, setting.data, setting.v, setting.up
    start, first = setting.at_start, setting.start
    path = descend(first, v, data, start["eta"], checkpoints(c.steps, c.points).tolist())
    W, t = path.W, path.steps
    shape = W.shape[:2]
    plus, minus = W[:, :, :up], W[:, :, up:]
    A, B = (np.swapaxes(one, -1, -2) @ one for one in (plus, minus))
    M = second_moment(W, v)
    S = data.averaged(data.outputs(M) - data.y)
    gap = data.gap(M)
    each = {name: np.broadcast_to(value, shape) for name, value in start.items()}
    symbols = {**setting.symbols, **each, "t": np.broadcast_to(t[:, None], shape)}
    own = {"GW": (gradient(W, v, S) * W).sum((-1, -2)), "SM": (S * data.best).sum((-1, -2))}
    size = data.size(W, v)
    samples = {
        "gap": Sample(gap, symbols | own, scale=SUMMED * size),
        "global_gap": Sample(
            gap, symbols, trivial=start["g_0"] * np.ones(shape), scale=KNOWN * size
        ),
    }
    C = plus @ np.swapaxes(minus, -1, -2)
    moved = {"crossed": path.crossed, "walked": path.walked}
    norms = np.linalg.norm(C, axis=(-1, -2))
    samples["drift"] = Sample(
        np.linalg.norm(C - C[0], axis=(-1, -2)), symbols | moved, scale=1e-4 * norms
    )
    eigenvalues = np.linalg.eigvalsh(np.stack([A, B]))
    samples["size"] = Sample(eigenvalues[..., -1].max(0), symbols)
    samples["least"] = Sample(eigenvalues[..., 0].min(0), symbols, scale=1e-4 * norms)
    if "moments" in wanted and len(t) > 1:
        entries = np.stack([A, B], axis=2)[1:]
        before = recursion(A[0], B[0], c.output, data, start["eta"], t[1:].tolist())
        signs, eta = np.array([1.0, -1.0])[:, None, None], start["eta"][:, None, None, None]
        values = {
            **before,
            "sign": np.broadcast_to(signs, entries.shape),
            "eta": np.broadcast_to(eta, entries.shape),
            "c": c.output,
            "uneven": setting.symbols["uneven"],
        }
        largest = np.abs(entries).max((-1, -2), keepdims=True)
        scale = np.broadcast_to(largest, entries.shape)
        samples["moments"] = Sample(entries, values, scale=scale)
    return Measured(samples, _curve(setting, t, gap))


def _curve(setting: Setting, t: np.ndarray, gap: np.ndarray) -> Trajectory:
    """The gap of the first seed, the mean, and what the certificates say of the first."""
    c = setting.configuration
    floor = 1e-20 * setting.data.size(setting.start, setting.v).max()
    first = {name: value[0] for name, value in setting.at_start.items()}
    claim, symbols = registry.claim("quadratic/global-rate"), {**setting.symbols, **first, "t": t}
    series = {"first_gap": gap[:, 0].clip(floor), "mean_gap": gap.mean(1).clip(floor)}
    if claim.regime(symbols).holds.all():
        series["bound_of_the_first"] = claim.evaluate(symbols).bound
    labels = {
        "first_gap": "first initialisation",
        "mean_gap": "mean over the initialisations",
        "bound_of_the_first": "rate known at the first $W_0$",
    }
    values = {"n": setting.data.n, "d": setting.data.d, "k_+": c.positive, "k_-": c.negative}
    title = heading(f"gradient descent, {c.start} start", c.data, values)
    return Trajectory("step", t, series, labels=labels, axis="steps $t$", title=title,
                      quantity=r"gap $L_t - L^\ast$")  # fmt: skip


def curved(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.2), (Q.3): samples (points, seeds) along gradient descent, with the Hessian at each."""
    c, data, v, up = setting.configuration, setting.data, setting.v, setting.up
    eta = setting.steady(data, setting.start)
    path = descend(setting.start, v, data, eta, checkpoints(c.steps, c.points).tolist())
    W, shape = path.W, path.W.shape[:2]
    lowest, largest = np.empty(shape), np.empty(shape)
    for point, here in enumerate(W):
        found = np.linalg.eigvalsh(hessian(here, v, data))
        lowest[point], largest[point] = found[:, 0], np.abs(found).max(1)
        tell(point + 1, len(W))
    M = second_moment(W, v)
    S = data.averaged(data.outputs(M) - data.y)
    G, gap = gradient(W, v, S), data.gap(M)
    symbols = {
        **setting.symbols,
        "gamma": (-lowest).clip(min=0.0),
        "GW": (G * W).sum((-1, -2)),
        "gap": gap,
    }
    for name, rows in (("plus", slice(up)), ("minus", slice(up, None))):
        symbols[f"sigma_{name}"] = _singular(v[rows, None] * W[:, :, rows], data.d)
        symbols[f"G_{name}"] = _singular(G[:, :, rows], 1)
    loss = gap + data.loss_of_zero - data.gap(np.zeros_like(data.best))
    gaps = Sample(gap, symbols, trivial=loss, scale=SUMMED * data.size(W, v))
    nuclear = setting.symbols["trace_plus"] + setting.symbols["trace_minus"]
    rounding = SUMMED * (largest + 4 * np.abs(v).min() * data.size(W, v) / (nuclear or 1.0))
    curvature = Sample(-lowest, symbols, scale=rounding)
    series = {"first_gap": gap[:, 0], "bound": _certified(symbols)[:, 0]}
    floor = 1e-20 * data.size(setting.start, v).max()
    labels = {"first_gap": "first initialisation", "bound": "certified from gradient and curvature"}
    values = {"n": data.n, "d": data.d, "k_+": c.positive, "k_-": c.negative}
    curve = Trajectory(
        "step", path.steps, {name: each.clip(floor) for name, each in series.items()},
        labels=labels, axis="steps $t$", quantity=r"gap $L_t - L^\ast$",
        title=heading(f"certified gap, {c.start} start", c.data, values),
    )  # fmt: skip
    return Measured({"gap_here": gaps, "curvature": curvature}, curve)


def _certified(symbols: dict[str, Any]) -> np.ndarray:
    """The bound of (Q.2), whether or not there are enough neurons."""
    claim = registry.claim("quadratic/certified-gap")
    return np.asarray(claim.evaluate(symbols, where=np.array(True)).bound)


def _singular(matrices: np.ndarray, number: int) -> np.ndarray:
    """The singular value of that number (1: the largest) of (..., rows, columns); 0 beyond."""
    if min(matrices.shape[-2:]) < number:
        return np.zeros(matrices.shape[:-2])
    s = np.linalg.svd(matrices, compute_uv=False)
    return np.where(s[..., number - 1] > 1e-15 * s[..., 0], s[..., number - 1], 0.0)


def flowed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.14): gaps (points, seeds) of gradient flow, over `horizon` times of the rate."""
    c, data, v, start = setting.configuration, setting.data, setting.v, setting.at_start
    seeds = len(setting.start)
    shared = {"k_plus": c.positive, "k_minus": c.negative}
    gaps, times, scales, ends = [], [], [], _ends(setting)
    for seed in range(seeds):
        t = np.linspace(0, ends[seed], c.points + 1)
        W = flow(setting.start[seed], v, data, t)
        gap, size = data.gap(second_moment(W, v)), data.size(W, v)
        error = 2 * np.sqrt(2 * gap * size) * INTEGRATED + size * INTEGRATED**2
        gaps.append(gap)
        times.append(t)
        scales.append(error / TOLERANCE["float64"])
        tell(seed + 1, seeds)
    values = np.array(gaps).T
    symbols = {**setting.symbols, **shared, "time": np.array(times).T}
    symbols |= {name: np.broadcast_to(each, values.shape) for name, each in start.items()}
    sample = Sample(values, symbols, trivial=start["g_0"] * np.ones(values.shape),
                    scale=np.array(scales).T)  # fmt: skip
    return Measured({"flow_gap": sample})


def _ends(setting: Setting) -> np.ndarray:
    """The last time of the flow of each seed (seeds,)."""
    at, start = setting.symbols, setting.at_start
    longest = FLOW * setting.steady(setting.data, setting.start) / setting.configuration.step
    with np.errstate(all="ignore"):
        mu = (at["norm_M"] + np.sqrt(2 * start["g_0"] / at["t_min"])) / at["c"]
        beta = (mu + np.sqrt(mu**2 + 4 * start["norm_C"] ** 2)) / 2
        rate = 16 * at["c"] ** 2 * at["t_min"] * start["sigma_d"] ** 2 / beta
        wanted = setting.configuration.horizon / rate
    return np.where(wanted < longest, wanted, longest)
