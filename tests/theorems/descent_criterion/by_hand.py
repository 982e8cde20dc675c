"""Fixed-width networks by hand: explicit Jacobians, plain descent, profiles, L."""

from dataclasses import dataclass
from math import asinh, exp, inf, log, sqrt, tanh

import numpy as np
from scipy.optimize import brentq

SIGMA = {
    "tanh": (tanh, lambda z: 1 - tanh(z) ** 2, 1.0, 4 / (3 * sqrt(3)), 0.0),
    "centred-softplus": (
        lambda z: max(z, 0) + log((1 + exp(-abs(z))) / 2), lambda z: (1 + tanh(z / 2)) / 2, 1.0,
        0.25, 0.0,
    ),
    "asinh": (asinh, lambda z: 1 / sqrt(1 + z * z), 1.0, 2 / (3 * sqrt(3)), 0.0),
    "leaky-tanh": (
        lambda z: 0.1 * z + 0.9 * tanh(z), lambda z: 1 - 0.9 * tanh(z) ** 2, 1.0,
        0.9 * 4 / (3 * sqrt(3)), 0.1,
    ),
    "identity": (lambda z: z, lambda z: 1.0, 1.0, 0.0, 1.0),
}  # fmt: skip
"""By name: sigma, sigma', sup sigma', sup |sigma''|, inf sigma'."""


@dataclass(frozen=True, eq=False)
class Net:
    """Weights [W_1, .., W_H, a] of one network."""

    layers: list
    activation: str

    def at(self, flat):
        """The same network at other parameters."""
        layers, first = [], 0
        for W in self.layers:
            layers.append(flat[first : first + W.size].reshape(W.shape))
            first += W.size
        return Net(layers, self.activation)

    @property
    def flat(self):
        return np.concatenate([W.ravel() for W in self.layers])

    def forward(self, x):
        """Inputs and slopes of every layer, and the output, for one input."""
        sigma, slope = np.vectorize(SIGMA[self.activation][0]), SIGMA[self.activation][1]
        h, inputs, slopes = x, [], []
        for W in self.layers[:-1]:
            inputs.append(h)
            z = W @ h
            slopes.append(np.array([slope(v) for v in z]))
            h = sigma(z)
        return inputs, slopes, h, float(self.layers[-1] @ h)

    def outputs(self, X):
        return np.array([self.forward(x)[3] for x in X])

    def gradient(self, x):
        """df(x)/dt, and df/dh^l for l = 1..H."""
        inputs, slopes, last, _ = self.forward(x)
        g, back, parts = self.layers[-1], [], [last]
        for W, h, slope in zip(self.layers[-2::-1], inputs[::-1], slopes[::-1], strict=True):
            back.insert(0, g)
            parts.insert(0, np.outer(slope * g, h).ravel())
            g = W.T @ (slope * g)
        return np.concatenate(parts), back

    def jacobian(self, X):
        return np.array([self.gradient(x)[0] for x in X])


def descend(net, X, y, eta, steps):
    """The networks at steps 0..steps."""
    path = [net]
    for _ in range(steps):
        now = path[-1]
        e = now.outputs(X) - y
        path.append(now.at(now.flat - eta * now.jacobian(X).T @ e))
    return path


def lowest_slope(activation, Z):
    slope = SIGMA[activation][1]
    return min(slope(-Z), slope(Z)) if Z < 300 else SIGMA[activation][4]


def profile(net, X, r):
    """s(r), number by number."""
    *hidden, a = net.layers[1:]
    root = sqrt(max(np.linalg.eigvalsh(X @ X.T)[0], 0)) if len(X) <= X.shape[1] else 0.0
    Z = r * max(np.linalg.norm(x) for x in X)
    first = lowest_slope(net.activation, Z)
    if not hidden:
        return root * first * max(np.linalg.norm(a) - r, 0)
    m = len(hidden[0].T)
    lo, hi, n = [1.0] * m, [1.0] * m, Z
    for W in hidden:
        moved = r * sqrt(sum(v * v for v in hi))
        lo = [sum(w * v for w, v in zip(row, lo, strict=True)) - moved for row in W]
        hi = [sum(w * v for w, v in zip(row, hi, strict=True)) + moved for row in W]
        if min(lo) <= 0:
            return 0.0
        n = (np.linalg.norm(W, 2) + r) * n
        lo = [lowest_slope(net.activation, n) * v for v in lo]
    left = sum(v * w for v, w in zip(a, lo, strict=True)) - r * sqrt(sum(v * v for v in hi))
    return root * first * max(left, 0) / sqrt(m)


def lipschitz(net, X, R):
    """L(R) of a chain h^l = sigma(W^l h^{l-1}) that is 0 on all inputs at the start."""
    _, _, s1, s2, _ = SIGMA[net.activation]
    W, H = net.layers[:-1], len(net.layers) - 1
    om = [np.linalg.norm(each, 2) + R for each in W]
    g = [[net.gradient(x)[1][at] for x in X] for at in range(H)]
    g2 = [max(np.linalg.norm(v) for v in each) for each in g]
    top = [max(np.abs(v).max() for v in each) for each in g]
    unit = np.eye(H + 1)
    tables = []
    for first in (max(np.linalg.norm(x) for x in X), np.linalg.norm(X, 2)):
        k, rows, before = np.zeros(H + 1), [], []
        for at in range(H):
            reach = first if at == 0 else R * np.linalg.norm(k)
            rows.append(om[at] * k + reach * unit[at])
            before.append(k)
            k = s1 * rows[-1]
        tables.append((rows, before, k))
    (c, _, _), (cB, kB, last) = tables
    D = {H - 1: R}
    for at in range(H - 1, 0, -1):
        D[at - 1] = R * s1 * (g2[at] + D[at]) + np.linalg.norm(W[at], 2) * (
            s2 * R * np.linalg.norm(c[at]) * top[at] + s1 * D[at]
        )
    M = 2 * np.outer(unit[H], last)
    for at in range(H):
        M += s2 * (top[at] + D[at]) * np.outer(c[at], cB[at])
        M += 2 * s1 * (g2[at] + D[at]) * np.outer(unit[at], kB[at])
    return np.linalg.eigvalsh((M + M.T) / 2)[-1]


def first_root(f, high, points=4000):
    """The first radius in (0, high] from which f > 0, by a scan and a root; inf: none."""
    radii = np.linspace(0, high, points + 1)
    found = next((i for i in range(1, points + 1) if f(radii[i]) > 0), None)
    if found is None:
        return inf
    return brentq(f, radii[found - 1], radii[found], xtol=1e-15, rtol=1e-14)
