"""(HS5) to (HS7), measured: many initialisations, each as four neurons and the extreme ones.

S_s has rank 2 while b = 0, so two neurons a side have the moments of all; by (HS2) the first to
cross on a side has the least or the largest w_i/a_i. So a network of any width is eight neurons.
"""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
from scipy.stats import beta

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.one_dimensional_inconsistency import recursion
from verify.experiments.one_dimensional_inconsistency.certificate import certify
from verify.experiments.one_dimensional_inconsistency.leading import ERROR, Leading
from verify.experiments.one_dimensional_inconsistency.line import SINGULAR, Line
from verify.experiments.one_dimensional_inconsistency.paths import certificate_symbols, certified
from verify.experiments.one_dimensional_inconsistency.setting import Setting
from verify.judging.sample import TOLERANCE, Sample

GROWTH = np.array([1, 4, 16])
"""Widths of a limit, over the smallest: sqrt(m) grows four times."""

CHUNK = 1000
"""Initialisations that are followed at a time."""

GROUPS = 40
"""Means over so many groups are nearly normal."""

WRONG = 1e-9
"""Error of the lower confidence limit of the certified share."""

OFFSETS, PICTURED = (0.01, 0.1), 400
"""Of the picture, and its initialisations at each width."""


def stays(start: Any, line: Line, eta: float, steps: int) -> np.ndarray:
    """Whether no kink of networks (N, m) with b = 0 crosses in that many steps; (N,)."""
    ends = np.stack(recursion.extremes(start.a, start.w))  # (2 ends, N, 2 sides)
    th = np.zeros((3, 2, 4, len(start.c)))
    for s, on in enumerate((start.a > 0, start.a < 0)):
        S_11, S_33 = (start.a**2 * on).sum(1), (start.w**2 * on).sum(1)
        S_13 = (start.a * start.w * on).sum(1)
        root = np.sqrt(S_11)
        th[0, s, 0], th[2, s, 0] = root, S_13 / np.where(root > 0, root, 1.0)
        th[2, s, 1] = np.sqrt(np.maximum(S_33 - th[2, s, 0] ** 2, 0.0))
        th[0, s, 2:], th[2, s, 2:] = 1.0, ends[:, :, s]
    a, b, w = th
    c = start.c.copy()
    xx, x1, one = (eta * line.M[:, i, j, None] for i, j in ((0, 0), (0, 1), (1, 1)))
    h_x, h_1 = (eta * part[:, None] for part in line.h.T)
    inside = np.ones((2, 2, len(c)), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            p = a[:, 0] * w[:, 0] + a[:, 1] * w[:, 1]
            q = b[:, 0] * w[:, 0] + b[:, 1] * w[:, 1] + c
            al, be = xx * p + x1 * q - h_x, x1 * p + one * q - h_1
            c -= be[0] + be[1]
            al, be = al[:, None], be[:, None]
            back = al * a + be * b
            a -= al * w
            b -= be * w
            w -= back
            # what has diverged is not inside
            inside &= np.abs(b[:, 2:]) < line.xi * a[:, 2:]
    return np.asarray(inside.all(axis=(0, 1)))


def followed(
    setting: Setting, line: Line, purpose: str, count: int, width: int, tell: Progress | None = None
) -> np.ndarray:
    """Whether no kink crosses by tau, (count,). With biases at the start nothing is followed."""
    rng, eta, found = setting.rng(purpose), setting.eta(width), []
    steps = math.ceil(setting.configuration.horizon / eta)
    for first in range(0, count, CHUNK):
        start = setting.weights(rng, min(CHUNK, count - first), width)
        found.append(np.abs(start.b).max(axis=1) == 0 if start.b.any() else
                     stays(start, line, eta, steps))  # fmt: skip
        if tell is not None:
            tell(first + len(start.c), count)
    return np.concatenate(found)


def certified_draws(setting: Setting, count: int) -> np.ndarray:
    """Whether the certificate holds, of networks of their own, (count,)."""
    c, line = setting.configuration, setting.line
    rng, eta, found = setting.rng("certified"), setting.eta(c.width), []
    for first in range(0, count, CHUNK):
        start = setting.weights(rng, min(CHUNK, count - first), c.width)
        at_first = recursion.moments_of(start)
        *_, now = recursion.follow(at_first, line.xi, eta, setting.sums, c.certify_at)
        proof = certify(now, line.M, line.h, eta)
        found.append(certified(certificate_symbols(setting, start, now, proof, eta)))
    return np.concatenate(found)


def usual(setting: Setting) -> dict[str, Any]:
    """What all claims on odds ask of a problem."""
    c, line = setting.configuration, setting.line
    return {"he": setting.he, "v_opt": line.v_opt, "M_min": line.M_min, "step": c.step,
            "xi": line.xi}  # fmt: skip


def one_width(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(HS5): networks of the options' width, beside the certificates of others; (draws,)."""
    c = setting.configuration
    values = followed(setting, setting.line, "draws", c.draws, c.width, tell)
    proofs = certified_draws(setting, c.draws)
    count = int(proofs.sum())
    least = float(beta.ppf(WRONG, count, c.draws - count + 1)) if count else 0.0
    symbols = {**usual(setting), "certified": least, "m": c.width, "C": c.published_constant,
               "gamma": c.published_power}  # fmt: skip
    shares = {"certified": f"{proofs.mean():.4g}", "crossed": f"{1 - values.mean():.4g}"}
    return Measured({"stays": Sample(values.astype(np.float64), symbols)}, notes={"shares": shares})


def leading(setting: Setting) -> Leading:
    """Of the line; a singular side is kept away from 0, and out of the regime."""
    M = setting.line.M + SINGULAR * np.abs(setting.line.M).max() * np.eye(2)
    return Leading(M, setting.line.xi)


def grouped(stay: np.ndarray) -> np.ndarray:
    """Shares that stay, (groups,)."""
    groups = min(GROUPS, len(stay))
    return stay[: len(stay) // groups * groups].reshape(groups, -1).mean(axis=1)


def widths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(HS6): sqrt(m) times the share that crosses, (widths, groups); C by itself, (times,)."""
    c, line, law = setting.configuration, setting.line, leading(setting)
    m = c.smallest * GROWTH
    chi = np.abs(law.chi)
    of_C = {**usual(setting), "chi_plus": chi[0], "chi_minus": chi[1]}
    C = np.array([law.constant(tau) for tau in c.horizon * np.array([0.0, 0.1, 1.0])])
    samples = {"crossing_constant": Sample(C, of_C, scale=C * ERROR / TOLERANCE["float64"])}
    if "scaled_crossing" not in wanted:
        return Measured(samples)
    crossing = []
    for number, width in enumerate(m):
        stay = followed(setting, line, f"width {width}", c.trials, int(width))
        crossing.append(1 - grouped(stay))
        tell(number + 1, len(m))
    reach = law.reach(c.horizon)
    samples["scaled_crossing"] = Sample(
        np.sqrt(m)[:, None] * np.array(crossing),
        {**usual(setting), "m": m, "E_plus": reach[0], "E_minus": reach[1]},
    )
    return Measured(samples, _curves(setting, law, m, np.mean(crossing, axis=1)))


def shifted(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(HS7): shares that stay, (widths, groups), with targets shifted by kappa/sqrt(m)."""
    c, line, law = setting.configuration, setting.line, leading(setting)
    m, stay = c.smallest * GROWTH, []
    for number, width in enumerate(m):
        here = line.shifted(c.shift / math.sqrt(width))
        stay.append(grouped(followed(setting, here, f"shifted {width}", c.trials, int(width))))
        tell(number + 1, len(m))
    (b_plus, b_minus), (D_plus, D_minus) = law.drift(c.horizon), law.D
    symbols = {**usual(setting), "m": m, "kappa": c.shift, "b_plus": b_plus, "b_minus": b_minus,
               "D_plus": D_plus, "D_minus": D_minus, "tau": c.horizon}  # fmt: skip
    return Measured({"stays_shifted": Sample(np.array(stay), symbols)})


def _curves(setting: Setting, law: Leading, m: np.ndarray, crossing: np.ndarray) -> Trajectory:
    """P(some kink crosses) against the width, by the offset, with what is predicted."""
    c = setting.configuration
    series, labels = {"offset 0": crossing}, {"offset 0": "offset 0, measured"}
    count = min(PICTURED, c.trials)
    for offset in OFFSETS:
        line = setting.line.shifted(offset)
        name = f"offset {offset:g}"
        found = [followed(setting, line, f"{name}, {width}", count, int(width)) for width in m]
        series[name], labels[name] = 1 - np.mean(found, axis=1), f"{name}, measured"
    for offset in (0.0, *OFFSETS):
        name = f"law {offset:g}"
        series[name] = law.crossing(m, offset, c.horizon)
        labels[name] = f"offset {offset:g}, predicted"
    values = {"C": law.constant(c.horizon), r"\tau": c.horizon}
    curves = Trajectory(
        "width", m, series, labels=labels, axis="width $m$", quantity="P(some kink crosses)",
        title=heading("odds of a crossing", c.data, values),
    )  # fmt: skip
    return Trajectory("width", m, {}, sweep=curves)
