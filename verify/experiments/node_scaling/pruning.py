"""(B.12), (B.13), measured: pairs of nodes are cut off after training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import torch

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import median_interval, slopes_of
from verify.experiments.node_scaling.setting import Setting, parts, scalings
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator
from verify.training.gradient_descent import Network, endpoint, iterates
from verify.training.gradient_descent.descent import Relu

LOOKS = 6
"""Times at which networks are pruned."""

NORMS = (0.1, 1.0, 10.0)
"""Of inputs that are not trained on, two of each."""

GAMMAS = (1.0, 0.5, 0.1)
"""Of the picture."""

DRAWS, WIDTH, STEPS = 8, 256, 300
"""Networks in the median of a sweep, their nodes, and their steps at kappa = 1."""

FEW = 8
"""Kept pairs up to which the slope in their number is reported."""


def kept(setting: Setting, pairs: int) -> np.ndarray:
    """Which nodes are kept, (sets, m): the largest pairs, and a quarter at random."""
    counts = sorted({0, 1, 4, pairs // 4, pairs - 1} & set(range(pairs)))
    rng = numpy_generator("pruned", setting.salt)
    sets = [np.arange(pairs) < count for count in counts]
    sets.append(rng.permutation(pairs) < pairs // 4)
    return np.repeat(np.array(sets), 2, axis=1)


def inputs(setting: Setting) -> torch.Tensor:
    """Those that are trained on, then others, (inputs, d)."""
    rng, X = numpy_generator("inputs", setting.salt), setting.X
    drawn = rng.standard_normal((2 * len(NORMS), X.shape[1]))
    drawn *= np.repeat(NORMS, 2)[:, None] / np.linalg.norm(drawn, axis=1, keepdims=True)
    return torch.cat([X, torch.tensor(drawn)])


class Pruned:
    """What is cut off one network of the trials: by sets of kept nodes, at all inputs."""

    def __init__(self, setting: Setting, network: Network, trial: int) -> None:
        self.x, self.X, self.s = inputs(setting), setting.X, network.s[trial]
        at = setting.symbols
        Z_0 = setting.at_start("trial", self.x, at["m"], at["kappa"], trial)
        self.relu, self.start = Relu(Z_0), Z_0.clamp(min=0.0)
        self.sets = kept(setting, at["m"] // 2)
        self.cut = torch.tensor(~self.sets, dtype=self.s.dtype)

    def output(self, c: torch.Tensor) -> np.ndarray:
        """|f(x) - f^K(x)| where w_r has moved by X^T c_r, c (n, m): (sets, inputs)."""
        gain, _ = self.relu(self.x @ self.X.T @ c)
        terms = _pairs(self.start * self.s) + _pairs(gain * self.s)
        return np.asarray((self.cut[:, ::2] @ terms.mT).abs().numpy())

    def travel(self, distance: torch.Tensor) -> np.ndarray:
        """sum over cut nodes of sqrt(lambda_j) ||w_j - w_j(0)||, for distances (m,): (sets, 1)."""
        return np.asarray((self.cut @ (self.s.abs() * distance))[:, None].numpy())

    @property
    def symbols(self) -> dict[str, np.ndarray]:
        """The sums of the scalings that are kept (sets, 1), and the norms of the inputs."""
        total = (self.s.square() * (1 - self.cut)).sum(1, keepdim=True)
        return {"kept": total.numpy(), "norm_x": self.x.norm(dim=1).numpy()}


def _pairs(terms: torch.Tensor) -> torch.Tensor:
    return terms[:, ::2] + terms[:, 1::2]


def after_descent(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(B.12) by descent: (trials, times, sets, inputs)."""
    configuration, network, at = setting.configuration, setting.trial_networks, setting.symbols
    looks = np.unique(np.linspace(0, configuration.steps, LOOKS).astype(int)).tolist()
    values, travels = [], []
    for trial in range(configuration.trials):
        pruned = Pruned(setting, network, trial)
        one = Network(network.X, network.Z_0[[trial]], network.s[[trial]])
        rows, lengths = [], []
        for k, now in enumerate(iterates(one, setting.y, at["eta"], configuration.steps)):
            if k in looks:
                distance = (now.c[0] * now.d[0]).sum(0).clamp(min=0.0).sqrt()
                rows.append(pruned.output(now.c[0]))
                lengths.append(pruned.travel(distance))
        values.append(rows)
        travels.append(lengths)
        tell(trial + 1, configuration.trials)
    found, travel = np.array(values), np.array(travels)
    symbols = {**at, **pruned.symbols, **_certificates(setting, found.ndim),
               "travel": travel, "uneven": uneven(network)}  # fmt: skip
    sample = Sample(found, symbols, scale=travel * symbols["norm_x"] * np.ones(found.shape))
    return Measured({"pruned_output": sample})


def after_flow(setting: Setting, c: np.ndarray) -> Sample:
    """(B.12) by flow: (trials, sets, inputs), where w_r has moved by X^T c_r, c (trials, n, m)."""
    network, values = setting.trial_networks, []
    for trial, moved in enumerate(torch.tensor(c)):
        pruned = Pruned(setting, network, trial)
        values.append(pruned.output(moved))
    found = np.array(values)
    symbols = {**setting.symbols, **pruned.symbols, **_certificates(setting, found.ndim),
               "uneven": uneven(network)}  # fmt: skip
    return Sample(found, symbols)


def uneven(network: Network) -> float:
    """The largest difference of two output weights of a pair, which should be opposite."""
    return float((network.s[:, ::2] + network.s[:, 1::2]).abs().max() / network.s.abs().max())


def _certificates(setting: Setting, axes: int) -> dict[str, np.ndarray]:
    """The certificate of every trial, along the first of the axes."""
    best = setting.certificates
    return {
        name: np.array([found[name] for found in best]).reshape(-1, *[1] * (axes - 1))
        for name in best[0]
    }


def powers(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(B.13): training losses of pruned networks against the share that is cut, one slope each."""
    configuration, at = setting.configuration, setting.symbols
    counts = 2 ** np.arange((WIDTH // 8).bit_length())
    asked = configuration.gamma
    slopes: dict[float, np.ndarray] = {}
    curves: dict[str, np.ndarray] = {}
    notes: dict[str, Any] = {}
    for gamma in sorted({*GAMMAS, asked}, reverse=True):
        lambdas = scalings(WIDTH, gamma, configuration.alpha)
        cut = 1 - (2 * lambdas).cumsum()[counts - 1]
        loss, rest = np.split(
            losses(setting, lambdas, [*counts, WIDTH // 2]), [len(counts)], axis=1
        )
        if gamma == asked:
            trained = {"left": float(np.sqrt(rest.max() / at["y_sq"])), "cut": float(cut.min())}
        slopes[gamma] = slopes_of(cut, loss)
        few = counts <= FEW
        for of, rows in (("1 - lambda(K)", slopes[gamma]),
                          ("k", slopes_of(counts[few], loss[:, few]))):  # fmt: skip
            interval = zip(("median", "low", "high"), median_interval(rows), strict=True)
            notes[f"slope of the pruned loss in {of}, gamma = {gamma:g}"] = dict(interval)
        if gamma in GAMMAS:
            curves[f"loss_{gamma:g}"] = np.median(loss, axis=0) / at["y_sq"]
            curves[f"law_{gamma:g}"] = cut**2
        tell(len(slopes), len(GAMMAS) + 1)
    symbols = {**at, **trained, "tolerance": configuration.tolerance}
    between = parts("node/pruning-power", symbols)
    near = (slopes[asked] >= between["lowest"]) & (slopes[asked] <= between["highest"])
    sample = Sample(near.astype(np.float64), symbols)
    curve = Trajectory(
        "kept", counts, curves, labels=_labels(), axis="pairs $k$ that are kept",
        quantity=r"pruned loss$/\Vert y\Vert^2$",
        title=heading("pruning after training", configuration.data,
                      {"n": at["n"], "m": WIDTH, r"\kappa": 1.0}),
    )  # fmt: skip
    return Measured(
        {"slope_of_pruning": sample}, Trajectory("time", np.arange(2.0), {}, sweep=curve), notes
    )


def _labels() -> Mapping[str, str]:
    found = {}
    for gamma in GAMMAS:
        found[f"loss_{gamma:g}"] = rf"$\gamma = {gamma:g}$"
        found[f"law_{gamma:g}"] = rf"$(1 - \lambda(K))^2$, $\gamma = {gamma:g}$"
    return found


def losses(setting: Setting, lambdas: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """||f^K - y||^2 after training with the largest pairs kept, medians: (sweeps, counts)."""
    c = setting.configuration
    salts = [f"{setting.salt}/pruning {trial}" for trial in range(c.sweeps * DRAWS)]
    network = Network.scaled(setting.X, torch.tensor(lambdas), 1.0, salts)
    end = endpoint(network, setting.y, 1 / setting.symbols["norm_X"] ** 2, STEPS)
    gain, _ = Relu(network.Z_0)(end.d)
    terms = gain * network.s[:, None]
    outputs = (terms[..., ::2] + terms[..., 1::2]).cumsum(-1)[..., np.array(counts) - 1]
    loss = (outputs - setting.y[:, None]).square().sum(1).numpy()
    return np.asarray(np.median(loss.reshape(c.sweeps, DRAWS, -1), axis=1))
