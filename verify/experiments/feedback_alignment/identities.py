"""(C.1) to (C.5): every step of trained networks, neuron by neuron."""

from __future__ import annotations

from collections.abc import Set
from itertools import pairwise
from typing import Any

import numpy as np

from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample
from verify.training.feedback import Network, Reduced, train

STEPS, NEURONS = 40, 24
"""At most so many are looked at."""

FAR = 1e100

QUANTITIES = {"neuron", "growth", "residual", "first_layer", "second_layer"}


def transported(networks: list[Network], backpropagation: bool) -> float:
    """How far the weights that carry the error back have moved from those at the start."""
    if not backpropagation:
        return 0.0
    return float(max(np.abs(net.beta - networks[0].beta).max() for net in networks))


def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (trials, steps, neurons) of (C.1), (C.5), with samples in place of neurons or beside
    them in (C.3) and (C.4); (trials, steps) of (C.2)."""
    c, at = setting.configuration, dict(setting.symbols)
    steps, back = min(c.steps, STEPS), c.rule == "backpropagation"
    path = list(train(setting.trials, at["eta"], [c.decay] * steps, backpropagation=back))
    decays = np.full(len(path) - 1, c.decay)
    at["transport"] = transported(path, back)
    first, b = path[0], path[0].b[:, :NEURONS]
    # (trials, steps + 1, ...)
    W = np.stack([net.W[:, :NEURONS] for net in path], 1)
    beta = np.stack([net.beta[:, :NEURONS] for net in path], 1)
    e = np.stack([net.residual for net in path], 1)
    squares = (W**2).sum(-1)
    product = b[:, None] * beta
    samples = {
        "neuron": Sample(
            product[:, 1:],
            {**at, "product": product[:, :-1], "w_sq": squares[:, :-1],
             "w_sq_next": squares[:, 1:], "dw_sq": (np.diff(W, axis=1) ** 2).sum(-1)},
            scale=squares[:, :-1] + squares[:, 1:],
        ),
        "growth": _growth(path, at, decays),
        "residual": _residual(setting, path, e, at),
    }  # fmt: skip
    with np.errstate(over="ignore", invalid="ignore"):  # of other networks they may diverge
        numbers = [*Reduced.of(first).steps(at["eta"], decays)]
    s, v, q, c_b = (_finite([getattr(z, name) for z in numbers]) for name in "svqc")
    shape = (*beta.shape[:2], beta.shape[2], setting.X.shape[0])
    seen = W @ setting.X.T
    samples["first_layer"] = Sample(
        seen,
        {**at, "z_0": np.broadcast_to(seen[:, :1], shape),
         "b_r": np.broadcast_to(b[:, None, :, None], shape),
         "shift": np.broadcast_to((s @ setting.X.T)[:, :, None], shape)},
        scale=1.0,
    )  # fmt: skip
    flat = beta.shape
    samples["second_layer"] = Sample(
        beta,
        {**at, "beta_r0": np.broadcast_to(beta[:, :1], flat),
         "b_r": np.broadcast_to(b[:, None], flat), "w_v": v @ W[:, 0].transpose(0, 2, 1),
         "q": np.broadcast_to(q[..., None], flat), "c": np.broadcast_to(c_b[..., None], flat)},
        scale=1.0,
    )  # fmt: skip
    return Measured(samples)


def _finite(rows: list[np.ndarray]) -> np.ndarray:
    """(trials, steps + 1, ...)."""
    stacked = np.nan_to_num(np.stack(rows, 1), nan=FAR, posinf=FAR, neginf=-FAR)
    return np.asarray(stacked.clip(-FAR, FAR))


def _growth(path: list[Network], at: dict[str, Any], decays: np.ndarray) -> Sample:
    overlap = np.stack([net.overlap for net in path], 1)
    W_sq = np.stack([(net.W**2).sum((1, 2)) for net in path], 1)
    moved = [((b.W - a.W) ** 2).sum((1, 2)) for a, b in pairwise(path)]
    dW_sq, shape = np.cumsum(np.stack(moved, 1), axis=1), (len(overlap), len(decays))
    symbols = {
        **at, "overlap": np.broadcast_to(overlap[:, :1], shape), "W_sq": W_sq[:, 1:],
        "W0_sq": np.broadcast_to(W_sq[:, :1], shape), "dW_sq": dW_sq,
        "decayed": np.broadcast_to(np.cumsum(decays), shape),
    }  # fmt: skip
    return Sample(overlap[:, 1:], symbols, scale=W_sq[:, 1:])


def _residual(setting: Setting, path: list[Network], e: np.ndarray, at: dict[str, Any]) -> Sample:
    """Inside the range of X."""
    X, inside, e = setting.X, setting.range, e @ setting.range
    h = -e[:, :-1] @ X
    W = np.stack([net.W for net in path[:-1]], 1)
    Wh = (W @ h[..., None])[..., 0]
    carried = (W.transpose(0, 1, 3, 2) @ Wh[..., None])[..., 0] @ X.T
    after = np.stack([net.overlap for net in path[1:]], 1)
    shape = carried.shape
    symbols = {
        **at, "e_i": e[:, :-1], "y_i": np.broadcast_to(inside @ setting.y, shape),
        "carried": carried, "direct": h @ X.T,
        "next_overlap": np.broadcast_to(after[..., None], shape),
    }  # fmt: skip
    return Sample(e[:, 1:], symbols, scale=1.0)
