"""A configuration made concrete: Y, the feedback, the start, the step size, and their symbols."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verify.experiments.factorisation_feedback.configuration import Configuration
from verify.judging.seeds import numpy_generator
from verify.problems.whitened import Regression, whitened

ROUNDING = 1e-12
"""Singular values that are a smaller share of the largest are 0."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Y (n, m), feedback C (r, n), a start Z (n, r) and W (r, m), and the step size eta.

    gradient  steps are those of gradient descent, so Z^T carries the error back and not C
    """

    Y: np.ndarray
    C: np.ndarray
    Z: np.ndarray
    W: np.ndarray
    eta: float
    gradient: bool = False

    @property
    def start(self) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray, float]:
        """What the trainers in steps take: Y, C (None: gradient descent), Z, W and eta."""
        return self.Y, None if self.gradient else self.C, self.Z, self.W, self.eta

    @property
    def fastest(self) -> float:
        """A rate of the flow from this start, in units of which steps are small."""
        return largest_rate(self.Y, self.C, self.Z, self.W)

    @cached_property
    def U(self) -> np.ndarray:
        """C Y."""
        return np.asarray(self.C @ self.Y)

    @cached_property
    def modes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """U = A diag(u) B^T without zeros: A (r, modes), u (modes,), B (m, modes)."""
        A, u, Bt = np.linalg.svd(self.U, full_matrices=False)
        kept = u > ROUNDING * u[0]
        return A[:, kept], u[kept], Bt[kept].T

    @cached_property
    def P(self) -> np.ndarray:
        """The projection on the rows of U, (m, m)."""
        B = self.modes[2]
        return np.asarray(B @ B.T)

    @cached_property
    def rank(self) -> int:
        """k."""
        found = np.linalg.svd(self.Y, compute_uv=False)
        return int((found > ROUNDING * found[0]).sum())

    @cached_property
    def symbols(self) -> dict[str, Any]:
        """What claims share; all norms are those of the matrices before training."""
        Y, C, U, (_, u, B) = self.Y, self.C, self.U, self.modes
        floor, Q = Y - Y @ self.P, C @ self.Z
        K = self.W @ self.W.T - Q - Q.T
        size = np.linalg.svd(C, compute_uv=False)
        return {
            "r": len(C), "k": self.rank, "eta": self.eta,
            "u": u, "modes": len(u), "u_max": u[0], "u_min": u[-1],
            "a": ((Y @ B) ** 2).sum(0), "floor_sq": (floor**2).sum(),
            "U_F": norm(U), "U_nuclear": u.sum(), "Y_F": norm(Y), "C_F": norm(C),
            "sigma_U": u[-1] if len(u) == len(C) else 0.0,
            "C_norm": size[0],
            "lambda_C": size[-1] ** 2 if C.shape[0] <= C.shape[1] else 0.0,
            "lift": np.linalg.norm(Y @ np.linalg.pinv(U, ROUNDING), 2),
            "lambda_K": np.linalg.eigvalsh(K)[-1], "K_F": norm(K),
            "W0_sq": norm(self.W) ** 2, "W0_norm": np.linalg.norm(self.W, 2),
            "trQ_0": np.trace(Q), "L_0": norm(Q) ** 2 / 2 - (U * self.W).sum(),
            "D_0": norm(C @ (Y - self.Z @ self.W)), "UW_0": (U * self.W).sum(),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Setting:
    """Y, and feedback for as many hidden units as are ever trained: C (r_max, n)."""

    configuration: Configuration
    Y: np.ndarray
    feedback: np.ndarray
    regression: Regression
    salt: str

    @cached_property
    def problem(self) -> Problem:
        """With the hidden units of the configuration."""
        return self.with_hidden(self.configuration.hidden)

    def with_hidden(self, r: int, rule: str | None = None) -> Problem:
        """The first r units of the feedback; a start that is a function of r and the salt.

        Under another rule, if one is given; gradient descent, which does not leave 0, then has a
        Gaussian start.
        """
        c, C = self.configuration, self.feedback[:r]
        gradient = (rule or c.rule) == "gradient-descent"
        Z, W = np.zeros((len(self.Y), r)), np.zeros((r, self.Y.shape[1]))
        if c.start == "gaussian" or (gradient and c.start == "zero"):
            Z, W = self.gaussian(r)
        elif c.start == "feedback":
            Z = c.start_scale * C.T
        largest = fastest_descent(self.Y, Z, W) if gradient else largest_rate(self.Y, C, Z, W)
        return Problem(self.Y, C, Z, W, c.step / largest, gradient)

    def gaussian(self, r: int, purpose: str = "start") -> tuple[np.ndarray, np.ndarray]:
        """A Gaussian start: Z (n, r) and W (r, m)."""
        rng = numpy_generator("factorisation", purpose, r, self.salt)
        shapes = (len(self.Y), r), (r, self.Y.shape[1])
        Z, W = (self.configuration.start_scale * rng.normal(size=shape) for shape in shapes)
        return Z, W

    def at_start(self, problem: Problem) -> dict[str, float]:
        """zeta, and the distance of the start from zeta C^T."""
        zeta = self.configuration.start_scale if self.configuration.start == "feedback" else 0.0
        return {"zeta": zeta, "start": norm(problem.W) + norm(problem.Z - zeta * problem.C.T)}


def largest_rate(Y: np.ndarray, C: np.ndarray, Z: np.ndarray, W: np.ndarray) -> float:
    """(2 u_max)^{2/3} + ||W||^2 + ||C Z||, in spectral norms."""
    size = (2 * np.linalg.norm(C @ Y, 2)) ** (2 / 3)
    return float(size + np.linalg.norm(W, 2) ** 2 + np.linalg.norm(C @ Z, 2))


def fastest_descent(Y: np.ndarray, Z: np.ndarray, W: np.ndarray) -> float:
    """2 ||Y|| + ||W||^2 + ||Z||^2, in spectral norms: the same for gradient descent."""
    return float(2 * np.linalg.norm(Y, 2) + np.linalg.norm(W, 2) ** 2 + np.linalg.norm(Z, 2) ** 2)


def norm(M: np.ndarray) -> float:
    """Of Frobenius."""
    return float(np.linalg.norm(M))


def norms(M: np.ndarray) -> np.ndarray:
    """Of Frobenius, of each of a stack of matrices."""
    return np.sqrt((M**2).sum((-2, -1)))


def spectrum(name: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Singular values by that name, in descending order; the largest is 1 unless drawn."""
    i = np.arange(count)
    if name == "gaussian":
        return np.sort(np.abs(rng.normal(size=count)))[::-1]
    shapes = {
        "power": 1.0 / (i + 1),
        "geometric": 0.7**i,
        "flat": np.ones(count),
        "spiked": np.where(i == 0, 1.0, 0.1),
    }
    return shapes[name]


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Draw Y, or make it of real data, and the feedback."""
    c, rng = configuration, numpy_generator("factorisation", salt)
    if c.data == "synthetic":
        sigma = c.signal * spectrum(c.spectrum, c.rank, rng)
        left, right = _frame(c.outputs, c.rank, rng), _frame(c.inputs, c.rank, rng)
        Y = (left * sigma) @ right.T
        regression = _isotropic(Y, rng)
    else:
        regression = whitened(c.data, c.inputs)
        Y = c.signal * regression.Y
        regression = Regression(regression.X, c.signal * regression.T)
    units = max(c.hidden, c.largest_rank)
    feedback = c.feedback_scale * _feedback(c.law, units, len(Y), rng)
    return Setting(c, Y, feedback, regression, salt)


def _isotropic(Y: np.ndarray, rng: np.random.Generator) -> Regression:
    """Inputs of covariance I, targets of least squares solution Y, and noise."""
    n, m = Y.shape
    samples = 3 * m
    X = np.sqrt(samples) * _frame(samples, m, rng)
    noise = rng.normal(size=(samples, n))
    return Regression(X, X @ Y.T + noise - X @ (X.T @ noise) / samples)


def _frame(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Orthonormal columns, uniform."""
    Q, R = np.linalg.qr(rng.normal(size=(rows, columns)))
    return np.asarray(Q * np.sign(np.diag(R)))


def _feedback(law: str, units: int, outputs: int, rng: np.random.Generator) -> np.ndarray:
    """C (units, outputs), entries of variance 1; orthonormal rows in blocks of `outputs`."""
    if law == "signs":
        return rng.choice((-1.0, 1.0), (units, outputs))
    if law == "gaussian":
        return rng.normal(size=(units, outputs))
    blocks = [_frame(outputs, outputs, rng).T for _ in range(-(-units // outputs))]
    return np.asarray(np.sqrt(outputs) * np.concatenate(blocks)[:units])
