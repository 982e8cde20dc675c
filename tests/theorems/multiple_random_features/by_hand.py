"""Random features by hand: one neuron, one row and one draw at a time.

U by the angle of each pair, ridge by normal equations, risk by its definition for every unit
vector beta. The limit is in `by_hand_limit`.
"""

from dataclasses import dataclass
from functools import cached_property
from math import acos, inf, pi, sqrt

import numpy as np
from scipy.optimize import brentq

from tests.oracles import OnAProblem
from tests.theorems.multiple_random_features.by_hand_limit import fixed_point, risk_of_limit, root
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

BELOW = 1 / sqrt(2 * pi), 1 / 2, 1 / (2 * sqrt(pi))
"""Hermite coefficients of relu of degree 0, 1, 2."""

FORMS = {
    "relu": lambda x: max(x, 0.0),
    "absolute": abs,
    "linear": lambda x: x,
    "square": lambda x: (x * x - 1) / sqrt(2),
    "quadratic": lambda x: BELOW[0] + x / 2 + sqrt(1 / 4 - 1 / (2 * pi)) * (x * x - 1) / sqrt(2),
}
SERIES = {
    "relu": BELOW,
    "absolute": (2 * BELOW[0], 0.0, 2 * BELOW[2]),
    "linear": (0.0, 1.0, 0.0),
    "square": (0.0, 0.0, 1.0),
    "quadratic": (BELOW[0], 1 / 2, sqrt(1 / 4 - 1 / (2 * pi))),
}
SQUARES = {"relu": 1 / 2, "absolute": 1.0, "linear": 1.0, "square": 1.0, "quadratic": 1 / 2}
"""E sigma^2."""


def relus(cosine):
    """E relu(u) relu(v)."""
    angle = acos(min(1.0, max(-1.0, cosine)))
    return (sqrt(max(0.0, 1 - cosine**2)) + (pi - angle) * cosine) / (2 * pi)


def product(first, second, cosine):
    """E sigma(u) sigma'(v)."""
    up = {"relu": 1, "absolute": 2}
    if first in up and second in up:
        same, across = relus(cosine), relus(-cosine)
        return same if up[first] * up[second] == 1 else up[first] * up[second] / 2 * (same + across)
    return sum(x * y * cosine**k for k, (x, y) in enumerate(zip(SERIES[first], SERIES[second],
                                                                strict=True)))  # fmt: skip


def parsed(text):
    """Pairs of activation and scale."""
    words = [word.split("*") for word in text.split(",")]
    return [(word[-1], float(word[0]) if len(word) == 2 else 1.0) for word in words]


def moments(name, scale):
    """a and b of a type."""
    mean, linear, _ = SERIES[name]
    return scale**2 * linear**2, max(scale**2 * (SQUARES[name] - mean**2 - linear**2), 0.0)


def ridge(Z, lam):
    """(Z^T Z + lam I)^{-1} Z^T, (N, n); least squares of least norm for lam = 0."""
    return np.linalg.solve(Z.T @ Z + lam * np.eye(Z.shape[1]), Z.T) if lam else np.linalg.pinv(Z)


def exact(X, Z, U, V, m, lam):
    """Bias, variance and the part of a constant: the risk of each unit vector, label, and of 1."""
    (_, d), S = X.shape, ridge(Z, lam)
    bias = 0.0
    for beta in np.eye(d):
        w = S @ X @ beta
        bias += (w @ U @ w - 2 * w @ V @ beta + 1) / d
    variance = sum(S[:, i] @ U @ S[:, i] for i in range(len(X)))
    one = S.sum(1)
    return bias, variance, one @ U @ one - 2 * one @ m + 1


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """What the experiment draws, computed slowly."""

    def rng(self, *purpose):
        return numpy_generator("multiple random features", *purpose, self.salt)

    @cached_property
    def types(self):
        return parsed(self.configuration.types)

    @cached_property
    def counts(self):
        c = self.configuration
        return [max(1, round(float(x) * c.rows)) for x in c.features.split(",")]

    @cached_property
    def problem(self):
        c = self.configuration
        return load_problem(
            c.data, samples=c.samples, dimension=c.dimension, rescale=c.rescale,
            rng=numpy_generator("data", self.salt),
        )  # fmt: skip

    @property
    def K(self):
        return len(self.types)

    def of_types(self, which):
        return [moments(*each)[which] for each in self.types]

    @property
    def a(self):
        return self.of_types(0)

    @property
    def b(self):
        return self.of_types(1)

    @property
    def psi(self):
        return [count / self.configuration.dimension for count in self.counts]

    @property
    def c(self):
        return self.configuration.rows / self.configuration.dimension

    @cached_property
    def fixed(self):
        return fixed_point(self.a, self.b, self.psi, self.c, self.configuration.ridge)

    @cached_property
    def population(self):
        """The rows of the problem, of the mean square d."""
        X = self.X
        d = X.shape[1]
        mean = sum(float(x @ x) for x in X) / len(X)
        return X * sqrt(d / mean)

    # --- features

    def neurons(self, d, counts, rng, types=None):
        """Rows of norm sqrt d, with the type of each."""
        Theta = rng.standard_normal((sum(counts), d))
        Theta = [sqrt(d) * row / sqrt(row @ row) for row in Theta]
        kinds = [
            kind
            for kind, count in zip(types or self.types, counts, strict=True)
            for _ in range(count)
        ]
        return list(zip(Theta, kinds, strict=True))

    @staticmethod
    def features(neurons, X):
        d = X.shape[1]
        return np.array([[scale * FORMS[name](float(theta @ x) / sqrt(d)) / sqrt(d)
                          for theta, (name, scale) in neurons] for x in X])  # fmt: skip

    @staticmethod
    def gaussian(neurons):
        """U, V and m of Gaussian rows."""
        d = len(neurons[0][0])
        U = [[s * t * product(f, g, float(x @ y) / d) / d for y, (g, t) in neurons]
             for x, (f, s) in neurons]  # fmt: skip
        V = [scale * SERIES[name][1] * theta / d for theta, (name, scale) in neurons]
        m = [scale * SERIES[name][0] / sqrt(d) for _, (name, scale) in neurons]
        return np.array(U), np.array(V), np.array(m)

    def listed(self, neurons, X):
        """The same of a list of rows."""
        Z = self.features(neurons, X)
        U = sum(np.outer(z, z) for z in Z) / len(X)
        V = sum(np.outer(z, x) for z, x in zip(Z, X, strict=True)) / len(X)
        return U, V, sum(Z) / len(X)

    # --- draws

    def sizes(self):
        c = self.configuration
        return [(k, k * c.dimension, k * c.rows, [k * x for x in self.counts]) for k in (1, 2, 4)]

    @cached_property
    def limits(self):
        """(sizes, draws, 3)."""
        return np.array([self.fresh("limits", at, size, self.configuration.ridge)
                         for at, size in enumerate(self.sizes())])  # fmt: skip

    @cached_property
    def ridgeless(self):
        """(sizes, draws)."""
        return np.array([self.fresh("ridgeless", at, size, 0.0)
                         for at, size in enumerate(self.sizes())])[..., 1]  # fmt: skip

    def fresh(self, purpose, at, size, lam):
        _, d, n, counts = size
        rng, found = self.rng(purpose, at), []
        for _ in range(self.configuration.draws):
            neurons = self.neurons(d, counts, rng)
            X = rng.standard_normal((n, d))
            found.append(exact(X, self.features(neurons, X), *self.gaussian(neurons), lam))
        return found

    @cached_property
    def given(self):
        """Risks (sizes, draws, 3), and U, V of each size."""
        risks, of = [], []
        for at, (_, d, n, counts) in enumerate(self.sizes()):
            rng = self.rng("given", at)
            neurons = self.neurons(d, counts, rng)
            of.append(self.gaussian(neurons))
            rows = [rng.standard_normal((n, d)) for _ in range(self.configuration.draws)]
            risks.append([exact(X, self.features(neurons, X), *of[-1], self.configuration.ridge)
                          for X in rows])  # fmt: skip
        return np.array(risks), of

    def kappa(self, n, omega):
        lam = self.configuration.ridge
        most = (sum(omega) + lam) / n
        return root(lambda k: sum(w / (w + k) for w in omega) + lam / k - n, 1e-16, 1.1 * most)

    @cached_property
    def ratios(self):
        """Bias and variance on real rows over (DR3) in the form with rho and b_0: (draws, 2)."""
        c, X, rng, found = self.configuration, self.population, self.rng("near"), []
        n, d = c.rows, X.shape[1]
        for _ in range(c.draws):
            neurons = self.neurons(d, self.counts, rng)
            U, V, m = self.listed(neurons, X)
            omega, u = np.linalg.eigh(U)
            seen = omega > 1e-12 * omega[-1]
            omega, C = omega[seen], ((u.T @ V) ** 2).sum(1)[seen]
            kap = self.kappa(n, omega)
            g = sum((w / (w + kap)) ** 2 for w in omega) / n
            rho = 1 - sum(C / (d * omega))
            b_0 = kap**2 * sum(C / (d * omega * (omega + kap) ** 2))
            rows = X[rng.integers(len(X), size=n)]
            bias, variance, _ = exact(rows, self.features(neurons, rows), U, V, m, c.ridge)
            found.append((bias / (rho + (b_0 + rho * g) / (1 - g)), variance / (g / (1 - g))))
        return np.array(found)

    @cached_property
    def interpolation(self):
        """1/var of least norm and of least variance (2, draws), distances by projections, all Y."""
        c, X = self.configuration, self.population
        neurons = self.neurons(X.shape[1], self.counts, self.rng("interpolation", "weights"))
        U, Z = self.listed(neurons, X)[0], self.features(neurons, X)
        Y = np.linalg.solve(np.linalg.cholesky(U), Z.T).T
        rng, inverse, squares = self.rng("interpolation", "rows"), [], []
        for _ in range(c.draws):
            rows = rng.choice(len(X), c.rows, replace=c.replacement)
            tied = len(set(rows)) < c.rows
            least = [np.linalg.pinv(Z[rows]), np.linalg.solve(U, Z[rows].T)]
            least[1] = least[1] @ np.linalg.pinv(Z[rows] @ least[1])
            inverse.append([0.0 if tied else 1 / np.trace(S.T @ U @ S) for S in least])
            left = []
            for i in range(c.rows):
                others = np.delete(Y[rows], i, axis=0)
                inside = np.linalg.lstsq(others.T, Y[rows[i]], rcond=None)[0] @ others
                left.append(((Y[rows[i]] - inside) ** 2).sum())
            squares.append(np.mean(left))
        return np.array(inverse).T, np.array(squares), Y

    # --- the limit

    def limit(self, counts_per_n, ridge=None):
        """The risk with so many features of each type, over n."""
        c = self.configuration
        psi = [x * self.c for x in counts_per_n]
        lam = c.ridge if ridge is None else ridge
        return risk_of_limit(self.a, self.b, psi, self.c, lam, c.signal, c.noise)

    @cached_property
    def curve(self):
        """N/n and the limit, on a grid of its own."""
        K = self.K
        x = sorted({*np.geomspace(0.05, 4, 60), *(
            (1 + side * far) / k for k in range(1, K + 1) for side in (-1, 1)
            for far in np.geomspace(3e-4, 0.3, 24))})  # fmt: skip
        return x, [self.limit([each] * K) for each in x]

    @cached_property
    def maxima(self):
        _, y = self.curve
        return sum(y[i - 1] < y[i] > y[i + 1] for i in range(1, len(y) - 1))

    @property
    def scales(self):
        """Distinct (a, b), the largest first."""
        return sorted({moments(*each) for each in self.types}, key=sum, reverse=True)

    @property
    def gap(self):
        pairs = [(x, y) for x, y in zip(self.scales, self.scales[1:], strict=False)]
        both = [ends for pair in pairs for ends in zip(*pair, strict=True)]
        return max((sqrt(low / high) if high else inf for high, low in both if low), default=0.0)

    @property
    def narrow(self):
        pairs = zip(self.scales, self.scales[1:], strict=False)
        both = [ends for pair in pairs for ends in zip(*pair, strict=True)]
        found = [sqrt(low / high) if high else inf for high, low in both if low]
        return min([1.0, *found])

    @cached_property
    def turns(self):
        """N at maxima with N at the minimum beside each, and after the last one 2 n."""
        x, y = self.curve
        inside = range(1, len(x) - 1)
        tops = [x[i] for i in inside if y[i - 1] < y[i] > y[i + 1]]
        bottoms = [x[i] for i in inside if y[i - 1] > y[i] < y[i + 1]] + [2.0]
        pairs = []
        for top in tops:
            pairs += [(top, max(z for z in bottoms if z < top))] if min(bottoms) < top else []
            pairs += [(top, min(z for z in bottoms if z > top))]
        rows = self.configuration.rows
        return [tuple(max(1, round(rows * z)) for z in pair) for pair in pairs]

    @cached_property
    def falls(self):
        """Of the limit, by pair."""
        rows = self.configuration.rows
        return [self.limit([top / rows] * self.K) / self.limit([bottom / rows] * self.K)
                for top, bottom in self.turns]  # fmt: skip

    @cached_property
    def descents(self):
        c, rng, found = self.configuration, self.rng("descents"), []
        for _ in range(c.draws):
            risks = {}
            for N in sorted({N for pair in self.turns for N in pair}):
                neurons = self.neurons(c.dimension, [N] * self.K, rng)
                X = rng.standard_normal((c.rows, c.dimension))
                of = self.gaussian(neurons)
                bias, variance, _ = exact(X, self.features(neurons, X), *of, c.ridge)
                risks[N] = c.signal**2 * bias + c.noise**2 * variance
            found.append(float(all(risks[top] / risks[bottom] >= fall / 2 for (top, bottom), fall
                                   in zip(self.turns, self.falls, strict=True))))  # fmt: skip
        return np.array(found)

    def strong_and_weak(self, e, x=1.0):
        """The limit of the variance of two types of the first activation at N_1 = x n."""
        (name, scale), *_ = self.types
        pairs = [moments(name, scale), moments(name, scale * e)]
        a, b = zip(*pairs, strict=True)
        lam = 1e-12 * b[1]
        psi = [self.c * x, self.c * x * self.share]
        return risk_of_limit(a, b, psi, self.c, lam, 0.0, 1.0)

    @property
    def share(self):
        return self.counts[1] / self.counts[0] if self.K > 1 else 1.0

    def width(self, e):
        half = self.strong_and_weak(e) / 2
        ends = [brentq(lambda far, side=side: self.strong_and_weak(e, 1 + side * far) - half,
                       0, 9 * e, xtol=1e-12) for side in (1, -1)]  # fmt: skip
        return sum(ends)
