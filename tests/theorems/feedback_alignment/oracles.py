"""Oracles of feedback alignment: every symbol, field and event, by hand."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import ceil, exp, inf, sqrt
from typing import Any

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.feedback_alignment import by_hand
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

norm = np.linalg.norm
CLOSE = 1e-6
"""Relative rounding of flows by another integrator, and of what they give."""


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The problem and the networks, by hand."""

    configuration: Any
    salt: str

    @cached_property
    def problem(self):
        c = self.configuration
        return load_problem(
            c.data, samples=c.samples, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rng=numpy_generator("data", self.salt),
        )  # fmt: skip

    @property
    def X(self):
        return self.problem.X

    @property
    def y(self):
        return self.problem.y

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
        return [by_hand.drawn(self.X, self.y, f"{self.salt}/trial {i}", c.width, c)
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

    def certifies(self, at, a):
        """Whether a is a certificate of the start."""
        m, eta, B2, s = self.configuration.width, self.eta, at["B2"], at["s_0"]
        if a < 1e-100:  # there may be none
            return False
        R = self.norm_X * at["e_0"] / (sqrt(m) * a * self.mu)
        shrunk = max(0.0, s - R) ** 2
        least = at["overlap"] + B2 / 2 * (shrunk - s**2) - B2 * eta * at["e_0"] ** 2 / (2 * m * a)
        most = at["high"] + at["overlap"] / m + B2 / m * (1.5 * (s + R) ** 2 - s**2 / 2)
        return at["low"] + least / m >= a and eta * self.norm_X**2 * most <= 1

    def best(self, at, allowed):
        """The largest of 100 rates that certifies, else the 51st."""
        most = max(at["low"] + at["overlap"] / self.configuration.width, 1e-300)
        rates = [most * (1 + i * 99 / 99) / 100 for i in range(100)]
        good = [a for a in rates if allowed and self.certifies(at, a)]
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

    def relu_start(self, net):
        """The numbers of one network, for ReLU ones, as functions of the rate where needed."""
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
        return {**at, "a": a, "norm_F": flips(a)}

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

    @cached_property
    def aligned(self):
        decay = self.configuration.decay
        return [net.flow([0.0, *self.late], decay)[1:] for net in self.nets]

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


# --- samples -------------------------------------------------------------------------------------


def rows(values, shape):
    """One number per network, along its path."""
    return np.array(values, dtype=float).reshape(-1, *[1] * (len(shape) - 1)) * np.ones(shape)


def columns(starts, shape):
    rounding = {"atol": 1e-9, "rtol": 1e-7, "absolute": 1e-12}
    return {name: Near(rows([at[name] for at in starts], shape), **rounding) for name in starts[0]}


def steps(shape):
    return np.arange(shape[1]) * np.ones(shape)


def each(paths, number):
    """(trials, steps + 1, ...)."""
    return np.array([[number(net) for net in path] for path in paths])


def transport(it, paths):
    return {"transport": Near(it.moved(paths), 1e-9)}


def neuron(it):
    product = each(it.short, lambda net: net.b * net.beta)[..., :24]
    W = each(it.short, lambda net: net.W)[:, :, :24]
    squares = (W**2).sum(-1)
    return {
        "values": Near(product[:, 1:], 1e-8, 1e-10),
        "scale": squares[:, 1:] + squares[:, :-1],
        "symbols": {
            "product": Near(product[:, :-1], 1e-8, 1e-10), "w_sq": squares[:, :-1],
            "w_sq_next": squares[:, 1:],
            "dw_sq": Near(((W[:, 1:] - W[:, :-1]) ** 2).sum(-1), 1e-7, 1e-9),
            **transport(it, it.short),
        },
    }  # fmt: skip


def growth(it):
    overlap = each(it.short, lambda net: net.b @ net.beta)
    W = each(it.short, lambda net: net.W)
    squares, shape = (W**2).sum((2, 3)), overlap[:, 1:].shape
    moved = ((W[:, 1:] - W[:, :-1]) ** 2).sum((2, 3)).cumsum(1)
    return {
        "values": Near(overlap[:, 1:], 1e-8, 1e-10),
        "scale": squares[:, 1:],
        "symbols": {
            "overlap": rows(overlap[:, 0], shape), "W_sq": squares[:, 1:],
            "W0_sq": rows(squares[:, 0], shape), "dW_sq": Near(moved, 1e-7),
            "decayed": it.configuration.decay * (steps(shape) + 1), **transport(it, it.short),
        },
    }  # fmt: skip


def residual(it):
    X, e = it.X, each(it.short, lambda net: it.inside(net.e))
    h = -e[:, :-1] @ X
    pairs = [list(zip(path, row, strict=False)) for path, row in zip(it.short, h, strict=True)]
    carried = [[[(net.W @ x) @ (net.W @ g) for x in X] for net, g in row] for row in pairs]
    after = each([path[1:] for path in it.short], lambda net: net.b @ net.beta)
    shape = e[:, 1:].shape
    loose = {"rtol": 1e-8, "atol": 1e-9}
    return {
        "values": Near(e[:, 1:], **loose),
        "scale": 1.0,
        "symbols": {
            "e_i": Near(e[:, :-1], **loose), "y_i": it.inside(it.y) * np.ones(shape),
            "carried": Near(np.array(carried), **loose), "direct": Near(h @ X.T, **loose),
            "next_overlap": Near(after[..., None] * np.ones(shape), **loose),
            **transport(it, it.short),
        },
    }  # fmt: skip


def numbers(it):
    """s, v, q, c of every network at every step, from the residual of the linear network."""
    eta, decay, m = it.eta, it.configuration.decay, it.configuration.width
    found = []
    for net in it.nets:
        s, v, q, c = np.zeros(it.X.shape[1]), np.zeros(it.X.shape[1]), 1.0, 0.0
        row = [(s, v, q, c)]
        for _ in range(len(it.short[0]) - 1):
            W, beta = net.W + np.outer(net.b, s), q * net.beta + net.W @ v + c * net.b
            h = -(it.X @ W.T @ beta / sqrt(m) - it.y) @ it.X
            c = (1 - eta * decay) * c + eta / sqrt(m) * (s @ h)
            s, v = s + eta / sqrt(m) * h, (1 - eta * decay) * v + eta / sqrt(m) * h
            q *= 1 - eta * decay
            row.append((s, v, q, c))
        found.append(row)
    return found


def first_layer(it):
    values = each(it.short, lambda net: net.W[:24] @ it.X.T)
    b = np.array([net.b[:24] for net in it.nets])
    shift = np.array([[it.X @ s for s, *_ in row] for row in numbers(it)])
    ones = np.ones(values.shape)
    return {
        "values": Near(values, 1e-8, 1e-10),
        "scale": 1.0,
        "symbols": {
            "z_0": values[:, :1] * ones, "b_r": b[:, None, :, None] * ones,
            "shift": Near(shift[:, :, None] * ones, 1e-8, 1e-9), **transport(it, it.short),
        },
    }  # fmt: skip


def second_layer(it):
    values = each(it.short, lambda net: net.beta[:24])
    b = np.array([net.b[:24] for net in it.nets])
    found, ones = numbers(it), np.ones(values.shape)
    w_v = np.array([[net.W[:24] @ v for _, v, *_ in row]
                    for net, row in zip(it.nets, found, strict=True)])  # fmt: skip
    q, c = (np.array([[at[i] for at in row] for row in found])[..., None] * ones for i in (2, 3))
    return {
        "values": Near(values, 1e-8, 1e-10),
        "scale": 1.0,
        "symbols": {
            "beta_r0": values[:, :1] * ones, "b_r": b[:, None] * ones,
            "w_v": Near(w_v, 1e-8, 1e-9), "q": q, "c": Near(c, 1e-8, 1e-9),
            **transport(it, it.short),
        },
    }  # fmt: skip


def error(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    e_0 = rows(values[:, 0], values.shape)
    symbols = {**columns(it.starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    return {"values": Near(values, 1e-8, 1e-9), "trivial": e_0, "scale": e_0, "symbols": symbols}


def relu_error(it):
    values = each(it.paths, lambda net: norm(net.e))
    e_0 = rows(values[:, 0], values.shape)
    starts = [it.relu_start(net) for net in it.nets]
    symbols = {**columns(starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    return {"values": Near(values, 1e-8, 1e-9), "trivial": e_0, "scale": e_0, "symbols": symbols}


def gamma(it):
    return float(np.linalg.eigvalsh(by_hand.kernel(it.X, it.configuration.activation))[0])


def published_rate(it):
    values = each(it.paths, lambda net: norm(net.e))
    rate = 1 - it.eta * gamma(it) / 4
    kept = [all(e <= rate**k * row[0] * (1 + 1e-9) for k, e in enumerate(row)) for row in values]
    return {"values": np.array(kept, float), "symbols": transport(it, it.paths)}


def alignment(it):
    values = abs(each(it.paths, lambda net: net.cosine))
    symbols = {**columns(it.starts, values.shape), **transport(it, it.paths)}
    return {"values": Near(values, 1e-8, 1e-9), "trivial": 1.0, "symbols": symbols}


def a_0(it):
    m = it.configuration.width
    return [at["low"] + (at["overlap"] - at["B2"] * at["s_0"] ** 2 / 2) / m for at in it.starts]


def initial_rate(it):
    return {"values": np.array([rate >= 0.25 for rate in a_0(it)], float)}


def linear_start(it, shape):
    """Without the rate that is tried; with the error of the linear network."""
    found = columns(it.starts, shape) | {"e_0": Near(rows(it.flows[:, 0], shape), 1e-8)}
    return {name: value for name, value in found.items() if name != "a"}


def flow_error(it):
    values = it.flows
    symbols = {**linear_start(it, values.shape), "t": np.array(it.times) * np.ones(values.shape)}
    e_0 = rows(values[:, 0], values.shape)
    return {"values": Near(values, CLOSE, CLOSE), "trivial": e_0, "scale": e_0, "symbols": symbols}


def convergence(it):
    slow = [exp(-it.mu * t / 4) for t in it.times]
    kept = [all(e <= s * row[0] * (1 + 1e-7) for e, s in zip(row, slow, strict=True))
            for row in it.flows]  # fmt: skip
    return {"values": np.array(kept, float)}


def late(it, shape):
    known = columns(it.starts, shape)
    return {"t": np.array(it.late) * np.ones(shape), "B2": known["B2"],
            "W_p_theta": known["W_p_theta"]}  # fmt: skip


def tangent(it):
    def tan(net):
        off = net.beta - net.b * (net.b @ net.beta) / (net.b @ net.b)
        along = net.b @ net.beta / norm(net.b)
        return norm(off) / along if along > 0 else 1e300

    values = each(it.aligned, tan)
    return {"values": Near(values, 1e-4), "scale": 1e-6, "symbols": late(it, values.shape)}


def pull(it):
    values = each(it.aligned, lambda net: norm(it.X.T @ net.e))
    return {"values": Near(values, 1e-4, absolute=1e-8), "scale": 1e-6,
            "symbols": late(it, values.shape)}  # fmt: skip


def decay_scale(it, shape):
    return rows([at["e_0"] + norm(it.inside(it.y)) for at in it.starts], shape)


def decayed_step(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    m, ends = it.configuration.width, [[], []]
    for path in it.paths:
        spectra = [
            np.linalg.eigvalsh(net.W.T @ net.W / m + (new.b @ new.beta) / m * np.eye(len(it.X.T)))
            for net, new in pairwise(path)
        ]
        ends[0].append([one[0] for one in spectra])
        ends[1].append([one[-1] for one in spectra])
    symbols = {"e_before": Near(values[:, :-1], 1e-8, 1e-9), **transport(it, it.paths)}
    symbols |= {"low_A": Near(np.array(ends[0]), 1e-7, 1e-8, 1e-12),
                "high_A": Near(np.array(ends[1]), 1e-7, 1e-8, 1e-12)}  # fmt: skip
    shape = values[:, 1:].shape
    return {"values": Near(values[:, 1:], 1e-8, 1e-9), "scale": decay_scale(it, shape),
            "symbols": symbols}  # fmt: skip


def decayed_error(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    m, starts = it.configuration.width, []
    for at in it.starts:
        most = at["low"] + min(0.0, at["overlap"]) / m
        starts.append({**at, "a": max(most, 1e-300) / 2})
    symbols = {**columns(starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    if max(at["a"] for at in starts) < 1e-20:
        symbols["a"] = Near(rows([at["a"] for at in starts], values.shape), absolute=1e-12)
    return {"values": Near(values, 1e-8, 1e-9), "scale": decay_scale(it, values.shape),
            "symbols": symbols}  # fmt: skip


def after_decay(it, shape):
    starts = []
    for path in it.stopped:
        at = it.start(path[0])
        starts.append({**at, "a": it.best(at, it.linear)})
    moved = max(abs(path[0].beta - net.beta).max()
                for path, net in zip(it.stopped, it.nets, strict=True))  # fmt: skip
    return {**columns(starts, shape), "k": steps(shape), "lambda": 0.0,
            "transport": Near(moved if it.back else 0.0, 1e-8)}  # fmt: skip


def stopped_error(it):
    values = each(it.stopped, lambda net: norm(it.inside(net.e)))
    e_0 = rows(values[:, 0], values.shape)
    return {"values": Near(values, 1e-7, 1e-8), "trivial": Near(e_0, 1e-7),
            "scale": Near(e_0 + norm(it.inside(it.y)), 1e-7),
            "symbols": after_decay(it, values.shape)}  # fmt: skip


def stopped_alignment(it):
    values = each(it.stopped, lambda net: net.cosine)
    return {"values": Near(values, 1e-7, 1e-8), "scale": 1.0,
            "symbols": after_decay(it, values.shape)}  # fmt: skip


def saturated(it):
    found = {name: [] for name in ("B2", "B2_A", "z_p", "silent", "lost", "leaving")}
    x = it.X[0]
    for path in it.paths:
        first, end = path[0], path[-1]
        active = [r for r in range(end.m) if end.W[r] @ x > 0]
        A = [r for r in active if end.b[r] * it.y[0] > 0]
        b, z = end.b[A], first.W[A] @ x
        found["B2"].append(sum(end.b**2))
        found["B2_A"].append(sum(b**2))
        found["z_p"].append(norm(z - b * (b @ z) / (b @ b)) if A else 0.0)
        dead = [r for r in range(end.m) if r not in active]
        found["silent"].append(sum(end.beta[dead] ** 2) / sum(end.beta**2))
        found["lost"].append(sum(any(net.W[r] @ x <= 0 for net in path) for r in A))
        found["leaving"].append(len(active) - len(A))
    symbols = {name: Near(np.array(values, float), 1e-8, absolute=1e-12)
               for name, values in found.items()}  # fmt: skip
    symbols |= {
        "t": it.eta * it.configuration.steps,
        "others": len(it.X) - 1,
        **transport(it, it.paths),
    }
    values = np.array([path[-1].cosine for path in it.paths])
    return {"values": Near(values, 1e-8, 1e-9), "trivial": 1.0, "scale": 1.0, "symbols": symbols}


def widths(it):
    c, found = it.configuration, []
    while not found or 2 * found[-1] <= c.largest:
        found.append(2 * found[-1] if found else c.smallest)
    return found


def gain(it):
    """Half of what ||W||^2 has grown, at eta = 1/(2 ||X||^2), after 20/(eta mu) steps."""
    c, values = it.configuration, []
    eta = 0.5 / it.norm_X**2
    count = ceil(20 / (eta * it.mu) * (1 - 1e-12))
    for m in widths(it):
        row = []
        for i in range(c.draws):
            net = by_hand.drawn(it.X, it.y, f"{it.salt}/gain {m} {i}", m, c)
            W, beta = net.W, net.beta
            for _ in range(count):
                h = (it.X @ W.T @ beta / sqrt(m) - it.y) @ it.X / sqrt(m)
                W, beta = W - eta * np.outer(net.b, h), beta - eta * W @ h
            row.append((np.sum(W**2) - np.sum(net.W**2)) / 2)
        values.append(row)
    return {"values": Near(np.array(values), 1e-6, 1e-8), "symbols": {"m": widths(it)}}


def slope_of_deviation(it):
    c, at = it.configuration, widths(it)
    G, sweeps = by_hand.kernel(it.X, c.activation), max(1, c.draws // 8)
    means = []
    for m in at:
        row = []
        for sweep in range(sweeps):
            largest = []
            for i in range(8):
                salt = f"{it.salt}/deviation {m} {sweep} {i}"
                path = by_hand.drawn(it.X, it.y, salt, m, c).train(it.eta, c.decay, 60)
                law, most = path[0].e, 0.0
                for net in path:
                    most = max(most, norm(net.e - law))
                    law = law - it.eta * (c.decay * (law + it.y) + G @ law)
                largest.append(most)
            row.append(sum(largest) / 8)
        means.append(row)
    slopes = [np.polyfit(np.log(at), np.log(column), 1)[0] for column in np.array(means).T]
    near = [abs(slope + 0.5) <= c.tolerance for slope in slopes]
    return {"values": np.array(near, float)}


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: len(it.X),
        "d": lambda it: it.X.shape[1],
        "m": option("width"),
        "lambda": option("decay"),
        "delta": option("delta"),
        "beta_scale": option("beta_scale"),
        "C": option("constant"),
        "tolerance": option("tolerance"),
        "smallest": option("smallest"),
        "largest": lambda it: widths(it)[-1],
        "widths": lambda it: len(widths(it)),
        "norm_X": lambda it: it.norm_X,
        "mu": lambda it: it.mu,
        "rank": lambda it: len(it.eigenvalues),
        "eta": lambda it: it.eta,
        "theta": lambda it: norm(it.theta),
        "norm_y": lambda it: norm(it.inside(it.y)),
        "gamma": lambda it: Near(max(gamma(it), 1e-300), 1e-7, absolute=1e-12),
        "curvature": lambda it: 4 / sqrt(27) if it.configuration.activation == "tanh" else 0.0,
        "kink": lambda it: float(it.configuration.activation == "relu"),
        "kurtosis": lambda it: 1.0 if it.configuration.feedback == "signs" else 3.0,
        "correlation": lambda it: float(it.configuration.feedback == "initial"),
        "transport": lambda it: 0.0,
    },
    samples={
        "neuron": neuron,
        "growth": growth,
        "residual": residual,
        "first_layer": first_layer,
        "second_layer": second_layer,
        "error": error,
        "relu_error": relu_error,
        "published_rate": published_rate,
        "alignment": alignment,
        "initial_rate": initial_rate,
        "flow_error": flow_error,
        "convergence": convergence,
        "tangent": tangent,
        "pull": pull,
        "decayed_step": decayed_step,
        "decayed_error": decayed_error,
        "stopped_error": stopped_error,
        "stopped_alignment": stopped_alignment,
        "saturated": saturated,
        "gain": gain,
        "slope_of_deviation": slope_of_deviation,
    },
)
