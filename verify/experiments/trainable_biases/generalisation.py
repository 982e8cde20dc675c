"""(TB7) and (TB8), measured: suprema over the class by ascent, and risks of trained networks."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.kit.options import AtMost
from verify.experiments.trainable_biases.setting import Array, Setting
from verify.judging.sample import Sample
from verify.problems.data import SOURCES, Drawn

OF_SIGNS = {"linear", "supremum"}


@dataclass(frozen=True, eq=False)
class Class:
    """Networks near starts z (..., n, m), a (..., m): R for all neurons, R_w for each.

    A change of neuron r is X~^T c_r, c (..., n, m); K (n, n) is X~ X~^T.
    """

    z: Array
    a: Array
    K: Array
    R: float
    R_w: float

    @property
    def m(self) -> int:
        return self.z.shape[-1]

    def direction(self, d: Array, signs: Array) -> Array:
        """The gradient of (1/n) sum_i s_i f(x_i) at pre-activations z + d, as a c."""
        slope = (self.z + d > 0) * self.a[..., None, :]
        return np.asarray(slope * signs[..., None] / (signs.shape[-1] * math.sqrt(self.m)))

    def value(self, d: Array, signs: Array) -> Array:
        """(1/n) sum_i s_i (f - f_0)(x_i)."""
        gain = np.maximum(self.z + d, 0) - np.maximum(self.z, 0)
        f = (gain * self.a[..., None, :]).sum(-1) / math.sqrt(self.m)
        return np.asarray((f * signs).mean(-1))

    def within(self, c: Array) -> Array:
        """Cut down into the class: every neuron to R_w, then all to R."""
        size = self.lengths(c)
        c = c * np.minimum(1, self.R_w / np.maximum(size, 1e-300))[..., None, :]
        total = np.linalg.norm(np.minimum(size, self.R_w), axis=-1)
        return np.asarray(c * np.minimum(1, self.R / np.maximum(total, 1e-300))[..., None, None])

    def lengths(self, c: Array) -> Array:
        """Of the change of every neuron, (..., m)."""
        return np.asarray(np.sqrt(np.maximum((c * (self.K @ c)).sum(-2), 0)))

    def linear(self, signs: Array) -> Array:
        """The supremum of the linear part over all within R."""
        q = self.direction(np.zeros_like(self.z), signs)
        return np.asarray(self.R * np.linalg.norm(self.lengths(q), axis=-1))

    def supremum(self, signs: Array, steps: int) -> Array:
        """The largest value on a path of projected ascent from the best of the linear part."""
        c = np.zeros(np.broadcast_shapes(self.z.shape, (*signs.shape, 1)))
        best = np.zeros(signs.shape[:-1])
        for k in range(steps):
            q = self.direction(self.K @ c, signs)
            size = np.linalg.norm(self.lengths(q), axis=-1)[..., None, None]
            c = self.within(c + (self.R if k == 0 else self.R / 2) * q / np.maximum(size, 1e-300))
            best = np.maximum(best, self.value(self.K @ c, signs))
        return best


def start(setting: Setting, purpose: str, count: int) -> tuple[Array, Array]:
    """Pre-activations (count, n, m) and signs (count, m) of networks at their start."""
    found = list(setting.networks(purpose, count, setting.configuration.width))
    z = np.concatenate([np.asarray(part.Z_0) for part in found])
    a = np.concatenate([np.sign(np.asarray(part.s)) for part in found])
    return z, a


def radii(setting: Setting) -> tuple[float, float]:
    """R and R_w."""
    c = setting.configuration
    return c.radius, c.evenness * c.radius / math.sqrt(c.width)


def drawn_signs(setting: Setting, purpose: str) -> Array:
    shape = (setting.configuration.trials, setting.rows.n)
    return np.asarray(setting.rng(purpose).choice((-1.0, 1.0), shape))


def symbols_of(setting: Setting) -> dict[str, Any]:
    R, R_w = radii(setting)
    return {**setting.shared, "R": R, "R_w": R_w}


def on_signs(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB7): of one start, (trials,)."""
    c, signs = setting.configuration, drawn_signs(setting, "signs")
    z, a = start(setting, "class", 1)
    near = Class(z[0], a[0], setting.rows.tau + setting.rows.G, *radii(setting))
    symbols = {**symbols_of(setting), "p": float((z > 0).mean()), "z": z[0]}
    samples = {"linear": Sample(np.array([float(near.linear(one)) for one in signs]), symbols)}
    if "supremum" in wanted:
        found = []
        for number, one in enumerate(signs):
            found.append(float(near.supremum(one, c.ascents)))
            tell(number + 1, len(signs))
        samples["supremum"] = Sample(np.array(found), symbols)
    return Measured(samples)


def over_starts(setting: Setting) -> Sample:
    """(TB7): signs and starts drawn together, (trials,)."""
    c, signs = setting.configuration, drawn_signs(setting, "signs of starts")
    K, found = setting.rows.tau + setting.rows.G, []
    for number, one in enumerate(signs):
        z, a = start(setting, f"start {number}", 1)
        near = Class(z[0], a[0], K, *radii(setting))
        found.append(float(near.supremum(one, c.ascents)))
    return Sample(np.array(found), symbols_of(setting))


def complexity(z: Array, R: float, R_w: float, tau: int) -> float:
    """The bound of (TB7) on a sample, z (n, m)."""
    n, m = z.shape
    soft = np.maximum(math.sqrt(1 + tau) * R_w - np.abs(z), 0).sum()
    return float(R * math.sqrt((1 + tau) * (z > 0).mean() / n) + soft / (n * math.sqrt(m)))


def population(setting: Setting) -> tuple[Array, Array]:
    """Unit rows (P, d) and targets (P,) that samples are drawn from, with replacement."""
    c = setting.configuration
    most = 1 if c.dimension == 1 else c.dimension if c.data == "orthogonal" else c.population
    rows = AtMost(
        min(c.population, most) if isinstance(SOURCES.get(c.data), Drawn) else c.population
    )
    problem = replace(c, samples=rows).problem(f"{setting.salt}/population")
    return problem.X / np.linalg.norm(problem.X, axis=1, keepdims=True), problem.y


def risks(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB8): a sample of independent rows each, its network trained up to the edge of the class."""
    c, (X, y) = setting.configuration, population(setting)
    R, R_w = radii(setting)
    extended = np.hstack([X, -np.ones((len(X), c.tau))])
    rng, n, m = setting.rng("samples"), setting.rows.n, c.width
    samples, bounds = [], []
    for trial in range(c.trials):
        half = 2 if c.coupled else 1
        W = np.repeat(rng.standard_normal((m // half, X.shape[1])), half, axis=0)
        a = np.tile([1.0, -1.0], m // 2) if c.coupled else rng.choice((-1.0, 1.0), m)
        z = X @ W.T - c.bias
        chosen = rng.integers(0, len(X), n)
        d = trained(extended, z, a / math.sqrt(m), y, chosen, (R, R_w), c.steps, c.step)
        f = np.maximum(z + d, 0) @ a / math.sqrt(m)
        loss = np.minimum(np.abs(f - y), 1.0)
        R_S = complexity(z[chosen], R, R_w, c.tau)
        own = {**symbols_of(setting), "mean_loss": float(loss[chosen].mean()), "R_S": R_S}
        samples.append(Sample(np.array([loss.mean()]), own, trivial=1.0))
        bounds.append(own["mean_loss"] + 2 * R_S + 3 * math.sqrt(math.log(2 / c.delta) / (2 * n)))
        tell(trial + 1, c.trials)
    notes = {"risk": {"measured": float(np.mean([s.values for s in samples])),
                      "bound": float(np.mean(bounds))}}  # fmt: skip
    return Measured({"risk": samples}, notes=notes)


def trained(X: Array, z: Array, s: Array, y: Array, chosen: Array, radii: tuple[float, float],
            steps: int, step: float) -> Array:  # fmt: skip
    """Changes (P, m) of pre-activations z (P, m): descent on chosen rows, while in the class."""
    own, target, at = X[chosen], y[chosen], z[chosen]
    D = (at > 0) * s
    top = float(np.linalg.norm((D @ D.T) * (own @ own.T), 2))
    eta, moved = step / top if top else 1.0, np.zeros((len(s), X.shape[1]))
    for _ in range(steps):
        now = at + own @ moved.T
        e = np.maximum(now, 0) @ s - target
        new = moved - eta * ((now > 0) * s * e[:, None]).T @ own
        lengths = np.linalg.norm(new, axis=1)
        if np.linalg.norm(lengths) > radii[0] or lengths.max() > radii[1]:
            break
        moved = new
    return np.asarray(X @ moved.T)
