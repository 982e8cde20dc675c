"""Masked training by hand: NumPy, explicit eigenvectors, enumerated masks, one seed at a time.

What oracles compute from. Nothing here uses the trainer, the network or the laws of the package;
only the random numbers are its own. Weights are rows: W (m, d).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import prod, sqrt

import numpy as np
import torch

from verify.judging.seeds import torch_generator, uniforms


def columns(law, p, xi):
    """Every column of masks, a tuple of p zeros and ones, with its probability."""
    if law == "categorical":
        return [(tuple(float(i == home) for i in range(p)), 1 / p) for home in range(p)]
    assert law == "bernoulli"
    every = product((0.0, 1.0), repeat=p)
    return [(c, prod(xi if held else 1 - xi for held in c)) for c in every]


def moments(law, p, xi):
    """theta, V, v_A, v_B and the excess kurtosis of N, from all columns."""
    every = columns(law, p, xi)

    def mean(f):
        return sum(chance * f(column) for column, chance in every)

    def share(column):
        return column[0] / sum(column) if sum(column) else 0.0

    V = mean(lambda c: (sum(c) / (p * xi) - 1) ** 2)
    fourth = mean(lambda c: (sum(c) / (p * xi) - 1) ** 4)
    return {
        "theta": mean(lambda c: sum(c) > 0),
        "V": V,
        "v_A": mean(lambda c: (c[0] - xi) ** 2),
        "v_B": mean(lambda c: share(c) ** 2) - mean(share) ** 2,
        "kurtosis": fourth / V**2 - 3 if V > 1e-12 else 0.0,
    }


def draw_masks(law, p, xi, m, seed, K):
    """The masks of K rounds, (K, p, m); `seed` is a tensor of one."""
    if law == "categorical":
        home = [p * uniforms(seed, k, (1, m))[0, 0].numpy() for k in range(K)]
        return np.array([[(i <= u) & (u < i + 1) for i in range(p)] for u in home], float)
    return np.array([(uniforms(seed, k, (p, m))[0] < xi).numpy() for k in range(K)], float)


def spanned(X):
    """The rows in coordinates of their span, where that has fewer dimensions."""
    if len(X) >= X.shape[1]:
        return X
    rows = np.linalg.qr(X.T)[1].T
    np.testing.assert_allclose(rows @ rows.T, X @ X.T, atol=1e-12)
    return rows


def limiting_kernel(X):
    """The kernel at infinite width, from the angles of the rows."""

    def entry(x, y):
        cosine = x @ y / sqrt(x @ x) / sqrt(y @ y)
        return x @ y * (np.pi - np.arccos(np.clip(cosine, -1, 1))) / (2 * np.pi)

    return np.array([[entry(x, y) for y in X] for x in X])


def lambda_0(X):
    return smallest(limiting_kernel(X))


def gated(X, on, weights):
    """sum_r weights_r on_ir on_jr <x_i, x_j>, entry by entry: X (n, d), on (n, m)."""
    on = [np.asarray(row) * 1.0 for row in on]
    return np.array([[weights @ (a * b) * (x @ z) for b, z in zip(on, X, strict=True)]
                     for a, x in zip(on, X, strict=True)])  # fmt: skip


def smallest(matrix):
    return np.linalg.eigvalsh(matrix)[0]


def largest(matrix):
    return np.linalg.eigvalsh(matrix)[-1]


def norm(matrix):
    """The spectral norm of a symmetric matrix."""
    return np.abs(np.linalg.eigvalsh(matrix)).max()


@dataclass(frozen=True, eq=False)
class Start:
    """A network at W_0: X (n, d), y (n,), W (m, d), a (m,)."""

    X: np.ndarray
    y: np.ndarray
    W: np.ndarray
    a: np.ndarray

    @classmethod
    def draw(cls, X, y, m, kappa, *labels, dtype=np.float64):
        """W_0 ~ N(0, kappa^2) and signs, from the seed of the labels."""
        generator = torch_generator("W_0", *labels)
        W = kappa * torch.randn(X.shape[1], m, generator=generator, dtype=torch.float64)
        a = torch.randint(0, 2, (m,), generator=generator, dtype=torch.float64)
        arrays = (np.asarray(array, dtype) for array in (X, y, W.numpy().T, 2 * a.numpy() - 1))
        return cls(*(array.astype(np.float64) for array in arrays))

    @property
    def n(self):
        return len(self.y)

    @property
    def m(self):
        return len(self.a)

    def phi(self, W):
        """The outputs of all neurons, (m, n)."""
        return np.array(
            [self.a * np.maximum(W @ x, 0.0) / sqrt(self.m) for x in self.X]
        ).T  # fmt: skip

    def kernel(self, W, weights):
        """sum_r weights_r H_r with H_r = 1{w_r x_i > 0} 1{w_r x_j > 0} <x_i, x_j>/m."""
        return gated(self.X, [W @ x > 0 for x in self.X], weights / self.m)

    @cached_property
    def H(self):
        return self.kernel(self.W, np.ones(self.m))

    @cached_property
    def e_0(self):
        return self.phi(self.W).sum(0) - self.y

    @cached_property
    def pairs(self):
        """The eigenpairs of H, increasing: a list of (mu_j, v_j)."""
        mu, v = np.linalg.eigh(self.H)
        return [(max(mu[j], 0.0), v[:, j]) for j in range(self.n)]

    @cached_property
    def mu(self):
        return np.array([mu for mu, _ in self.pairs])

    @cached_property
    def c(self):
        """<v_j, e_0>."""
        return np.array([v @ self.e_0 for _, v in self.pairs])

    @cached_property
    def Phi(self):
        """sum_r phi_r phi_r^T in the coordinates of the samples."""
        return sum(np.outer(f, f) for f in self.phi(self.W))

    @cached_property
    def rotated(self):
        """v_i^T Phi v_j, entry by entry."""
        vectors = [v for _, v in self.pairs]
        return np.array([[v @ self.Phi @ w for w in vectors] for v in vectors])

    def q(self, zeta, tau):
        """The eigenvalues of P."""
        return np.array([1 - (1 - zeta * mu) ** tau for mu in self.mu])

    def P(self, zeta, tau):
        terms = zip(self.q(zeta, tau), self.pairs, strict=True)
        return sum(q * np.outer(v, v) for q, (_, v) in terms)


@dataclass(frozen=True, eq=False)
class Run:
    """One training run, every iterate of it.

    W      W_0, ..., W_K
    local  [k][l][t]: the weights of surrogate l in round k after t local steps
    """

    start: Start
    masks: np.ndarray
    law: str
    xi: float
    eta: float
    tau: int
    W: list
    local: list

    @property
    def K(self):
        return len(self.masks)

    @property
    def p(self):
        return self.masks.shape[1]

    @property
    def zeta(self):
        return self.eta / self.xi

    @cached_property
    def theta(self):
        return moments(self.law, self.p, self.xi)["theta"]

    @cached_property
    def phi(self):
        return [self.start.phi(W) for W in self.W]

    @cached_property
    def residual(self):
        """e_0, ..., e_K."""
        return np.array([phi.sum(0) - self.start.y for phi in self.phi])

    @property
    def loss(self):
        return np.array([e @ e for e in self.residual])

    @cached_property
    def g(self):
        """Outputs of surrogate l in round k after t steps, (K, p, tau + 1, n)."""
        return np.array(
            [[[mask @ self.start.phi(W) / self.xi for W in path]
              for mask, path in zip(masks, paths, strict=True)]
             for masks, paths in zip(self.masks, self.local, strict=True)]
        )  # fmt: skip

    @cached_property
    def noise(self):
        """z^l_k = g^l - u_k after sampling, (K, p, n)."""
        return np.array([[self.g[k, i, 0] - self.phi[k].sum(0) for i in range(self.p)]
                         for k in range(self.K)])  # fmt: skip

    @cached_property
    def frozen_noise(self):
        """zbar_k with the neurons of W_0, (K, n)."""
        N = self.masks.sum(1)
        return np.array([(N[k] / (self.p * self.xi) - 1) @ self.phi[0] for k in range(self.K)])

    @cached_property
    def displacement(self):
        """(sum_r ||phi_r(W_k) - phi_r(W_0)||^2)^(1/2), k = 0, ..., K."""
        return np.array([sqrt(((phi - self.phi[0]) ** 2).sum()) for phi in self.phi])

    @cached_property
    def defect(self):
        P, e = self.start.P(self.zeta, self.tau), self.residual
        zbar = [sum(z) / self.p for z in self.noise]
        linear = [e[k] - self.theta * P @ (e[k] + zbar[k]) for k in range(self.K)]
        return np.array([sqrt(sum((e[k + 1] - linear[k]) ** 2)) for k in range(self.K)])

    @cached_property
    def rho(self):
        """Root mean square over surrogates of the residual after sampling."""
        after = [
            [e + z for z in noise] for e, noise in zip(self.residual, self.noise, strict=False)
        ]
        return np.array([sqrt(sum(x @ x for x in row) / self.p) for row in after])

    @property
    def travelled(self):
        """sum_{j<=k} max_l ||e_j + z^l_j||, k = 0, ..., K - 1."""
        sizes = [max(sqrt(sum((self.residual[k] + z) ** 2)) for z in self.noise[k])
                 for k in range(self.K)]  # fmt: skip
        return np.array([sum(sizes[: k + 1]) for k in range(self.K)])

    def local_loss(self, t):
        """(1/p) sum_l ||g^l - y||^2 after t steps, (K,)."""
        return np.array(
            [sum(sum((g[t] - self.start.y) ** 2) for g in self.g[k]) / self.p
             for k in range(self.K)]
        )  # fmt: skip

    def spread(self, t):
        """sum over pairs ||g^l - g^l'||^2 after t steps, (K,)."""
        pairs = list(combinations(range(self.p), 2))
        return np.array(
            [float(sum(sum((self.g[k, i, t] - self.g[k, j, t]) ** 2) for i, j in pairs))
             for k in range(self.K)]
        )  # fmt: skip

    @property
    def distance(self):
        """sum_l ||u_k - g^l||^2 after sampling, (K,)."""
        return np.array([sum(z @ z for z in noise) for noise in self.noise])

    def good(self, alpha, R):
        """Whether every round j < k had a defect of at most alpha_j rho_j, and started within R.

        For k = 0, ..., K; the start of round 0 has not moved.
        """
        inside = [self.defect[j] <= alpha[j] * self.rho[j] and self.displacement[j] <= R
                  for j in range(self.K)]  # fmt: skip
        return np.array([all(inside[:k]) for k in range(self.K + 1)])

    @cached_property
    def lazy(self):
        """What Link II and Theorem 2 speak of, by name, (K,) each."""
        start, m, p, xi = self.start, self.start.m, self.p, self.xi
        on_0 = start.W @ start.X.T > 0
        flipped, moved, kernel_min = np.zeros_like(on_0), 0.0, np.inf
        rows = []
        for k in range(self.K):
            held = self.masks[k]
            shares = [mask / np.maximum(sum(held), 1.0) for mask in held]
            for mask, path in zip(held, self.local[k], strict=True):
                for W in path:
                    flipped = flipped | (((W @ start.X.T > 0) != on_0) & (mask > 0)[:, None])
                    moved = max(moved, np.linalg.norm(W - start.W, axis=1).max())
                    kernel_min = min(kernel_min, smallest(start.kernel(W, mask)))
            flipped = flipped | ((self.W[k + 1] @ start.X.T > 0) != on_0)
            A = [start.kernel(start.W, mask / xi**2) for mask in held]
            B = [start.kernel(start.W, share) for share in shares]
            weights = [mask @ flipped[:, i] / (xi * m) for mask in held for i in range(start.n)]
            weights += [p * share @ flipped[:, i] / m for share in shares for i in range(start.n)]
            rows.append({
                "nu": max(weights),
                "epsilon_A": max(norm(a - start.H / xi) for a in A),
                "epsilon_B": max(norm(b - self.theta / p * start.H) for b in B),
                "stability_A": max(self.eta * largest(a) for a in A),
                "stability_B": max(p * self.zeta * largest(b) for b in B),
                "displacement": moved,
                "kernel_min": kernel_min,
            })  # fmt: skip
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def train(start, law, xi, eta, tau, masks):
    """Train with given masks (K, p, m): gradients of ||g^l - y||^2/2 written out."""
    W, local = [start.W], []
    for held in masks:
        local.append([_local_path(start, W[-1], mask, xi, eta, tau) for mask in held])
        changes = [mask[:, None] * (path[-1] - W[-1])
                   for mask, path in zip(held, local[-1], strict=True)]  # fmt: skip
        W.append(W[-1] + sum(changes) / np.maximum(sum(held), 1.0)[:, None])
    return Run(start, masks, law, xi, eta, tau, W, local)


def _local_path(start, W, mask, xi, eta, tau):
    path = [W]
    for _ in range(tau):
        W = path[-1]
        error = mask @ start.phi(W) / xi - start.y
        slope = mask * start.a / (xi * sqrt(start.m))
        gradient = sum(
            error[i] * np.outer(slope * (W @ start.X[i] > 0), start.X[i]) for i in range(start.n)
        )
        path.append(W - eta * gradient)
    return path
