"""(AL6), (AL7), measured: all random signs, and the Hessian of the pseudo-network."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from itertools import product

import numpy as np

from verify.experiments.concept_classes.setting import Setting
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample
from verify.training.divergence import check_finite

RATE, STEPS = 0.2, 400
"""Of descent on the pseudo-network."""

LOOKS = (0, 20, 50, 100, 200)
"""Steps at which its curvature is looked at, and the saddle theta = 0."""

POINTS = 10
"""Inputs of its loss."""


@dataclass(frozen=True, eq=False)
class Layers:
    """W (m, d), V (m, m), a (m,), with changes of the same shapes."""

    W: np.ndarray
    V: np.ndarray
    a: np.ndarray

    def __call__(self, x: np.ndarray) -> float:
        return float(self.a @ relu(self.V @ relu(self.W @ x)))


def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)


def signs(m: int) -> np.ndarray:
    """All signs, (2^m, m)."""
    return np.array(list(product((1.0, -1.0), repeat=m)))


def drawn(rng: np.random.Generator, m: int, d: int) -> Layers:
    """Weights of the usual size."""
    W, V = rng.standard_normal((m, d)), rng.standard_normal((m, m)) * math.sqrt(2 / m)
    return Layers(W, V, rng.choice((-1.0, 1.0), m) / math.sqrt(m))


def room(net: Layers, x: np.ndarray, dW: np.ndarray, dV: np.ndarray) -> tuple[float, float]:
    """What the patterns of both layers are away from a change, at the worst signs."""
    z = net.W @ x
    h, moves = relu(z), np.abs((z > 0) * (dW @ x))
    first = np.abs(z) - np.abs(dW @ x)
    second = np.abs(net.V @ h) - np.abs(net.V) @ moves - np.abs(dV) @ (h + moves)
    return float(first.min()), float(second.min())


def second_order(net: Layers, x: np.ndarray, dW: np.ndarray, dV: np.ndarray) -> float:
    """a^T D_2 V' D_1 W' x."""
    z = net.W @ x
    D_2 = net.V @ relu(z) > 0
    return float((net.a * D_2) @ dV @ ((z > 0) * (dW @ x)))


def random_signs(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL6): (networks,)."""
    c, rng = setting.configuration, setting.rng("random signs")
    S = signs(c.hidden)
    rows = []
    for x in setting.inputs("random signs", c.nets):
        net = drawn(rng, c.hidden, c.dimension)
        dW = c.change * rng.standard_normal(net.W.shape)
        dV = c.change * rng.standard_normal(net.V.shape) * math.sqrt(2 / c.hidden)
        hidden = relu(net.W @ x + S * (dW @ x))
        outputs = relu(hidden @ net.V.T + (S * hidden) @ dV.T) @ net.a
        terms = np.abs(net.a) @ np.abs(net.V) @ relu(net.W @ x)
        rows.append((outputs.mean(), net(x), second_order(net, x, dW, dV),
                     *room(net, x, dW, dV), terms))  # fmt: skip
    mean, f_0, second, room_1, room_2, terms = np.array(rows).T
    symbols = {"f_0": f_0, "second": second, "room_1": room_1, "room_2": room_2}
    return Measured({"signed": Sample(mean, symbols, scale=terms)})


@dataclass(frozen=True, eq=False)
class Pseudo:
    """G(theta) = sum_r left_r (W' x)_r, left = 1_r (a D_2 V')_r, at points X (n, d), targets y."""

    X: np.ndarray
    y: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, net: Layers, X: np.ndarray, y: np.ndarray) -> Pseudo:
        """first: D_1 (n, m); second: a D_2 (n, m)."""
        z = X @ net.W.T
        return cls(X, y, (z > 0).astype(float), net.a * (relu(z) @ net.V.T > 0))

    def factors(self, W: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(a D_2 V') and D_1 W' x, (n, m) each."""
        return self.second @ V, self.first * (self.X @ W.T)

    def residuals(self, W: np.ndarray, V: np.ndarray) -> np.ndarray:
        left, right = self.factors(W, V)
        return np.asarray((left * right).sum(1) - self.y)

    def jacobian(self, W: np.ndarray, V: np.ndarray) -> np.ndarray:
        """Derivatives of G, first by W', then by V': (n, m d + m^2)."""
        left, right = self.factors(W, V)
        by_W = (left * self.first)[:, :, None] * self.X[:, None, :]
        by_V = self.second[:, :, None] * right[:, None, :]
        n = len(self.y)
        return np.hstack([by_W.reshape(n, -1), by_V.reshape(n, -1)])

    def hessian(self, W: np.ndarray, V: np.ndarray) -> np.ndarray:
        """Of the loss: J^T J/n, and e times what G has of W' and V' together."""
        J, e = self.jacobian(W, V), self.residuals(W, V)
        n, (m, d) = len(e), W.shape
        H = J.T @ J / n
        both = np.einsum("n,nr,nd,nk->rdk", e, self.first, self.X, self.second) / n
        cross = np.zeros((m, d, m, m))
        cross[np.arange(m), :, :, np.arange(m)] = both
        flat = cross.reshape(m * d, m * m)
        H[: m * d, m * d :] += flat
        H[m * d :, : m * d] += flat.T
        return np.asarray(H)

    def descend(self, W: np.ndarray, V: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Gradient descent."""
        found = [(W, V)]
        for _ in range(STEPS):
            step = self.jacobian(W, V).T @ self.residuals(W, V) * RATE / len(self.y)
            W, V = W - step[: W.size].reshape(W.shape), V - step[W.size :].reshape(V.shape)
            found.append((W, V))
        check_finite(W, V)
        return found


def curvature(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL7): (networks, points of the path)."""
    c, rng = setting.configuration, setting.rng("curvature")
    S, m, d = signs(c.hidden), c.hidden, c.dimension
    rows = []
    for at in range(c.descents):
        net, X = drawn(rng, m, d), setting.inputs(f"curvature {at}", POINTS)
        pseudo = Pseudo.of(net, X, setting.target(X))
        best, path = (
            pseudo.descend(size * rng.standard_normal((m, d)), size * rng.standard_normal((m, m)))
            for size in (0.3, 0.03)
        )
        W, V = best[-1]
        other = pseudo.residuals(W, V)
        points = [(0 * W, 0 * V), *(path[k] for k in LOOKS)]
        rows.append([looked_at(pseudo, theta, (W, V), other, S) for theta in points])
        tell(at + 1, c.descents)
    table = np.array(rows)
    names = ("L", "L_star", "C_1", "slope", "product", "size")
    symbols = dict(zip(names, np.moveaxis(table[..., 2:8], -1, 0), strict=True))
    scale = table[..., 8]
    return Measured({
        "curvature": Sample(table[..., 0], symbols, scale=scale),
        "least": Sample(table[..., 1], symbols, scale=scale),
    })  # fmt: skip


def looked_at(
    pseudo: Pseudo, theta: tuple[np.ndarray, np.ndarray], best: tuple[np.ndarray, np.ndarray],
    other: np.ndarray, S: np.ndarray,
) -> list[float]:  # fmt: skip
    """The curvature, lambda_min, L, L*, C_1, slope, mean e e*, ||theta*||^2, what cancels."""
    (W, V), (W_best, V_best) = theta, best
    H, e = pseudo.hessian(W, V), pseudo.residuals(W, V)
    gradient = pseudo.jacobian(W, V).T @ e / len(e)
    slope = float(gradient @ np.concatenate([W.ravel(), V.ravel()]))
    directions = np.hstack([
        (S[:, :, None] * W_best).reshape(len(S), -1), (V_best * S[:, None, :]).reshape(len(S), -1)
    ])  # fmt: skip
    curved = np.einsum("si,ij,sj->s", directions, H, directions, optimize=True)
    (left, right), (left_best, right_best) = pseudo.factors(W, V), pseudo.factors(*best)
    mixed = ((left * right_best + left_best * right) ** 2).sum(1).mean()
    size = float((W_best**2).sum() + (V_best**2).sum())
    rounding = float(np.abs(curved).mean() + e @ e / len(e) + mixed)
    n, least = len(e), float(np.linalg.eigvalsh(H)[0])
    return [curved.mean() / 2 - slope / 2, least, e @ e / n / 2, other @ other / n / 2, mixed,
            slope, e @ other / n, size, rounding]  # fmt: skip
