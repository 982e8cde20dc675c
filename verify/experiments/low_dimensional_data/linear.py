"""(LD4), (LD7), measured: linear networks of two layers and of many."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.low_dimensional_data.networks import drawn
from verify.experiments.low_dimensional_data.setting import Setting
from verify.judging.sample import Sample
from verify.training import chains
from verify.training.divergence import check_finite

SIZES = (1, 2, 4)
"""Of the limits of small steps: so many times the steps per unit of time."""

COPIES = 24
"""Chains of a limit, at most; Student's t is trusted from 20 on."""

DEPTHS, NORMS = (2, 3, 4, 5), (0.5, 1.0, 2.0)
"""Of the picture."""

TOWARD = 1.5
"""How far chains start towards the target: away from it they take long."""

LARGE = 0.4
"""Size of the layers at the start, in the picture: deep chains leave the origin soon."""

LONGEST, SETTLED = 30_000, 200_000
"""Steps until which a chain is waited for."""

SPREAD = 2.0 ** np.arange(3)
"""Sizes at the start that an escape is timed from, over that of the options."""


def two_layers(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD4), one hidden layer: (times, networks, ...)."""
    at, rng = setting.configuration, setting.rng("two layers")
    S = setting.X.T @ setting.X / setting.n
    beta = at.norm * setting.direction("target")
    W = at.start * rng.standard_normal((at.networks, at.width, setting.d))
    a = at.start * rng.standard_normal((at.networks, at.width))
    t = np.array(at.times)
    path = chains.two_layers(W, a, S, beta, at.step, t)
    kept = _balance(path.W, path.a, setting.P)
    first = _balance(W, a, setting.P)
    check_finite(kept)
    eigenvalues = np.linalg.eigvalsh(first + at.step**2 * path.drift)
    reached = np.einsum("tsm,tsmd->tsd", path.a, path.W) @ setting.P
    size = (path.W**2).sum((-1, -2)) + (path.a**2).sum(-1) + at.step**2 * path.squares
    check_finite(kept, size, reached**2)
    values = {
        "k_min": eigenvalues[..., 0], "k_max": eigenvalues[..., -1],
        "beta_sq": (reached**2).sum(-1),
    }  # fmt: skip
    entries = {"K_0": first, "eta": at.step, "drift": path.drift}
    return Measured({
        "balance": Sample(kept, entries, scale=size[..., None, None]),
        "outer_weights": Sample((path.a**2).sum(-1), values, scale=size),
    })  # fmt: skip


def _balance(W: np.ndarray, a: np.ndarray, P: np.ndarray) -> np.ndarray:
    """K = (W P)(W P)^T - a a^T."""
    inside = W @ P
    return inside @ np.swapaxes(inside, -1, -2) - a[..., :, None] * a[..., None, :]


def chain(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD4), a chain from any start, (times, networks)."""
    at, rng = setting.configuration, setting.rng("chain")
    beta = at.norm * setting.direction("target")
    w = at.start * rng.standard_normal((at.networks, setting.d))
    a = at.start * rng.uniform(1.0, 2.0, at.networks)
    t = np.array(at.times)
    S = setting.X.T @ setting.X / setting.n
    path = chains.chain(w, a, at.layers, S, beta, at.step, t)
    map_ = path.a[..., None] ** (at.layers - 1) * path.w
    inside = ((map_ @ setting.P) ** 2).sum(-1)
    values = {
        "transversal": np.linalg.norm(map_ @ setting.N, axis=-1),
        "perp": np.linalg.norm(w @ setting.N, axis=-1),
        "delta_0": ((w @ setting.P) ** 2).sum(-1) - a**2,
        "drift": path.drift, "eta": at.step, "L": at.layers,
    }  # fmt: skip
    size = (path.w**2).sum(-1) + path.a**2 + at.step**2 * path.squares
    size = size * (1 + np.linalg.norm(path.w, axis=-1) / values["perp"])  # w_perp is beside w_M
    return Measured({"chain": Sample(inside, values, scale=path.a ** (2 * at.layers - 2) * size)})


def depth(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD4), balanced chains at their end, for smaller and smaller steps: (sizes, chains)."""
    at = setting.configuration
    copies = min(COPIES, at.networks)
    sizes = math.ceil(1 / at.step) * np.array(SIZES)
    runs = [(at.layers, at.norm, int(size)) for size in sizes]
    rows = balanced(setting, runs, copies, at.start)
    values = {
        "N": sizes,
        "L": at.layers,
        "B": at.norm,
        "delta_0": 0.0,
        "lam_max": float(np.linalg.norm(setting.X, 2) ** 2 / setting.n),
    }
    if not all(map(len, rows)):
        return Measured.outside(wanted, f"chains at rest are needed: not after {SETTLED} steps")
    series: dict[str, np.ndarray] = {}
    labels: dict[str, str] = {}
    pictured = [(L, norm, int(sizes[0])) for norm in NORMS for L in DEPTHS]
    ends = [end[0] if len(end) else np.nan for end in balanced(setting, pictured, 1, LARGE)]
    for norm, found in zip(NORMS, np.reshape(ends, (len(NORMS), -1)), strict=True):
        law = rf"$\Vert\beta\Vert^{{(L-1)/L}}$, $\Vert\beta\Vert = {norm:g}$"
        series[f"norm {norm:g}"] = found
        series[f"law {norm:g}"] = norm ** (1 - 1 / np.array(DEPTHS))
        labels |= {f"norm {norm:g}": rf"descent, $\Vert\beta\Vert = {norm:g}$",
                   f"law {norm:g}": law}  # fmt: skip
    tell(1, 1)
    curve = Trajectory(
        "layers", np.array(DEPTHS, dtype=np.float64), series, labels=labels, axis="layers $L$",
        errors={f"norm {norm:g}": np.zeros(len(DEPTHS)) for norm in NORMS},
        quantity=r"$\Vert N^\top\nabla f\Vert/\Vert w_\perp(0)\Vert$",
        title=drawn(setting, "linear chains", {r"\eta": at.step}),
    )  # fmt: skip
    return Measured({"transversal_of_chain": Sample(np.array(rows), values)}, curve)


def balanced(
    setting: Setting, runs: list[tuple[int, float, int]], copies: int, start: float
) -> list[np.ndarray]:
    """||N^T grad f||/||w_perp(0)|| of balanced chains at rest, (copies,); none: too slow.

    runs  layers, norm of the target, and steps per unit of time of each
    """
    at, rng = setting.configuration, setting.rng("balanced")
    target = setting.direction("target")
    toward = rng.standard_normal((copies, setting.P.shape[1])) @ setting.P.T
    toward = toward / np.linalg.norm(toward, axis=1)[:, None] + TOWARD * target
    w = start * toward / np.linalg.norm(toward, axis=1)[:, None]
    w = w + at.init_scale * rng.standard_normal((copies, setting.q)) @ setting.N.T
    S = setting.X.T @ setting.X / setting.n
    L, norms, per_time = (np.array(each) for each in zip(*runs, strict=True))
    w_end, a_end, rested = chains.settle(
        np.tile(w, (len(runs), 1, 1)), np.full((len(runs), copies), start), L, S,
        norms[:, None] * target, 1 / per_time, SETTLED,
    )  # fmt: skip
    across = (a_end ** (L[:, None] - 1))[:, :, None] * w_end @ setting.N
    found = np.linalg.norm(across, axis=2) / np.linalg.norm(w @ setting.N, axis=1)
    return [row if done else row[:0] for row, done in zip(found, rested, strict=True)]


def escapes(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD7): times from several starts, and for smaller and smaller steps."""
    at = setting.configuration
    values: dict[str, Any] = {"L": at.layers, "s_sq": at.variance, "beta": at.norm}
    largest = 0.99 * (at.norm / 2) ** (1 / at.layers)
    starts = np.minimum(at.start / SPREAD, largest)
    sizes = math.ceil(1 / at.step) * np.array(SIZES)

    def timed(from_: np.ndarray, per_time: int) -> np.ndarray:
        steps = chains.escape(from_, at.layers, at.variance, at.norm, 1 / per_time, LONGEST)
        return steps / per_time

    samples: dict[str, Sample] = {}
    notes, unmeasured = {}, {}
    times = timed(starts, int(sizes[0]))
    gone = np.isfinite(times)
    if gone.any():
        own = {**values, "start": starts[gone], "c_1": at.c_1, "c_2": at.c_2}
        samples["escape_time"] = Sample(times[gone], own)
    else:
        unmeasured["escape_time"] = f"no chain escapes in {LONGEST} steps"
    if not gone.all():
        notes["escape"] = f"{(~gone).sum()} chains near the origin after {LONGEST} steps"
    if "escape_times" in wanted:
        limit = np.array([timed(starts[:1], int(size)) for size in sizes])
        if np.isfinite(limit).all():
            at_limit = {**values, "start": float(starts[0]), "N": sizes}
            samples["escape_times"] = Sample(limit, at_limit, deterministic=True)
        else:
            unmeasured["escape_times"] = f"some chain does not escape in {LONGEST} steps"
    return Measured(samples, notes=notes, unmeasured=unmeasured)
