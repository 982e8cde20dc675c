"""(TB3), (TB5) and (TB6), measured: networks on their way, and what was known before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from verify.experiments.kit import Progress
from verify.experiments.trainable_biases.setting import Array, Setting
from verify.judging.sample import Sample
from verify.training.gradient_descent import Network, iterates

OF_PATHS = {"residual", "travel", "fired", "unchanged", "along", "steps"}


@dataclass(frozen=True, eq=False)
class Start:
    """One network (a batch of one) before training, and what follows from it.

    mu, v    eigenvalues (n,) ascending and eigenvectors (n, n) of H_0
    e_0      residual (n,)
    eta      step size
    nu       the smallest share with a certificate; lambda/(4 g) where there is none, at most 1
    rho      how far a neuron travels then, inf where no travel is known
    """

    network: Network
    mu: Array
    v: Array
    e_0: Array
    eta: float
    nu: float
    rho: float

    @property
    def z(self) -> Array:
        """Pre-activations (n, m)."""
        return np.asarray(self.network.Z_0[0])


def certificate(z: Array, lam: float, g: float, norm_X: float, length: float,
                e_0: float) -> tuple[float, float]:  # fmt: skip
    """The least share nu of near neurons that certifies itself, and rho; of z (n, m).

    nu = near(rho(nu))/m from nu = 0 on: both grow, so this finds the least fixed point. Without
    one nu = lambda/(4 g), the share of the theorem at its width.
    """
    m = z.shape[1]
    distances = np.sort(np.abs(z), axis=1)

    def rho(nu: float) -> float:
        mu = lam - 2 * nu * g
        return norm_X * e_0 / (math.sqrt(m) * mu) if mu > 0 else math.inf

    allowed, near = 0, 1
    while near > allowed and (radius := rho(near / m)) < math.inf:
        allowed = near
        near = max(1, *(int(np.searchsorted(row, length * radius, "right")) for row in distances))
    if near <= allowed:
        return allowed / m, radius
    nu = min(max(lam / (4 * g), 1 / m), 1.0)
    return nu, rho(nu)


def started(setting: Setting, purpose: str, count: int, kappa: float | None = None) -> list[Start]:
    c, rows = setting.configuration, setting.rows
    found = []
    scale = c.kappa if kappa is None else kappa
    for part in setting.networks(purpose, count, c.width, scale):
        for i in range(len(part.s)):
            network = Network(part.X, part.Z_0[i : i + 1], part.s[i : i + 1])
            mu, v = np.linalg.eigh(np.asarray(network.H[0]))
            mu = np.where(mu > 1e-13 * mu[-1], mu, 0.0)
            e_0 = np.asarray(network.f_0[0]) - setting.y
            nu, rho = certificate(np.asarray(network.Z_0[0]), float(mu[0]), rows.g, rows.norm,
                                  rows.length, float(np.linalg.norm(e_0)))  # fmt: skip
            eta = c.step / float(mu[-1]) if mu[-1] else 1.0
            found.append(Start(network, mu, v, e_0, eta, nu, rho))
    return found


def known(setting: Setting, start: Start) -> dict[str, Any]:
    """Symbols of one network before training."""
    rows, z, reach = setting.rows, start.z, setting.rows.length * start.rho
    return {
        **setting.shared, "eta": start.eta, "lambda": float(start.mu[0]),
        "Lambda": float(start.mu[-1]), "nu": start.nu, "e_0": float(np.linalg.norm(start.e_0)),
        "near": int((np.abs(z) <= reach).sum(1).max()), "gap": float(np.abs(z).min()),
        "could": (z > -reach).sum(1), "g": rows.g,
        "r": setting.configuration.reduction,
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Path:
    """One network at the steps that are looked at.

    e (K, n), travel (K,), fired (K, n), flips (K,) that differ from the start;
    steps: those until the reduction that is asked for; one more than trained: never
    """

    e: Array
    travel: Array
    fired: Array
    flips: Array
    steps: int


def followed(start: Start, y: Array, steps: int, at: list[int], reduction: float) -> Path:
    """Train for `steps` steps, and look at those in `at`."""
    target, at_start = torch.tensor(y), start.network.Z_0 > 0
    e, travel, fired, flips, needed = [], [], [], [], steps + 1
    size = float(np.linalg.norm(start.e_0))
    for k, now in enumerate(iterates(start.network, target, start.eta, steps)):
        left = np.asarray(now.outputs[0]) - y
        if needed > steps and np.linalg.norm(left) <= reduction * size:
            needed = k
        if k in at:
            e.append(left)
            travel.append(math.sqrt(max(float((now.c * now.d).sum(-2).max()), 0.0)))
            fired.append(np.asarray(now.active[0].sum(-1)))
            flips.append(int((now.active != at_start).sum()))
    return Path(np.array(e), np.array(travel), np.array(fired), np.array(flips), needed)


def checkpoints(steps: int, points: int) -> list[int]:
    """0, 1 and more steps at growing distances, `points` + 1 at most."""
    found = np.geomspace(1, steps, points).round().astype(int)
    return [0, *np.unique(found).tolist()]


def paths(setting: Setting, tell: Progress) -> tuple[dict[str, Sample], list[Path]]:
    """(TB3), (TB5), (TB6): (networks, steps), or (networks, steps, samples); and the paths."""
    c = setting.configuration
    at = checkpoints(c.steps, c.points)
    starts = started(setting, "paths", c.seeds)
    found = []
    for i, start in enumerate(starts):
        found.append(followed(start, setting.y, c.steps, at, c.reduction))
        tell(i + 1, len(starts))
    symbols = [known(setting, start) for start in starts]
    size = [each["e_0"] for each in symbols]

    def along(name: str, axes: int) -> Array:
        return np.array([each[name] for each in symbols]).reshape(-1, *[1] * axes)

    own = ("eta", "lambda", "Lambda", "nu", "e_0", "near", "gap")
    of_steps = {**symbols[0], "k": np.array(at)[None, :], "could": 0,
                **{name: along(name, 1) for name in own}}  # fmt: skip
    of_samples = {**symbols[0], "k": np.array(at)[None, :, None],
                  **{name: along(name, 2) for name in own}}  # fmt: skip
    could = np.array([each["could"] for each in symbols])[:, None, :]
    mu = np.array([start.mu for start in starts])[:, None, :]
    a_0 = np.array([start.v.T @ start.e_0 for start in starts])[:, None, :]
    coordinates = np.array([path.e @ start.v for path, start in zip(found, starts, strict=True)])
    last = {name: np.array([each[name] for each in symbols]) for name in own}
    e = np.linalg.norm([path.e for path in found], axis=-1)
    flips = np.array([path.flips for path in found])
    fired = np.array([path.fired for path in found]).astype(float)
    scale = np.array(size)[:, None]
    samples = {
        "residual": Sample(e, of_steps, trivial=scale, scale=scale),
        "travel": Sample(np.array([path.travel for path in found]), of_steps),
        "fired": Sample(fired, {**of_samples, "could": could}, trivial=float(c.width)),
        "unchanged": Sample(1 - flips / (setting.rows.n * c.width), of_steps),
        "along": Sample(coordinates, {**of_samples, "could": 0, "mu": mu, "a_0": a_0},
                        scale=scale[..., None]),
        "steps": Sample(np.array([float(path.steps) for path in found]),
                        {**symbols[0], "could": 0, **last}, trivial=c.steps + 1.0),
    }  # fmt: skip
    return samples, found
