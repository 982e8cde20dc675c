"""(FY3) to (FY6), measured: data sets that are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.single_index_models.descent import check_steps, descend
from verify.experiments.single_index_models.setting import Given, Setting
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

GRID = np.linspace(-9.0, 9.0, 4001)
WEIGHTS = np.exp(-(GRID**2) / 2) * (GRID[1] - GRID[0]) / math.sqrt(2 * math.pi)
"""Of Z: b_k(a Z) is nearly a step, for which a fine uniform grid is the right one."""

LAMS = (0.25, 0.5, 1.0, 1.5)
"""Thresholds of the lasso over lam."""


def statistic(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(FY3): whole data sets; coordinates (3, draws), norms and events (draws,)."""
    c, beta = setting.configuration, setting.beta
    Phi, m, a = (np.concatenate(parts) for parts in zip(*setting.fresh(), strict=True))
    places = [0, c.support - 1, c.dimension - 1]
    noise = ((Phi - m[:, None] * beta) ** 2).sum(1) / a**2
    biggest = np.abs(Phi[:, c.support :]).max(1)
    shared = setting.drawn
    return Measured({
        "entry": Sample(Phi[:, places].T, {**shared, "m": m, "a": a, "b_j": beta[places, None]}),
        "noise": Sample(noise, shared),
        "largest": Sample((biggest <= a * setting.z).astype(float), {**shared, "z": setting.z}),
    })  # fmt: skip


@dataclass(frozen=True)
class Quadrature:
    """Coordinates of Phi given the responses, at the nodes of Z.

    off    (nodes,), off the support
    on     (sizes, nodes), on it, of every size that coordinates of beta* have
    right  (sizes, 1): m times the size
    many   (sizes,): coordinates of that size
    """

    off: np.ndarray
    on: np.ndarray
    right: np.ndarray
    many: np.ndarray

    @classmethod
    def of(cls, setting: Setting, given: Given) -> Quadrature:
        on = np.abs(setting.beta[: setting.configuration.support]).round(14)
        sizes, many = np.unique(on, return_counts=True)
        spread = given.a * np.sqrt(np.maximum(1 - sizes**2, 0.0))
        right = given.m * sizes[:, None]
        return cls(given.a * GRID, right + spread[:, None] * GRID, right, many)

    def on_support(self, b: np.ndarray) -> tuple[float, float]:
        """Of an odd estimate b at `on`: the sum of squared errors, and of their variances."""
        error = (b - self.right) ** 2
        mean = error @ WEIGHTS
        spread = np.maximum(error**2 @ WEIGHTS - mean**2, 0.0)
        return float(self.many @ mean), float(self.many @ spread)


def moments(setting: Setting, given: Given, steps: Sequence[int]) -> dict[str, np.ndarray]:
    """Of descent, at every step: off, off_4, on, on_var, missed (steps,)."""
    at = Quadrature.of(setting, given)
    eta, _ = setting.stop(given.a * setting.z, given)
    rows = []
    for state in descend(np.vstack([at.off, at.on]), eta, setting.configuration.alpha, steps):
        off, on = state.b[0] ** 2, state.b[1:]
        missed = at.many @ ((on - at.on) ** 2 @ WEIGHTS)
        rows.append((off @ WEIGHTS, off**2 @ WEIGHTS, *at.on_support(on), missed))
    names = ("off", "off_4", "on", "on_var", "missed")
    return dict(zip(names, np.array(rows).T, strict=True))


def soft(phi: np.ndarray, lam: Any) -> np.ndarray:
    """The lasso with the loss of the model."""
    return np.asarray(np.sign(phi) * np.maximum(np.abs(phi) - lam, 0.0))


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
    curve = Trajectory(
        "step", k,
        {"error": error.mean(1), "oracle": np.full(len(k), (c.support - 1) * given.a**2),
         "lasso": np.full(len(k), lasso.mean(1).min())},
        errors={"error": error.std(1) / math.sqrt(max(1, c.draws - 1))},
        sweep=rates(setting) if "error" in wanted else None,
        labels={"error": "mean over data sets", "oracle": "with the support known",
                "lasso": f"lasso, best of {len(LAMS)} penalties"},
        axis="steps $k$", quantity=r"$\Vert b_k - m\beta^*\Vert^2$",
        title=heading("Descent with early stopping", f"link {c.link}",
                      {"n": c.samples, "p": c.dimension, "s": c.support, r"\alpha": c.alpha}),
    )  # fmt: skip
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
    known = given.a * math.sqrt(chi2.ppf(1 - c.delta, s - 1)) if s > 1 else 0.0
    limit = known + np.linalg.norm(lacks, axis=1) + math.sqrt(c.dimension - s) * c.growth
    error = np.linalg.norm(b - given.m * setting.beta, axis=1)
    return right, error <= limit


def rates(setting: Setting) -> Trajectory:
    """The root of (FY4) at the stop over sqrt(s log p/n), as the number of samples doubles."""
    c = setting.configuration
    found, best = [], []
    for factor in (1, 2, 4, 8):
        given = setting.given("rates", factor * c.samples)
        _, stop = setting.stop(given.a * setting.z, given)
        law = {name: each[0] for name, each in moments(setting, given, [stop]).items()}
        found.append(math.sqrt((c.dimension - c.support) * law["off"] + law["on"]))
        best.append(math.sqrt(c.support - 1) * given.a)
    over = [math.sqrt(c.support * math.log(c.dimension) / (f * c.samples)) for f in (8, 4, 2, 1)]
    return Trajectory(
        "rate", np.array(over), {"error": np.array(found[::-1]), "oracle": np.array(best[::-1])},
        labels={"error": "the law of the error at the stop", "oracle": "with the support known"},
        axis=r"$\sqrt{s \log p/n}$", quantity=r"$\Vert b_k - m\beta^*\Vert$",
        title=heading("More samples", f"link {c.link}", {"p": c.dimension, "s": c.support}),
    )  # fmt: skip
