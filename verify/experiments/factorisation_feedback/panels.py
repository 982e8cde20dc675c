"""Panels beside the curves: the other rule, alignment, modes in their own time, laws, spectra."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincinv

from verify.experiments.factorisation_feedback.curves import LABELS, drawn
from verify.experiments.factorisation_feedback.matrices import descend, flow
from verify.experiments.factorisation_feedback.modes import universal
from verify.experiments.factorisation_feedback.setting import Problem, Setting
from verify.experiments.kit import Trajectory

MODES = 4
"""Modes that are drawn: the largest, the smallest, and some between."""

STARTS = 8
"""Gaussian starts, of which the mean is drawn."""

OWN_TIMES = np.linspace(0.1, 6.0, 60)
"""tau, at which every mode is seen."""

BINS, LEFT_OUT = 24, 1e-3
"""Of the histogram, and the probability that lies on either side of it."""


def other_error(setting: Setting) -> dict[str, np.ndarray]:
    """||R_t||_F^2 under the rule that was not asked for; nothing where that diverges."""
    c = setting.configuration
    rule = "feedback" if c.rule == "gradient-descent" else "gradient-descent"
    problem = setting.with_hidden(c.hidden, rule)
    Z, W = descend(*problem.start, c.steps)
    with np.errstate(over="ignore", invalid="ignore"):
        error = ((setting.Y - Z @ W) ** 2).sum((1, 2))
    moved = c.start == "zero" and problem.gradient
    return {"moved" if moved else rule: error} if np.isfinite(error).all() else {}


def alignment(setting: Setting, inner: np.ndarray, cosine: np.ndarray) -> Trajectory:
    """|tr(C Z_t)| and |cos(C^T, Z_t)|, by step; from zero also the mean from Gaussian starts."""
    c = setting.configuration
    series = {"inner": np.abs(inner), "cosine": np.abs(cosine)}
    if c.start == "zero":
        starts = [setting.gaussian(c.hidden, f"panel {i}") for i in range(STARTS)]
        series["random"] = np.mean([_cosine(setting.problem, *each, c.steps) for each in starts], 0)
    return drawn(setting, "alignment", np.arange(c.steps + 1), series)


def _cosine(problem: Problem, Z: np.ndarray, W: np.ndarray, steps: int) -> np.ndarray:
    found, _ = descend(problem.Y, problem.C, Z, W, problem.eta, steps)
    size = np.linalg.norm(found, axis=(1, 2)) * np.linalg.norm(problem.C)
    return np.abs(np.einsum("rn,tnr->t", problem.C, found)) / size


def modes(setting: Setting) -> Trajectory:
    """(q_i w_i/u_i)^{1/3} of the flow from zero, each mode at the same times of its own."""
    problem = setting.problem
    A, u, B = problem.modes
    chosen = np.unique(np.linspace(0, len(u) - 1, MODES).round().astype(int))
    times = np.multiply.outer(2 ** (1 / 3) / u[chosen] ** (2 / 3), OWN_TIMES)
    every, place = np.unique(np.append(0.0, times), return_inverse=True)
    Z, W = flow(problem.Y, problem.C, problem.Z, problem.W, every)
    seen = place[1:].reshape(times.shape)
    series, labels = {}, dict(LABELS)
    for i, at in zip(chosen, seen, strict=True):
        w = np.einsum("a,tab,b->t", A[:, i], W[at], B[:, i])
        q = np.einsum("a,an,tnb,b->t", A[:, i], problem.C, Z[at], A[:, i])
        series[f"mode {i + 1}"] = np.cbrt(q * w / u[i])
        labels[f"mode {i + 1}"] = rf"mode $u_{{{i + 1}}} = {u[i]:.3g}$"
    series["phi"] = universal(OWN_TIMES)
    return drawn(setting, "modes", OWN_TIMES, series, labels=labels)


def excess(setting: Setting, found: np.ndarray) -> Trajectory:
    """A histogram of ||R||_F^2 - (N - r) tau over the draws, one spike, with its law.

    It is (s - tau)/(1 + (s/tau) b/(1 - b)), b ~ Beta(r/2, (N - r)/2).
    """
    c = setting.configuration
    shape, tau = (c.hidden / 2, (c.size - c.hidden) / 2), c.signal**2
    ends = betaincinv(*shape, np.array([1 - LEFT_OUT, LEFT_OUT]))
    low, high = np.log((c.spike - 1) * tau / (1 + c.spike * ends / (1 - ends)))
    edges = np.exp(np.linspace(low, high, BINS + 1))
    b = ((c.spike - 1) * tau - edges) / ((c.spike - 1) * tau - edges + c.spike * edges)
    share = np.histogram(found, edges)[0] / len(found)
    error = np.sqrt(share * (1 - share) / len(found))
    series = {"drawn": share, "law": -np.diff(betainc(*shape, b))}
    middle = np.log10(edges[:-1] * edges[1:]) / 2
    return drawn(setting, "excess", middle, series, errors={"drawn": error})
