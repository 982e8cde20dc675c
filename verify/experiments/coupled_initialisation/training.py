"""What needs training: frozen activations, the exact law, both theorems at their widths."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np
import torch
from scipy.special import expit

from theory import registry
from verify.experiments.coupled_initialisation.setting import Setting, parts
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.judging.sample import TOLERANCE, Sample
from verify.training.gradient_descent import LOGISTIC, Network, descend, margin

HALVINGS = 60

OF_SQUARED = {"initial_residual", "margin", "frozen", "loss", "convergence", "published_squared"}
OF_LOGISTIC = {"logistic_frozen", "logistic_risk", "logistic", "published_logistic"}
"""What the two trainings give."""


def squared(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Gradient descent on the squared loss; paths by trial, events over trials."""
    symbols = setting.symbols()
    network = setting.network(symbols, "squared")
    path = descend(network, setting.y, symbols["eta"], symbols["K"], progress=told(tell, setting))
    mu, v = torch.linalg.eigh(network.H)
    mu, c = mu.clamp(min=0.0).numpy(), (v.mT @ setting.y).numpy()
    k = np.arange(symbols["K"] + 1)
    y_sq = symbols["y_sq"]
    each = [
        symbols | {"k": k, "flips": path.flips[i], "mu": mu[i], "c": c[i], "lambda": mu[i, 0]}
        for i in range(len(mu))
    ]
    kept = still(path.flips)
    loss = [Sample(path.loss[i], each[i], trivial=y_sq, scale=y_sq) for i in kept]
    low = {"lambda": parts("coupled/convergence", symbols)["lowest"], "flips": 0, "k": k}
    bound = registry.claim("coupled/rate").evaluate(symbols | low, where=np.array(True)).bound
    step = parts("coupled/published-squared", symbols)["rate"]
    lowest = {**symbols, "lambda": float(mu.min())}
    least = parts("coupled/margin", symbols)["threshold"]
    events = {
        "margin": (network.Z_0.abs().amin((1, 2)) >= least).numpy(),
        "frozen": path.flips[:, -1] == 0,
        "convergence": below(path.loss, bound, y_sq),
        "published_squared": below(path.loss, step**k * path.loss[:, :1], y_sq),
    }
    initial = (network.f_0 - setting.y).square().sum(-1).numpy()
    samples: dict[str, Any] = {"loss": loss, "initial_residual": Sample(initial, symbols)}
    samples |= {name: event(happened, lowest) for name, happened in events.items()}
    return Measured(samples, _curves(setting, k, path.loss, bound, SQUARED))


def logistic(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Gradient descent on the logistic risk; paths by trial, events over trials."""
    symbols = setting.symbols(logistic=True)
    network = setting.network(symbols, "logistic")
    steps, eta = symbols["K"], symbols["eta"]
    path = descend(network, setting.labels, eta, steps, LOGISTIC, progress=told(tell, setting))
    T = np.arange(1, steps + 1)
    risk, flips = path.loss[:, 1:], path.flips[:, 1:]
    labels = setting.labels.numpy()
    samples: list[Sample] = []
    for i in still(path.flips):
        gamma = margin(network.H[i].numpy(), labels).low
        values = {"T": T, "gamma": gamma, "rho": best_length(gamma, eta, T), "flips": flips[i]}
        samples.append(Sample(risk[i], symbols | values, trivial=np.log(2.0), scale=1.0))
    gamma = parts("coupled/logistic", symbols)["gamma"]
    values = {"T": T, "gamma": gamma, "rho": best_length(gamma, eta, T), "flips": 0}
    bound = registry.claim("coupled/logistic-risk").evaluate(symbols | values, where=np.array(True))
    events = {
        "logistic_frozen": path.flips[:, -1] == 0,
        "logistic": below(risk, bound.bound, 1.0),
        "published_logistic": risk[:, -1] <= symbols["risk"],
    }
    found: dict[str, Any] = {"logistic_risk": samples}
    found |= {name: event(happened, symbols) for name, happened in events.items()}
    return Measured(found, _curves(setting, T, risk, bound.bound, RISK))


SQUARED: Any = {
    "axis": "steps $k$ of gradient descent",
    "quantity": r"squared residual $\Vert e_k\Vert^2$",
}
RISK: Any = {"axis": "steps $T$ of gradient descent", "quantity": "logistic risk $R_T$"}
LABELS = {
    "mean_loss": "mean over the initialisations",
    "first_trial": "first initialisation",
    "bound_at_N_star": r"bound at the required width $N^{*}$",
}
"""What the pictures write."""


def _curves(
    setting: Setting, steps: np.ndarray, losses: np.ndarray, bound: np.ndarray, drawn: Any
) -> Trajectory:
    """Losses (trials, points) and the bound at the width that is asked for."""
    curves = {"mean_loss": losses.mean(0), "first_trial": losses[0], "bound_at_N_star": bound}
    error = losses.std(axis=0) / np.sqrt(max(1, len(losses) - 1))
    symbols = setting.symbols(logistic=drawn is RISK)
    loss = "logistic" if drawn is RISK else "squared"
    values = {"n": symbols["n"], "N": symbols["N"], r"\kappa": symbols["kappa"]}
    title = heading(f"pairs of coupled neurons, {loss} loss", setting.configuration.data, values)
    return Trajectory("step", steps, curves, errors={"mean_loss": error}, labels=LABELS,
                      title=title, **drawn)  # fmt: skip


def told(tell: Progress, setting: Setting) -> Callable[[int], None]:
    """The progress of trials."""
    return lambda trials: tell(trials, setting.configuration.trials)


def deviation(setting: Setting, pairs: int, trials: int) -> np.ndarray:
    """max_k ||e_k - (I - eta H_0)^k e_0||/||y|| at kappa = 1, (trials,)."""
    symbols = setting.symbols()
    network = Network.coupled(setting.X, pairs, 1.0, setting.salts(f"sweep {pairs}", trials))
    path = descend(network, setting.y, symbols["eta"], symbols["K"])
    mu, v = torch.linalg.eigh(network.H)
    powers = (1 - symbols["eta"] * mu[:, None]) ** torch.arange(symbols["K"] + 1)[:, None]
    exact = -(powers * (v.mT @ setting.y)[:, None]) @ v.mT
    e = torch.tensor(path.outputs) - setting.y
    return ((e - exact).norm(dim=-1).amax(1) / setting.y.norm()).numpy()


def still(flips: np.ndarray) -> list[int]:
    """The trials where nothing ever flips, else those where nothing does in the first step.

    From a flip on, the premises leave nothing to judge; a path that ends early may say nothing.
    """
    for last in (-1, 1):
        found = np.flatnonzero(flips[:, last] == 0).tolist()
        if found:
            return list(found)
    return list(range(len(flips)))


def event(happened: np.ndarray, symbols: dict[str, Any]) -> Sample:
    return Sample(happened.astype(np.float64), symbols)


def below(values: np.ndarray, bound: np.ndarray, scale: float) -> np.ndarray:
    """Whether a whole path (trials, points) stays under the bound, up to rounding: (trials,)."""
    rounding = TOLERANCE["float64"] * (scale + np.abs(bound))
    return (np.isfinite(values) & (values <= bound + rounding)).all(axis=1)


def best_length(gamma: float, eta: float, T: np.ndarray) -> np.ndarray:
    """The rho that minimises log(1 + exp(-rho gamma)) + rho^2/(2 eta T), by bisection."""
    low, high = np.zeros(len(T)), eta * T * gamma
    for _ in range(HALVINGS):
        rho = (low + high) / 2
        rising = rho / (eta * T) > gamma * expit(-rho * gamma)
        low, high = np.where(rising, low, rho), np.where(rising, rho, high)
    return (low + high) / 2
