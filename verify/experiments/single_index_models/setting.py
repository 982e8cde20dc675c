"""A configuration made concrete: beta*, responses, statistics, step size and stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtri

from theory.language.errors import InvalidArgument
from verify.experiments.single_index_models.configuration import GAUSSIAN, Configuration
from verify.experiments.single_index_models.descent import check_steps
from verify.experiments.single_index_models.links import link, moments
from verify.judging.seeds import numpy_generator
from verify.problems.whitened import whitened

CHUNK = 2_000_000
"""Random numbers that are held at a time."""

KURTOSIS = {"gaussian": 0.0, "laplace": 3.0}


@dataclass(frozen=True, eq=False)
class Given:
    """What is conditioned on: index values u (n,) and responses y (n,)."""

    u: np.ndarray
    y: np.ndarray

    @property
    def m(self) -> float:
        return float(np.mean(self.y * self.u))

    @property
    def a(self) -> float:
        return float(np.linalg.norm(self.y)) / len(self.y)

    @property
    def size(self) -> float:
        """The root mean square of the responses."""
        return self.a * math.sqrt(len(self.y))


@dataclass(frozen=True, eq=False)
class Whole:
    """Phi (p,) of paths, and what is behind it.

    X, T      whitened inputs (rows, q) and targets (rows, p/q) of that statistic
    size      root mean square of the responses
    samples   that Phi is a mean of
    weakest   |m| min |b*_j| on the support, 0 where there is no beta*
    origin    what was read, in words
    """

    Phi: np.ndarray
    X: np.ndarray
    T: np.ndarray
    size: float
    samples: int
    weakest: float
    origin: str = ""


@dataclass(frozen=True, eq=False)
class Setting:
    """`beta`: the direction (p,), its support first, <x, beta> of variance 1."""

    configuration: Configuration
    beta: np.ndarray
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        c = self.configuration
        if c.data != GAUSSIAN:
            origin = self.whole.origin or c.data
            return {"problem": f"paths on the whitened {origin}; all else drawn from the model"}
        return {"problem": f"n = {c.samples}, p = {c.dimension}, s = {c.support}, link {c.link}"}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("single index models", purpose, self.salt)

    def entries(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Independent inputs of mean 0 and variance 1."""
        if self.configuration.inputs == "gaussian":
            return rng.standard_normal(shape)
        return rng.laplace(scale=math.sqrt(0.5), size=shape)

    def score(self, x: np.ndarray) -> np.ndarray:
        """S(x) = -(log density)', which makes E y S(x) a multiple of beta* (Stein)."""
        return x if self.configuration.inputs == "gaussian" else math.sqrt(2) * np.sign(x)

    def responses(
        self, rng: np.random.Generator, u: np.ndarray, beside: np.ndarray | float = 1.0
    ) -> np.ndarray:
        """Of index values u, any shape; the noise grows with `beside` where it is tied."""
        c = self.configuration
        laws: dict[str, Callable[[], np.ndarray]] = {
            "gaussian": lambda: rng.standard_normal(u.shape),
            "heavy": lambda: self.heavy(rng, u),
            "student": lambda: rng.standard_t(c.tail, u.shape),
        }
        noise = laws[c.noise_law]()
        if c.tied:
            noise = noise * np.abs(beside)
        y = link(c.link)(u) + c.noise * noise
        return y if c.tau is None else np.clip(y, -c.tau, c.tau)

    def heavy(self, rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
        """Symmetric, P(|noise| > u) = u^-nu."""
        signs = rng.choice((-1.0, 1.0), like.shape)
        return np.asarray(signs * (1 - rng.random(like.shape)) ** (-1 / self.configuration.tail))

    def given(self, purpose: str, samples: int) -> Given:
        """Responses to condition on; InvalidArgument where all are 0."""
        rng = self.rng(f"{purpose} {samples}")
        u = rng.standard_normal(samples)
        y = self.responses(rng, u, rng.standard_normal(samples))
        if not y.any():
            allowed = f"such that some response is not 0 (link {self.configuration.link})"
            raise InvalidArgument("samples", samples, allowed)
        return Given(u, y)

    @cached_property
    def conditioned(self) -> Given:
        return self.given("responses", self.configuration.samples)

    def statistics(self, given: Given, direction: np.ndarray, purpose: str) -> np.ndarray:
        """Phi of fresh inputs with these index values, (draws, p): mean of y_i S(x_i)."""
        draws, rng = self.configuration.draws, self.rng(purpose)
        n, p = len(given.y), len(direction)
        found = np.empty((draws, p))
        for chunk in _chunks(draws, n * p):
            x = self.entries(rng, (len(chunk), n, p))
            x += (given.u - x @ direction)[..., None] * direction
            found[chunk] = np.einsum("n,cnp->cp", given.y, self.score(x)) / n
        return found

    @cached_property
    def root(self) -> np.ndarray:
        """L (p, p) with x = L z, z independent; L L^T is the covariance Sigma of x."""
        c = self.configuration
        return np.asarray(np.linalg.cholesky(covariance(c.dimension, c.correlation)))

    def unmixed(self, Phi: np.ndarray) -> np.ndarray:
        """Phi (..., p) of x, of that of z: S(x) is L^-T S(z)."""
        return Phi @ np.linalg.inv(self.root) if self.configuration.correlation else Phi

    @cached_property
    def Phi(self) -> np.ndarray:
        direction = self.root.T @ self.beta if self.configuration.correlation else self.beta
        return self.unmixed(self.statistics(self.conditioned, direction, "inputs"))

    def fresh(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Chunks of whole data sets: statistics Phi (c, p), m (c,), a (c,)."""
        c, rng = self.configuration, self.rng("fresh")
        for chunk in _chunks(c.draws, c.samples * c.dimension):
            z = self.entries(rng, (len(chunk), c.samples, c.dimension))
            x = z @ self.root.T if c.correlation else z
            u = x @ self.beta
            y = self.responses(rng, u, x[..., -1])
            Phi = np.einsum("cn,cnp->cp", y, self.score(z)) / c.samples
            yield self.unmixed(Phi), (y * u).mean(1), np.linalg.norm(y, axis=1) / c.samples

    @cached_property
    def whole(self) -> Whole:
        """Phi of paths: of one drawn data set, or of whitened real data."""
        c = self.configuration
        if c.data == GAUSSIAN:
            # an orthogonal design with the same Phi: the loss is that of the model
            Phi, root = self.Phi[0], math.sqrt(c.dimension)
            given = self.conditioned
            weakest = abs(given.m) * float(np.abs(self.beta[: c.support]).min())
            return Whole(Phi, root * np.eye(c.dimension), root * Phi[:, None], given.size,
                         c.samples, weakest)  # fmt: skip
        found = whitened(c.data, 10**6, c.target)
        size = math.sqrt(float(np.mean(found.T**2)))
        return Whole(found.Y.ravel(), found.X, found.T, size, len(found.X), 0.0, found.description)

    @cached_property
    def z(self) -> float:
        """lam/a: the normal quantile that no coordinate off the support exceeds, but for delta."""
        c = self.configuration
        return float(-ndtri(c.delta / (2 * (c.dimension - c.support))))

    def stop(self, threshold: float, given: Given) -> tuple[float, int]:
        """The step size, and the steps for which noise below the threshold stays within epsilon."""
        c, eta = self.configuration, self.configuration.step / given.size
        steps = math.log(c.growth / c.alpha**2) / (2 * math.log1p(eta * threshold))
        return eta, check_steps(steps, "step", c.step)

    @property
    def slope(self) -> float:
        """mu*, 0 where there is none."""
        found = moments(self.configuration.link).slope
        return found if math.isfinite(found) else 0.0

    @property
    def drawn(self) -> dict[str, Any]:
        """Values that all claims on drawn data share."""
        c = self.configuration
        return {"kurtosis": KURTOSIS[c.inputs], "tied": int(c.tied), "rho": c.correlation,
                "mu": self.slope, "alpha": c.alpha, "delta": c.delta, "epsilon": c.growth,
                "p": c.dimension, "s": c.support, "n": c.samples, "C": c.constant}  # fmt: skip


def _chunks(count: int, each: int) -> Iterator[range]:
    many = max(1, CHUNK // each)
    for first in range(0, count, many):
        yield range(first, min(first + many, count))


def covariance(p: int, rho: float) -> np.ndarray:
    """rho^|i-j|, (p, p)."""
    at = np.arange(p)
    return np.asarray(rho ** np.abs(at[:, None] - at), dtype=np.float64)


def prepare(configuration: Configuration, salt: str) -> Setting:
    """beta*: sizes in geometric progression, signs that alternate."""
    c = configuration
    beta = np.zeros(c.dimension)
    beta[: c.support] = np.geomspace(c.ratio, 1.0, c.support) * (-1.0) ** np.arange(c.support)
    if c.correlation:
        return Setting(
            c, beta / math.sqrt(beta @ covariance(len(beta), c.correlation) @ beta), salt
        )
    return Setting(c, beta / np.linalg.norm(beta), salt)
