"""(NT5), (NT6), measured: N neurons against infinitely many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from theory.mathematics.tangent import overlap, squared_norm
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, slopes_of
from verify.experiments.tangent_ridge.setting import (
    Array,
    Population,
    Setting,
    solved,
    spectrum,
    target,
)
from verify.judging.sample import Sample

SPAN = 4
"""Widths of (NT6): N, 2 N, 4 N; of a sweep: twice as many."""

SMALLER = 4
"""Times fewer neurons at the left of the picture."""


def gaps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """||f_N - f_KRR||^2 at three widths, (widths, networks), with its bound and its limit."""
    c, rows, alpha = setting.configuration, setting.rows, setting.alpha
    widths = np.array(doubled(c.neurons, SPAN * c.neurons))
    found = np.array([gap(setting, int(N), c.networks, "gap") for N in widths])
    krr = float(alpha @ setting.law.gram(rows) @ alpha)
    v_1 = max(0.0, setting.law.through(rows, alpha) - krr)
    v_2 = max(0.0, float(alpha @ rows.E2 @ alpha) - float(((rows.K @ alpha) ** 2).sum()))
    symbols = {
        "N": widths, "d": rows.d, "lambda": c.ridge, "v_1": v_1, "v_2": v_2,
        "half": setting.law.half, "V_1": first_order(setting),
    }  # fmt: skip
    samples = {
        "gap": Sample(found, symbols, trivial=krr, scale=krr),
        "scaled_gap": Sample(widths[:, None] * found, symbols, scale=krr * widths[-1]),
    }
    curve = picture(setting, widths, found, symbols) if c.ridge else None
    return Measured(samples, curve, {"f_KRR_squared": krr})


def gap(setting: Setting, N: int, count: int, purpose: str) -> Array:
    """||f_N - f_KRR||^2, (count,)."""
    rows, found = setting.rows, []
    for W in setting.drawn(purpose, count, N):
        S = rows.active(W)
        a = solved(rows.of_neurons(S), setting.lam, setting.y)
        b = rows.weights(S, a)
        found.append(setting.law.distances(rows, W, b, setting.alpha))
    return np.maximum(np.concatenate(found), 0.0)


def first_order(setting: Setting) -> float:
    """V_1, from single neurons."""
    c, rows, alpha, total = setting.configuration, setting.rows, setting.alpha, 0.0
    inverse = np.linalg.pinv(rows.K + setting.lam * np.eye(rows.n), hermitian=True)
    for W in setting.drawn("pilots", c.pilots, 1):
        S = rows.active(W)
        seen = S[..., 0] * ((S[..., 0] * alpha) @ rows.T)
        total += float(setting.law.distances(rows, W, rows.weights(S, alpha), seen @ inverse).sum())
    drift = setting.lam * inverse @ alpha
    return total / c.pilots - float(drift @ setting.law.gram(rows) @ drift)


def picture(
    setting: Setting, widths: Array, found: Array, symbols: dict[str, object]
) -> Trajectory:
    """The distance over N d/n: measured, in the limit, and its bound."""
    from theory import registry

    c, rows = setting.configuration, setting.rows
    few = max(2, c.networks // 8)
    more = [max(1, int(widths[0]) // 2**k) for k in range(int(math.log2(SMALLER)), 0, -1)]
    at = np.unique([*more, *widths])
    means = {int(N): row.mean() for N, row in zip(widths, found, strict=True)}
    series = {
        "gap": np.array([means.get(int(N)) or gap(setting, int(N), few, "few").mean() for N in at]),
        "law": symbols["V_1"] / at,
        "bound": registry.claim("tangent/gap-at-most").evaluate({**symbols, "N": at}).bound,
    }
    labels = {
        "gap": r"$\Vert f_N - f_{KRR}\Vert^2$",
        "law": "its law $V_1/N$",
        "bound": "its bound",
    }
    if c.uniform:
        mean = np.array([risks(setting, int(N), few, "excess").mean() for N in at])
        series["excess"] = np.maximum(mean - risk_of_kernel(setting), 0.0)
        labels["excess"] = "$R_N - R_{KRR}$"
    title = heading("N neurons and infinitely many", c.data,
                    {"n": rows.n, "d": rows.d, r"\lambda": c.ridge})  # fmt: skip
    return Trajectory("Nd/n", at * rows.d / rows.n, series, labels=labels, title=title,
                      axis=r"features per sample $Nd/n$",
                      quantity="distance, risk")  # fmt: skip


def risks(setting: Setting, N: int, count: int, purpose: str) -> Array:
    """R_N on the sphere, (count,), exact given the neurons."""
    rows, F, found = setting.rows, setting.energies, []
    coefficients = np.sqrt(F * spectrum(rows.d)[1])
    for W in setting.drawn(purpose, count, N):
        S = rows.active(W)
        b = rows.weights(S, solved(rows.of_neurons(S), setting.lam, setting.y))
        learnt = overlap(W, b, setting.u[None], coefficients)[..., 0]
        found.append(squared_norm(W, b) - 2 * learnt + F.sum())
    return np.concatenate(found)


def risk_of_kernel(setting: Setting) -> float:
    """R_KRR on the sphere."""
    rows, F, alpha = setting.rows, setting.energies, setting.alpha
    gamma, B = spectrum(rows.d)
    learnt = gamma / B @ target(rows.X, setting.u, F) @ alpha
    return float(alpha @ setting.law.gram(rows) @ alpha - 2 * learnt + F.sum())


def sweeps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Slopes of the mean excess and of the spread of R_N: an event per sweep.

    Of uniform rows: others have no closed risk.
    """
    c = setting.configuration
    if isinstance(setting.law, Population):
        return Measured.outside(
            wanted, "uniform rows are needed: the risk of others is in no closed form"
        )
    widths = doubled(c.smallest, 2 * SPAN * c.smallest)
    kernel, found = risk_of_kernel(setting), []
    for at, N in enumerate(widths):
        drawn = risks(setting, N, c.sweeps * c.draws, "sweep")
        found.append(drawn.reshape(c.sweeps, c.draws))
        tell(at + 1, len(widths))
    excess = np.array([each.mean(1) for each in found]).T - kernel
    spread = np.array([each.std(1) for each in found]).T
    slopes = {"excess": slopes_of(np.array(widths), excess),
              "spread": slopes_of(np.array(widths), spread)}  # fmt: skip
    blurs = {"excess": blur(found[-1] - kernel, c.draws), "spread": (2 * c.draws) ** -0.5}
    symbols = {
        "smallest": widths[0], "largest": widths[-1], "sizes": len(widths),
        "tolerance": c.tolerance,
    }  # fmt: skip
    samples = {
        f"slope_of_{name}": near(
            slope, -1.0 if name == "excess" else -0.5, c.tolerance,
            {**symbols, "blur": blurs[name]},
        )
        for name, slope in slopes.items()
    }  # fmt: skip
    rates = {"n": setting.rows.n, "d": setting.rows.d, "N": np.array(widths), "C": c.constant,
             "R_K": kernel}  # fmt: skip
    samples["risk_of_width"] = Sample(np.array([each.ravel()[: c.networks] for each in found]),
                                      {**rates, "N": np.array(widths)[:, None]})  # fmt: skip
    notes = {"median_slopes": {name: float(np.median(slope)) for name, slope in slopes.items()}}
    return Measured(samples, notes=notes)


def blur(values: Array, count: int) -> float:
    """The relative standard error of a mean of so many of the values; large where it is none."""
    mean = float(values.mean())
    return float(values.std() / (math.sqrt(count) * mean)) if mean > 0 else 1e9


def near(slopes: Array, exponent: float, tolerance: float, symbols: Mapping[str, Any]) -> Sample:
    """1 where a slope is near its exponent."""
    return Sample((np.abs(slopes - exponent) <= tolerance).astype(float), symbols)
