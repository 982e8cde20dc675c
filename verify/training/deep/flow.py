"""Gradient flow on ||e||^2/2, e = u - y, of a batch of deep networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from verify.training.deep.network import Network, State

RTOL, ATOL = 1e-12, 1e-16
"""Of the displacement t - t_0, by entry."""

SLOWEST = 100_000
"""Evaluations after which a flow is given up: it is stiff, or it diverges."""


@dataclass(frozen=True)
class Flow:
    """What gradient flow showed at the times, S networks.

    e         (S, times, n) residuals u - y
    length    (S, times) of the path
    kernel    (S, times, n, n) J J^T
    distance  (S, times) ||t - t_0||
    linear    (S, times, n) J_0 (t - t_0)
    """

    e: np.ndarray
    length: np.ndarray
    kernel: np.ndarray
    distance: np.ndarray
    linear: np.ndarray


def flow(network: Network, y: Tensor, unit: Tensor, times: np.ndarray) -> Flow:
    """Gradient flow of every network at `times`, increasing from 0 on, in its own `unit` (S,).

    One Runge-Kutta method of order 8 for all networks together, of their displacements and
    lengths. ArithmeticError where it does not arrive; InvalidArgument unless units are finite
    numbers > 0.
    """
    from scipy.integrate import solve_ivp

    network.check_positive("unit", unit)
    S, P = len(unit), network.start.flat().shape[1]
    evaluations = 0

    def state(z: np.ndarray) -> tuple[State, Tensor]:
        moved = torch.from_numpy(z).view(S, P + 1)
        found = network.at(network.start.plus(moved[:, :P]))
        return found, found.outputs - y

    def change(_: float, z: np.ndarray) -> np.ndarray:
        nonlocal evaluations
        evaluations += 1
        if evaluations > SLOWEST:
            raise ArithmeticError(f"gradient flow took {SLOWEST} evaluations")
        at, e = state(z)
        pulled = at.pulled(-unit[:, None] * e).flat()
        return torch.cat([pulled, pulled.norm(dim=1, keepdim=True)], 1).flatten().numpy()

    z, last, first, rows = np.zeros(S * (P + 1)), 0.0, None, []
    for time in times:
        if time > last:
            found = solve_ivp(change, (last, time), z, "DOP853", rtol=RTOL, atol=ATOL,
                              first_step=first and min(first, time - last))  # fmt: skip
            if not found.success:
                raise ArithmeticError(f"gradient flow was not integrated: {found.message}")
            z, last = found.y[:, -1].copy(), time
            first = float(np.diff(found.t).max())
        at, e = state(z)
        moved = at.parameters.minus(network.start)
        length = torch.from_numpy(z).view(S, P + 1)[:, -1]
        rows.append((e, length, at.kernel(), moved.norm(), network.initial.linear(moved)))
    return Flow(*(torch.stack(each, 1).numpy() for each in zip(*rows, strict=True)))
