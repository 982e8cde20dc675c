"""Samples along one path of steps, of the flow, and of FA*."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.factorisation_feedback import panels
from verify.experiments.factorisation_feedback.certificate import certificate
from verify.experiments.factorisation_feedback.curves import chosen
from verify.experiments.factorisation_feedback.matrices import (
    bounded,
    descend,
    descend_optimally,
    flow,
)
from verify.experiments.factorisation_feedback.modes import recursion, universal
from verify.experiments.factorisation_feedback.setting import ROUNDING, Problem, Setting, norms
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator

EARLY = 5e-5
"""The first time of a flow after its start, in units of its fastest mode."""

STIFFEST = 1e5
"""Time of the flow in units of its fastest rate: so long it is integrated."""


class Path:
    """What claims ask of iterates Z (T + 1, n, r) and W (T + 1, r, m), for all of them at once."""

    def __init__(self, problem: Problem, Z: np.ndarray, W: np.ndarray) -> None:
        self.problem, self.Z, self.W = problem, Z, W
        self.Wt = W.swapaxes(1, 2)
        self.R = problem.Y - Z @ W
        self.D = problem.C @ self.R
        self.Q = problem.C @ Z
        self.K = W @ self.Wt - self.Q - self.Q.swapaxes(1, 2)
        self.DD = self.D @ self.D.swapaxes(1, 2)
        self.D_sq = (self.D**2).sum((1, 2))
        self.DW = norms(self.D @ self.Wt)
        self.L = (self.Q**2).sum((1, 2)) / 2 - (problem.U * W).sum((1, 2))

    @property
    def cosine(self) -> np.ndarray:
        """cos(C^T, Z_t); NaN where Z = 0."""
        size = norms(self.Z) * np.linalg.norm(self.problem.C)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.trace(self.Q, axis1=1, axis2=2) / size)

    @property
    def transport(self) -> float:
        """How far what carries the error back is from C, at most."""
        if not self.problem.gradient:
            return 0.0
        return float(np.abs(self.Z.swapaxes(1, 2) - self.problem.C).max())

    @property
    def modes(self) -> tuple[np.ndarray, np.ndarray]:
        """w and q of every iterate, (T + 1, modes)."""
        A, _, B = self.problem.modes
        w = np.einsum("ai,tab,bi->ti", A, self.W, B)
        return w, np.einsum("ai,tab,bi->ti", A, self.Q, A)

    @property
    def distance(self) -> dict[str, np.ndarray]:
        """The symbols of (LR3'), by iterate."""
        Q = np.linalg.svd(self.Q, compute_uv=False)
        least = np.where(Q[:, -1] > ROUNDING * Q[:, 0], Q[:, -1], 0.0)
        W = np.linalg.svd(self.W, compute_uv=False)
        W = np.where(ROUNDING * W[:, :1] < W, W, np.inf).min(1)
        return {
            "RW_F": norms(self.R @ self.Wt), "R_norm": np.linalg.norm(self.R, 2, (1, 2)),
            "D_F": np.sqrt(self.D_sq), "DW_F": self.DW, "Q_norm": Q[:, 0], "sigma_Q": least,
            "Z_norm": np.linalg.norm(self.Z, 2, (1, 2)), "sigma_W": W,
        }  # fmt: skip


def before(values: np.ndarray) -> np.ndarray:
    """Sums over the steps s < t, for t = 0, 1, ..., T."""
    return np.concatenate([np.zeros_like(values[:1]), values[:-1].cumsum(0)])


def along(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values by step, repeated for every entry of a sample (steps, ...)."""
    return np.broadcast_to(values.reshape(-1, *[1] * (len(shape) - 1)), shape)


def descended(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR1), (LR2), (LR3'), (LR4), (LR5), (LR8) in steps."""
    problem, steps = setting.problem, setting.configuration.steps
    iterates = descend(*problem.start, steps)
    path = Path(problem, *bounded(iterates, setting.configuration.step))
    at = {**problem.symbols, **setting.at_start(problem), "transport": path.transport}
    t, eta, u = np.arange(steps + 1), problem.eta, at["u"]
    w, q = recursion(u, eta, steps)
    w_seen, q_seen = path.modes
    curves = at | {"w": w, "q": q, "t": t}
    S1, S2 = before(path.D_sq), before(path.DW**2)
    W_sq = (path.W**2).sum((1, 2))
    error = (path.R**2).sum((1, 2))
    mode = {"u_i": np.broadcast_to(u, w[1:].shape), "w_i": w_seen[:-1], "q_i": q_seen[:-1]}
    later = {**at, **certificate(problem), "t": t[1:]}
    steady = norms(path.W) ** 2 + 2 * norms(path.Q)
    order = np.linalg.eigvalsh((path.Q + path.Q.swapaxes(1, 2)) / 2)
    R, Wt = path.R[:-1], path.Wt[:-1]
    step = {"R_t": R, "RWW": R @ Wt @ path.W[:-1], "ZD": path.Z[1:] @ path.D[:-1]}
    seen = {**at, **path.distance, "t": t}
    learnt = norms(path.Z @ path.W - problem.Y @ problem.P)
    samples = {
        "K": Sample(
            path.K[1:],
            at | {"K_0": np.broadcast_to(path.K[0], path.K[1:].shape), "DD": before(path.DD)[1:]},
            scale=along(steady[1:], path.K[1:].shape),
        ),
        "residual": Sample(path.R[1:], at | step, scale=at["Y_F"] + np.abs(step["ZD"]) * eta),
        "forward_modes": Sample(w_seen[1:], at | mode, scale=at["u_max"] ** (1 / 3)),
        "feedback_modes": Sample(q_seen[1:], at | mode, scale=at["u_max"] ** (2 / 3)),
        "squared_error": Sample(error, curves, scale=at["Y_F"] ** 2),
        "lyapunov": Sample(
            (path.L[0] - path.L)[1:], later | {"S_1": S1[1:], "S_2": S2[1:]},
            scale=(norms(path.Q) ** 2 / 2 + at["U_F"] * norms(path.W))[1:],
        ),
        "path": Sample(eta * S1[1:], later),
        "slowest": Sample(np.minimum.accumulate(path.D_sq)[:-1], later, trivial=at["D_0"] ** 2),
        "weights": Sample(norms(path.W)[1:], later),
        "update": Sample(np.sqrt(path.D_sq), at | {"t": t}, trivial=at["D_0"], scale=at["D_0"]),
        "inner_product": Sample(
            np.trace(path.Q, axis1=1, axis2=2)[1:], at | {"W_sq": W_sq[1:], "S_1": S1[1:]},
            scale=steady[1:],
        ),
        "alignment_eigenvalues": Sample(
            order[1:], at | {"rho": order[:-1]}, scale=np.abs(order).max()
        ),
        "distance": Sample(learnt, seen, scale=at["Y_F"]),
        "full_distance": Sample(norms(path.R), seen, scale=at["Y_F"]),
    }  # fmt: skip
    cosine, defined = path.cosine, slice(min(2, steps), None)
    samples["cosine"] = Sample(  # 0 before Z leaves 0
        np.nan_to_num(cosine[defined]), curves | {"t": t[defined]}, scale=1.0
    )
    rule, inner = setting.configuration.rule, np.trace(path.Q, axis1=1, axis2=2)
    other = panels.other_error(setting) if "squared_error" in wanted else {}
    shown = {
        "squared_error": (t, {rule: error, **other}),
        "update": (t, {rule: np.sqrt(path.D_sq)}),
        "slowest": (t[1:], {rule: samples["slowest"].values}),
    }
    beside = [panels.alignment(setting, inner, cosine)] if wanted & {"cosine"} else []
    return Measured(samples, chosen(setting, wanted, shown, beside))


def flowed(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR1), (LR2), (LR4), (LR5), (LR8) of the flow."""
    problem, c = setting.problem, setting.configuration
    at = {**problem.symbols, **setting.at_start(problem)}
    u = at["u"]
    unit = 2 ** (1 / 3) / u ** (2 / 3)
    if problem.fastest * c.horizon * unit[-1] > STIFFEST:
        most = STIFFEST / problem.fastest / unit[-1]
        raise InvalidArgument("horizon", c.horizon, f"at most {most:.3g}: this flow is stiff")
    times = np.linspace(0.0, c.horizon * unit[-1], c.points + 1)
    times = np.concatenate([[0.0, EARLY * unit[0]], times[1:]])
    path = Path(problem, *flow(problem.Y, problem.C, problem.Z, problem.W, times))
    tau = times[:, None] / unit
    by_time = at | {"time": times, "j": np.arange(len(times)), "phi": universal(tau)}
    w, q = path.modes
    error = (path.R**2).sum((1, 2))
    shape = w[1:].shape
    lag = {"u_i": np.broadcast_to(u, shape), "time": along(times[1:], shape)}
    DW, WD, D = path.DW, norms(path.Wt @ path.D), np.sqrt(path.D_sq)
    later = {**by_time, "time": times[1:], "j": np.arange(1, len(times))}
    falls = 2 * DW**2 + 2 * (path.D * (path.Q @ path.D)).sum((1, 2))
    samples = {
        "flow_K": Sample(
            path.K[1:], at | {"K_0": np.broadcast_to(path.K[0], path.K[1:].shape)},
            scale=float((norms(path.W) ** 2 + 2 * norms(path.Q)).max()),
        ),
        "flow_squared_error": Sample(error, by_time, scale=at["Y_F"] ** 2),
        "lag": Sample(1 - np.cbrt(q * w / u)[1:], at | lag, scale=1.0),
        "flow_lyapunov": Sample(-path.L[1:], later, scale=float(np.abs(path.L).max())),
        "decay": Sample(falls, at | {"DW_F": DW, "WD_F": WD, "D_F": D},
                        scale=2 * DW**2 + 2 * norms(path.Q) * path.D_sq + at["K_F"] * path.D_sq),
        "flow_update": Sample(path.D_sq, by_time, trivial=at["D_0"] ** 2, scale=at["D_0"] ** 2),
    }  # fmt: skip
    cosine = path.cosine
    if np.isfinite(cosine[1:]).all():
        samples["flow_cosine"] = Sample(cosine[1:], later, scale=1.0)
        samples["first_cosine"] = Sample(cosine[1:2], _only(later, 0), scale=1.0)
        samples["last_cosine"] = Sample(cosine[-1:], _only(later, -1), scale=1.0)
    shown = {"flow_squared_error": (times, {"feedback": error}),
             "flow_update": (times, {"feedback": path.D_sq})}  # fmt: skip
    from_zero = "lag" in wanted and c.start == "zero"
    beside = [panels.modes(setting)] if from_zero else []
    return Measured(samples, chosen(setting, wanted, shown, beside))


def _only(symbols: dict[str, Any], at: int) -> dict[str, Any]:
    """The symbols at one of the times."""
    return {**symbols, "time": symbols["time"][at], "j": symbols["j"][at]}


def optimal(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR10), from a Gaussian W of the scale of the start."""
    problem, c = setting.problem, setting.configuration
    rng = numpy_generator("factorisation", "star", setting.salt)
    W0 = c.start_scale * rng.normal(size=problem.W.shape)
    largest = np.linalg.norm(problem.C, 2) * np.linalg.norm(problem.Y, 2)
    eta = float(c.step * np.linalg.norm(W0, 2) / largest)
    iterates = descend_optimally(problem.Y, problem.C, W0, eta, c.steps)
    path = Path(problem, *bounded(iterates, c.step))
    t, DD = np.arange(c.steps + 1), before(path.DD)
    U = problem.U
    gram, aligned = path.W @ path.Wt, U @ path.Wt
    order = np.linalg.eigvalsh((aligned + aligned.swapaxes(1, 2)) / 2)[:, 0]
    at = {
        **problem.symbols, "eta": eta, "W0_norm": np.linalg.norm(W0, 2), "UW_0": (U * W0).sum(),
    }  # fmt: skip
    D = np.sqrt(path.D_sq)
    Q_sym = np.linalg.eigvalsh((path.Q + path.Q.swapaxes(1, 2)) / 2)[:, 0]
    advanced = norms(path.D - eta * path.Q @ path.D)
    step = {
        "t": t[:-1], "advanced": advanced[:-1], "D_F": D[:-1], "lambda_Q": Q_sym[:-1],
        "Q_norm": np.linalg.norm(path.Q, 2, (1, 2))[:-1],
    }  # fmt: skip
    shape = gram[1:].shape
    size = at["U_F"] * norms(path.W)[1:]
    samples = {
        "star_gram": Sample(
            gram[1:], at | {"G_0": np.broadcast_to(gram[0], shape), "DD": DD[1:]},
            scale=along(norms(path.W)[1:] ** 2, shape),
        ),
        "star_alignment": Sample(
            aligned[1:], at | {"A_0": np.broadcast_to(aligned[0], shape), "DD": DD[1:]},
            scale=along(size, shape),
        ),
        "star_least": Sample(order[1:], at | {"least": order[:-1]}, scale=size),
        "star_path": Sample(
            eta * before(path.D_sq)[1:], at | {"t": t[1:]}, scale=at["U_nuclear"] * at["W0_norm"]
        ),
        "star_update": Sample(D[1:], at | step, scale=at["C_F"] * at["Y_F"]),
    }  # fmt: skip
    return Measured(samples, chosen(setting, wanted, {"star_update": (t[1:], {"feedback": D[1:]})}))
