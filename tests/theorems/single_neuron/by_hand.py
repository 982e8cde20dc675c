"""One neuron by hand: the data row by row, descent by autograd, integrals by quadrature."""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
import sympy as sp
import torch
from scipy.integrate import quad
from scipy.linalg import inv, sqrtm
from scipy.optimize import minimize
from sklearn import datasets

from theory import claim
from verify.judging.seeds import numpy_generator


def relu(z):
    return z if z > 0 else 0.0


def noise(name, X, z, v, rng):
    """e of an adversary, row by row."""
    scale = sqrt(sum(s * s for s in z) / len(z))
    drawn = {"heavy": lambda: rng.standard_t(2.5, len(z)),
             "independent": lambda: rng.standard_normal(len(z))}  # fmt: skip
    if name in drawn:
        return drawn[name]()
    rows = {
        "decoy": lambda x, s: relu(x @ v),
        "difference": lambda x, s: relu(scale * (x @ v)) - relu(s),
        "sign": lambda x, s: 1.0 if x @ v > 0 else -1.0,
        "linear": lambda x, s: x @ v,
        "cone": lambda x, s: -2 * relu(s) if x @ v > sqrt(x @ x) / 2 else 0.0,
        "constant": lambda x, s: 1.0,
        "negative": lambda x, s: -abs(x @ v),
    }
    return np.array([rows[name](x, s) for x, s in zip(X, z, strict=True)])


def entries(law, rng, shape):
    draws = {"gaussian": rng.standard_normal, "laplace": lambda shape: rng.laplace(0, 1, shape),
             "uniform": lambda shape: rng.uniform(-1, 1, shape),
             "exponential": lambda shape: rng.exponential(1, shape) - 1}  # fmt: skip
    return draws[law](shape)


def white(X):
    """By the inverse of the square root of the moments, twice."""
    for _ in range(2):
        X = X @ inv(sqrtm(X.T @ X / len(X)).real)
    return X


def unit(rng, d):
    v = rng.standard_normal(d)
    return v / sqrt(v @ v)


def labels(name, X, star, v, rng, size, cut):
    z = X @ star
    e = noise(name, X, z, v, rng)
    e = np.array([value if s > 0 or not cut else 0.0 for value, s in zip(e, z, strict=True)])
    rms = sqrt(e @ e / len(e))
    e = e * (size / rms) if rms > 0 else e
    return np.array([relu(s) for s in z]) + e


def mean_loss(X, y, w):
    """F by torch, (S,) for w (S, d)."""
    return ((torch.relu(torch.tensor(X) @ w.T).T - torch.tensor(y)) ** 2).mean(1)


def slope_at(X, y, w):
    w = torch.tensor(w, requires_grad=True)
    (found,) = torch.autograd.grad(mean_loss(X, y, w).sum(), w)
    return found.numpy()


def descended(X, y, w, eta, steps):
    """All iterates, by torch.optim."""
    w = torch.tensor(w, requires_grad=True)
    optimiser, path = torch.optim.SGD([w], lr=eta), [w.detach().clone().numpy()]
    for _ in range(steps):
        optimiser.zero_grad()
        mean_loss(X, y, w).sum().backward()
        optimiser.step()
        path.append(w.detach().clone().numpy())
    return np.array(path)


def real(data, components):
    table = {"diabetes": datasets.load_diabetes, "wine": datasets.load_wine,
             "cancer": datasets.load_breast_cancer, "digits": datasets.load_digits}  # fmt: skip
    X = table[data](return_X_y=True)[0]
    X = X - X.mean(0)
    X = X / X.std(0) if data in ("wine", "cancer") else X
    values, V = np.linalg.eigh(X.T @ X / len(X))
    V = V[:, np.argsort(-values)[:components]]
    V = V * np.sign([v[np.abs(v).argmax()] for v in V.T])
    return X @ V / (X @ V).std(0)


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Everything that is drawn, and what follows from it."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("single neuron", purpose, self.salt)

    @cached_property
    def data(self):
        """X, y, w*."""
        c, rng = self.configuration, self.rng("data")
        known = c.data in ("gaussian", "laplace", "uniform", "exponential")
        X = entries(c.data, rng, (c.samples, c.dimension)) if known else real(c.data, c.dimension)
        X = white(X)
        X = X if c.unpaired else np.vstack([X, -X])
        star, v = c.norm * unit(rng, X.shape[1]), unit(rng, X.shape[1])
        y = labels(c.adversary, X, star, v, rng, sqrt(c.omega) * c.norm, c.cut)
        if c.comparator == "best":
            starts = np.array([star, self.mean(y, X)])
            ends = descended(X, y, starts, 0.5, 2000)[-1]
            star = min(ends, key=lambda w: float(mean_loss(X, y, torch.tensor(w[None]))[0]))
        return X, y, star

    X = property(lambda it: it.data[0])
    y = property(lambda it: it.data[1])
    star = property(lambda it: it.data[2])
    b = property(lambda it: sqrt(it.star @ it.star))
    e = property(lambda it: it.y - np.array([relu(z) for z in it.X @ it.star]))
    opt = property(lambda it: sum(it.e**2) / len(it.e))
    warm = property(lambda it: it.mean(it.y, it.X))

    @staticmethod
    def mean(y, X):
        return sum(2 * t * x for t, x in zip(y, X, strict=True)) / len(y)

    @cached_property
    def starts(self):
        c, d = self.configuration, len(self.star)
        away = c.away * self.b * unit(self.rng("start"), d)
        first = {"warm": self.warm, "behind": -c.behind * self.star, "random": self.star + away}
        rng = self.rng("starts")
        sizes = 1.5 * self.b * rng.random(c.starts)
        v = rng.standard_normal((c.starts, d))
        far = [s * row / sqrt(row @ row) for s, row in zip(sizes, v, strict=True)]
        return np.array([first[c.start], self.warm, -c.behind * self.star, *far])

    @cached_property
    def path(self):
        c = self.configuration
        return descended(self.X, self.y, self.starts, c.step, c.steps)

    @cached_property
    def steps(self):
        c = self.configuration
        ratio = (c.steps + 1) ** (1 / (c.points - 1))
        found = {int(ratio**i * (1 + 1e-13)) - 1 for i in range(c.points - 1)}
        return sorted({*found, c.steps})

    @cached_property
    def means(self):
        """By symbol, one number for every point."""
        d = len(self.star)
        points = [*self.path[self.steps].reshape(-1, d), np.zeros(d), self.star, -self.star]
        slopes, rows = slope_at(self.X, self.y, np.array(points)), []
        for w, slope in zip(points, slopes, strict=True):
            rows.append(self.at(w) | {"pull": slope @ (w - self.star), "size": w @ w})
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def at(self, w):
        total = dict.fromkeys(("Q", "I_w", "cross", "astray", "B", "noise", "both", "wrong",
                               "silent", "risk"), 0.0)  # fmt: skip
        for x, y, e in zip(self.X, self.y, self.e, strict=True):
            z, s = w @ x, self.star @ x
            gap, D = relu(z) - relu(s), z - s
            total["risk"] += (relu(z) - y) ** 2
            total["Q"] += gap**2
            if z > 0:
                total["I_w"] += gap * D
                total["noise"] += e * D
            if z > 0 and s > 0:
                total["both"] += D**2
            if z > 0 >= s:
                total["wrong"] += z**2 + 2 * abs(z * s)
            if s > 0 >= z:
                total["silent"] += s**2
            if (z > 0) is not (s > 0):
                total["cross"] += e * abs(s)
                total["astray"] += e**2
                total["B"] += s**2
        return {name: value / len(self.X) for name, value in total.items()}

    # --- the certificate ---

    def firing(self, rho):
        rows = [x for x in self.X if x @ self.star > rho * self.b * sqrt(x @ x)]
        moments = sum((np.outer(x, x) for x in rows), np.zeros((len(self.star),) * 2)) / len(self.X)
        return max(0.0, min(np.linalg.eigvalsh(moments)))

    def one_step(self, r, c):
        eta, noise = self.configuration.step, sqrt(2 * self.opt)
        return r**2 * (1 - 4 * eta * c) + 2 * eta * noise * r + eta**2 * (r + noise) ** 2

    r_0 = property(lambda it: sqrt(sum((it.starts[0] - it.star) ** 2)))

    @cached_property
    def certificate(self):
        """rho, c, whether they certify."""
        least = max(self.r_0 / self.b, 1e-12)
        eta = self.configuration.step
        for i in range(400):
            rho = least + i * (max(1.0, least) - least) / 399
            c = self.firing(rho)
            kept = self.one_step(rho * self.b, c) <= (rho * self.b) ** 2
            if kept and 1 - 4 * eta * c + eta**2 >= 0:
                return rho, c, True
        return least, self.firing(least), False

    @cached_property
    def radii(self):
        _, c, certified = self.certificate
        found = [self.r_0]
        for _ in range(self.configuration.steps):
            found.append(sqrt(max(0.0, self.one_step(found[-1], c))) if certified else self.r_0)
        return np.array(found)

    # --- rotation-invariant inputs ---

    def density(self, phi):
        return (1 + self.configuration.uneven * cos(4 * phi)) / (2 * pi)

    def integral(self, f, theta):
        """Of f(x) over the circle of radius sqrt 2, cut where a neuron starts to fire."""
        corners = [-pi, *sorted({-pi / 2, pi / 2, *(((theta + s * pi / 2 + pi) % (2 * pi)) - pi
                                                    for s in (-1, 1))}), pi]  # fmt: skip

        def weighted(phi):
            return f(sqrt(2) * np.array([cos(phi), sin(phi)])) * self.density(phi)

        pieces = pairwise(corners)
        return sum(quad(weighted, *piece, epsabs=1e-13, epsrel=1e-12)[0] for piece in pieces)


@cache
def formulas():
    """Least opt and largest risk of a stationary point, from the claims, as plain functions."""
    names = ("b", "omega", "r", "theta")
    found = [claim(f"neuron/{name}") for name in ("feasible", "stationary")]
    symbols = [found[1].variables[name].symbol for name in names]
    return [sp.lambdify(symbols, each.statement.bound, "math") for each in found]


def highest(omega, r, theta):
    """F/opt of the worst labels; below 0 where no labels make the point stationary."""
    lacks, risk = formulas()
    least = lacks(1.0, omega, r, theta)
    return risk(1.0, omega, r, theta) / omega if least <= omega else -least


def largest(omega):
    """(C, r, theta) by simplices from several starts; on the right angle by itself, too."""
    starts = [(1.0, 0.002), (1.0, 0.02), (1.0, 0.2), (0.7, 0.7), (0.4, 1.2)]

    def off(at):
        inside = at[0] > 0 and 0 <= at[1] <= pi / 2
        return -highest(omega, *at) if inside else 10.0

    tight = {"xatol": 1e-11, "fatol": 1e-15, "maxiter": 4000, "maxfev": 4000}
    found = [minimize(off, start, method="Nelder-Mead", options=tight) for start in starts]
    rows = [(-each.fun, *each.x) for each in found]
    edge = minimize(lambda r: off((r[0], pi / 2)), [0.32], method="Nelder-Mead", options=tight)
    return max([*rows, (-edge.fun, edge.x[0], pi / 2)])
