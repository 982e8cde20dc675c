"""Data in a subspace by hand: the rows, the networks by autograd one by one, off the subspace."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, exp, pi, sqrt
from typing import Any

import numpy as np
import torch
from scipy.integrate import quad
from torch import nn

from verify.judging.seeds import numpy_generator, seed_of, torch_generator
from verify.problems.data import load_problem

KINDS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "softplus": nn.Softplus,
         "linear": nn.Identity}  # fmt: skip
DISTANCES = 6
"""Distances from the subspace that are looked at."""


def square(array):
    return float((np.asarray(array) ** 2).sum())


def relu_mean(z, r):
    """E max(z + r g, 0), by quadrature."""
    found, _ = quad(lambda g: (z + r * g) * exp(-g * g / 2) / sqrt(2 * pi), -z / r, 40 + abs(z / r),
                    epsabs=1e-14, epsrel=1e-13, limit=200)  # fmt: skip
    return found


@dataclass(frozen=True, eq=False)
class Networks:
    """The data, the subspace and the networks, by hand."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("low-dimensional data", purpose, self.salt)

    @property
    def k(self):
        return self.P.shape[1]

    @property
    def q(self):
        return self.N.shape[1]

    @property
    def n(self):
        return len(self.X)

    @property
    def d(self):
        return self.X.shape[1]

    @cached_property
    def _data(self):
        """X, y, P, N."""
        c = self.configuration
        drawn = c.data in ("sphere", "orthogonal", "clustered")
        k = (c.subspace or 3) if drawn else c.subspace
        found = load_problem(c.data, samples=c.samples, dimension=k or 1, targets=c.targets,
                             target_scale=c.target_scale,
                             rng=numpy_generator("data", self.salt))  # fmt: skip
        X = found.X
        if drawn:
            basis = np.eye(c.dimension)
            if c.rotated:
                basis, _ = np.linalg.qr(self.rng("basis").standard_normal(basis.shape))
            P, N = basis[:, :k], basis[:, k:]
            X = np.array([sum(x * p for x, p in zip(row, P.T, strict=True)) for row in X])
        elif k is None:
            seen = [i for i in range(X.shape[1]) if any(X[:, i] != 0)]
            never = [i for i in range(X.shape[1]) if i not in seen]
            P, N = np.eye(X.shape[1])[:, seen], np.eye(X.shape[1])[:, never]
        else:
            basis = np.linalg.svd(X)[2].T
            P, N = basis[:, :k], basis[:, k:]
            X = X - X @ N @ N.T
        return X, found.y, P, N

    X, y, P, N = (property(lambda it, i=i: it._data[i]) for i in range(4))

    @property
    def times(self):
        steps = self.configuration.steps
        return sorted({ceil(steps / 2), steps})

    def direction(self, purpose):
        inner = self.rng(purpose).standard_normal(self.k)
        return self.P @ inner / np.linalg.norm(inner)

    # --- networks ---

    def build(self, purpose, copy, depth, activation):
        c, salt = self.configuration, f"{self.salt}/{purpose} {copy}"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of("ensemble", salt))
            layers, inputs = [], self.d
            for layer in range(depth):
                outputs = 1 if layer == depth - 1 else c.width
                layers.append(nn.Linear(inputs, outputs))
                layers.append(KINDS[activation]())
                inputs = outputs
            net = nn.Sequential(*layers[:-1]).double()
        W, generator = net[0].weight, torch_generator("W_1", salt)
        if c.initial == "gaussian":
            drawn = torch.randn(W.shape, generator=generator, dtype=torch.float64)
        else:  # of variance 1
            share = torch.rand(W.shape, generator=generator, dtype=torch.float64)
            drawn = sqrt(3) * (2 * share - 1)
        W.data = c.init_scale * drawn
        return net

    def batches(self):
        c, rng = self.configuration, self.rng("batches")
        for _ in range(c.steps):
            if c.batch is None:
                yield list(range(self.n))
            else:
                yield rng.choice(self.n, min(c.batch, self.n), replace=False)

    def schedule(self, optimiser):
        """torch's own."""
        steps = self.configuration.steps
        kinds = torch.optim.lr_scheduler
        return {
            "constant": lambda: kinds.ConstantLR(optimiser, factor=1.0),
            "cosine": lambda: kinds.CosineAnnealingLR(optimiser, T_max=steps),
            "drop": lambda: kinds.StepLR(optimiser, step_size=ceil(steps / 2), gamma=0.1),
        }[self.configuration.schedule]()

    @cached_property
    def rates(self):
        """What torch's schedule gives, for every step and one more."""
        weight = torch.zeros(1, requires_grad=True)
        optimiser = torch.optim.SGD([weight], lr=self.configuration.step)
        schedule, found = self.schedule(optimiser), []
        for _ in range(self.configuration.steps + 1):
            found.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        return found

    def fit(self, net, X, optimiser, see):
        """Train one network alone; `see` gets the steps taken, before each and at the end."""
        X, y = torch.tensor(X), torch.tensor(self.y)
        schedule = self.schedule(optimiser)
        for step, rows in enumerate(self.batches()):
            see(step)
            optimiser.zero_grad()
            ((net(X[rows])[:, 0] - y[rows]) ** 2).mean().div(2).backward()
            optimiser.step()
            schedule.step()
        see(self.configuration.steps)

    def optimiser(self, net):
        c = self.configuration
        if c.optimiser == "sgd":
            return torch.optim.SGD(net.parameters(), lr=c.step, momentum=c.momentum,
                                   weight_decay=c.weight_decay)  # fmt: skip
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[c.optimiser]
        return kind(net.parameters(), lr=c.step, weight_decay=c.weight_decay)

    def J(self, net, x):
        """dg/dz at z = W_1 x + b_1."""
        z = net[0](torch.tensor(x)).detach().requires_grad_()
        return torch.autograd.grad(net[1:](z)[0], z)[0].numpy()

    @cached_property
    def networks(self):
        """By network and time: W_1 N, and at two points J and N^T grad f."""
        c, found = self.configuration, []
        for copy in range(c.networks):
            net = self.build("networks", copy, c.depth, c.activation)
            row = [{"W": net[0].weight.detach().numpy() @ self.N}]

            def see(step, net=net, row=row):
                if step in self.times:
                    W = net[0].weight.detach().numpy().copy()
                    J = [self.J(net, x) for x in (self.X[0], self.X[-1])]
                    across = [self.N.T @ W.T @ one for one in J]
                    size = max(abs(W.ravel()))
                    row.append({"W": W @ self.N, "J": J, "across": across, "size": size})

            self.fit(net, self.X, self.optimiser(net), see)
            found.append(row)
        return found

    def at_times(self, function):
        """(times, networks, ...)."""
        return np.array([
            [function(row[1 + i]) for row in self.networks] for i in range(len(self.times))
        ])  # fmt: skip

    # --- off the subspace ---

    @cached_property
    def one(self):
        """The one trained network: W_M, b, a, c, and the decay of what is not trained."""
        c, net = self.configuration, self.build("off", 0, 2, "relu")
        self.fit(net, self.X, self.optimiser(net), lambda step: None)
        W, b, a, shift = (p.detach().numpy() for p in net.parameters())
        decay = 1.0
        for rate in self.rates[:-1]:
            decay *= 1 - rate * c.weight_decay
        return W - W @ self.N @ self.N.T, b, a[0], shift[0], decay

    @cached_property
    def s(self):
        far = self.configuration.distance
        return np.array([far / 2**i for i in range(DISTANCES)][::-1])

    @cached_property
    def hidden(self):
        """(distances, redraws, m): activations at x + s n."""
        c, (W, b, _, _, decay) = self.configuration, self.one
        fresh = self.rng("redraws").standard_normal((c.redraws, c.width, self.q))
        inner = self.rng("normal").standard_normal(self.q)
        normal = self.N @ inner / np.linalg.norm(inner)
        return np.array([
            [np.maximum((W + decay * c.init_scale * F @ self.N.T) @ (self.X[0] + s * normal) + b, 0)
             for F in fresh] for s in self.s
        ])  # fmt: skip

    @property
    def z(self):
        W, b, *_ = self.one
        return W @ self.X[0] + b
