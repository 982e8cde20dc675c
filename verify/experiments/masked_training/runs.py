"""Runs of published experiments: losses of repetitions, each with W_0 and masks of its own.

The loss is per sample, (1/n) ||u_k - y||^2, of the whole network. Beside it stands the limit law
with H and Phi of the same W_0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import torch

from theory.language.claim import Claim, Statement
from theory.language.kinds import EXACT_PATHWISE
from theory.theorems.masked_training import limit_law
from theory.theorems.masked_training.laws import law
from theory.theorems.masked_training.stochastic_recursion import STABLE, spectrum_of_P
from theory.theorems.masked_training.symbols import VOCABULARY
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.setting import draw_network
from verify.judging.seeds import seed_tensor
from verify.problems.data import Problem
from verify.training.masked import active
from verify.training.masked.engines.choice import FEW_SAMPLES, choose
from verify.training.masked.measure import measure
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

WINDOW = 10
"""Rounds whose mean must fall for a run to go on."""


@cache
def mean_square() -> Claim:
    """E ||e_k||^2 of the limit law (L.1), without the envelope at finite width."""
    statement = Statement(limit_law.mean_square(), (STABLE,), spectrum_of_P())
    return Claim("mean-square", "equation (L.1)", EXACT_PATHWISE, limit_law.LINEARISED_LOSS,
                 lambda: statement, VOCABULARY)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Run:
    """One repetition: a network and the seed of its masks."""

    network: Network
    algorithm: Algorithm
    seed: torch.Tensor

    @classmethod
    def draw(
        cls, configuration: Configuration, problem: Problem, power: int, salt: str, *labels: Any
    ) -> Run:
        """Its own W_0 and masks. The step is zeta Lambda = zeta_lambda xi^power.

        In the scaling of the paper (w = xi w_pub) the initial scale kappa_pub is fixed, ours is
        xi kappa_pub; and a step eta_pub is ours of zeta = xi eta_pub: power 1.
        """
        xi = configuration.activity
        kappa = configuration.init_scale * xi
        own = f"{salt}/{'/'.join(map(str, labels))}"
        network = draw_network(replace(configuration, init_scale=kappa), problem, own)
        Lambda = network.spectrum[0][-1].item()
        eta = xi * (configuration.zeta_lambda or 0.5) * xi**power / (Lambda or 1.0)
        algorithm = Algorithm(law(configuration.law), configuration.surrogates, xi,
                              configuration.local_steps, eta)  # fmt: skip
        return cls(network, algorithm, seed_tensor(1, "masks", own))

    def losses(self, rounds: int, until_it_rises: bool) -> np.ndarray:
        """(1/n) ||e_k||^2 for k = 0, ..., K, in at most `rounds` rounds."""
        few = self.network.n <= FEW_SAMPLES
        found = [self.network.e_0.square().mean().item()]
        if few:  # the engine trains all rounds at once, which is faster nevertheless
            engine = choose(self.network, self.algorithm)
            records = engine(self.network, self.algorithm, rounds, self.seed)
            outputs: Iterator[torch.Tensor] = (record.outputs[0] for record in records)
        else:
            outputs = islice(active.outputs(self.network, self.algorithm, self.seed), rounds)
        for u in outputs:
            found.append((u - self.network.y).square().mean().item())
            if until_it_rises and _rose(found[1:]):
                break
        return np.array(found)

    def predicted(self, rounds: int) -> np.ndarray:
        """(1/n) E ||e_k||^2 for k = 0, ..., `rounds`, by the limit law given W_0."""
        network, algorithm = self.network, self.algorithm
        mu, vectors = network.spectrum
        moments = algorithm.law.moments(algorithm.p, algorithm.xi)
        symbols = {
            "n": network.n, "mu": mu.numpy(), "zeta": algorithm.zeta, "tau": algorithm.tau,
            "theta": moments["theta"], "V": moments["V"], "k": np.arange(rounds + 1),
            "Lambda": mu[-1].item(), "Phi": (vectors.T @ network.Phi @ vectors).numpy(),
            "c_sq": (vectors.T @ network.e_0).square().numpy(),
        }  # fmt: skip
        return mean_square().evaluate(symbols).bound / network.n


def _rose(losses: list[float]) -> bool:
    """Whether the mean of the last WINDOW rounds is no less than that of those before."""
    if len(losses) % WINDOW or len(losses) < 2 * WINDOW:
        return False
    return sum(losses[-WINDOW:]) >= sum(losses[-2 * WINDOW : -WINDOW])


def final_loss(
    configuration: Configuration, salt: str, *, power: int, until_it_rises: bool
) -> dict[str, np.ndarray]:
    """Mean loss of the last WINDOW rounds; all points are independent.

    until_it_rises  no further rounds where that mean does not fall any more
    """
    problem, rows = configuration.problem(salt), []
    c = configuration
    for repetition in range(c.seeds):
        point = c.law, c.xi, c.surrogates, c.local_steps, c.width, repetition
        run = Run.draw(c, problem, power, salt, *point)
        losses = run.losses(c.rounds, until_it_rises)
        law = run.predicted(len(losses) - 1)
        rows.append((losses[-WINDOW:].mean(), law[-WINDOW:].mean(), len(losses) - 1))
    measured, predicted, rounds = np.array(rows).T
    return {"measured": measured, "predicted": predicted, "rounds": rounds}


def after_local_steps(
    configuration: Configuration, salt: str, *, steps: int, power: int
) -> dict[str, np.ndarray]:
    """Loss after that many local steps, in steps/tau rounds; W_0 does not depend on tau."""
    problem, rows = configuration.problem(salt), []
    c = configuration
    for repetition in range(c.seeds):
        run = Run.draw(c, problem, power, salt, c.law, c.surrogates, repetition)
        losses = run.losses(steps // c.local_steps, until_it_rises=False)
        rows.append((losses[-1], run.predicted(len(losses) - 1)[-1]))
    measured, predicted = np.array(rows).T
    return {"measured": measured, "predicted": predicted}


def inside_rounds(configuration: Configuration, salt: str) -> dict[str, np.ndarray]:
    """Losses inside the rounds (`Measurements.sawtooth`), and the limit law at rounds."""
    problem, c = configuration.problem(salt), configuration
    measured, predicted = [], []
    at = np.empty(0)
    for repetition in range(c.seeds):
        run = Run.draw(c, problem, 0, salt, c.law, repetition)
        at, losses = measure(run.network, run.algorithm, c.rounds, run.seed, lazy=False).sawtooth()
        law = run.predicted(c.rounds)
        measured.append(losses / run.network.n)
        predicted.append(law[np.floor(at + 1e-9).astype(int)])
    return {"at": at, "measured": np.array(measured), "predicted": np.array(predicted)}
