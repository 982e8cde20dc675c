"""Of whole classes: signal below and above chi = 1, and the test loss."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from theory.theorems.convolutional_overfitting.symbols import LARGEST
from verify.experiments.convolutional_overfitting.descent import HEADS, margins
from verify.experiments.convolutional_overfitting.paths import along, by_class, steps
from verify.experiments.convolutional_overfitting.setting import Setting, over_largest
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample

PHASE = ("q", "cross", "flips", "h_0")


def classes(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN2), (CN4), (CN5), (CN6) on the training set."""
    problem, at = setting.problem, setting.start
    signal, noise = setting.states
    v = np.maximum(HEADS[:, None] * signal, 0)
    memory = np.maximum(problem.owned(noise), 0)
    S = (v**problem.q).mean(-1)
    of_filter = {"v": at.v, "chi": at.chi, "share": over_largest(at.v), "shrink": at.shrink,
                 "eta": problem.eta, "n_j": at.counts, "N_top": at.N_top}  # fmt: skip
    margin = problem.least(margins(problem, signal, noise))
    return Measured({
        "signal_part": Sample(v, {**steps(setting, *PHASE, "n", "m", "T", "mu_sq"),
                                  **{name: along(x, v) for name, x in of_filter.items()}}),
        "class_signal": Sample(S, {**of_classes(setting, S.shape), **signals(setting),
                                   **memories(setting), "margin": margin}),
        "memory": Sample(memory, {
            **of_memory(setting, memory.shape), **steps(setting, "n", "m", "T"),
            "eta": along(problem.eta, memory), "N": along(at.N, memory),
        }),
    })  # fmt: skip


def of_classes(setting: Setting, shape: tuple[int, ...]) -> dict[str, Any]:
    """Symbols at (..., R, 2)."""
    chi = setting.start.chi
    return {**steps(setting, *PHASE, "m"), "chi": np.broadcast_to(chi, shape),
            "shrink": np.broadcast_to(setting.start.shrink[:, None], shape),
            "row": np.broadcast_to(np.arange(chi.size).reshape(chi.shape), shape)}  # fmt: skip


def signals(setting: Setting) -> dict[str, Any]:
    """The rows of V."""
    v = setting.start.v.reshape(-1, setting.configuration.filters)
    return {"V": np.maximum(v, 0), "V_share": over_largest(v)}


def memories(setting: Setting) -> dict[str, Any]:
    """The rows of U, 0 for samples of the other class."""
    u, members = setting.start.u, setting.problem.members()[..., None]
    n, m = u.shape[1:]
    both = {"U": np.maximum(u, 0), "U_part": over_largest(u)}
    rows = {name: np.where(members, x[:, None], 0.0).reshape(-1, n, m) for name, x in both.items()}
    return {"n": n, **rows}


def spreads(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """w (R, 2) of (CN6), and the largest psi of the class (R, 2), LARGEST where v_j <= 0."""
    at, problem, c = setting.start, setting.problem, setting.configuration
    members = problem.members()
    kept = ((c.reach * np.maximum(at.u, 0)) ** c.power).mean(-1)
    w = np.where(members, kept[:, None], 0.0).max(-1) + at.N_top
    q = c.power
    H = -(q - 2) * c.growth / np.expm1(-(q - 2) * np.log1p(c.growth))
    v = np.maximum(at.v.max(-1), 0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        noise = np.maximum(at.u.max(-1), 0) ** (q - 2) * problem.xi_sq
        noise = np.where(members, noise[:, None], 0.0).max(-1)
        psi = (
            H
            * np.exp(w)
            * noise
            / (np.maximum(at.counts, 1) * (problem.mu**2)[:, None] * v ** (q - 2))
        )
    return w, np.where(v > 0, np.minimum(psi, LARGEST), LARGEST)


def of_memory(setting: Setting, shape: tuple[int, ...]) -> dict[str, Any]:
    """Symbols of (CN6) at (..., R, n, m)."""
    at, problem = setting.start, setting.problem
    w, psi = spreads(setting)
    classes = {"w": w, "fullest": psi, "n_j": at.counts, "top": at.v.max(-1)}
    like = np.broadcast_to(0.0, shape)
    axis = len(shape) - 3
    found = {name: along(by_class(x, problem.y), like, axis) for name, x in classes.items()}
    return {**steps(setting, *PHASE, "mu_sq", "K"), **found, "u": along(at.u, like, axis),
            "xi_sq": along(problem.xi_sq, like, axis),
            "shrink": along(at.shrink, like, axis)}  # fmt: skip


def evaluated(name: str, symbols: dict[str, Any], part: str = "") -> np.ndarray:
    """The bound of a claim, or a part of it; infinite where its premises fail."""
    claim = registry.claim(f"convolution/{name}")
    values = {each: symbols[each] for each in claim.variables}
    holds = claim.regime(values).holds
    found = claim.evaluate(values, where=holds)
    return np.where(holds, found.parts[part] if part else found.bound, np.inf)


def patch_losses(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Test losses of every held-out patch under both labels, (K, R, tests), and the errors."""
    q, (signal, _) = setting.configuration.power, setting.states
    noise = np.maximum(setting.path.W @ setting.held_out.T, 0) ** q
    N = noise.mean(-2)
    N = N[..., 0, :] - N[..., 1, :]
    losses, errors = np.zeros(N.shape), np.zeros(N.shape)
    for y in (1.0, -1.0):
        own = (np.maximum(y * signal, 0) ** q).mean(-1)
        f = (own[..., 0] - own[..., 1])[..., None] + N
        losses += np.logaddexp(0, -y * f) / 2
        errors += ((y * f < 0) + (f == 0) / 2) / 2
    return losses, errors


def tests(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(CN4) to (CN6) on held-out patches: of all runs patch by patch, of one run in mean."""
    problem, at = setting.problem, setting.start
    run = chosen(setting)
    losses, errors = patch_losses(setting)
    runs = at.chi.shape
    s = evaluated("harmful-signal", {**of_classes(setting, runs), **signals(setting)})
    harmful = {**steps(setting, *PHASE), "chi_top": along(at.chi.max(-1), losses),
               "worst": along(np.minimum(s.sum(-1), LARGEST), losses),
               "shrink": along(at.shrink, losses)}  # fmt: skip
    mean = losses[:, run]
    symbols = {**steps(setting, *PHASE, "m", "K", "sigma_p_sq", "gaussian"),
               **expected(setting, run), "shrink": at.shrink[run],
               "step": np.arange(len(mean))}  # fmt: skip
    published = steps(setting, "n", "q", "SNR", "C")
    training = np.logaddexp(0, -margins(problem, *setting.states)).mean(-1)
    notes = {"test error": float(errors[-1].mean()), "training loss": float(training[-1].mean()),
             "test loss": float(losses[-1].mean())}  # fmt: skip
    return Measured({
        "patch_loss": Sample(losses, harmful),
        "test_loss": Sample(mean, symbols, trivial=float(mean[0].mean()), given=1),
        "last_test_loss": Sample(mean[-1:], {**published, "epsilon": float(training[-1, run])},
                                 trivial=float(mean[0].mean())),
        "last_patch_loss": Sample(losses[-1], published),
    }, notes=notes)  # fmt: skip


def chosen(setting: Setting) -> int:
    """The run whose test loss is looked at: at W_0 noise is the least likely to be memorised."""
    return int(spreads(setting)[1].max(-1).argmin())


def expected(setting: Setting, run: int) -> dict[str, Any]:
    """What (CN5) and (CN6) say of the test loss of one run, at the checkpoints."""
    problem, at = setting.problem, setting.start
    runs = at.chi.shape
    benign = {**of_classes(setting, runs), **memories(setting), "margin": 0.0}
    nu = evaluated("benign-signal", benign, "nu")[run]
    u = np.maximum(at.u, 0)
    limit = evaluated("benign-noise", of_memory(setting, u.shape))
    _, psi = spreads(setting)
    members, q = problem.members()[run], problem.q
    nu_most = np.where(members, (limit**q).mean(-1)[run], 0.0).max(-1)
    loss = np.logaddexp(0, -margins(problem, *setting.states))[:, run]
    of_class = [loss[:, each] if each.any() else np.zeros((len(loss), 1)) for each in members]
    W = problem.W[run, ..., :-1]
    own = np.where(members[..., None], ((limit**2 - u**2) / problem.xi_sq[..., None])[run], 0.0)
    # noise that head j has memorised, of its own class: the other head's only shrinks
    most = np.sqrt((W**2).sum(-1) + own.sum(1))
    with np.errstate(over="ignore", invalid="ignore"):
        fit = sum(np.exp(nu[j]) * of_class[j].max(-1) for j in (0, 1)) / 2
        fit_mean = sum(np.exp(nu_most[j]) * of_class[j].mean(-1) for j in (0, 1)) / 2
    off = np.linalg.norm(setting.path.W[:, run, ..., :-1], axis=-1)
    # infinity times the loss of a class without samples is none
    fit, fit_mean = (np.minimum(np.nan_to_num(x, nan=LARGEST), LARGEST) for x in (fit, fit_mean))
    return {"fit": fit, "fit_mean": fit_mean,
            "O": float((np.maximum(-at.v[run], 0) ** q).mean()), "off": off.reshape(len(off), -1),
            "off_most": np.minimum(most, LARGEST).reshape(1, -1), "chi_low": at.chi[run].min(),
            "worst_class": float(psi[run].max())}  # fmt: skip
