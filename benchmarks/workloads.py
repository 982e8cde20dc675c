"""What is timed: sizes, laws and the networks they stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from theory.theorems.masked_training.laws import LAWS
from verify.judging.seeds import seed_tensor
from verify.problems.data import load_problem
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm


@dataclass(frozen=True)
class Workload:
    """Masked training of `seeds` seeds for `rounds` rounds; zeta Lambda = 1/2, kappa = 1."""

    name: str
    n: int = 16
    d: int = 8
    m: int = 4096
    p: int = 4
    tau: int = 4
    xi: float = 0.5
    law: str = "bernoulli"
    seeds: int = 32
    rounds: int = 10

    def build(self) -> tuple[Network, Algorithm, torch.Tensor]:
        rng = np.random.default_rng(0)
        problem = load_problem("sphere", samples=self.n, dimension=self.d, targets="noise", rng=rng)
        X, y = torch.tensor(problem.X), torch.tensor(problem.y)
        network = Network.draw(X, y, self.m, 1.0, "benchmark")
        eta = 0.5 * self.xi / network.spectrum[0][-1].item()
        algorithm = Algorithm(LAWS[self.law], self.p, self.xi, self.tau, eta)
        return network, algorithm, seed_tensor(self.seeds, "benchmark")


SMALL = Workload("small")
IST = replace(SMALL, name="ist", law="categorical", xi=0.25)
WIDE = Workload("wide", n=8, m=10**6, seeds=2, rounds=3)
PAPER = Workload("paper", n=1000, d=2048, m=500, p=10, tau=10, seeds=1, rounds=1)
WORKLOADS = {w.name: w for w in (SMALL, IST, WIDE, PAPER)}

SCALING = {
    "m": [
        replace(WIDE, name=f"m = {m:.0e}", m=m, seeds=1, rounds=2)
        for m in (10**4, 10**5, 10**6, 10**7)
    ],
    "tau": [replace(WIDE, name=f"tau = {tau}", tau=tau) for tau in (1, 4, 16, 64)],
    "p": [replace(SMALL, name=f"p = {p}", p=p) for p in (1, 2, 4, 8, 16, 32)],
    "n": [replace(SMALL, name=f"n = {n}", n=n, seeds=8) for n in (2, 4, 8, 16, 32, 64, 128)],
}
