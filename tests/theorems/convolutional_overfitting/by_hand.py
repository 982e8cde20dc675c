"""The convolutional network by hand: draws, autograd on the loss, one run and filter at a time."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import exp, gamma, inf, log, pi, sqrt
from typing import Any

import numpy as np
import torch
from scipy.linalg import polar
from sklearn.datasets import load_digits

from verify.judging.seeds import numpy_generator

SIGNS = {0: 1.0, 1: -1.0}
"""Of the heads, and of the classes."""


def plus(x):
    return max(float(x), 0.0)


def over(x, most):
    return plus(x) / most if most > 0 else 0.0


def loss(z):
    return log(1 + exp(-z)) if z > -30 else -z


def factor(h, q):
    """H, as it is written."""
    return (q - 2) * h / (1 - (1 + h) ** -(q - 2))


def margins_of(W, X, y, clean, mu, q):
    """y_i f_i for a tensor W (2, m, d) of filters, by the definition of the network."""
    signal = torch.zeros(X.shape[1], dtype=torch.float64)
    signal[-1] = mu
    heads = []
    for head in (0, 1):
        at_signal = torch.relu(clean[:, None] * (W[head] @ signal)[None]) ** q
        at_noise = torch.relu(X @ W[head].T) ** q
        heads.append((at_signal + at_noise).mean(1))
    return y * (heads[0] - heads[1])


@dataclass(frozen=True, eq=False)
class Run:
    """One training set and W_0; `growth` is the one that is allowed for."""

    X: np.ndarray
    y: np.ndarray
    clean: np.ndarray
    mu: float
    W: np.ndarray
    q: float
    growth: float
    steps: int
    kept: dict = field(default_factory=dict)

    n = property(lambda it: len(it.y))
    m = property(lambda it: it.W.shape[1])
    xi_sq = property(lambda it: [float(x @ x) for x in it.X])

    def members(self, j):
        return [i for i in range(self.n) if self.y[i] == SIGNS[j]]

    def head(self, i):
        return 0 if self.y[i] > 0 else 1

    def signals(self, W):
        """j <w_jr, mu>, (2, m)."""
        return np.array([[SIGNS[j] * w[-1] * self.mu for w in W[j]] for j in (0, 1)])

    def noises(self, W):
        """<w_jr, xi_i>, (2, m, n)."""
        return np.array([[[w @ x for x in self.X] for w in W[j]] for j in (0, 1)])

    def memories(self, W):
        """u_ri, (n, m)."""
        noise = self.noises(W)
        return np.array([noise[self.head(i), :, i] for i in range(self.n)])

    @cached_property
    def u(self):
        return self.memories(self.W)

    @cached_property
    def v(self):
        return self.signals(self.W)

    def N(self, i):
        other = 1 - self.head(i)
        noise = self.noises(self.W)[other, :, i]
        return (
            sum(plus(-self.v[other, r]) ** self.q + plus(noise[r]) ** self.q for r in range(self.m))
            / self.m
        )

    def N_top(self, j):
        return max(self.N(i) for i in self.members(j))

    @cached_property
    def weights(self):
        """(a, N_a) of every patch and class."""
        rows = [(self.xi_sq[i], self.N(i)) for i in range(self.n)]
        return rows + [(len(self.members(j)) * self.mu**2, self.N_top(j)) for j in (0, 1)]

    @cached_property
    def eta(self):
        power = (self.q - 2) / self.q
        rate = max(a * (self.m * max(N, power)) ** power for a, N in self.weights)
        return self.growth * self.n * self.m / (self.q * rate)

    @cached_property
    def shrink(self):
        noise, found = self.noises(self.W), []
        for j in (0, 1):
            for r in range(self.m):
                a = len(self.members(1 - j)) * self.mu**2
                found.append(a * plus(-self.v[j, r]) ** (self.q - 2))
                found += [self.xi_sq[i] * plus(noise[j, r, i]) ** (self.q - 2)
                          for i in self.members(1 - j)]  # fmt: skip
        return self.eta * self.q * max(found) / (self.n * self.m)

    def chi(self, j):
        v = max(self.v[j])
        if v <= 0:
            return 0.0
        most = [(max(self.u[i]), self.xi_sq[i]) for i in self.members(j)]
        if min(u for u, _ in most) <= 0:
            return 1e300
        return v ** (self.q - 2) * self.mu**2 * sum(u ** (2 - self.q) / x for u, x in most)

    @cached_property
    def path(self):
        """Filters after every step, by autograd on the training loss."""
        X, y, clean = (torch.tensor(each) for each in (self.X, self.y, self.clean))
        W = torch.tensor(self.W, requires_grad=True)
        found = [self.W]
        for _ in range(self.steps):
            total = torch.nn.functional.softplus(-margins_of(W, X, y, clean, self.mu, self.q))
            (slope,) = torch.autograd.grad(total.mean(), W)
            W = (W - self.eta * slope).detach().requires_grad_(True)
            found.append(W.detach().numpy())
        return found

    def margins(self, W):
        parts = (torch.tensor(each) for each in (W, self.X, self.y, self.clean))
        return margins_of(*parts, self.mu, self.q).numpy()

    @cached_property
    def growths(self):
        """After every step: of each patch and class the largest relative growth so far."""
        aligned = [np.concatenate([self.memories(W), self.signals(W)]) for W in self.path]
        found = [np.zeros(self.n + 2)]
        for before, after in pairwise(aligned):
            grown = [max([b / a - 1 for a, b in zip(*rows, strict=True) if a > 0], default=0.0)
                     for rows in zip(before, after, strict=True)]  # fmt: skip
            found.append(np.maximum(found[-1], grown))
        return found

    def clock(self, start, now):
        if start <= 0 or now <= 0:
            return 0.0
        return start ** (2 - self.q) - now ** (2 - self.q)

    def spent(self, j, memories):
        rows = [(i, int(np.argmax(self.u[i]))) for i in self.members(j)]
        return sum(self.clock(self.u[i, r], memories[i, r]) / self.xi_sq[i] for i, r in rows)

    def budget(self, j, r, signals):
        return self.clock(self.v[j, r], signals[j, r]) / self.mu**2

    def least(self, j):
        return min((max(self.u[i]) for i in self.members(j)), default=0.0)

    H = property(lambda it: factor(it.growth, it.q))

    @cached_property
    def regular(self):
        """Whether the premises of (CN4) to (CN6) hold but for the phase."""
        overlap = self.X @ self.X.T / np.sqrt(np.outer(self.xi_sq, self.xi_sq))
        frame = abs(overlap - np.eye(self.n)).max() < 1e-10
        return frame and (self.y == self.clean).all() and self.shrink <= 1

    def S(self, W, j):
        return sum(plus(v) ** self.q for v in self.signals(W)[j]) / self.m

    def s(self, j):
        """The limit of S_j, infinite where H chi >= 1."""
        if not self.H * self.chi(j) < 1 or not self.regular:
            return inf
        most, p = max(self.v[j]), self.q - 2
        used = [self.H * self.chi(j) * over(v, most) ** p for v in self.v[j]]
        each = [plus(v) ** self.q * (1 - x) ** (-self.q / p)
                for v, x in zip(self.v[j], used, strict=True)]  # fmt: skip
        return sum(each) / self.m

    def nu(self, j):
        if not self.chi(j) > self.H or not self.regular:
            return inf
        p = self.q - 2
        rows = []
        for i in self.members(j):
            most = max(self.u[i])
            rows.append(sum(
                plus(u) ** self.q * (1 - self.H / self.chi(j) * over(u, most) ** p) ** (-self.q / p)
                for u in self.u[i]) / self.m)  # fmt: skip
        return max(rows)

    def w(self, j, K):
        rows = [sum((K * plus(u)) ** self.q for u in self.u[i]) / self.m for i in self.members(j)]
        return max(rows) + self.N_top(j)

    def psi(self, j, i, u, K):
        v = max(self.v[j])
        if v <= 0:
            return 1e300
        top = self.H * exp(self.w(j, K)) * plus(u) ** (self.q - 2) * self.xi_sq[i]
        return top / (len(self.members(j)) * self.mu**2 * v ** (self.q - 2))

    def fullest(self, j, K):
        return max((self.psi(j, i, max(self.u[i]), K) for i in self.members(j)), default=1e300)

    def limit(self, i, r, K):
        """Of u_ri in (CN6)."""
        j = self.head(i)
        if self.fullest(j, K) > 1 - K ** (2 - self.q) or not self.regular:
            return inf
        return plus(self.u[i, r]) * (1 - self.psi(j, i, self.u[i, r], K)) ** (-1 / (self.q - 2))

    def patch(self, W, x, label):
        """The margin of a test sample."""
        f = 0.0
        for j in (0, 1):
            for w in W[j]:
                at_signal = plus(label * w[-1] * self.mu) ** self.q
                f += SIGNS[j] * (at_signal + plus(w @ x) ** self.q) / self.m
        return label * f

    def test(self, W, tests):
        """Per patch, of both labels."""
        return [(loss(self.patch(W, x, 1)) + loss(self.patch(W, x, -1))) / 2 for x in tests]


def moment(q):
    """E max(0, Z)^q."""
    return 2 ** (q / 2 - 1) * gamma((q + 1) / 2) / sqrt(pi)


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Everything that is drawn."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("convolutional overfitting", purpose, self.salt)

    @cached_property
    def images(self):
        """(for training, held out)."""
        X = load_digits().data.astype(float)
        X = X * self.configuration.noise_norm / sqrt(sum(x @ x for x in X) / len(X))
        X = X[self.rng("split").permutation(len(X))]
        return X[:1000], X[1000:]

    def patches(self, rng, runs, count, held_out=False):
        c = self.configuration
        found = []
        if c.data == "digits":
            images = self.images[held_out]
            for _ in range(runs):
                order = rng.permutation(len(images))
                found.append([[*images[i], 0.0] for i in order[:count]])
            return np.array(found)
        Z = rng.standard_normal((runs, count, c.dimension - 1))
        Z = c.noise_norm / sqrt(c.dimension - 1) * Z
        return np.array([[[*x, 0.0] for x in each] for each in Z])

    def frame(self, X):
        if self.configuration.design != "frame":
            return X
        norms = np.array([sqrt(x @ x) for x in X])
        return norms[:, None] * polar(X / norms[:, None])[0]

    def labels(self, samples):
        c = self.configuration
        first = min(max(1, round(c.balance * samples)), samples - 1)
        return np.array([1.0] * first + [-1.0] * (samples - first))

    def draw(self, purpose, samples):
        c, rng = self.configuration, self.rng(purpose)
        X = self.patches(rng, c.seeds, samples)
        clean = self.labels(samples)
        wrong = [i < round(c.flips * samples) for i in range(samples)]
        wrong = rng.permuted(np.tile(wrong, (c.seeds, 1)), axis=1)
        W = rng.standard_normal((c.seeds, 2, c.filters, c.dimension)) * c.init / c.noise_norm
        mu = c.snr * c.noise_norm
        return [Run(self.frame(X[r]), np.where(wrong[r], -clean, clean), clean, mu, W[r], c.power,
                    c.growth, c.steps) for r in range(c.seeds)]  # fmt: skip

    @cached_property
    def runs(self):
        return self.draw("runs", self.configuration.samples)

    @cached_property
    def keep(self):
        c = self.configuration
        return sorted({round(c.steps * (i / c.points) ** 2) for i in range(c.points + 1)})

    @cached_property
    def tests(self):
        return self.patches(self.rng("tests"), 1, self.configuration.tests, True)[0]

    def at(self, measure):
        """Of every checkpoint and run, (K, R, ...)."""
        return np.array([[measure(run, run.path[k]) for run in self.runs] for k in self.keep])

    def each(self, measure, shape, axis=1):
        """Of every run, along the axes of a sample from `axis` on."""
        values = np.array([measure(run) for run in self.runs], dtype=float)
        trailing = len(shape) - axis - values.ndim
        return np.broadcast_to(values.reshape(values.shape + (1,) * trailing), shape)

    @cached_property
    def cross(self):
        found = [0.0]
        for run in self.runs:
            for i in range(run.n):
                found += [abs(run.X[i] @ run.X[k]) / sqrt(run.xi_sq[i] * run.xi_sq[k])
                          for k in range(i)]  # fmt: skip
        return max(found)
