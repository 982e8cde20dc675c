"""Bias and variance given the design, and their certificates (RO.1) to (RO.8), measured."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.ridge_overfitting.setting import Setting
from verify.judging.sample import Sample
from verify.training import ridge

OF_DIRECTIONS = {"variance_of_direction", "bias_of_direction", "leverage"}
OF_HEADS = {"variance_head", "variance_tail", "variance", "bias_head", "bias_tail", "bias"}

LEFT_OUT = 6
"""Directions that are left out in turn."""

ROUNDED = 1e-5
"""Numbers have errors of some 1e-14 of the condition number of A; the tolerance is 1e-9."""

TINY = 1e-300
"""In denominators that may be 0."""

SINGULAR = 1e-9
"""Below this share of the largest eigenvalue the least is 0: nothing is known of its inverse."""


@dataclass(frozen=True, eq=False)
class Designs:
    """Z (designs, n, p), lam, the extreme eigenvalues of A, and a ridge to compute with.

    safe is lam but where A is not positive definite: there no claim speaks, and nothing may fail.
    """

    Z: np.ndarray
    lam: np.ndarray
    low: np.ndarray
    high: np.ndarray
    safe: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """What rounding takes, (designs,): relative, over the tolerance."""
        return ROUNDED * self.high / np.where(self.low > 0, self.low, self.high)


def designs(setting: Setting) -> Designs:
    """The designs of all claims that are made of them."""
    at, pop = setting.configuration, setting.population
    Z = pop.draw(setting.rng("designs"), at.designs, setting.n)
    X = Z * np.sqrt(pop.l)
    of_gram = np.linalg.eigvalsh(X @ X.swapaxes(1, 2))
    of_gram = np.where(of_gram > SINGULAR * of_gram[:, -1:], of_gram, 0.0)
    lam = at.ridge * (pop.l.sum() if at.ridge >= 0 else of_gram[:, 0])
    lam = np.broadcast_to(lam, at.designs)
    low, high = of_gram[:, 0] + lam, of_gram[:, -1] + lam
    low = np.where(low > SINGULAR * high, low, np.minimum(low, 0.0))
    return Designs(Z, lam, low, high, np.where(low > 0, lam, high))


def by_direction(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(RO.1) to (RO.3): samples (designs, p), and (designs, directions left out)."""
    l, theta = setting.population.l, setting.population.theta
    found = designs(setting)
    Z, safe = found.Z, found.safe
    X = Z * np.sqrt(l)
    W = ridge.smoother(X, safe)
    h = ridge.leverages(X, W)
    lost, shape = found.lost[:, None], h.shape
    own = {"a_min": np.broadcast_to(found.low[:, None], shape), "h": h}
    V, z_sq = ridge.variances(W, l), (Z**2).sum(1)
    B = ridge.mean_biases(X, W, l, theta**2)
    samples = {
        "variance_of_direction": Sample(V, {**own, "z_sq": z_sq}, scale=lost * V),
        "bias_of_direction": Sample(
            B,
            {**own, "l_i": np.broadcast_to(l, shape), "theta_i": np.broadcast_to(theta, shape)},
            scale=lost * (l * theta**2),
        ),
    }
    if "leverage" in wanted:
        left = np.unique(np.linspace(0, len(l) - 1, LEFT_OUT).astype(int))
        A = X @ X.swapaxes(1, 2) + safe[:, None, None] * np.eye(setting.n)
        q, rest = np.empty((2, len(X), len(left)))
        for column, i in enumerate(left):
            x = X[:, :, i]
            d, U = np.linalg.eigh(A - x[:, :, None] * x[:, None, :])
            size = np.abs(d)
            rest[:, column] = size.min(1) / size.max(1).clip(min=TINY)
            inverse = 1 / np.where(size > SINGULAR * size.max(1, keepdims=True), d, np.inf)
            q[:, column] = ((U.swapaxes(1, 2) @ Z[:, :, i, None])[..., 0] ** 2 * inverse).sum(1)
        u = l[left] * q
        values = {"a_min": own["a_min"][:, left], "l_i": np.broadcast_to(l[left], q.shape),
                  "q": q, "rest": rest}  # fmt: skip
        alone = ROUNDED * np.abs(u) / (np.maximum(rest, SINGULAR) * np.maximum((1 + u) ** 2, TINY))
        samples["leverage"] = Sample(h[:, left], values, scale=lost + alone)
    return Measured(samples)


def by_head(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(RO.4) to (RO.8), (RO.P1), (RO.P2): samples (designs, heads)."""
    at, pop = setting.configuration, setting.population
    l, theta = pop.l, pop.theta
    drawn = designs(setting)
    Z, lam = drawn.Z, drawn.lam
    X = Z * np.sqrt(l)
    W = ridge.smoother(X, drawn.safe)
    V = ridge.variances(W, l)
    error = theta - (np.swapaxes(W, 1, 2) @ (X @ theta)[..., None])[..., 0]
    B = error**2 * l
    ks = heads(setting)
    columns: dict[str, list[np.ndarray]] = {}
    for done, k in enumerate(ks):
        own = _parts(setting, Z, lam, int(k))
        own |= {"V_head": V[:, :k].sum(1), "V_tail": V[:, k:].sum(1)}
        own |= {"B_head": B[:, :k].sum(1), "B_tail": B[:, k:].sum(1)}
        for name, value in own.items():
            columns.setdefault(name, []).append(value)
        tell(done + 1, len(ks))
    table = {name: np.stack(value, axis=1) for name, value in columns.items()}
    shape = table["V_head"].shape
    tails = {name: np.broadcast_to(value, shape) for name, value in setting.tails(ks).items()}
    weights = np.concatenate([[0.0], (theta**2 / l).cumsum()])[ks]
    values: dict[str, Any] = {
        **{name: table[name] for name in ("m_low", "m_high", "T", "P", "w", "xi", "tail_trace",
                                          "norm_1")},
        **tails, "theta_0": np.broadcast_to(np.sqrt(weights), shape),
        "k": np.broadcast_to(ks, shape), "lam": np.broadcast_to(lam[:, None], shape),
        "n": setting.n, "C": at.published, "c": at.published_head, "cond": at.condition,
    }  # fmt: skip
    lost = drawn.lost[:, None]
    risk = {"variance": V.sum(1)[:, None], "bias": at.energy}
    samples, outside = {}, {}
    some = ks > 0
    for of, first in (("variance", "V"), ("bias", "B")):
        rounding = lost * risk[of] * np.ones(shape)
        found = {part: table[f"{first}_{part}"] for part in ("head", "tail")}
        few = {name: value[:, some] if np.ndim(value) == 2 else value
               for name, value in values.items()}  # fmt: skip
        if some.any():
            samples[f"{of}_head"] = Sample(found["head"][:, some], few, scale=rounding[:, some])
        else:
            outside[f"{of}_head"] = "a head of some directions is needed, and one that is left"
        samples[f"{of}_tail"] = Sample(found["tail"], values, scale=rounding)
        samples[of] = Sample(found["head"] + found["tail"], values, scale=rounding)
    return Measured(samples, _curves(setting, ks, table, V), out_of_regime=outside)


def heads(setting: Setting) -> np.ndarray:
    """k: 0, powers of 2 up to n, and that of the options; a tail is left."""
    powers = 2 ** np.arange(int(np.log2(setting.n)) + 1)
    found = np.unique([0, setting.k, *powers])
    return found[found < setting.population.p]


def _parts(setting: Setting, Z: np.ndarray, lam: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """What the certificates for a head of k directions are made of, (designs,) each.

    Where A_k is not positive definite P, T, w, xi are 0.
    """
    l, theta = setting.population.l, setting.population.theta
    Z_0, X_1 = Z[:, :, :k], Z[:, :, k:] * np.sqrt(l[k:])
    A_k = X_1 @ X_1.swapaxes(1, 2) + lam[:, None, None] * np.eye(setting.n)
    d, U = np.linalg.eigh(A_k)
    low, high = d[:, 0], d[:, -1]
    good = low > SINGULAR * high
    safe = np.where(good, high, 1.0)
    inverse = Z_0.swapaxes(1, 2) @ Z_0 / safe[:, None, None] + np.diag(1 / l[:k])
    r, V = np.linalg.eigh(inverse)
    v = (V.swapaxes(1, 2) @ (theta[:k] / np.sqrt(l[:k]))[:, None])[..., 0]
    along = (U.swapaxes(1, 2) @ (X_1 @ theta[k:])[..., None])[..., 0]
    xi_sq = (along**2 / np.where(good[:, None], d, 1.0)).sum(1)
    found = {
        "T": (1 / r).sum(1) / safe,
        "P": (1 / r).max(1, initial=0.0),
        "w": np.sqrt((v**2 / r).sum(1)),
        "xi": np.sqrt(xi_sq),
    }
    return {
        **{name: np.where(good, value, 0.0) for name, value in found.items()},
        "m_low": np.where(good, low, np.minimum(low, 0.0)),
        "m_high": high,
        "tail_trace": (X_1**2 * l[k:]).sum((1, 2)),
        "norm_1": np.full(len(Z), np.sqrt((l[k:] * theta[k:] ** 2).sum())),
    }


def _curves(
    setting: Setting, ks: np.ndarray, table: dict[str, np.ndarray], V: np.ndarray
) -> Trajectory:
    """The certificate of the variance over k beside what is measured, and the limit."""
    good = (table["m_low"] > 0).all(0)
    ks = ks[good]
    low, high, T, trace = (table[name][:, good] for name in ("m_low", "m_high", "T", "tail_trace"))
    bound = (high / low * T + trace / low**2).mean(0)
    flat = np.ones(len(ks))
    series = {"measured": V.sum(1).mean() * flat, "certificate": bound,
              "limit": float(setting.equivalent().variance) * flat}  # fmt: skip
    labels = {"measured": "mean over designs", "certificate": "certificate, mean over designs",
              "limit": "limit $g/(1-g)$"}  # fmt: skip
    values = {"n": setting.n, "p": setting.population.p, r"\lambda": setting.lam}
    title = heading("ridge regression, given the design", setting.configuration.population, values)
    return Trajectory(
        "head", ks, series, errors={"certificate": 0 * flat}, labels=labels,
        axis="directions of the head $k$", quantity="variance $V$", title=title,
    )  # fmt: skip
