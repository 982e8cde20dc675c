"""Oracles of node scalings: every symbol, field and event, by hand."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil, exp, log, pi, sqrt

import numpy as np

from tests.oracles import Near, OnAProblem, Oracles, Satisfies
from tests.theorems.node_scaling import pruning_by_hand
from tests.verify.training.gradient_descent import by_hand

DRAWS, SWEEP_STEPS = 8, 60
"""Networks per width of a sweep, and their steps."""

STEPS = 0.01
"""Relative rounding of flows by small steps."""

KINDS = {"distance": -0.5, "kernel": -0.5, "feature_distance": 0.0, "feature_kernel": 0.0}
"""Exponents of (B.8) to (B.11)."""


@dataclass(frozen=True, eq=False)
class Ingredients(pruning_by_hand.Pruning, OnAProblem):
    """The problem and the networks, by hand; what the theory asks for, in floats."""

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
        of = pruning_by_hand.scalings(m, c.gamma, c.alpha)
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
    def swept(self):
        """Distance and kernel, means over networks: (sweeps, widths) each."""
        count = DRAWS * self.configuration.sweeps
        rows = np.array([[self.changes(m, trial) for trial in range(count)] for m in self.widths])
        means = rows.reshape(len(self.widths), -1, DRAWS, 2).mean(2)
        return {"distance": means[..., 0].T, "kernel": means[..., 1].T}

    @cached_property
    def slopes(self):
        """Of distance and kernel, one per sweep."""
        return {
            name: np.array([by_hand.slope(self.widths, row) for row in rows])
            for name, rows in self.swept.items()
        }

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
        **pruning_by_hand.SAMPLES,
    },
)  # fmt: skip
