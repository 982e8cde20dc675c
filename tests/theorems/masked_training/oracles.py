"""Oracles of masked training: every symbol and field from inputs, targets, W_0, signs and masks."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from math import log, sqrt
from typing import Any

import numpy as np

from tests.oracles import Near, Oracles, Satisfies
from tests.verify.training.masked import by_hand
from verify.judging.sample import TOLERANCE
from verify.judging.seeds import numpy_generator, seed_tensor
from verify.problems.data import load_problem


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The problem, W_0, and the runs of pilot, test and watched seeds, by hand."""

    configuration: Any
    salt: str

    @cached_property
    def problem(self):
        c = self.configuration
        return load_problem(
            c.data, samples=c.samples, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rescale=c.rescale,
            rng=numpy_generator("data", self.salt),
        )  # fmt: skip

    def draw(self, salt):
        c, X = self.configuration, by_hand.spanned(self.problem.X)
        return by_hand.Start.draw(
            X, self.problem.y, c.width, c.init_scale, salt, dtype=np.dtype(c.dtype)
        )

    @cached_property
    def start(self):
        return self.draw(self.salt)

    @property
    def xi(self):
        c = self.configuration
        return 1 / c.surrogates if c.law == "categorical" else c.xi

    @property
    def eta(self):
        c = self.configuration
        return c.eta or self.xi * (c.zeta_lambda or 0.5) / max(self.start.mu)

    @property
    def zeta(self):
        return self.eta / self.xi

    @cached_property
    def moments(self):
        return by_hand.moments(self.configuration.law, self.configuration.surrogates, self.xi)

    def run(self, start, seed):
        c = self.configuration
        masks = by_hand.draw_masks(c.law, c.surrogates, self.xi, start.m, seed, c.rounds)
        return by_hand.train(start, c.law, self.xi, self.eta, c.local_steps, masks)

    def runs(self, count, purpose):
        seeds = seed_tensor(1 if self.xi == 1 else count, purpose, self.salt)
        return [self.run(self.start, seed) for seed in seeds.split(1)]

    @cached_property
    def pilots(self):
        return self.runs(self.configuration.pilot_seeds, "pilot")

    @cached_property
    def tests(self):
        return self.runs(self.configuration.seeds, "test")

    @property
    def watched(self):
        return self.tests[: self.configuration.watched]

    @cached_property
    def alpha(self):
        """The headroom times the largest pilot defect of rounds j - 2, ..., j + 2."""
        K = self.configuration.rounds
        worst = [max(run.defect[j] / run.rho[j] for run in self.pilots) for j in range(K)]
        near = [[worst[i] for i in range(K) if abs(i - j) <= 2] for j in range(K)]
        return self.configuration.headroom * np.array([max(row) for row in near])

    @cached_property
    def R(self):
        return self.configuration.headroom * max(max(run.displacement) for run in self.pilots)

    @cached_property
    def good(self):
        return np.array([run.good(self.alpha, self.R) for run in self.tests])  # (S, K + 1)

    @property
    def losses(self):
        return np.array([run.loss for run in self.tests]).T  # (K + 1, S)

    @property
    def size_sq(self):
        start, kappa = self.start, self.configuration.init_scale
        return start.y @ start.y + start.e_0 @ start.e_0 + start.n * kappa**2

    def cancelled(self, squares):
        """The size that rounding acts on where outputs of squared size `size_sq` cancel."""
        return squares + 1e-5 * np.sqrt(squares * self.size_sq) + 1e-19 * self.size_sq

    def cancels(self, value):
        """A value in which numbers as large as the residuals cancel."""
        eps = np.finfo(self.configuration.dtype).eps
        return Near(value, absolute=100 * eps * self.size_sq)

    @cached_property
    def trials(self):
        """Of Theorem 2 inside its regime: an initialisation and a mask sequence each."""
        salts = [f"{self.salt}/trial {i}" for i in range(self.configuration.seeds)]
        return [self.run(self.draw(salt), seed_tensor(1, "trial", salt)) for salt in salts]

    @cached_property
    def theorem_2(self):
        """Whether the premises of Theorem 2 hold (of the watched seeds for the displacement)."""
        c, start = self.configuration, self.start
        lambda_0 = self.xi * by_hand.lambda_0(start.X)  # as published
        width = start.n**2 * log(c.rounds * c.surrogates * start.n / c.delta)
        moved = max(run.lazy["displacement"][-1] for run in self.watched) / self.xi
        near = moved <= c.init_scale / self.xi * lambda_0 / (8 * start.n)
        return bool(near and start.m >= width / (self.xi * lambda_0**2))

    @property
    def kernel_runs(self):
        return self.trials if self.theorem_2 else self.watched

    @cached_property
    def kernels_positive(self):
        threshold = self.xi * by_hand.lambda_0(self.start.X) / 2
        return np.array([run.lazy["kernel_min"][-1] >= threshold for run in self.kernel_runs])


def squares(path):
    return np.array([e @ e for e in path])


@lru_cache
def linearised(it, run):
    """||e_k||^2 of the path that follows the linear recursion once it is not good: (K + 1,)."""
    P, theta = it.start.P(it.zeta, it.configuration.local_steps), it.moments["theta"]
    path, good = [run.residual[0]], run.good(it.alpha, it.R)
    for k in range(run.K):
        if good[k + 1]:
            path.append(run.residual[k + 1])
            continue
        true = good[k] and run.displacement[k] <= it.R  # decided before the masks of round k
        zbar = sum(run.noise[k]) / run.p if true else run.frozen_noise[k]
        path.append(path[k] - theta * P @ (path[k] + zbar))
    return squares(path)


@lru_cache
def control(it, run):
    """||e_k||^2 of the linear recursion with the noise of W_0, less its mean: (K + 1,)."""
    tau, theta = it.configuration.local_steps, it.moments["theta"]
    P, path = it.start.P(it.zeta, tau), [run.residual[0]]
    for zbar in run.frozen_noise:
        path.append(path[-1] - theta * P @ (path[-1] + zbar))
    return squares(path) - mean_squares(it.start, it.zeta, tau, it.moments, run.K)


def mean_squares(start, zeta, tau, moments, K):
    """E||e_k||^2 of that recursion, k = 0, ..., K: mean and variance in every eigenvector."""
    means = np.zeros(K + 1)
    for j, q in enumerate(start.q(zeta, tau)):
        M, variance = 1 - moments["theta"] * q, 0.0
        for k in range(K + 1):
            means[k] += (M**k * start.c[j]) ** 2 + variance
            variance = M**2 * variance
            variance += moments["theta"] ** 2 * q**2 * moments["V"] * start.rotated[j, j]
    return means


@lru_cache
def enumerated(it):
    """The first neurons under all their masks: surrogate loss, noise, ||e||^2 and tr Phi."""
    every = by_hand.columns(it.configuration.law, it.configuration.surrogates, it.xi)
    every = [(column, chance) for column, chance in every if chance > 0]
    m = it.start.m
    if len(every) > 1:
        m = min(m, 1 + max(i for i in range(17) if len(every) ** i <= 2**8))
    first = replace(it.start, W=it.start.W[:m], a=it.start.a[:m])
    phi, y = first.phi(first.W), first.y
    u, surrogate, noise = sum(phi), 0.0, 0.0
    for chosen in product(every, repeat=m):
        chance = np.prod([probability for _, probability in chosen])
        masks = np.array([column for column, _ in chosen]).T
        g = [mask @ phi / it.xi for mask in masks]
        surrogate += chance * sum((g_l - y) @ (g_l - y) for g_l in g) / len(g)
        zbar = sum(g) / len(g) - u
        noise += chance * zbar @ zbar
    return surrogate, noise, (u - y) @ (u - y), sum(f @ f for f in phi)


def of_the_tests(it, values, **fields):
    return {
        "values": values,
        "trivial": it.start.e_0 @ it.start.e_0,
        "scale": 1e-6 * TOLERANCE[it.configuration.dtype] * it.size_sq,
        "share": sum(it.good[:, -1]) / len(it.tests),
        "given": 1,
        "deterministic": it.xi == 1,
        "dtype": it.configuration.dtype,
        "control": it.cancels(np.array([control(it, run) for run in it.tests]).T),
    } | fields


def defect(it):
    runs = it.watched
    rho = np.array([run.rho for run in runs])
    lazy = {name: np.array([run.lazy[name] for run in runs]) for name in runs[0].lazy}
    return {
        "values": np.array([run.defect for run in runs]),
        "trivial": rho,
        "scale": sqrt(it.start.e_0 @ it.start.e_0) + rho,
        "dtype": it.configuration.dtype,
        "symbols": {**lazy, "rho_k": rho},
    }


def aggregation(it):
    before = np.array([run.local_loss(it.configuration.local_steps) for run in it.tests])
    spread = np.array([run.spread(it.configuration.local_steps) for run in it.tests])
    return {
        "values": np.array([run.loss[1:] for run in it.tests]),
        "scale": it.cancelled(before),
        "dtype": it.configuration.dtype,
        "symbols": {"local_loss": before, "spread": spread},
    }


def dispersion(it):
    return {
        "values": it.cancels(np.array([run.distance for run in it.tests])),
        "scale": it.cancelled(np.array([run.loss[:-1] for run in it.tests])),
        "dtype": it.configuration.dtype,
        "symbols": {"spread": np.array([run.spread(0) for run in it.tests])},
    }


def of_few_neurons(which):
    def sample(it):
        found = enumerated(it)
        e_sq, tr_Phi = found[2:]
        return {
            "values": it.cancels([found[which]]),
            "scale": e_sq + tr_Phi,
            "symbols": {"e_sq": e_sq, "tr_Phi": tr_Phi},
        }

    return sample


@lru_cache
def initial_loss(it):
    count = max(it.configuration.seeds, 512)
    residuals = [it.draw(f"{it.salt}/initial {i}").e_0 for i in range(count)]
    return {"values": squares(residuals), "dtype": it.configuration.dtype}


def kernels_positive(it):
    moved = max(run.lazy["displacement"][-1] for run in it.kernel_runs)
    return {"values": it.kernels_positive.astype(float), "symbols": {"displacement": moved}}


def signs(it, symbols):
    """The signs that turn our eigenvectors into those of the symbols."""
    return np.sign(np.asarray(symbols["c_j"]) * it.start.c)


def close(found, right, it):
    near = 1e-9 if it.configuration.dtype == "float64" else 1e-3
    return np.shape(found) == np.shape(right) and np.allclose(
        found, right, rtol=near, atol=near * np.abs(right).max()
    )


def main_bound(it, c):
    """The main theorem in round K, and its rate."""
    start, conf = it.start, it.configuration
    q = start.q(it.zeta, conf.local_steps)
    theta, V, xi = it.moments["theta"], it.moments["V"], it.xi
    r, alpha = theta * q[0], max(it.alpha)
    s = theta * sqrt(V) * (sqrt(sum(q**2 * start.rotated.diagonal())) + it.R)
    sigma = sqrt((1 - xi) / xi) * (sqrt(start.Phi.trace()) + it.R)
    rate = (1 + c) * (1 - r) ** 2 + (1 + 1 / c) * alpha**2
    region = ((1 + c) * s**2 + (1 + 1 / c) * alpha**2 * sigma**2) / (1 - rate)
    bound = rate**conf.rounds * (start.e_0 @ start.e_0) + region
    return np.where(rate < 1, bound, np.inf), rate


FREE = np.logspace(-6, 3, 20_001)


def free_constant(it):
    bound, rate = main_bound(it, FREE)
    if not (rate < 1).any():
        return 1.0
    return Satisfies(
        "within 0.5 % of the smallest bound in the last round",
        lambda c, _: main_bound(it, c)[1] < 1 and main_bound(it, c)[0] <= 1.005 * bound.min(),
    )


def certified_target_bound(it):
    right = 1 + max(abs(y) for y in it.start.y)
    return Satisfies(
        f"just above {right}",
        lambda C, symbols: symbols["y_max"] <= C - 1 and right <= C <= right * (1 + 1e-9),
    )


def row_deviation(it):
    found = max(abs(sqrt(x @ x) - 1) for x in it.problem.X)
    return found if found > 1e-6 else 0.0


def option(name):
    return lambda it: getattr(it.configuration, name)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        "n": lambda it: len(it.problem.X),
        "d": lambda it: len(it.problem.X[0]),
        "m": option("width"),
        "p": option("surrogates"),
        "tau": option("local_steps"),
        "K": option("rounds"),
        "k": lambda it: list(range(it.configuration.rounds + 1)),
        "kappa": option("init_scale"),
        "delta": option("delta"),
        "xi": lambda it: it.xi,
        "eta": lambda it: it.eta,
        "zeta": lambda it: it.zeta,
        "theta": lambda it: it.moments["theta"],
        "V": lambda it: Near(it.moments["V"], absolute=1e-15),
        "excess": lambda it: (
            it.moments["kurtosis"]
            * sum((f @ f) ** 2 for f in it.start.phi(it.start.W))
            / it.start.Phi.trace() ** 2
        ),
        "lambda": lambda it: min(it.start.mu),
        "Lambda": lambda it: max(it.start.mu),
        "lambda_0": lambda it: Near(by_hand.lambda_0(it.problem.X), 1e-7),  # of the cosine
        "g": lambda it: by_hand.norm([[abs(x @ y) for y in it.start.X] for x in it.start.X]),
        "mu": lambda it: it.start.mu,
        "c_j": lambda it: Satisfies(
            f"{it.start.c} up to signs",
            lambda c, symbols: close(c, signs(it, symbols) * it.start.c, it),
        ),
        "c_sq": lambda it: it.start.c**2,
        "Phi": lambda it: Satisfies(
            f"{it.start.rotated} up to signs",
            lambda Phi, symbols: close(
                Phi, np.outer(*2 * [signs(it, symbols)]) * it.start.rotated, it
            ),
        ),
        "e0_sq": lambda it: it.start.e_0 @ it.start.e_0,
        "alpha_j": lambda it: it.alpha,
        "alpha": lambda it: max(it.alpha),
        "R": lambda it: it.R,
        "c": free_constant,
        "row_norm_deviation": row_deviation,
        "y_max": lambda it: max(abs(y) for y in it.start.y),
        "y_sq": lambda it: sum(y * y for y in it.start.y),
        "C": certified_target_bound,
        "C_m": lambda it: 1.0,
        "C_eta": lambda it: 1.0,
        "C_B": lambda it: 1.0,
        "gamma": lambda it: 0.5,
    },
    samples={
        "loss": lambda it: of_the_tests(it, it.losses, share=1.0),
        "loss_on_good_event": lambda it: of_the_tests(it, it.losses * it.good.T),
        "linearised_loss": lambda it: of_the_tests(
            it,
            np.array([linearised(it, run)
                      for run in it.tests]).T,
        ),
        "defect": defect,
        "aggregation": aggregation,
        "dispersion": dispersion,
        "surrogate_loss": of_few_neurons(0),
        "noise_variance": of_few_neurons(1),
        "initial_loss": initial_loss,
        "surrogate_kernels_positive": kernels_positive,
    },
)  # fmt: skip
