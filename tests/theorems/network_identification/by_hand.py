"""Network identification by hand: one network at a time, autograd, loops, full matrices."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np
import torch

from verify.judging.seeds import numpy_generator

SHAPES = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
LARGEST = {"tanh": 4 / (3 * sqrt(3)), "sigmoid": 1 / (6 * sqrt(3))}
"""max |g''|."""


@dataclass(frozen=True, eq=False)
class Net:
    """One network: W (m, D), tau (m,)."""

    W: np.ndarray
    tau: np.ndarray
    activation: str

    def torch_value(self, x):
        z = torch.as_tensor(self.W) @ x + torch.as_tensor(self.tau)
        return SHAPES[self.activation](z).sum()

    def value(self, x):
        """Without the constant that sigmoid has over (1/2) tanh(z/2)."""
        lift = 0.5 * len(self.W) if self.activation == "sigmoid" else 0.0
        return float(self.torch_value(torch.as_tensor(x))) - lift

    def hessian(self, x):
        return torch.autograd.functional.hessian(self.torch_value, torch.as_tensor(x)).numpy()

    def bend(self, k, x):
        """g'' of a neuron: its Hessian is that times w w^T, of trace 1."""
        return float(
            np.trace(Net(self.W[k : k + 1], self.tau[k : k + 1], self.activation).hessian(x))
        )

    def differences(self, x, eps, noise=None):
        """(f(x+i+j) - f(x+i-j) - f(x-i+j) + f(x-i-j))/(4 eps^2); `noise`: by the move."""
        D, unit = len(x), eps * np.eye(len(x))
        pairs = list(combinations(range(D), 2))
        order = [*[("++", *p) for p in pairs], *[("--", *p) for p in pairs],
                 *[("+-", *p) for p in pairs], *[("-+", *p) for p in pairs],
                 *[("++", i, i) for i in range(D)], *[("--", i, i) for i in range(D)],
                 ("0", 0, 0)]  # fmt: skip
        signs = {"+": 1, "-": -1}
        f = {}
        for at, (how, i, j) in enumerate(order):
            off = 0 if how == "0" else signs[how[0]] * unit[i] + signs[how[1]] * unit[j]
            f[how, i, j] = self.value(x + off) + (0.0 if noise is None else noise[at])
        H = np.zeros((D, D))
        for i, j in pairs:
            four = f["++", i, j] - f["+-", i, j] - f["-+", i, j] + f["--", i, j]
            H[i, j] = H[j, i] = four / (4 * eps**2)
        for i in range(D):
            H[i, i] = (f["++", i, i] - 2 * f["0", 0, 0] + f["--", i, i]) / (4 * eps**2)
        return H

    @property
    def squares(self):
        return [np.outer(w, w) for w in self.W]


def columns(matrices):
    return np.array([np.asarray(each).ravel() for each in matrices]).T


def projection(matrices, dimension):
    """On the leading directions of these matrices, D^2 x D^2; and their singular values."""
    U, s, _ = np.linalg.svd(columns(matrices), full_matrices=False)
    return U[:, :dimension] @ U[:, :dimension].T, s


def rank(matrices):
    return int(np.linalg.matrix_rank(columns(matrices), tol=None if not matrices else 1e-9 *
               np.linalg.norm(columns(matrices), 2)))  # fmt: skip


def height(P, x):
    """F(x)."""
    square = np.outer(x, x).ravel()
    return float(square @ P @ square)


def iterate(P, x, gamma):
    """The next point and the norm before."""
    y = (P @ np.outer(x, x).ravel()).reshape(len(x), -1) @ x + gamma * x
    return y / np.linalg.norm(y), float(np.linalg.norm(y))


def end(P, x, gamma, steps):
    for _ in range(steps):
        x, _ = iterate(P, x, gamma)
    return x


def upward(v):
    return v if v[np.argmax(abs(v))] > 0 else -v


def isolated(P, w):
    """s_k and the v that attains it: the smallest eigenvalue of a quadratic form."""
    D = len(w)
    basis = np.eye(D)
    outside = np.eye(D * D) - P
    sums = [outside @ (np.outer(w, b) + np.outer(b, w)).ravel() for b in basis]
    form = np.array([[a @ b for b in sums] for a in sums])
    across = np.eye(D) - np.outer(w, w)
    values, vectors = np.linalg.eigh(across @ form @ across + 100 * np.outer(w, w))
    return sqrt(max(0.0, values[0])), upward(vectors[:, 0])


def coefficients(W, H):
    """c with sum_k c_k w_k w_k^T = the projection of H, by least squares."""
    return np.linalg.lstsq(columns([np.outer(w, w) for w in W]), np.ravel(H), rcond=None)[0]


def dual(W):
    """Squared norms of the dual basis."""
    return (np.linalg.pinv(columns([np.outer(w, w) for w in W])) ** 2).sum(1)


@dataclass(frozen=True, eq=False)
class Fit:
    """Least squares in the biases of `net`, whose biases are the true ones, by autograd."""

    net: Net
    X: np.ndarray
    y: np.ndarray

    def outputs(self, tau):
        z = torch.as_tensor(self.X @ self.net.W.T) + tau
        lift = 0.5 if self.net.activation == "sigmoid" else 0.0
        return (SHAPES[self.net.activation](z) - lift).sum(1)

    @cached_property
    def P(self):
        tau = torch.as_tensor(self.net.tau)
        return torch.autograd.functional.jacobian(self.outputs, tau).numpy()

    @cached_property
    def spectrum(self):
        """lam, Lam, and the eigenvector of lam."""
        M, m = self.P.shape
        _, s, Vt = np.linalg.svd(self.P / sqrt(M), full_matrices=True)
        lam = s[-1] ** 2 if m <= M else 0.0
        return lam, s[0] ** 2, upward(Vt[-1])

    @cached_property
    def xi(self):
        return self.outputs(torch.as_tensor(self.net.tau)).numpy() - self.y

    def steps(self, start, eta, count):
        """Distances from the true biases, by torch.optim."""
        tau = torch.tensor(start, requires_grad=True)
        optimiser = torch.optim.SGD([tau], lr=float(eta))
        way = [start]
        for _ in range(count):
            optimiser.zero_grad()
            (((self.outputs(tau) - torch.as_tensor(self.y)) ** 2).mean() / 2).backward()
            optimiser.step()
            way.append(tau.detach().numpy().copy())
        return np.array(way)

    @property
    def radius(self):
        """r_0: the root of lam = G_2 d (3/2 sqrt(Lam) + G_2 d/2)."""
        lam, Lam, _ = self.spectrum
        G = LARGEST[self.net.activation]
        return float(np.max(np.roots([G**2 / 2, 1.5 * sqrt(Lam) * G, -lam])))


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Networks and points, drawn as the experiment draws them."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator(purpose, self.salt)

    def networks(self, purpose, count):
        c, rng = self.configuration, self.rng(purpose)
        W = rng.standard_normal((count, c.neurons, c.dimension))
        tau = rng.uniform(-c.bias, c.bias, (count, c.neurons))
        return [
            Net(np.array([w / np.linalg.norm(w) for w in each]), biases, c.activation)
            for each, biases in zip(W, tau, strict=True)
        ]

    @cached_property
    def nets(self):
        return self.networks("networks", self.configuration.networks)

    @property
    def spread(self):
        return np.array([
            sum(sqrt(2 * sum(w**6) + 2 * sum(w**4) ** 2) for w in net.W) for net in self.nets
        ])  # fmt: skip

    def gaussian(self, purpose, count):
        c = self.configuration
        return self.rng(purpose).standard_normal((len(self.nets), count, c.dimension))

    def unit(self, rng, *shape):
        x = rng.standard_normal(shape)
        return x / np.linalg.norm(x, axis=-1, keepdims=True)

    def noise(self, purpose, points):
        """By network and point, or nothing."""
        c = self.configuration
        if not c.noise:
            return [[None] * points for _ in self.nets]
        count = 2 * c.dimension**2 + 1
        drawn = self.rng(f"noise of {purpose}").choice(
            (-1.0, 1.0), (len(self.nets), points * count)
        )
        return c.noise * drawn.reshape(len(self.nets), points, count)

    @cached_property
    def X(self):
        return self.gaussian("points of hessians", self.configuration.N)

    @cached_property
    def H(self):
        """Exact Hessians by network."""
        pairs = zip(self.nets, self.X, strict=True)
        return [[net.hessian(x) for x in points] for net, points in pairs]

    @cached_property
    def approximate(self):
        c = self.configuration
        groups = zip(self.nets, self.X, self.noise("hessians", c.N), strict=True)
        return [
            [net.differences(x, c.eps, n) for x, n in zip(points, noise, strict=True)]
            for net, points, noise in groups
        ]

    @cached_property
    def spans(self):
        """By network: P^, P and s_m."""
        m, found = self.configuration.neurons, []
        for net, H in zip(self.nets, self.approximate, strict=True):
            P, s = projection(H, m)
            found.append((P, projection(net.squares, m)[0], s[m - 1]))
        return found

    @property
    def theta(self):
        return np.array([np.linalg.norm(P - Q, 2) for P, Q, _ in self.spans])

    def size(self):
        c = self.configuration
        a = {"tanh": 1.0, "sigmoid": 0.5}[c.activation]
        return 1e-5 * c.dimension * c.neurons * a / c.eps**2

    def fits(self, turned):
        c = self.configuration
        X = c.fit_scale * self.gaussian("fit", c.fitted)
        v = self.rng("tilt").standard_normal((len(self.nets), c.neurons, c.dimension))
        found = []
        for net, points, off in zip(self.nets, X, v, strict=True):
            y = np.array([net.value(x) for x in points])
            W = net.W
            if turned:
                off = np.array([u - (u @ w) * w for u, w in zip(off, W, strict=True)])
                off = np.array([u / np.linalg.norm(u) for u in off])
                W = np.cos(c.tilt) * W + np.sin(c.tilt) * off
            found.append(Fit(Net(W, net.tau, net.activation), points, y))
        return found

    @cached_property
    def exact_fits(self):
        return self.fits(False)

    @cached_property
    def turned_fits(self):
        return self.fits(True)

    def ways(self, fits):
        """Distances (steps + 1, B), from the radius of the exact fits."""
        c, found = self.configuration, []
        drawn = self.rng("start").standard_normal((len(self.nets), c.neurons))
        for fit, exact, u in zip(fits, self.exact_fits, drawn, strict=True):
            v = fit.spectrum[2] if c.start == "slowest" else u / np.linalg.norm(u)
            start = fit.net.tau + c.reach * exact.radius * v
            way = fit.steps(start, c.step / fit.spectrum[1], c.steps)
            found.append(np.linalg.norm(way - fit.net.tau, axis=1))
        return np.array(found).T

    def lost(self, fit):
        c = self.configuration
        a = {"tanh": 1.0, "sigmoid": 0.5}[c.activation]
        rounded = a * c.neurons * np.linalg.norm(fit.P) / sqrt(c.fitted)
        return 1e-5 * (1 + np.linalg.norm(fit.net.tau) + c.step / fit.spectrum[1] * rounded)
