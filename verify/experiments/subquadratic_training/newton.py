"""(ST5), (ST6), measured: Gauss-Newton on many networks."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.subquadratic_training.setting import Array, Setting, claim, parts
from verify.judging.sample import TOLERANCE, Sample
from verify.training.gauss_newton import Networks, Path, exactly, gauss_newton, residuals

SHARES = 60
"""Shares of flipping neurons that are tried for the certificate."""

CHUNK = 20
"""Networks that are trained at once."""

FLOOR = 1e-12
"""Shares that are rounding: of an output's summands in residuals, of a neuron in distances."""


def certificate(setting: Setting, nets: Networks, W: Array, path: Path) -> dict[str, Array]:
    """The symbols of (ST5c) by run; the least share for which it holds, else the last tried."""
    known = setting.newton_symbols
    z = np.swapaxes(nets.preactivations(W), 1, 2)
    distance = np.sort(np.abs(z - nets.b))
    lam, runs = path.least[0], np.arange(len(W))
    found = {"lambda": lam, "first": path.first, "e_0": np.linalg.norm(path.errors[0], axis=1)}
    shares = np.concatenate([[0.0], np.geomspace(1 / SHARES**2, 0.999, SHARES)])[:, None]
    tried = {**found, "nu": shares * lam / (3 * known["g"])}
    rho = parts("certificate", {**known, **tried, "t": 0, "close": 0.0})["rho"]
    rho = np.where(np.isfinite(rho), rho, np.inf)
    tried["close"] = np.array([_below(distance[run], rho[:, run]) for run in runs]).T
    holds = claim("certificate").regime({**known, **tried, "t": 0}).holds
    least = np.where(holds.any(0), holds.argmax(0), len(shares) - 1)
    found |= {name: tried[name][least, runs] for name in ("nu", "close")}
    found["sure"] = (z > nets.b - rho[least, runs][:, None, None]).sum(2)
    return found


def _below(distance: Array, rho: Array) -> Array:
    """How many distances, (n, m) and sorted, are at most rho, on the sample with most of them."""
    return np.max([np.searchsorted(row, rho, "right") for row in distance], axis=0)


def rounding(setting: Setting, path: Path) -> Array:
    """The scale of a residual, (T + 1, runs): the sums that cancel, and the linear system's."""
    size = np.linalg.norm(path.errors, axis=2)
    condition = np.divide(
        setting.newton_symbols["g"], path.least, out=np.zeros_like(size), where=path.least > 0
    )
    carried = np.concatenate([np.zeros_like(size[:1]), (condition * size)[:-1]])
    return np.asarray(FLOOR / TOLERANCE["float64"] * (path.scale + carried))


def one_step(setting: Setting, path: Path) -> dict[str, Any]:
    """The symbols of one step, (T, runs)."""
    size = np.linalg.norm(path.errors, axis=2)
    flipped = path.flips.max(2) / setting.configuration.width
    return {**setting.newton_symbols, "nu_t": flipped, "least": path.least[:-1], "e_t": size[:-1]}


def followed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Exact steps: samples (T, runs, n), (T, runs) and (T + 1, runs)."""
    c = setting.configuration
    nets, W = setting.networks("networks", c.networks, c.width)
    path = gauss_newton(nets, W, setting.y, c.steps)
    size, scale = np.linalg.norm(path.errors, axis=2), rounding(setting, path)
    step = one_step(setting, path)
    whole = np.ones_like(path.errors)
    found = certificate(setting, nets, W, path)
    sure = found.pop("sure")
    found["t"] = np.arange(len(size))[:, None]
    certified = setting.newton_symbols | {
        name: np.broadcast_to(value, size.shape) for name, value in found.items()
    }
    entries = setting.newton_symbols | {
        name: value[..., None] * whole for name, value in certified.items() if name in found
    }
    samples = {
        "newton_error": Sample(
            path.errors[1:],
            {**setting.newton_symbols, "kinks": path.kinks, "least": step["least"][..., None]
             * whole[1:]},
            scale=scale[1:, :, None] * whole[1:],
        ),
        "next_error": Sample(size[1:], step, scale=scale[1:], trivial=size[:-1]),
        "certified_error": Sample(
            size, certified, trivial=size[:1] * np.ones_like(size), scale=scale
        ),
        "moved": Sample(
            path.moved, certified, scale=FLOOR / TOLERANCE["float64"] * path.longest
        ),
        "certified_fired": Sample(
            path.fired.astype(np.float64), {**entries, "sure": sure * whole}
        ),
    }  # fmt: skip
    descent = residuals(nets, W, setting.y, c.steps, descending)
    others = np.linalg.norm(descent, axis=2).mean(1)
    return Measured(samples, _curve(setting, size, others, certified))


def descending(K: Array, e: Array) -> Array:
    """In place of K^{-1} e: a step of gradient descent of size 1/||K||."""
    largest = np.linalg.eigvalsh(K)[:, -1:]
    return np.asarray(np.divide(e, largest, out=np.zeros_like(e), where=largest > 0))


def _curve(setting: Setting, size: Array, descent: Array, certified: dict[str, Any]) -> Trajectory:
    """Residuals of the first network that has a certificate, or the first; gradient descent."""
    c, t = setting.configuration, np.arange(len(size))
    holds = np.atleast_1d(claim("certificate").regime(certified).holds.all(axis=0))
    run = int(np.argmax(holds))
    floor = 1e-17
    series = {
        "network": np.maximum(size[:, run], floor),
        "descent": np.maximum(descent, floor),
    }
    if holds[run]:
        at = {name: v[:, run] if np.ndim(v) == 2 else v for name, v in certified.items()}
        series["bound"] = np.maximum(claim("certificate").evaluate(at).bound, floor)
    labels = {
        "network": "Gauss-Newton, one network",
        "bound": "certificate of that network",
        "descent": r"gradient descent, step $1/\Vert K_t\Vert$, mean",
    }
    values = {"n": len(setting.X), "m": c.width, "b": setting.b_newton}
    return Trajectory(
        "step", t, series, labels=labels, axis="steps $t$", quantity=r"$\Vert e_t\Vert$",
        title=heading("Gauss-Newton and gradient descent", c.data, values),
    )  # fmt: skip


def inexact(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(ST6): the system is solved up to a residual in a random direction."""
    c, rng = setting.configuration, setting.rng("residual")
    nets, W = setting.networks("networks", c.networks, c.width)

    def solve(K: Array, e: Array) -> Array:
        u = rng.standard_normal(e.shape)
        u *= np.linalg.norm(e, axis=1, keepdims=True) / np.linalg.norm(u, axis=1, keepdims=True)
        return exactly(K, e + c.residual * u)

    path = gauss_newton(nets, W, setting.y, c.steps, solve)
    size = np.linalg.norm(path.errors[1:], axis=2)
    return Measured({
        "inexact_error": Sample(
            size, one_step(setting, path), scale=rounding(setting, path)[1:]
        )
    })  # fmt: skip


def third(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(ST5e): whether the residual falls by 3 in every step, above rounding, by trial."""
    c, events = setting.configuration, []
    for done in range(0, c.trials, CHUNK):
        nets, W = setting.networks(f"third {done}", min(CHUNK, c.trials - done), c.width)
        path = gauss_newton(nets, W, setting.y, c.steps)
        size = np.linalg.norm(path.errors, axis=2)
        bound = 3.0 ** -np.arange(len(size))[:, None] * np.linalg.norm(setting.y)
        events.append((size <= bound + FLOOR * path.scale).all(0))
        tell(done + len(events[-1]), c.trials)
    return Measured({
        "third": Sample(np.concatenate(events).astype(np.float64), setting.newton_symbols)
    })  # fmt: skip
