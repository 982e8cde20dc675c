"""The limit of proportional sizes (RO.16), (RO.17), (RO.24), measured at three sizes."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.mathematics.deterministic_equivalent import Spectrum, edge, equivalent
from verify.experiments.kit import Measured, Progress
from verify.experiments.ridge_overfitting.phase import diagram
from verify.experiments.ridge_overfitting.setting import (
    LEVELS,
    Setting,
    aligned,
    coordinates,
    fitted,
)
from verify.judging.sample import Sample
from verify.training import ridge

OF_LIMITS = {"variance_in_the_limit", "bias_in_the_limit"}

DRAWN = "rows of a population are needed, not of data: their number grows"

SINGULAR = 1e-12
"""Eigenvalues below this share of the largest are 0."""

ATTEMPTS = 20
"""Batches of designs until enough are away from the edge."""


def levels(setting: Setting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different eigenvalues, their multiplicities at the smallest size, energies: (J,) each.

    The ratios are those of the options, up to whole numbers.
    """
    at = setting.configuration
    scale = at.smallest / at.samples
    p = max(2, round(at.dimension * scale))
    k = min(p - 1, max(1, round(at.heads * scale)) if at.heads else 0)
    if at.population == "spiked":
        values, counts = np.array([1.0, at.tail]), np.array([k, p - k])
        values, counts = values[counts > 0], counts[counts > 0]
    elif at.population == "power":
        J = min(p, LEVELS)
        values = np.arange(1, J + 1) ** -at.decay
        counts = np.array([len(part) for part in np.array_split(np.arange(p), J)])
    else:
        values, counts = np.ones(1), np.array([p])
    each = aligned(at.target, np.repeat(values, counts), k)
    starts = np.concatenate([[0], counts.cumsum()[:-1]])
    return values, counts, at.energy * np.add.reduceat(each, starts)


def symbols(setting: Setting, ridge_per_row: float | None = None) -> dict[str, Any]:
    """The problem in the limit, without its size; the ridge of the options unless it is given."""
    at = setting.configuration
    values, counts, energies = levels(setting)
    gamma = counts / at.smallest
    spectrum, f = Spectrum(values, gamma), 0.0
    lowest = float(edge(1.0, spectrum)[0])
    if ridge_per_row is None:
        ridge_per_row = at.ridge * float(values @ gamma)
        if at.ridge < 0:
            ridge_per_row, f = -at.ridge * lowest, -at.ridge
    found = equivalent(1.0, ridge_per_row, spectrum)
    return {
        "J": len(values), "e": values, "gamma": gamma, "E": energies,
        "kappa": float(found.kappa), "ridge": ridge_per_row, "f": f, "lowest": lowest,
    }  # fmt: skip


def measure(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """V, and B over the signs of theta: (sizes, copies)."""
    at = setting.configuration
    if not at.drawn:
        return Measured.outside(OF_LIMITS, DRAWN)
    problem = symbols(setting)
    lowest = problem.pop("lowest")
    if not problem["kappa"] > 0:
        return Measured.outside(OF_LIMITS, "kappa > 0 is needed: more directions, or ridge")
    values, counts, energies = levels(setting)
    rng = setting.rng("limits")
    V, B = [], []
    for done, n in enumerate(at.sizes):
        many = counts * (n // at.smallest)
        l = np.repeat(values, many)
        squares = np.repeat(energies / (values * many), many)
        rows: list[np.ndarray] = []
        for _ in range(ATTEMPTS):
            X = coordinates(rng, at.coordinates, (at.copies, n, len(l))) * np.sqrt(l)
            if at.ridge < 0:  # away from the edge: without that the mean is infinite
                least = np.linalg.eigvalsh(X @ X.swapaxes(1, 2))[:, 0] + n * problem["ridge"]
                X = X[least >= (1 - problem["f"]) * abs(n * lowest) / 2]
            if not len(X):
                continue
            W = fitted(X, n * problem["ridge"])
            rows.append(np.stack([ridge.variance(W, l), ridge.mean_bias(X, W, l, squares)]))
            if sum(part.shape[1] for part in rows) >= at.copies:
                break
        found = np.concatenate([np.empty((2, 0)), *rows], axis=1)[:, : at.copies]
        if found.shape[1] < at.copies:
            return Measured.lacking(OF_LIMITS, f"designs of n = {n} are too near to the edge")
        V.append(found[0])
        B.append(found[1])
        tell(done + 1, len(at.sizes))
    problem["n"] = np.array(at.sizes)
    return Measured({
        "variance_in_the_limit": Sample(np.array(V), problem),
        "bias_in_the_limit": Sample(np.array(B), problem),
    })  # fmt: skip


def critical(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """s2(X), where the slope of the risk at lam = 0 is 0: (sizes, copies)."""
    at = setting.configuration
    if not at.drawn:
        return Measured.outside(wanted, DRAWN)
    problem = symbols(setting, 0.0)
    del problem["lowest"]
    if not problem["kappa"] > 0:
        return Measured.outside(wanted, "kappa > 0 is needed: more directions")
    values, counts, energies = levels(setting)
    rng, rows = setting.rng("boundary"), []
    for done, n in enumerate(at.sizes):
        many = counts * (n // at.smallest)
        l = np.repeat(values, many)
        theta = np.sqrt(np.repeat(energies / (values * many), many))
        X = coordinates(rng, at.coordinates, (at.copies, n, len(l))) * np.sqrt(l)
        pull, fall = slopes(X, np.zeros(at.copies), l, theta)
        rows.append(pull / fall)
        tell(done + 1, len(at.sizes))
    problem["n"] = np.array(at.sizes)
    return Measured({"critical_noise": Sample(np.array(rows), problem)}, diagram(setting))


def slopes(
    X: np.ndarray,
    lam: np.ndarray,
    l: np.ndarray,
    theta: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """delta^T Sigma X^T A^-2 X theta and tr(X Sigma X^T A^-3), (designs,) each."""
    eigenvalues, U = np.linalg.eigh(X @ X.swapaxes(1, 2))
    d = eigenvalues + lam[:, None]
    # of rows that repeat the pseudo-inverse
    d = np.where(np.abs(d) > SINGULAR * np.abs(d).max(1, keepdims=True), d, np.inf)
    Y = U.swapaxes(1, 2) @ X  # X in the basis of A
    label = Y @ theta
    delta = theta - (Y.swapaxes(1, 2) @ (label / d)[..., None])[..., 0]
    pulled = (Y @ (l * delta)[..., None])[..., 0]
    return (pulled * label / d**2).sum(1), ((Y**2 * l).sum(2) / d**3).sum(1)
