"""(DR3), (DR4) on real rows: all of a data set is the population."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from verify.experiments.kit import Measured, Progress
from verify.experiments.multiple_random_features.risks import law, spectrum, trials
from verify.experiments.multiple_random_features.setting import Setting, empirical, exact
from verify.judging.sample import Sample
from verify.training.ridge import smoother, variance


def near(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR3): whether bias and variance are near their law, per draw of weights and rows."""
    at, X = setting.configuration, setting.X
    ratios: list[tuple[float, float]] = []
    rng = setting.rng("near")
    for _ in trials(setting, tell):
        features = setting.features(X.shape[1], at.counts, rng)
        moments = empirical(features, X)
        omega, C_sq = spectrum(moments)
        if not omega.any():  # no neuron is active: what is learnt is 0, and so says the law
            ratios.append((1.0, 1.0))
            continue
        values = {
            "t": 0, "d": X.shape[1], "n": at.rows, "N": len(omega), "lam": at.ridge,
            "omega": omega[None], "C_sq": C_sq[None],
            "kap": float(equivalent(at.rows, at.ridge, Spectrum(omega)).kappa),
        }  # fmt: skip
        rows = X[rng.integers(len(X), size=at.rows)]
        found = exact(rows, features(rows), moments, at.ridge)
        right = float(law("bias", values)), float(law("variance", values))
        ratios.append((found.bias / right[0], found.variance / right[1]))
    close = np.abs(np.array(ratios) - 1) <= at.tolerance
    symbols = {
        "n": at.rows, "d": X.shape[1], "spread": setting.spread, "tolerance": at.tolerance,
    }  # fmt: skip
    bias, variance = np.median(ratios, axis=0)
    told = {"median_ratios": f"bias {bias:.3f}, variance {variance:.3f} of the law given W_0"}
    return Measured({"near": Sample(close.all(1).astype(np.float64), symbols)}, notes=told)


def interpolation(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR4): 1/var of least norm and 1/v, (2, draws), and the mean of dist_i^2, for one W_0."""
    at, X = setting.configuration, setting.X
    features = setting.features(X.shape[1], at.counts, setting.rng("interpolation", "weights"))
    Z, U = features(X), empirical(features, X).U
    rank = int(np.linalg.matrix_rank(U, hermitian=True))
    n, N = at.rows, len(U)
    inverse, distance, others = np.zeros((2, at.draws)), np.zeros(at.draws), n - 1
    top = 1.0
    if rank == N >= n and (at.replacement or n <= len(X)):
        omega, u = np.linalg.eigh(U)
        Y = Z @ u / np.sqrt(omega)
        top = float((Y**2).sum(1).max())
        rng = setting.rng("interpolation", "rows")
        for draw in trials(setting, tell):
            rows = rng.choice(len(Y), n, replace=at.replacement)
            inverse[1, draw], distance[draw], rank_Z = interpolated(Y[rows])
            if inverse[1, draw]:
                inverse[0, draw] = 1 / variance(smoother(Z[rows], 0.0, "svd"), U)
            others = min(others, rank_Z)
    values: dict[str, Any] = {
        "n": n, "N": N, "M": len(X), "replaced": int(at.replacement), "rank_U": rank,
    }  # fmt: skip
    more = {"rank_Z": others, "top": top}
    return Measured(
        {"inverse_variance": Sample(inverse, values), "distance": Sample(distance, values | more)}
    )


def interpolated(Y: np.ndarray) -> tuple[float, float, int]:
    """1/v, the mean of dist_i^2, the least rank of n - 1 of the rows Y (n, N).

    1/v is 0 where the rows are dependent; then each distance is measured by itself.
    """
    n = len(Y)
    if np.linalg.matrix_rank(Y) == n:
        diagonal = np.diag(np.linalg.inv(Y @ Y.T))
        return float(1 / diagonal.sum()), float((1 / diagonal).mean()), n - 1
    squares, ranks = [], []
    for i in range(n):
        rest = np.delete(Y, i, axis=0)
        _, size, span = np.linalg.svd(rest, full_matrices=False)
        span = span[size > size.max(initial=0.0) * max(Y.shape) * np.finfo(float).eps]
        left = Y[i] - span.T @ (span @ Y[i])
        squares.append(left @ left)
        ranks.append(len(span))
    return 0.0, float(np.mean(squares)), min(ranks)
