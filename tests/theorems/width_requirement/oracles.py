"""Oracles of the width requirement: Link III in floats, its events and samples by hand."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp, log, sqrt

import numpy as np

from tests.oracles import Near, OnAProblem, Oracles
from tests.verify.training.masked import by_hand
from verify.judging.seeds import seed_tensor


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """The problem and the networks of all trials, by hand; what Link III says, in floats."""

    @property
    def n(self):
        return len(self.problem.X)

    @property
    def xi(self):
        c = self.configuration
        return 1 / c.surrogates if c.law == "categorical" else 1.0 if c.xi is None else c.xi

    @cached_property
    def moments(self):
        return by_hand.moments(self.configuration.law, self.configuration.surrogates, self.xi)

    @cached_property
    def norm_X(self):
        X = self.problem.X
        return sqrt(by_hand.largest([[x @ y for y in X] for x in X]))

    @cached_property
    def g(self):
        X = self.problem.X
        return by_hand.norm([[abs(x @ y) for y in X] for x in X])

    @cached_property
    def lambda_0(self):
        return by_hand.lambda_0(self.problem.X)

    @property
    def y_sq(self):
        return sum(y * y for y in self.problem.y)

    @property
    def zeta(self):
        return self.configuration.step / self.norm_X**2

    @cached_property
    def link_3(self):
        """The numbers of Link III, from its docstring."""
        c, n, xi, zeta = self.configuration, self.n, self.xi, self.zeta
        p, tau, K, delta, kappa = c.surrogates, c.local_steps, c.rounds, c.delta, c.init_scale
        theta, V, G = self.moments["theta"], self.moments["V"], self.norm_X**2
        masked = xi < 1
        r = theta * (1 - (1 - zeta * (1 - c.epsilon) * self.lambda_0) ** tau)
        b_f, b_B, b_A = (0.5, 0.25, 0.25) if masked else (1, 0, 0)
        if masked and tau == 1:
            b_B, b_A = 0.5, 0
        nu = b_f * r * exp(-1 / 12) / (4 * zeta * self.g * tau * (tau + 1))
        q = nu / (4 if masked else 2)
        R_w = kappa * q * sqrt(math.pi / 2)
        t_B = b_B * r / (4 * p * zeta * tau)
        t_A = b_A * r / (2 * theta * xi * zeta * tau * (tau - 1)) if tau > 1 else math.inf

        def S(E_0, R, chance):
            root, norm_P = kappa * sqrt(n), min(1, tau * zeta * G)
            s = theta * sqrt(V) * (norm_P * root + R)
            sigma = sqrt((1 - xi) / xi) * (root + R)
            if not masked:
                return E_0 * (1 - (1 - 0.75 * r) ** K) / (0.75 * r)
            x = 1 - 0.8 * r
            decayed = E_0 * (1 - x ** (K / 2)) / (1 - sqrt(x))
            steady = K * (sqrt(2 / r) * s + sqrt(5) / 2 * sigma)
            return sqrt(p / chance) * (decayed + steady)

        def width(name, failure):
            u = log(2 * n * K * p / failure)
            if name == "kernel":
                eps = c.epsilon
                chernoff = (1 - eps) * log(1 - eps) + eps
                return G * log(n / failure) / (self.lambda_0 * chernoff)
            if name == "trace":
                return 5 / failure
            if name == "near":
                return 3 * log(n / failure) / q
            if not masked or (name == "curvature" and tau == 1):
                return 0.0
            if name == "active":
                return 3 * p * log(2 * K * p * n / failure) / (2 * q * theta)
            if name == "averaging":
                size = max(theta / p, 1 - theta / p) * G
                return u * (2 * self.moments["v_B"] * G**2 / t_B**2 + 2 * size / (3 * t_B))
            size = max(xi, 1 - xi) * G / xi**2
            variance = self.moments["v_A"] * G**2 / xi**4
            return u * (2 * variance / t_A**2 + 2 * size / (3 * t_A))

        initial = self.y_sq + kappa**2 * n / 2
        E_0, R = sqrt(4 * initial / delta), self.norm_X * R_w
        travel = (zeta * self.norm_X * (tau + 0.25) * S(E_0, R, delta / 2) / R_w) ** 2
        names = ("kernel", "trace", "near", "active", "averaging", "curvature")
        return {
            "alpha": r / 4, "R": R, "R_w": R_w, "q": q,
            "m_star": max(travel, *(width(name, delta / 20) for name in names)),
            "width": {
                **{name: width(name, delta) for name in names},
                "active": max(width("near", delta / 2), width("active", delta / 2)),
                "initial_loss": 1,
                "residuals": max(8192, width("kernel", delta / 20), width("trace", delta / 20)),
            },
            "threshold": {
                "kernel": (1 - c.epsilon) * self.lambda_0,
                "trace": kappa**2 * n,
                "initial_loss": initial / delta,
                "near": 2 * q,
                "active": nu,
                "averaging": t_B,
                "curvature": t_A,
                "residuals": S(E_0, self.small_R, delta / 2),
            },
        }  # fmt: skip

    @property
    def small_R(self):
        """The R of (III.11), which holds at any."""
        return self.configuration.init_scale * sqrt(self.n) / 10

    @property
    def width(self):
        given, needed = self.configuration.width, self.link_3["m_star"]
        return given or (math.ceil(needed) if needed <= 4e6 else 8192)

    def start(self, purpose, trial, width):
        c, X = self.configuration, by_hand.spanned(self.problem.X)
        salt = f"{self.salt}/{purpose} {trial}"
        dtype = np.dtype(c.dtype)
        return by_hand.Start.draw(X, self.problem.y, width, c.init_scale, salt, dtype=dtype)

    def masks(self, start, seed):
        c = self.configuration
        return by_hand.draw_masks(c.law, c.surrogates, self.xi, start.m, seed, c.rounds)

    def train(self, start, seed):
        c, eta = self.configuration, self.xi * self.zeta
        return by_hand.train(
            start, c.law, self.xi, eta, c.local_steps, self.masks(start, seed)
        )  # fmt: skip

    @cached_property
    def runs(self):
        """Of every trial, its mask sequences."""
        count = 1 if self.xi == 1 else self.configuration.seeds
        found = []
        for trial in range(self.configuration.trials):
            start, seeds = self.start("trial", trial, self.width), self.seeds(count, "masks", trial)
            found.append([self.train(start, seed) for seed in seeds])
        return found

    def seeds(self, count, purpose, trial):
        return seed_tensor(count, purpose, self.salt, trial).split(1)

    @cached_property
    def good(self):
        """Of every trial and mask sequence, k = 0, ..., K."""
        alpha = self.configuration.rounds * [self.link_3["alpha"]]
        return np.array([[run.good(alpha, self.link_3["R"]) for run in runs] for runs in self.runs])


def value(it, name, start, trial):
    """What the event of a lemma compares with its threshold (`kernel`: from below)."""
    xi, p, m, theta = it.xi, it.configuration.surrogates, start.m, it.moments["theta"]
    if name == "kernel":
        return min(start.mu)
    if name == "trace":
        return start.Phi.trace()
    if name == "initial_loss":
        return start.e_0 @ start.e_0
    near = [abs(start.W @ x) <= it.link_3["R_w"] for x in start.X]
    if name == "near":
        return max(sum(each) / m for each in near)
    (seed,) = it.seeds(1, name, trial)
    if name == "residuals":
        run = it.train(start, seed)
        good = run.good(it.configuration.rounds * [it.link_3["alpha"]], it.small_R)
        sizes = np.diff(run.travelled, prepend=0.0)
        return sum(size for size, inside in zip(sizes, good[:-1], strict=True) if inside)
    masks = it.masks(start, seed)
    found = []
    for held in masks:
        shares = [mask / np.maximum(sum(held), 1.0) for mask in held]
        if name == "active":
            found += [mask @ each / (xi * m) for mask in held for each in near]
            found += [p * share @ each / m for share in shares for each in near]
        elif name == "averaging":
            kernels = [start.kernel(start.W, share) for share in shares]
            found += [by_hand.norm(B - theta / p * start.H) for B in kernels]
        else:
            kernels = [start.kernel(start.W, mask / xi**2) for mask in held]
            found += [by_hand.norm(A - start.H / xi) for A in kernels]
    return max(found)


@lru_cache
def values(it, name, width):
    """What the lemma compares, in every trial."""
    trials = range(it.configuration.trials)
    return np.array([value(it, name, it.start(name, trial, width), trial) for trial in trials])


def happened(it, name, width, factor=1.0):
    """The event of a lemma in every trial; `factor` multiplies the threshold."""
    found, threshold = values(it, name, width), factor * it.link_3["threshold"][name]
    return found >= threshold if name == "kernel" else found <= threshold


def lemma(name):
    def sample(it):
        width = max(1, math.ceil(it.link_3["width"][name]))
        return {"values": happened(it, name, width).astype(float), "symbols": {"m": width}}

    return sample


def losses(it):
    """One sample per trial."""
    found = []
    for runs, good in zip(it.runs, it.good, strict=True):
        e0_sq = runs[0].start.e_0 @ runs[0].start.e_0
        found.append({
            "values": np.array([run.loss for run in runs]).T * good.T,
            "trivial": e0_sq,
            "given": 1,
            "share": sum(good[:, -1]) / len(runs),
            "deterministic": it.xi == 1,
            "dtype": it.configuration.dtype,
            "symbols": {"e0_sq": e0_sq},
        })  # fmt: skip
    return found


def distance(it):
    runs = [run for runs in it.runs for run in runs]
    return {
        "values": np.array([run.lazy["displacement"] for run in runs]),
        "scale": it.configuration.init_scale,
        "dtype": it.configuration.dtype,
        "symbols": {
            "travelled": np.array([run.travelled for run in runs]),
            "nu": np.array([run.lazy["nu"] for run in runs]),
        },
    }


def option(name):
    return lambda it: getattr(it.configuration, name)


def moment(name):
    return lambda it: Near(it.moments[name], absolute=1e-15)


LEMMAS = ("kernel", "near", "active", "trace", "initial_loss", "averaging", "curvature",
          "residuals")  # fmt: skip
ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: it.n,
        "norm_X": lambda it: it.norm_X,
        "g": lambda it: it.g,
        "lambda_0": lambda it: Near(it.lambda_0, 1e-7),
        "row_norm_deviation": lambda it: 0.0,
        "y_sq": lambda it: it.y_sq,
        "p": option("surrogates"),
        "tau": option("local_steps"),
        "K": option("rounds"),
        "k": lambda it: list(range(it.configuration.rounds + 1)),
        "kappa": option("init_scale"),
        "delta": option("delta"),
        "epsilon": option("epsilon"),
        "xi": lambda it: it.xi,
        "zeta": lambda it: it.zeta,
        "R": lambda it: it.small_R,
        "m": lambda it: it.width,
        "theta": moment("theta"),
        "V": moment("V"),
        "v_A": moment("v_A"),
        "v_B": moment("v_B"),
    },
    samples={
        "good_event": lambda it: {"values": it.good[:, 0, -1].astype(float)},
        "loss_on_good_event": lambda it: losses(it)[0],
        "distance": distance,
        **{name: lemma(name) for name in LEMMAS},
    },
    initialisations={"loss_on_good_event": lambda it: losses(it)[1:]},
)  # fmt: skip
