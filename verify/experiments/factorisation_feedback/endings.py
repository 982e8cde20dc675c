"""Samples at the end of training, for every number of hidden units; and of a network."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.factorisation_feedback.curves import drawn
from verify.experiments.factorisation_feedback.matrices import bounded, descend, ends, network
from verify.experiments.factorisation_feedback.paths import Path
from verify.experiments.factorisation_feedback.setting import Problem, Setting, norm, norms
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample

SHARED = ("r", "k", "modes", "floor_sq", "sigma_U", "Y_F", "lift")
"""Symbols of the problem that claims on the end need."""

CLOSE = 1e-12
"""Training ends where the rest of the way is a smaller share of ||Y||."""


def remaining(path: Path) -> dict[str, np.ndarray]:
    """What is left of the way by (LR3'), for r <= k and for r >= k."""
    at, d = path.problem.symbols, path.distance
    with np.errstate(divide="ignore", invalid="ignore"):
        low = (d["RW_F"] * d["Q_norm"] + d["R_norm"] * d["D_F"]) / at["sigma_U"]
        low = low + d["Z_norm"] * d["D_F"] / d["sigma_Q"]
    full = (d["RW_F"] + at["lift"] * d["DW_F"]) / d["sigma_W"] + at["lift"] * d["D_F"]
    return {"low": low, "full": full}


def gradient(path: Path) -> np.ndarray:
    """||R W^T||_F + ||Z^T R||_F, relative to ||Y||_F^{3/2}."""
    pull = norms(path.R @ path.Wt) + norms(path.Z.swapaxes(1, 2) @ path.R)
    return np.asarray(pull / norm(path.problem.Y) ** 1.5)


def trained(problem: Problem, most: int, step: float) -> Path:
    """The last iterate, as a path of one."""
    path, kind = None, "low" if len(problem.C) <= problem.rank else "full"
    for Z, W in ends(*problem.start, most):
        path = Path(problem, *bounded((Z[None], W[None]), step))
        left = gradient(path) if problem.gradient else remaining(path)[kind] / norm(problem.Y)
        if left[0] <= CLOSE:
            break
    assert path is not None  # there is a step
    return path


def at_the_end(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LR3): r = 1, ..., largest_rank, one after the other."""
    c, Y = setting.configuration, setting.Y
    found, symbols = [], []
    for r in range(1, c.largest_rank + 1):
        problem = setting.with_hidden(r)
        path = trained(problem, c.most_steps, c.step)
        found.append(path)
        by_step = {name: value[0] for name, value in path.distance.items()}
        at = problem.symbols
        symbols.append({name: at[name] for name in SHARED} | by_step)
        tell(r, c.largest_rank)
    at = {name: np.array([each[name] for each in symbols]) for name in symbols[0]}
    product = np.concatenate([path.Z @ path.W for path in found])
    reached = np.array([path.problem.Y @ path.problem.P for path in found])
    P = np.array([path.problem.P for path in found])
    span = np.array([np.linalg.pinv(path.W[0], 1e-10) @ path.W[0] for path in found])
    size, error = norm(Y), np.array([norm(path.R) for path in found])

    def entries(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        return {n: np.broadcast_to(v[:, None, None], shape) for n, v in at.items()}

    by_entry = entries(product.shape)
    samples = {
        "end_error": Sample(error, at, scale=size),
        "end_product": Sample(product, by_entry | {"YP": reached}, scale=size),
        "representation": Sample(span, entries(P.shape) | {"P": P}, scale=1.0),
        "full_product": Sample(
            product, by_entry | {"Y": np.broadcast_to(Y, product.shape)}, scale=size
        ),
    }
    sigma = np.linalg.svd(Y, compute_uv=False)
    best = np.array([np.sqrt((sigma[r:] ** 2).sum()) for r in at["r"].astype(int)])
    seen = error > CLOSE * 1e3 * size  # 0 has no logarithm
    floor = np.sqrt(at["floor_sq"])
    shown = {"best": best} | ({"floor": floor} if c.rule == "gradient-descent" else {})
    curves = {c.rule: np.where(seen, error, np.nan)}
    curves |= {
        name: np.where(each > CLOSE * 1e3 * size, each, np.nan) for name, each in shown.items()
    }
    return Measured(samples, drawn(setting, "ends", at["r"], curves))


def as_network(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Whether a network with whitened inputs takes the steps of the matrices."""
    problem, steps = setting.problem, setting.configuration.steps
    Y, C, Z, W, eta = problem.start
    X, T = setting.regression.X, setting.regression.T
    iterates = bounded(descend(Y, C, Z, W, eta, steps), setting.configuration.step)
    symbols = {"matrix_product": (iterates[0] @ iterates[1])[1:]}
    Z, W = network(X, T, C, Z, W, eta, steps)
    found = Z @ W
    return Measured({"network_product": Sample(found[1:], symbols, scale=norm(problem.Y))})
