"""Single index models by hand: the draws, descent one number at a time, quadrature, flows."""

from dataclasses import dataclass
from functools import cached_property
from math import copysign, exp, log, pi, sin, sqrt, tanh
from typing import Any

import numpy as np
from mpmath import linspace, npdf, quad, sech
from scipy.integrate import simpson, solve_ivp
from scipy.stats import norm
from sklearn.datasets import load_diabetes, load_digits

from verify.judging.seeds import numpy_generator

LINKS = {
    "sine": lambda z: z + sin(z), "cubic": lambda z: z + z * z * z / 3, "relu": lambda z: max(z, 0),
    "tanh": lambda z: tanh(2 * z), "sign": lambda z: copysign(1.0, z),
    "tanh(x) + x/3": lambda z: tanh(z) + z / 3, "abs(z) - 1": lambda z: abs(z) - 1,
}  # fmt: skip
SLOPES = {
    "sine": 1 + exp(-0.5), "cubic": 2.0, "relu": 0.5, "sign": sqrt(2 / pi), "abs(z) - 1": 0.0,
    "tanh": float(quad(lambda x: 2 * sech(2 * x) ** 2 * npdf(x), linspace(-20, 20, 41))),
    "tanh(x) + x/3": 1 / 3 + float(quad(lambda x: sech(x) ** 2 * npdf(x), linspace(-20, 20, 41))),
}  # fmt: skip
"""E f'(Z)."""

NODES = np.linspace(-10, 10, 8001)
DENSITY = norm.pdf(NODES)


def descended(phi, eta, alpha, steps):
    """(w, v, product of 1 - (eta e)^2) after so many steps: numbers, or arrays of them."""
    w = v = alpha + 0 * phi
    kept = 1.0
    for _ in range(steps):
        e = phi - w**2 + v**2
        w, v, kept = w + eta * e * w, v - eta * e * v, kept * (1 - eta**2 * e**2)
    return w, v, kept


def gap(phi, eta, alpha, steps):
    w, v, _ = descended(phi, eta, alpha, steps)
    return w**2 - v**2


def flowed(phi, alpha, times):
    """b of the flow, (times, coordinates); of half the logarithm of w/v: b = 2 alpha^2 sinh 2 x."""
    found = solve_ivp(lambda _, x: phi - 2 * alpha**2 * np.sinh(2 * x), (0, times[-1]), 0 * phi,
                      t_eval=times, method="DOP853", rtol=1e-12, atol=1e-13)  # fmt: skip
    return 2 * alpha**2 * np.sinh(2 * found.y.T)


def mean_power(link, power):
    """E f(Z)^power."""
    return simpson(np.array([LINKS[link](z) for z in NODES]) ** power * DENSITY, x=NODES)


def shrunk(phi, lam):
    return phi - lam if phi > lam else phi + lam if phi < -lam else 0.0


def spectrum(Phi):
    values, Q = np.linalg.eigh(Phi)
    return values, Q


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Everything that is drawn, and what follows from it."""

    configuration: Any
    salt: str

    def rng(self, purpose):
        return numpy_generator("single index models", purpose, self.salt)

    @cached_property
    def beta(self):
        c = self.configuration
        sizes = [c.ratio ** (1 - i / max(1, c.support - 1)) for i in range(c.support)]
        b = [size * (-1) ** i for i, size in enumerate(sizes)] + [0] * (c.dimension - c.support)
        b = np.array(b)
        return b / sqrt(b @ self.covariance @ b)

    @cached_property
    def covariance(self):
        rho, p = self.configuration.correlation, range(self.p)
        return np.array([[rho ** abs(i - j) for j in p] for i in p])

    @cached_property
    def precision(self):
        return np.linalg.inv(self.covariance)

    def mixed(self, z):
        """x of independent z along the last axis: each input remembers the one before."""
        x, rho = z.copy(), self.configuration.correlation
        for j in range(1, self.p):
            x[..., j] = rho * x[..., j - 1] + sqrt(1 - rho**2) * z[..., j]
        return x

    def inputs(self, rng, shape):
        if self.configuration.inputs == "gaussian":
            return rng.standard_normal(shape)
        return rng.laplace(0, 1 / sqrt(2), shape)

    def score(self, x):
        """Minus the derivative of log exp(-x^2/2), or of log exp(-sqrt 2 |x|)."""
        return x if self.configuration.inputs == "gaussian" else np.where(x > 0, 1, -1) * 2**0.5

    def pareto(self, rng, shape):
        signs = rng.choice([-1.0, 1.0], shape)
        return signs / (1 - rng.random(shape)) ** (1 / self.configuration.tail)

    def noises(self, rng, shape):
        c = self.configuration
        if c.noise_law == "student":
            return rng.standard_t(c.tail, shape)
        return self.pareto(rng, shape) if c.noise_law == "heavy" else rng.standard_normal(shape)

    def response(self, u, noise, beside):
        c = self.configuration
        y = LINKS[c.link](u) + c.noise * noise * (abs(beside) if c.tied else 1)
        return y if c.tau is None else min(max(y, -c.tau), c.tau)

    def responses(self, purpose, samples):
        rng = self.rng(f"{purpose} {samples}")
        u, beside = rng.standard_normal(samples), rng.standard_normal(samples)
        noise = self.noises(rng, samples)
        y = np.array([self.response(*each) for each in zip(u, noise, beside, strict=True)])
        return u, y

    def statistics(self, u, y, direction, purpose):
        rows, rng = [], self.rng(purpose)
        x = self.inputs(rng, (self.configuration.draws, len(y), len(direction)))
        for data in x:
            fixed = [row + (z - row @ direction) * direction
                     for row, z in zip(data, u, strict=True)]  # fmt: skip
            rows.append(sum(t * self.score(x) for t, x in zip(y, fixed, strict=True)) / len(y))
        return np.array(rows)

    # --- vectors ---

    @cached_property
    def given(self):
        return self.responses("responses", self.configuration.samples)

    m = property(lambda it: np.dot(*it.given) / len(it.given[0]))
    size = property(lambda it: sqrt(np.mean(it.given[1] ** 2)))
    a = property(lambda it: it.size / sqrt(it.configuration.samples))
    eta = property(lambda it: it.configuration.step / it.size)
    s = property(lambda it: it.configuration.support)
    p = property(lambda it: it.configuration.dimension)
    z = property(lambda it: norm.ppf(1 - it.configuration.delta / (2 * (it.p - it.s))))
    lam = property(lambda it: it.a * it.z)

    @cached_property
    def Phi(self):
        if not self.configuration.correlation:
            return self.statistics(*self.given, self.beta, "inputs")
        # of z, whose direction is that of beta seen from z; then back to x
        mixing = self.mixed(np.eye(self.p))
        return self.statistics(*self.given, mixing @ self.beta, "inputs") @ np.linalg.inv(mixing).T

    def stop(self, eta, lam):
        """The last step at which alpha^2 (1 + eta lam)^(2 k) is at most epsilon."""
        k, c = 0, self.configuration
        while c.alpha**2 * (1 + eta * lam) ** (2 * k + 2) <= c.growth:
            k += 1
        return k

    stopped = property(lambda it: it.stop(it.eta, it.lam))

    @cached_property
    def steps(self):
        c, stop = self.configuration, self.stopped
        half = c.points // 2
        early = [int(stop * (0.1 + 0.9 * i / half)) for i in range(half)]
        most = int(c.beyond * max(stop, 1))
        late = [int(stop + (most - stop) * i / half) for i in range(half + 1)]
        return sorted({stop, *early, *late})

    @cached_property
    def errors(self):
        """(steps, draws)."""
        b = [gap(self.Phi, self.eta, self.configuration.alpha, k) for k in self.steps]
        return np.array([[sum((row - self.m * self.beta) ** 2) for row in each] for each in b])

    def moments(self, estimate, m=None, a=None):
        """off, off_4, on, on_var, missed of an estimate, coordinate by coordinate."""
        m, a = self.m if m is None else m, self.a if a is None else a

        def mean(values):
            return simpson(values * DENSITY, x=NODES)

        b = estimate(a * NODES)
        found = [mean(b**2), mean(b**4), 0.0, 0.0, 0.0]
        for entry in self.beta[: self.s]:
            phi = m * entry + a * sqrt(1 - entry**2) * NODES
            b = estimate(phi)
            error = (b - m * entry) ** 2
            found[2] += mean(error)
            found[3] += mean(error**2) - mean(error) ** 2
            found[4] += mean((b - phi) ** 2)
        return dict(zip(("off", "off_4", "on", "on_var", "missed"), found, strict=True))

    @cached_property
    def law(self):
        alpha = self.configuration.alpha
        rows = [self.moments(lambda phi, k=k: gap(phi, self.eta, alpha, k)) for k in self.steps]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def lacking(self, size, eta, stop):
        c = self.configuration
        if size <= c.alpha**2:
            return size + c.alpha**2
        odds = c.alpha**2 / (size - c.alpha**2) * (1 + 2 * eta * size) ** stop
        return size / (1 + odds) + c.alpha**2

    @cached_property
    def whole(self):
        """Data sets X, T of paths, Phi, the size of the responses."""
        c = self.configuration
        if c.data == "gaussian":
            return self.Phi[0], self.size
        if c.data.endswith(".csv"):
            *X, y = np.loadtxt(c.data, delimiter=",", skiprows=1).T
            X = np.array(X).T
        else:
            X, y = (load_diabetes if c.data == "diabetes" else load_digits)(return_X_y=True)
        X = X - X.mean(0)
        values, V = np.linalg.eigh(X.T @ X / len(X))
        order = [i for i in np.argsort(-values) if values[i] > 1e-15 * values.max()]
        V = V[:, order] * np.sign([v[np.abs(v).argmax()] for v in V[:, order].T])
        X = X @ V / np.sqrt(values[order])
        if c.data == "digits":
            T = np.array([[float(label == digit) for digit in range(10)] for label in y])
        else:
            T = y[:, None] / y.std()
        T = T - T.mean(0)
        return np.concatenate([t @ X / len(X) for t in T.T]), sqrt(np.mean(T**2))

    def typical(self, sizes):
        """The third quartile."""
        ordered = sorted(x for x in sizes if x > 0)
        at = 0.75 * (len(ordered) - 1)
        low = int(at)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (at - low) * (ordered[high] - ordered[low])

    def times(self, sizes):
        c = self.configuration
        last = log(max(10, 100 / c.alpha**2)) / (2 * self.typical(sizes))
        return np.linspace(0, last, c.points + 1)[1:]

    def checkpoints(self, eta, sizes):
        c = self.configuration
        size = self.typical(sizes)
        last = int(log(max(10, 100 / c.alpha**2)) / (2 * log(1 + eta * size)))
        end = max(last, c.points)
        return np.array(sorted({int(x) for x in np.linspace(1, end, c.points)}))

    # --- whole data sets ---

    @cached_property
    def fresh(self):
        """(Phi, m, a) of every draw."""
        c, rng = self.configuration, self.rng("fresh")
        x = self.inputs(rng, (c.draws, c.samples, c.dimension))
        x = self.mixed(x) if c.correlation else x
        noise = self.noises(rng, x.shape[:2])
        rows = []
        for data, e in zip(x, noise, strict=True):
            u = [row @ self.beta for row in data]
            y = np.array([self.response(*each) for each in zip(u, e, data[:, -1], strict=True)])
            rows.append(
                (self.precision @ self.score(data).T @ y / c.samples, y @ u / c.samples,
                 sqrt(y @ y) / c.samples)
            )  # fmt: skip
        return tuple(np.array(each) for each in zip(*rows, strict=True))

    # --- matrices ---

    @cached_property
    def B(self):
        c = self.configuration
        Q = np.linalg.qr(self.rng("directions").standard_normal((c.size, c.rank)))[0]
        B = sum((-1) ** i * np.outer(q, q) for i, q in enumerate(Q.T))
        return B / np.linalg.norm(B)

    def matrices(self, factor):
        """m, a, Phi (draws, d, d)."""
        c = self.configuration
        samples = factor * c.matrix_samples
        u, y = self.responses("responses to matrices", samples)
        rows = self.statistics(u, y, self.B.flatten(), f"matrices {factor}")
        Phi = np.array([(row + row.T) / 2 for row in rows.reshape(-1, c.size, c.size)])
        return u @ y / samples, np.linalg.norm(y) / samples, Phi

    def matrix_lam(self, a):
        c = self.configuration
        return a * (sqrt(2 * c.size) + sqrt(2 * log(2 / c.delta)))

    def matrix_errors(self, factor):
        """m, a, Phi, eta, stop, B_k by the eigenvalues of Phi."""
        c = self.configuration
        m, a, Phi = self.matrices(factor)
        eta = c.step / (a * sqrt(factor * c.matrix_samples))
        stop = self.stop(eta, self.matrix_lam(a))
        found = []
        for each in Phi:
            values, Q = spectrum(each)
            found.append(Q @ np.diag(gap(values, eta, c.alpha, stop)) @ Q.T)
        return m, a, Phi, eta, stop, np.array(found)

    # --- sweeps ---

    @cached_property
    def swept(self):
        """(sweeps, sizes, 2): median sizes of the noise, as they are and clipped; the sizes."""
        c, rng = self.configuration, self.rng("sweeps")
        sizes = [c.smallest]
        while 2 * sizes[-1] <= c.largest:
            sizes.append(2 * sizes[-1])
        tau = c.tau or 4.0
        rows = []
        for _ in range(c.sweeps):
            medians = []
            for n in sizes:
                u = rng.standard_normal((50, n))
                e = self.pareto(rng, (50, n))
                y = np.vectorize(LINKS[c.link], otypes=[float])(u) + c.noise * e
                both = (y, np.maximum(np.minimum(y, tau), -tau))
                medians.append([np.median([sqrt(row @ row) / n for row in x]) for x in both])
            rows.append(medians)
        return np.array(rows), sizes

    @cached_property
    def slopes(self):
        """(sweeps, 2), and the sizes."""
        rows, sizes = self.swept
        return np.array([np.polyfit(np.log(sizes), np.log(row), 1)[0] for row in rows]), sizes
