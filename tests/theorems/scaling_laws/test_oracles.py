"""Every symbol, field and event that the scaling laws hand to their claims, against oracles."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from math import sqrt

import numpy as np
import pytest

from tests.oracles import Near, Oracles, Satisfies, alone, unseen, walk
from tests.theorems.width_requirement import oracles as width_requirement
from tests.verify.training.gradient_descent.by_hand import doubled, slope
from theory.registry import theorem
from verify.experiments.kit.slopes import median_interval
from verify.judging.seeds import seed_tensor

EXPERIMENT = theorem("scaling-laws").load_experiment()
Configuration = EXPERIMENT.configuration

SWEEP = Configuration(
    data="sphere", samples=3, dimension=5, targets="noise", target_scale=0.7, xi=0.6, surrogates=2,
    local_steps=3, step=0.4, init_scale=0.6, rounds=6, trials=6, delta=0.4, smallest=8,
    largest=70, masks=2, tolerance=0.1,
)  # fmt: skip
FLOORS = replace(
    SWEEP, data="orthogonal", samples=3, dimension=3, xi=0.9, local_steps=2, step=0.5, rounds=33,
    largest=20, masks=9, trials=3, tolerance=0.8, target_scale=0.01, init_scale=1.0,
)  # fmt: skip
CASES = {
    "sweep": SWEEP,
    "subnets": replace(SWEEP, law="categorical", xi=None, trials=6, tolerance=0.25),
    "gradient descent": replace(SWEEP, xi=1.0, trials=2),
    "floors": FLOORS,
}
EXPONENTS = {"defect": -0.5, "flips": -0.5, "distance": -0.5, "displacement": -0.5,
             "subnet_floor": -1.0}  # fmt: skip
"""(S.1) to (S.5)."""


@dataclass(frozen=True, eq=False)
class Ingredients(width_requirement.Ingredients):
    """The sweeps, by hand."""

    @cached_property
    def widths(self):
        return doubled(self.configuration.smallest, self.configuration.largest)

    def trained(self, width, trial):
        """The network of a sweep at a width, under its mask sequences."""
        start = self.start("sweep", trial, width)
        count = 1 if self.xi == 1 else self.configuration.masks
        seeds = seed_tensor(count, "sweep", self.salt, width, trial).split(1)
        return [self.train(start, seed) for seed in seeds]

    @property
    def last_rounds(self):
        """The last third of the rounds: K - K // 3 + 1, ..., K."""
        K = self.configuration.rounds
        return range(K - max(1, K // 3) + 1, K + 1)

    def floor(self, runs):
        """The mean loss over mask sequences and the last third of the rounds."""
        losses = [run.loss[k] for run in runs for k in self.last_rounds]
        return sum(losses) / len(losses)

    def measured(self, width, trial):
        runs = self.trained(width, trial)
        return {
            "defect": max(max(run.defect / run.rho) for run in runs),
            "flips": max(max(run.lazy["nu"]) for run in runs),
            "distance": max(max(run.lazy["displacement"]) for run in runs),
            "displacement": max(max(run.displacement) for run in runs),
            "subnet_floor": self.floor(runs),
        }

    @cached_property
    def swept(self):
        """By law: (trials, widths)."""
        trials = range(self.configuration.trials)
        rows = [[self.measured(width, trial) for width in self.widths] for trial in trials]
        return {name: np.array([[one[name] for one in row] for row in rows]) for name in EXPONENTS}

    @cached_property
    def slopes(self):
        """By law, one per sweep: least squares in log-log."""
        return {name: np.array([slope(self.widths, row) for row in found])
                for name, found in self.swept.items()}  # fmt: skip

    def near(self, name):
        return abs(self.slopes[name] - EXPONENTS[name]) <= self.configuration.tolerance

    @cached_property
    def variants(self):
        """p and 1, tau and 1, xi and 2 xi/3, in every combination."""
        c = self.configuration
        options = product({c.surrogates, 1}, {c.local_steps, 1}, (c.xi, 2 * c.xi / 3))
        return [
            Ingredients(replace(c, surrogates=p, local_steps=tau, xi=xi), self.salt)
            for p, tau, xi in options
        ]

    @cached_property
    def laws(self):
        """Of every trial and variant: floor, share that is none, deviation over the floor."""
        width, trials = self.configuration.largest, range(self.configuration.trials)
        return np.array([[law(it, it.start("sweep", trial, width)) for it in self.variants]
                         for trial in trials])  # fmt: skip

    @cached_property
    def ratios(self):
        width, trials = self.configuration.largest, range(self.configuration.trials)
        floors = [[it.floor(it.trained(width, trial)) for it in self.variants] for trial in trials]
        return np.array(floors) / self.laws[..., 0]

    @property
    def transient(self):
        return self.laws[..., 1].max()

    @property
    def spread(self):
        return self.laws[..., 2].max() / sqrt(self.configuration.masks)

    @property
    def noisy(self):
        return self.configuration.law == "bernoulli" and self.xi < 1

    @property
    def in_regime(self):
        tolerance = self.configuration.tolerance
        return self.noisy and self.transient <= tolerance / 10 and self.spread <= tolerance / 2


def law(it, start):
    """(L.2), the share of (L.1) in the last rounds that is no floor, and the deviation there."""
    theta, V, tau = it.moments["theta"], it.moments["V"], it.configuration.local_steps
    q = start.q(it.zeta, tau)
    M = 1 - theta * q
    floor = sum(V * start.rotated[j, j] * theta * q[j] / (2 - theta * q[j]) for j in range(it.n))
    shares, deviations = [], []
    covariance, mean = np.zeros((it.n, it.n)), start.c.copy()
    noise = theta**2 * V * np.outer(q, q) * start.rotated
    for k in range(it.configuration.rounds + 1):
        if k in it.last_rounds:
            shares.append(abs((mean @ mean + covariance.trace()) / floor - 1))
            variance = 2 * (covariance**2).sum() + 4 * mean @ covariance @ mean
            deviations.append(sqrt(variance) / floor)
        covariance, mean = np.outer(M, M) * covariance + noise, M * mean
    return floor, max(shares), max(deviations)


def of_slopes(name):
    return lambda it: {"values": it.near(name).astype(float)}


def ratio_of_floors(it):
    inside = (abs(it.ratios - 1) <= it.configuration.tolerance).all(1) if it.in_regime else []
    return {
        "values": np.array(inside, float) if it.in_regime else np.zeros(it.configuration.trials),
        "symbols": {
            "transient": it.transient if it.noisy else np.inf,
            "spread": it.spread if it.noisy else np.inf,
        },
    }


def option(name):
    return lambda it: getattr(it.configuration, name)


def contraction(it):
    """r of Link I at half of lambda_0."""
    rate = 1 - (1 - it.zeta * it.lambda_0 / 2) ** it.configuration.local_steps
    return Near(it.moments["theta"] * rate, 1e-7)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols=width_requirement.ORACLES.symbols
    | {
        "r": contraction,
        "smallest": option("smallest"),
        "largest": lambda it: max(it.widths),
        "widths": lambda it: len(it.widths),
        "tolerance": option("tolerance"),
    },
    samples={f"slope_of_{name}": of_slopes(name) for name in EXPONENTS}
    | {"ratio_of_floors": ratio_of_floors},
)

BOTH = {
    f"sweeps near the exponent of {name} and others": (
        lambda it, name=name: 0 < it.near(name).sum() < it.configuration.trials
    )
    for name in EXPONENTS
}
SHOWS = {
    "sweep": {name: test for name, test in BOTH.items() if "subnet" not in name}
    | {"a largest width that is not reached": lambda it: max(it.widths) < it.configuration.largest},
    "subnets": {name: test for name, test in BOTH.items() if "subnet" in name}
    | {"several rounds whose losses are averaged": lambda it: len(it.last_rounds) > 1},
    "gradient descent": {"one mask sequence": lambda it: it.xi == 1},
    "floors": {
        "the regime of (S.6)": lambda it: it.in_regime,
        "ratios that are near and others": lambda it: (
            0 < (abs(it.ratios - 1) <= it.configuration.tolerance).all(1).sum() < len(it.ratios)
        ),
    },
}
SOME = {"floors": {"ratio_of_floors"}}
DRAWN_AS = {"defect": "alpha", "flips": "nu", "distance": "distance",
            "displacement": "displacement", "subnet_floor": "floor"}  # fmt: skip
CURVES = {
    "sweep/x": lambda it: it.widths,
    **{f"sweep/{key}": lambda it, name=name: Near(np.median(it.swept[name], axis=0), 1e-7)
       for name, key in DRAWN_AS.items()},
    **{f"sweep/details/{key}": lambda it, name=name: Near(median_interval(it.slopes[name]), 1e-6)
       for name, key in DRAWN_AS.items()},
}  # fmt: skip
"""Of the picture; ratios of floors have none."""

ROUNDED = {"sweep/details/alpha": lambda it: Satisfies(
    "the slope of numbers of which some are rounding",
    lambda found, _: it.swept["defect"].min() < 1e-12 and abs(found[0] + 0.5) > 1,
)}  # fmt: skip
"""Without masks: where no neuron flips the defect is 0."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    curves = {} if case == "floors" else CURVES
    curves = curves | (ROUNDED if case == "gradient descent" else {})
    oracles = replace(ORACLES, shows=SHOWS[case], curves=curves)
    walk("scaling-laws", oracles, CASES[case], quantities=SOME.get(case))


@pytest.mark.parametrize("case", ["gradient descent", "floors"])
def test_no_oracle_is_blind(case):
    assert unseen("scaling-laws", ORACLES, CASES[case], quantities=SOME.get(case)) == []


def test_a_quantity_alone_is_that_among_all():
    alone("scaling-laws", replace(SWEEP, trials=2, rounds=3))
