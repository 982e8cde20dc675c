"""What the oracles of the criterion compute from: problem, networks and training, by hand."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import inf, sqrt
from typing import Any

import numpy as np
import torch
from scipy.optimize import brentq

from tests.oracles import OnAProblem
from tests.theorems.descent_criterion import by_hand
from theory.mathematics.positive_networks import positive
from verify.judging.seeds import numpy_generator, torch_generator

CELLS = 128
SIZES = (0.03, 0.1, 0.3, 1.0, 1.9)
SLOPES = {
    "displacement": ("displacement", -1), "defect": ("defect", -1), "odd_defect": ("defect", -2),
    "linear_defect": ("defect", -4), "fresh": ("fresh", -1), "odd_fresh": ("fresh", -2),
}  # fmt: skip
"""By quantity: what is measured, and its exponent."""


@dataclass(frozen=True, eq=False)
class Run:
    """One network, its step size, and its path."""

    it: Any
    net: by_hand.Net
    eta: float
    path: list

    @cached_property
    def e(self):
        return np.array([net.outputs(self.it.X) - self.it.y for net in self.path])

    @cached_property
    def loss(self):
        return (self.e**2).sum(1)

    @cached_property
    def lengths(self):
        return [
            np.linalg.norm(b.flat - a.flat) for a, b in zip(self.path, self.path[1:], strict=False)
        ]

    @property
    def rho(self):
        return np.array([sum(self.lengths[:k]) for k in range(len(self.path))])

    @property
    def left(self):
        return np.array([sum(self.lengths[k:]) for k in range(len(self.path))])

    @property
    def singular(self):
        return np.array(
            [np.linalg.svd(n.jacobian(self.it.X), compute_uv=False)[-1] for n in self.path]
        )

    @cached_property
    def q_sq(self):
        return self.it.q_sq(self.net)

    @cached_property
    def law(self):
        G, e = self.q_sq * self.it.X @ self.it.X.T, -self.it.y
        found = [e]
        for _ in range(len(self.path) - 1):
            found.append(found[-1] - self.eta * G @ found[-1])
        return np.array(found)

    @property
    def fitted(self):
        """Least-norm linear regression of the outputs at the end, on fresh inputs."""
        w = np.linalg.lstsq(self.it.X, self.e[-1] + self.it.y, rcond=None)[0]
        return self.it.fresh @ w

    def from_last(self):
        return [np.linalg.norm(net.flat - self.path[-1].flat) for net in self.path]


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """The problem, the networks and their training, by hand."""

    @property
    def X(self):
        return np.array(self.problem.X)

    @property
    def y(self):
        return np.array(self.problem.y)

    @property
    def E_0(self):
        return sqrt(sum(v * v for v in self.y))

    @property
    def lowest(self):
        return np.linalg.eigvalsh(self.X @ self.X.T)[0] if len(self.X) <= len(self.X.T) else 0.0

    @cached_property
    def fresh(self):
        drawn = numpy_generator("fresh", self.salt).standard_normal((8, len(self.X.T)))
        return np.array([x / np.linalg.norm(x) for x in drawn])

    def drawn(self, purpose, norm, widths=None):
        """The network of a purpose; its output layer has that norm."""
        c, widths = self.configuration, widths or self.configuration.layers
        rng = numpy_generator("positive", f"{self.salt}/{purpose}")
        hidden = [c.hidden_weight * rng.uniform(0.5, 1.5, (m, k)) for k, m in pairwise(widths)]
        b = rng.uniform(0.5, 1.5, widths[-1])
        layers = [np.zeros((widths[0], len(self.X.T))), *hidden, norm * b / sqrt(b @ b)]
        return by_hand.Net(layers, c.activation)

    def q_sq(self, net):
        """From the gradient of one output: at the start it is q x^T in the first layer alone."""
        part = net.gradient(self.X[0])[0]
        return float(part @ part) / float(self.X[0] @ self.X[0])

    def reach(self, net, points=200):
        """What both criteria have on a grid of radii, the integral by midpoints."""
        top = 4 * self.E_0 / ((1 - self.configuration.epsilon) * by_hand.profile(net, self.X, 0.0))
        radii = np.linspace(0, top, points + 1)[1:]
        s = np.array([by_hand.profile(net, self.X, r) for r in radii])
        middle = np.array([by_hand.profile(net, self.X, r - top / points / 2) for r in radii])
        return {"ball": radii * s, "integral": middle.cumsum() * top / points}

    def norm(self, i):
        """||a|| of a trial."""
        c = self.configuration
        if c.output_norm or not self.lowest > 0:
            return c.output_norm or 256.0
        return c.scale * self.smallest_scale(f"trial {i}")

    def smallest_scale(self, purpose):
        """A* as it is found, by right end points, where it is hardly above that by midpoints."""
        c, low, high = self.configuration, 1e-3, 1e4
        while high / low > 1.0002:
            middle = sqrt(low * high)
            best = max(self.reach(self.drawn(purpose, middle))[c.criterion])
            low, high = (low, middle) if (1 - c.epsilon) * best > self.E_0 else (middle, high)
        _, *hidden, b = self.drawn(purpose, 1.0).layers
        found = positive(self.X, hidden, b, c.activation)
        A_star = found.smallest_scale(self.E_0, c.epsilon, c.criterion)
        assert -2e-4 < A_star / high - 1 < 0.01
        return A_star

    def certificate(self, net, R):
        """The profile, L and the step size in a ball."""
        eps, G = self.configuration.epsilon, self.q_sq(net) * self.X @ self.X.T
        L, S_0 = by_hand.lipschitz(net, self.X, R), sqrt(np.linalg.eigvalsh(G)[-1])
        eta = 2 * eps * self.configuration.step / ((S_0 + L * R) ** 2 + L * self.E_0)
        s = [by_hand.profile(net, self.X, R * j / CELLS) for j in range(1, CELLS + 1)]
        return {
            "R": R, "L": L, "S_0": S_0, "eta": eta, "s": np.array(s), "cells": CELLS,
            "norm_a": np.linalg.norm(net.layers[-1]), "q_sq": self.q_sq(net),
            "lambda": self.q_sq(net) * self.lowest,
        }  # fmt: skip

    def radius(self, net):
        """Where the criterion is met, 1 where it is nowhere."""
        R = self.smallest_radius(net, self.configuration.criterion)
        return R if inf > R else 1.0

    @lru_cache  # noqa: B019
    def smallest_radius(self, net, criterion):
        """The smallest that meets it with CELLS cells, inf where there is none."""
        c, s = self.configuration, by_hand.profile
        if not by_hand.profile(net, self.X, 0.0) > 0:
            return inf

        def over(r):
            if criterion == "ball":
                reached = r * s(net, self.X, r)
            else:
                reached = r * np.mean([s(net, self.X, r * j / CELLS) for j in range(1, CELLS + 1)])
            return (1 - c.epsilon) * reached - self.E_0 * (1 + 1e-12)

        top = 4 * self.E_0 / ((1 - c.epsilon) * s(net, self.X, 0.0))
        return by_hand.first_root(over, top, points=32)

    @cached_property
    def nets(self):
        return [self.drawn(f"trial {i}", self.norms[i]) for i in range(self.configuration.trials)]

    @cached_property
    def norms(self):
        return [self.norm(i) for i in range(self.configuration.trials)]

    def run(self, net, eta, steps=None):
        K = self.configuration.steps if steps is None else steps
        return Run(self, net, eta, by_hand.descend(net, self.X, self.y, eta, K))

    @cached_property
    def own(self):
        """The certificate of each trial."""
        return [self.certificate(net, self.radius(net)) for net in self.nets]

    @cached_property
    def runs(self):
        return [self.run(net, own["eta"]) for net, own in zip(self.nets, self.own, strict=True)]

    def law(self, net, eta):
        """R, L and C of the linear law."""
        s_0 = sqrt(self.q_sq(net) * self.lowest)

        def left(r):
            return s_0 * r - by_hand.lipschitz(net, self.X, r) * r**2 / 2 - self.E_0

        top = self.E_0 / s_0
        while left(top) < 0:
            top *= 1.01
        R = brentq(left, self.E_0 / s_0, top, xtol=1e-15, rtol=1e-14)
        L = by_hand.lipschitz(net, self.X, R)
        a = eta * (s_0**2 - 2 * L * self.E_0)
        c = [(2 * i / (2 * i + 1)) ** i / sqrt(2 * i + 1) if i else 1.0 for i in range(self.K)]
        sums = [sum((1 - a) ** j * c[K - 1 - j] for j in range(K)) for K in range(1, self.K + 1)]
        return {"R": R, "L": L, "C": sqrt(a) * max(sums)}

    @property
    def K(self):
        return self.configuration.steps

    # --- one layer, and the published form ---

    @cached_property
    def closed(self):
        found = []
        for net, own in zip(self.nets, self.own, strict=True):
            gamma = by_hand.SIGMA[net.activation][4]
            c = (1 - self.configuration.epsilon) * gamma * sqrt(self.lowest)
            left = own["norm_a"] ** 2 - 2 * self.E_0 / c if c > 0 else -1
            found.append(self.certificate(net, own["norm_a"] - sqrt(left) if left > 0 else 1.0))
        return found

    @cached_property
    def published(self):
        found = []
        for net, own in zip(self.nets, self.own, strict=True):
            R, p = own["R"], net.flat.size
            L = by_hand.lipschitz(net, self.X, 2 * R)
            J = own["S_0"] + L * 2 * R
            e = self.E_0 + J * 2 * R
            L_1, L_2 = 2 * J * e, 2 * (J**2 + L * e)
            eta = min(R / (L_1 * sqrt(p)), 2 * self.configuration.epsilon / (L_2 * p))
            found.append(
                own | {"L_1": L_1, "L_2": L_2, "p": p, "eta": 2 * self.configuration.step * eta}
            )
        return found

    @cached_property
    def closed_runs(self):
        return [self.run(net, own["eta"]) for net, own in zip(self.nets, self.closed, strict=True)]

    @cached_property
    def published_runs(self):
        return [
            self.run(net, own["eta"]) for net, own in zip(self.nets, self.published, strict=True)
        ]

    # --- sweeps, floor, race ---

    @cached_property
    def scales(self):
        c = self.configuration
        return [c.smallest * 2**j for j in range(20) if c.smallest * 2**j <= c.largest]

    @cached_property
    def swept(self):
        """By what is measured: (sweeps, scales)."""
        found = {"displacement": [], "defect": [], "fresh": []}
        for i in range(self.configuration.sweeps):
            rows = []
            for norm in self.scales:
                net = self.drawn(f"sweep {i}", norm)
                S_0_sq = self.q_sq(net) * np.linalg.eigvalsh(self.X @ self.X.T)[-1]
                run = self.run(net, 0.5 / S_0_sq)
                last = run.path[-1]
                rows.append((
                    np.linalg.norm(last.flat - net.flat),
                    max(np.linalg.norm(run.e - run.law, axis=1)),
                    max(abs(last.outputs(self.fresh) - run.fitted)),
                ))  # fmt: skip
            for name, values in zip(found, np.array(rows).T, strict=True):
                found[name].append(values)
        return {name: np.array(rows) for name, rows in found.items()}

    @cached_property
    def slopes(self):
        """By what is measured: one slope per sweep."""

        def slope(values):
            with np.errstate(divide="ignore"):
                return np.polyfit(np.log(self.scales), np.log(values), 1)[0]

        return {name: np.array([slope(values) for values in rows])
                for name, rows in self.swept.items()}  # fmt: skip

    def near(self, quantity):
        name, exponent = SLOPES[quantity]
        return (abs(self.slopes[name] - exponent) <= self.configuration.tolerance).astype(float)

    @cached_property
    def floors(self):
        """||e_K||^2 over the least of linear regression."""
        w = np.linalg.lstsq(self.X, self.y, rcond=None)[0]
        least = sum((self.y - self.X @ w) ** 2)
        found = []
        for i in range(self.configuration.floors):
            net = self.drawn(f"floor {i}", self.configuration.output_norm or 256.0)
            S_0_sq = self.q_sq(net) * np.linalg.eigvalsh(self.X @ self.X.T)[-1]
            last = by_hand.descend(
                net, self.X, self.y, 1.5 / S_0_sq, self.configuration.floor_steps
            )[-1]
            found.append(sum((last.outputs(self.X) - self.y) ** 2) / max(least, 1e-300))
        return np.array(found)

    def raced(self, net):
        """With the best of the step sizes: steps to the goal, losses over ||y||^2 on the way.

        One more than all steps where none reaches it; then the last loss decides, as in a tie.
        """
        K, top = self.configuration.race_steps, np.linalg.norm(net.jacobian(self.X), 2) ** 2
        found = []
        for size in SIZES:
            e = [each.outputs(self.X) - self.y
                 for each in by_hand.descend(net, self.X, self.y, size / top, K)]  # fmt: skip
            losses = [each @ each / self.E_0**2 for each in e]
            reached = [k for k, loss in enumerate(losses) if loss <= 1e-3]
            found.append((min(reached, default=K + 1), losses[-1], losses))
        steps, _, losses = min(found)
        return steps, losses

    @cached_property
    def raced_both(self):
        """`raced` from this start and from the standard one, by race."""
        found = []
        sizes = (len(self.X.T), *self.configuration.layers)
        for i in range(self.configuration.races):
            generator = torch_generator("standard", f"{self.salt}/race {i}")
            shapes = [*zip(sizes[1:], sizes, strict=False), (sizes[-1],)]
            W = [torch.randn(s, generator=generator, dtype=torch.float64).numpy() for s in shapes]
            standard = by_hand.Net(
                [w / sqrt(w.shape[-1]) for w in W], self.configuration.activation
            )
            ours = self.drawn(f"race {i}", self.norms[0])
            found.append((self.raced(ours), self.raced(standard)))
        return found

    @property
    def races(self):
        """Steps of both, (races, 2)."""
        return np.array([[steps for steps, _ in both] for both in self.raced_both])
