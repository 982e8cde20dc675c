"""Networks of shifted ReLUs relu(z - b), trained densely, sparsely, and without multiplying out.

f(x) = m^{-1/2} a^T relu(z^L - b), z^l = W^l h^{l-1}, h^l = relu(z^l - b)/sqrt(m c_b), h^0 = x, with
c_b = (1 + b^2) Q(b) - b phi(b), so that E ||h^l||^2 = 1 where ||h^{l-1}|| = 1 and W^l is standard
normal. Loss ||f - y||^2/2, full batch.

Every product of matrices and vectors goes through a `Counter`, which forms it and adds up what it
took. So a count cannot depart from the work. Elementwise operations are not counted.
"""

from __future__ import annotations

import math
from collections import Counter as Totals
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

Array = np.ndarray


def mean_square(b: float) -> float:
    """c_b = E relu(N - b)^2 of a standard normal N."""
    density = math.exp(-(b**2) / 2) / math.sqrt(2 * math.pi)
    return float((1 + b**2) * ndtr(-b) - b * density)


@dataclass
class Counter:
    """Forms products, and counts their multiply-adds by purpose."""

    of: Totals[str] = field(default_factory=Totals)

    def product(self, purpose: str, A: Array, B: Array) -> Array:
        """A @ B of matrices or vectors."""
        self.of[purpose] += A.size * (B.shape[1] if B.ndim == 2 else 1)
        return np.asarray(A @ B)

    def outer(self, purpose: str, u: Array, v: Array) -> Array:
        """The matrix u v^T."""
        self.of[purpose] += u.size * v.size
        return np.outer(u, v)

    @property
    def total(self) -> int:
        """All that was counted."""
        return sum(self.of.values())


@dataclass
class Network:
    """Weights (m, d), (m, m), ..., output signs a (m,), threshold b."""

    weights: list[Array]
    signs: Array
    b: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, d: int, m: int, layers: int, b: float) -> Network:
        """Standard normal weights, independent signs."""
        shapes = [(m, d)] + [(m, m)] * (layers - 1)
        weights = [rng.standard_normal(shape) for shape in shapes]
        return cls(weights, rng.choice([-1.0, 1.0], m), b)

    def copy(self) -> Network:
        """The same with weights of its own."""
        return Network([W.copy() for W in self.weights], self.signs, self.b)

    @property
    def m(self) -> int:
        """Neurons per layer."""
        return len(self.signs)

    @property
    def size(self) -> float:
        """What divides the activations of a hidden layer."""
        return math.sqrt(self.m * mean_square(self.b))

    def layers(self, X: Array) -> list[Array]:
        """h^0 = X, h^1, ..., h^{L-1} and, not divided, relu(z^L - b); (n, m) each."""
        found = [X]
        for W in self.weights:
            raw = np.maximum(found[-1] @ W.T - self.b, 0)
            found.append(raw / self.size if len(found) < len(self.weights) else raw)
        return found


@dataclass(frozen=True)
class Step:
    """Outputs (n,) before a step, and how many neurons fired by layer, (L, n)."""

    outputs: Array
    fired: Array


def dense_step(net: Network, X: Array, y: Array, eta: float, count: Counter) -> Step:
    """One step of gradient descent on all weights by full products."""
    h, active = [X], []
    for W in net.weights:
        z = count.product("forward", h[-1], W.T) - net.b
        active.append(z > 0)
        raw = np.maximum(z, 0)
        h.append(raw / net.size if len(h) < len(net.weights) else raw)
    f = count.product("outputs", h[-1], net.signs) / math.sqrt(net.m)
    delta = (f - y)[:, None] * net.signs / math.sqrt(net.m) * active[-1]
    for layer in reversed(range(len(net.weights))):
        W = net.weights[layer]
        change = count.product("update", delta.T, h[layer])
        if layer:
            back = count.product("backward", delta, W)
            delta = back / net.size * active[layer - 1]
        W -= eta * change
    return Step(f, np.array([each.sum(1) for each in active]))


def sparse_step(net: Network, X: Array, y: Array, eta: float, count: Counter) -> Step:
    """The same step that touches only rows and columns of neurons that fire, above the inputs."""
    n, depth, root = len(X), len(net.weights), math.sqrt(net.m)
    first = count.product("inputs", X, net.weights[0].T) - net.b
    on = [[np.flatnonzero(z > 0) for z in first]]
    h = [[X[i] for i in range(n)], [first[i, on[0][i]] for i in range(n)]]
    for W in net.weights[1:]:
        h[-1] = [each / net.size for each in h[-1]]
        z = [count.product("forward", W[:, on[-1][i]], h[-1][i]) - net.b for i in range(n)]
        on.append([np.flatnonzero(each > 0) for each in z])
        h.append([z[i][on[-1][i]] for i in range(n)])
    f = (
        np.array([count.product("outputs", net.signs[on[-1][i]], h[-1][i]) for i in range(n)])
        / root
    )
    changes = []
    for i in range(n):
        delta = (f[i] - y[i]) * net.signs[on[-1][i]] / root
        for layer in reversed(range(depth)):
            changes.append((layer, i, count.outer("update", delta, h[layer][i])))
            if layer:
                block = net.weights[layer][np.ix_(on[layer][i], on[layer - 1][i])]
                delta = count.product("backward", delta, block) / net.size
    for layer, i, change in changes:
        rows = on[layer][i]
        if layer:
            net.weights[layer][np.ix_(rows, on[layer - 1][i])] -= eta * change
        else:
            net.weights[0][rows] -= eta * change
    return Step(f, np.array([[len(rows) for rows in each] for each in on]))


@dataclass
class Lazy:
    """The last layer trained on frozen features: W_L = kept - eta sum of U_s H, not multiplied out.

    The preactivations z (n, m) are maintained instead: a step changes them by the Gram matrix of
    the features H (n, m), in rows of neurons that fire. Every `restart` steps the pending part is
    multiplied out and z is formed anew.
    """

    net: Network
    X: Array
    restart: int
    count: Counter = field(default_factory=Counter)
    pending: list[tuple[Array, int, Array]] = field(default_factory=list)
    taken: int = 0

    def __post_init__(self) -> None:
        self.net = self.net.copy()
        self.H = self.net.layers(self.X)[-2]
        self.gram = self.count.product("start", self.H, self.H.T)
        self._form("start")

    def _form(self, purpose: str) -> None:
        """z from the weights, and which neurons fire."""
        W = self.net.weights[-1]
        self.z = np.empty((len(self.X), self.net.m))
        for i, h in enumerate(self.H):
            on = np.flatnonzero(h)
            self.z[i] = self.count.product(purpose, W[:, on], h[on]) - self.net.b
        self.on = [np.flatnonzero(z > 0) for z in self.z]

    def step(self, y: Array, eta: float) -> Step:
        """One step; no operation but those of a restart takes time of order m."""
        root = math.sqrt(self.net.m)
        signs, on = self.net.signs, self.on
        f = np.array([
            self.count.product("outputs", signs[rows], z[rows])
            for rows, z in zip(on, self.z, strict=True)
        ]) / root  # fmt: skip
        fired = np.array([len(rows) for rows in on])
        for j, rows in enumerate(on):
            delta = eta * (f[j] - y[j]) * signs[rows] / root
            self.z[:, rows] -= self.count.outer("maintain", self.gram[:, j], delta)
            self.pending.append((rows, j, delta))
        touched = np.unique(np.concatenate(on))
        self.on = [
            np.union1d(np.setdiff1d(rows, touched, True), touched[z[touched] > 0])
            for rows, z in zip(on, self.z, strict=True)
        ]
        self.taken += 1
        if self.taken % self.restart == 0:
            self.multiply_out()
        return Step(f, fired[None])

    def multiply_out(self) -> None:
        """Add the pending part to the weights, and form z anew."""
        W = self.net.weights[-1]
        for rows, j, delta in self.pending:
            on = np.flatnonzero(self.H[j])
            W[np.ix_(rows, on)] -= self.count.outer("restart", delta, self.H[j, on])
        self.pending = []
        self._form("restart")

    @property
    def weights(self) -> Array:
        """The trained layer, multiplied out."""
        W = self.net.weights[-1].copy()
        for rows, j, delta in self.pending:
            W[rows] -= np.outer(delta, self.H[j])
        return W

    @property
    def per_step(self) -> int:
        """What was counted but for the start and restarts."""
        return self.count.total - self.count.of["start"] - self.count.of["restart"]


def dense_last_step(net: Network, H: Array, y: Array, eta: float, count: Counter) -> Step:
    """One step on the last layer alone by full products, features H (n, m)."""
    W, root = net.weights[-1], math.sqrt(net.m)
    z = count.product("forward", H, W.T) - net.b
    f = count.product("outputs", np.maximum(z, 0), net.signs) / root
    delta = (f - y)[:, None] * net.signs / root * (z > 0)
    W -= eta * count.product("update", delta.T, H)
    return Step(f, (z > 0).sum(1)[None])


def threshold(m: int, c: float) -> float:
    """b = sqrt(2 c log m), of which a normal weight is above with probability m^{-c}/2 at most."""
    return math.sqrt(2 * c * math.log(m))
