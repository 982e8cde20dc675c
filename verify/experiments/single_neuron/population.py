"""(DK2), measured: integrals over the circle, and stationary points made for their labels."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.single_neuron.constant import Point, supremum
from verify.experiments.single_neuron.curves import constants
from verify.experiments.single_neuron.neuron import relu
from verify.experiments.single_neuron.setting import Setting
from verify.judging.sample import Sample

NODES = 32
"""Of Gauss and Legendre on each arc: smooth functions are integrated to rounding."""

NOISES = 16
"""Sizes of the noise."""

ROUNDING = 1e-12
"""Noise that is left over is none below this share."""

EDGE = 1.2
"""Points drawn beyond 1 take all the noise to be stationary."""


@dataclass(frozen=True, eq=False)
class Circle:
    """x uniform on the circle of radius sqrt 2, cut where w or w* = b (1, 0) starts to fire.

    E x x^T = I, and any mean of a function of <w, x> and <w*, x> of degree 2 is that of any
    rotation-invariant law with that covariance, in any dimension. x (N, 2), mass (N,).
    """

    x: np.ndarray
    mass: np.ndarray

    @classmethod
    def cut(cls, theta: float, uneven: float = 0.0) -> Circle:
        """With the density 1 + uneven cos 4 phi: symmetric still, E x x^T = I still."""
        corners = np.array([-0.5, 0.5, -0.5, 0.5]) * math.pi + np.array([0, 0, theta, theta])
        corners = np.sort(corners % (2 * math.pi))
        ends = np.append(corners[1:], corners[0] + 2 * math.pi)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        half = (ends - corners)[:, None] / 2
        phi = (corners[:, None] + half * (nodes + 1)).ravel()
        mass = (half * weights).ravel() / (2 * math.pi) * (1 + uneven * np.cos(4 * phi))
        return cls(math.sqrt(2) * np.stack([np.cos(phi), np.sin(phi)], axis=1), mass)

    def mean(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(values @ self.mass)


def integrals(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """I, Q, V, B at random angles and norms."""
    c, rng = setting.configuration, setting.rng("angles")
    r, theta = 2 * rng.random(c.stationary), math.pi * rng.random(c.stationary)
    rows = []
    for size, angle in zip(r, theta, strict=True):
        circle = Circle.cut(angle, c.uneven)
        z = size * setting.b * (circle.x @ [math.cos(angle), math.sin(angle)])
        s = setting.b * circle.x[:, 0]
        D, gap = z - s, relu(z) - relu(s)
        p = z > 0
        rows.append([gap * p * D, gap**2, p * D**2, s**2 * (p != (s > 0))] @ circle.mass)
    symbols = {"b": setting.b, "r": r, "theta": theta, "uneven": c.uneven}
    scale = setting.b**2 * (1 + r**2)
    found = np.array(rows).T
    names = ("alignment", "gap", "apart", "disagreement")
    return Measured({
        f"mean_{name}": Sample(values, symbols, scale=scale)
        for name, values in zip(names, found, strict=True)
    })  # fmt: skip


def noises(setting: Setting) -> np.ndarray:
    c = setting.configuration
    return np.geomspace(c.calm, c.loud, NOISES)


def points(setting: Setting) -> list[tuple[float, float, Point, float]]:
    """(omega, C, point, share of random labels): of each noise the worst point and others."""
    c, rng = setting.configuration, setting.rng("stationary")
    found = []
    for omega in noises(setting):
        best = supremum(omega)
        found.append((omega, best.value, best, 0.0))
        while len(found) % c.stationary:
            theta, u, share = rng.random(3) * [math.pi / 2, EDGE, 1]
            found.append((omega, best.value, Point.at(omega, theta, min(u, 1.0)), share))
    return found


def labels(circle: Circle, omega: float, point: Point, share: float,
           rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """e (N,) of norm sqrt(omega) for b = 1 that makes the point stationary.

    e = p <2 g, x> and the rest of the norm along what is orthogonal to p x: the worst such
    direction, and a share of another one, drawn.
    """
    x, w = circle.x, point.w
    p, s = x @ w > 0, x[:, 0]
    fire = p[:, None] * x
    worst = np.abs(s) * (p != (s > 0))
    other = rng.normal(size=4) @ [np.ones_like(s), relu(s), x.prod(1), x[:, 1] ** 2]

    def free(f: np.ndarray) -> np.ndarray:
        """Without what p x explains (E p x x^T = I/2), of norm 1."""
        f = f - 2 * fire @ (fire.T @ (circle.mass * f))
        size = math.sqrt(float(circle.mean(f**2)))
        return f / size if size > 1e-12 else 0 * f

    h = free((1 - share) * free(worst) + share * free(other))
    h = h if h.any() else free(other)
    left = omega - 2 * point.g @ point.g
    left = left if left > ROUNDING * omega else 0.0
    return np.asarray(fire @ (2 * point.g) + math.sqrt(left) * h)


def stationary(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """The risk at stationary points, with labels that make them so."""
    c, b, rng = setting.configuration, setting.b, setting.rng("labels")
    rows, all_points = [], points(setting)
    for done, (omega, C, point, share) in enumerate(all_points):
        circle = Circle.cut(point.theta, c.uneven)
        e = labels(circle, omega, point, share, rng)
        z, s = circle.x @ point.w, circle.x[:, 0]
        miss = relu(z) - relu(s) - e
        slope = 2 * np.linalg.norm(((z > 0) * miss * circle.mass) @ circle.x)
        rows.append([circle.mean(e**2), C, point.r, point.theta, slope, circle.mean(miss**2)])
        tell(done + 1, len(all_points))
    opt, C_w, r, theta, slopes, risks = np.array(rows).T
    symbols = {"b": b, "omega": opt, "r": r, "theta": theta, "slope": b * slopes,
               "uneven": c.uneven, "C_w": C_w}  # fmt: skip
    samples = {
        "stationary_risk": Sample(b**2 * risks, symbols, scale=b**2 * (1 + opt)),
        "stationary_opt": Sample(b**2 * opt, symbols, scale=b**2),
    }
    shape = len(noises(setting)), -1
    largest = (risks / opt).reshape(shape).max(axis=1)
    return Measured(samples, constants(setting, noises(setting), largest))
