"""(FY7), measured: symmetric matrices of low rank."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.single_index_models.descent import (
    descend,
    descend_matrices,
    flow_of_matrices,
    square,
)
from verify.experiments.single_index_models.errors import lacking
from verify.experiments.single_index_models.paths import check_stiff, checkpoints, times
from verify.experiments.single_index_models.setting import Given, Setting
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

SIZES = (1, 2, 4)


def target(setting: Setting) -> np.ndarray:
    """B*: eigenvalues of one size and both signs in random directions, ||B*||_F = 1."""
    c = setting.configuration
    shape = (c.size, c.rank)
    Q = np.linalg.qr(setting.rng("directions").standard_normal(shape))[0]
    return np.asarray((Q * (-1.0) ** np.arange(c.rank)) @ Q.T / math.sqrt(c.rank))


def draws(setting: Setting, factor: int) -> tuple[Given, np.ndarray]:
    """Responses to so many times the samples, and the Phi (draws, d, d) of fresh inputs."""
    c, B = setting.configuration, target(setting)
    given = setting.given("responses to matrices", factor * c.matrix_samples)
    Phi = setting.statistics(given, B.ravel(), f"matrices {factor}")
    Phi = Phi.reshape(c.draws, c.size, c.size)
    return given, (Phi + Phi.swapaxes(1, 2)) / 2


def threshold(setting: Setting, given: Given) -> float:
    c = setting.configuration
    return given.a * (math.sqrt(2 * c.size) + math.sqrt(2 * math.log(2 / c.delta)))


def shared(setting: Setting, given: Given) -> dict[str, Any]:
    c = setting.configuration
    return {**setting.drawn, "d": c.size, "r": c.rank, "n": len(given.y), "a": given.a,
            "M_0": given.size}  # fmt: skip


def stopped(setting: Setting, given: Given, Phi: np.ndarray) -> tuple[float, int, np.ndarray]:
    """The step size, the stop and B there."""
    eta, stop = setting.stop(threshold(setting, given), given)
    ((W, V),) = descend_matrices(Phi, eta, setting.configuration.alpha, [stop])
    B = square(W) - square(V)
    check_finite(B)
    return eta, stop, B


def errors(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Events and errors of single sizes, (draws,)."""
    c, B = setting.configuration, target(setting)
    given, Phi = draws(setting, 1)
    eta, stop, found = stopped(setting, given, Phi)
    values = np.abs(np.linalg.eigvalsh(Phi))
    largest = np.sort(values, axis=1)[:, ::-1][:, : c.rank]
    lam = threshold(setting, given)
    lacks = np.linalg.norm(lacking(largest, eta, c.alpha, stop), axis=1)
    limit = 2 * math.sqrt(2 * c.rank) * lam + lacks + math.sqrt(c.size - c.rank) * c.growth
    error = np.linalg.norm(found - given.m * B, axis=(1, 2))
    norms = np.linalg.norm(Phi - given.m * B, 2, axis=(1, 2))
    speed = eta * math.sqrt(float(values.max()) ** 2 + 4 * c.alpha**4)
    symbols = {**shared(setting, given), "speed": speed}
    start = given.m**2
    return Measured({
        "matrix_norm": Sample((norms <= lam).astype(float), symbols),
        "matrix_selection": Sample((error <= limit).astype(float), symbols),
        "matrix_stopped": Sample(error[None] ** 2, symbols, trivial=start),
    })  # fmt: skip


def limit(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """The error over a^2 as the samples grow, (sizes, draws)."""
    c, B = setting.configuration, target(setting)
    ratio, left = [], 0.0
    for factor in SIZES:
        given, Phi = draws(setting, factor)
        _, _, found = stopped(setting, given, Phi)
        ratio.append(((found - given.m * B) ** 2).sum((1, 2)) / given.a**2)
        apart = ((found - best(Phi, c.rank)) ** 2).sum((1, 2)) / given.a**2
        left = max(left, float(apart.max()))
        tell(factor, sum(SIZES))
    symbols = {**shared(setting, given), "left": left,
               "samples": c.matrix_samples * np.array(SIZES)}  # fmt: skip
    return Measured({"matrix_error": Sample(np.array(ratio), symbols)})


def best(Phi: np.ndarray, rank: int) -> np.ndarray:
    """The best approximation of symmetric matrices (..., d, d) by such a rank."""
    values, Q = np.linalg.eigh(Phi)
    cut = np.sort(np.abs(values), axis=-1)[..., -rank]
    kept = np.where(np.abs(values) >= cut[..., None], values, 0.0)
    return np.asarray((Q * kept[..., None, :]) @ Q.swapaxes(-1, -2))


def paths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Descent and flow of one matrix in the basis of Phi, (times, d, d)."""
    c = setting.configuration
    given, every = draws(setting, 1)
    Phi, eta = every[0], c.step / given.size
    values, Q = np.linalg.eigh(Phi)
    k = checkpoints(setting, eta, np.abs(values))
    W, V = (np.array(each) for each in zip(*descend_matrices(Phi, eta, c.alpha, k), strict=True))
    check_finite(square(W), square(V))
    alone = np.array([np.diag(state.b) for state in descend(values, eta, c.alpha, k)])
    t = times(setting, np.abs(values))
    check_stiff(values, c.alpha, t)
    W_t, V_t = flow_of_matrices(Phi, c.alpha, t)
    check_finite(square(W_t), square(V_t))
    in_flow = {"phi": np.diag(values), "t": t[:, None, None], "alpha": c.alpha}

    def seen(W: np.ndarray, V: np.ndarray) -> np.ndarray:
        return np.asarray(Q.T @ (square(W) - square(V)) @ Q)

    # a direction that rounding starts in grows like one that alpha starts in
    mixed = max(1.0, float(np.finfo(np.float64).eps) / c.alpha)

    def scale(W: np.ndarray, V: np.ndarray) -> np.ndarray:
        return np.asarray(mixed * (W**2 + V**2).sum((1, 2)))[:, None, None] * np.ones_like(W)

    return Measured({
        "matrix_entry": Sample(seen(W, V), {"alone": alone}, scale=scale(W, V)),
        "matrix_flow": Sample(seen(W_t, V_t), in_flow, scale=scale(W_t, V_t)),
    })  # fmt: skip
