"""Gradient descent and flow by hand: weights as rows W (m, d), one network and one step at a time.

What oracles compute from. Nothing here uses the networks, trainers or kernels of the package; only
the random numbers are its own.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from math import log, sqrt

import numpy as np
import torch

from tests.verify.training.masked.by_hand import gated, limiting_kernel, norm, smallest
from verify.judging.seeds import torch_generator

__all__ = ["Descent", "Flow", "Network", "gated", "limiting_kernel", "norm", "smallest"]


@dataclass(frozen=True, eq=False)
class Network:
    """f(x) = sum_r s_r relu(<w_r, x>): X (n, d), W (m, d), s (m,)."""

    X: np.ndarray
    W: np.ndarray
    s: np.ndarray

    @property
    def n(self):
        return len(self.X)

    @property
    def m(self):
        return len(self.s)

    def outputs(self, W):
        """In pairs, which cancel to many digits."""
        terms = self.s[:, None] * np.maximum(W @ self.X.T, 0.0)
        return (terms[::2] + terms[1::2]).sum(0)

    def active(self, W):
        """(n, m)."""
        return np.array([W @ x > 0 for x in self.X])

    def kernel(self, W, weights):
        """sum_r weights_r 1{w_r x_i > 0} 1{w_r x_j > 0} <x_i, x_j>, entry by entry."""
        return gated(self.X, self.active(W), weights)

    @cached_property
    def H(self):
        """The kernel at the start."""
        return self.kernel(self.W, self.s**2)

    def gradient(self, W, slope):
        """sum_i slope_i s_r 1{w_r x_i > 0} x_i, by neuron (m, d)."""
        return self.s[:, None] * ((W @ self.X.T > 0) * slope) @ self.X


def gaussians(d, count, salt):
    """g_1, ..., g_count ~ N(0, I_d) of a salt: (count, d)."""
    drawn = torch.randn(d, count, generator=torch_generator("W_0", salt), dtype=torch.float64)
    return drawn.numpy().T


def coupled(X, scalings, kappa, salt):
    """Pairs w_{2s-1} = w_{2s} = kappa g_s with s = +-sqrt(scaling)."""
    W = [w for g in gaussians(X.shape[1], len(scalings), salt) for w in (kappa * g, kappa * g)]
    s = [sign * sqrt(scaling) for scaling in scalings for sign in (1, -1)]
    return Network(X, np.array(W), np.array(s))


def independent(X, m, kappa, salt):
    W = kappa * gaussians(X.shape[1], m, salt)
    drawn = torch.randint(0, 2, (m,), generator=torch_generator("s", salt)).tolist()
    return Network(X, W, np.array([(1 if one else -1) / sqrt(m) for one in drawn]))


@dataclass(frozen=True, eq=False)
class Descent:
    """Every iterate of full-batch gradient descent: weights W_0, ..., W_K."""

    network: Network
    W: list

    @cached_property
    def outputs(self):
        return np.array([self.network.outputs(W) for W in self.W])

    @property
    def flips(self):
        """Activations seen to differ from those at the start, summed up to each step."""
        start = self.network.active(self.W[0])
        return np.cumsum([(self.network.active(W) != start).sum() for W in self.W])

    @property
    def distance(self):
        return np.linalg.norm(self.W[-1] - self.W[0], axis=1)


def squared_slope(f, y):
    return f - y


def logistic_slope(f, y):
    return -y / (1 + np.exp(y * f)) / len(y)


def descend(network, y, eta, steps, slope=squared_slope):
    W = [network.W]
    for _ in range(steps):
        W.append(W[-1] - eta * network.gradient(W[-1], slope(network.outputs(W[-1]), y)))
    return Descent(network, W)


def squares(outputs, y):
    """||f - y||^2 of every iterate."""
    return np.array([(f - y) @ (f - y) for f in outputs])


def risks(outputs, y):
    """(1/n) sum_i log(1 + exp(-y_i f_i)) of every iterate."""
    return np.array([sum(np.log1p(np.exp(-y * f))) / len(y) for f in outputs])


def flow(network, y, times, each=60):
    """Gradient flow at equally spaced times: losses (times,) and distances (times, m).

    Twice the values of descent with small steps less those with steps twice as long: what is left
    is of second order in the step, where nothing slides along a kink.
    """
    found = []
    for steps in (each, 2 * each):
        eta, last = (times[1] - times[0]) / steps, steps * (len(times) - 1)
        W = descend(network, y, eta, last).W[::steps]
        losses = squares([network.outputs(one) for one in W], y)
        found.append((losses, np.array([np.linalg.norm(one - W[0], axis=1) for one in W]), W))
    (once, near, _), (twice, nearer, W) = found
    return Flow(network, 2 * twice - once, 2 * nearer - near, abs(twice - once), W, eta)


@dataclass(frozen=True, eq=False)
class Flow:
    """loss (times,), distance (times, m); what halving steps changed; smaller steps, eta."""

    network: Network
    loss: np.ndarray
    distance: np.ndarray
    doubt: np.ndarray
    W: list
    eta: float

    def kernel(self, at):
        """At the time of that number. A neuron within three steps of a kink slides along it: off.

        Steps lead it to and fro there; in the limit its pre-activation is 0.
        """
        net = self.network
        reach = 3 * self.eta * abs(net.s) * sqrt(self.loss[at]) if at else 0.0
        return gated(net.X, [self.W[at] @ x > reach for x in net.X], net.s**2)


def margin(H, labels):
    """min over the simplex of sqrt((q o y)^T H (q o y)), from every face of it.

    In the relative interior of a face the minimiser has H' q constant, where q sums to 1.
    """
    signed, n = H * np.outer(labels, labels), len(labels)
    faces = chain.from_iterable(combinations(range(n), size) for size in range(1, n + 1))
    best = np.inf
    for face in map(list, faces):
        ones = np.ones((len(face), 1))
        system = np.block([[signed[np.ix_(face, face)], ones], [ones.T, np.zeros((1, 1))]])
        q = np.linalg.lstsq(system, np.r_[0 * ones[:, 0], 1.0], rcond=None)[0][:-1]
        if (q > -1e-12).all():
            best = min(best, sqrt(max(q @ signed[np.ix_(face, face)] @ q, 0.0)))
    return best


def geometry(X, y):
    """By name, what claims on gradient descent know of a problem."""
    G = np.array([[x @ z for z in X] for x in X])
    deviation = max(abs(sqrt(G[i, i]) - 1) for i in range(len(X)))
    return {
        "n": len(X),
        "norm_X": sqrt(norm(G)),
        "g": norm(abs(G)),
        "lambda_0": smallest(limiting_kernel(X)),
        "row_norm_deviation": deviation if deviation > 1e-6 else 0.0,
        "y_sq": sum(target**2 for target in y),
    }


def doubled(smallest_one, largest_one):
    """The widths of a sweep: doubled from the smallest while not above the largest."""
    return [smallest_one * 2**i for i in range(30) if smallest_one * 2**i <= largest_one]


def slope(widths, values):
    """Least squares in log-log; what is 0 somewhere falls faster than any power."""
    if min(values) <= 0:
        return -np.inf
    x, y = [log(width) for width in widths], [log(value) for value in values]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return products / sum((a - x_mean) ** 2 for a in x)
