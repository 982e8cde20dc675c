"""(FY3) to (FY6), measured: data sets that are drawn."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from verify.experiments.kit import Measured, Progress
from verify.experiments.single_index_models.curves import trajectory
from verify.experiments.single_index_models.descent import check_steps, descend
from verify.experiments.single_index_models.laws import Quadrature, moments, soft
from verify.experiments.single_index_models.setting import Setting, covariance
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

LAMS = (0.25, 0.5, 1.0, 1.5)
"""Thresholds of the lasso over lam."""


def statistic(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FY3): whole data sets; coordinates (3, draws), norms and events (draws,)."""
    c, beta = setting.configuration, setting.beta
    Phi, m, a = (np.concatenate(parts) for parts in zip(*setting.fresh(), strict=True))
    places = [0, c.support - 1, c.dimension - 1]
    with np.errstate(invalid="ignore"):  # a = 0, which is no number of the claims
        apart = Phi - m[:, None] * beta
        square = (apart @ setting.root) ** 2 if c.correlation else apart**2
        noise = square.sum(1) / a**2
    precision = np.ones(c.dimension)
    if c.correlation:
        precision = np.linalg.inv(covariance(c.dimension, c.correlation)).diagonal()
    biggest = np.abs(Phi[:, c.support :]).max(1)
    shared = setting.drawn
    return Measured({
        "entry": Sample(Phi[:, places].T, {**shared, "m": m, "a": a, "b_j": beta[places, None],
                                           "precision": precision[places, None]}),
        "noise": Sample(noise, shared),
        "largest": Sample((biggest <= a * setting.z).astype(float), {**shared, "z": setting.z}),
    })  # fmt: skip


def errors(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FY4) to (FY6): fresh inputs for the same responses; (steps, draws), events (draws,)."""
    c, given, Phi = setting.configuration, setting.conditioned, setting.Phi
    lam = given.a * setting.z
    eta, stop = setting.stop(lam, given)
    most = check_steps(c.beyond * max(stop, 1), "step", c.step)
    half = c.points // 2
    early, late = np.linspace(0.1 * stop, stop, half + 1), np.linspace(stop, most, half + 1)
    k = np.unique([stop, *early.astype(int), *late.astype(int)])
    target = given.m * setting.beta
    path = {state.k: state.b for state in descend(Phi, eta, c.alpha, k)}
    error = np.array([((path[step] - target) ** 2).sum(1) for step in k])
    law = moments(setting, given, k.tolist())
    check_finite(error, *law.values())
    at = int(np.searchsorted(k, stop))
    size = np.sqrt(Phi**2 + 4 * c.alpha**4).max()
    shared: dict[str, Any] = {
        **setting.drawn, "a": given.a, "m": given.m, "lam": lam, "eta": eta,
        "speed": eta * float(size), "M_0": given.size, "b": setting.beta[: c.support],
        "s_0": int((np.abs(target[: c.support]) > lam).sum()),
    }  # fmt: skip
    shared["s_1"] = c.support - shared["s_0"]
    start = float((target**2).sum())
    stopped = {name: values[at] for name, values in law.items()}
    lams = lam * np.array(LAMS)
    lasso = np.array([((soft(Phi, each) - target) ** 2).sum(1) for each in lams])
    nodes = Quadrature.of(setting, given)
    spread = np.array([nodes.on_support(soft(nodes.on, each))[1] for each in lams])
    right, good = selected(setting, path[stop], eta, stop, lam)
    means = {"error": error.mean(1), "lasso": np.full(len(k), lasso.mean(1).min())}
    spread_of_mean = error.std(1) / math.sqrt(max(1, c.draws - 1))
    curve = trajectory(setting, k, means, spread_of_mean) if "error" in wanted else None
    return Measured({
        "error": Sample(error, {**shared, **law, "k": k}, trivial=start),
        "stopped": Sample(error[at : at + 1], {**shared, **stopped}, trivial=start),
        "selection": Sample(good.astype(float), shared),
        "support": Sample(right.astype(float), shared),
        "lasso_error": Sample(lasso, {**shared, "lam": lams, "on_var": spread}, trivial=start),
    }, curve)  # fmt: skip


def lacking(size: np.ndarray, eta: float, alpha: float, steps: int) -> np.ndarray:
    """size/(1 + o) + alpha^2, o = 0 for sizes up to alpha^2."""
    above = np.maximum(size / alpha**2 - 1, 0.0)
    with np.errstate(divide="ignore"):
        over = above * np.exp(-steps * np.log1p(2 * eta * size))  # 1/o
    return np.where(above > 0, size * over / (1 + over), size) + alpha**2


def selected(
    setting: Setting, b: np.ndarray, eta: float, stop: int, lam: float
) -> tuple[np.ndarray, np.ndarray]:
    """(FY5): whether what is selected is right, whether the error is in its limit: (draws,)."""
    c, given, Phi = setting.configuration, setting.conditioned, setting.Phi
    s, on = c.support, np.abs(Phi[:, : c.support])
    lacks = lacking(on, eta, c.alpha, stop)
    chosen = np.abs(b) > lam / 2
    right = ~chosen[:, s:].any(1) & (chosen[:, :s] | (on - lacks <= lam / 2)).all(1)
    known = given.a * math.sqrt(2 * gammaincinv((s - 1) / 2, 1 - c.delta)) if s > 1 else 0.0
    limit = known + np.linalg.norm(lacks, axis=1) + math.sqrt(c.dimension - s) * c.growth
    error = np.linalg.norm(b - given.m * setting.beta, axis=1)
    return right, error <= limit
