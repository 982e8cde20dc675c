"""Ridge regression by hand: loops, explicit inverses, bisection, autograd."""

# ruff: noqa: E741, E743 - l is the field's name of an eigenvalue

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
import torch
from scipy.optimize import brentq

from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem


def fixed_point(n, lam, l):
    """kappa by bisection between where g = 1 and a point beyond; and the lam of the former."""

    def g(k):
        return sum(x * x / (x + k) ** 2 for x in l) / n

    def psi(k):
        return n * k - sum(x * k / (x + k) for x in l)

    low = -min(l) * (1 - 1e-9)
    edge = brentq(lambda k: g(k) - 1, low, sum(l), xtol=1e-16, rtol=1e-15)
    top = (sum(l) + abs(lam)) / n + 1
    kappa = brentq(lambda k: psi(k) - lam, edge, top, xtol=1e-16, rtol=1e-15)
    return kappa, g(kappa), psi(edge)


def forms(X, lam, l):
    """A^-1, and M = I - X^T A^-1 X."""
    inverse = np.linalg.inv(X @ X.T + lam * np.eye(len(X)))
    return inverse, np.eye(len(l)) - X.T @ inverse @ X


def variance(X, lam, l):
    inverse, _ = forms(X, lam, l)
    return np.trace(inverse @ X @ np.diag(l) @ X.T @ inverse)


def bias(X, lam, l, theta):
    error = forms(X, lam, l)[1] @ theta
    return error @ np.diag(l) @ error


def mean_bias(X, lam, l, squares):
    _, M = forms(X, lam, l)
    return sum(s * (M[:, j] ** 2 @ l) for j, s in enumerate(squares))


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What the oracles start from."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("ridge overfitting", purpose, self.salt)

    @property
    def n(self):
        return self.configuration.samples

    # --- the population ---------------------------------------------------------------------------

    @cached_property
    def of_data(self):
        """l, rows z and target of the quadratic features: monomials one by one, then eigh."""
        c = self.configuration
        problem = load_problem(c.population, samples=10**9, at_most=True,
                               rng=numpy_generator("data", self.salt))  # fmt: skip
        X = problem.X - problem.X.mean(0)
        d, U = np.linalg.eigh(X.T @ X)
        scores = X @ U[:, ::-1][:, : c.features] / np.sqrt(d[::-1][: c.features] / len(X))
        columns = [*scores.T]
        for i in range(c.features):
            columns += [scores[:, i] * scores[:, j] for j in range(i, c.features)]
        F = np.array(columns).T
        d, U = np.linalg.eigh(F.T @ F / len(F))
        d, U = d[::-1], U[:, ::-1]
        kept = d > 1e-15 * d[0]
        Z = F @ U[:, kept] / np.sqrt(d[kept])
        labels = np.array([(z * problem.y).mean() for z in Z.T]) / np.sqrt(d[kept])
        return d[kept], Z, labels

    @cached_property
    def l(self):
        c = self.configuration
        if c.population == "spiked":
            return np.array(sorted([1.0] * c.heads + [c.tail] * (c.dimension - c.heads))[::-1])
        if c.population == "power":
            return np.array([i**-c.decay for i in range(1, c.dimension + 1)])
        return np.ones(c.dimension) if c.population == "flat" else self.of_data[0]

    @property
    def p(self):
        return len(self.l)

    @property
    def k(self):
        return self.configuration.heads

    @cached_property
    def theta(self):
        c = self.configuration
        if c.target == "labels":
            theta = self.of_data[2]
        else:
            signs = self.rng("signs").choice([-1.0, 1.0], self.p)
            shape = {
                "head": [1 / sqrt(x) if i < self.k else 0.0 for i, x in enumerate(self.l)],
                "even": [1.0] * self.p,
                "tail": [float(i >= self.k) for i in range(self.p)],
            }[c.target]
            theta = signs * shape
        return theta * sqrt(c.energy / sum(self.l * theta**2))

    def coordinates(self, rng, shape):
        law = self.configuration.coordinates
        if law == "gaussian":
            return rng.standard_normal(shape)
        if law == "uniform":
            return rng.uniform(-sqrt(3), sqrt(3), shape)
        return rng.choice(np.array([-1.0, 1.0]), shape)

    @property
    def excess(self):
        if self.configuration.population in ("spiked", "power", "flat"):
            kurtosis = {"gaussian": 3.0, "uniform": 9 / 5, "rademacher": 1.0}
            return abs(kurtosis[self.configuration.coordinates] - 3)
        return max(abs((z**4).mean() - 3) for z in self.of_data[1].T)

    @cached_property
    def edge(self):
        return fixed_point(self.n, 1.0, self.l)[2]

    @property
    def lam(self):
        ridge = self.configuration.ridge
        return ridge * sum(self.l) if ridge >= 0 else -ridge * self.edge

    # --- designs ----------------------------------------------------------------------------------

    def drawn(self, purpose, count):
        if self.configuration.population in ("spiked", "power", "flat"):
            return self.coordinates(self.rng(purpose), (count, self.n, self.p))
        Z = self.of_data[1]
        return Z[self.rng(purpose).integers(len(Z), size=(count, self.n))]

    @cached_property
    def designs(self):
        """(Z, X, lam, A) of each."""
        found = []
        for Z in self.drawn("designs", self.configuration.designs):
            X = Z * np.sqrt(self.l)
            ridge = self.configuration.ridge
            least = np.linalg.svd(X, compute_uv=False)[-1] ** 2
            lam = ridge * sum(self.l) if ridge >= 0 else ridge * least
            found.append((Z, X, lam, X @ X.T + lam * np.eye(self.n)))
        return found

    def each(self, function):
        return np.array([function(*design) for design in self.designs])

    def a_min(self, Z, X, lam, A):
        return np.linalg.eigvalsh(A)[0]

    def lost(self, Z, X, lam, A):
        """Rounding allowed: 1e-5 of the condition number."""
        return 1e-5 * np.linalg.cond(A)

    @property
    def ks(self):
        powers = [2**i for i in range(20) if 2**i <= self.n]
        return np.array(sorted({0, self.k, *powers} & set(range(self.p))))

    def parts(self, Z, X, lam, A, k):
        """Of the certificate for a head of k directions."""
        l, theta = self.l, self.theta
        X_1 = X[:, k:]
        d = np.linalg.eigvalsh(X_1 @ X_1.T + lam * np.eye(self.n))
        P = (
            np.linalg.inv(np.diag(1 / l[:k]) + Z[:, :k].T @ Z[:, :k] / d[-1])
            if k
            else np.zeros((0, 0))
        )
        v, r = theta[:k] / np.sqrt(l[:k]), X_1 @ theta[k:]
        inner = np.linalg.inv(X_1 @ X_1.T + lam * np.eye(self.n))
        V = [l[i] * (np.linalg.solve(A, X[:, i]) ** 2).sum() for i in range(self.p)]
        error = forms(X, lam, l)[1] @ theta
        B = l * error**2
        good = d[0] > 0  # else there is no certificate
        return {
            "m_low": d[0], "m_high": d[-1], "P": np.linalg.eigvalsh(P).max(initial=0.0) * good,
            "T": np.trace(P) / d[-1] * good, "w": sqrt(v @ P @ v) * good,
            "xi": sqrt(r @ inner @ r if good else 0.0),
            "tail_trace": np.trace(X_1 @ np.diag(l[k:]) @ X_1.T),
            "norm_1": sqrt(sum(l[k:] * theta[k:] ** 2)), "L": l[k], "lam": lam, "k": k,
            "S1": sum(l[k:]), "S2": sum(l[k:] ** 2), "S4": sum(l[k:] ** 4),
            "theta_0": sqrt(sum(theta[:k] ** 2 / l[:k])),
            "variance_head": sum(V[:k]), "variance_tail": sum(V[k:]), "variance": sum(V),
            "bias_head": sum(B[:k]), "bias_tail": sum(B[k:]), "bias": sum(B),
        }  # fmt: skip

    @cached_property
    def table(self):
        """Certificates by name, (designs, heads)."""
        rows = [[self.parts(*design, int(k)) for k in self.ks] for design in self.designs]
        return {
            name: np.array([[each[name] for each in row] for row in rows]) for name in rows[0][0]
        }

    def derivative(self, Z, X, lam, A):
        """d(B + s2 V)/dlam by autograd."""
        X, l, theta = map(torch.tensor, (X, self.l, self.theta))
        ridge = torch.tensor(float(lam), dtype=torch.float64, requires_grad=True)
        W = torch.linalg.solve(X @ X.T + ridge * torch.eye(self.n, dtype=torch.float64), X)
        error = theta - W.T @ (X @ theta)
        risk = (l * error**2).sum() + self.configuration.noise * (l * W**2).sum()
        risk.backward()
        return float(ridge.grad)

    # --- bounds for Gaussian rows -----------------------------------------------------------------

    @cached_property
    def risks(self):
        X = self.drawn("trials", self.configuration.trials) * np.sqrt(self.l)
        return np.array([(variance(x, self.lam, self.l), bias(x, self.lam, self.l, self.theta))
                         for x in X]).T  # fmt: skip

    def allowed(self, of, k=None):
        """(RO.9), (RO.10); nan out of their regime."""
        l, theta, n, t = self.l, self.theta, self.n, self.configuration.room
        k = self.k if k is None else k
        tail = l[k:]
        L, S1, S2, S4 = max(tail), *(sum(tail**i) for i in (1, 2, 4))
        deep = 1 + (sqrt(n) + t) ** 2 < S1 / L and sqrt(n) > sqrt(k) + t
        if self.excess or self.lam < 0 or not deep:
            return float("nan")
        low = max(0, sqrt(S1 - L) - sqrt(n * L) - t * sqrt(L)) ** 2 + self.lam
        high = (sqrt(S1) + sqrt(n * L) + t * sqrt(L)) ** 2 + self.lam
        s = max(0, sqrt(n) - sqrt(k) - t) ** 2
        if of == "variance":
            head = sum(1 / (s + high / x) for x in l[:k])
            return high / low * head + (n * S2 + sqrt(2 * n * S4) * t + L**2 * t**2) / low**2
        norm = sqrt(sum(tail * theta[k:] ** 2))
        xi = min(norm * (sqrt(n) + t) / sqrt(low), sqrt(sum(theta[k:] ** 2)))
        w = sqrt(sum(a * a / (1 + x * s / high) for a, x in zip(theta[:k], l[:k], strict=True)))
        P = 1 / (1 / l[0] + s / high) if k else 0.0
        return P * (w + xi) ** 2 + (norm + sqrt(L) * (xi + w)) ** 2

    # --- limits -----------------------------------------------------------------------------------

    @cached_property
    def levels(self):
        """(value, count, energy) of the different eigenvalues at the smallest size."""
        c = self.configuration
        p = round(c.dimension * c.smallest / c.samples)
        k = max(1, round(c.heads * c.smallest / c.samples))
        if c.population == "spiked":
            pairs = [(1.0, k), (c.tail, p - k)]
        elif c.population == "power":
            extra = p % 12
            pairs = [((j + 1) ** -c.decay, p // 12 + (j < extra)) for j in range(12)]
        else:
            pairs = [(1.0, p)]
        values = [v for v, count in pairs for _ in range(count)]
        weights = {
            "head": [1.0 * (i < k) for i in range(p)],
            "even": values,
            "tail": [v * (i >= k) for i, v in enumerate(values)],
        }[c.target]
        found, at = [], 0
        for value, count in pairs:
            found.append((value, count, c.energy * sum(weights[at : at + count]) / sum(weights)))
            at += count
        return found

    def proportional(self, ridge):
        """Values, gamma, energies, kappa, lam/n, f, lam_c/n."""
        c = self.configuration
        values, counts, energies = (np.array(x) for x in zip(*self.levels, strict=True))
        l = np.repeat(values, counts)
        lowest, f = fixed_point(c.smallest, 1.0, l)[2] / c.smallest, 0.0
        lam = ridge * sum(l) / c.smallest if ridge >= 0 else -ridge * lowest
        f = max(-ridge, 0.0)
        kappa = fixed_point(c.smallest, c.smallest * lam, l)[0]
        return {"J": len(values), "e": values, "gamma": counts / c.smallest, "E": energies,
                "kappa": kappa, "ridge": lam, "f": f, "lowest": lowest}  # fmt: skip

    def at_size(self, factor):
        """Eigenvalues and squares of theta at a multiple of the smallest size."""
        l = np.array([v for v, count, _ in self.levels for _ in range(count * factor)])
        squares = [
            e / (v * count * factor) for v, count, e in self.levels for _ in range(count * factor)
        ]
        return l, np.array(squares)

    @cached_property
    def limits(self):
        """V and B, (sizes, copies) each."""
        c, rng, problem = (
            self.configuration,
            self.rng("limits"),
            self.proportional(self.configuration.ridge),
        )
        V, B = [], []
        for factor in (1, 2, 4):
            n, (l, squares), kept = c.smallest * factor, self.at_size(factor), []
            lam = n * problem["ridge"]
            while len(kept) < c.copies:
                for Z in self.coordinates(rng, (c.copies, n, len(l))):
                    X = Z * np.sqrt(l)
                    least = np.linalg.eigvalsh(X @ X.T)[0] + lam
                    if c.ridge >= 0 or least >= (1 + c.ridge) * abs(n * problem["lowest"]) / 2:
                        kept.append(X)
            V.append([variance(X, lam, l) for X in kept[: c.copies]])
            B.append([mean_bias(X, lam, l, squares) for X in kept[: c.copies]])
        return np.array(V), np.array(B)

    @cached_property
    def critical(self):
        """s2(X), (sizes, copies)."""
        c, rng, rows = self.configuration, self.rng("boundary"), []
        for factor in (1, 2, 4):
            n, (l, squares) = c.smallest * factor, self.at_size(factor)
            row = []
            for Z in self.coordinates(rng, (c.copies, n, len(l))):
                pull, fall = pulled(Z * np.sqrt(l), 0.0, l, np.sqrt(squares))
                row.append(pull / fall)
            rows.append(row)
        return np.array(rows)

    # --- the limit itself -------------------------------------------------------------------------

    @cached_property
    def forms(self):
        """(lam, kappa, g) at the ridges that are looked at, where kappa > 0."""
        ridges = list(dict.fromkeys([self.configuration.ridge, -0.9, -0.4, 0.0, 0.1, 1.0]))
        lams = [r * sum(self.l) if r >= 0 else -r * self.edge for r in ridges]
        return [(lam, *fixed_point(self.n, lam, self.l)[:2]) for lam in lams]

    def limit_of_risk(self, lam, s2):
        kappa, g, _ = fixed_point(self.n, lam, self.l)
        left = kappa**2 * sum(self.l * self.theta**2 / (self.l + kappa) ** 2)
        return (left + s2 * g) / (1 - g)

    @cached_property
    def critical_noise(self):
        """s2_c, sum by sum."""
        kappa, g, _ = fixed_point(self.n, 0.0, self.l)
        up = sum(x**2 * a**2 / (x + kappa) ** 3 for x, a in zip(self.l, self.theta, strict=True))
        down = sum(x**2 / (x + kappa) ** 3 for x in self.l)
        left = kappa**2 * sum(self.l * self.theta**2 / (self.l + kappa) ** 2)
        return self.n * kappa * (1 - g) * up / down - left

    # --- sweeps -----------------------------------------------------------------------------------

    @cached_property
    def swept(self):
        """By tail: n and eigenvalues of every size, and V (sizes, sweeps)."""
        c, rng = self.configuration, self.rng("sweeps")
        many = {"benign": lambda n: round(n**1.5), "tempered": lambda n: 3 * n,
                "catastrophic": lambda n: n}  # fmt: skip
        found = {tail: ([], []) for tail in many}
        for n in [n for n in (c.first * 2**i for i in range(20)) if n <= c.last]:
            for tail, (sizes, V) in found.items():
                l = np.array([1.0] * round(sqrt(n)) + [0.1 / n] * many[tail](n))
                sizes.append((n, l))
                draws = [self.coordinates(rng, (n, len(l))) for _ in range(c.sweeps)]
                V.append([variance(Z * np.sqrt(l), 0.0, l) for Z in draws])
        return found

    @cached_property
    def sweeps(self):
        """Slopes by tail, (sweeps,)."""
        return {tail: np.polyfit(np.log([n for n, _ in sizes]), np.log(V), 1)[0]
                for tail, (sizes, V) in self.swept.items()}  # fmt: skip


def pulled(X, lam, l, theta):
    """delta^T Sigma X^T A^-2 X theta, tr(X Sigma X^T A^-3)."""
    inverse, M = forms(X, lam, l)
    S = np.diag(l)
    pull = (M @ theta) @ S @ X.T @ inverse @ inverse @ X @ theta
    return pull, np.trace(X @ S @ X.T @ inverse @ inverse @ inverse)
