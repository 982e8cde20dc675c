"""(HS5) to (HS7), measured: many initialisations, each as eight neurons of a kind.

S_s has rank 2 while b = 0, so two neurons a side have the moments of all, and two more have the
columns of Phi_s that the ends of I_s need. I_s depends on W_0 through S_s(0) alone. Given S_s(0),
the neurons of a side can be drawn again (`Redrawn`), so one path tells of many networks.
"""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
from scipy.special import betaincinv

from theory.language.errors import InvalidArgument
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.one_dimensional_inconsistency import recursion
from verify.experiments.one_dimensional_inconsistency.certificate import certify
from verify.experiments.one_dimensional_inconsistency.leading import ERROR, Leading
from verify.experiments.one_dimensional_inconsistency.line import SINGULAR, Line
from verify.experiments.one_dimensional_inconsistency.paths import certificate_symbols, certified
from verify.experiments.one_dimensional_inconsistency.setting import Setting, Weights
from verify.judging.sample import TOLERANCE, Sample

GROWTH = np.array([1, 4, 16])
"""Widths of a limit, over the smallest: sqrt(m) grows four times."""

MOST_STEPS = 500_000
"""That kinks are watched for."""

CHUNK = 1000
"""Initialisations that are followed at a time."""

WRONG = 1e-9
"""Error of the lower confidence limit of the certified share."""

OFFSETS, PICTURED, REDRAWN = (0.01, 0.1), 400, 8
"""Further offsets of the picture, its initialisations at each width, how often they are redrawn."""


def ends(start: Weights, line: Line, eta: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends (2, N) of I_s after that many steps, inverted: no kink has crossed where
    rho top < 1 and rho bottom < 1 for all rho of side s. For networks with b = 0."""
    S = recursion.sums_of(start, start.a)
    th = np.zeros((3, 2, 4, len(start.c)))
    root = np.sqrt(S[..., 0, 0]).T
    th[0, :, 0], th[2, :, 0] = root, S[..., 0, 2].T / np.where(root > 0, root, 1.0)
    th[2, :, 1] = np.sqrt(np.maximum(S[..., 2, 2].T - th[2, :, 0] ** 2, 0.0))
    th[0, :, 2] = th[2, :, 3] = 1.0
    a, b, w = th
    c = start.c.copy()
    xx, x1, one = (eta * line.M[:, i, j, None] for i, j in ((0, 0), (0, 1), (1, 1)))
    h_x, h_1 = (eta * part[:, None] for part in line.h.T)
    top, bottom = np.zeros((2, *c.shape)), np.zeros((2, *c.shape))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
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
            for base, slope in ((line.xi * a[:, 2:] + sign * b[:, 2:]).swapaxes(0, 1)
                                for sign in (-1.0, 1.0)):  # fmt: skip
                # a kink at rho = 0 has crossed, or all has diverged: I_s is empty
                turn = np.where(base > 0, -slope / base, np.inf)
                top = np.maximum(top, turn)
                bottom = np.minimum(bottom, np.where(base > 0, turn, -np.inf))
    return top, bottom


def stays(start: Weights, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Whether no kink crosses, (N,)."""
    low, high = recursion.extremes(start.a, start.w)
    with np.errstate(invalid="ignore"):  # 0 times inf: the interval is empty
        return np.asarray(((high.T * top < 1) & (low.T * bottom < 1)).all(axis=0))


class Redrawn:
    """Networks with the same S_s that are as likely: on each side a has another direction among
    positive ones, and w another part across it; the sizes and the product of both are kept."""

    def __init__(self, start: Weights) -> None:
        self.start, self.signs, self.right = start, np.sign(start.a), start.a > 0
        self.sides = self.right.astype(np.float64), (start.a < 0).astype(np.float64)
        size = self._norms(start.a)
        along = self._sums(start.a, start.w) / size
        far = np.sqrt(np.maximum(self._norms(start.w) ** 2 - along**2, 0.0))
        # one neuron alone has no other direction
        far *= np.stack([side.sum(axis=1) for side in self.sides]) > 1
        self.size, self.along, self.far = size, along, far

    def __call__(self, rng: np.random.Generator) -> Weights:
        start = self.start
        other, across = rng.standard_normal(start.a.shape), rng.standard_normal(start.a.shape)
        unit = self.signs * np.abs(other, out=other) / self._each(self._norms(other))
        across -= unit * self._each(self._sums(unit, across))
        w = unit * self._each(self.along) + across * self._each(self.far / self._norms(across))
        return Weights(unit * self._each(self.size), start.b, w, start.c)

    def _sums(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Of products over the neurons of each side, (2, N)."""
        products = x * y
        return np.stack([np.einsum("nm,nm->n", products, side) for side in self.sides])

    def _norms(self, x: np.ndarray) -> np.ndarray:
        """Of each side, (2, N), not 0."""
        return np.maximum(np.sqrt(self._sums(x, x)), 1e-300)

    def _each(self, sides: np.ndarray) -> np.ndarray:
        """What each neuron has of its side, (N, m)."""
        return np.where(self.right, sides[0][:, None], sides[1][:, None])


def followed(
    setting: Setting, line: Line, purpose: str, count: int, width: int, copies: int = 1
) -> np.ndarray:
    """Shares of networks whose kinks all stay by tau, each of so many copies, (count,).

    With biases at the start nothing is followed: the claims do not speak of it.
    """
    rng, eta, found = setting.rng(purpose), setting.eta(width), []
    horizon = setting.configuration.horizon
    if not horizon / eta <= MOST_STEPS:
        allowed = f"at most {MOST_STEPS * eta:.4g}, {MOST_STEPS} steps at width {width}"
        raise InvalidArgument("horizon", horizon, allowed)
    steps = math.ceil(horizon / eta)
    for first in range(0, count, CHUNK):
        start = setting.weights(rng, min(CHUNK, count - first), width)
        if start.b.any():
            found.append(np.zeros(len(start.c)))
            continue
        top, bottom = ends(start, line, eta, steps)
        shares = stays(start, top, bottom).astype(np.float64)
        again = Redrawn(start)
        for _ in range(copies - 1):
            shares += stays(again(rng), top, bottom)
        found.append(shares / copies)
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
    values = followed(setting, setting.line, "draws", c.draws, c.width)
    proofs = certified_draws(setting, c.draws)
    count = int(proofs.sum())
    least = float(betaincinv(count, c.draws - count + 1, WRONG)) if count else 0.0
    symbols = {**usual(setting), "certified": least, "m": c.width, "C": c.published_constant,
               "gamma": c.published_power}  # fmt: skip
    shares = {"certified": f"{proofs.mean():.4g}", "crossed": f"{1 - values.mean():.4g}"}
    return Measured({"stays": Sample(values, symbols)}, notes={"shares": shares})


def leading(setting: Setting) -> Leading:
    """Of the line; a singular side is kept away from 0, and out of the regime."""
    M = setting.line.M + SINGULAR * np.abs(setting.line.M).max() * np.eye(2)
    return Leading(M, setting.line.xi)


def widths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(HS6): sqrt(m) times the shares that cross, (widths, trials); C by itself, (times,)."""
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
        stay = followed(setting, line, f"width {width}", c.trials, int(width), c.copies)
        crossing.append(1 - stay)
        tell(number + 1, len(m))
    reach = law.reach(c.horizon)
    samples["scaled_crossing"] = Sample(
        np.sqrt(m)[:, None] * np.array(crossing),
        {
            **usual(setting),
            "m": m,
            "E_plus": reach[0],
            "E_minus": reach[1],
            "narrowest": c.smallest,
        },
    )
    return Measured(samples, _curves(setting, law, m, np.mean(crossing, axis=1)))


def shifted(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(HS7): shares that stay, (widths, trials), with targets shifted by kappa/sqrt(m)."""
    c, line, law = setting.configuration, setting.line, leading(setting)
    m, stay = c.smallest * GROWTH, []
    for number, width in enumerate(m):
        here = line.shifted(c.shift / math.sqrt(width))
        purpose = f"shifted {width}"
        stay.append(followed(setting, here, purpose, c.trials, int(width), c.copies))
        tell(number + 1, len(m))
    (b_plus, b_minus), (D_plus, D_minus) = law.drift(c.horizon), law.D
    E_plus, E_minus = law.reach(c.horizon)
    symbols = {**usual(setting), "m": m, "kappa": c.shift, "b_plus": b_plus, "b_minus": b_minus,
               "D_plus": D_plus, "D_minus": D_minus, "tau": c.horizon, "E_plus": E_plus,
               "E_minus": E_minus, "narrowest": c.smallest}  # fmt: skip
    return Measured({"stays_shifted": Sample(np.array(stay), symbols)})


def _curves(setting: Setting, law: Leading, m: np.ndarray, crossing: np.ndarray) -> Trajectory:
    """P(some kink crosses) against the width, by the offset in all, with what is predicted."""
    c = setting.configuration
    first = f"offset {c.offset:g}"
    series, labels = {first: crossing}, {first: f"{first}, measured"}
    count, copies = min(PICTURED, c.trials), min(REDRAWN, c.copies)
    for more in OFFSETS:
        line = setting.line.shifted(more)
        name = f"offset {c.offset + more:g}"
        found = [followed(setting, line, f"{name}, {width}", count, int(width), copies)
                 for width in m]  # fmt: skip
        series[name], labels[name] = 1 - np.mean(found, axis=1), f"{name}, measured"
    for more in (0.0, *OFFSETS):
        offset = c.offset + more
        name = f"law {offset:g}"
        series[name] = law.crossing(m, offset, c.horizon)
        labels[name] = f"offset {offset:g}, predicted"
    values = {"C": law.constant(c.horizon), r"\tau": c.horizon}
    curves = Trajectory(
        "width", m, series, labels=labels, axis="width $m$", quantity="P(some kink crosses)",
        title=heading("odds of a crossing", c.data, values),
    )  # fmt: skip
    return Trajectory("width", m, {}, sweep=curves)
