"""Networks on a line, trained as they are: no use is made of what the theorem says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.experiments.one_dimensional_inconsistency.line import Line
from verify.experiments.one_dimensional_inconsistency.setting import Weights
from verify.training.divergence import check_finite


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass through N networks: outputs f (N, n), active (N, m, n)."""

    f: np.ndarray
    active: np.ndarray


def forward(net: Weights, x: np.ndarray) -> Pass:
    active = (net.a[..., None] * x + net.b[..., None] > 0).astype(np.float64)
    slopes = np.stack([net.w * net.a, net.w * net.b], axis=1) @ active
    return Pass(slopes[:, 0] * x + slopes[:, 1] + net.c[:, None], active)


def loss(net: Weights, line: Line) -> np.ndarray:
    """L (N,) over all rows."""
    return ((forward(net, line.x).f - line.y) ** 2) @ line.mu / 2


def gradient(net: Weights, line: Line, mu: np.ndarray) -> tuple[Weights, np.ndarray]:
    """The gradient of the loss with weights mu (n,), and mu (f - y) (N, n)."""
    with np.errstate(over="ignore", invalid="ignore"):  # `moved` raises Diverged
        return _gradient(net, line, mu)


def _gradient(net: Weights, line: Line, mu: np.ndarray) -> tuple[Weights, np.ndarray]:
    here = forward(net, line.x)
    e = mu * (here.f - line.y)
    G = here.active @ np.stack([e * line.x, e], axis=-1)
    along, across = G[..., 0], G[..., 1]
    return Weights(net.w * along, net.w * across, net.a * along + net.b * across, e.sum(1)), e


def moved(net: Weights, by: Weights, eta: float) -> Weights:
    """One step of descent."""
    now = Weights(
        net.a - eta * by.a, net.b - eta * by.b, net.w - eta * by.w, net.c - eta * by.c
    )  # fmt: skip
    with np.errstate(over="ignore", invalid="ignore"):
        check_finite(now.a**2, now.b**2, now.w**2, now.c**2)
    return now


def hessian(net: Weights, line: Line) -> np.ndarray:
    """Of the loss in (a, b, w, c): (N, 3 m + 1, 3 m + 1)."""
    here = forward(net, line.x)
    e, m = line.mu * (here.f - line.y), net.a.shape[1]
    active, x = here.active, line.x
    z = active * (net.a[..., None] * x + net.b[..., None])
    w = net.w[..., None]
    ones = np.ones((len(e), 1, line.n))
    J = np.concatenate([w * active * x, w * active, z, ones], axis=1)
    H = (J * line.mu) @ np.swapaxes(J, 1, 2)
    i = np.arange(m)
    for row, inner in ((0, active @ (e * x)[..., None]), (m, active @ e[..., None])):
        H[:, row + i, 2 * m + i] += inner[..., 0]
        H[:, 2 * m + i, row + i] += inner[..., 0]
    return H


def interpolant(line: Line, width: int) -> Weights | None:
    """A network (1, width) that fits all points; None: too few neurons, or inputs tie."""
    order = np.argsort(line.x)
    x, y = line.x[order], line.y[order]
    if line.n > width + 1 or (np.diff(x) == 0).any():
        return None
    slopes = np.diff(y) / np.diff(x)
    a, b, w = (np.zeros(width) for _ in range(3))
    a[: line.n - 1], b[: line.n - 1] = 1.0, -x[:-1]
    w[: line.n - 1] = np.diff(slopes, prepend=0.0)
    return Weights(a[None], b[None], w[None], y[:1])
