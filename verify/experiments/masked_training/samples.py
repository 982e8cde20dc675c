"""From measurements to the samples of every quantity that masked training claims speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Measured, Trajectory, heading
from verify.experiments.masked_training.setting import Setting, best_c, draw_network
from verify.judging.sample import TOLERANCE, Sample
from verify.training.masked.enumeration import enumerated_samples
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import LAZY, Measurements

INITIALISATIONS = 512
"""Initialisations behind the mean initial loss, at least: they need no training."""


def samples_of(
    setting: Setting,
    thresholds: Thresholds,
    measured: Measurements,
    watched: Measurements | None = None,
) -> Measured:
    """Samples and curves from what was measured.

    `watched` holds the seeds whose every iterate was seen, for claims on every path.
    """
    configuration = setting.configuration
    symbols = setting.symbols()
    symbols |= {"alpha_j": thresholds.alpha, "R": thresholds.R}
    symbols |= {"alpha": float(thresholds.alpha.max())}
    symbols |= {"c": best_c(symbols)}
    good = thresholds.good_event(measured)
    loss = measured.loss.T
    common: dict[str, Any] = {
        "symbols": symbols,
        "trivial": symbols["e0_sq"],
        "deterministic": setting.deterministic,
        "dtype": configuration.dtype,
        "given": 1,
        "share": float(good[:, -1].mean()),
        "scale": 1e-6 * TOLERANCE[configuration.dtype] * _size_sq(symbols),
        "control": _control(setting, measured).T,
    }
    samples: dict[str, Any] = {
        "loss_on_good_event": Sample(loss * good.T, **common),
        "linearised_loss": Sample(
            _linearised_loss(setting, thresholds, measured, good).T, **common
        ),
        "loss": Sample(loss, **common | {"share": 1.0}),
    }
    per_round = {name: value for name, value in symbols.items() if name != "k"}
    path: dict[str, Any] = {"dtype": configuration.dtype}
    if watched is not None:
        # near zero the defect is the rounding error of residuals of this size
        size = np.sqrt(symbols["e0_sq"]) + watched.rho
        lazy = dict(zip(LAZY, np.moveaxis(watched.lazy, -1, 0), strict=True))
        lazy_symbols = {**per_round, **lazy, "rho_k": watched.rho}
        samples["defect"] = Sample(
            watched.defect, lazy_symbols, trivial=watched.rho, scale=size, **path
        )
        samples["surrogate_kernels_positive"] = kernel_sample(per_round, watched.lazy[:, -1])
    final = measured.local_loss[..., -1], measured.spread[..., -1]
    samples["aggregation"] = Sample(
        measured.loss[:, 1:],
        {**per_round, "local_loss": final[0], "spread": final[1]},
        scale=_cancelled(final[0], symbols),
        **path,
    )
    samples["dispersion"] = Sample(
        measured.distance,
        {**per_round, "spread": measured.spread[..., 0]},
        scale=_cancelled(measured.loss[:, :-1], symbols),
        **path,
    )
    samples |= enumerated_samples(setting.network, setting.algorithm, per_round)
    return Measured(samples, _trajectory(setting, symbols, measured, good))


def _cancelled(squares: np.ndarray, symbols: Mapping[str, Any]) -> np.ndarray:
    """The size that rounding acts on in squared norms of differences of outputs.

    Outputs of size s carry an error of some 1e-14 s, their squared difference q one of 1e-14
    sqrt(q) s + (1e-14 s)^2; as a multiple of the tolerance 1e-9 that is 1e-5 sqrt(q) s and 1e-19
    s^2.
    """
    size_sq = _size_sq(symbols)
    return squares + 1e-5 * np.sqrt(squares * size_sq) + 1e-19 * size_sq


def _size_sq(symbols: Mapping[str, Any]) -> float:
    """The squared size of what cancels in residuals: also that of single neurons' outputs."""
    return float(symbols["y_sq"] + symbols["e0_sq"] + symbols["n"] * symbols["kappa"] ** 2)


def kernel_sample(symbols: Mapping[str, Any], last: np.ndarray) -> Sample:
    """Trials of Theorem 2 from the columns LAZY after the last round, (trials, 7)."""
    columns = dict(zip(LAZY, last.T, strict=True))
    threshold = symbols["xi"] * symbols["lambda_0"] / 2
    here = {**symbols, "displacement": float(columns["displacement"].max())}
    return Sample((columns["kernel_min"] >= threshold).astype(float), here)


def initial_loss(setting: Setting) -> Sample:
    """||e_0||^2 over initialisations of their own."""
    configuration = setting.configuration
    draws = (
        draw_network(configuration, setting.problem, f"{setting.salt}/initial {i}")
        .e_0.square()
        .sum()
        .item()
        for i in range(max(configuration.seeds, INITIALISATIONS))
    )
    symbols = setting.symbols()
    return Sample(np.array(list(draws)), symbols, dtype=configuration.dtype)


def _linearised_loss(
    setting: Setting, thresholds: Thresholds, measured: Measurements, good: np.ndarray
) -> np.ndarray:
    """||e_k||^2 where seeds that left the good event follow the linear recursion: (S, K + 1)."""
    algorithm, network = setting.algorithm, setting.network
    theta = algorithm.law.moments(algorithm.p, algorithm.xi)["theta"]
    P = network.round_map(algorithm.zeta, algorithm.tau).double().cpu().numpy()
    # the noise of a round is chosen before its masks are drawn: that of W_k while on the event
    near = measured.displacement[:, :-1] <= thresholds.R
    path = [measured.residual[:, 0]]
    for k in range(good.shape[1] - 1):
        inside = (good[:, k] & near[:, k])[:, None]
        zbar = np.where(inside, measured.noise[:, k].mean(1), measured.frozen_noise[:, k])
        linear = path[k] - theta * (path[k] + zbar) @ P
        path.append(np.where(good[:, k + 1, None], measured.residual[:, k + 1], linear))
    return (np.stack(path, axis=1) ** 2).sum(-1)


def _control(setting: Setting, measured: Measurements) -> np.ndarray:
    """||e_k||^2 of the linear recursion with the outputs of W_0, less its mean: (S, K + 1)."""
    algorithm, network = setting.algorithm, setting.network
    moments = algorithm.law.moments(algorithm.p, algorithm.xi)
    P = network.round_map(algorithm.zeta, algorithm.tau).double().cpu().numpy()
    P, Phi = moments["theta"] * P, network.Phi.double().cpu().numpy()
    e = measured.residual[:, 0]
    mean, covariance = e[0], np.zeros_like(P)
    control = [np.zeros(len(e))]
    for k in range(measured.residual.shape[1] - 1):
        e = e - (e + measured.frozen_noise[:, k]) @ P
        mean = mean - P @ mean
        covariance = covariance - P @ covariance - covariance @ P + P @ covariance @ P
        covariance += moments["V"] * P @ Phi @ P
        control.append((e**2).sum(-1) - mean @ mean - np.trace(covariance))
    return np.stack(control, axis=1)


def _trajectory(
    setting: Setting, symbols: Mapping[str, Any], measured: Measurements, good: np.ndarray
) -> Trajectory:
    law = registry.claim("limit-law")
    evaluation = law.evaluate(symbols, where=law.regime(symbols).holds)
    series = {"mean_loss": measured.loss.mean(0), "limit_law": evaluation.bound}
    count = len(measured.loss)
    errors = {"mean_loss": measured.loss.std(0, ddof=1) / count**0.5} if count > 1 else {}
    x, y = measured.sawtooth()
    within = Trajectory("round", x, {"sawtooth_loss": y}, **WITHIN)
    details = {"good_event": good.mean(0)}
    return Trajectory("round", symbols["k"], series, details, errors, within,
                      title=_title(setting), **DRAWN)  # fmt: skip


DRAWN: Any = {
    "labels": {
        "mean_loss": r"mean loss $\Vert e_k\Vert^2$",
        "limit_law": r"limit law of $\mathrm{E}\,\Vert e_k\Vert^2$ as $m\to\infty$",
    },
    "axis": "rounds $k$",
    "quantity": r"squared residual $\Vert e_k\Vert^2$",
}
WITHIN: Any = {
    "labels": {"sawtooth_loss": "surrogate models in their local steps, then aggregated"},
    "axis": r"rounds $k$, local steps inside",
    "quantity": "mean squared residual",
    "title": "inside the rounds",
}
"""What the pictures write."""


def _title(setting: Setting) -> str:
    """What was trained, by its name in the field, and the main options."""
    configuration, algorithm = setting.configuration, setting.algorithm
    if setting.deterministic:
        words = "gradient descent"
    elif configuration.law == "categorical":
        words = "independent subnet training (IST)"
    elif algorithm.tau > 1:
        words = "masked training in local steps"
    else:
        words = "dropout" if algorithm.p == 1 else "multi-sample dropout"
    values = {"n": setting.network.n, "m": setting.network.m, "p": algorithm.p,
              r"\tau": algorithm.tau, r"\xi": algorithm.xi}  # fmt: skip
    return heading(words, configuration.data, values)
