"""Concept classes by hand: quadrature in all of space, and networks by autograd, one at a time."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, factorial, log, pi, sqrt
from typing import Any

import numpy as np
import torch
from numpy.polynomial.hermite import hermgauss
from scipy.integrate import quad
from scipy.special import eval_hermitenorm
from scipy.stats import norm

from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

STEP = {
    k: quad(lambda z, k=k: eval_hermitenorm(k, z) / sqrt(factorial(k)) * norm.pdf(z), 0, 12,
            epsabs=1e-14)[0]
    for k in (0, 1, 3, 5)
}  # fmt: skip
"""c_k, by their integral."""


def represent(phi, z):
    """h of {degree: coefficient}."""
    return sum(c / STEP[k] * eval_hermitenorm(k, z) / sqrt(factorial(k)) for k, c in phi.items())


def grid(d, many):
    """Nodes (many^d, d) of a Gaussian vector, weights."""
    z, w = hermgauss(many)
    at = np.array(list(product(range(many), repeat=d)))
    return sqrt(2) * z[at], (w[at] / sqrt(pi)).prod(1)


@dataclass
class Net:
    """A ReLU network of pairs in torch; rows of W in the order of the halves."""

    W: torch.Tensor
    s: torch.Tensor

    def __call__(self, x):
        return self.s @ torch.relu(self.W @ torch.tensor(x)) / sqrt(len(self.s))

    def gradient(self, x):
        W = self.W.clone().requires_grad_(True)
        f = self.s @ torch.relu(W @ torch.tensor(x)) / sqrt(len(self.s))
        return torch.autograd.grad(f, W)[0]


def network(g, kappa):
    """Of g (2, pairs, d)."""
    pairs = g.shape[1]
    signs = torch.tensor([1.0] * pairs + [-1.0] * pairs, dtype=torch.float64)
    return Net(kappa * torch.tensor(np.concatenate(list(g))), signs)


def loss_and_slope(loss, f, y):
    e = f - y
    if loss == "squared" or abs(e) <= 1:
        return e * e / 2, e
    return abs(e) - 0.5, 1.0 if e > 0 else -1.0


def trained(g, kappa, x, y, eta, loss, W_star=None):
    """One network: rows of f, g, loss, compared, slope, active share, any flip, distance; and W."""
    net, W_0 = network(g, kappa), network(g, kappa).W
    rows, flipped = [], False
    for x_t, y_t in zip(x, y, strict=True):
        f, gradient = float(net(x_t)), net.gradient(x_t)
        other = 0.0 if W_star is None else float((gradient * W_star).sum())
        l_f, slope = loss_and_slope(loss, f, y_t)
        on = (net.W @ torch.tensor(x_t) > 0).numpy()
        flipped |= bool((on != (W_0 @ torch.tensor(x_t) > 0).numpy()).any())
        net.W = net.W - eta * slope * gradient
        away = 0.0 if W_star is None else float(((W_star - net.W) ** 2).sum())
        rows.append((f, other, l_f, loss_and_slope(loss, other, y_t)[0], slope, on.mean(),
                     flipped, away))  # fmt: skip
    return np.array(rows, dtype=float).T, net


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Everything that is drawn, and what follows from it."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("concept classes", purpose, self.salt)

    @cached_property
    def terms(self):
        """(a, {degree: coefficient}, w1, w2) of every term."""
        c, rows = self.configuration, []
        texts = c.phi.split(";")
        first, second = self.rng("target").standard_normal((2, len(texts), c.dimension))
        for i, text in enumerate(texts):
            a = (-1) ** i * (1 - i / (2 * max(1, len(texts) - 1)))
            phi = {k: float(x) for k, x in enumerate(text.split()) if float(x)}
            rows.append((a, phi, first[i] / np.linalg.norm(first[i]),
                         second[i] / np.linalg.norm(second[i])))  # fmt: skip
        return rows

    def F(self, x):
        return sum(
            a * sum(c * (w @ x) ** k for k, c in phi.items()) * (v @ x)
            for a, phi, w, v in self.terms
        )

    def H(self, g):
        return sum(np.multiply.outer(a * represent(phi, g @ w), v) for a, phi, w, v in self.terms)

    def by_degree(self, k, second):
        return sum(
            a * b * phi.get(k, 0) * psi.get(k, 0) * (w @ u) ** k * second(v, z)
            for a, phi, w, v in self.terms
            for b, psi, u, z in self.terms
        )

    @cached_property
    def norm_moments(self):
        z, weights = grid(self.configuration.dimension, 14)
        size = (self.H(z) ** 2).sum(1)
        return weights @ size, weights @ (size - weights @ size) ** 2

    def half_moments(self, x):
        """Along x by a fine grid, across it by product rules."""
        d = self.configuration.dimension
        across = np.linalg.svd(x[None])[2][1:]
        z, weights = grid(d - 1, 14)
        at, w = np.polynomial.legendre.leggauss(200)
        at, w = 7 * (at + 1), 7 * w * norm.pdf(7 * (at + 1))
        g = at[:, None, None] * x + z @ across
        value = self.H(g) @ x
        return [w @ value**k @ weights for k in (2, 3, 4)]

    def unit(self, purpose, *shape):
        x = self.rng(purpose).standard_normal((*shape, self.configuration.dimension))
        return x / np.sqrt((x**2).sum(-1))[..., None]

    def stream(self, purpose, steps, seeds, noise):
        x = self.unit(f"inputs {purpose}", steps, seeds)
        errors = self.rng(f"noise {purpose}").standard_normal((steps, seeds))
        clean = np.array([[self.F(each) for each in row] for row in x])
        return x, clean + noise * errors

    @cached_property
    def real(self):
        c = self.configuration
        found = load_problem(c.data, samples=c.rows, rng=self.rng("rows"))
        return np.array([row / sqrt(row @ row) for row in found.X]), found.y

    def rows(self, seeds):
        """x (steps, seeds, d), y (steps, seeds)."""
        X, y = self.real
        rng, T = self.rng("orders"), self.configuration.steps
        orders = []
        for _ in range(seeds):
            order = []
            for _ in range(ceil(T / len(y))):
                order += list(rng.permutation(len(y)))
            orders.append(order[:T])
        at = np.array(orders).T
        return X[at], y[at]

    def weights(self, purpose, seeds, pairs, d=None):
        d = d or self.configuration.dimension
        rng = self.rng(f"weights {purpose}")
        if not self.configuration.coupled:
            return rng.standard_normal((seeds, 2, pairs, d))
        g = rng.standard_normal((seeds, pairs, d))
        return np.stack([g, g], axis=1)

    def share(self, N, T):
        """G."""
        return min(1.0, 0.5 + sqrt(log(T / self.configuration.delta) / (2 * N)))

    def kappa(self, loss, N, T, y):
        c = self.configuration
        if c.init_scale is not None:
            return c.init_scale
        travel = T
        if loss == "squared":
            left = 1 - c.step * self.share(N, T)
            travel = sqrt(T * max(sum(y**2)) / left) if left > 0 else 0
        found = sqrt(2 / pi) * N * T / c.delta * c.step / sqrt(2 * N) * travel
        return found * (1 + 1e-9) if found > 0 else 1.0

    @cached_property
    def points(self):
        return self.unit("points", self.configuration.points)

    def opt(self, loss):
        s = self.configuration.noise
        if s == 0:
            return 0.0
        corners = [-1 / s, 1 / s] if s > 0.1 else None
        return quad(lambda z: loss_and_slope(loss, s * z, 0)[0] * norm.pdf(z), -12, 12,
                    points=corners, epsabs=1e-14, limit=200)[0]  # fmt: skip

    @cached_property
    def guaranteed(self):
        """By loss: kappa, labels, (steps, seeds) losses, whether good."""
        c, found = self.configuration, {}
        for loss in ("squared", "huber"):
            x, y = self.stream(loss, c.steps, c.seeds, c.noise)
            g = self.weights(loss, c.seeds, c.pairs)
            kappa = self.kappa(loss, c.pairs, c.steps, y)
            paths = [trained(g[i], kappa, x[:, i], y[:, i], c.step, loss)[0]
                     for i in range(c.seeds)]  # fmt: skip
            most = self.share(c.pairs, c.steps)
            good = [float(not path[6, -1] and max(path[5]) <= most) for path in paths]
            found[loss] = (kappa, max(sum(y**2)), np.array([p[2] for p in paths]).T, good)
        return found

    @cached_property
    def regret(self):
        """T, paths (seeds, 8, steps), ||W* - W_0||^2, and f, <grad f, W>, sum of |terms|."""
        c = self.configuration
        x, y = (
            self.rows(c.seeds) if c.data != "teacher"
            else self.stream("regret", c.steps, c.seeds, c.noise)
        )  # fmt: skip
        g = self.weights("regret", c.seeds, c.pairs, x.shape[-1])
        kappa = self.kappa(c.loss, c.pairs, c.steps, y)
        paths, starts, ends = [], [], []
        for i in range(c.seeds):
            W_0 = network(g[i], kappa)
            if c.comparator == "end":
                W_star = trained(g[i], kappa, x[:, i], y[:, i], c.step, c.loss)[1].W
            elif c.data == "teacher":
                H = torch.tensor(np.concatenate([self.H(half) for half in g[i]]))
                W_star = W_0.W + W_0.s[:, None] * H / sqrt(len(W_0.s))
            else:
                W_star = W_0.W + self.ridge(W_0)
            path, net = trained(g[i], kappa, x[:, i], y[:, i], c.step, c.loss, W_star)
            paths.append(path)
            starts.append(float(((W_star - W_0.W) ** 2).sum()))
            terms = net.gradient(x[-1, i]) * net.W
            ends.append((float(net(x[-1, i])), float(terms.sum()), float(terms.abs().sum())))
        T = sorted({round(c.steps ** (i / max(1, c.points - 1))) for i in range(c.points)})
        return T, np.array(paths), np.array(starts), np.array(ends).T

    def ridge(self, net):
        """The minimum of ||features theta - y||^2 + ||theta||^2/1000, by its normal equations."""
        X, y = self.real
        features = np.array([net.gradient(x).numpy().ravel() for x in X])
        both = np.vstack([features, sqrt(1e-3) * np.eye(features.shape[1])])
        theta = np.linalg.lstsq(both, np.concatenate([y, np.zeros(features.shape[1])]))[0]
        return torch.tensor(theta.reshape(net.W.shape))

    @property
    def slopes(self):
        """Sizes and slopes, by width and by samples."""
        return self.swept[0]

    @property
    def by_width(self):
        """(widths, sweeps)."""
        return self.swept[1]

    @cached_property
    def swept(self):
        c = self.configuration
        widths = [c.smallest * 2**i for i in range(30) if c.smallest * 2**i <= c.largest]
        first = max(1, c.steps // 8)
        steps = [first * 2**i for i in range(30) if first * 2**i <= c.steps]
        means = []
        for width in widths:
            many, pairs = 2 * c.sweeps, max(1, width // 2)
            x, y = self.stream(f"sweep {width}", c.steps, many, 0.0)
            g = self.weights(f"sweep {width}", many, pairs)
            kappa = self.kappa("squared", pairs, c.steps, y)
            losses = np.array([trained(g[i], kappa, x[:, i], y[:, i], c.step, "squared")[0][2]
                               for i in range(many)])  # fmt: skip
            so_far = {T: losses[:, :T].mean(1).reshape(-1, 2).mean(1) for T in {*steps, c.steps}}
            means.append(so_far)
        by_width = np.array([each[c.steps] for each in means])
        by_steps = np.array([means[0][T] for T in steps])
        found = {
            "width": (widths, np.polyfit(np.log(widths), np.log(by_width), 1)[0]),
            "samples": (steps, np.polyfit(np.log(steps), np.log(by_steps), 1)[0]),
        }
        return found, by_width


# --- three layers --------------------------------------------------------------------------------


def layers(rng, m, d):
    W, V = rng.standard_normal((m, d)), rng.standard_normal((m, m)) * sqrt(2 / m)
    return W, V, rng.choice([-1.0, 1.0], m) / sqrt(m)


def three(W, V, a, x):
    return a @ np.maximum(V @ np.maximum(W @ x, 0), 0)


class Pseudo:
    """The pseudo-network in torch: loss of theta (m d + m^2,)."""

    def __init__(self, W, V, a, X, y):
        self.X, self.y = torch.tensor(X), torch.tensor(y)
        self.first = torch.tensor((X @ W.T > 0) * 1.0)
        self.second = torch.tensor((np.maximum(X @ W.T, 0) @ V.T > 0) * a)
        self.shape, self.m = W.shape, len(a)

    def residuals(self, theta):
        cut = self.shape[0] * self.shape[1]
        W, V = theta[:cut].reshape(self.shape), theta[cut:].reshape(self.m, self.m)
        hidden = self.first * (self.X @ W.T)
        return torch.einsum("nk,kr,nr->n", self.second, V, hidden) - self.y

    def loss(self, theta):
        return (self.residuals(theta) ** 2).mean() / 2

    def descend(self, theta, rate, steps):
        found = [theta]
        for _ in range(steps):
            theta = theta.clone().requires_grad_(True)
            theta = (theta - rate * torch.autograd.grad(self.loss(theta), theta)[0]).detach()
            found.append(theta)
        return found

    def signed(self, theta, s):
        """(S W', V' S)."""
        cut = self.shape[0] * self.shape[1]
        s = torch.tensor(s)
        W, V = theta[:cut].reshape(self.shape), theta[cut:].reshape(self.m, self.m)
        return torch.cat([(s[:, None] * W).ravel(), (V * s).ravel()])

    def variance(self, theta, other):
        """Mean over x of the variance of G over random signs of the two factors' products."""
        cut = self.shape[0] * self.shape[1]
        parts = [(t[:cut].reshape(self.shape), t[cut:].reshape(self.m, self.m))
                 for t in (theta, other)]  # fmt: skip
        total = 0.0
        for x, f, s in zip(self.X, self.first, self.second, strict=True):
            (left, right), (l_o, r_o) = ((s @ V, f * (W @ x)) for W, V in parts)
            total += float(((left * r_o + l_o * right) ** 2).sum())
        return total / len(self.y)
