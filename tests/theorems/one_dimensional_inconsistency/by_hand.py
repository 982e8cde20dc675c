"""Networks on a line by hand: autograd, halves without kinks, certificates one at a time."""

from functools import cached_property, lru_cache
from math import ceil, sqrt

import numpy as np
import scipy.linalg
import torch

from verify.experiments.kit.options import AtMost
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem


def affine(x, y):
    """Slope and intercept by the normal equations."""
    n, sx, sxx = len(x), x.sum(), (x * x).sum()
    slope = (n * (x * y).sum() - sx * y.sum()) / (n * sxx - sx**2)
    return slope, (y.sum() - slope * sx) / n


class Ingredients:
    def __init__(self, configuration, salt):
        self.configuration, self.salt = configuration, salt

    def rng(self, purpose):
        return numpy_generator(purpose, self.salt)

    @cached_property
    def data(self):
        c = self.configuration
        if c.data == "six-points":
            x, y = np.array([-3.0, -2, -1, 1, 2, 3]), np.array([-1.0, 2, -1, 1, -2, 1])
        else:
            problem = load_problem(
                c.data, samples=c.samples, at_most=isinstance(c.samples, AtMost), rescale=False,
                bounded=False, dimension=c.dimension, rng=self.rng("data"),
            )  # fmt: skip
            x, y = np.array(problem.X[:, c.feature - 1]), np.array(problem.y)
            x = (x - np.mean(x)) / np.std(x)
            y = c.target_scale * (y - np.mean(y)) / np.std(y)
        keep = [i for i in range(len(x)) if abs(x[i]) > c.gap]
        x, y = x[keep], y[keep]
        if c.residuals:
            for on in (x > 0, x < 0):
                slope, intercept = affine(x[on], y[on])
                y[on] -= slope * x[on] + intercept
        return x, y + c.offset

    x = property(lambda self: self.data[0])
    y = property(lambda self: self.data[1])
    xi = property(lambda self: min(abs(float(x)) for x in self.x))
    on = property(lambda self: (self.x > 0, self.x < 0))

    @cached_property
    def mu(self):
        """One row a step."""
        c, n = self.configuration, len(self.x)
        batch = n if c.batch is None else c.batch
        if batch == n:
            return np.full((c.steps + 2, n), 1 / n)
        order = self.rng("batches").random((c.steps + 2, n)).argsort(axis=1)
        return np.array([[1 / batch if j in row[:batch] else 0.0 for j in range(n)]
                         for row in order])  # fmt: skip

    def sums(self, mu):
        """M (2, 2, 2), h (2, 2)."""
        M, h = np.zeros((2, 2, 2)), np.zeros((2, 2))
        for s, on in enumerate(self.on):
            for j in np.flatnonzero(on):
                row = np.array([self.x[j], 1.0])
                M[s] += mu[j] * np.outer(row, row)
                h[s] += mu[j] * self.y[j] * row
        return M, h

    full = property(lambda self: np.full(len(self.x), 1 / len(self.x)))

    @cached_property
    def L_aff(self):
        total = 0.0
        for on in self.on:
            slope, intercept = affine(self.x[on], self.y[on])
            total += ((self.y[on] - slope * self.x[on] - intercept) ** 2).sum()
        return total / (2 * len(self.x))

    def eta(self, m):
        c = self.configuration
        M, _ = self.sums(self.full)
        a_sq, w_sq = (1.0, m * c.outer**2) if c.start == "swapped" else (m, c.outer**2)
        A = np.diag([a_sq + w_sq, w_sq, a_sq + w_sq, w_sq]) + np.outer([0, 1, 0, 1], [0, 1, 0, 1])
        return c.step / max(abs(np.linalg.eigvals(A @ scipy.linalg.block_diag(*M))))

    def start(self, rng, count, m):
        """a, b, w, (count, m)."""
        c = self.configuration
        a, w = rng.standard_normal((2, count, m)) * sqrt(2)
        if c.start == "swapped":
            a = a / sqrt(m)
        else:
            w = w / sqrt(m)
        b = 0 * a
        if c.start == "spread":
            b = -a * rng.uniform(min(self.x), max(self.x), (count, m))
        return a, b, c.outer * w

    def descend(self, a, b, w, eta, steps, mu=None, y=None):
        """Of one network: rows (a, b, w, c) after 0..steps steps, by autograd."""
        x, y = torch.tensor(self.x), torch.tensor(self.y if y is None else y)
        weights = [torch.tensor(np.array(p), requires_grad=True) for p in (a, b, w, 0.0)]
        optimiser = torch.optim.SGD(weights, lr=float(eta))
        found = []
        for t in range(steps + 1):
            found.append([p.detach().numpy().copy() for p in weights])
            rows = self.full if mu is None else mu[t]
            optimiser.zero_grad()
            loss = (torch.tensor(rows) * (net(*weights, x) - y) ** 2).sum() / 2
            loss.backward()
            optimiser.step()
        return found

    def outputs(self, weights):
        return net(*(torch.tensor(p) for p in weights), torch.tensor(self.x)).numpy()

    def loss(self, weights):
        return float(((self.outputs(weights) - self.y) ** 2).mean() / 2)

    def pulls(self, weights, mu):
        """Sums of mu (f - y) (x, 1) over the rows of each side, (2, 2)."""
        e = mu * (self.outputs(weights) - self.y)
        return np.array([[(e * self.x)[on].sum(), e[on].sum()] for on in self.on])

    def out(self, way):
        """Neurons that have crossed after each step."""
        gone, found, first = set(), [], way[0][0]
        for a, b, *_ in way:
            gone |= {i for i in range(len(a))
                     if abs(b[i]) >= self.xi * abs(a[i]) or a[i] * first[i] < 0}  # fmt: skip
            found.append(len(gone))
        return found

    @cached_property
    def starts(self):
        c = self.configuration
        return list(zip(*self.start(self.rng("networks"), c.seeds, c.width), strict=True))

    @cached_property
    def ways(self):
        c = self.configuration
        eta = self.eta(c.width)
        return [self.descend(*start, eta, c.steps + 1, self.mu) for start in self.starts]

    @cached_property
    def halves(self):
        return [Halves(self, *start) for start in self.starts]

    @cached_property
    def t(self):
        c = self.configuration
        found = {0, c.certify_at, *np.geomspace(1, c.steps, c.points).round().astype(int).tolist()}
        return sorted(found)

    @lru_cache  # noqa: B019
    def stays(self, purpose, count, m, shift=0.0, copies=1):
        """Shares of networks of this width whose kinks all stay by tau, each trained."""
        eta, rng, found = self.eta(m), self.rng(purpose), []
        steps = ceil(self.configuration.horizon / eta)
        first = self.start(rng, count, m)
        for copy in range(copies):
            drawn = rng.standard_normal((2, count, m)) if copy else None
            here = []
            for i, (a, b, w) in enumerate(zip(*first, strict=True)):
                one = (a, b, w) if drawn is None else redrawn(a, b, w, *drawn[:, i])
                here.append(self.out(self.descend(*one, eta, steps, y=self.y + shift))[-1] == 0)
            found.append(here)
        return np.mean(found, axis=0)


def redrawn(a, b, w, other, across):
    """Neurons of the same moments: a along |other|, w along it and along what is left of across."""
    new_a, new_w = np.zeros(len(a)), np.zeros(len(a))
    for side in (np.flatnonzero(a > 0), np.flatnonzero(a < 0)):
        if not len(side):
            continue
        unit = np.sign(a[side]) * abs(other[side]) / np.linalg.norm(other[side])
        size = np.linalg.norm(a[side])
        along = a[side] @ w[side] / size
        new_a[side], new_w[side] = size * unit, along * unit
        if len(side) > 1:
            rest = across[side] - (unit @ across[side]) * unit
            far = np.sqrt(w[side] @ w[side] - along**2)
            new_w[side] += far * rest / np.linalg.norm(rest)
    return new_a, b, new_w


def net(a, b, w, c, x):
    return torch.relu(a[:, None] * x + b[:, None]).T @ w + c


class Halves:
    """Neurons that stay on their sides, whatever their kinks do: what the thirteen numbers say."""

    def __init__(self, it, a, b, w):
        self.it, c = it, it.configuration
        th, bias = np.stack([a, b, w], axis=1), 0.0
        sides = [np.flatnonzero(a > 0), np.flatnonzero(a < 0)]
        Phi, self.eta = [np.eye(3), np.eye(3)], it.eta(c.width)
        self.rows, self.start, self.sides = [], th.copy(), sides
        for t in range(c.steps + 1):
            M, h = it.sums(it.mu[t])
            S = [th[side].T @ th[side] for side in sides]
            u = [M[s] @ (S[s][0, 2], S[s][1, 2] + bias) - h[s] for s in (0, 1)]
            self.rows.append({"S": S, "u": u, "c": bias, "Phi": list(Phi), "th": th.copy(),
                              "M": M, "h": h})  # fmt: skip
            for s in (0, 1):
                step = np.eye(3) - self.eta * Q(u[s])
                th[sides[s]] = th[sides[s]] @ step.T
                Phi[s] = step @ Phi[s]
            bias -= self.eta * (u[0][1] + u[1][1])

    @cached_property
    def intervals(self):
        """Ends of I_+ and I_- after each step, by the roots of the two lines in rho."""
        found, ends = [], [[-1e15, 1e15], [-1e15, 1e15]]
        for row in self.rows:
            for s in (0, 1):
                F = row["Phi"][s]
                for sign in (1, -1):
                    base = self.it.xi * F[0, 0] - sign * F[1, 0]
                    slope = self.it.xi * F[0, 2] - sign * F[1, 2]
                    if slope > 0:
                        ends[s][0] = max(ends[s][0], -base / slope)
                    if slope < 0:
                        ends[s][1] = min(ends[s][1], -base / slope)
            found.append([list(end) for end in ends])
        return found

    @cached_property
    def extremes(self):
        rho = self.start[:, 2] / self.start[:, 0]
        rho = self.it_rho(rho)
        return [(min(one, default=0.0), max(one, default=0.0)) for one in rho]

    def it_rho(self, rho):
        return [[float(rho[i]) for i in side] for side in self.sides]

    def room(self, t):
        pairs = zip(self.extremes, self.intervals[t], strict=True)
        return min(min(rho[0] - end[0], end[1] - rho[1]) for rho, end in pairs)

    @cached_property
    def certificate(self):
        return Certificate(self)


def Q(u):
    return np.array([[0, 0, u[0]], [0, 0, u[1]], [u[0], u[1], 0]])


class Certificate:
    """By products of matrices as they are printed; U from 0 upwards."""

    def __init__(self, halves):
        it = halves.it
        row, eta = halves.rows[it.configuration.certify_at], halves.eta
        M, h = it.sums(it.full)
        R = scipy.linalg.block_diag(*(np.real(scipy.linalg.sqrtm(one)) for one in M))
        u = np.concatenate([M[s] @ (row["S"][s][0, 2], row["S"][s][1, 2] + row["c"]) - h[s]
                            for s in (0, 1)])  # fmt: skip
        A = scipy.linalg.block_diag(*(S[:2, :2] + S[2, 2] * np.eye(2) for S in row["S"]))
        A += np.outer([0, 1, 0, 1], [0, 1, 0, 1])
        lam, V = np.linalg.eigh(R @ A @ R)
        z = np.linalg.solve(R, u)
        k = abs(V.T @ z)
        changed = np.array([(1 - abs(1 - eta * one)) / eta for one in lam])
        self.lam_max, self.lam_1, self.Z_sq = max(lam), min(changed), z @ z
        self.Z_r = sum(k / changed)
        self.ref = (abs(R @ V) @ (k / changed)).reshape(2, 2)
        self.row = np.sqrt((R**2).sum(1)).reshape(2, 2)
        self.S, self.R, self.th = row["S"], abs(R), abs(row["th"])
        self.sides, U = halves.sides, self.ref
        for _ in range(400):
            self.eps = self.epsilon(U)
            if not self.eps < self.lam_1:
                break
            U = self.ref + self.row * self.eps * self.Z_r / (self.lam_1 - self.eps)
        self.U = U

    def Dl(self, U):
        return np.linalg.inv(np.eye(3) - Q(U)) - np.eye(3)

    def epsilon(self, U):
        if max((U**2).sum(1)) >= 1:
            return np.inf
        blocks = []
        for s in (0, 1):
            Dl, S = self.Dl(U[s]), abs(self.S[s])
            dS = Dl @ S + S @ Dl.T + Dl @ S @ Dl.T
            rest = dS[2, 2] + U[s] @ (S + dS)[:2, 2]
            blocks.append(dS[:2, :2] + rest * np.eye(2))
        return np.linalg.norm(self.R @ scipy.linalg.block_diag(*blocks) @ self.R, 2)

    @property
    def reach(self):
        found = []
        for s, side in enumerate(self.sides):
            d = self.th[side] @ self.Dl(self.U[s]).T
            found += [(th[1] + e[1]) / (th[0] - e[0]) if th[0] > e[0] else 1e9
                      for th, e in zip(self.th[side], d, strict=True)]  # fmt: skip
        return max(found)

    @property
    def holds(self):
        return bool(self.eps < self.lam_1 and (self.U**2).sum(1).max() < 1)
