"""A configuration made concrete: the networks, and the points that they are asked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.kit import Trajectory
from verify.experiments.network_identification.configuration import Configuration
from verify.experiments.network_identification.networks import (
    ACTIVATIONS,
    WORST,
    Networks,
    Oracle,
    differences,
    inside,
    subspace,
)
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem


@lru_cache(maxsize=4)
def principal(name: str, dimension: int) -> np.ndarray:
    """All rows of real data, centred, in their leading principal directions (rows, D)."""
    held = load_problem(
        name, samples={"digits": 1797, "diabetes": 442}[name], rescale=False, bounded=False,
        distinct=False, rng=numpy_generator(name),
    )  # fmt: skip
    X = held.X - held.X.mean(0)
    Vt = np.linalg.svd(X, full_matrices=False)[2]
    return np.asarray(X @ Vt[:dimension].T)


@dataclass(frozen=True, eq=False)
class Setting:
    configuration: Configuration
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        c = self.configuration
        words = {"sphere": "uniform on the sphere", "axes": "along the axes"}
        return {"weights": words.get(c.teacher, f"rows of {c.teacher}, centred")}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator(purpose, self.salt)

    def teachers(self, purpose: str, count: int, m: int, D: int) -> Networks:
        """Networks by the options."""
        c, rng = self.configuration, self.rng(purpose)
        if c.teacher == "axes":
            W = np.broadcast_to(np.eye(D)[:m], (count, m, D)).copy()
        elif c.teacher == "sphere":
            W = rng.standard_normal((count, m, D))
        else:
            rows = principal(c.teacher, D)
            if m > len(rows):
                allowed = f"at most {len(rows)}, the rows of {c.teacher}"
                raise InvalidArgument("neurons", m, allowed)
            W = rows[np.array([rng.choice(len(rows), m, replace=False) for _ in range(count)])]
        W /= np.linalg.norm(W, axis=-1, keepdims=True)
        tau = rng.uniform(-c.bias, c.bias, (count, m))
        return Networks(W, tau, *ACTIVATIONS[c.activation])

    @cached_property
    def networks(self) -> Networks:
        c = self.configuration
        return self.teachers("networks", c.networks, c.neurons, c.dimension)

    def oracle(self, networks: Networks, purpose: str) -> Oracle:
        return Oracle(networks, self.configuration.noise, self.rng(f"noise of {purpose}"))

    def inputs(self, networks: Networks, purpose: str) -> np.ndarray:
        """Points (B, N, D) at which Hessians are taken."""
        c, count = self.configuration, len(networks.W)
        if c.points == "worst":
            t = WORST / networks.b - networks.tau
            x = (np.linalg.pinv(networks.W) @ t[..., None])[..., 0]
            return np.asarray(np.repeat(x[:, None], c.N, axis=1))
        return self.rng(f"points of {purpose}").standard_normal((count, c.N, networks.D))

    @cached_property
    def hessians(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points, Hessians there, and approximate ones."""
        X = self.inputs(self.networks, "hessians")
        oracle = self.oracle(self.networks, "hessians")
        return X, self.networks.hessians(X), differences(oracle, X, self.configuration.eps)

    @cached_property
    def span(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """P^ as U (B, m, D^2), its s_m (B,), and the span of the w_k w_k^T."""
        m = self.networks.rank
        found, s = subspace(self.hessians[2], m)
        true, _ = subspace(self.networks.squares, m)
        s_m = s[:, m - 1] if s.shape[1] >= m else np.zeros(len(s))
        return found, s_m, true

    @property
    def theta(self) -> np.ndarray:
        """||P^ - P|| (B,)."""
        found, _, true = self.span
        return sine(found, true)

    @property
    def symbols(self) -> dict[str, Any]:
        """What claims on finite differences share; S varies with the network."""
        c, nets = self.configuration, self.networks
        return {"D": nets.D, "m": nets.m, "N": c.N, "a": nets.a, "b": nets.b, "eps": c.eps,
                "nu": c.noise, "S": nets.spread}  # fmt: skip


def alone(panel: Trajectory) -> Trajectory:
    """A panel of the picture, where there may be others."""
    return Trajectory("point", np.arange(2.0), {}, panels=(panel,))


def sine(U: np.ndarray, V: np.ndarray) -> np.ndarray:
    """||P_U - P_V|| (B,): of equal dimensions the largest of those from U to V; else 1."""
    if U.shape[1] != V.shape[1]:
        return np.ones(len(U))
    return np.asarray(np.linalg.norm(U - inside(V, U), 2, axis=(1, 2)))


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Nothing is computed yet; the sizes of real data are checked."""
    setting = Setting(configuration, salt)
    _ = setting.networks
    return setting
