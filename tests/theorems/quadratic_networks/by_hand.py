"""Quadratic and smooth networks by hand: autograd, loops, and one network at a time."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import log, sqrt
from typing import Any

import numpy as np
import torch

from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

B_2 = {"softplus": 1 / 4, "tanh": 4 / (3 * sqrt(3)), "square": 2.0, "linear": 0.0}


def activated(name, leak):
    """phi, from torch."""
    softplus = torch.nn.functional.softplus
    return {
        "softplus": lambda z: softplus(z, threshold=100.0),
        "leaky": lambda z: leak * z + (1 - leak) * softplus(z, threshold=100.0),
        "tanh": torch.tanh,
        "square": lambda z: z**2,
        "linear": lambda z: z,
    }[name]


def outputs(W, v, X, phi=torch.square):
    return phi(X @ W.T) @ v


def jacobian(W, v, X, phi=torch.square):
    """(n, k d), by autograd."""
    found = torch.autograd.functional.jacobian(lambda W: outputs(W, v, X, phi), W)
    return found.reshape(len(X), -1).numpy()


def descend(W, eta, steps, loss):
    """All iterates of gradient descent, by autograd."""
    found = [W]
    for _ in range(steps):
        here = found[-1].clone().requires_grad_()
        (slope,) = torch.autograd.grad(loss(here), here)
        found.append(found[-1] - eta * slope)
    return found


def largest(matrix):
    return float(np.linalg.norm(matrix, 2)) if matrix.size else 0.0


def nth(matrix, number):
    """The singular value of that number, from 1; 0 where there are fewer."""
    s = np.linalg.svd(matrix, compute_uv=False) if matrix.size else []
    return float(s[number - 1]) if len(s) >= number else 0.0


def looked_at(steps, points):
    return sorted({0} | {round(steps ** (i / max(1, points - 1))) for i in range(points)})


@dataclass(frozen=True, eq=False)
class Quadratic:
    """The loss of networks of squares on X, y, in torch, and what the theory needs of it."""

    X: Any
    y: Any
    v: Any

    @property
    def n(self):
        return len(self.X)

    @property
    def d(self):
        return self.X.shape[1]

    def loss(self, W):
        return ((outputs(W, self.v, self.X) - self.y) ** 2).sum() / (2 * self.n)

    @cached_property
    def best(self):
        """M*, from the pseudoinverse of the rows x_i x_i^T."""
        rows = np.array([np.outer(x, x).ravel() for x in self.X.numpy()])
        return (np.linalg.pinv(rows, rcond=1e-12) @ self.y.numpy()).reshape(self.d, self.d)

    @cached_property
    def spectrum(self):
        """t_min and t_max, from the Gram matrix of the x_i x_i^T."""
        D = self.d * (self.d + 1) // 2
        gram = (self.X @ self.X.T) ** 2 / self.n
        found = np.sort(np.linalg.eigvalsh(gram.numpy()))[::-1]
        return (float(found[D - 1]) if self.n >= D else 0.0), float(found[0])

    @cached_property
    def loss_of_best(self):
        """L*, the loss of M* without any network."""
        f = np.array([x @ self.best @ x for x in self.X.numpy()])
        return float(((f - self.y.numpy()) ** 2).sum() / (2 * self.n))

    def gap(self, W):
        return float(self.loss(W)) - self.loss_of_best

    def slope(self, W):
        """G."""
        here = W.clone().requires_grad_()
        (found,) = torch.autograd.grad(self.loss(here), here)
        return found.numpy()

    def S(self, W):
        e = outputs(W, self.v, self.X) - self.y
        return (
            sum(float(a) * np.outer(x, x) for a, x in zip(e, self.X.numpy(), strict=True)) / self.n
        )

    def curvatures(self, W):
        """The eigenvalues of the Hessian, by autograd."""
        H = torch.autograd.functional.hessian(self.loss, W).reshape(W.numel(), -1)
        return torch.linalg.eigvalsh(H).numpy()

    def lowest(self, W):
        return self.curvatures(W)[0]

    def widest(self, W):
        return max(abs(self.curvatures(W)))

    def size(self, W):
        """The squared outputs that cancel in the residual."""
        values, U = np.linalg.eigh(self.best)
        bulk = (U * abs(values)) @ U.T
        for a, w in zip(self.v.numpy(), W.numpy(), strict=True):
            bulk = bulk + abs(a) * np.outer(w, w)
        return float(np.mean([x @ bulk @ x for x in self.X.numpy()])) ** 2


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The problem and the networks, drawn as the experiment draws them."""

    configuration: Any
    salt: str

    def other(self, **fields):
        return Ingredients(replace(self.configuration, **fields), self.salt)

    def loaded(self, salt, samples=None):
        c = self.configuration
        problem = load_problem(
            c.data, samples=samples or c.samples, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rng=numpy_generator("data", salt),
        )  # fmt: skip
        X = problem.X
        if c.features:
            values, U = np.linalg.eigh(X.T @ X)
            X = X @ U[:, np.argsort(-values)[: c.features]]
        return X, problem.y

    @cached_property
    def quadratic(self):
        X, y = self.loaded(self.salt)
        return Quadratic(torch.tensor(X), torch.tensor(y), self.v)

    @property
    def up(self):
        return self.configuration.positive

    @cached_property
    def v(self):
        c = self.configuration
        up = [c.output * (1 + c.uneven * i / max(1, c.positive - 1)) for i in range(c.positive)]
        down = [
            c.output * (1 + c.uneven * (1 / 3 + 2 / 3 * i / max(1, c.negative - 1)))
            for i in range(c.negative)
        ]
        return torch.tensor(up + [-a for a in down], dtype=torch.float64)

    def weights(self, purpose, count):
        """W_0 of coupled, independent and saddle starts."""
        c, d = self.configuration, self.quadratic.d
        k = c.positive + c.negative
        drawn = numpy_generator(purpose, self.salt).standard_normal((count, k, d))
        found = []
        for one in drawn:
            if c.start == "coupled":
                one = np.vstack([one[: self.up], one[: self.up]])
            if c.start == "saddle":
                keep = np.isin(np.arange(k), (0, self.up))[:, None]
                one = np.where(keep, one, 0.0)
            found.append(torch.tensor(c.init_scale * one))
        return found

    @cached_property
    def starts(self):
        return self.weights("start", self.configuration.seeds)

    @cached_property
    def at_start(self):
        """By seed: g_0, sigma_d, norm_C."""
        found = []
        for W in self.starts:
            C = (W[: self.up] @ W[self.up :].T).numpy()
            found.append((self.quadratic.gap(W), nth(C, self.quadratic.d), nth(C, 1)))
        return np.array(found).T

    def left(self, eta, seed):
        """lo/sigma_d and br of a step size."""
        (g_0, sigma_d, norm_C), c = self.at_start[:, seed], self.configuration.output
        t_min, t_max = self.quadratic.spectrum
        mu = (largest(self.quadratic.best) + sqrt(2 * g_0 / t_min)) / c
        beta = (mu + sqrt(mu**2 + 4 * (norm_C + eta * g_0) ** 2)) / 2
        r = eta * c * sqrt(2 * t_max * g_0)
        return 1 - eta * g_0 / sigma_d, 1 - r - 4 * eta * c**2 * t_max * beta * (1 + r) ** 2

    @cached_property
    def eta(self):
        """By seed: the first of a falling sequence that leaves 0.9 of both."""
        found = []
        c, (_, t_max) = self.configuration.output, self.quadratic.spectrum
        for seed, W in enumerate(self.starts):
            g_0, _, norm_C = self.at_start[:, seed]
            mu = (largest(self.quadratic.best) + sqrt(2 * g_0 / self.quadratic.spectrum[0])) / c
            size = max(mu, norm_C, largest(W.numpy()) ** 2)
            eta = 1 / (c * sqrt(2 * t_max * g_0) + 4 * c**2 * t_max * size)
            while min(self.left(eta, seed)) < 0.9:
                eta /= 1.3
            found.append(self.configuration.step * eta)
        return np.array(found)

    @property
    def t(self):
        return looked_at(self.configuration.steps, self.configuration.points)

    def ways(self, eta):
        steps = self.configuration.steps
        pairs = zip(self.starts, eta, strict=True)
        return [descend(W, float(e), steps, self.quadratic.loss) for W, e in pairs]

    @cached_property
    def descents(self):
        return self.ways(self.eta)

    @cached_property
    def steady(self):
        """Step sizes of which no theorem speaks."""
        c, v = self.configuration, float(self.v.abs().max())
        best = largest(self.quadratic.best)
        sizes = [max(largest(W.numpy()) ** 2, best / v) for W in self.starts]
        t_max = self.quadratic.spectrum[1]
        return np.array([c.step / (16 * v**2 * t_max * size) for size in sizes])

    def over(self, ways, value):
        """(points, seeds, ...)"""
        return np.array([[value(way[t]) for way in ways] for t in self.t])

    def moment(self, W, sign):
        rows = W[: self.up] if sign > 0 else W[self.up :]
        return (rows.T @ rows).numpy()

    def C(self, W):
        return (W[: self.up] @ W[self.up :].T).numpy()

    # --- smooth networks ---

    @cached_property
    def phi(self):
        return activated(self.configuration.activation, self.configuration.leak)

    @property
    def B_2(self):
        c = self.configuration
        return B_2.get(c.activation, (1 - c.leak) / 4)

    def ell(self, X):
        return self.B_2 * float(self.v.abs().max()) * largest(X) * max(map(np.linalg.norm, X))

    @cached_property
    def planted(self):
        c, d = self.configuration, self.quadratic.d
        drawn = numpy_generator("planted", self.salt).standard_normal(
            (c.seeds, c.positive + c.negative, d)
        )
        return [torch.tensor(W) for W in drawn]

    def directions(self, purpose, X):
        """Unit directions, by seed; singular vectors have a sign that is free."""
        c = self.configuration
        shape = (c.seeds, *self.planted[0].shape)
        if c.direction == "random":
            drawn = numpy_generator(purpose, self.salt).standard_normal(shape)
            return [torch.tensor(u / np.linalg.norm(u)) for u in drawn]
        raise NotImplementedError(c.direction)

    @cached_property
    def near(self):
        """By seed: W_0 near the planted network, and what a certificate needs there."""
        c, X = self.configuration, self.quadratic.X
        found = []
        for W, u in zip(self.planted, self.directions("direction", X), strict=True):
            y = outputs(W, self.v, X, self.phi)
            low, high = -9.0, 3.0
            for _ in range(60):  # the distance, on a logarithmic scale
                middle = (low + high) / 2
                at = self.known(W + 10**middle * u, y)
                used = 2 * at["ell"] * at["e_0"] / (c.q * at["kappa"] ** 2)
                low, high = (middle, high) if used < c.reach else (low, middle)
            found.append(
                (W + 10**low * u, y, self.known(W + 10**low * u, y) | {"distance": 10**low})
            )
        return found

    def known(self, W, y):
        X = self.quadratic.X
        f = outputs(W, self.v, X, self.phi)
        J = jacobian(W, self.v, X, self.phi)
        e_0 = float((f - y).norm())
        return {"kappa": nth(J, len(X)), "b": largest(J), "e_0": e_0, "f_0": float(f.norm()),
                "ell": self.ell(X.numpy()), "L_0": e_0**2 / (2 * len(X))}  # fmt: skip

    @cached_property
    def certificates(self):
        """By seed: W_0, y, what is known, and the step size at which the premise is an equality."""
        c, found = self.configuration, []
        for W, y, at in self.near:
            disc = at["kappa"] ** 2 - 2 * at["ell"] * at["e_0"] / c.q
            R = (at["kappa"] - sqrt(disc)) / at["ell"]
            slope = (at["b"] + at["ell"] * R) ** 2 / 2 + at["ell"] * at["e_0"] / 2
            found.append((W, y, at | {"eta": c.step * (1 - c.q) / slope}))
        return found

    @cached_property
    def runs(self):
        """By seed: outputs of all iterates, and the weights."""
        c, X, found = self.configuration, self.quadratic.X, []
        for W, y, at in self.certificates:

            def loss(W, y=y):
                return ((outputs(W, self.v, X, self.phi) - y) ** 2).sum() / 2

            found.append(descend(W, at["eta"], c.steps, loss))
        return found

    @cached_property
    def wide(self):
        """Trials with inputs of their own: lambda_min at both ends, and errors of all steps."""
        c = self.configuration
        n, d = self.quadratic.n, self.quadratic.d
        k = c.positive + c.negative
        rng = numpy_generator("wide", self.salt)
        X = rng.standard_normal((c.trials, n, d))
        W = c.init_scale * rng.standard_normal((c.trials, k, d)) / sqrt(d)
        y = c.target_scale * rng.standard_normal((c.trials, n))
        X, W, y = map(torch.tensor, (X, W, y))
        v_sq, u = float(self.v @ self.v), sqrt(2 * log(1 / c.delta))
        top = v_sq * (sqrt(d) + sqrt(n) + u) ** 2
        low = self.least_slope**2 * v_sq * (sqrt(d) - sqrt(n) - u) ** 2
        starts = [outputs(W[i], self.v, X[i], self.phi) - y[i] for i in range(c.trials)]
        rest = max(self.ell(X[i].numpy()) * float(starts[i].norm()) for i in range(c.trials))
        eta = c.step / (top + rest)
        rate = 1 - eta * low * (2 - eta * top - eta * rest) / 2
        kernel, below = [], []
        for i in range(c.trials):

            def loss(V, i=i):
                return ((outputs(V, self.v, X[i], self.phi) - y[i]) ** 2).sum() / 2

            way = descend(W[i], eta, c.steps, loss)
            errors = [float((2 * loss(V)).sqrt()) for V in way]
            J = [nth(jacobian(V, self.v, X[i], self.phi), n) ** 2 for V in (way[0], way[-1])]
            kernel.append(min(J) >= low)
            below.append(all(e <= rate**t * errors[0] * (1 + 1e-9) for t, e in enumerate(errors)))
        return {"eta": eta, "rest": rest, "v_sq": v_sq, "kernel": kernel, "below": below}

    @property
    def least_slope(self):
        return {"leaky": self.configuration.leak, "linear": 1.0}.get(
            self.configuration.activation, 0.0
        )
