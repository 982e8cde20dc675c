"""Samples over Gaussian feedback: the error that is left, by (LR3), without training.

The law of C is invariant under rotations, so Y is diagonal. The projection on the rows of C Y comes
from a QR decomposition, one unit of the feedback after the other.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.factorisation_feedback import panels
from verify.experiments.factorisation_feedback.configuration import SPECTRA
from verify.experiments.factorisation_feedback.curves import drawn
from verify.experiments.factorisation_feedback.setting import Setting, spectrum
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_symbols
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator

CHUNK = 1 << 22
"""Numbers that are drawn at once."""

RANKS = (2, 4, 8, 16)
PER_RANK, DRAWS, STRONG = 8, 75, 1e6
"""A sweep: hidden units, N/r, draws for a median, s/tau."""


def bases(setting: Setting, purpose: str, sigma: np.ndarray, units: int) -> np.ndarray:
    """Orthonormal columns that span the rows of C diag(sigma), (draws, N, units)."""
    rng = numpy_generator("factorisation", purpose, setting.salt)
    draws, N = setting.configuration.draws, len(sigma)
    each = max(1, CHUNK // (N * units))
    found = []
    for first in range(0, draws, each):
        C = rng.normal(size=(min(each, draws - first), units, N))
        found.append(np.linalg.qr((C * sigma).swapaxes(1, 2))[0])
    return np.concatenate(found)


def mean_error(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR6): r = 2, ..., largest_rank, and r = 1."""
    c = setting.configuration
    rng = numpy_generator("factorisation", "spectrum", setting.salt)
    sigma = c.signal * spectrum(c.spectrum, c.size, rng)
    units = max(2, min(c.largest_rank, c.size))
    left, tail = _errors(setting, "mean", sigma, units)
    total = tail[0]
    r = np.arange(1, units + 1)
    at = {"N": c.size, "tail": tail, "sigma": sigma}
    samples = {
        "drawn_error": Sample(left[1:], at | {"units": r[1:]}, trivial=total, scale=total),
        "one_unit_error": Sample(left[0], at | {"r": 1, "J": shares(sigma)}, scale=total),
    }
    mean = left[1:].mean(1)
    error = left[1:].std(1) / max(1, c.draws - 1) ** 0.5
    curves = {"error": mean, "best": tail[2 : units + 1]}
    beside = _by_spectrum(setting, units) if "drawn_error" in wanted and units < c.size else ()
    curve = drawn(setting, "mean", r[1:], curves, errors={"error": error}, panels=beside)
    return Measured(samples, curve)


def _errors(
    setting: Setting, purpose: str, sigma: np.ndarray, units: int
) -> tuple[np.ndarray, np.ndarray]:
    """||Y (I - P)||_F^2 for r = 1, ..., units, (units, draws); sum_{i > l} sigma_i^2."""
    kept = bases(setting, purpose, sigma, units)
    learnt = ((sigma[:, None] * kept) ** 2).sum(1).cumsum(1)
    left = np.maximum((sigma**2).sum() - learnt, 0.0).T
    return left, np.concatenate([(sigma**2)[::-1].cumsum()[::-1], [0.0]])


def _by_spectrum(setting: Setting, units: int) -> tuple[Trajectory]:
    """For the picture: E ||Y (I - P)||_F^2 over what gradient descent leaves, r >= 2."""
    means, spread, size = {}, {}, setting.configuration.size
    for name in SPECTRA:
        if name != "gaussian":  # which is drawn
            sigma = spectrum(name, size, numpy_generator("unused"))
            left, tail = _errors(setting, f"mean of {name}", sigma, units)
            ratio = left[1:] / tail[2 : units + 1, None]
            means[name] = ratio.mean(1)
            spread[name] = ratio.std(1) / max(1, ratio.shape[1] - 1) ** 0.5
    return (drawn(setting, "spectra", np.arange(2, units + 1), means, errors=spread),)


def shares(sigma: np.ndarray) -> np.ndarray:
    """J_j = E[g_j^2/sum_i sigma_i^2 g_i^2], by the trapezoidal rule in log t.

    It is the integral over t > 0 of (1 + 2 t sigma_j^2)^-1 prod_i (1 + 2 t sigma_i^2)^-1/2.
    """
    x = np.arange(-60.0, 120.0, 0.05)
    scale = (sigma**2).max()
    t = np.exp(x)[:, None]
    each = 1 + 2 * t * sigma**2 / scale
    product = np.exp(-np.log(each).sum(1, keepdims=True) / 2)
    return np.asarray(0.05 * (t * product / each).sum(0) / scale)


def two_levels(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR7): p squared singular values s, the others tau."""
    c = setting.configuration
    N, r, p, tau = c.size, c.hidden, c.spikes, c.signal**2
    s = c.spike * tau
    C = numpy_generator("factorisation", "levels", setting.salt).normal(size=(c.draws, r, N))
    left, f = tau * _left(C, p, c.spike), _shape(C, p)
    best = (N - r) * tau
    at = {"N": N, "r": r, "p": p, "s": s, "tau": tau}
    each = at | {"f": f, "c": np.arange(c.draws)}
    size = np.sqrt(s * tau) * N
    samples = {
        "excess": Sample(left - best, each, scale=size),
        "excess_of_one": Sample(left - best, at, scale=size),
        "mean_excess": Sample(np.maximum(left - best, 0.0), at, scale=size),
        "ratio": Sample(left / best, each, scale=size / best),
    }
    if p == 1 and "excess_of_one" in wanted and c.spike > 1 and r < N:
        beside = (panels.excess(setting, left - best),)
        return Measured(samples, Trajectory("point", np.arange(2.0), {}, panels=beside))
    return Measured(samples)


def _left(C: np.ndarray, p: int, s: float) -> np.ndarray:
    """||Y (I - P)||_F^2 for Y = diag(sqrt(s), ..., 1, ...), by draw."""
    sigma = np.where(np.arange(C.shape[2]) < p, np.sqrt(s), 1.0)
    B = np.linalg.qr((C * sigma).swapaxes(1, 2))[0]
    spiked = np.eye(C.shape[2])[:p] - B[:, :p] @ B.swapaxes(1, 2)
    small = 1 - (B[:, p:] ** 2).sum(2)
    return np.asarray(s * (spiked**2).sum((1, 2)) + small.sum(1))


def _shape(C: np.ndarray, p: int) -> np.ndarray:
    """Eigenvalues of C_1^T (C_2 C_2^T)^-1 C_1, (draws, p); 1 where p > r.

    They are the squares of the singular values of T^-1 C_1, where C_2 = T Q^T.
    """
    triangle = np.asarray(np.linalg.qr(C[..., p:].swapaxes(1, 2))[1]).swapaxes(1, 2)
    found = np.linalg.svd(np.linalg.solve(triangle, C[..., :p]), compute_uv=False) ** 2
    missing = p - found.shape[1]  # p > r is out of the regime
    return np.pad(found, ((0, 0), (0, max(0, missing))), constant_values=1.0)


def growth(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR7): slopes of log(median ratio) in log r, at N = 8 r and s/tau = 1e6."""
    c = setting.configuration
    medians = np.empty((c.sweeps, len(RANKS)))
    for i, r in enumerate(RANKS):
        N = PER_RANK * r
        for sweep in range(c.sweeps):
            rng = numpy_generator("factorisation", "growth", r, sweep, setting.salt)
            ratio = _left(rng.normal(size=(DRAWS, r, N)), r, STRONG) / (N - r)
            medians[sweep, i] = np.median(ratio)
        tell(i + 1, len(RANKS))
    slopes = slopes_of(np.array(RANKS), medians)
    symbols = sweep_symbols(np.array(RANKS), c.tolerance)
    near = np.abs(slopes - 1) <= c.tolerance
    notes = {"median ratios": dict(zip(map(str, RANKS), np.median(medians, 0), strict=True))}
    return Measured({"slope_of_ratio": Sample(near.astype(np.float64), symbols)}, notes=notes)


def overlaps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR9): N = size, 2 size, 4 size."""
    c = setting.configuration
    r, sizes = c.hidden, c.size * np.array([1, 2, 4])
    overlap, error, fixed = (np.empty((len(sizes), c.draws)) for _ in range(3))
    for i, N in enumerate(sizes):
        square = np.where(np.arange(N) < r, 1 + c.excess, 1.0)
        B = bases(setting, f"overlap {N}", np.sqrt(square), r)
        overlap[i] = (B[:, :r] ** 2).sum((1, 2)) / r
        error[i] = (square * (1 - (B**2).sum(2))).sum(1) / (N - r)
        B = bases(setting, f"isotropic {N}", np.ones(N), r)
        fixed[i] = (B[:, :r] ** 2).sum((1, 2)) / r
        tell(i + 1, len(sizes))
    at: dict[str, Any] = {"r": r, "epsilon": c.excess}
    every = np.broadcast_to(sizes[:, None], error.shape)
    samples = {
        "overlap": Sample(overlap, at | {"N": sizes}, trivial=1.0),
        "equal_error": Sample(error, at | {"N": every}, scale=sizes.max()),
        "isotropic_overlap": Sample(fixed, at | {"N": sizes}),
    }
    deviation = overlap.std(1) / max(1, c.draws - 1) ** 0.5
    curve = drawn(setting, "overlap", sizes, {"overlap": overlap.mean(1)},
                  errors={"overlap": deviation})  # fmt: skip
    return Measured(samples, curve)
