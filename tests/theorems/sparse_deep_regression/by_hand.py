"""Sparse deep regression by hand: formulas in place of networks, loops over layers and cells."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from itertools import product as every
from math import ceil, comb, exp, factorial, log, log2, pi, sqrt

import numpy as np
import torch

from tests.oracles import OnAProblem
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

# --- networks that multiply ----------------------------------------------------------------------


def S(m, x):
    """R^1 + ... + R^m, R^k(x) = min(R/2, 2^{1-2k} - R/2) of R = R^{k-1}(x)."""
    R, total = x, 0.0 * x
    for k in range(1, m + 1):
        R = np.minimum(R / 2, 2.0 ** (1 - 2 * k) - R / 2)
        total = total + R
    return total


def mult(m, x, y):
    a, b = (x - y + 1) / 2, (x + y) / 2
    return np.clip(S(m, a) - S(m, b) + b - 0.25, 0, 1)


def tree(m, xs):
    """Of a list of arrays, padded with ones."""
    while len(xs) & (len(xs) - 1):
        xs = [*xs, np.ones_like(xs[0])]
    while len(xs) > 1:
        xs = [mult(m, x, y) for x, y in zip(xs[::2], xs[1::2], strict=True)]
    return xs[0]


def depth(r):
    return ceil(log2(r))


def tree_nonzeros(m, r):
    """A pair (x, 1) saves 2 parameters of the first layer, a pair (1, 1) 3."""
    leaves = 2 ** depth(r)
    saved = sum(0 if i + 1 < r else 2 if i < r else 3 for i in range(0, leaves, 2))
    return (leaves - 1) * (16 * m + 6) + 1 - saved


def tree_width(m, r):
    """6 in a multiplication of m >= 2 sawtooth functions, 5 for m = 1."""
    return 2 ** (depth(r) - 1) * (6 if m > 1 else 5)


# --- sieves --------------------------------------------------------------------------------------


def function(c):
    """f, its derivatives up to the order ceil(beta) - 1 of one variable, and K."""
    b, third, w = c.beta, 1 / 3, 2 * pi
    order = ceil(b) - 1
    if c.function == "sine":
        all_ = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)]
        return [lambda x, k=k: w**k * all_[k % 4](w * x) for k in range(order + 1)], w**b
    if b == int(b):

        def derivative(x, k):
            return np.prod([b - i for i in range(k)]) * x ** (b - k)

        return [lambda x, k=k: derivative(x, k) for k in range(order + 1)], factorial(int(b))
    kinks = [lambda x: abs(x - third) ** b,
             lambda x: b * np.sign(x - third) * abs(x - third) ** (b - 1)]  # fmt: skip
    return kinks[: order + 1], 1.0 if order == 0 else b * 2 ** (2 - b)


def taylor(c, knot):
    """The polynomial in powers of x at a knot (of r numbers), {exponents: coefficient}."""
    if c.variables == 1:
        derivatives, _ = function(c)
        found = np.polynomial.Polynomial([0.0])
        for k, g in enumerate(derivatives):
            shifted = np.polynomial.Polynomial([-knot[0], 1.0]) ** k
            found = found + float(g(np.array(knot[0]))) / factorial(k) * shifted
        coef = [*found.coef, *[0.0] * len(derivatives)][: len(derivatives)]
        return {(k,): value for k, value in enumerate(coef)}
    r, mean = c.variables, sum(knot) / c.variables
    if c.function == "power":
        slope, value = [2 * t for t in knot], sum(t * t for t in knot)
    else:
        slope = [2 * pi / r * np.cos(2 * pi * mean)] * r
        value = np.sin(2 * pi * mean)
    found = {tuple(int(j == i) for j in range(r)): s for i, s in enumerate(slope)}
    return {(0,) * r: value - sum(s * t for s, t in zip(slope, knot, strict=True)), **found}


def f_of(c, x):
    if c.variables == 1:
        return function(c)[0][0](x[:, 0])
    return (x**2).sum(1) if c.function == "power" else np.sin(2 * pi * x.mean(1))


@dataclass(frozen=True)
class Sieve:
    c: object
    M: int

    @cached_property
    def polynomials(self):
        grid = [k / self.M for k in range(self.M + 1)]
        found = {knot: taylor(self.c, knot) for knot in every(grid, repeat=self.c.variables)}
        top = max(abs(v) for P in found.values() for v in P.values())
        return {knot: {e: v if abs(v) > 1e-13 * top else 0.0 for e, v in P.items()}
                for knot, P in found.items()}  # fmt: skip

    @cached_property
    def B(self):
        return max(sum(abs(v) for v in P.values()) for P in self.polynomials.values())

    @property
    def top(self):
        return max(sum(e) for P in self.polynomials.values() for e in P)

    def at(self, x):
        c, m, B, total = self.c, self.c.m, self.B, 0.0
        for knot, P in self.polynomials.items():
            hats = [np.maximum(0, 1 - abs(self.M * x[:, i] - self.M * t))
                    for i, t in enumerate(knot)]  # fmt: skip
            own = 0.5
            for e, value in P.items():
                xs = [x[:, i] for i in range(c.variables) for _ in range(e[i])]
                xs += [np.ones(len(x))] * (2 ** depth(max(1, self.top)) - len(xs))
                own = own + value / (2 * B) * (tree(m, xs) if sum(e) else 1.0)
            total = total + tree(m, [*hats, own])
        return 2 * B * total - B

    @property
    def layers(self):
        c, q = self.c, depth(max(1, self.top))
        both = max(depth(self.M) + 2, q * (c.m + 4))
        return both + depth(c.variables + 1) * (c.m + 4) + 1 + self.J_out

    @property
    def J_out(self):
        J = 0
        while 2**J < 2 * self.B:
            J += 1
        return J


# --- classes -------------------------------------------------------------------------------------


def forward(theta, p, x):
    """One network at one input, neuron by neuron."""
    theta, h = list(theta), list(x)
    for below, above in pairwise(p):
        W, theta = theta[: above * below], theta[above * below :]
        v, theta = theta[:above], theta[above:]
        h = [max(0.0, sum(W[i * below + j] * h[j] for j in range(below)) - v[i])
             for i in range(above)]  # fmt: skip
    return sum(w * value for w, value in zip(theta, h, strict=True))


def count(p):
    return sum(b * a + b for a, b in pairwise(p)) + p[-1]


def ones(p):
    """All weights 1, all shifts -1."""
    found = []
    for below, above in pairwise(p):
        found += [1.0] * (above * below) + [-1.0] * above
    return np.array(found + [1.0] * p[-1])


def gap_of_ones(p, eps):
    """All ones against all 1 - eps, at 1: by one number a layer."""
    u, w = 1.0, 1.0
    for width in p[:-1]:
        u, w = width * u + 1, (1 - eps) * (width * w + 1)
    return p[-1] * (u - (1 - eps) * w)


def finest(p, delta):
    if gap_of_ones(p, 1.0) <= delta:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if gap_of_ones(p, middle) < delta else (low, middle)
    return (low + high) / 2


def log_centres(T, s, eps):
    return log(sum(comb(T, j) * ceil(1 / eps) ** j for j in range(s + 1)))


def to_grid(theta, eps):
    points = ceil(1 / eps)
    middles = -1 + (2 * np.arange(points) + 1) / points
    return np.array([0.0 if w == 0 else middles[np.argmin(abs(middles - w))] for w in theta])


# --- one configuration ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """Of one configuration: its rows, and draws as the experiment makes them."""

    @cached_property
    def problem(self):
        c = self.configuration
        return load_problem(c.data, samples=c.samples, dimension=c.dimension, targets=c.targets,
                            target_scale=c.target_scale, at_most=True,
                            rng=numpy_generator("data", self.salt))  # fmt: skip

    def rng(self, *purpose):
        return numpy_generator("sparse deep regression", *purpose, self.salt)

    @property
    def p(self):
        c = self.configuration
        return [c.variables] + [c.width] * c.depth

    @cached_property
    def sieves(self):
        c = self.configuration
        least = c.knots or (4 if c.variables == 1 else 1)
        return [Sieve(c, least * 2**k) for k in range(3 if c.variables < 3 else 2)]

    @cached_property
    def epsilon(self):
        return finest(self.p, self.configuration.radius)

    @property
    def t(self):
        c = self.configuration
        return c.temperature / (2 * c.noise**2)

    @property
    def kappa(self):
        c = self.configuration
        return (1 - exp(-self.t * (1 - 2 * self.t * c.noise**2) * c.ceiling**2)) / c.ceiling**2

    @cached_property
    def functions(self):
        """Functions of the class, and the truth, on the rows."""
        c, rng, F = self.configuration, self.rng("class"), self.configuration.ceiling
        X, y, found = self.X, self.y, []
        if c.family == "networks":
            p = [X.shape[1]] + [c.width] * c.depth
            theta = rng.uniform(-1, 1, (c.candidates, count(p)))
            low, high = X.min(0), X.max(0)
            for one in theta:
                at = [[(v - a) / (b - a) if b > a else 0.0
                       for v, a, b in zip(x, low, high, strict=True)] for x in X]  # fmt: skip
                found.append([min(F, max(0.0, F / 2 * (1 + forward(one, p, x)))) for x in at])
        else:
            groups = max(1, ceil(log2(c.candidates)))
            for at in range(c.candidates):
                signs = [2 * (at >> (i % groups) & 1) - 1 for i in range(len(X))]
                found.append([F / 2 * (1 + c.amplitude * s) for s in signs])
        functions = np.array(found)
        if c.truth == "member":
            return functions, functions[0]
        return functions, F * (y - y.min()) / (y.max() - y.min())

    @cached_property
    def R(self):
        functions, f0 = self.functions
        return np.array([np.mean((f - f0) ** 2) for f in functions])

    @cached_property
    def Z(self):
        """(trials, N), from draws: rows with multiplicity, and sums of noise."""
        c, rng, P = self.configuration, self.rng("regressions"), len(self.X)
        counts = rng.multinomial(c.draws, [1 / P] * P, c.trials)
        noise = rng.standard_normal(counts.shape)
        functions, f0 = self.functions
        return np.array([[
            sum(k * (f[i] - f0[i]) ** 2 - 2 * c.noise * sqrt(k) * e * (f[i] - f0[i])
                for i, (k, e) in enumerate(zip(row, own, strict=True)))
            for f in functions] for row, own in zip(counts, noise, strict=True)])  # fmt: skip

    @cached_property
    def trained(self):
        """Whether each trained network satisfies its bound, and its parameters; by torch.nn."""
        c, rng, F = self.configuration, self.rng("trained"), self.configuration.ceiling
        p = [1] + [c.width] * c.depth
        T = count(p)
        s = min(c.nonzeros, T)
        x = [(i + 0.5) / 64 for i in range(64)]

        def drawn(number):
            theta = rng.uniform(-1, 1, (number, T))
            order = rng.random((number, T))
            return [np.where(row <= np.sort(row)[s - 1], w, 0.0)
                    for w, row in zip(theta, order, strict=True)]  # fmt: skip

        truths = [np.clip([forward(w, p, [v]) for v in x], 0, F) for w in drawn(50)]
        f0 = max(truths, key=np.std)
        cells = rng.integers(0, 64, (c.networks, c.draws))
        noise = c.noise * rng.standard_normal(cells.shape)
        events, parameters = [], []
        for w, at, e in zip(drawn(c.networks), cells, noise, strict=True):
            theta = fit(w, p, np.array(x)[at], f0[at] + e, c.step, c.steps)
            f = np.clip([forward(theta, p, [v]) for v in x], 0, F)
            Z = ((f0[at] + e - f[at]) ** 2 - e**2).sum()
            size = log_centres(T, s, finest(p, c.radius)) + log(1 / c.failure)
            near = Z / c.draws + 2 * c.radius * (F + abs(e).mean())
            bound = 2 * F * c.radius + (self.t * near + size / c.draws) / self.kappa
            events.append(float(np.mean((f - f0) ** 2) <= bound))
            parameters.append(theta)
        return np.array(events), np.array(parameters)


def fit(theta, p, x, Y, step, steps):
    """Adam on the mean of squares, sample by sample; torch.nn.Linear for every layer."""
    layers, at = [], 0
    for below, above in [*pairwise(p), (p[-1], 1)]:
        last = at + above * below == len(theta)
        layer = torch.nn.Linear(below, above, bias=not last, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(theta[at : at + above * below].reshape(above, below)))
            at += above * below
            if not last:
                layer.bias.copy_(-torch.tensor(theta[at : at + above]))
                at += above
        layers += [layer] if last else [layer, torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers)
    alive = [p.detach() != 0 for p in net.parameters()]
    optimiser = torch.optim.Adam(net.parameters(), lr=step)
    x, Y = torch.tensor(x)[:, None], torch.tensor(Y)
    for _ in range(steps):
        optimiser.zero_grad()
        ((net(x)[:, 0] - Y) ** 2).mean().backward()
        optimiser.step()
        with torch.no_grad():
            for weight, on in zip(net.parameters(), alive, strict=True):
                weight.copy_(torch.where(on, weight.clip(-1, 1), 0.0))
    found = []
    for layer in net:
        if isinstance(layer, torch.nn.Linear):
            found.append(layer.weight.detach().numpy().ravel())
            if layer.bias is not None:
                found.append(-layer.bias.detach().numpy())
    return np.concatenate(found)
