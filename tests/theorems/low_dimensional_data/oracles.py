"""Oracles of data in a subspace: every symbol and field, by loops, autograd and quadrature."""

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import ceil, exp, pi, sqrt
from typing import Any

import numpy as np
import torch
from scipy.integrate import quad
from torch import nn

from tests.oracles import Near, Oracles, Satisfies
from verify.judging.seeds import numpy_generator, seed_of, torch_generator
from verify.problems.data import load_problem

KINDS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "softplus": nn.Softplus,
         "linear": nn.Identity}  # fmt: skip
DISTANCES, POINTS, MOST = 6, 20, 12
"""Distances from the subspace; steps at which noisy networks are looked at; networks there."""


def square(array):
    return float((np.asarray(array) ** 2).sum())


def relu_mean(z, r):
    """E max(z + r g, 0), by quadrature."""
    found, _ = quad(lambda g: (z + r * g) * exp(-g * g / 2) / sqrt(2 * pi), -z / r, 40 + abs(z / r),
                    epsabs=1e-14, epsrel=1e-13, limit=200)  # fmt: skip
    return found


@dataclass(frozen=True, eq=False)
class Ingredients:
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

    def fit(self, net, X, optimiser, see):
        """Train one network alone; `see` gets the steps taken, before each and at the end."""
        X, y = torch.tensor(X), torch.tensor(self.y)
        for step, rows in enumerate(self.batches()):
            see(step)
            optimiser.zero_grad()
            ((net(X[rows])[:, 0] - y[rows]) ** 2).mean().div(2).backward()
            optimiser.step()
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
        for _ in range(c.steps):
            decay *= 1 - c.step * c.weight_decay
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
        c, rng, found = self.configuration, self.rng("least squares"), []
        while len(found) < c.regressions:
            size = min(500, c.regressions - len(found))
            Xi = rng.standard_normal((size, self.n, self.q))
            noise = rng.standard_normal((size, self.n))
            for one, wrong in zip(Xi, noise, strict=True):
                rows = self.design(self.X + c.noise * one @ self.N.T)
                y = self.expected + c.label_noise * wrong
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

            whole = Ingredients.__dict__["fit"]
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


# --- samples -------------------------------------------------------------------------------------

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)


def untrained_part(it):
    first = np.array([row[0]["W"] for row in it.networks])
    t = np.array(it.times).reshape(-1, 1, 1, 1)
    values = LOOSE(it.at_times(lambda at: at["W"]))
    size = it.at_times(lambda at: at["size"])[..., None, None]
    return {"values": values, "scale": LOOSE(size), "symbols": {"w_0": first, "t": t}}


def of_law(it):
    return {
        "t": np.array(it.times)[:, None],
        "J_sq": LOOSE(it.at_times(lambda at: square(at["J"][0]))),
    }


def over(above, below):
    """0 where J is."""
    return above / below if below else 0.0


def gradient(it):
    ratio = it.at_times(lambda at: over(square(at["across"][0]), square(at["J"][0])))
    return {"values": LOOSE(ratio), "symbols": of_law(it)}


def sum_of_gradients(it):
    def together(at):
        return square(at["J"][0] + at["J"][1])

    ratio = it.at_times(lambda at: over(square(at["across"][0] + at["across"][1]), together(at)))
    symbols = {**of_law(it), "J_sum": LOOSE(it.at_times(together))}
    return {"values": LOOSE(ratio), "symbols": symbols}


def signs(it):
    a = it.one[2]
    return [sign for sign in (1, -1) if any(sign * a > 0)]


def part(it, sign):
    a = it.one[2]
    mine = [j for j in range(len(a)) if sign * a[j] > 0]
    values = sum(abs(a[j]) * it.hidden[:, :, j] for j in mine)
    symbols = {"s": it.s, "t": it.configuration.steps, "a_part": LOOSE(abs(a[mine])),
               "z_part": LOOSE(it.z[mine]), "m_part": len(mine)}  # fmt: skip
    radius = it.configuration.init_scale * it.one[4] * it.s
    scale = [sum(abs(a[j]) * (abs(it.z[j]) + r) for j in mine) for r in radius]
    return {"values": LOOSE(values), "symbols": symbols, "scale": LOOSE(scale)}


def squared_deviation(it):
    _, _, a, shift, decay = it.one
    r = it.configuration.init_scale * decay * it.s
    means = [sum(w * relu_mean(z, far) for w, z in zip(a, it.z, strict=True)) for far in r]
    f = it.hidden @ a + shift
    values = (f - np.array(means)[:, None] - shift) ** 2
    symbols = {"s": it.s, "t": it.configuration.steps, "a": LOOSE(a), "z": LOOSE(it.z)}
    scale = [sum((w * (abs(z) + far)) ** 2 for w, z in zip(a, it.z, strict=True)) for far in r]
    return {"values": Near(values, 1e-6, 1e-8), "symbols": symbols, "scale": LOOSE(scale)}


def size_of_pairs(it):
    """Of all that cancels: the weights, and the squared steps."""
    return it.of_pairs(lambda W, a, drift, squares: square(W) + square(a)
                       + it.configuration.step**2 * squares)  # fmt: skip


def balance(it):
    K = it.of_pairs(lambda W, a, *_: it.K(W, a))
    size = size_of_pairs(it)[..., None, None]
    first = np.array([it.K(*row[0][:2]) for row in it.pairs])
    drift = it.of_pairs(lambda W, a, drift, _: drift)
    return {"values": LOOSE(K), "scale": size, "symbols": {"K_0": first, "drift": LOOSE(drift)}}


def outer_weights(it):
    a = it.of_pairs(lambda W, a, *_: square(a))
    size = size_of_pairs(it)
    ends = [it.of_pairs(lambda W, a, *_, i=i: np.linalg.eigvalsh(it.K(W, a))[i])
            for i in (0, -1)]  # fmt: skip
    beta = it.of_pairs(lambda W, a, *_: square(it.P.T @ W.T @ a))
    symbols = {"k_min": LOOSE(ends[0]), "k_max": LOOSE(ends[1]), "beta_sq": LOOSE(beta)}
    return {"values": LOOSE(a), "scale": LOOSE(size), "symbols": symbols}


def chain(it):
    starts = [row[0] for row in it.chains]
    symbols = {
        "transversal": it.of_chains(lambda beta, *_: np.linalg.norm(it.N.T @ beta)),
        "perp": np.array([np.linalg.norm(it.N.T @ w) for w, _ in starts]),
        "delta_0": np.array([square(it.P.T @ w) - a**2 for w, a in starts]),
        "drift": it.of_chains(lambda beta, drift, *_: drift),
    }
    values = it.of_chains(lambda beta, *_: square(it.P.T @ beta))
    scale = LOOSE(it.of_chains(lambda beta, drift, scale: scale))
    symbols = {name: LOOSE(value) for name, value in symbols.items()}
    return {"values": LOOSE(values), "scale": scale, "symbols": symbols}


def transversal_of_chain(it):
    values = np.array([it.settled(size) for size in it.sizes])
    return {"values": Near(values, 1e-7), "symbols": {"N": np.array(it.sizes), "delta_0": 0.0}}


def escape_time(it):
    values = np.array([it.escape(start, it.sizes[0]) for start in it.starts])
    return {"values": LOOSE(values), "symbols": {"start": np.array(it.starts)}}


def escape_times(it):
    values = np.array([[it.escape(it.starts[0], size)] for size in it.sizes])
    symbols = {"start": it.starts[0], "N": np.array(it.sizes)}
    return {"values": LOOSE(values), "deterministic": True, "symbols": symbols}


def descent(it):
    X, *_ = it.noisy
    lam, V = np.linalg.eigh(X.T @ X / it.n)
    H, c = V.T @ it.N @ it.N.T @ V, V.T @ it.target

    def projector(found, at):
        signed = found * np.outer(at["c"], at["c"])
        return np.allclose(signed, H * np.outer(c, c)) and np.allclose(abs(found), abs(H))

    symbols = {
        "t": np.array(it.descent_times),
        "lam": LOOSE(lam),
        "H": Satisfies("V^T N N^T V, up to signs of V", projector),
        "c": Satisfies("V^T beta, up to signs", lambda found, at: np.allclose(abs(found), abs(c))),
    }
    return {"values": LOOSE(it.descent), "symbols": symbols}


def moved(it):
    largest = max(net["first"] for net in it.speed)
    symbols = {"norm_Xi": norm_Xi(it), "path": LOOSE(it.of_speed("path"))}
    return {"values": LOOSE(it.of_speed("moved")), "scale": largest, "symbols": symbols}


def kept_share(it):
    symbols = {name: LOOSE(it.of_speed(name)) for name in ("residuals", "a_max")}
    symbols["untrained"] = np.array([net["first"] for net in it.speed])
    return {"values": LOOSE(it.of_speed("share")), "symbols": {"norm_Xi": norm_Xi(it), **symbols}}


def norm_Xi(it):
    return Near(sqrt(np.linalg.eigvalsh(it.Xi.T @ it.Xi)[-1]), 1e-8)


def size_of_noise(it):
    c, rng = it.configuration, it.rng("size")
    limit = c.noise * (sqrt(it.n) + sqrt(it.q) + c.room)
    draws = c.noise * rng.standard_normal((min(c.regressions, 1000), it.n, it.q))
    return {"values": np.array([float(np.linalg.norm(Xi, 2) <= limit) for Xi in draws])}


def option(name):
    return lambda it: getattr(it.configuration, name)


def tilt(it):
    Q = it.P @ it.P.T
    return max(abs(Q[i, j]) for i in range(it.d) for j in range(it.d) if i != j)


def rank(it):
    inside = it.X @ it.P
    inside = inside - inside.mean(0) if it.configuration.intercept else inside
    return int((np.linalg.svd(inside, compute_uv=False) > 1e-10).sum())


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.n, "d": lambda it: it.d, "q": lambda it: it.q, "m": option("width"),
        "L": option("layers"), "eta": option("step"), "sigma": option("init_scale"),
        "omega": option("weight_decay"), "momentum": option("momentum"),
        "adaptive": lambda it: int(it.configuration.optimiser in ("adam", "adamw")),
        "coupled": lambda it: int(it.configuration.optimiser in ("adam", "sgd")),
        "tilt": lambda it: Near(tilt(it), absolute=1e-15),
        "kurtosis": lambda it: {"gaussian": 0.0, "uniform": 9 / 5 - 3}[it.configuration.initial],
        "off": lambda it: 0.0,
        "lam_max": lambda it: Near(np.linalg.eigvalsh(it.S)[-1], 1e-9),
        "B": option("norm"), "beta": option("norm"), "s_sq": option("variance"),
        "c_1": option("c_1"), "c_2": option("c_2"), "s_xi": option("noise"),
        "tau": option("label_noise"), "u": option("room"),
        "C": option("rows_constant"), "alpha": option("rows_power"),
        "intercept": lambda it: int(it.configuration.intercept),
        "rank": rank, "bent": lambda it: Near(it.bent, 1e-7),
        "epsilon": lambda it: it.configuration.level
        or it.configuration.init_scale * sqrt(it.q),
    },
    samples={
        "untrained_part": untrained_part, "gradient": gradient,
        "sum_of_gradients": sum_of_gradients,
        "part_off_subspace": lambda it: part(it, signs(it)[0]),
        "squared_deviation": squared_deviation, "balance": balance,
        "outer_weights": outer_weights, "chain": chain,
        "transversal_of_chain": transversal_of_chain, "escape_time": escape_time,
        "escape_times": escape_times,
        "least_squares": lambda it: {"values": LOOSE(it.least_squares)},
        "descent": descent, "moved": moved, "kept_share": kept_share,
        "size_of_noise": size_of_noise,
    },
    initialisations={"part_off_subspace": lambda it: [part(it, s) for s in signs(it)[1:]]},
)  # fmt: skip
