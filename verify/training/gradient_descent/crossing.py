"""The first time at which one of many sums of decaying exponentials has risen too far."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import brentq

ALL = slice(None)
EPSILON = float(np.finfo(np.float64).eps)


def integrals(mu: np.ndarray, t: float | np.ndarray) -> np.ndarray:
    """int_0^t exp(-mu_k u) du for rates mu_k >= 0, elementwise."""
    slow = mu * t < 1e-12
    return np.where(slow, t, -np.expm1(-mu * t) / np.where(slow, 1.0, mu))


def first_crossing(
    room: np.ndarray, slopes: np.ndarray, mu: np.ndarray, end: float, shortest: float
) -> tuple[float, int] | None:
    """The first t in (0, end] where some y_c(t) > room_c, and that c; None where there is none.

    y_c(t) = sum_k slopes_ck int_0^t exp(-mu_k u) du for slopes (C, n), mu (n,) >= 0; room (C,) >= 0
    is widened by what every term would move at its fastest in the time `shortest` > 0, below which
    times are not told apart. On an interval the terms of
    y_c' are monotone, which bounds y_c': a y_c that cannot rise to its room is left out, one that
    only rises crosses at most once, and where neither is known the interval is halved. So no
    crossing is overlooked, not even two of one y_c that undo each other.
    """
    room = room + shortest * np.abs(slopes).sum(1)
    rising, falling = slopes.clip(min=0.0), slopes.clip(max=0.0)
    waiting = [(0.0, end, np.arange(len(room)))]
    while waiting:
        start, stop, of = waiting.pop()
        early, late = np.exp(-mu * start), np.exp(-mu * stop)
        up, down = rising[of], falling[of]
        left = room[of] - slopes[of] @ integrals(mu, start)
        fastest_rise, slowest_rise = up @ early + down @ late, up @ late + down @ early
        near = (up @ (early * integrals(mu, stop - start)) > left) & (fastest_rise > 0)
        if not near.any():
            continue
        of, rises = of[near], slowest_rise[near] >= 0
        if rises.all() or stop - start <= shortest:
            over = of[slopes[of] @ integrals(mu, stop) > room[of]]
            if len(over):
                time, which = _earliest(room[over], slopes[over], mu, start, stop, shortest)
                return time, int(over[which])
            continue
        middle = (start + stop) / 2
        waiting += [(middle, stop, of), (start, middle, of)]
    return None


def _earliest(
    room: np.ndarray,
    slopes: np.ndarray,
    mu: np.ndarray,
    start: float,
    stop: float,
    shortest: float,
) -> tuple[float, int]:
    """Where the first of rising y_c, all of which cross in (start, stop], does so."""

    def excess(t: float, of: int | slice = ALL) -> Any:
        return slopes[of] @ integrals(mu, t) - room[of]

    here, done = excess(stop), np.zeros(len(room), dtype=bool)
    while (here > 0).any():  # the furthest, then the furthest of those that crossed before it, ...
        first = int(np.argmax(here))
        stop = _root(partial(excess, of=first), start, stop, shortest)
        done[first] = True
        here = np.where(done, -np.inf, excess(stop))
    return stop, first


def _root(excess: Callable[[float], float], start: float, stop: float, shortest: float) -> float:
    """A time just past the root of a rising function that is positive at `stop`."""
    if excess(start) >= 0:
        return start
    root = float(
        brentq(excess, start, stop, xtol=EPSILON * shortest, rtol=4 * EPSILON, maxiter=1000)
    )
    step = EPSILON * root
    while excess(root) <= 0 and root < stop:
        root, step = min(root + step, stop), 2 * step
    return root
