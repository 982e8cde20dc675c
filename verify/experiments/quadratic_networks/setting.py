"""A configuration made concrete: inputs, targets, output weights, initial weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.kit.options import AtMost
from verify.experiments.quadratic_networks.configuration import Configuration
from verify.experiments.quadratic_networks.networks import Data, second_moment
from verify.judging.seeds import numpy_generator

SHRINK, LEFT = 1.3, 0.9
"""The step size falls by the one until lo/sigma_d and br are at least the other."""

STEADY = 0.25
"""Steps of which no theorem speaks, as a share of the inverse curvature."""

LONGEST = 200
"""Times that it may fall."""


@dataclass(frozen=True, eq=False)
class Setting:
    """The data and the output weights v (k,), the positive ones first.

    problem  the data in words
    """

    configuration: Configuration
    data: Data
    v: np.ndarray
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        return {"problem": self.problem}

    @property
    def up(self) -> int:
        """k_+."""
        return self.configuration.positive

    @property
    def symbols(self) -> dict[str, Any]:
        """The values that claims on quadratic networks share."""
        c, data = self.configuration, self.data
        t_min, t_max, _ = data.spectrum
        eigenvalues = np.linalg.eigvalsh(data.best)
        size, plus, minus = np.abs(self.v), self.v[: self.up], -self.v[self.up :]
        return {
            "n": data.n, "d": data.d, "k_plus": c.positive, "k_minus": c.negative,
            "v_plus": float(plus.min()) if len(plus) else c.output,
            "v_minus": float(minus.min()) if len(minus) else c.output,
            "uneven": float(size.max() / size.min()) - 1, "c": c.output,
            "t_min": t_min, "t_max": t_max,
            "trace_plus": float(eigenvalues.clip(min=0).sum()),
            "trace_minus": float((-eigenvalues).clip(min=0).sum()),
            "norm_M": float(np.abs(eigenvalues).max()),
        }  # fmt: skip

    def weights(self, purpose: str, count: int) -> np.ndarray:
        """W_0 (count, k, d), by the option `start`."""
        c, d = self.configuration, self.data.d
        rng = numpy_generator(purpose, self.salt)
        drawn = rng.standard_normal((count, c.neurons, d))
        if c.start == "orthonormal":
            if c.positive < d:
                allowed = f"at least {d}, the dimension, for the start is {c.start}"
                raise InvalidArgument("positive", c.positive, allowed)
            drawn[:, : self.up] = np.linalg.qr(drawn[:, : self.up])[0]
        if c.start in ("coupled", "orthonormal"):
            drawn[:, self.up :] = drawn[:, : self.up]
        if c.start == "saddle":
            drawn[:, 1 : self.up] = drawn[:, self.up + 1 :] = 0.0
        return c.init_scale * drawn

    @cached_property
    def start(self) -> np.ndarray:
        """The weights (seeds, k, d) that are followed."""
        return self.weights("start", self.configuration.seeds)

    @cached_property
    def at_start(self) -> dict[str, np.ndarray]:
        """g_0, sigma_d, norm_C and the step size eta, (seeds,)."""
        W, d = self.start, self.data.d
        plus, minus = W[:, : self.up], W[:, self.up :]
        C = plus @ np.swapaxes(minus, 1, 2)
        s = np.zeros((len(W), max(d, *C.shape[1:])))
        if C.size:
            found = np.linalg.svd(C, compute_uv=False)
            s[:, : found.shape[1]] = found
        first: dict[str, np.ndarray] = {
            "g_0": self.data.gap(second_moment(W, self.v)),
            "sigma_d": np.where(s[:, d - 1] > 1e-13 * s[:, 0], s[:, d - 1], 0.0),
            "norm_C": s[:, 0],
        }
        rows = zip(*first.values(), W, strict=True)
        steps = [self._step(float(g), float(s_d), float(C), one) for g, s_d, C, one in rows]
        return {**first, "eta": self.configuration.step * np.array(steps)}

    def steady(self, data: Data, W: np.ndarray) -> np.ndarray:
        """Step sizes (trials,) for which no theorem is asked: a share of 1/curvature."""
        largest = float(np.abs(self.v).max())
        best = np.linalg.norm(data.best, 2, axis=(-2, -1))
        size = np.maximum(np.linalg.norm(W, 2, axis=(1, 2)) ** 2, best / largest)
        return STEADY * self.configuration.step / (4 * largest**2 * data.spectrum[1] * size)

    def _step(self, g_0: float, sigma_d: float, norm_C: float, W: np.ndarray) -> float:
        """The largest step size, up to the factor SHRINK, that leaves most of lo and br.

        Where t_min = 0 or sigma_d = 0 there is no bound of the weights: their present size is
        taken for it.
        """
        at = self.symbols
        c, t_min, t_max = float(np.abs(self.v).max()), at["t_min"], at["t_max"]
        r = math.sqrt(2 * t_max * g_0)
        mu = (at["norm_M"] + (math.sqrt(2 * g_0 / t_min) if t_min else 0.0)) / c
        size = float(np.linalg.norm(W, 2) ** 2)
        eta = 1.0 / (c * r + 4 * c**2 * t_max * max(mu, norm_C, size))
        for _ in range(LONGEST):
            hi = norm_C + eta * g_0
            beta = max((mu + math.sqrt(mu**2 + 4 * hi**2)) / 2, 0.0 if t_min else size)
            br = 1 - eta * c * r - 4 * eta * c**2 * t_max * beta * (1 + eta * c * r) ** 2
            if br >= LEFT and (eta * g_0 <= (1 - LEFT) * sigma_d or not sigma_d):
                break
            eta /= SHRINK
        return eta


def inputs(configuration: Configuration, salt: str) -> tuple[np.ndarray, np.ndarray, str]:
    """X (n, d), y (n,) and words: of the problem, on its leading principal directions if asked."""
    problem = configuration.problem(salt, nonzero=True)
    X, features = problem.X, configuration.features
    if features is not None:
        if features > X.shape[1]:
            allowed = f"at most {X.shape[1]}, the dimension of the inputs"
            raise InvalidArgument("features", features, allowed)
        X = X @ np.linalg.svd(X, full_matrices=False)[2][:features].T
    return X, problem.y, problem.description


def resized(configuration: Configuration, samples: int) -> Configuration:
    """With another number of rows, or all that a source holds; on a line there is one."""
    d = configuration.dimension
    most = 1 if d == 1 else d if configuration.data == "orthogonal" else samples
    return replace(configuration, samples=AtMost(min(samples, most)))


def output_weights(configuration: Configuration) -> np.ndarray:
    """v (k,): up to c (1 + uneven), from c (positive) and from c (1 + uneven/3) (negative)."""
    c = configuration

    def side(count: int, first: float) -> np.ndarray:
        return c.output * (1 + c.uneven * np.linspace(first, 1, count))

    return np.concatenate([side(c.positive, 0.0), -side(c.negative, 1 / 3)])


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data; nothing is trained."""
    X, y, words = inputs(configuration, salt)
    if configuration.labels == "bottom":
        data = Data(X, y)
        if not data.spectrum[0]:
            allowed = "given, for T has the eigenvalue 0, as with fewer than d(d+1)/2 samples"
            raise InvalidArgument("labels", configuration.labels, allowed)
        theta = np.linalg.eigh(data.F.T @ data.F)[1][:, 0]
        y = configuration.target_scale * data.F @ theta
    return Setting(configuration, Data(X, y), output_weights(configuration), salt, words)
