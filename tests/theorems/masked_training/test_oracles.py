"""Every symbol and every field that masked training hands to its claims, against oracles."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import log, sqrt

import numpy as np
import pytest

from tests.oracles import Near, Oracles, Satisfies, alone, walk
from tests.verify.training.masked import by_hand
from theory.language.errors import InvalidArgument
from theory.registry import theorem
from verify.judging.sample import TOLERANCE
from verify.judging.seeds import numpy_generator, seed_tensor
from verify.problems.data import load_problem

EXPERIMENT = theorem("masked-training").load_experiment()
Configuration = EXPERIMENT.configuration

NOISY = Configuration(
    data="sphere", samples=3, dimension=5, targets="noise", target_scale=0.7, law="bernoulli",
    xi=0.6, surrogates=2, local_steps=3, zeta_lambda=0.8, width=30, init_scale=0.6, rounds=9,
    seeds=20, watched=4, pilot_seeds=2, headroom=1.05, delta=0.3,
)  # fmt: skip
WIDE = Configuration(
    data="sphere", samples=4, dimension=3, target_scale=0.7, xi=1.0, surrogates=2, local_steps=2,
    eta=0.3, width=3000, init_scale=0.5, rounds=5, seeds=3, watched=2, pilot_seeds=2,
)  # fmt: skip
CASES = {
    "noisy": NOISY,
    "subnets": replace(
        NOISY, law="categorical", xi=None, surrogates=3, samples=4, dimension=4, width=20
    ),
    "gradient descent": WIDE,
    "float32": replace(WIDE, dtype="float32", width=400),
    "a file": replace(WIDE, data="rows.csv", samples=4, rescale=False, width=50),
    "in the regime of theorem 2": replace(
        NOISY, data="orthogonal", samples=1, dimension=2, xi=0.9, zeta_lambda=0.001, width=9,
        init_scale=5.0, rounds=2, seeds=30, delta=0.99,
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The problem, W_0, and the runs of pilot, test and watched seeds, by hand."""

    configuration: Configuration
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
        return c.eta if c.zeta_lambda is None else self.xi * c.zeta_lambda / max(self.start.mu)

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
        return [self.run(self.start, seeds[i : i + 1]) for i in range(len(seeds))]

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
        """Of every test seed and k = 0, ..., K."""
        return np.array([run.good(self.alpha, self.R) for run in self.tests])

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


def linearised(it, run, good):
    """||e_k||^2 of the path that follows the linear recursion once it is not good: (K + 1,)."""
    P, theta = it.start.P(it.zeta, it.configuration.local_steps), it.moments["theta"]
    path = [run.residual[0]]
    for k in range(run.K):
        if good[k + 1]:
            path.append(run.residual[k + 1])
            continue
        true = good[k] and run.displacement[k] <= it.R  # decided before the masks of round k
        zbar = sum(run.noise[k]) / run.p if true else run.frozen_noise[k]
        path.append(path[k] - theta * P @ (path[k] + zbar))
    return squares(path)


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


@pytest.mark.parametrize(("law", "p", "xi"), [("bernoulli", 2, 0.4), ("categorical", 2, 0.5)])
def test_the_mean_of_the_control_is_zero_over_all_masks(law, p, xi):
    """The oracle itself: two rounds, three neurons, every mask with its probability."""
    rng, m, tau = np.random.default_rng(5), 3, 2
    start = by_hand.Start.draw(rng.normal(size=(2, 3)), rng.normal(size=2), m, 1.0, "control")
    moments, every = by_hand.moments(law, p, xi), by_hand.columns(law, p, xi)
    zeta = 0.7 / max(start.mu)
    P, theta, phi = start.P(zeta, tau), moments["theta"], start.phi(start.W)
    total = np.zeros(3)
    rounds = list(product(every, repeat=m))
    steps = [
        (np.prod([chance for _, chance in chosen]),
         sum((sum(column) / (p * xi) - 1) * phi[r] for r, (column, _) in enumerate(chosen)))
        for chosen in rounds
    ]  # fmt: skip
    for (chance_1, z_1), (chance_2, z_2) in product(steps, steps):
        e_1 = start.e_0 - theta * P @ (start.e_0 + z_1)
        e_2 = e_1 - theta * P @ (e_1 + z_2)
        total += chance_1 * chance_2 * squares([start.e_0, e_1, e_2])
    np.testing.assert_allclose(mean_squares(start, zeta, tau, moments, 2), total, rtol=1e-12)


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


def losses(it):
    return np.array([run.loss for run in it.tests]).T  # (K + 1, S)


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
    runs, dtype = it.watched, it.configuration.dtype
    rho = np.array([run.rho for run in runs])
    size = sqrt(it.start.e_0 @ it.start.e_0) + rho
    lazy = {name: np.array([run.lazy[name] for run in runs]) for name in runs[0].lazy}
    return {
        "values": np.array([run.defect for run in runs]),
        "trivial": rho,
        "scale": size,
        "dtype": dtype,
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


def initial_loss(it):
    count = max(it.configuration.seeds, 512)
    residuals = [it.draw(f"{it.salt}/initial {i}").e_0 for i in range(count)]
    return {"values": squares(residuals), "dtype": it.configuration.dtype}


def kernels_positive(it):
    moved = max(run.lazy["displacement"][-1] for run in it.kernel_runs)
    return {
        "values": it.kernels_positive.astype(float),
        "symbols": {"displacement": moved},
    }


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


def absolute_gram_norm(it):
    X = it.start.X
    return by_hand.norm([[abs(x @ y) for y in X] for x in X])


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
    ingredients=Ingredients,
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
        "V": lambda it: Near(it.moments["V"], atol=1e-15),
        "excess": lambda it: (
            it.moments["kurtosis"]
            * sum((f @ f) ** 2 for f in it.start.phi(it.start.W))
            / it.start.Phi.trace() ** 2
        ),
        "lambda": lambda it: min(it.start.mu),
        "Lambda": lambda it: max(it.start.mu),
        "lambda_0": lambda it: Near(by_hand.lambda_0(it.problem.X), 1e-7),  # of the cosine
        "g": absolute_gram_norm,
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
        "loss": lambda it: of_the_tests(it, losses(it), share=1.0),
        "loss_on_good_event": lambda it: of_the_tests(it, losses(it) * it.good.T),
        "linearised_loss": lambda it: of_the_tests(
            it,
            np.array([linearised(it, run, good)
                      for run, good in zip(it.tests, it.good, strict=True)]).T,
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


def apart(values, by=0.05):
    """All of them differ by a share of the largest."""
    ordered = np.sort(values)
    return min(np.diff(ordered)) > by * ordered[-1]


def transposed(start):
    """Phi_jj as rotated by transposed eigenvectors."""
    v = np.array([vector for _, vector in start.pairs])
    return np.array([column @ start.Phi @ column for column in v.T])


def leaves(it, run):
    """The displacement at the start of the round in which a run leaves (0: it does not)."""
    good = list(run.good(it.alpha, it.R))
    return 0.0 if all(good) else run.displacement[good.index(False) - 1]


NOISE_SHOWS = {
    "n > 2, p > 1, tau > 1, xi < 1": lambda it: (
        it.start.n > 2
        and it.configuration.surrogates > 1 < it.configuration.local_steps
        and it.xi < 1
    ),
    "fewer watched than test seeds, more than one": lambda it: (
        1 < it.configuration.watched < it.configuration.seeds
    ),
    "unequal eigenvalues": lambda it: apart(it.start.mu),
    "unequal Phi_jj": lambda it: apart(it.start.rotated.diagonal()),
    "another Phi where eigenvectors are transposed": lambda it: (
        abs(transposed(it.start) - it.start.rotated.diagonal()) > 0.05 * it.start.Phi.trace()
    ).any(),
    "seeds that leave the good event at different rounds": lambda it: (
        len(set(it.good.sum(1))) >= 3 and 0 < sum(it.good[:, -1]) < len(it.tests)
    ),
    "seeds that leave by the displacement, and by the defect": lambda it: (
        any(leaves(it, run) > it.R for run in it.tests)
        and any(leaves(it, run) <= it.R for run in it.tests)
    ),
    "three values of alpha_j": lambda it: len(set(it.alpha)) >= 3,
    "neurons that flip": lambda it: all(run.lazy["nu"][-1] > 0 for run in it.watched),
    "neurons without masks": lambda it: any((run.masks.sum(1) == 0).any() for run in it.tests),
}
SHOWS = {
    "noisy": NOISE_SHOWS | {"n < d": lambda it: it.start.n < len(it.problem.X[0])},
    "subnets": {name: test for name, test in NOISE_SHOWS.items() if "without" not in name},
    "gradient descent": {
        "some c is allowed": lambda it: (main_bound(it, FREE)[1] < 1).any(),
    },
    "a file": {"rows that are no units": lambda it: row_deviation(it) > 0.01},
    "float32": {"float32": lambda it: it.configuration.dtype == "float32"},
    "in the regime of theorem 2": {
        "its premises": lambda it: it.theorem_2,
        "kernels above and below": lambda it: 0 < sum(it.kernels_positive) < len(it.trials),
    },
}


@pytest.fixture(autouse=True)
def _file(tmp_path, monkeypatch):
    """Rows of different norms, the largest deviation from 1 neither first nor last; y last."""
    rows = ["0.9,0.1,0.2,1.5", "-0.3,0.2,0.1,-0.5", "0.1,0.8,-0.4,0.3", "0.2,-0.1,0.7,-2.5"]
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    single = CASES[case].dtype == "float32"
    rounding = {"rtol": 1e-3, "atol": 1e-4} if single else {}
    walk("masked-training", replace(ORACLES, shows=SHOWS[case]), CASES[case], **rounding)


def test_a_quantity_alone_is_that_among_all():
    alone("masked-training", NOISY)


@pytest.mark.parametrize("law", ["bernoulli", "categorical"])
def test_the_limit_of_the_step_size_is_that_of_zeta(law):
    """zeta Lambda = eta Lambda/xi <= 1: eta may be xi/Lambda, and no larger."""
    given = replace(NOISY, law=law, xi=None, zeta_lambda=None)
    given = replace(given, xi=0.6) if law == "bernoulli" else given
    it = Ingredients(given, "eta")
    limit = it.xi / max(it.start.mu)
    assert it.xi < 0.7
    quantities = {"surrogate_loss"}
    below = replace(given, eta=0.999 * limit)
    EXPERIMENT.observe(below, salt="eta", quantities=quantities)
    with pytest.raises(InvalidArgument, match=r"eta.*at most") as error:
        EXPERIMENT.observe(replace(given, eta=1.001 * limit), salt="eta", quantities=quantities)
    stated = float(str(error.value).split("at most ")[1].split(",")[0])
    assert stated == pytest.approx(limit, rel=1e-5)


def test_defaults_watch_and_probe_several_seeds():
    """A path claim sees more than one path, and thresholds come from more than a few seeds."""
    default = Configuration()
    assert 8 <= default.watched < default.seeds
    assert default.pilot_seeds >= 16
