"""Bounds for Gaussian rows (RO.9) to (RO.13), measured: events and means over fresh designs."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.ridge_overfitting.setting import Setting, fitted
from verify.judging.sample import TOLERANCE, Sample
from verify.training import ridge

OF_TRIALS = {"variance_allowed", "bias_allowed", "mean_variance", "flat_variance", "flat_bias"}

NODES = 30
"""Of the quadrature; it is exact for polynomials of degree 59."""


def quadrature(freedom: int, nodes: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the mean over chi^2: Gauss-Laguerre (Golub & Welsch 1969)."""
    a = freedom / 2 - 1
    i = np.arange(nodes, dtype=np.float64)
    off = np.sqrt(i[1:] * (i[1:] + a))
    x, U = np.linalg.eigh(np.diag(2 * i + a + 1) + np.diag(off, 1) + np.diag(off, -1))
    return 2 * x.clip(min=0.0), U[0] ** 2


def risks(setting: Setting, tell: Progress) -> tuple[np.ndarray, np.ndarray]:
    """V and B of fresh designs, (trials,) each."""
    pop, count = setting.population, setting.configuration.trials
    V, B = np.empty(count), np.empty(count)
    done = 0
    for Z in setting.batches(setting.rng("trials"), count):
        X = Z * np.sqrt(pop.l)
        W = fitted(X, setting.lam)
        here = slice(done, done + len(Z))
        V[here], B[here] = ridge.variance(W, pop.l), ridge.bias(X, W, pop.l, pop.theta)
        done += len(Z)
        tell(done, count)
    return V, B


def symbols(setting: Setting, k: int) -> dict[str, Any]:
    """What the bounds are made of, with a head of k directions."""
    pop, n = setting.population, setting.n
    tail = slice(k, None)
    node, weight = quadrature(max(n - k, 1))
    return {
        "n": n, "p": pop.p, "k": k, "lam": setting.lam, "excess": pop.excess,
        "t": setting.configuration.room, "l": pop.l, "theta": pop.theta,
        **{name: float(value) for name, value in setting.tails(np.array(k)).items()},
        "norm_1": float(np.sqrt((pop.l * pop.theta**2)[tail].sum())),
        "size_1": float(np.linalg.norm(pop.theta[tail])),
        "node": node, "weight": weight, "nodes": len(node),
        "spread": float(pop.l[0] / pop.l[-1] - 1), "energy": float((pop.l * pop.theta**2).sum()),
    }  # fmt: skip


def allowed(claim: Claim, values: dict[str, Any]) -> float:
    """What the bound of an event is; nan out of the regime."""
    if not claim.regime(values).holds.all():
        return float("nan")
    return float(claim.evaluate(values).parts["allowed"])


def measure(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Events (trials,), means (1, trials)."""
    V, B = risks(setting, tell)
    values = symbols(setting, setting.k)
    samples = {}
    for quantity, name, found in (
        ("variance_allowed", "ridge/gaussian-variance", V),
        ("bias_allowed", "ridge/gaussian-bias", B),
    ):
        bound = allowed(registry.claim(name), values)
        inside = found <= bound + TOLERANCE["float64"] * abs(bound)
        samples[quantity] = Sample(inside.astype(np.float64), values)
    for quantity in ("mean_variance", "flat_variance"):
        samples[quantity] = Sample(V[None], values)
    samples["flat_bias"] = Sample(B[None], values, scale=setting.configuration.energy)
    return Measured(samples, _curves(setting, V))


def _curves(setting: Setting, V: np.ndarray) -> Trajectory | None:
    """Upper bound, limit, mean and lower bound of the variance against k."""
    upper, lower = (registry.claim(f"ridge/gaussian-{x}") for x in ("variance", "at-least"))
    ks = np.arange(min(setting.n - 1, 4 * setting.k + 4, setting.population.p - 1) + 1)
    rows = []
    for k in map(int, ks):
        values = symbols(setting, k)
        top = allowed(upper, values)
        try:
            low = float(lower(**values)) if lower.regime(values).holds.all() else np.nan
        except InvalidArgument:
            low = np.nan
        rows.append((top, low))
    table = np.array(rows)
    if not np.isfinite(table[:, 0]).any():
        return None
    seen = np.isfinite(table).any(1)
    ks, table = ks[seen], table[seen]
    flat, zero = np.ones(len(ks)), np.zeros(len(ks))
    series = {"measured": V.mean() * flat, "at_most": table[:, 0], "at_least": table[:, 1],
              "limit": float(setting.equivalent().variance) * flat}  # fmt: skip
    errors = {
        "measured": V.std() / np.sqrt(max(1, len(V) - 1)) * flat,
        "at_most": zero,
        "at_least": zero,
    }
    t = setting.configuration.room
    labels = {
        "measured": "mean over designs", "limit": "limit $g/(1-g)$",
        "at_most": rf"upper bound, but for a share of {500 * np.exp(-t**2 / 2):.2g} %",
        "at_least": "lower bound of the mean",
    }  # fmt: skip
    values = {"n": setting.n, "p": setting.population.p, r"\lambda": setting.lam}
    title = heading("two-sided bounds", setting.configuration.population, values)
    return Trajectory(
        "head", ks, series, errors=errors, labels=labels, axis="directions of the head $k$",
        quantity="variance $V$", title=title,
    )  # fmt: skip
