"""A configuration made concrete: patches, labels, filters, and what is known before training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from theory.theorems.convolutional_overfitting.symbols import LARGEST
from verify.experiments.convolutional_overfitting.configuration import TRAINING, Configuration
from verify.experiments.convolutional_overfitting.descent import (
    HEADS,
    Path,
    Problem,
    descend,
    preactivations,
)
from verify.judging.seeds import numpy_generator
from verify.problems.data import SOURCES, Held


def framed(X: np.ndarray) -> np.ndarray:
    """The nearest orthogonal patches to X (..., n, d) with the same norms."""
    norms = np.linalg.norm(X, axis=-1, keepdims=True)
    left, _, right = np.linalg.svd(X / norms, full_matrices=False)
    return np.asarray(norms * (left @ right))


def phase_parameter(
    u: np.ndarray, v: np.ndarray, xi_sq: np.ndarray, mu: np.ndarray, members: np.ndarray, q: float
) -> np.ndarray:
    """chi (R, 2) of u (R, n, m), v (R, 2, m); 0 where no v is positive, at most LARGEST."""
    most, signal = u.max(-1), np.maximum(v.max(-1), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(most > 0, 1 / (xi_sq * np.maximum(most, 0) ** (q - 2)), np.inf)
        total = np.where(members, room[:, None], 0.0).sum(-1)
        chi = signal ** (q - 2) * (mu**2)[:, None] * total
    return np.where(signal > 0, np.minimum(chi, LARGEST), 0.0)


def over_largest(x: np.ndarray) -> np.ndarray:
    """x+ over its largest entry along the last axis; 0 where none is positive."""
    most = x.max(-1, keepdims=True)
    return np.maximum(x, 0) / np.where(most > 0, most, 1.0)


@dataclass(frozen=True, eq=False)
class Start:
    """What is known at W_0 of some runs.

    u, v     aligned noise (R, n, m) and signal (R, 2, m)
    N        (R, n); N_top (R, 2)
    weights  ||xi_i||^2 and n_j ||mu||^2 (R, n + 2), with their levels N
    """

    problem: Problem

    @cached_property
    def u(self) -> np.ndarray:
        return self.problem.owned(self.problem.start[1])

    @cached_property
    def v(self) -> np.ndarray:
        return HEADS[:, None] * self.problem.start[0]

    @cached_property
    def N(self) -> np.ndarray:
        q, p = self.problem.q, self.problem
        other = np.maximum(p.owned(p.start[1], own=False), 0) ** q
        back = np.maximum(-self.v, 0) ** q
        back = np.where((p.y > 0)[..., None], back[:, 1, None], back[:, 0, None])
        return np.asarray((other + back).mean(-1))

    @cached_property
    def N_top(self) -> np.ndarray:
        return np.where(self.problem.members(), self.N[:, None], 0.0).max(-1)

    @cached_property
    def counts(self) -> np.ndarray:
        """n_j, (R, 2)."""
        return self.problem.members().sum(-1).astype(np.float64)

    @cached_property
    def weights(self) -> tuple[np.ndarray, np.ndarray]:
        signal = self.counts * (self.problem.mu**2)[:, None]
        return (np.concatenate([self.problem.xi_sq, signal], axis=1),
                np.concatenate([self.N, self.N_top], axis=1))  # fmt: skip

    @cached_property
    def growth(self) -> np.ndarray:
        """The limit of the growth in a step of size 1, (R,)."""
        q, (n, m) = self.problem.q, self.u.shape[1:]
        weight, level = self.weights
        most = (m * np.maximum(level, (q - 2) / q)) ** ((q - 2) / q)
        return np.asarray((q * weight * most / (n * m)).max(-1))

    @cached_property
    def shrink(self) -> np.ndarray:
        """(R,)."""
        p, q, (n, m) = self.problem, self.problem.q, self.u.shape[1:]
        back = self.counts[:, ::-1] * (p.mu**2)[:, None] * np.maximum(-self.v, 0).max(-1) ** (q - 2)
        other = np.maximum(p.owned(p.start[1], own=False), 0).max(-1) ** (q - 2)
        each = np.concatenate([back, p.xi_sq * other], axis=1)
        return np.asarray(p.eta * q * each.max(-1) / (n * m))

    @cached_property
    def chi(self) -> np.ndarray:
        p = self.problem
        return phase_parameter(self.u, self.v, p.xi_sq, p.mu, p.members(), p.q)


@dataclass(frozen=True, eq=False)
class Setting:
    """`problem`: all runs, with steps as large as the growth that is allowed for."""

    configuration: Configuration
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        c, chi = self.configuration, self.start.chi
        text = f"{c.data} noise, n = {c.samples}, d = {c.dimension}, SNR {c.snr:g}"
        return {"problem": text, "chi": f"{chi.min():.3g} to {chi.max():.3g}"}

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("convolutional overfitting", purpose, self.salt)

    @cached_property
    def images(self) -> np.ndarray:
        """Digits, (1797, 64), of the mean square norm asked for."""
        source = SOURCES["digits"]
        assert isinstance(source, Held)
        X = np.asarray(source.load().X, dtype=np.float64)
        return np.asarray(X * self.configuration.noise_norm / np.sqrt((X**2).sum(-1).mean()))

    @property
    def sigma_p_sq(self) -> float:
        c = self.configuration
        return c.noise_norm**2 / (c.dimension - 1)

    def patches(
        self, rng: np.random.Generator, runs: int, count: int, *, held_out: bool = False
    ) -> np.ndarray:
        """Noise (runs, count, d) as it is drawn; nothing along the signal, the last axis."""
        c = self.configuration
        if c.data == "digits":
            order = numpy_generator("convolutional overfitting", "split", self.salt)
            images = self.images[order.permutation(len(self.images))]
            images = images[TRAINING:] if held_out else images[:TRAINING]
            count = min(count, len(images))
            X = np.array([images[rng.permutation(len(images))[:count]] for _ in range(runs)])
        else:
            X = rng.standard_normal((runs, count, c.dimension - 1)) * np.sqrt(self.sigma_p_sq)
        return np.concatenate([X, np.zeros((*X.shape[:-1], 1))], axis=-1)

    def labels(self, samples: int) -> np.ndarray:
        """Clean labels (samples,): class 1 first, none of the classes empty."""
        first = min(max(1, round(self.configuration.balance * samples)), samples - 1)
        return np.where(np.arange(samples) < first, 1.0, -1.0)

    def drawn(self, purpose: str, runs: int, samples: int) -> Problem:
        """Runs with so many samples each; steps of size 1."""
        c, rng = self.configuration, self.rng(purpose)
        X = self.patches(rng, runs, samples)
        clean = self.labels(samples) * np.ones((runs, 1))
        wrong = np.arange(samples) < round(c.flips * samples)
        y = np.where(rng.permuted(np.tile(wrong, (runs, 1)), axis=1), -clean, clean)
        W = rng.standard_normal((runs, 2, c.filters, c.dimension)) * (c.init / c.noise_norm)
        return Problem(
            framed(X) if c.design == "frame" else X, y, clean,
            np.full(runs, c.snr * c.noise_norm), W, c.power, np.ones(runs),
        )  # fmt: skip

    def stepped(self, problem: Problem) -> Problem:
        """The same with steps for the growth that is allowed for."""
        return replace(problem, eta=self.configuration.growth / Start(problem).growth)

    @cached_property
    def problem(self) -> Problem:
        c = self.configuration
        return self.stepped(self.drawn("runs", c.seeds, c.samples))

    @cached_property
    def start(self) -> Start:
        return Start(self.problem)

    @cached_property
    def keep(self) -> list[int]:
        """Checkpoints: W_0, then evenly spaced in the root of the step."""
        c = self.configuration
        at = np.linspace(0, 1, c.points + 1) ** 2 * c.steps
        return sorted({round(k) for k in at} | {c.steps})

    @cached_property
    def path(self) -> Path:
        return descend(self.problem, self.keep)

    @cached_property
    def states(self) -> tuple[np.ndarray, np.ndarray]:
        """<w_jr, mu> (K, R, 2, m) and <w_jr, xi_i> (K, R, 2, m, n) at the checkpoints."""
        return preactivations(self.problem, self.path.W)

    @cached_property
    def held_out(self) -> np.ndarray:
        """Noise patches to test on, (tests, d); of digits as many as there are."""
        return self.patches(self.rng("tests"), 1, self.configuration.tests, held_out=True)[0]

    @cached_property
    def common(self) -> dict[str, Any]:
        """Symbols with one value in all samples."""
        c = self.configuration
        unit = self.problem.X / np.linalg.norm(self.problem.X, axis=-1, keepdims=True)
        cosines = np.abs(unit @ np.swapaxes(unit, -1, -2))
        cosines[:, np.arange(c.samples), np.arange(c.samples)] = 0.0
        return {"q": c.power, "n": c.samples, "m": c.filters, "T": c.steps, "theta": c.learned,
                "K": c.reach, "C": c.constant, "SNR": c.snr, "sigma_p_sq": self.sigma_p_sq,
                "mu_sq": (c.snr * c.noise_norm) ** 2, "cross": float(cosines.max()),
                "flips": round(c.flips * c.samples) / c.samples, "h_0": c.growth,
                "gaussian": int(c.data == "gaussian")}  # fmt: skip


def prepare(configuration: Configuration, salt: str) -> Setting:
    return Setting(configuration, salt)
