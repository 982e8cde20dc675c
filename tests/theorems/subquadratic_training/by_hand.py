"""Shifted ReLU networks by hand: autograd, loops over neurons and hashes, scipy."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, product
from math import log, sqrt

import numpy as np
import torch
from scipy.integrate import quad
from scipy.stats import norm

from tests.oracles import OnAProblem
from verify.judging.seeds import numpy_generator


def deep(weights, a, b, X):
    """Outputs (n,) and preactivations by layer, in torch."""
    m = len(a)
    c_b = (1 + b**2) * norm.sf(b) - b * norm.pdf(b)
    h, z = X, []
    for W in weights:
        z.append(h @ W.T)
        h = torch.relu(z[-1] - b) / sqrt(m * c_b)
    return torch.relu(z[-1] - b) @ a / sqrt(m), z


def descend(weights, a, b, X, y, eta, steps, trained):
    """Gradient descent on ||f - y||^2/2 by autograd; weights and preactivations at every step."""
    weights, seen = [W.clone() for W in weights], []
    for _ in range(steps):
        for W in weights:
            W.requires_grad_()
        f, z = deep(weights, a, b, X)
        seen.append((f.detach().numpy(), [each.detach().numpy() for each in z],
                     [W.detach().numpy().copy() for W in weights]))  # fmt: skip
        slopes = torch.autograd.grad(((f - y) ** 2).sum() / 2, weights)
        weights = [W.detach() - eta * s if i in trained else W.detach()
                   for i, (W, s) in enumerate(zip(weights, slopes, strict=True))]  # fmt: skip
    return seen, [W.numpy() for W in weights]


def both_above(G, b):
    """P(X > b, Y > b) of normal X, Y with correlations G, given X, integrated."""
    found = np.full_like(G, norm.sf(b))
    for i, j in permutations(range(len(G)), 2):
        rho = G[i, j]
        given = lambda x, rho=rho: norm.pdf(x) * norm.sf((b - rho * x) / sqrt(1 - rho**2))  # noqa: E731
        found[i, j] = quad(given, b, b + 12, epsabs=1e-13, limit=200)[0]
    return found


def shallow(W, a, b, X):
    return torch.relu(X @ W.T - b) @ a / sqrt(len(a))


def gauss_newton(W, a, b, X, y, steps, residual=None):
    """Iterates of one network: (e, K, W) at every step, by autograd and the normal equations."""
    found = []
    for t in range(steps + 1):
        f = shallow(W, a, b, X)
        J = torch.autograd.functional.jacobian(lambda V: shallow(V, a, b, X), W)
        J = J.reshape(len(X), -1).numpy()
        e, K = f.numpy() - y, J @ J.T
        found.append((e, K, W.numpy()))
        if t == steps:
            return found
        right = e if residual is None else e + residual[t]
        values = np.linalg.eigvalsh(K)
        good = values[0] > 1e-13 * values[-1]
        kappa = np.linalg.solve(K, right) if good else 0 * e
        W = W - torch.tensor((J.T @ kappa).reshape(W.shape))
    return found


def sketch(X, h1, r1, h2, r2, s):
    """S X, entry by entry."""
    found = np.zeros(s)
    for i, j in product(range(X.shape[0]), range(X.shape[1])):
        found[(h1[i] + h2[j]) % s] += r1[i] * r2[j] * X[i, j]
    return found


def every_hash(p, s):
    signs = product((1, -1), repeat=p)
    return [(h, r) for r in signs for h in product(range(s), repeat=p)]


def variance(X, Y, s):
    """Of <S X, S Y>, by enumeration."""
    values = []
    for (h1, r1), (h2, r2) in product(every_hash(X.shape[0], s), every_hash(X.shape[1], s)):
        values.append(sketch(X, h1, r1, h2, r2, s) @ sketch(Y, h1, r1, h2, r2, s))
    assert abs(np.mean(values) - (X * Y).sum()) < 1e-10
    return np.var(values)


def four_sums(X, Y):
    """columns, rows, entries, swapped: loops."""
    p, q = X.shape
    T, U = X.T @ Y, X @ Y.T
    columns = sum(T[j, k] ** 2 + T[j, k] * T[k, j] for j in range(q) for k in range(q) if j != k)
    rows = sum(U[i, k] ** 2 + U[i, k] * U[k, i] for i in range(p) for k in range(p) if i != k)
    entries = swapped = 0.0
    for i, k, j, l in product(range(p), range(p), range(q), range(q)):  # noqa: E741
        if i != k and j != l:
            entries += X[i, j] ** 2 * Y[k, l] ** 2 + X[i, j] * Y[k, l] * X[k, l] * Y[i, j]
            swapped += X[i, j] * Y[k, l] * (X[k, j] * Y[i, l] + X[i, l] * Y[k, j])
    return columns, rows, entries, swapped


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """What the experiment draws, drawn again."""

    def rng(self, purpose):
        return numpy_generator("subquadratic", purpose, self.salt)

    @property
    def n(self):
        return len(self.X)

    @cached_property
    def b(self):
        return sqrt(2 * self.configuration.sparsity * log(self.configuration.width))

    @property
    def b_newton(self):
        own = self.configuration.threshold
        return self.b if own is None else own

    @property
    def tensors(self):
        return torch.tensor(self.X), torch.tensor(self.y)

    def drawn(self, rng, m=None):
        """Weights and signs of a network of gradient descent."""
        c = self.configuration
        m, d = m or c.width, self.X.shape[1]
        weights = [rng.standard_normal((m, m if i else d)) for i in range(c.layers)]
        return [torch.tensor(W) for W in weights], torch.tensor(rng.choice([-1.0, 1.0], m))

    def path(self, trained):
        c = self.configuration
        weights, a = self.drawn(self.rng("network"))
        X, y = self.tensors
        return descend(weights, a, self.b, X, y, c.step, c.steps, trained)

    @cached_property
    def descent(self):
        return self.path(range(self.configuration.layers))

    @cached_property
    def last_alone(self):
        return self.path([self.configuration.layers - 1])

    def fired(self, z, b=None):
        """(L, n) of one step."""
        b = self.b if b is None else b
        return np.array([[sum(row > b) for row in each] for each in z])

    @cached_property
    def starts(self):
        """By trial: fired (L, n), and the norm that the last layer sees of the first sample."""
        c, rng, found = self.configuration, self.rng("starts"), []
        for _ in range(c.trials):
            weights, a = self.drawn(rng)
            z = [each.numpy() for each in deep(weights, a, self.b, torch.tensor(self.X))[1]]
            c_b = (1 + self.b**2) * norm.sf(self.b) - self.b * norm.pdf(self.b)
            below = np.maximum(z[-2][0] - self.b, 0) if c.layers > 1 else self.X[0]
            size = sqrt(c.width * c_b) if c.layers > 1 else 1.0
            found.append((self.fired(z), sqrt(below @ below) / size))
        return found

    @cached_property
    def geometry(self):
        G = self.X @ self.X.T
        kernel = G * both_above(G, self.b_newton)
        return {
            "g": max(np.linalg.eigvalsh(abs(G))), "norm_G": max(np.linalg.eigvalsh(G)),
            "norm_X": sqrt(max(np.linalg.eigvalsh(G))), "norm_y": sqrt(self.y @ self.y),
            "lambda_b": min(np.linalg.eigvalsh(kernel)),
        }  # fmt: skip

    @property
    def reach(self):
        """rho of the width theorem."""
        c, known = self.configuration, self.geometry
        lam = (1 - c.epsilon) * known["lambda_b"]
        return 2.5 * known["norm_X"] * known["norm_y"] / (sqrt(c.width) * lam)

    def coupled(self, purpose, runs, m):
        """(W, a) of the networks of Gauss-Newton."""
        rng, d = self.rng(purpose), self.X.shape[1]
        half = rng.standard_normal((runs, m // 2, d))
        if not self.configuration.independent:
            signs = np.repeat([1.0, -1.0], m // 2)
            return [(torch.tensor(np.vstack([h, h])), torch.tensor(signs)) for h in half]
        W, a = rng.standard_normal((runs, m, d)), rng.choice([-1.0, 1.0], (runs, m))
        return [(torch.tensor(w), torch.tensor(s)) for w, s in zip(W, a, strict=True)]

    def newton(self, purpose, runs, m, y=None, steps=None, residuals=None):
        c = self.configuration
        y = self.y if y is None else y
        steps = c.steps if steps is None else steps
        X = torch.tensor(self.X)
        nets = self.coupled(purpose, runs, m)
        return nets, [
            gauss_newton(W, a, self.b_newton, X, y, steps, residuals and residuals[i])
            for i, (W, a) in enumerate(nets)
        ]

    @cached_property
    def followed(self):
        c = self.configuration
        return self.newton("networks", c.networks, c.width)

    @cached_property
    def disturbed(self):
        """The same with residuals in random directions; all networks step by step."""
        c, rng = self.configuration, self.rng("residual")
        X = torch.tensor(self.X)
        nets = self.coupled("networks", c.networks, c.width)
        paths = [[] for _ in nets]
        here = [W for W, _ in nets]
        for t in range(c.steps + 1):
            u = rng.standard_normal((len(nets), self.n)) if t < c.steps else None
            for i, (_, a) in enumerate(nets):
                e, K, W = gauss_newton(here[i], a, self.b_newton, X, self.y, 0)[0]
                paths[i].append((e, K, W))
                if t < c.steps:
                    size = sqrt(e @ e) / sqrt(u[i] @ u[i])
                    noisy = [c.residual * size * u[i]]
                    here[i] = torch.tensor(
                        gauss_newton(here[i], a, self.b_newton, X, self.y, 1, noisy)[1][2]
                    )
        return nets, paths

    def steps_of(self, followed):
        """nu_t, least, e_t by step and run; kinks by sample, too."""
        nets, paths = followed
        b, m, X = self.b_newton, self.configuration.width, self.X
        rows = []
        for (_, a), path in zip(nets, paths, strict=True):
            a, own = a.numpy(), []
            for (e, K, W), (_, _, V) in pairwise(path):
                z, after = X @ W.T, X @ V.T
                flip = (z > b) != (after > b)
                kinks = [sum(a[r] * abs(after[i, r] - b) for r in range(m) if flip[i, r])
                         for i in range(len(X))]  # fmt: skip
                own.append((max(flip.sum(1)) / m, max(0.0, min(np.linalg.eigvalsh(K))),
                            sqrt(e @ e), kinks))  # fmt: skip
            rows.append(own)
        pick = lambda j: np.swapaxes(np.array([[s[j] for s in own] for own in rows]), 0, 1)  # noqa: E731
        return {"nu_t": pick(0), "least": pick(1), "e_t": pick(2)}, pick(3)

    def per_run(self, value, followed=None):
        """value(e, K, W, run) at every step and run."""
        _, paths = followed or self.followed
        found = [[value(*point, i) for point in path] for i, path in enumerate(paths)]
        return np.swapaxes(np.array(found), 0, 1)

    @cached_property
    def certificates(self):
        """By run: lambda, first, e_0, nu, close, sure."""
        nets, paths = self.followed
        known, m, found = self.geometry, self.configuration.width, []
        for (W, _), path in zip(nets, paths, strict=True):
            lam = max(0.0, min(np.linalg.eigvalsh(path[0][1])))
            first = max(np.linalg.norm(path[1][2] - path[0][2], axis=1))
            e_0, z = sqrt(path[0][0] @ path[0][0]), self.X @ W.numpy().T
            grid = [0.0] + [(1 / 3600) * (0.999 * 3600) ** (i / 59) for i in range(60)]
            for share in grid:
                nu = share * lam / (3 * known["g"])
                mu = lam - 2 * nu * known["g"]
                q = nu * known["g"] / mu
                rho = first + q / (1 - q) * known["norm_X"] * e_0 / (sqrt(m) * mu)
                close = max(sum(abs(row - self.b_newton) <= rho) for row in z)
                sure = [sum(row > self.b_newton - rho) for row in z]
                if close <= nu * m:
                    break
            found.append((lam, first, e_0, nu, close, sure))
        return found

    @cached_property
    def jacobian(self):
        """J^T's columns as matrices (n, m, d), rows of J scaled, K, the first residual."""
        c, (W, a) = self.configuration, self.coupled("networks", 1, self.configuration.width)[0]
        X, b = torch.tensor(self.X), self.b_newton
        scales = np.exp(self.rng("stretch").uniform(-c.stretch, c.stretch, self.n))
        J = torch.autograd.functional.jacobian(lambda V: shallow(V, a, b, X), W).numpy()
        J = J * scales[:, None, None]
        flat = J.reshape(self.n, -1)
        return J, flat @ flat.T, (shallow(W, a, b, X).numpy() - self.y) * scales

    def isometry(self, S):
        """Singular values of S Q by the generalised eigenvalues of J S^T S J^T and K."""
        _, K, _ = self.jacobian
        values, U = np.linalg.eigh(K)
        half = U / np.sqrt(values) @ U.T
        return np.sqrt(np.linalg.eigvalsh(half @ S.T @ S @ half).clip(min=0))

    def tensor_sketches(self, purpose, draws):
        """S J^T, (s, n) by draw, and S Q."""
        c = self.configuration
        rng, (J, _, _) = self.rng(purpose), self.jacobian
        hashes = []
        for size in J.shape[1:]:
            h = rng.integers(c.rows, size=(draws, size))
            hashes.append((h, rng.choice([-1.0, 1.0], (draws, size))))
        (h1, r1), (h2, r2) = hashes
        return [
            np.array([sketch(one, h1[i], r1[i], h2[i], r2[i], c.rows) for one in J]).T
            for i in range(draws)
        ]
