"""From a configuration to the samples of every quantity that masked training claims speak of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.errors import InvalidArgument
from theory.kernels import lambda_0
from theory.masked_training.laws import law
from verify.data import Problem, load_problem
from verify.experiment import Observations, Progress, Trajectory
from verify.masked_training.configuration import Configuration
from verify.masked_training.enumeration import enumerated_samples
from verify.masked_training.measure import Measurements, measure
from verify.masked_training.network import Network
from verify.masked_training.trainer import Algorithm, Round, train
from verify.sample import Sample
from verify.seeds import numpy_generator, seed_of, seed_tensor

WINDOW = 2
"""alpha_j covers the pilot's defects in rounds j - 2 to j + 2: fewer pilot seeds suffice."""

LAZY = ("nu", "epsilon_A", "epsilon_B", "stability_A", "stability_B")


@dataclass(frozen=True)
class Thresholds:
    """The constants of the good event: alpha_j (K,) and R, fixed before the test seeds run."""

    alpha: np.ndarray
    R: float

    def good_event(self, measured: Measurements) -> np.ndarray:
        """Whether G_k holds, decided by rounds < k: (S, K + 1), decreasing in k."""
        small = measured.defect <= self.alpha * measured.rho
        near = measured.displacement <= self.R
        held = np.concatenate([near[:, :1], small & near[:, :-1]], axis=1)
        return np.logical_and.accumulate(held, axis=1)


@dataclass(frozen=True, eq=False)
class Setting:
    """A configuration made concrete: data, network at W_0, algorithm."""

    configuration: Configuration
    problem: Problem
    network: Network
    algorithm: Algorithm

    @property
    def deterministic(self) -> bool:
        return self.algorithm.xi == 1.0

    def symbols(self) -> dict[str, Any]:
        """The values known before training: data, law, step size, spectrum at W_0."""
        network, algorithm, configuration = self.network, self.algorithm, self.configuration
        mu, vectors = network.spectrum
        Phi = vectors.T @ network.Phi @ vectors
        c_j = vectors.T @ network.e_0
        moments = algorithm.law.moments(algorithm.p, algorithm.xi)
        norms = network.X.norm(dim=1)
        K = configuration.rounds
        return {
            "n": network.n,
            "d": self.problem.d,
            "m": network.m,
            "p": algorithm.p,
            "tau": algorithm.tau,
            "K": K,
            "xi": algorithm.xi,
            "eta": algorithm.eta,
            "zeta": algorithm.zeta,
            "kappa": configuration.init_scale,
            "theta": moments["theta"],
            "V": moments["V"],
            "delta": configuration.delta,
            "lambda": mu[0].item(),
            "Lambda": mu[-1].item(),
            "lambda_0": lambda_0(self.problem.X),
            "g": float(torch.linalg.matrix_norm(network.G.abs(), ord=2)),
            "mu": mu.cpu().numpy(),
            "Phi": Phi.cpu().numpy(),
            "c_j": c_j.cpu().numpy(),
            "c_sq": c_j.square().cpu().numpy(),
            "e0_sq": network.e_0.square().sum().item(),
            "excess": algorithm.law.kurtosis(algorithm.p, algorithm.xi) * network.concentration,
            "k": np.arange(K + 1),
            "max_row_norm_error": float((norms - 1).abs().max()),
            "max_abs_y": float(network.y.abs().max()),
        }


def span_coordinates(X: np.ndarray) -> np.ndarray:
    """The rows in an orthonormal basis of their span, (n, min(n, d)).

    Only X X^T matters: gradients stay in the span and W_0 is rotation invariant, so the law of
    every trajectory is the same and wide inputs cost no more than n dimensions.
    """
    return np.linalg.qr(X.T, mode="r").T if X.shape[0] < X.shape[1] else X


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data, draw W_0 and fix the step size; InvalidArgument where zeta Lambda > 1."""
    problem = load_problem(
        configuration.data,
        samples=configuration.samples,
        dimension=configuration.dimension,
        targets=configuration.targets,
        target_scale=configuration.target_scale,
        rescale=configuration.rescale,
        rng=numpy_generator("data", salt),
    )
    device, dtype = configuration.torch_device(), getattr(torch, configuration.dtype)
    inputs = span_coordinates(problem.X), problem.y
    X, y = (torch.tensor(array, dtype=dtype, device=device) for array in inputs)
    network = Network.draw(X, y, configuration.width, configuration.init_scale, salt)
    Lambda = network.spectrum[0][-1].item()
    xi = configuration.activity
    if configuration.eta is None:
        eta = xi * (configuration.zeta_lambda or 0.5) / Lambda
    else:
        eta = configuration.eta
        if eta / xi * Lambda > 1:
            allowed = f"at most {xi / Lambda:.6g}, so that zeta Lambda = eta Lambda/xi <= 1"
            raise InvalidArgument("eta", eta, allowed)
    mask_law = law(configuration.law)
    algorithm = Algorithm(mask_law, configuration.surrogates, xi, configuration.local_steps, eta)
    return Setting(configuration, problem, network, algorithm)


def pilot(setting: Setting, measured: Measurements) -> Thresholds:
    """alpha_j and R: the headroom times the largest value that the pilot seeds showed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(measured.defect > 0, measured.defect / measured.rho, 0.0).max(axis=0)
    padded = np.pad(ratio, WINDOW, mode="edge")
    alpha = np.lib.stride_tricks.sliding_window_view(padded, 2 * WINDOW + 1).max(axis=1)
    headroom = setting.configuration.headroom
    return Thresholds(headroom * alpha, headroom * float(measured.displacement.max()))


def best_c(symbols: Mapping[str, Any]) -> float:
    """The c that makes the main theorem smallest in the last round (1 where none is allowed)."""
    claim = registry.claim("main")
    grid = np.logspace(-6, 3, 400)
    values = {**symbols, "k": int(symbols["K"]), "c": grid}
    holds = claim.regime(values).holds
    bound = claim.evaluate(values, where=holds).bound
    return float(grid[np.nanargmin(bound)]) if holds.any() else 1.0


class MaskedTraining:
    """The experiment of masked training (see `verify.experiment.Experiment`)."""

    configuration = Configuration

    def __init__(self, trainer: Callable[..., Iterator[Round]] = train) -> None:
        self.trainer = trainer

    def preview(self, configuration: Configuration) -> Configuration:
        return replace(configuration, seeds=2, pilot_seeds=min(configuration.pilot_seeds, 4))

    def observe(
        self,
        configuration: Configuration,
        *,
        salt: str,
        quantities: Collection[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Pilot seeds fix the good event, then the test seeds are trained and measured."""
        setting = prepare(configuration, salt)
        count = 1 if setting.deterministic else configuration.seeds
        pilots = 1 if setting.deterministic else configuration.pilot_seeds
        step = _counter(progress, (count + pilots) * configuration.rounds)
        lazy = quantities is None or "defect" in quantities

        def run(purpose: str, size: int, *, lazy: bool) -> Measurements:
            device = setting.network.X.device
            return measure(
                setting.network,
                setting.algorithm,
                configuration.rounds,
                seed_tensor(size, purpose, salt, device=device),
                lazy=lazy,
                step=step,
                trainer=self.trainer,
            )

        thresholds = pilot(setting, run("pilot", pilots, lazy=False))
        measured = run("test", count, lazy=lazy)
        return observations(setting, thresholds, measured, salt, quantities)


def observations(
    setting: Setting,
    thresholds: Thresholds,
    measured: Measurements,
    salt: str,
    quantities: Collection[str] | None = None,
) -> Observations:
    """Samples, curves and notes from what was measured."""
    configuration = setting.configuration
    symbols = setting.symbols()
    symbols |= {"alpha_j": thresholds.alpha, "R": thresholds.R}
    symbols |= {"alpha": float(thresholds.alpha.max())}
    symbols |= {"c": best_c(symbols)}
    good = thresholds.good_event(measured)
    loss = measured.loss.T
    common: dict[str, Any] = {
        "symbols": symbols,
        "trivial": symbols["e0_sq"],
        "deterministic": setting.deterministic,
        "dtype": configuration.dtype,
        "given": 1,
        "share": float(good[:, -1].mean()),
    }
    samples = {
        "loss_on_good_event": Sample(loss * good.T, **common),
        "linearised_loss": Sample(_linearised_loss(setting, measured, good).T, **common),
        "loss": Sample(loss, **common | {"share": 1.0}),
    }
    lazy = dict(zip(LAZY, np.moveaxis(measured.lazy, -1, 0), strict=True))
    per_round = {name: value for name, value in symbols.items() if name != "k"}
    path: dict[str, Any] = {"dtype": configuration.dtype}
    if not np.isnan(measured.lazy).all():
        # near zero the defect is the rounding error of residuals of this size
        size = np.sqrt(symbols["e0_sq"]) + measured.rho
        lazy_symbols = {**per_round, **lazy, "rho_k": measured.rho}
        samples["defect"] = Sample(
            measured.defect, lazy_symbols, trivial=measured.rho, scale=size, **path
        )
    final = measured.local_loss[..., -1], measured.spread[..., -1]
    samples["aggregation"] = Sample(
        measured.loss[:, 1:],
        {**per_round, "local_loss": final[0], "spread": final[1]},
        scale=final[0],
        **path,
    )
    samples["dispersion"] = Sample(
        measured.distance, {**per_round, "spread": measured.spread[..., 0]}, scale=loss.T[:, :-1],
        **path,
    )  # fmt: skip
    samples |= enumerated_samples(setting.network, setting.algorithm, per_round)
    if quantities is not None:
        samples = {name: sample for name, sample in samples.items() if name in quantities}
    return Observations(samples, _trajectory(symbols, measured, good), _notes(setting, salt))


def _linearised_loss(setting: Setting, measured: Measurements, good: np.ndarray) -> np.ndarray:
    """||e_k||^2 where seeds that left the good event follow the linear recursion: (S, K + 1)."""
    algorithm, network = setting.algorithm, setting.network
    theta = algorithm.law.moments(algorithm.p, algorithm.xi)["theta"]
    P = network.round_map(algorithm.zeta, algorithm.tau).double().cpu().numpy()
    path = [measured.residual[:, 0]]
    for k in range(good.shape[1] - 1):
        linear = path[k] - theta * (path[k] + measured.frozen_noise[:, k]) @ P
        path.append(np.where(good[:, k + 1, None], measured.residual[:, k + 1], linear))
    return (np.stack(path, axis=1) ** 2).sum(-1)


def _trajectory(symbols: Mapping[str, Any], measured: Measurements, good: np.ndarray) -> Trajectory:
    law = registry.claim("limit-law")
    evaluation = law.evaluate(symbols, where=law.regime(symbols).holds)
    series = {"mean_loss": measured.loss.mean(0), "limit_law": evaluation.bound}
    count = len(measured.loss)
    errors = {"mean_loss": measured.loss.std(0, ddof=1) / count**0.5} if count > 1 else {}
    x, y = measured.sawtooth()
    within = Trajectory("round", x, {"sawtooth_loss": y})
    details = {"good_event": good.mean(0)}
    return Trajectory("round", symbols["k"], series, details, errors, within)


def _notes(setting: Setting, salt: str) -> dict[str, Any]:
    return {
        "problem": setting.problem.description,
        "eta": setting.algorithm.eta,
        "zeta": setting.algorithm.zeta,
        "xi": setting.algorithm.xi,
        "seeds": {name: seed_of(name, salt) for name in ("data", "W_0", "pilot", "test")},
    }


def _counter(progress: Progress | None, total: int) -> Callable[[int], None]:
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, total)

    return step
