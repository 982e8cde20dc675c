"""Oracles of coupled initialisation: every symbol, field and event, by hand."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, log, pi, sqrt

import numpy as np
import torch
from scipy.optimize import minimize_scalar

from tests.oracles import Near, OnAProblem, Oracles, Satisfies
from tests.theorems.coupled_initialisation import circle_by_hand
from tests.verify.training.gradient_descent import by_hand
from verify.judging.seeds import torch_generator

DRAWS, PAIRS = 4, 64
"""Networks per width of a sweep; pairs of the networks whose initial outputs are drawn."""


@dataclass(frozen=True, eq=False)
class Ingredients(circle_by_hand.Circle, OnAProblem):
    """The problem and what the theory asks for, in floats; every training run by hand."""

    @cached_property
    def labels(self):
        """Whether targets exceed their mean."""
        return np.array([1.0 if t > sum(self.y) / len(self.y) else -1.0 for t in self.y])

    @cached_property
    def at(self):
        return by_hand.geometry(self.X, self.y)

    @cached_property
    def H_inf(self):
        return by_hand.limiting_kernel(self.X)

    @cached_property
    def gamma_inf(self):
        return by_hand.margin(self.H_inf, self.labels)

    # --- what the claims require, for a failure probability ---

    def N_star(self, failure):
        eps = self.configuration.epsilon
        chernoff = (1 - eps) * log(1 - eps) + eps
        return self.at["norm_X"] ** 2 * log(self.at["n"] / failure) / self.at["lambda_0"] / chernoff

    def N_star_margin(self, failure):
        t = self.configuration.epsilon / 3
        other = (2 + t) * log((self.at["n"] + 1) / failure) / (t * self.gamma_inf) ** 2
        return min(self.N_star(failure), other)

    def width(self, required):
        return self.configuration.pairs or (ceil(required) if required <= 1e5 else 1024)

    def scale(self, N, travel):
        """The kappa at which a margin of kappa (delta/2) sqrt(pi/2)/(N n) is the travel."""
        failure = self.configuration.delta / 2
        return self.configuration.init_scale or travel * N * self.at["n"] / failure / sqrt(pi / 2)

    @cached_property
    def squared(self):
        """N, kappa, eta, K of the training run on the squared loss."""
        c = self.configuration
        N, low = self.width(self.N_star(c.delta / 2)), (1 - c.epsilon) * self.at["lambda_0"]
        travel = self.at["norm_X"] * sqrt(self.at["y_sq"]) / (sqrt(2 * N) * low)
        eta = c.step / self.at["norm_X"] ** 2
        return {"N": N, "kappa": self.scale(N, travel), "eta": eta, "K": c.steps}

    @cached_property
    def logistic(self):
        """The same on the logistic risk."""
        c = self.configuration
        N, eta, K = (
            self.width(self.N_star_margin(c.delta / 2)), c.logistic_step, c.logistic_steps
        )  # fmt: skip
        return {"N": N, "kappa": self.scale(N, eta * K / sqrt(2 * N)), "eta": eta, "K": K}

    # --- networks and runs ---

    def network(self, purpose, trial, N, kappa):
        scalings = N * [1 / (2 * N)]
        return by_hand.coupled(self.X, scalings, kappa, f"{self.salt}/{purpose} {trial}")

    def networks(self, purpose, N, kappa):
        return [self.network(purpose, i, N, kappa) for i in range(self.configuration.trials)]

    @cached_property
    def squared_runs(self):
        at = self.squared
        networks = self.networks("squared", at["N"], at["kappa"])
        return [by_hand.descend(net, self.y, at["eta"], at["K"]) for net in networks]

    @cached_property
    def losses(self):
        """(trials, K + 1)."""
        return np.array([by_hand.squares(run.outputs, self.y) for run in self.squared_runs])

    @cached_property
    def logistic_runs(self):
        at, slope = self.logistic, by_hand.logistic_slope
        networks = self.networks("logistic", at["N"], at["kappa"])
        return [by_hand.descend(net, self.labels, at["eta"], at["K"], slope) for net in networks]

    @cached_property
    def risks(self):
        """(trials, K + 1)."""
        return np.array([by_hand.risks(run.outputs, self.labels) for run in self.logistic_runs])

    def risk_bound(self, gamma, T):
        """inf over rho of log(1 + exp(-rho gamma)) + rho^2/(2 eta T), and the rho."""
        eta = self.logistic["eta"]

        def bound(rho):
            return np.log1p(np.exp(-rho * gamma)) + rho**2 / (2 * eta * T)

        limit = eta * T * gamma + 1e-12
        found = minimize_scalar(bound, bounds=(0, limit), method="bounded", options={"xatol": 1e-9})
        return found.fun, found.x

    @cached_property
    def bounds(self):
        """What whole paths are compared with, by event: values and bounds (trials, points)."""
        c, at = self.configuration, self.squared
        k, T = np.arange(at["K"] + 1), range(1, self.logistic["K"] + 1)
        low = (1 - c.epsilon) * self.at["lambda_0"]
        gamma = sqrt(1 - c.epsilon) * self.gamma_inf
        whole = np.array([self.risk_bound(gamma, t)[0] for t in T])
        half = 1 - at["eta"] * self.at["lambda_0"] / 2
        return {
            "convergence": (self.losses, (1 - at["eta"] * low) ** (2 * k) * self.at["y_sq"]),
            "published_squared": (self.losses, half**k * self.losses[:, :1]),
            "logistic": (self.risks[:, 1:], whole),
            "published_logistic": (self.risks[:, -1:], np.array([c.risk])),
        }

    @cached_property
    def events(self):
        """By name, 0 or 1 per trial."""
        c, at = self.configuration, self.squared
        threshold = at["kappa"] * c.delta * sqrt(pi / 2) / (at["N"] * self.at["n"])
        away = [min(abs(w @ x) for w in run.W[0] for x in self.X) for run in self.squared_runs]
        found = {
            "margin": [distance >= threshold for distance in away],
            "frozen": [not moved(run) for run in self.squared_runs],
            "logistic_frozen": [not moved(run) for run in self.logistic_runs],
        }
        for name, (values, bound) in self.bounds.items():
            # the start has the value of its bound, up to rounding
            over = values > bound * (1 + 1e-9) + 1e-9 * max(1, self.at["y_sq"])
            found[name] = [not any(row) for row in over]
        return {name: np.array(happened, float) for name, happened in found.items()}

    @cached_property
    def lemmas(self):
        """(A.5), (A.10): the pairs, and 0 or 1 per trial."""
        c = self.configuration
        N = ceil(self.N_star(c.delta)), ceil(self.N_star_margin(c.delta))
        dominates = [
            by_hand.smallest(net.H - (1 - c.epsilon) * self.H_inf) >= 0
            for net in self.networks("kernel", N[0], 1.0)
        ]
        far = [
            by_hand.margin(net.H, self.labels) ** 2 >= (1 - c.epsilon) * self.gamma_inf**2
            for net in self.networks("logistic-margin", N[1], 1.0)
        ]
        return {"kernel": (N[0], dominates), "logistic_margin": (N[1], far)}

    @cached_property
    def widths(self):
        return by_hand.doubled(self.configuration.smallest, self.configuration.largest)

    @cached_property
    def deviations(self):
        """How far paths are from the exact law, means over networks: (sweeps, widths)."""
        count = DRAWS * self.configuration.sweeps
        rows = [[self.deviation(N, trial) for trial in range(count)] for N in self.widths]
        return np.array(rows).T.reshape(-1, DRAWS, len(self.widths)).mean(1)

    @cached_property
    def slopes(self):
        return np.array([by_hand.slope(self.widths, row) for row in self.deviations])

    def deviation(self, N, trial):
        net, at = self.network(f"sweep {N}", trial, N, 1.0), self.squared
        run = by_hand.descend(net, self.y, at["eta"], at["K"])
        e, far = -self.y, []
        for f in run.outputs:
            far.append(np.linalg.norm(f - self.y - e))
            e = e - at["eta"] * net.H @ e
        return max(far) / np.linalg.norm(self.y)


def moved(run):
    """Whether any activation of any neuron at any input differs from the start, at any step."""
    first = run.network.active(run.W[0])
    return any((run.network.active(W) != first).any() for W in run.W)


def judged(runs):
    """The trials without a flip; without any, those without one in the first step; else all."""
    first = [run.flips[1] == 0 for run in runs]
    never = [not moved(run) for run in runs]
    chosen = never if any(never) else first if any(first) else [True for _ in runs]
    return [i for i, one in enumerate(chosen) if one]


# --- samples -------------------------------------------------------------------------------------


def of(run, **more):
    """Symbols of a training run."""
    return {name: Near(value, 1e-8) for name, value in run.items()} | more


def losses(it):
    found = []
    for i in judged(it.squared_runs):
        run = it.squared_runs[i]
        mu = np.linalg.eigvalsh(run.network.H)
        found.append({
            "values": Near(it.losses[i], 1e-8, 1e-9),
            "trivial": it.at["y_sq"],
            "scale": it.at["y_sq"],
            "symbols": of(
                it.squared, k=np.arange(it.squared["K"] + 1), flips=run.flips, mu=mu,
                c=Satisfies("<v_j, y>", spectrum_of(run.network.H, it.y)),
                **{"lambda": Near(mu[0], 1e-9, absolute=1e-14)},
            ),
        })  # fmt: skip
    return found


def spectrum_of(H, y):
    """Eigenvectors are known up to signs: y^T H^p y = sum_j mu_j^p c_j^2 for every power."""

    def test(c, symbols):
        powers = [
            (y @ np.linalg.matrix_power(H, p) @ y, sum(symbols["mu"] ** p * c**2))
            for p in range(len(y))
        ]
        return all(abs(a - b) <= 1e-9 * abs(a) for a, b in powers)

    return test


def risks(it):
    found = []
    T = np.arange(1, it.logistic["K"] + 1)
    for i in judged(it.logistic_runs):
        run = it.logistic_runs[i]
        gamma = by_hand.margin(run.network.H, it.labels)
        rho = [it.risk_bound(gamma, t)[1] for t in T]
        found.append({
            "values": it.risks[i, 1:],
            "trivial": log(2),
            "scale": 1.0,
            "symbols": of(
                it.logistic, T=T, flips=run.flips[1:], gamma=from_below(gamma),
                rho=Near(rho, 1e-5, absolute=1e-6),
            ),
        })  # fmt: skip
    return found


def from_below(truth):
    """A certified lower limit: on its side of the truth, and near it."""
    return Satisfies(
        f"just below {truth}", lambda found, _: truth * (1 - 1e-6) <= found <= truth * (1 + 1e-13)
    )


def event(name, run, lowest=False):
    def sample(it):
        kernels = [run.network.H for run in it.squared_runs] if lowest else []
        least = max(0.0, min(map(by_hand.smallest, kernels), default=0.0))
        more = {"lambda": Near(least, 1e-9, absolute=1e-14)} if lowest else {}
        return {"values": it.events[name], "symbols": of(getattr(it, run), **more)}

    return sample


def lemma(name):
    def sample(it):
        N, happened = it.lemmas[name]
        return {"values": np.array(happened, float), "symbols": {"N": N, "kappa": 1.0}}

    return sample


def drawn(values):
    def sample(it):
        symbols = {"N": PAIRS, "kappa": Near(it.squared["kappa"], 1e-8)}
        found = [values(it, i) for i in range(it.configuration.outputs)]
        return {"values": Near(found, 1e-8, 1e-9), "symbols": symbols}

    return sample


def independent_output(it, trial):
    net = by_hand.independent(
        it.X, 2 * PAIRS, it.squared["kappa"], f"{it.salt}/independent {trial}"
    )
    return sum(
        sum(s * max(w @ x, 0.0) for s, w in zip(net.s, net.W, strict=True)) ** 2 for x in it.X
    )


def masked_output(it, trial):
    salt, xi = f"{it.salt}/masked {trial}", it.configuration.xi
    net = by_hand.coupled(it.X, PAIRS * [1 / (2 * PAIRS)], it.squared["kappa"], salt)
    u = torch.rand(2 * PAIRS, generator=torch_generator("mask", salt), dtype=torch.float64)
    held = [1.0 if value < xi else 0.0 for value in u.tolist()]
    z = [
        sum(h / xi * s * max(w @ x, 0.0) for h, s, w in zip(held, net.s, net.W, strict=True))
        for x in it.X
    ]
    return sum(value**2 for value in z)


def option(name):
    return lambda it: getattr(it.configuration, name)


def of_problem(name, rounding=1e-9):
    return lambda it: Near(it.at[name], rounding)


def initial_residual(it):
    e_0 = [run.outputs[0] - it.y for run in it.squared_runs]
    return {"values": Near([e @ e for e in e_0], 1e-10), "symbols": of(it.squared)}


def near_exponent(it):
    return {"values": (abs(it.slopes + 0.5) <= it.configuration.tolerance).astype(float)}


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        **{name: of_problem(name) for name in ("n", "norm_X", "g", "row_norm_deviation", "y_sq")},
        "lambda_0": of_problem("lambda_0", 1e-8),
        "gamma_inf": lambda it: from_below(it.gamma_inf),
        "delta": option("delta"),
        "epsilon": option("epsilon"),
        "risk": option("risk"),
        "xi": option("xi"),
        "tolerance": option("tolerance"),
        "smallest": option("smallest"),
        "largest": lambda it: max(it.widths),
        "widths": lambda it: len(it.widths),
        "C_m": lambda _: 1.0,
        "C_eta": lambda _: 1.0,
        "C_T": lambda _: 1.0,
    },
    samples={
        "initial_residual": initial_residual,
        "loss": lambda it: losses(it)[0],
        "logistic_risk": lambda it: risks(it)[0],
        **{name: event(name, "squared", lowest=True)
           for name in ("margin", "frozen", "convergence", "published_squared")},
        **{name: event(name, "logistic")
           for name in ("logistic_frozen", "logistic", "published_logistic")},
        "kernel": lemma("kernel"),
        "logistic_margin": lemma("logistic_margin"),
        "independent_output": drawn(independent_output),
        "masked_output": drawn(masked_output),
        "slope_of_deviation": near_exponent,
        **circle_by_hand.SAMPLES,
    },
    initialisations={
        "loss": lambda it: losses(it)[1:],
        "logistic_risk": lambda it: risks(it)[1:],
    },
)  # fmt: skip
