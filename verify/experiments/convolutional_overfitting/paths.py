"""Of single filters: the decomposition, upper bounds, and what is conserved."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.convolutional_overfitting.curves import trajectory
from verify.experiments.convolutional_overfitting.descent import HEADS, Problem, flow
from verify.experiments.convolutional_overfitting.setting import Setting, Start
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample

NO_GROWTH = 1e-12
"""In place of a growth of 0."""


def along(values: np.ndarray, like: np.ndarray, axis: int = 1) -> np.ndarray:
    """Values (R, ...) broadcast to the axes of `like` from `axis` on."""
    trailing = like.ndim - axis - values.ndim
    return np.broadcast_to(values.reshape(values.shape + (1,) * trailing), like.shape)


def by_class(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of (R, 2) the value of the class of each sample, (R, n)."""
    return np.where(y > 0, values[:, :1], values[:, 1:])


def decomposition(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN1): signals of all runs; noise, which takes a sum for each number, of the first one."""
    problem, path, common = setting.problem, setting.path, setting.common
    signal, noise = setting.states
    aligned = HEADS[:, None] * signal
    lengths = np.linalg.norm(path.W, axis=-1)
    size = lengths * problem.mu[:, None, None]
    sizes = lengths[..., None] * np.sqrt(problem.xi_sq)[:, None, None, :]
    samples = {"signal": Sample(aligned, {"start": along(aligned[0], aligned),
                                          "gamma": path.gamma}, scale=size)}  # fmt: skip
    first = noise[:, 0]
    many, n = first.shape[0], first.shape[-1]
    filters = first[..., 0].size // many
    norms = problem.xi_sq[0]
    overlap = problem.X[0] @ problem.X[0].T / norms
    state = np.arange(many * filters).reshape(*first.shape[:-1], 1)
    symbols = {"n": n, "start": along(first[0], first), "rho": path.rho[:, 0].reshape(-1, n),
               "overlap": overlap, "state": np.broadcast_to(state, first.shape),
               "place": np.broadcast_to(np.arange(n), first.shape)}  # fmt: skip
    samples["noise"] = Sample(first, symbols, scale=sizes[:, 0])
    rest = elsewhere(problem, path.W)
    samples["elsewhere"] = Sample(rest, {"start": along(rest[0], rest)}, scale=lengths)
    signs = HEADS[:, None, None] * problem.y[:, None, None, :]
    grows = np.concatenate([aligned[..., None], signs * noise], axis=-1)
    samples["aligned"] = Sample(
        grows[1:], {"before": grows[:-1], "cross": common["cross"], "flips": common["flips"]},
        scale=np.concatenate([size[..., None], sizes], axis=-1)[1:],
    )  # fmt: skip
    return Measured(samples)


def elsewhere(problem: Problem, W: np.ndarray) -> np.ndarray:
    """Norms of the filters across all patches and the signal, (K, R, 2, m)."""
    basis = np.linalg.svd(problem.X, full_matrices=False)[2]
    W = np.concatenate([W[..., :-1], np.zeros_like(W[..., -1:])], axis=-1)
    inside = (W @ np.swapaxes(basis, -1, -2)[:, None]) @ basis[:, None]
    return np.asarray(np.linalg.norm(W - inside, axis=-1))


def steps(setting: Setting, *names: str) -> dict[str, Any]:
    """Common symbols by name."""
    return {name: setting.common[name] for name in names}


STEPS = ("q", "n", "m", "cross", "flips")


def growth(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN4): how fast memory and signal grow in one step."""
    weight, level = setting.start.weights
    grown = setting.path.growth[-1]
    symbols = {**steps(setting, *STEPS), "eta": along(setting.problem.eta, grown, 0), "a": weight,
               "N_a": level, "shrink": along(setting.start.shrink, grown, 0)}  # fmt: skip
    return Measured({"growth": Sample(grown, symbols)})


def clock(start: np.ndarray, now: np.ndarray, q: float) -> np.ndarray:
    """start^-(q-2) - now^-(q-2), 0 where the start is not positive."""
    positive = (start > 0) & (now > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = -(start ** -(q - 2)) * np.expm1((q - 2) * np.log(start / now))
    return np.where(positive, found, 0.0)


def budgets(
    problem: Problem, signal: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Q (K, R, 2, m), sum of P (K, R, 2), by the largest filter, and the least u (R, 2)."""
    start_signal, start_noise = problem.start
    q, mu2 = problem.q, (problem.mu**2)[:, None, None]
    Q = clock(HEADS[:, None] * start_signal, HEADS[:, None] * signal, q) / mu2
    u, now = problem.owned(start_noise), problem.owned(noise)
    at = u.argmax(-1)[..., None]
    u = np.take_along_axis(u, at, -1)[..., 0]
    now = np.take_along_axis(now, np.broadcast_to(at, (*now.shape[:-1], 1)), -1)[..., 0]
    P = clock(u, now, q) / problem.xi_sq
    members = problem.members()
    spent = np.where(members, P[..., None, :], 0.0).sum(-1)
    return Q, spent, problem.least(u)


def of_budget(
    setting: Setting, Q: np.ndarray, spent: np.ndarray, least: np.ndarray, v: np.ndarray
) -> dict[str, Any]:
    """The symbols of (CN3) at checkpoints after W_0."""
    return {**steps(setting, "q", "cross", "flips"), "v": along(v, Q),
            "least": along(least, Q),
            "spent": np.broadcast_to(spent[..., None], Q.shape)}  # fmt: skip


def conservation(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN3), of descent."""
    problem, path = setting.problem, setting.path
    Q, spent, least = budgets(problem, *setting.states)
    symbols = of_budget(setting, Q[1:], spent[1:], least, setting.start.v)
    h = np.maximum(path.growth.max(-1), NO_GROWTH)
    symbols["h"] = np.broadcast_to(h[1:, :, None, None], Q[1:].shape)
    sample = Sample(Q[1:], symbols, scale=along(cancelled(problem), Q[1:]))
    return Measured({"budget": sample}, trajectory(setting, Q, spent, h))


def conservation_of_flow(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN3), of the flow over the time of all steps: the run with the most memory that grows."""
    run = int(setting.problem.least(setting.start.u.max(-1)).min(-1).argmax())
    problem = one(setting.problem, run)
    times = np.array(setting.keep[1:]) * problem.eta[0]
    signal, noise = flow(problem, times)
    Q, spent, least = budgets(problem, signal[:, None], noise[:, None])
    symbols = of_budget(setting, Q, spent, least, Start(problem).v)
    return Measured({"flow_budget": Sample(Q, symbols, scale=along(cancelled(problem), Q))})


def cancelled(problem: Problem) -> np.ndarray:
    """The size of the numbers that cancel in Q and in the sum of P, (R, 2, m)."""
    at = Start(problem)

    def size(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, np.where(x > 0, x, 1.0) ** -(problem.q - 2), 0.0)

    noise = np.where(problem.members(), (size(at.u.max(-1)) / problem.xi_sq)[:, None], 0.0)
    return np.asarray(size(at.v) / (problem.mu**2)[:, None, None] + noise.sum(-1)[..., None])


def one(problem: Problem, run: int) -> Problem:
    """One run alone."""
    names = ("X", "y", "clean", "mu", "W", "eta")
    return Problem(q=problem.q, **{name: getattr(problem, name)[run : run + 1] for name in names})
