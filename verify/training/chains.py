"""Gradient descent of linear networks in closed form: two layers, and chains of any depth.

The loss is the mean of (f - y)^2/2 with y = <beta, x>; only S = X^T X/n of the inputs matters. All
raise Diverged where the steps are too large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.training.divergence import check_finite

Array = np.ndarray

VANISHED = 1e-12
"""Size of gradients at rest."""


_quiet = np.errstate(over="ignore", invalid="ignore")
"""What diverges is said once, by Diverged."""


@dataclass(frozen=True, eq=False)
class TwoLayers:
    """f = a^T W x at some steps: W (times, copies, m, d), a (times, copies, m).

    drift    sum over the steps before of g_W g_W^T - g_a g_a^T, (times, copies, m, m)
    squares  sum over the steps before of ||g_W||^2 + ||g_a||^2, (times, copies)
    """

    W: Array
    a: Array
    drift: Array
    squares: Array


@_quiet
def two_layers(W: Array, a: Array, S: Array, beta: Array, eta: float, times: Array) -> TwoLayers:
    """From W (copies, m, d), a (copies, m); S (d, d), beta (d,); `times` rise."""
    drift, squares = np.zeros((*a.shape, a.shape[-1])), np.zeros(len(a))
    seen: list[tuple[Array, ...]] = []
    for step in range(int(times[-1]) + 1):
        seen += [(W, a, drift, squares)] * int((times == step).sum())
        r = (np.einsum("sm,smd->sd", a, W) - beta) @ S
        g_W, g_a = a[:, :, None] * r[:, None, :], np.einsum("smd,sd->sm", W, r)
        drift = drift + g_W @ np.swapaxes(g_W, 1, 2) - g_a[:, :, None] * g_a[:, None, :]
        squares = squares + (g_W**2).sum((1, 2)) + (g_a**2).sum(1)
        W, a = W - eta * g_W, a - eta * g_a
    path = TwoLayers(*(np.array(each) for each in zip(*seen, strict=True)))
    check_finite(path.W, path.a, path.drift)
    return path


@dataclass(frozen=True, eq=False)
class Chain:
    """f = a^{L-1} <w, x> at some steps: w (times, copies, d), a (times, copies).

    drift    sum over the steps before of ||g_w||^2 - g_a^2, (times, copies)
    squares  sum over the steps before of ||g_w||^2 + g_a^2, (times, copies)
    """

    w: Array
    a: Array
    drift: Array
    squares: Array


@_quiet
def chain(w: Array, a: Array, L: int, S: Array, beta: Array, eta: float, times: Array) -> Chain:
    """From w (copies, d), a (copies,): the L - 1 scalars stay equal, so one is enough."""
    drift, squares = np.zeros_like(a), np.zeros_like(a)
    seen: list[tuple[Array, ...]] = []
    for step in range(int(times[-1]) + 1):
        seen += [(w, a, drift, squares)] * int((times == step).sum())
        g_w, g_a = _chain_gradients(w, a, L, S, beta)
        drift = drift + (g_w**2).sum(-1) - g_a**2
        squares = squares + (g_w**2).sum(-1) + g_a**2
        w, a = w - eta * g_w, a - eta * g_a
    path = Chain(*(np.array(each) for each in zip(*seen, strict=True)))
    check_finite(path.w, path.a, path.drift)
    return path


@_quiet
def settle(
    w: Array, a: Array, L: Array, S: Array, beta: Array, eta: Array, most: int
) -> tuple[Array, Array, Array]:
    """Groups of chains at rest: w (groups, copies, d), a (groups, copies), and which are (groups,).

    L, eta (groups,) and beta (groups, d). A group rests where all its gradients have vanished. What
    does not within `most` steps is nan.
    """
    w_end, a_end = np.full_like(w, np.nan), np.full_like(a, np.nan)
    left, L, beta, eta = np.arange(len(w)), L[:, None], beta[:, None], eta[:, None]
    for _ in range(most):
        g_w, g_a = _chain_gradients(w, a, L, S, beta)
        largest = np.maximum(np.abs(g_w).max((1, 2)), np.abs(g_a).max(1))
        if not largest.max() < np.inf:
            check_finite(g_w, g_a)
        if largest.min() < VANISHED:
            rest = largest < VANISHED
            w_end[left[rest]], a_end[left[rest]] = w[rest], a[rest]
            w, a, left, L, beta, eta, g_w, g_a = (
                each[~rest] for each in (w, a, left, L, beta, eta, g_w, g_a)
            )
            if not len(left):
                break
        w, a = w - eta[:, :, None] * g_w, a - eta * g_a
    return w_end, a_end, ~np.isin(np.arange(len(w_end)), left)


@_quiet
def escape(start: Array, L: int, s_sq: float, beta: float, eta: float, most: int) -> Array:
    """Steps until a^L >= beta/2 of balanced chains in one dimension, (copies,).

    Interpolated in a: so descent lags behind the flow between its steps, too.
    Infinite where `most` steps are too few.
    """
    w, a = start[:, None].copy(), start.copy()
    S, target = np.array([[s_sq]]), np.array([beta])
    found = np.full(len(start), np.inf)
    half, before = (beta / 2) ** (1 / L), a
    for step in range(most):
        g_w, g_a = _chain_gradients(w, a, L, S, target)
        near = np.isinf(found)  # the others rest
        w, a = np.where(near[:, None], w - eta * g_w, w), np.where(near, a - eta * g_a, a)
        check_finite(a)
        new = near & (a >= half)
        share = (half - before) / np.where(new, a - before, 1.0)
        found = np.where(new, step + share, found)
        before = a
        if np.isfinite(found).all():
            break
    return found


def _chain_gradients(
    w: Array, a: Array, L: int | Array, S: Array, beta: Array
) -> tuple[Array, Array]:
    """Of w and of one of the scalars."""
    outer = a ** (L - 1)
    r = (outer[..., None] * w - beta) @ S
    return outer[..., None] * r, a ** (L - 2) * (w * r).sum(-1)
