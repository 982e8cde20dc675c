"""Linear networks and noise in the codimension by hand."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt

import numpy as np
import torch

from tests.theorems.low_dimensional_data.by_hand import Networks, square

POINTS, MOST = 20, 12
"""Steps at which noisy networks are looked at; networks there."""


@dataclass(frozen=True, eq=False)
class Ingredients(Networks):
    """And all that is linear or noisy."""

    # --- linear ---

    @cached_property
    def S(self):
        return sum(np.outer(x, x) for x in self.X) / self.n

    @cached_property
    def target(self):
        return self.configuration.norm * self.direction("target")

    @cached_property
    def pairs(self):
        """Two linear layers by autograd: by network and time W, a, and what K changed by."""
        c, rng = self.configuration, self.rng("two layers")
        W = c.start * rng.standard_normal((c.networks, c.width, self.d))
        a = c.start * rng.standard_normal((c.networks, c.width))
        X, y = torch.tensor(self.X), torch.tensor(self.X @ self.target)
        found = []
        for one in range(c.networks):
            now = [torch.tensor(W[one], requires_grad=True),
                   torch.tensor(a[one], requires_grad=True)]  # fmt: skip
            drift, row = np.zeros((c.width, c.width)), [(W[one], a[one])]
            squares = 0.0
            for step in range(c.steps + 1):
                if step in self.times:
                    row.append((now[0].detach().numpy().copy(), now[1].detach().numpy().copy(),
                                drift.copy(), squares))  # fmt: skip
                loss = ((X @ now[0].T @ now[1] - y) ** 2).mean() / 2
                g_W, g_a = torch.autograd.grad(loss, now)
                drift += (g_W @ g_W.T - torch.outer(g_a, g_a)).numpy()
                squares += float((g_W**2).sum() + g_a @ g_a)
                with torch.no_grad():
                    now[0] -= c.step * g_W
                    now[1] -= c.step * g_a
            found.append(row)
        return found

    def K(self, W, a):
        inside = W @ self.P
        return inside @ inside.T - np.outer(a, a)

    def of_pairs(self, function):
        return np.array([
            [function(*row[1 + i]) for row in self.pairs] for i in range(len(self.times))
        ])  # fmt: skip

    def train_chain(self, w, a, target, eta, seen):
        """Every scalar a parameter of its own, by autograd; `seen` gets all, and stops at True."""
        L = self.configuration.layers
        values = [torch.tensor(w, requires_grad=True)]
        values += [torch.tensor(a, dtype=torch.float64, requires_grad=True) for _ in range(L - 1)]
        X, y = torch.tensor(self.X), torch.tensor(self.X @ target)
        for step in range(10**6):
            out = X @ values[0]
            for scalar in values[1:]:
                out = scalar * out
            grads = torch.autograd.grad(((out - y) ** 2).mean() / 2, values)
            if seen(step, [v.detach().numpy() for v in values], [g.numpy() for g in grads]):
                return
            with torch.no_grad():
                for value, gradient in zip(values, grads, strict=True):
                    value -= eta * gradient

    @cached_property
    def chains(self):
        """By chain: its start, and by time the map and what its balance changed by."""
        c, rng = self.configuration, self.rng("chain")
        w = c.start * rng.standard_normal((c.networks, self.d))
        a = c.start * rng.uniform(1.0, 2.0, c.networks)
        found = []
        for one in range(c.networks):
            row, sums = [(w[one], a[one])], [0.0, 0.0]

            def seen(step, values, grads, row=row, sums=sums):
                if step in self.times:
                    size = square(values[0]) + float(values[1]) ** 2 + c.step**2 * sums[1]
                    perp = np.linalg.norm(self.N.T @ row[0][0])
                    size *= 1 + np.linalg.norm(values[0]) / perp
                    scale = float(np.prod(values[1:])) ** 2 * size
                    row.append((np.prod(values[1:]) * values[0], sums[0], scale))
                for i, sign in enumerate((-1, 1)):
                    sums[i] += square(grads[0]) + sign * float(grads[1]) ** 2
                return step == c.steps

            self.train_chain(w[one].copy(), a[one], self.target, c.step, seen)
            found.append(row)
        return found

    def of_chains(self, function):
        return np.array([
            [function(*row[1 + i]) for row in self.chains] for i in range(len(self.times))
        ])  # fmt: skip

    @property
    def sizes(self):
        return [ceil(1 / self.configuration.step) * i for i in (1, 2, 4)]

    def settled(self, size):
        """||N^T grad f||/||w_perp(0)|| of balanced chains where they come to rest."""
        c, rng, found = self.configuration, self.rng("balanced"), []
        copies = min(24, c.networks)
        inner, perp = (rng.standard_normal((copies, k)) for k in (self.k, self.q))
        toward = self.direction("target")
        for i in range(copies):
            w = self.P @ inner[i]
            w = w / np.linalg.norm(w) + 1.5 * toward
            w = c.start * w / np.linalg.norm(w) + c.init_scale * self.N @ perp[i]
            end = []

            def seen(step, values, grads, end=end):
                end[:] = [np.prod(values[1:]) * values[0]]
                return max(np.abs(g).max() for g in grads) < 1e-12

            self.train_chain(w.copy(), c.start, self.target, 1 / size, seen)
            found.append(np.linalg.norm(self.N.T @ end[0]) / np.linalg.norm(self.N.T @ w))
        return found

    @cached_property
    def starts(self):
        c = self.configuration
        most = 0.99 * (c.norm / 2) ** (1 / c.layers)
        return [min(c.start / 2**i, most) for i in range(3)]

    def escape(self, start, size):
        """Steps over steps per unit of time until the product reaches half of the target."""
        c, layers, steps = self.configuration, [start] * self.configuration.layers, 0
        half = (c.norm / 2) ** (1 / c.layers)
        while True:
            before = layers[0]
            pull = c.variance * (c.norm - np.prod(layers))
            layers = [a + pull * np.prod(layers) / a / size for a in layers]
            if layers[0] >= half:
                return (steps + (half - before) / (layers[0] - before)) / size
            steps += 1

    # --- noise ---

    @cached_property
    def expected(self):
        """E[y|x]."""
        c, along = self.configuration, self.X @ self.direction("target")
        return np.array([c.norm * (t if c.labels == "linear" else t * t) for t in along])

    def design(self, rows):
        return np.hstack([rows, np.ones((len(rows), 1))]) if self.configuration.intercept else rows

    @cached_property
    def bent(self):
        inside = self.design(self.X @ self.P)
        left = self.expected - inside @ np.linalg.pinv(inside) @ self.expected
        off = max(abs(left)) / max(abs(self.expected))
        return 0.0 if off < 1e-9 else off

    @cached_property
    def least_squares(self):
        return self.regressed("least squares", self.configuration.noise)

    def regressed(self, purpose, s, count=None, n=None):
        """||N^T beta||^2 with noise of size s, on n of the rows, which come again and again."""
        c, rng, found = self.configuration, self.rng(purpose), []
        again = [i % self.n for i in range(n or self.n)]
        count = count or c.regressions
        while len(found) < count:
            size = min(500, count - len(found))
            Xi = rng.standard_normal((size, len(again), self.q))
            noise = rng.standard_normal((size, len(again)))
            for one, wrong in zip(Xi, noise, strict=True):
                rows = self.design(self.X[again] + s * one @ self.N.T)
                y = self.expected[again] + c.label_noise * wrong
                beta = np.linalg.lstsq(rows, y, rcond=None)[0][: self.d]
                found.append(square(self.N.T @ beta))
        return np.array(found)

    @cached_property
    def noisy(self):
        """Rows of descent, their starts and labels."""
        c, rng = self.configuration, self.rng("descent")
        X = self.X + c.noise * rng.standard_normal((self.n, self.q)) @ self.N.T
        w = c.init_scale * rng.standard_normal((c.regressions, self.d))
        y = self.expected + c.label_noise * rng.standard_normal((c.regressions, self.n))
        return X, w, y

    @property
    def descent_times(self):
        steps = self.configuration.steps
        return sorted({1, ceil(steps / 8), steps})

    @cached_property
    def descent(self):
        """||N^T w_t||^2, (times, regressions)."""
        X, start, labels = self.noisy
        found = []
        for w, y in zip(start, labels, strict=True):
            row = []
            for step in range(1, self.configuration.steps + 1):
                errors = X @ w - y
                w = w - self.configuration.step * sum(
                    e * x for e, x in zip(errors, X, strict=True)) / self.n  # fmt: skip
                if step in self.descent_times:
                    row.append(square(self.N.T @ w))
            found.append(row)
        return np.array(found).T

    @property
    def speed_times(self):
        steps = self.configuration.steps
        return sorted({ceil(steps * i / POINTS) for i in range(1, POINTS + 1)})

    @cached_property
    def Xi(self):
        return self.configuration.noise * self.rng("speed").standard_normal((self.n, self.q))

    @cached_property
    def speed(self):
        """By network: W_1 N at the start, and by time what (LD6) speaks of."""
        c, X = self.configuration, self.X + self.Xi @ self.N.T
        found = []
        for copy in range(min(MOST, c.networks)):
            net = self.build("speed", copy, 2, "relu")
            first = net[0].weight.detach().numpy() @ self.N
            row, norms, sizes = [], [], []

            def see(step, net=net, row=row, norms=norms, sizes=sizes, first=first):
                W, b, a, shift = (p.detach().numpy() for p in net.parameters())
                if step in self.speed_times:
                    now = W @ self.N
                    row.append({
                        "moved": np.linalg.norm(now - first),
                        "share": np.linalg.norm(now) / np.linalg.norm(first),
                        "path": sum(e * A for e, A in zip(norms, sizes, strict=True)),
                        "residuals": sum(norms), "a_max": max(sizes),
                    })  # fmt: skip
                on = [W @ x + b > 0 for x in X]
                errors = [a[0] @ np.maximum(W @ x + b, 0) + shift[0] - y
                          for x, y in zip(X, self.y, strict=True)]  # fmt: skip
                norms.append(np.linalg.norm(errors))
                sizes.append(max(sqrt(square(a[0][active])) for active in on))

            whole = Networks.fit
            plain = torch.optim.SGD(net.parameters(), lr=c.step)
            whole(_WithoutBatches(self), net, X, plain, see)
            found.append({"first": np.linalg.norm(first), "rows": row})
        return found

    def of_speed(self, name):
        """(times, networks)."""
        return np.array([[row[name] for row in net["rows"]] for net in self.speed]).T


class _WithoutBatches:
    """The same ingredients, with all rows in every step."""

    def __init__(self, it):
        self.y, self.configuration, self.n = it.y, it.configuration, it.n

    def batches(self):
        return [list(range(self.n))] * self.configuration.steps

    def schedule(self, optimiser):
        return torch.optim.lr_scheduler.ConstantLR(optimiser, factor=1.0)
