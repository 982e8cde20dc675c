"""Small networks and algorithms for tests."""

import numpy as np
import torch

from theory.theorems.masked_training.laws import LAWS, MaskLaw
from verify.problems.data import load_problem
from verify.training.masked.measure import measure
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm, train

LAW_CASES = {
    "gradient descent": ("bernoulli", 1, 1.0, 3),
    "dropout": ("bernoulli", 1, 0.5, 1),
    "multi-sample dropout": ("bernoulli", 3, 0.4, 1),
    "local steps": ("bernoulli", 3, 0.6, 3),
    "ist": ("categorical", 3, 1 / 3, 3),
}
"""name -> (law, p, xi, tau)"""
PAIRED = MaskLaw("paired", lambda j, p: int(j == 2), lambda p: 2 / p)
"""A law that no engine draws by itself: every neuron is in two of the surrogates."""


def network(n=3, d=4, m=40, kappa=0.7, seed=0, data="sphere", dtype=torch.float64):
    rng = np.random.default_rng(seed)
    problem = load_problem(data, samples=n, dimension=d, targets="noise", rng=rng)
    X, y = (torch.tensor(array, dtype=dtype) for array in (problem.X, problem.y))
    return Network.draw(X, y, m, kappa, seed)


def algorithm(net, case="local steps", zeta_lambda=0.7):
    law, p, xi, tau = LAW_CASES[case]
    eta = zeta_lambda * xi / net.spectrum[0][-1].item()
    return Algorithm(LAWS[law], p, xi, tau, eta)


def given_masks(masks):
    """A mask source of prescribed masks: (seeds, K, p, m), or (K, p, m) for every seed."""
    full = masks if masks.ndim == 4 else masks[None]
    return lambda seeds, k: full[:, k].expand(len(seeds), -1, -1)


def drawn_masks(net, alg, rounds, seeds):
    source = alg.masks(net.m)
    return torch.stack([source(seeds, k) for k in range(rounds)], dim=1).to(net.W_0.dtype)


def residuals(net, alg, rounds, seeds, **options):
    """Those of the trainer itself: an engine has tests of its own."""
    return measure(net, alg, rounds, seeds, lazy=False, trainer=train, **options).residual
