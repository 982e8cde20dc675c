"""Subquadratic training: claims hold, some are sharp; widths, counts and solvers have twins."""

from dataclasses import replace
from math import log, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from scipy.sparse.linalg import LinearOperator, cg
from scipy.stats import norm

from tests.bench import Bench
from tests.theorems.subquadratic_training.by_hand import both_above, four_sums
from theory import InvalidArgument, claim, claims
from verify.experiments.subquadratic_training.cases import (
    COSTS,
    DESCENT,
    FEW,
    LEFT,
    MANY,
    NEWTON,
    PAIRS,
    SHORT,
    SKETCH,
    STARTS,
    STRETCHED,
    WIDTH,
    homes,
)
from verify.experiments.subquadratic_training.configuration import Configuration
from verify.experiments.subquadratic_training.experiment import EXPERIMENT
from verify.experiments.subquadratic_training.newton import certificate
from verify.experiments.subquadratic_training.setting import both_fire, prepare
from verify.experiments.subquadratic_training.sketches import gaussian_singular
from verify.experiments.subquadratic_training.strategies import configurations
from verify.judging.verdict import Verdict
from verify.runs.check import missing
from verify.training.gauss_newton import gauss_newton
from verify.training.shifted import Counter, Network, mean_square, sparse_step
from verify.training.tensor_sketch import Hashes, conjugate_gradients, sketched, sums

STEPS = ("kept", "kept-last", "sparse", "lazy", "count", "count-dense", "count-lazy")
CERTIFIED = ("certificate", "moved", "certified-sparse")
PATHS = ("flips", "one-step", "inexact", *CERTIFIED)
SLOPES = ("fired-slope", "slope-sparse", "slope-dense")
LAWS = ("fired", "fired-deep")
SKETCHED = ("sketch-subspace", "sketch-failure", "published-sketch")
SMALLER = replace(NEWTON, width=4_000, target_scale=0.02)
CASES = {
    **{f"descent, {data}": (replace(DESCENT, data=data, layers=3, width=96), STEPS)
       for data in ("sphere", "diabetes", "digits")},
    "wide descent": (replace(DESCENT, width=1024, step=0.5, restart=5, steps=5), STEPS),
    "starts": (STARTS, (*LAWS, "leading", "leading-at-most", "fired-mean", "published-fired")),
    "three layers": (replace(STARTS, layers=3, width=64, sparsity=0.1), LAWS),
    "short rows": (SHORT, ("fired", "fired-mean")),
    "few neurons": (replace(FEW, trials=600), ("fired-tail",)),
    "pairs": (PAIRS, ("kept-law",)),
    "costs": (replace(COSTS, smallest=32, largest=256, sweeps=40), SLOPES),
    "costs of the last layer": (
        replace(COSTS, layers=1, smallest=32, largest=256, sweeps=40), ("slope-lazy",),
    ),
    "Gauss-Newton": (NEWTON, PATHS),
    "Gauss-Newton, diabetes": (replace(SMALLER, data="diabetes", samples=2), PATHS),
    "Gauss-Newton, digits": (replace(SMALLER, data="digits", independent=True), PATHS[:3]),
    "many small networks": (MANY, PATHS),
    "small targets": (replace(SMALLER, target_scale=2e-3), PATHS),
    "the width theorem": (replace(WIDTH, trials=100), ("width", "published-rate")),
    "what a step leaves": (
        replace(LEFT, smallest=128, largest=1024, sweeps=40), ("slope-width", "slope-order"),
    ),
    "sketches": (SKETCH, ("sketch", "sketch-matrices", *SKETCHED)),
    "an even number of buckets": (replace(SKETCH, rows=16, data="diabetes", far=2.0), SKETCHED),
    "preconditioners": (STRETCHED, ("preconditioned", "gaussian-sketch")),
    "Gaussian preconditioners": (replace(STRETCHED, sketch="gaussian"), ("preconditioned",)),
}  # fmt: skip


BENCH = Bench("subquadratic-training", "subquadratic")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=7)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


PATHWISE = [name for name in BENCH.pathwise if "sketch" not in name]


@pytest.mark.claims(share=0.1)
@settings(max_examples=20)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    quantities = {claim(f"subquadratic/{name}").quantity.name for name in PATHWISE}
    seed = gate.seed(configuration)
    found = EXPERIMENT.observe(configuration, salt=seed, quantities=quantities).samples
    for name in PATHWISE:
        each = claim(f"subquadratic/{name}")
        if each.quantity.name in found:
            gate.check(each, found[each.quantity.name], detail=repr(configuration))


REACHED = {
    "one sample": lambda c: c.samples == 1 and c.width == 400,
    "one layer": lambda c: c.layers == 1 and c.restart == 1,
    "four layers": lambda c: c.layers == 4 and c.width > 8,
    "two neurons": lambda c: c.width == 2,
    "real data": lambda c: c.data == "diabetes" and c.sketch == "gaussian",
    "no threshold": lambda c: c.threshold == 0.0 and c.independent,
    "fewer rows than samples": lambda c: c.rows < c.samples,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


@pytest.mark.parametrize("what", ["a certificate", "a certificate with flips", "none"])
def test_strategies_reach_certificates(what):
    def reached(c):
        setting = prepare(c, "reach")
        nets, W = setting.networks("networks", c.networks, c.width)
        path = gauss_newton(nets, W, setting.y, 1)
        found = certificate(setting, nets, W, path)
        at = {**setting.newton_symbols, **found, "t": 0}
        holds = claim("subquadratic/certificate").regime(at).holds
        if what == "none":
            return not holds.any()
        return bool((holds & ((found["close"] > 0) | (what == "a certificate"))).any())

    only = settings(max_examples=500, phases=(Phase.generate,))
    assert find(configurations(), reached, settings=only)


# --- sharp cases ---------------------------------------------------------------------------------


def test_the_exponent_of_the_number_that_fires_is_an_upper_one():
    """The exact law has a factor 1/b more: slopes 0.861, 0.753, 0.547 for 0.9, 0.8, 0.6."""
    m = 2.0 ** np.arange(8, 15)
    for c, slope in ((0.1, 0.861), (0.2, 0.753), (0.4, 0.547)):
        mean = m * norm.sf(np.sqrt(2 * c * np.log(m)))
        assert np.polyfit(np.log(m), np.log(mean), 1)[0] == pytest.approx(slope, abs=2e-3)
        bound = claim("subquadratic/fired-mean")(m=m, c=c, b=np.sqrt(2 * c * np.log(m)), long=1.0)
        assert (bound > 1.9 * mean).all()


def test_what_a_step_leaves_is_what_flips_and_most_runs_end():
    """Of 60 networks most end at 0 up to rounding within 10 steps."""
    setting = prepare(replace(NEWTON, width=2_000, target_scale=0.1, samples=4), "ends")
    nets, W = setting.networks("networks", 60, 2_000)
    path = gauss_newton(nets, W, setting.y, 10)
    size = np.linalg.norm(path.errors, axis=2)
    assert ((size < 1e-12).any(0)).mean() > 0.8
    still = (path.flips.sum(2) == 0) & (path.least[:-1] > 1e-3)
    assert still.any()
    assert size[1:][still].max() < 1e-13


def test_an_inexact_step_without_flips_leaves_the_residual():
    sample = first(replace(SMALLER, target_scale=1e-5, steps=2), "inexact")
    assert not np.any(sample.symbols["nu_t"])
    assert judged("inexact", sample).tightness == pytest.approx(1, abs=1e-6)


# --- the width -----------------------------------------------------------------------------------


def least_width(y, **more):
    """The least m on a fine grid from which on the width theorem holds; all from there on do."""
    b, delta = more.get("b", 0.0), 0.05
    G = np.array([[1.0, 0.3], [0.3, 1.0]])
    m = np.unique(np.geomspace(10, 10**8, 4000).astype(int))
    known = {
        "n": 2, "short": 1.0, "single": 0, "norm_G": 1.3, "norm_X": sqrt(1.3), "g": 1.3,
        "lambda_b": np.linalg.eigvalsh(G * both_above(G, b))[0], "epsilon": 0.5, "delta": delta,
        "norm_y": y,
        "b": b,
    }  # fmt: skip
    holds = claim("subquadratic/width").regime({**known, "m": m}).holds
    start = int(np.argmax(holds))
    assert holds[start:].all()
    assert not holds[:start].any()
    return m[start]


def test_admissible_widths_are_all_from_one_on_that_stays_bounded_as_y_vanishes():
    widths = [least_width(y) for y in (1.0, 0.08, 0.008, 0.0008, 0.0)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 50 * widths[1]
    assert widths[-1] == widths[-3] > 500
    assert least_width(0.02, b=2.5) > least_width(0.02, b=2.0)


def test_the_premise_on_close_neurons_as_first_written_excludes_small_targets():
    """m >= 6 log(n/delta)/p, p = 2 rho phi_b ~ ||y||/sqrt(m): m rises like 1/||y||^2."""
    lam, needed = 0.1, []
    for y in (8e-2, 8e-3, 8e-4):
        p = 2 * (3 * sqrt(1.3) * y / lam) * norm.pdf(0)  # times m^{-1/2}
        needed.append((6 * log(2 / 0.05) / p) ** 2)
    assert np.divide(needed[1:], needed[:-1]) == pytest.approx(100)
    assert needed[-1] > 100 * least_width(8e-4)


# --- counts --------------------------------------------------------------------------------------


def test_the_cost_of_a_dense_step():
    """12,652,544 multiply-adds, where 2 n m (d + 2 m) would be 16,842,752."""
    assert claim("subquadratic/count-dense")(n=4, d=8, m=1024, L=2) == 12_652_544
    assert 2 * 4 * 1024 * (8 + 2 * 1024) == 16_842_752


def test_the_counter_counts_what_it_multiplies():
    """By a product that adds one for every multiplication."""
    rng, count, seen = np.random.default_rng(0), Counter(), SimpleNamespace(n=0)
    for shapes in (((2, 3), (3, 4)), ((2, 3), (3,)), ((5,), (5,))):
        A, B = (rng.standard_normal(shape) for shape in shapes)
        rows, columns = np.atleast_2d(A), B.reshape(len(B), -1)
        by_hand = np.zeros((len(rows), columns.shape[1]))
        for i, j, k in np.ndindex(*by_hand.shape, len(B)):
            by_hand[i, j] += rows[i, k] * columns[k, j]
            seen.n += 1
        np.testing.assert_allclose(count.product("x", A, B).ravel(), by_hand.ravel())
    assert count.total == count.of["x"] == seen.n
    np.testing.assert_array_equal(count.outer("y", np.arange(3), np.arange(2)),
                                  [[0, 0], [0, 1], [0, 2]])  # fmt: skip
    assert count.of["y"] == 6


def test_a_sparse_step_is_many_times_cheaper_and_its_cost_is_that_of_the_law():
    """Counted/(n (m d + m^2 Q(b))) is near 1; 30 times fewer than dense at m = 1024."""
    rng, m = np.random.default_rng(1), 1024
    b = sqrt(2 * 0.25 * log(m))
    X = rng.standard_normal((4, 8))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    count = Counter()
    sparse_step(Network.drawn(rng, 8, m, 2, b), X, np.zeros(4), 0.1, count)
    law = 4 * (m * 8 + m**2 * norm.sf(b))
    assert 0.9 < count.total / law < 1.3
    assert 12_652_544 / count.total > 30


# --- twins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("b", [0.0, 0.7, 1.5])
def test_the_probability_that_two_neurons_fire(b):
    """Owen's function against an integral; also where x_j = -x_i."""
    G = np.array([[1.0, 0.9, -0.4], [0.9, 1.0, 0.0], [-0.4, 0.0, 1.0]])
    np.testing.assert_allclose(both_fire(G, b), both_above(G, b), atol=1e-11)
    assert both_fire(np.array([-1.0]), b) == pytest.approx(0.0, abs=1e-7)


def test_the_mean_square_of_a_shifted_relu():
    z = np.random.default_rng(2).standard_normal(10**6)
    for b in (0.0, 0.8, 1.6):
        values = np.maximum(z - b, 0) ** 2
        assert abs(values.mean() - mean_square(b)) < 5 * values.std() / 1e3


def test_gaussian_sketches_are_isometries_on_average():
    """The mean of n s squares: 5 standard deviations are 1.3 %, 3 rows more would be 8 %."""
    Q = np.linalg.qr(np.random.default_rng(6).standard_normal((7, 3)))[0]
    singular = gaussian_singular(np.random.default_rng(7), 3000, 33, Q)
    assert abs((singular**2).mean() - 1) < 5 * sqrt(2 / (3 * 33 * 3000))


def test_the_four_sums():
    X, Y = np.random.default_rng(3).standard_normal((2, 4, 3))
    np.testing.assert_allclose(sums(X, Y), four_sums(X, Y), rtol=1e-12)
    np.testing.assert_allclose(sums(X, X), four_sums(X, X), rtol=1e-12)


def test_conjugate_gradients_of_scipy():
    rng = np.random.default_rng(4)
    A, S = rng.standard_normal((2, 6, 30))
    K, M, e, seen = A @ A.T, S @ S.T, rng.standard_normal(6), []
    inverse = LinearOperator((6, 6), lambda v: np.linalg.solve(M, v))
    cg(K, e, M=inverse, maxiter=4, callback=lambda x: seen.append(x.copy()))
    np.testing.assert_allclose(conjugate_gradients(K, e, M, 4)[1:], seen, rtol=1e-9)


def test_sketches_are_unbiased_and_linear():
    """Over all hashes of two factors; and of single matrices."""
    rng = np.random.default_rng(5)
    one, two = Hashes.all(2, 3), Hashes.all(2, 3)
    left = Hashes(np.repeat(one.h, 36, 0), np.repeat(one.r, 36, 0), 3)
    right = Hashes(np.tile(two.h, (36, 1)), np.tile(two.r, (36, 1)), 3)
    U, V = rng.standard_normal((2, 2, 2))
    found = sketched(left, right, U, V)
    mean = np.swapaxes(found, 1, 2) @ found
    np.testing.assert_allclose(mean.mean(0), (U @ U.T) * (V @ V.T), atol=1e-12)
    both = sketched(left, right, U[:1] + U[1:], V[:1]) - sketched(left, right, U[:1], V[:1])
    np.testing.assert_allclose(both, sketched(left, right, U[1:], V[:1]), atol=1e-12)


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    few = Configuration(samples=2, width=40, threshold=0.3, smallest=8, largest=64)
    found = EXPERIMENT.observe(EXPERIMENT.preview(few), salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(each, found.samples)
                   for each in claims("subquadratic-training").values())  # fmt: skip
    assert set(homes()) == set(claims("subquadratic-training"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 0), ("width", 7), ("smallest", 5), ("largest", 4), ("layers", 0), ("layers", 8),
     ("sparsity", 0.0), ("sparsity", 1.0), ("sparsity", float("nan")), ("threshold", -0.1),
     ("step", 0.0), ("step", float("inf")), ("steps", 0), ("restart", 0), ("residual", -1.0),
     ("sketch", "hash"), ("rows", 0), ("far", 0.0), ("stretch", 6.0), ("delta", 1.0),
     ("epsilon", 0.0), ("independent", 1), ("data", "moon"), ("published_gain", 1.0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        prepare(replace(Configuration(), **{field: value}), "bad")


@pytest.mark.parametrize("scale", [1e-50, 1e-8, 1e8])
def test_targets_of_any_size_are_no_refutation(scale):
    """Where neurons hardly move, their distance is rounding of their weights."""
    found = observed(replace(DESCENT, target_scale=scale, networks=20), PATHS)
    for name, sample in found.items():
        assert judged(name, sample).verdict is not Verdict.REFUTED, name


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("step", [30.0, 1e5])
def test_steps_that_are_too_large_are_no_refutation(step):
    found = observed(replace(DESCENT, step=step, width=64, steps=12), STEPS)
    for name, sample in found.items():
        assert judged(name, sample).verdict is not Verdict.REFUTED, name


@pytest.mark.filterwarnings("error")
def test_a_network_in_which_nothing_fires():
    silent = Configuration(width=2, threshold=9.0, samples=2, networks=2, trials=2, sweeps=1,
                           smallest=8, largest=64)  # fmt: skip
    found = EXPERIMENT.observe(silent, salt="silent")
    assert set(found.out_of_regime) == {"sketch_moment", "sketch_far", "energy", "gaussian_close"}
    for name in PATHS:
        sample = found.samples[claim(f"subquadratic/{name}").quantity.name]
        assert judged(name, sample).verdict is not Verdict.REFUTED, name
