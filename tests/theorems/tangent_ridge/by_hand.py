"""Tangent ridge by hand: loops over rows and neurons, integrals over the circle, autograd."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import acos, ceil, exp, log, pi, sqrt

import numpy as np
import torch
from scipy.optimize import brentq, minimize_scalar
from scipy.special import eval_gegenbauer, roots_gegenbauer

from tests.oracles import OnAProblem
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

NODES = np.polynomial.legendre.leggauss(30)
TOP = {2: 300, 3: 300, 4: 300, 8: 60}


def K_of(t):
    t = np.clip(t, -1, 1)
    return t * (pi - np.arccos(t)) / (2 * pi)


def angle(x, z):
    return acos(min(1.0, max(-1.0, float(x @ z) / float(np.linalg.norm(x) * np.linalg.norm(z)))))


def Q(d, k, t):
    """By scipy; in the plane cos(k psi)."""
    if d == 2:
        return np.cos(k * np.arccos(np.clip(t, -1, 1)))
    half = (d - 2) / 2
    return eval_gegenbauer(k, half, t) / eval_gegenbauer(k, half, 1.0)


def B_of(d, k):
    if k == 0:
        return 1.0
    binomial = 1.0
    for i in range(1, k):
        binomial *= (d - 2 + i) / i
    return (2 * k + d - 2) / k * binomial


def gamma_of(d):
    """In the plane in closed form; else by Gauss-Gegenbauer quadrature."""
    if d == 2:
        even = [(1 / (k + 1) ** 2 + 1 / (k - 1) ** 2) / pi**2 for k in range(2, 301, 2)]
        gamma = np.zeros(301)
        gamma[0], gamma[1], gamma[2::2] = 1 / pi**2, 1 / 4, even
        return gamma
    t, w = roots_gegenbauer(1500, (d - 2) / 2)
    w = w / w.sum()
    found = [B_of(d, k) * (w @ (K_of(t) * Q(d, k, t))) for k in range(TOP[d] + 1)]
    return np.array([0.0 if k > 1 and k % 2 else max(0.0, g) for k, g in enumerate(found)])


def kernel_of(X):
    return np.array([[0.5 if i == j else float(K_of(x @ z)) for j, z in enumerate(X)]
                     for i, x in enumerate(X)])  # fmt: skip


def sees(w, x):
    return 1.0 if float(w @ x) > 0 else 0.0


def kernel_of_neurons(W, X):
    n, N = len(X), len(W)
    K = np.zeros((n, n))
    for w in W:
        D = np.diag([sees(w, x) for x in X])
        K += D @ X @ X.T @ D / N
    return K


def features_of(W, X):
    return np.array([np.concatenate([sees(w, x) * x for w in W]) for x in X]) / sqrt(len(W))


def rank_by_sets(S, d):
    """min over A of n - |A| + d rank(S_A)."""
    n = len(S)
    found = n
    for code in range(2**n):
        A = [i for i in range(n) if code >> i & 1]
        rank = int(np.linalg.matrix_rank(S[A])) if A else 0
        found = min(found, n - len(A) + d * rank)
    return found


def of_neurons(W, X, a):
    """x -> k_N(x)^T a for unit rows x (p, d)."""
    return lambda x: sum(
        a_i * sum(sees(w, x_i) * (x @ w > 0) for w in W) * (x @ x_i)
        for x_i, a_i in zip(X, a, strict=True)
    ) / len(W)  # fmt: skip


def of_kernel(X, a):
    return lambda x: sum(a_i * K_of(x @ x_i) for x_i, a_i in zip(X, a, strict=True))


def on_sphere(rng, *shape):
    x = rng.standard_normal(shape)
    return x / np.sqrt((x**2).sum(-1, keepdims=True))


def circle_mean(f, *bends):
    """The mean of f over unit vectors, smooth but at and opposite to, or across, the bends."""
    turns = [np.arctan2(v[1], v[0]) + k * pi / 2 for v in bends for k in range(4)]
    ends = np.unique(np.mod(turns, 2 * pi)) if turns else np.zeros(0)
    ends = np.concatenate([[0.0], ends, [2 * pi]])
    x, w = NODES
    total = 0.0
    for low, high in pairwise(ends):
        at = low + (high - low) * (x + 1) / 2
        total += (high - low) / 2 * (w @ f(np.stack([np.cos(at), np.sin(at)], 1)))
    return total / (2 * pi)


def silverstein(t, p):
    """max over m < -1/min t of -1/m + (1/p) sum t/(1 + t m)."""
    t = np.asarray(t)

    def less(u):
        m = -(1 + exp(u)) / t.min()
        return 1 / m - (t / (1 + t * m)).sum() / p

    grid = np.linspace(-18, 12, 400)
    best = grid[int(np.argmin([less(u) for u in grid]))]
    return -minimize_scalar(less, bounds=(best - 0.2, best + 0.2), method="bounded",
                            options={"xatol": 1e-10}).fun  # fmt: skip


class Net(torch.nn.Module):
    """Coupled pairs: N neurons with +1, then the same with -1."""

    def __init__(self, pairs, kappa):
        super().__init__()
        W = kappa * torch.tensor(np.concatenate([pairs, pairs]))
        self.start, self.W = W.clone(), torch.nn.Parameter(W)
        self.a = torch.tensor([1.0] * len(pairs) + [-1.0] * len(pairs), dtype=torch.float64)

    def forward(self, X):
        return torch.relu(X @ self.W.T) @ self.a / sqrt(len(self.W))

    def fit(self, X, y, eta, lam, steps):
        """Yields after every step."""
        X, y = torch.tensor(X), torch.tensor(y)
        optimiser = torch.optim.SGD([self.W], lr=eta)
        for _ in range(steps):
            optimiser.zero_grad()
            size = ((self.W - self.start) ** 2).sum()
            (((self(X) - y) ** 2).sum() / 2 + lam * size / 2).backward()
            optimiser.step()
            yield self


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """Of one configuration; new inputs on the circle (d = 2), or a population of rows."""

    def rng(self, *purpose):
        return numpy_generator("tangent ridge", *purpose, self.salt)

    def neurons(self, purpose, count, N):
        return self.rng(purpose, N).standard_normal((count, N, self.d))

    @property
    def n(self):
        return len(self.X)

    @property
    def d(self):
        return self.X.shape[1]

    @property
    def uniform(self):
        return self.configuration.data == "sphere"

    @cached_property
    def u(self):
        return on_sphere(numpy_generator("tangent ridge", "labels", self.salt), self.d)

    def f_star(self, x, k=None):
        c = self.configuration
        parts = {1: c.linear, 2: c.quadratic}
        return sum(sqrt(F * B_of(self.d, j)) * Q(self.d, j, x @ self.u)
                   for j, F in parts.items() if k in (None, j))  # fmt: skip

    @cached_property
    def labels(self):
        if not self.uniform:
            return self.y
        rng = numpy_generator("tangent ridge", "labels", self.salt)
        rng.standard_normal(self.d)
        return self.f_star(self.X) + self.configuration.noise * rng.standard_normal(self.n)

    @cached_property
    def population(self):
        c = self.configuration
        return load_problem(
            c.data, samples=400, at_most=True, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rng=numpy_generator("data", f"{self.salt}/population"),
        ).X  # fmt: skip

    @cached_property
    def K(self):
        return kernel_of(self.X)

    @cached_property
    def psi(self):
        return np.array([[0.0 if i == j else angle(x, z) for j, z in enumerate(self.X)]
                         for i, x in enumerate(self.X)])  # fmt: skip

    @cached_property
    def E2(self):
        n, T, psi = self.n, self.X @ self.X.T, self.psi
        return np.array([[sum(
            T[i, k] * T[k, j] * (1 / 2 - (psi[i, k] + psi[k, j] + psi[i, j]) / (4 * pi))
            for k in range(n)) for j in range(n)] for i in range(n)])  # fmt: skip

    def solve(self, K, y):
        lam = self.configuration.ridge
        return np.linalg.pinv(K + lam * np.eye(len(K)), rcond=1e-12) @ y

    @cached_property
    def alpha(self):
        return self.solve(self.K, self.labels)

    def mean(self, f, *bends):
        """Over new inputs."""
        if self.uniform:
            return circle_mean(f, *bends, *self.X)
        return f(self.population).mean()

    def gaps(self, purpose, count, N):
        krr, found = of_kernel(self.X, self.alpha), []
        for W in self.neurons(purpose, count, N):
            f = of_neurons(W, self.X, self.solve(kernel_of_neurons(W, self.X), self.labels))
            found.append(self.mean(lambda x, f=f: (f(x) - krr(x)) ** 2, *W))
        return np.array(found)

    @cached_property
    def krr(self):
        f = of_kernel(self.X, self.alpha)
        return self.mean(lambda x: f(x) ** 2)

    @cached_property
    def v_1(self):
        """sum_ij alpha_i alpha_j t_i t_j P(i, x, j), by new input."""
        X, alpha, psi = self.X, self.alpha, self.psi

        def through(x):
            found = []
            for one in np.atleast_2d(x):
                own = [angle(one, z) for z in X]
                found.append(sum(
                    alpha[i] * alpha[j] * (one @ X[i]) * (one @ X[j])
                    * (1 / 2 - (own[i] + own[j] + psi[i, j]) / (4 * pi))
                    for i in range(len(X)) for j in range(len(X))
                ))  # fmt: skip
            return np.array(found)

        return self.mean(through) - self.krr

    @cached_property
    def V_1(self):
        c, X, alpha, total = self.configuration, self.X, self.alpha, 0.0
        for (w,) in self.neurons("pilots", c.pilots, 1):
            right = self.solve(self.K, kernel_of_neurons([w], X) @ alpha)
            one, other = of_neurons([w], X, alpha), of_kernel(X, right)
            total += self.mean(lambda x, f=one, g=other: (f(x) - g(x)) ** 2, w)
        drift = of_kernel(X, self.solve(self.K, alpha))
        return total / c.pilots - c.ridge**2 * self.mean(lambda x: drift(x) ** 2)

    @cached_property
    def widths(self):
        return [self.configuration.smallest * 2**k for k in range(4)]

    def risks_of(self, purpose, count, N):
        """R_N, (count,)."""
        found = []
        for W in self.neurons(purpose, count, N):
            f = of_neurons(W, self.X, self.solve(kernel_of_neurons(W, self.X), self.labels))
            found.append(self.mean(lambda x, f=f: (f(x) - self.f_star(x)) ** 2, *W))
        return np.array(found)

    @cached_property
    def risks(self):
        """R_N (widths, sweeps * draws)."""
        c = self.configuration
        return np.array([self.risks_of("sweep", c.sweeps * c.draws, N) for N in self.widths])

    def risk_of(self, f):
        return self.mean(lambda x: (f(x) - self.f_star(x)) ** 2)

    def root(self, n, d, ridge, l=None):  # noqa: E741
        """kap, by bisection."""
        gamma = self.gamma(d)
        top = len(gamma) if l is None else l + 1
        B = np.array([B_of(d, k) for k in range(top)])
        mu = gamma[:top] / B
        tail = 0.5 - gamma.sum() if l is None else 0.0

        def excess(kap):
            return (gamma[:top] / (mu + kap)).sum() + (tail + ridge) / kap - n

        return brentq(excess, 1e-12, 1e6, xtol=1e-14)

    def gamma(self, d):
        return GAMMAS.setdefault(d, gamma_of(d))

    def poly(self, X, y):
        """alpha_l, and x -> f_poly(x)."""
        c, d, gamma = self.configuration, X.shape[1], self.gamma(X.shape[1])
        low = range(c.degree + 1)
        K = sum(gamma[k] * Q(d, k, cosines(X)) for k in low)
        ridge = c.ridge + 0.5 - sum(gamma[k] for k in low)
        a = np.linalg.solve(K + ridge * np.eye(len(X)), y)
        return a, lambda x: sum(gamma[k] * Q(d, k, x @ X.T) @ a for k in low)

    @cached_property
    def enough(self):
        """N*: by the master bound over a grid of theta, and by Chernoff."""
        c, lam_K = self.configuration, np.linalg.eigvalsh(self.K)[0]
        best = np.inf
        for theta in np.geomspace(1e-3, 1e3, 1200) * lam_K / np.linalg.norm(self.E2, 2):
            s = np.linalg.eigvalsh(theta * self.K - theta**2 / 2 * self.E2)
            gaps = s - theta * (1 - c.epsilon) * lam_K
            if gaps.min() > 0:
                top = log(self.n / c.delta) / gaps.min()
                own = brentq(lambda N, g=gaps: np.exp(-N * g).sum() - c.delta, 0, 1.001 * top)
                best = min(best, own)
        e = c.epsilon
        norm = np.linalg.norm(self.X, 2) ** 2
        chernoff = norm * log(self.n / c.delta) / (lam_K * (e + (1 - e) * log(1 - e)))
        return ceil(best), ceil(chernoff)

    def other(self, **fields):
        return Ingredients(replace(self.configuration, **fields), self.salt)


GAMMAS: dict[int, np.ndarray] = {}


def cosines(X):
    T = X @ X.T
    np.fill_diagonal(T, 1.0)
    return T
