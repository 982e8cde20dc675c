"""(FY1), (FY2), (FY5), (FY6), measured: single coordinates, whatever Phi is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Set
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.single_index_models.descent import (
    MOST_STEPS,
    check_steps,
    descend,
    flow,
    states,
)
from verify.experiments.single_index_models.setting import Setting
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

QUANTILE = 0.75
"""Of the sizes of coordinates: those above it have time to grow."""

SHARES = (0.1, 0.3, 0.5, 0.8)
"""Thresholds of the lasso over the largest |phi|."""


def growth(alpha: float) -> float:
    """Half the logarithm of b/alpha^2 that a coordinate needs, and some more."""
    return math.log(max(10.0, 100 / alpha**2)) / 2


def typical(sizes: np.ndarray) -> float:
    """Of the coordinates that have time to grow the smallest."""
    return float(np.quantile(sizes[sizes > 0], QUANTILE))


def checkpoints(setting: Setting, eta: float, sizes: np.ndarray) -> np.ndarray:
    """Steps until the large coordinates have grown from alpha to their size."""
    c = setting.configuration
    last = check_steps(growth(c.alpha) / math.log1p(eta * typical(sizes)), "step", c.step)
    return np.unique(np.linspace(1, max(last, c.points), c.points).astype(int))


def times(setting: Setting, sizes: np.ndarray) -> np.ndarray:
    """The same of the flow."""
    c = setting.configuration
    return growth(c.alpha) / typical(sizes) * np.arange(1, c.points + 1) / c.points


def coordinates(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Descent, (steps, coordinates)."""
    whole, c = setting.whole, setting.configuration
    phi, eta = whole.Phi, c.step / whole.size
    k = checkpoints(setting, eta, np.abs(phi))
    found = descend(phi, eta, c.alpha, k)
    w, v, kept = (np.array([getattr(each, name) for each in found]) for name in ("w", "v", "kept"))
    check_finite(w**2, v**2)
    values = {"phi": phi, "k": k[:, None], "eta": eta, "alpha": c.alpha}
    scale = w**2 + v**2
    signed = np.sign(phi) * (w**2 - v**2)
    shrunk = w * v / c.alpha**2
    samples = {
        "coordinate": Sample(signed, {**values, "shrunk": shrunk}, scale=scale),
        "product": Sample(w * v, {"alpha": c.alpha, "kept": kept}),
    }
    return Measured(samples, curves(setting, eta, int(k[-1])))


def curves(setting: Setting, eta: float, last: int) -> Trajectory:
    """Coordinates that are found, and the largest that should not be."""
    whole, c = setting.whole, setting.configuration
    sizes = np.sort(np.abs(whole.Phi))[::-1]
    many = max(1, min(c.support, len(sizes) // 2))
    ranks = sorted({1, many, min(many + 1, len(sizes))})
    k = np.unique(np.linspace(0, last, 60).astype(int))
    b = np.array([each.b for each in descend(sizes[[r - 1 for r in ranks]], eta, c.alpha, k)])
    series = {f"number_{rank}": b[:, i] for i, rank in enumerate(ranks)}
    words = {f"number_{r}": rf"number {r}: $|\phi| = {sizes[r - 1]:.3g}$" for r in ranks}
    return Trajectory(
        "step", k, series, labels=words, axis="steps $k$", quantity="$|b_k|$",
        title=heading("Coordinates by descent", c.data, {r"\alpha": c.alpha, r"\eta": eta}),
    )  # fmt: skip


def check_stiff(phi: np.ndarray, alpha: float, t: np.ndarray) -> None:
    """InvalidArgument where an explicit solver needs too many steps: about R t/10 of them."""
    R = math.hypot(float(np.abs(phi).max()), 2 * alpha**2)
    check_steps(R * float(t[-1]) / 10, "alpha", alpha)


def flows(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """The flow, (times, coordinates)."""
    whole, c = setting.whole, setting.configuration
    t = times(setting, np.abs(whole.Phi))
    check_stiff(whole.Phi, c.alpha, t)
    w, v = flow(whole.Phi, c.alpha, t)
    check_finite(w**2, v**2)
    values = {"phi": whole.Phi, "t": t[:, None], "alpha": c.alpha}
    return Measured({
        "flow": Sample(w**2 - v**2, values, scale=w**2 + v**2),
        "flow_product": Sample(w * v, {"alpha": c.alpha}),
    })  # fmt: skip


def windows(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Pairs of a size that is to be found and one that is to stay away, (pairs,)."""
    whole, c = setting.whole, setting.configuration
    eta, sizes = c.step / whole.size, np.sort(np.abs(whole.Phi))[::-1]
    many = max(1, min(c.support, len(sizes) // 2))
    signal, noise = sizes[:many], sizes[many : 2 * many]
    found, left = crossings(setting, signal, noise, eta)
    values: dict[str, Any] = {
        "eta": eta, "alpha": c.alpha, "epsilon": c.growth, "near": c.near,
        "signal": signal, "noise": noise, "M_0": whole.size, "p": len(whole.Phi),
        "n": whole.samples, "weakest": whole.weakest, "mu": setting.slope, "C_1": c.constant_first,
        "C_2": c.constant_last,
    }  # fmt: skip
    return Measured({
        "first": Sample(found, values), "last": Sample(left, values),
        "window": Sample(left - found, values, scale=left + found),
    })  # fmt: skip


def crossings(
    setting: Setting, signal: np.ndarray, noise: np.ndarray, eta: float
) -> tuple[np.ndarray, np.ndarray]:
    """First steps with b >= signal - near, and last ones with b <= epsilon (0: it stays there).

    InvalidArgument where too many are needed.
    """
    c = setting.configuration
    first, last = np.full(len(signal), -1.0), np.full(len(noise), -1.0)
    last[noise <= c.growth] = 0.0
    first[signal <= c.near] = 0.0
    slowest = min((*signal[first < 0], *noise[last < 0]), default=1.0)
    check_steps(growth(c.alpha) / math.log1p(eta * slowest), "step", c.step)
    for state in states(np.concatenate([signal, noise]), eta, c.alpha):
        b = state.b
        check_finite(b)
        arrived = (first < 0) & (b[: len(signal)] >= signal - c.near)
        gone = (last < 0) & (b[len(signal) :] > c.growth)
        first[arrived], last[gone] = state.k, state.k - 1
        if (first >= 0).all() and (last >= 0).all():
            break
        if state.k == MOST_STEPS:
            check_steps(math.inf, "step", c.step)
    return first, last


def thresholds(setting: Setting) -> np.ndarray:
    return np.abs(setting.whole.Phi).max() * np.array(SHARES)


def lasso_path(X: np.ndarray, y: np.ndarray, lam: Iterable[float]) -> np.ndarray:
    """The lasso of y (n,) on X (n, p), ||y - X b||^2/(2 n) + lam |b|_1, at every lam: (lams, p)."""
    from sklearn.linear_model import lars_path

    # from the largest lam down; between its corners the path is linear
    corners, _, coefficients = lars_path(X, y, method="lasso")
    order = np.argsort(corners)
    lams = np.asarray(list(lam))
    return np.array([np.interp(lams, corners[order], row[order]) for row in coefficients]).T


def lasso_coordinates(setting: Setting) -> Sample:
    """The lasso by least angles, (thresholds, coordinates)."""
    whole, lam = setting.whole, thresholds(setting)
    paths = [lasso_path(whole.X, target, lam) for target in whole.T.T]
    size = float(np.abs(whole.Phi).max())
    values = {"phi": whole.Phi, "lam": lam[:, None]}
    return Sample(np.concatenate(paths, axis=1), values, scale=size)
