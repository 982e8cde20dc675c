"""(TB1) and (TB2), measured: entries, activity, the series, the least eigenvalue and its bounds."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.mathematics.shifted_kernel import both_above, hermite, owen
from verify.experiments.kit import Measured, Progress
from verify.experiments.trainable_biases.setting import Array, Rows, Setting
from verify.judging.sample import Sample

OF_DRAWS = {"entry", "active", "share"}
OF_KERNEL = {"least_of_H", "condition"}

PAIRS = 10
"""Pairs of samples, a sample with itself among them, that are looked at, at most."""

SCALE = 1e-3
"""Of entries of H_inf: what the series leaves, 1e-13 at most, is rounding to it."""


def pairs(n: int) -> tuple[Array, Array]:
    """The first sample with itself, then pairs of different ones."""
    first, second = np.triu_indices(n, 1)
    kept = np.concatenate([[0], first])[:PAIRS], np.concatenate([[0], second])[:PAIRS]
    return kept[0].astype(int), kept[1].astype(int)


def drawn(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB1): entries (pairs, draws) and counts (samples, draws) of independent neurons."""
    c, rows = setting.configuration, setting.rows
    i, j = pairs(rows.n)
    both: list[Array] = []
    counts: list[Array] = []
    for z in setting.drawn("kernel", c.draws, c.width):
        D = z > 0
        both.append((D[:, i] & D[:, j]).mean(-1))
        counts.append(D.sum(-1))
    count = np.concatenate(counts).T.astype(float)[:PAIRS]
    G = rows.G[i, j]
    of_pairs = {**setting.shared, "G": G, "T": owen(c.bias, rows.psi[i, j])}
    entries = np.abs(c.tau + G)[:, None] * np.concatenate(both).T
    samples = {
        "entry": Sample(entries, of_pairs),
        "active": Sample(count, setting.shared),
        "share": Sample(count / c.width, setting.shared, trivial=1.0),
    }
    return Measured(samples)


def series(setting: Setting) -> Sample:
    """(TB1): entries of H_inf off the diagonal, (pairs,), by Owen's function."""
    c, rows = setting.configuration, setting.rows
    i, j = pairs(rows.n)
    i, j = (i[1:], j[1:]) if len(i) > 1 else (i, j)
    G = rows.G[i, j]
    values = (c.tau + G) * both_above(c.bias, rows.psi[i, j])
    return Sample(values, {**setting.shared, **coefficients(setting), "G": G}, scale=SCALE)


def coefficients(setting: Setting, B: float | None = None) -> dict[str, Any]:
    c = setting.configuration
    found = hermite(c.bias if B is None else B, c.terms)
    return {"top": c.terms, "c": np.concatenate([[0.0], found])}


def powers(rows: Rows, top: int) -> tuple[Array, Array]:
    """Least eigenvalues (top + 1,) and largest row sums (top + 2,) of the Schur powers."""
    off = np.abs(rows.G) * ~np.eye(rows.n, dtype=bool)
    degrees = np.arange(top + 2)[:, None, None]
    sums = ((off**degrees) * ~np.eye(rows.n, dtype=bool)).sum(-1).max(-1)
    least = np.linalg.eigvalsh(rows.G ** degrees[:-1])[:, 0]
    return least.clip(min=0.0), sums


def circles(rows: Rows, B: float) -> float:
    """R_B."""
    off = np.abs(rows.kernel(B)) * ~np.eye(rows.n, dtype=bool)
    return float(off.sum(1).max())


def known(setting: Setting, of_rows: tuple[Array, Array] | None = None) -> dict[str, Any]:
    """What the bounds of (TB2) are made of; `of_rows`: the powers, where they are at hand."""
    c, rows = setting.configuration, setting.rows
    least, sums = of_rows or powers(rows, c.terms)
    upper = np.triu_indices(rows.n, 1)
    G = np.abs(rows.G[upper])
    apart = np.minimum(2 * np.sin(rows.psi[upper] / 2), 2 * np.cos(rows.psi[upper] / 2))
    return {
        **setting.shared, **coefficients(setting), "lambda_k": least, "rows": sums,
        "s": float(G.max(initial=0.0)), "R_B": circles(rows, c.bias),
        "apart": float(max(apart.min(initial=2.0), 0.0)),
    }  # fmt: skip


def eigenvalues(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(TB2): the least eigenvalue and the condition number of H_inf, (1,)."""
    mu = np.linalg.eigvalsh(setting.H)
    symbols = known(setting)
    samples = {"least_of_H": Sample(mu[:1], symbols, scale=float(mu[-1]))}
    if mu[0] > 1e-13 * mu[-1]:
        samples["condition"] = Sample(mu[-1:] / mu[:1], symbols, trivial=np.inf)
    return Measured(samples)
