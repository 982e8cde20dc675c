"""Trainable biases by hand: integrals, Hermite polynomials, torch modules, loops over neurons."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import acos, exp, inf, log, pi, sqrt

import numpy as np
import torch
from scipy.integrate import quad
from scipy.special import erfc, eval_hermitenorm, gammaln

from tests.oracles import OnAProblem
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem


def Q(b):
    return erfc(b / sqrt(2)) / 2


def phi(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def L(b, G):
    """P(X > b, Y > b): of Y given X, integrated over X."""
    if abs(G) > 1 - 1e-12:
        return float(Q(b)) if G > 0 else max(0.0, float(1 - 2 * Q(-b)))
    root = sqrt((1 - G) * (1 + G))
    found = quad(lambda x: phi(x) * Q((b - G * x) / root), b, b + 12, epsabs=1e-16, epsrel=1e-13,
                 limit=400, points=[b / G] if G and b < b / G < b + 12 else None)  # fmt: skip
    return float(found[0])


def hermite(b, k):
    """c_k."""
    if k < 1:
        return float(Q(b)) if k == 0 else 0.0
    return float(phi(b) * eval_hermitenorm(k - 1, b) * exp(-gammaln(k + 1) / 2))


def tensor(X):
    return X if isinstance(X, torch.Tensor) else torch.tensor(X)


class Net(torch.nn.Module):
    """m neurons with weights (m, d), a bias each, and output weights a."""

    def __init__(self, W, b, a, train_biases):
        super().__init__()
        self.W = torch.nn.Parameter(torch.tensor(W))
        self.b = torch.nn.Parameter(torch.tensor(b), requires_grad=train_biases)
        self.a = torch.tensor(a)
        self.start = [p.detach().clone() for p in (self.W, self.b)]

    def seen(self, X):
        return tensor(X) @ self.W.T - self.b

    def forward(self, X):
        return torch.relu(self.seen(X)) @ self.a / sqrt(len(self.a))

    def travel(self):
        """Of every neuron."""
        dW, db = self.W.detach() - self.start[0], self.b.detach() - self.start[1]
        return ((dW**2).sum(1) + db**2).sqrt().numpy()

    def trained(self):
        return [p for p in self.parameters() if p.requires_grad]

    def jacobian(self, X):
        rows = []
        for x in tensor(X):
            grads = torch.autograd.grad(self(x[None])[0], self.trained())
            rows.append(torch.cat([g.reshape(-1) for g in grads]).numpy())
        return np.array(rows)

    def kernel(self, X):
        J = self.jacobian(X)
        return J @ J.T

    def descend(self, X, y, eta, steps):
        """Yields at every step, the start too."""
        X, y = torch.tensor(X), torch.tensor(y)
        optimiser = torch.optim.SGD(self.trained(), lr=eta)
        for k in range(steps + 1):
            yield k
            optimiser.zero_grad()
            (((self(X) - y) ** 2).sum() / 2).backward()
            optimiser.step()


def certificate(z, lam, g, norm, length, e_0):
    """The least nu = near/m that certifies itself, by trying all; and its rho."""
    m = z.shape[1]
    for allowed in range(1, m + 1):
        mu = lam - 2 * allowed / m * g
        if mu <= 0:
            break
        rho = norm * e_0 / (sqrt(m) * mu)
        if max(sum(abs(x) <= length * rho for x in row) for row in z) <= allowed:
            return allowed / m, rho
    nu = min(max(lam / (4 * g), 1 / m), 1.0)
    mu = lam - 2 * nu * g
    return nu, norm * e_0 / (sqrt(m) * mu) if mu > 0 else inf


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """Of one configuration."""

    def rng(self, *purpose):
        return numpy_generator("trainable biases", *purpose, self.salt)

    @property
    def c(self):
        return self.configuration

    def other(self, **fields):
        return Ingredients(replace(self.configuration, **fields), self.salt)

    @property
    def n(self):
        return len(self.X)

    @property
    def tau(self):
        return int(self.c.biases == "trained")

    @property
    def length(self):
        return sqrt(1 + self.tau)

    @cached_property
    def G(self):
        return np.array([[float(np.dot(a, b)) if i != j else 1.0 for j, b in enumerate(self.X)]
                         for i, a in enumerate(self.X)])  # fmt: skip

    @cached_property
    def psi(self):
        return np.array([[acos(min(1, max(-1, x))) for x in row] for row in self.G])

    @cached_property
    def tilde(self):
        return self.G + self.tau

    @property
    def norm_X(self):
        return sqrt(np.linalg.eigvalsh(self.tilde)[-1])

    @property
    def g(self):
        return float(max(abs(np.linalg.eigvalsh(abs(self.tilde)))))

    @cached_property
    def H(self):
        return np.array([[(self.tau + x) * L(self.c.bias, x) for x in row] for row in self.G])

    @cached_property
    def lambda_B(self):
        return float(np.linalg.eigvalsh(self.H)[0])

    @property
    def size(self):
        return float(np.sqrt((self.y**2).sum()))

    @property
    def pairs(self):
        """The first sample with itself, then all pairs, ten at most."""
        every = [(0, 0)] + [(i, j) for i in range(self.n) for j in range(i + 1, self.n)]
        return every[:10]

    def weights(self, purpose, count, m):
        """Of independent neurons, (count, d, m)."""
        return self.rng(purpose, m).standard_normal((count, self.X.shape[1], m))

    def nets(self, purpose, count, m, kappa=1.0):
        c = self.c
        if c.signs == "coupled":
            halves, a = 2, np.tile([1.0, -1.0], (count, m // 2))
        else:
            halves, a = 1, self.rng(purpose, m, "signs").choice((-1.0, 1.0), (count, m))
        W = self.weights(purpose, count, m // halves)
        return [Net(kappa * np.repeat(w.T, halves, axis=0), np.full(m, kappa * c.bias), one,
                    bool(self.tau)) for w, one in zip(W, a, strict=True)]  # fmt: skip

    def entry_of(self, D):
        """|H_ij| of the pairs, of patterns (m, n), by neurons."""
        return [abs(self.tau + self.G[i, j]) * sum(d[i] and d[j] for d in D) / len(D)
                for i, j in self.pairs]  # fmt: skip

    @cached_property
    def step(self):
        """Of claims that measure nothing."""
        return self.c.step / self.norm_X**2

    def whole_width(self):
        """The least even m that (TB4) admits, by trying them."""
        c, lam = self.c, (1 - self.c.epsilon) * self.lambda_B
        nu = lam / (4 * self.g)
        power = c.epsilon + (1 - c.epsilon) * log(1 - c.epsilon)
        first = 2 * self.norm_X**2 * log(self.n / c.delta) / (self.lambda_B * power)
        m = 2
        while True:
            rho = 2 * self.norm_X * self.size / (sqrt(m) * lam)
            density = phi(max(0.0, abs(c.bias) - self.length * rho))
            still = 32 * self.length * density * self.g * self.norm_X * self.size / lam**2
            if m >= first and sqrt(m) >= still and m >= 12 * log(self.n / c.delta) / nu:
                return m
            m += 2

    def kernel_width(self):
        c = self.c
        power = c.epsilon + (1 - c.epsilon) * log(1 - c.epsilon)
        least = self.norm_X**2 * log(self.n / c.delta) / (self.lambda_B * power)
        return 2 * int(np.ceil(least / 2))

    @property
    def radii(self):
        return self.c.radius, self.c.evenness * self.c.radius / sqrt(self.c.width)

    @cached_property
    def population(self):
        c = self.c
        return load_problem(
            c.data, samples=c.population, at_most=True, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rng=numpy_generator("data", f"{self.salt}/population"),
        )  # fmt: skip


def cut(net, R, R_w):
    """Every neuron back to within R_w of its start, then all to within R."""
    with torch.no_grad():
        travel = torch.tensor(net.travel())
        short = torch.clamp(R_w / travel.clamp(min=1e-300), max=1.0)
        total = float((travel * short).norm())
        short = short * min(1.0, R / max(total, 1e-300))
        net.W.copy_(net.start[0] + short[:, None] * (net.W - net.start[0]))
        if net.b.requires_grad:
            net.b.copy_(net.start[1] + short * (net.b - net.start[1]))


def ascended(net, X, signs, R, R_w, steps):
    """The largest (1/n) sum s (f - f_0) on the path of projected ascent."""
    X, s = torch.tensor(X), torch.tensor(signs)
    with torch.no_grad():
        f_0 = net(X)
    best = 0.0
    for k in range(steps):
        value = (s * (net(X) - f_0)).mean()
        grads = torch.autograd.grad(value, net.trained())
        size = float(torch.cat([g.reshape(-1) for g in grads]).norm())
        with torch.no_grad():
            for p, g in zip(net.trained(), grads, strict=True):
                p += (R if k == 0 else R / 2) * g / max(size, 1e-300)
        cut(net, R, R_w)
        best = max(best, float((s * (net(X) - f_0)).mean().detach()))
    return best
