"""Every symbol, field and event that node scalings hand to their claims, against oracles."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil, exp, log, pi, sqrt

import numpy as np
import pytest
from scipy.special import erf
from scipy.stats import binom

from tests.oracles import Near, Oracles, Satisfies, alone, walk
from tests.verify.training.gradient_descent import by_hand
from theory import claim, registry
from verify.experiments.node_scaling import experiment
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

EXPERIMENT = registry.theorem("node-scaling").load_experiment()
Configuration = EXPERIMENT.configuration

WIDE = Configuration(
    data="sphere", samples=4, dimension=4, targets="noise", target_scale=0.6, gamma=0.6, alpha=0.4,
    width=400, init_scale=250.0, horizon=1.5, points=4, step=0.7, steps=6, trials=8, delta=0.4,
    epsilon=0.2, sweeps=1, smallest=8, largest=70, tolerance=0.2,
)  # fmt: skip
FEW = replace(
    WIDE,
    data="sphere",
    samples=2,
    width=4,
    init_scale=0.6,
    gamma=1.0,
    epsilon=0.05,
    trials=28,
    horizon=4.0,
    points=10,
)
CASES = {
    "certificates in some trials": WIDE,
    "four nodes": replace(FEW, trials=8),
    "four nodes, many trials": FEW,
    "six nodes": replace(FEW, width=6, init_scale=1.5, trials=40),
    "sweeps of unequal scalings": replace(WIDE, sweeps=10, tolerance=0.31),
    "sweeps of equal scalings": replace(WIDE, gamma=1.0, sweeps=10, tolerance=0.1),
    "what the theorem requires": replace(
        WIDE, data="orthogonal", samples=2, dimension=3, width=None, init_scale=None, trials=2,
        delta=0.7,
    ),
    "too wide to train": replace(
        WIDE, width=None, init_scale=1.0, trials=1, points=1, steps=1, horizon=0.1,
    ),
    "the kernel or the nodes near": replace(
        WIDE, samples=1, width=30, init_scale=40.0, epsilon=0.3, trials=30, points=1, steps=1,
    ),
}  # fmt: skip
SOME = {
    "four nodes, many trials": {"convergence"},
    "six nodes": {"published_loss"},
    "sweeps of unequal scalings": {f"slope_of_{kind}" for kind in
                                   ("distance", "kernel", "feature_distance", "feature_kernel")},
    "sweeps of equal scalings": {"slope_of_distance", "slope_of_kernel"},
    "the kernel or the nodes near": {"certificate"},
    "too wide to train": {"certificate", "descent_loss", "descent_distance"},
}  # fmt: skip
"""Quantities of cases that are for these alone."""

DRAWS, SWEEP_STEPS = 8, 60
"""Networks per width of a sweep, and their steps."""

STEPS = 0.01
"""Relative rounding of flows by small steps."""

KINDS = {"distance": -0.5, "kernel": -0.5, "feature_distance": 0.0, "feature_kernel": 0.0}
"""Exponents of (B.8) to (B.11)."""


def scalings(m, gamma, alpha):
    """lambda_j of the pairs: those of all m nodes sum to 1."""
    falling = [j ** (-1 / alpha) for j in range(1, m // 2 + 1)]
    return [gamma / m + (1 - gamma) * one / (2 * sum(falling)) for one in falling]


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The problem and the networks, by hand; what the theory asks for, in floats."""

    configuration: Configuration
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
    def at(self):
        return by_hand.geometry(self.X, self.y)

    @property
    def eta(self):
        return self.configuration.step / self.at["norm_X"] ** 2

    @property
    def low(self):
        """lambda of (B.6)."""
        return (1 - self.configuration.epsilon) * self.at["lambda_0"]

    @property
    def required_nu(self):
        return self.low / (4 * self.at["g"])

    @cached_property
    def required(self):
        """The conditions on m without kappa, and travel times kappa^2."""
        c, at, eps = self.configuration, self.at, self.configuration.epsilon
        chernoff = at["lambda_0"] * ((1 - eps) * log(1 - eps) + eps)
        rho = at["norm_X"] * sqrt(at["y_sq"]) / (c.gamma * self.low / 2)
        # sum_j sqrt(lambda_j) <= sqrt(m): the expected share is a quarter of nu
        travel = (4 / self.required_nu * sqrt(2 / pi) * rho / 2) ** 2
        kernel = 2 * at["norm_X"] ** 2 * log(2 * at["n"] / c.delta) / chernoff
        count = 12 * log(2 * at["n"] / c.delta) / self.required_nu
        return {"free": max(kernel, count), "travel": travel}

    @property
    def kappa(self):
        needed = self.required
        return self.configuration.init_scale or sqrt(needed["travel"] / needed["free"])

    @property
    def m(self):
        needed = max(self.required["free"], self.required["travel"] / self.kappa**2)
        pairs = ceil(needed / 2 * (1 + 1e-12))
        return self.configuration.width or (2 * pairs if needed <= 200_000 else 4096)

    def network(self, purpose, trial, m, kappa):
        c = self.configuration
        of = scalings(m, c.gamma, c.alpha)
        return by_hand.coupled(self.X, of, kappa, f"{self.salt}/{purpose} {trial}")

    @cached_property
    def networks(self):
        trials = range(self.configuration.trials)
        return [self.network("trial", trial, self.m, self.kappa) for trial in trials]

    # --- certificates ---

    def close(self, net, x, rho, weights):
        """The sum of weights over the nodes within sqrt(lambda_j) rho of the kink of x."""
        within = abs(net.W @ x) <= abs(net.s) * rho
        return sum(w for w, one in zip(weights, within, strict=True) if one)

    def held(self, net, rho, weights):
        """The largest over the inputs."""
        return max(self.close(net, x, rho, weights) for x in self.X)

    @property
    def required_rho(self):
        """rho of (B.6)."""
        mu = self.low - 2 * self.required_nu * self.at["g"]
        return self.at["norm_X"] * sqrt(self.at["y_sq"]) / (self.configuration.gamma * mu)

    def best(self, net, lowest, strength, weights):
        """The smallest of 49 shares of lowest/(2g) that certifies, else the one in the middle."""
        g, length = self.at["g"], self.at["norm_X"] * sqrt(self.at["y_sq"])
        shares = [(i / 50) * lowest / (2 * g) for i in range(1, 50)]
        sums = []
        for share in shares:
            left = lowest - 2 * share * g
            rho = length / (strength * left) if left > 0 else np.inf
            sums.append(self.held(net, rho, weights))
        certified = [i for i in range(49) if sums[i] <= shares[i]]
        i = min(certified, default=24)
        return shares[i], sums[i], bool(certified)

    @cached_property
    def certificates(self):
        """By trial: lambda, theta_0, the best nu and omega, and what is held there."""
        found = []
        for net in self.networks:
            lam = max(0.0, by_hand.smallest(net.kernel(net.W, np.full(net.m, 1 / net.m))))
            theta_0 = max(0.0, by_hand.smallest(net.H))
            equal = np.full(net.m, 1 / net.m)
            nu, near, one = self.best(net, lam, self.configuration.gamma, equal)
            omega, weight, other = self.best(net, theta_0, 1.0, net.s**2)
            found.append({"lambda": lam, "theta_0": theta_0, "nu": nu, "near": near * net.m,
                          "omega": omega, "weight": weight, "certified": (one, other)})  # fmt: skip
        return found

    @cached_property
    def certified(self):
        """(B.6): H >= lambda, and at most nu m nodes near, for every input."""
        found = []
        for net in self.networks:
            lowest = by_hand.smallest(net.kernel(net.W, np.full(net.m, 1 / net.m)))
            near = self.held(net, self.required_rho, np.ones(net.m))
            found.append((bool(lowest >= self.low), near <= self.required_nu * net.m))
        return found

    # --- flow and descent ---

    @cached_property
    def t(self):
        c = self.configuration
        end = c.horizon / (c.gamma * self.at["lambda_0"])
        return [i * end / c.points for i in range(c.points + 1)]

    @cached_property
    def flows(self):
        return [by_hand.flow(net, self.y, self.t) for net in self.networks]

    @cached_property
    def losses(self):
        """(trials, times)."""
        return np.array([path.loss for path in self.flows])

    @cached_property
    def ratios(self):
        """max_j ||w_j(t) - w_j(0)||/sqrt(lambda_j), (trials, times)."""
        return np.array([(path.distance / abs(path.network.s)).max(1) for path in self.flows])

    @cached_property
    def rates(self):
        """Of (B.7) and (B.P1)."""
        c = self.configuration
        return {"convergence": c.gamma * self.low,
                "published_loss": c.gamma * self.at["lambda_0"] / 2}  # fmt: skip

    def bound(self, name):
        return np.array([exp(-self.rates[name] * t) * self.at["y_sq"] for t in self.t])

    @cached_property
    def published_distance(self):
        c, at, d = self.configuration, self.at, self.X.shape[1]
        D_0 = sqrt(2 * max(abs(self.y)) ** 2 + 2 / d)
        kappa_n = at["lambda_0"] / d
        return 8 * at["n"] * D_0 / (kappa_n * sqrt(d) * c.gamma * sqrt(c.delta))

    @cached_property
    def events(self):
        """By name, 0 or 1 per trial."""
        found = {"certificate": [kernel and few for kernel, few in self.certified]}
        for name in self.rates:
            found[name] = [
                all(a <= b * (1 + 1e-7) for a, b in zip(row, self.bound(name), strict=True))
                for row in self.losses
            ]
        found["published_distance"] = [
            all(ratio <= self.published_distance for ratio in row) for row in self.ratios
        ]
        return {name: np.array(happened, float) for name, happened in found.items()}

    @cached_property
    def descents(self):
        steps = self.configuration.steps
        return [by_hand.descend(net, self.y, self.eta, steps) for net in self.networks]

    # --- sweeps ---

    @cached_property
    def widths(self):
        return by_hand.doubled(self.configuration.smallest, self.configuration.largest)

    def changes(self, m, trial):
        """What training at kappa = 1 changed: max_j ||w_j - w_j(0)|| and ||Theta - Theta_0||."""
        net = self.network(f"sweep {m}", trial, m, 1.0)
        run = by_hand.descend(net, self.y, 0.5 / self.at["norm_X"] ** 2, SWEEP_STEPS)
        return max(run.distance), by_hand.norm(net.kernel(run.W[-1], net.s**2) - net.H)

    @cached_property
    def slopes(self):
        """Of distance and kernel, one per sweep."""
        count = DRAWS * self.configuration.sweeps
        rows = [[self.changes(m, trial) for trial in range(count)] for m in self.widths]
        found = {"distance": [], "kernel": []}
        for which, name in enumerate(found):
            for first in range(0, count, DRAWS):
                means = [
                    sum(pair[which] for pair in row[first : first + DRAWS]) / DRAWS for row in rows
                ]
                found[name].append(by_hand.slope(self.widths, means))
        return {name: np.array(values) for name, values in found.items()}

    def near(self, kind):
        off = self.slopes[kind.removeprefix("feature_")] - KINDS[kind]
        return abs(off) <= self.configuration.tolerance


# --- samples -------------------------------------------------------------------------------------


def certificates_of(it, shape):
    """The certificate of every trial, along its path."""
    names = ("lambda", "theta_0", "nu", "near", "omega", "weight")
    rows = {name: [one[name] for one in it.certificates] for name in names}
    return {
        name: Near(np.array(row)[:, None] * np.ones(shape), 1e-8, absolute=1e-300)
        for name, row in rows.items()
    }


def along(it):
    shape = it.losses.shape
    return {"t": np.ones(shape) * np.array(it.t)} | certificates_of(it, shape)


def scale_of_loss(it):
    """The loss itself, and what integration adds: far below a percent, in units of 1e-9."""

    def test(found, _):
        extra = (found - it.losses) * 1e-9
        return (found >= it.losses * (1 - STEPS)).all() and (extra <= 0.05e-9 * it.losses).all()

    return Satisfies("the loss, and up to 5e-11 of it for integration", test)


def scale_of_distance(it):
    """||X|| ||e_0||/(gamma lambda_0), what nodes may move in all, and a little for integration."""
    most = it.at["norm_X"] * sqrt(it.at["y_sq"]) / (it.configuration.gamma * it.at["lambda_0"])

    def test(found, _):
        return bool((found >= most * (1 - 1e-6)).all() and (found <= 1.01 * most).all())

    return Satisfies(f"{most}, up to a percent", test)


def flow_loss(it):
    values, scale = Near(it.losses, STEPS), scale_of_loss(it)
    return {"values": values, "trivial": it.at["y_sq"], "scale": scale, "symbols": along(it)}


def later(symbols):
    """Without the start, where nothing has moved."""
    return {name: replace(value, value=value.value[:, 1:]) if isinstance(value, Near) else
            value[:, 1:] for name, value in symbols.items()}  # fmt: skip


def flow_distance(it):
    return {
        "values": Near(it.ratios[:, 1:], STEPS),
        "scale": scale_of_distance(it),
        "symbols": later(along(it)),
    }


def flow_kernel(it):
    lowest = [[by_hand.smallest(path.kernel(at)) for at in range(len(it.t))] for path in it.flows]
    values = Near(np.array(lowest).clip(min=0.0), 1e-8, absolute=1e-14)
    return {"values": values, "scale": 1.0, "symbols": along(it)}


def descent_loss(it):
    losses = np.array([by_hand.squares(run.outputs, it.y) for run in it.descents])
    k = np.arange(it.configuration.steps + 1) * np.ones(losses.shape)
    return {
        "values": Near(losses, 1e-8, 1e-10),
        "trivial": it.at["y_sq"],
        "scale": it.at["y_sq"],
        "symbols": {"k": k} | certificates_of(it, losses.shape),
    }


def descent_distance(it):
    """At the end alone."""
    moved = np.array([max(run.distance / abs(run.network.s)) for run in it.descents])
    ends = {"k": it.configuration.steps * np.ones(len(moved))}
    symbols = certificates_of(it, (len(moved), 1))
    flat = {name: replace(near, value=near.value[:, 0]) for name, near in symbols.items()}
    return {"values": Near(moved, 1e-8), "symbols": ends | flat}


def event(name):
    return lambda it: {"values": it.events[name]}


def slope_of(kind):
    return lambda it: {"values": it.near(kind).astype(float)}


def option(name):
    return lambda it: getattr(it.configuration, name)


def of_problem(name, rounding=1e-9):
    return lambda it: Near(it.at[name], rounding)


ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        **{name: of_problem(name) for name in ("n", "norm_X", "g", "row_norm_deviation", "y_sq")},
        "lambda_0": of_problem("lambda_0", 1e-8),
        "e0_sq": of_problem("y_sq"),
        "d": lambda it: it.X.shape[1],
        "C": lambda it: max(abs(y) for y in it.y),
        "m": lambda it: it.m,
        "kappa": lambda it: Near(it.kappa, 1e-8),
        "eta": lambda it: it.eta,
        "gamma": option("gamma"),
        "delta": option("delta"),
        "epsilon": option("epsilon"),
        "tolerance": option("tolerance"),
        "smallest": option("smallest"),
        "largest": lambda it: max(it.widths),
        "widths": lambda it: len(it.widths),
    },
    samples={
        "flow_loss": flow_loss,
        "flow_distance": flow_distance,
        "flow_kernel": flow_kernel,
        "descent_loss": descent_loss,
        "descent_distance": descent_distance,
        **{name: event(name) for name in
           ("certificate", "convergence", "published_loss", "published_distance")},
        **{f"slope_of_{kind}": slope_of(kind) for kind in KINDS},
    },
)  # fmt: skip

# --- configurations on which slips show ----------------------------------------------------------


def over(it, name):
    return it.losses > it.bound(name) * (1 + 1e-7)


def quantified(name):
    """Paths that are over early alone, and late alone: no single time will do."""
    return {
        f"{name} fails early alone": lambda it: any(
            row.any() and not row[-1] for row in over(it, name)
        ),
        f"{name} fails late alone": lambda it: any(
            row.any() and not row[:2].any() for row in over(it, name)
        ),
        f"no {name} at the edge": lambda it: all(
            (abs(path.loss - it.bound(name)) > path.doubt)[1:].all() for path in it.flows
        ),
    }


def mixed(kind):
    return {
        f"slopes of {kind} near their exponent and not": lambda it: 0 < it.near(kind).mean() < 1
    }


SHOWS = {
    "certificates in some trials": {
        "g is not ||X||^2": lambda it: it.at["g"] > 1.1 * it.at["norm_X"] ** 2,
        "certificates and none": lambda it: 0 < it.events["certificate"].mean() < 1,
        "the first input will not do": lambda it: any(
            it.held(net, it.required_rho, np.ones(net.m)) > it.required_nu * net.m
            >= it.close(net, it.X[0], it.required_rho, np.ones(net.m))
            for net in it.networks
        ),
        "nu and omega that certify, differ, and are not the least": lambda it: (
            any(all(one["certified"]) for one in it.certificates)
            and len({one["nu"] for one in it.certificates}) > 3
            and max(one["nu"] / one["lambda"] for one in it.certificates)
            > 1.5 * min(one["nu"] / one["lambda"] for one in it.certificates)
        ),
        "theta_0 above gamma lambda": lambda it: all(
            one["theta_0"] > 1.02 * it.configuration.gamma * one["lambda"]
            for one in it.certificates
        ),
    },
    "four nodes, many trials": quantified("convergence"),
    "four nodes": {
        "none that certify": lambda it: not all(one["certified"][0] for one in it.certificates),
        "kernels that change": lambda it: any(
            (path.kernel(0) != path.kernel(len(it.t) - 1)).any() for path in it.flows
        ),
        "dead kernels": lambda it: min(one["lambda"] for one in it.certificates) < 1e-12,
    },
    "six nodes": quantified("published_loss"),
    "sweeps of unequal scalings": mixed("feature_distance") | mixed("feature_kernel")
    | mixed("kernel"),
    "sweeps of equal scalings": mixed("distance") | mixed("kernel"),
    "what the theorem requires": {
        "m and kappa that are required": lambda it: it.m == it.required["free"] // 2 * 2 + 2
    },
    "too wide to train": {"another width": lambda it: it.m == 4096},
    "the kernel or the nodes near": {
        "the kernel fails alone": lambda it: (False, True) in it.certified,
        "the count fails alone": lambda it: (True, False) in it.certified,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS[case])
    walk("node-scaling", oracles, CASES[case], quantities=SOME.get(case))


def test_a_quantity_alone_is_that_among_all():
    alone("node-scaling", replace(FEW, trials=3, points=2))


def test_the_published_distance_where_it_is_kept_and_where_not(monkeypatch):
    """Its constants are far too large to be met: the bound is put amid the trials."""
    short = replace(FEW, trials=9, points=3)
    it, parts = ORACLES.ingredients(short, "distance"), experiment.parts
    ends = it.ratios.max(1)
    different = np.unique(ends.round(6))
    amid = (different[len(different) // 2 - 1] + different[len(different) // 2]) / 2
    found = {"distance": amid}
    monkeypatch.setattr(
        experiment, "parts",
        lambda name, at: parts(name, at) | (found if name == "node/published-loss" else {}),
    )  # fmt: skip
    seen = EXPERIMENT.observe(short, salt="distance", quantities={"published_distance"})
    expected = ends <= amid
    assert 0.2 < expected.mean() < 0.8
    np.testing.assert_array_equal(seen.samples["published_distance"].values, expected)


# --- what is certified lies on its side of the truth ---------------------------------------------


def parts_of(name, **symbols):
    known = {"row_norm_deviation": 0.0, "m": 10**9, "kappa": 1.0, **symbols}
    found = claim(f"node/{name}").evaluate(known, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("epsilon", [0.1, 0.6])
@pytest.mark.parametrize("delta", [0.9, 0.3, 0.01])
def test_the_required_width_is_enough_on_orthogonal_rows(n, epsilon, delta):
    """There H has n independent diagonal entries, shares of active pairs; nodes near are counted.

    All of m*: kappa is such that the condition on travel is the one of the other two.
    """
    at = {"n": n, "norm_X": 1.0, "g": 1.0, "lambda_0": 0.5, "y_sq": 2.0, "gamma": 1.0,
          "delta": delta, "epsilon": epsilon}  # fmt: skip
    free = parts_of("certificate", **at)
    kappa = sqrt(free["travel"] / max(free["kernel"], free["count"]))
    found = parts_of("certificate", **at, kappa=kappa)
    m = 2 * ceil(found["m_star"] / 2)
    pairs, lowest, nu = m // 2, found["lowest"], found["nu"]
    kernel = 1 - (1 - binom.cdf(ceil(lowest * pairs) - 1, pairs, 0.5)) ** n
    rho = sqrt(2.0) / (lowest - 2 * nu)
    chance = erf(rho / sqrt(m) / kappa / sqrt(2))
    near = 1 - binom.cdf(int(nu * pairs), pairs, chance) ** n
    assert kernel + near <= delta


def test_certificates_are_kept_by_the_flow():
    """Where there is one, every later kernel and node is within it: not only at the times seen."""
    it = ORACLES.ingredients(WIDE, "oracles")
    kept = 0
    for one, path in zip(it.certificates, it.flows, strict=True):
        if not one["certified"][0]:
            continue
        mu = one["lambda"] - 2 * one["nu"] * it.at["g"]
        rho = it.at["norm_X"] * sqrt(it.at["y_sq"]) / (it.configuration.gamma * mu)
        net = path.network
        for W in path.W:
            assert by_hand.smallest(net.kernel(W, net.s**2)) >= it.configuration.gamma * mu
            assert (np.linalg.norm(W - net.W, axis=1) <= abs(net.s) * rho).all()
        kept += 1
    assert kept > 0
