"""Transfer, measured: ridge regression on a second task, with the features of the start and after.

The same digits have two labels: whether they are even, which is trained on, and whether they are
five or more. Theta_0 and Theta_t give a kernel on all rows; their risks on rows that neither has
seen are compared in pairs.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import torch

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import median_interval
from verify.experiments.node_scaling.setting import Setting, scalings
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem
from verify.training.gradient_descent import Network, endpoint
from verify.training.gradient_descent.network import gaussian

GAMMAS = (1.0, 0.5, 0.1)
"""Of the picture."""

WIDTH, STEPS, RIDGE = 256, 200, 0.01
"""Nodes, steps of size 1/||X||^2, and the ridge as a share of the kernel's mean diagonal."""

ROWS, UNSEEN = 60, 200
"""Digits that are trained on, for both tasks, and those of the risk."""


def digits(salt: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (ROWS + UNSEEN, 64), labels +-1 of the first task and of the second."""
    problem = load_problem(
        "digits", samples=ROWS + UNSEEN, target_scale=1.0, rng=numpy_generator("transfer", salt)
    )
    _, label = np.unique(problem.y, return_inverse=True)
    return problem.X, np.where(label % 2, -1.0, 1.0), np.where(label >= 5, 1.0, -1.0)


def kernels(
    X: np.ndarray, y: np.ndarray, lambdas: np.ndarray, salt: str
) -> tuple[np.ndarray, np.ndarray]:
    """Theta of all rows at the start and after training on the first ROWS."""
    rows = torch.tensor(X)
    seen, targets = rows[:ROWS], torch.tensor(y[:ROWS])
    network = Network.scaled(seen, torch.tensor(lambdas), 1.0, [salt])
    eta = 1 / float(torch.linalg.matrix_norm(seen, ord=2)) ** 2
    end = endpoint(network, targets, eta, STEPS)
    Z_0 = gaussian(rows, len(lambdas), salt).repeat_interleave(2, -1)
    both = Network(rows, torch.stack([Z_0, Z_0 + rows @ seen.T @ end.c[0]]), network.s.repeat(2, 1))
    before, after = both.H.numpy()
    return before, after


def risk(kernel: np.ndarray, y: np.ndarray) -> float:
    """Mean squared error on the unseen rows of ridge regression on the others."""
    inner = kernel[:ROWS, :ROWS]
    ridge = RIDGE * np.trace(inner) / ROWS
    fitted = np.linalg.solve(inner + ridge * np.eye(ROWS), y[:ROWS])
    return float(((kernel[ROWS:, :ROWS] @ fitted - y[ROWS:]) ** 2).mean())


def risks(setting: Setting, gamma: float) -> np.ndarray:
    """With Theta_0 and with Theta_t, (sweeps, 2)."""
    lambdas = scalings(WIDTH, gamma, setting.configuration.alpha)
    found = []
    for trial in range(setting.configuration.sweeps):
        salt = f"{setting.salt}/transfer {trial}"
        X, first, second = digits(salt)
        found.append([risk(kernel, second) for kernel in kernels(X, first, lambdas, salt)])
    return np.array(found)


def transferred(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Whether training lowers the risk, per draw of digits and network, at the gamma asked for.

    The notes have, for every gamma of the picture, the median of what it lowers the risk by, with
    an interval that misses it with probability 0.05 at most, whatever the law.
    """
    asked = setting.configuration.gamma
    found = {}
    for gamma in sorted({*GAMMAS, asked}, reverse=True):
        found[gamma] = risks(setting, gamma)
        tell(len(found), len(GAMMAS) + 1)
    notes = {
        f"risk that training saves on a second task, gamma = {gamma:g}": dict(
            zip(("median", "low", "high"), median_interval(pairs[:, 0] - pairs[:, 1]), strict=True)
        )
        for gamma, pairs in found.items()
    }
    shown = np.array(sorted(GAMMAS))
    rows = np.array([np.median(found[gamma], axis=0) for gamma in shown])
    curve = Trajectory(
        "gamma", shown, {"start": rows[:, 0], "trained": rows[:, 1]},
        labels={"start": r"features of the start, $\Theta_0$",
                "trained": r"features trained on the first task, $\Theta_t$"},
        axis=r"share $\gamma$ of equal scalings", quantity="risk on a second task",
        title=heading("transfer: medians over draws", "digits", {"n": ROWS, "m": WIDTH}),
    )  # fmt: skip
    better = found[asked][:, 1] < found[asked][:, 0]
    sample = Sample(better.astype(np.float64))
    return Measured(
        {"transfer": sample}, Trajectory("time", np.arange(2.0), {}, sweep=curve), notes
    )
