"""What the oracles of feedback alignment compute from: problem, networks, certificates, by hand."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, inf, sqrt

import numpy as np

from tests.oracles import OnAProblem
from tests.theorems.feedback_alignment import by_hand

norm = np.linalg.norm


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """The problem and the networks, by hand; every purpose has networks of its own."""

    purpose: str = "trial"

    @cached_property
    def rotated(self):
        """X and y; of k principal components those of the problem that has the same solutions."""
        X, y, k = self.problem.X, self.problem.y, self.configuration.components
        if k is None:
            return X, y
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        found = [(v, abs(y @ X @ u)) for v, u in zip(values, vectors.T, strict=True)][: -k - 1 : -1]
        sizes = [1.0 if self.configuration.whiten else sqrt(v) for v, _ in found]
        return np.diag(sizes), np.array([c / len(X) / sqrt(v) for v, c in found])

    @property
    def X(self):
        return self.rotated[0]

    @property
    def y(self):
        return self.rotated[1]

    @cached_property
    def eigenvalues(self):
        """The nonzero ones of X X^T, increasing."""
        return [v for v in np.linalg.eigvalsh(self.X @ self.X.T) if v > 1e-10]

    @property
    def norm_X(self):
        return sqrt(self.eigenvalues[-1])

    @property
    def mu(self):
        return self.eigenvalues[0]

    @property
    def eta(self):
        return self.configuration.step / self.eigenvalues[-1]

    @cached_property
    def theta(self):
        """The least solution of X theta = y."""
        return np.linalg.lstsq(self.X, self.y, rcond=1e-8)[0]

    def inside(self, e):
        """The part in the range of X."""
        return self.X @ np.linalg.lstsq(self.X, e, rcond=1e-8)[0]

    @property
    def back(self):
        return self.configuration.rule == "backpropagation"

    @property
    def t_a(self):
        c = self.configuration
        return sqrt(c.width) / (3 * c.decay * norm(self.theta)) if c.decay else inf

    @cached_property
    def nets(self):
        c = self.configuration
        return [by_hand.drawn(self.X, self.y, f"{self.salt}/{self.purpose} {i}", c.width, c)
                for i in range(c.trials)]  # fmt: skip

    @cached_property
    def paths(self):
        c = self.configuration
        return [net.train(self.eta, c.decay, c.steps, self.back) for net in self.nets]

    @cached_property
    def short(self):
        return [path[:41] for path in self.paths]

    def moved(self, paths):
        """How far the weights that carry the error back move."""
        if not self.back:
            return 0.0
        return max(abs(net.beta - path[0].beta).max() for path in paths for net in path)

    # --- starts ---

    def start(self, net):
        """The numbers of one network, for linear ones."""
        b, m, s = net.b, net.m, net.W.T @ net.b
        off = net.W - np.outer(b, s) / (b @ b)
        spectrum = np.linalg.eigvalsh(off.T @ off)
        return {
            "e_0": norm(self.inside(net.e)), "B2": sum(b**2), "overlap": sum(b * net.beta),
            "s_0": norm(s) / sum(b**2), "low": max(spectrum[0], 0.0) / m, "high": spectrum[-1] / m,
            "beta_p": norm(net.beta - b * (b @ net.beta) / (b @ b)), "W_p": sqrt(spectrum[-1]),
            "W_p_theta": norm(off @ self.theta),
        }  # fmt: skip

    def radius(self, at, a):
        """R, how far the first layer moves along b."""
        return self.norm_X * at["e_0"] / (sqrt(self.configuration.width) * a * self.mu)

    def least(self, at, a):
        """The least that <b, beta> ever is."""
        B2, s, m = at["B2"], at["s_0"], self.configuration.width
        shrunk = max(0.0, s - self.radius(at, a)) ** 2
        lost = B2 * self.eta * at["e_0"] ** 2 / (2 * m * a)
        return at["overlap"] + B2 / 2 * (shrunk - s**2) - lost

    def certifies(self, at, a):
        """Whether a is a certificate of the start."""
        m, eta, B2, s = self.configuration.width, self.eta, at["B2"], at["s_0"]
        if a < 1e-100:  # there may be none
            return False
        R = self.radius(at, a)
        most = at["high"] + at["overlap"] / m + B2 / m * (1.5 * (s + R) ** 2 - s**2 / 2)
        return at["low"] + self.least(at, a) / m >= a and eta * self.norm_X**2 * most <= 1

    def lasts(self, at, a, steps):
        """Whether a is a certificate of so many steps with decay, level by level."""
        c, eta, B2, s = self.configuration, self.eta, at["B2"], at["s_0"]
        rate = 1 - eta * (c.decay + a * self.mu)
        if a < 1e-100 or rate < 0:
            return False
        level, S, squares = at["e_0"], 0.0, 0.0
        for _ in range(steps):
            ds = eta * self.norm_X / sqrt(c.width) * level
            S, squares = S + ds, squares + ds**2
            level = rate * level + eta * c.decay * norm(self.inside(self.y))
        moved = (s + S) ** 2 - max(0.0, s - S) ** 2
        least = min(0.0, at["overlap"]) - B2 / 2 * (moved + squares)
        most = max(0.0, at["overlap"]) + B2 * (s + S) ** 2 + B2 / 2 * moved
        most = c.decay + self.norm_X**2 * (at["high"] + most / c.width)
        return at["low"] + least / c.width >= a and eta * most <= 1

    def best(self, at, allowed, certifies=None):
        """The largest of 100 rates that certifies, else the 51st."""
        most = max(at["low"] + at["overlap"] / self.configuration.width, 1e-300)
        rates = [most * (1 + i * 99 / 99) / 100 for i in range(100)]
        good = [a for a in rates if allowed and (certifies or self.certifies)(at, a)]
        return max(good) if good else rates[50]

    @property
    def linear(self):
        c = self.configuration
        return c.activation == "linear" and c.rule == "feedback"

    @cached_property
    def starts(self):
        found = []
        for net in self.nets:
            at = self.start(net)
            found.append({**at, "a": self.best(at, self.linear and self.configuration.decay == 0)})
        return found

    @lru_cache  # noqa: B019
    def relu_certificate(self, net):
        """The numbers of one network, for ReLU ones, and whether their rate is a certificate."""
        X, Psi, b, beta, m = self.X, net.Psi, net.b, net.beta, net.m
        D = [np.diag([net.slope(w @ x) for x in X]) for w in net.W]
        G = X @ X.T
        T = [sum(b[r] * Psi[i, r] * D[r] @ G @ D[r] for r in range(m)) / m**1.5
             for i in range(len(X))]  # fmt: skip
        singular = np.linalg.svd(Psi, compute_uv=False)
        at = {
            "e_0": norm(net.e), "B2": b @ b,
            "sigma_min": singular[-1] if m >= len(X) else 0.0, "sigma_max": singular[0],
            "norm_H": norm(sum(b[r] * beta[r] * D[r] @ G @ D[r] for r in range(m)) / m, 2),
            "norm_T": norm(np.hstack(T), 2),
        }  # fmt: skip

        def flips(a):
            rho, nu = at["e_0"] / a, np.zeros(len(X))
            for i, x in enumerate(X):
                for r in range(m):
                    if abs(net.W[r] @ x) <= abs(b[r]) * self.norm_X * rho * norm(x) / sqrt(m):
                        nu[i] += abs(b[r] * beta[r]) + abs(b[r]) * norm(Psi[:, r]) * rho / sqrt(m)
            nu /= m
            return norm([[abs(x @ z) * (p + q) for z, q in zip(X, nu, strict=True)]
                         for x, p in zip(X, nu, strict=True)], 2)  # fmt: skip

        most = max(at["sigma_min"] ** 2 / m - at["norm_H"], 1e-300)
        rates = [most * (0.05 + i * 0.95 / 19) for i in range(20)]
        good = []
        for a in rates if most > 1e-100 else []:
            rho = at["e_0"] / a
            moved = self.norm_X**2 * sqrt(at["B2"]) * rho / m
            least = max(0.0, at["sigma_min"] / sqrt(m) - moved) ** 2 - at["norm_H"]
            least -= rho * at["norm_T"] + flips(a) + at["B2"] / m**2 * self.norm_X**4 * rho**2
            stable = self.eta * (at["sigma_max"] / sqrt(m) + moved) ** 2 <= 1
            good += [a] if least >= a and stable else []
        c = self.configuration
        allowed = c.activation == "relu" and not self.back and c.decay == 0
        a = max(good) if good and allowed else rates[10]
        return {**at, "a": a, "norm_F": flips(a)}, bool(good and allowed)

    def relu_start(self, net):
        return self.relu_certificate(net)[0]

    # --- flows ---

    @cached_property
    def times(self):
        c = self.configuration
        return [c.horizon / self.mu * i / c.points for i in range(c.points + 1)]

    @cached_property
    def flows(self):
        """||e_t|| of linear networks, (trials, times)."""
        decay = self.configuration.decay
        return np.array([[norm(self.inside(at.e)) for at in net.flow(self.times, decay)]
                         for net in self.nets])  # fmt: skip

    @cached_property
    def late(self):
        """Times at which alignment is looked at."""
        lam = self.configuration.decay
        if not lam:
            return [100 / self.mu * 10**p for p in (0, 0.5)]
        longest = (2 * (1 + lam / self.mu)) ** 1.5 * self.t_a
        return [max(100 * self.t_a, 30 / lam, longest) * 10**p for p in (0, 0.5, 1, 1.5, 2)]

    @property
    def early(self):
        """Times of the picture, in units of t_a, or of 1/mu without decay."""
        return [10 ** (i / 10 - 1) for i in range(31)]

    @cached_property
    def drawn_times(self):
        """Early and late, each once."""
        unit = self.t_a if self.configuration.decay else 1 / self.mu
        times = sorted([*(unit * x for x in self.early), *self.late])
        return [t for i, t in enumerate(times) if i == 0 or t > times[i - 1] * (1 + 1e-9)]

    @cached_property
    def flowing(self):
        """The networks at those times, by trial."""
        decay = self.configuration.decay
        return [net.flow([0.0, *self.drawn_times], decay)[1:] for net in self.nets]

    @property
    def aligned(self):
        count = len(self.late)
        return [path[-count:] for path in self.flowing]

    # --- decay that stops ---

    @cached_property
    def before(self):
        c = self.configuration
        return ceil(min(c.stop * self.t_a / self.eta, 20_000)) if c.decay else 0

    @cached_property
    def stopped(self):
        c = self.configuration
        ends = [net.train(self.eta, c.decay, self.before, self.back)[-1] for net in self.nets]
        return [net.train(self.eta, 0.0, c.steps, self.back) for net in ends]
