"""The claims on tangent ridge hold, some are sharp; closed forms and trainers have twins."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings

from tests.bench import Bench
from tests.theorems.tangent_ridge.by_hand import rank_by_sets
from theory import InvalidArgument, claim, claims
from verify.experiments.tangent_ridge import degrees, risk, width
from verify.experiments.tangent_ridge.cases import (
    DEFAULT,
    EDGE,
    FEW,
    GAPS,
    HARMONIC,
    KAPPAS,
    LAW,
    LEAST,
    MOMENTS,
    NETWORK,
    NEW,
    NOISE,
    ROWS,
    SANDWICH,
    SHARP,
    SQUARE,
    SWEEP,
    homes,
)
from verify.experiments.tangent_ridge.configuration import Configuration
from verify.experiments.tangent_ridge.experiment import EXPERIMENT
from verify.experiments.tangent_ridge.setting import Rows, on_sphere, prepare, target
from verify.experiments.tangent_ridge.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing

BENCH = Bench("tangent-ridge", "tangent")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged
LEVEL = 1e-8
DIGITS = Configuration(data="digits", targets="auto", samples=40, neurons=12, networks=800)
DIABETES = replace(DIGITS, data="diabetes", samples=30)


CASES = {
    "many neurons": (DEFAULT, ("both-active", "fluctuation")),
    "dead samples": (replace(FEW, networks=800), ("dead", "rank", "rank-at-most", "rank-of-part")),
    "noise": (replace(NOISE, labels=4000), ("memorised", "never-below")),
    "width from the data": (replace(ROWS, networks=1000, delta=0.2),
                            ("least-eigenvalue", "published-eigenvalue")),
    "edge": (EDGE, ("edge",)),
    "gaps": (replace(GAPS, networks=250, pilots=10_000), ("gap-at-most", "gap-law")),
    "large ridge": (replace(SHARP, networks=4000, pilots=40_000), ("gap-at-most", "gap-law")),
    "sweeps": (replace(SWEEP, draws=30),
               ("excess-slope", "spread-slope", "published-risk")),
    "network": (NETWORK, ("network",)),
    "network with a ridge": (replace(NETWORK, ridge=0.2), ("network",)),
    "new inputs of a network": (KAPPAS, ("network-slope",)),
    "moments": (MOMENTS, ("second-moment", "fourth-moment")),
    "least eigenvalue of K": (LEAST, ("least-mean",)),
    "new inputs": (NEW, ("pythagoras", "risk")),
    "n = d": (SQUARE, ("certificate", "published-polynomial")),
    "constants": (replace(SQUARE, degree=0, samples=3), ("certificate",)),
    "law": (LAW, ("risk-law",)),
    "law of quadratic targets": (replace(LAW, growth=2, samples=20, dimension=8, designs=24,
                                         linear=0.0, quadratic=1.0, noise=0.2), ("risk-law",)),
    "sandwich": (SANDWICH, ("self-induced-at-most", "self-induced-at-least")),
    "harmonics": (HARMONIC, ("harmonics",)),
    "digits": (DIGITS, ("both-active", "fluctuation", "rank-at-most", "rank-of-part")),
    "diabetes": (DIABETES, ("both-active", "fluctuation", "rank-at-most")),
    "noise on diabetes": (replace(DIABETES, neurons=2, labels=3000), ("memorised",)),
    "risk of diabetes": (replace(DIABETES, neurons=40, pilots=10_000), ("gap-at-most", "gap-law")),
    "risk of digits": (replace(DIGITS, neurons=40, pilots=5000), ("gap-law",)),
    "width for diabetes": (replace(DIABETES, samples=12, networks=600, delta=0.3, epsilon=0.8),
                           ("least-eigenvalue",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=4)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


def test_every_claim_is_among_the_cases():
    assert {f"tangent/{name}" for _, names in CASES.values() for name in names} == set(homes())
    assert set(homes()) == set(claims("tangent-ridge"))


CERTAIN = ("rank-at-most", "rank", "rank-of-part", "network", "certificate", "harmonics",
           "self-induced-at-most", "self-induced-at-least")  # fmt: skip


@pytest.mark.claims(share=0.1)
@settings(max_examples=20)
@given(configuration=configurations())
def test_every_configuration(gate, configuration):
    """Any rows, widths and ridges; where a premise fails nothing is said."""
    found = observed(configuration, (*CERTAIN, "gap-at-most"), gate.seed(configuration))
    for name in CERTAIN:
        gate.check(claim(f"tangent/{name}"), found[name], detail=repr(configuration))
    few = judged("gap-at-most", found["gap-at-most"])
    assert few.verdict is not Verdict.REFUTED


def reached(condition):
    find(configurations(), condition, settings=settings(phases=[Phase.generate]))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("rank", Verdict.HOLDS), ("rank", Verdict.OUT_OF_REGIME), ("network", Verdict.HOLDS),
     ("certificate", Verdict.HOLDS), ("harmonics", Verdict.HOLDS)],
)  # fmt: skip
def test_the_search_reaches(name, verdict):
    reached(lambda c: judged(name, first(c, name)).verdict is verdict)


def test_the_search_reaches_few_and_many_neurons():
    reached(lambda c: c.neurons * c.dimension < c.samples)
    reached(lambda c: c.neurons * c.dimension > 4 * c.samples)


# --- how sharp -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "N", "n"), [(1, 3, 6), (2, 2, 7), (3, 2, 8), (2, 4, 9)])
def test_the_rank_is_that_of_the_best_set(d, N, n):
    """Against all sets of samples: the union of d copies of the matroid of activations."""
    rng, short = np.random.default_rng(d), 0
    for _ in range(25):
        rows = Rows(on_sphere(rng, n, d) if d > 1 else rng.choice([-1.0, 1.0], (n, 1)))
        S = rows.active(rng.standard_normal((N, d)))
        best = rank_by_sets(S, d)
        assert width.rank(rows.features(S)) == best or (d == 1)
        assert width.rank(rows.features(S)) <= best
        short += best < min(n - (~S.any(1)).sum(), N * d)
    assert short > 0 or d == 1


def test_n_star_from_the_data():
    """The values depend on the rows; Chernoff wins where rows are nearly orthogonal."""
    for (d, n), expected in {(10, 8): 157, (20, 20): 124, (20, 60): 440, (40, 120): 439}.items():
        rows = prepare(Configuration(dimension=d, samples=n), "N*").rows
        tropp, chernoff, _ = width.needed(rows, 0.5, 0.05)
        assert tropp < chernoff
        assert tropp == pytest.approx(expected, rel=0.15 if n > d else 0.5)
    for count, expected in ((8, (82, 67)), (1, (48, 40))):
        assert width.needed(Rows(np.eye(8)[:count]), 0.5, 0.05)[:2] == expected
    assert width.needed(Rows(np.ones((2, 3)) / sqrt(3)), 0.5, 0.05)[:2] == (np.inf, np.inf)


def test_the_width_that_is_needed_is_smaller():
    """By a factor 10 to 20."""
    sample = first(replace(ROWS, enough=30, networks=200), "least-eigenvalue")
    assert judged("least-eigenvalue", sample).verdict is Verdict.OUT_OF_REGIME
    assert sample.values.mean() > 0.9


def test_the_edge_is_nearly_exact_at_finite_sizes():
    sample = first(EDGE, "edge")
    ratio = sample.values.mean(1) / sample.symbols["edge"]
    assert (abs(ratio - 1) < (0.06, 0.04, 0.03)).all()


@pytest.mark.parametrize(("lam", "least"), [(1.0, 0.25), (10.0, 0.6), (100.0, 0.8)])
def test_the_bound_is_sharp_for_large_ridges(lam, least):
    c = replace(GAPS, samples=20, ridge=lam, networks=200, pilots=2)
    sample = first(c, "gap-at-most")
    ratio = sample.values.mean(1) / claim("tangent/gap-at-most").evaluate(sample.symbols).bound
    assert (ratio > least).all()
    assert (ratio < 1).all()


def test_the_certificate_is_nearly_attained_by_one_sample():
    sample = first(replace(SQUARE, samples=1, ridge=0.0), "certificate")
    bound = claim("tangent/certificate").evaluate(sample.symbols).bound
    np.testing.assert_allclose(sample.values / bound, 1, rtol=1e-9)


def test_the_mean_risk_is_that_of_draws():
    """(NT8), given the rows: the closed form against targets and noise drawn."""
    c = Configuration(samples=15, dimension=6, quadratic=0.7, noise=0.4)
    setting = prepare(c, "draws")
    rows, found, rng = setting.rows, [], np.random.default_rng(0)
    for _ in range(2000):
        u = on_sphere(rng, 6)
        y = target(rows.X, u, setting.energies).sum(0) + c.noise * rng.standard_normal(15)
        found.append(risk.risk_of_kernel(replace(setting, u=u, y=y)))
    mean = degrees.mean_risk(rows.X, c.ridge, setting.energies, c.noise**2)
    error = np.std(found) / sqrt(len(found))
    assert abs(np.mean(found) - mean) < 5 * error
    assert abs(np.mean(found) - 1.05 * mean) > 5 * error


def test_the_degree_follows_the_number_of_samples():
    """At n = d degree 1 is nearly right; at n = d^2 it is useless, and degree 2 is nearly right."""
    d, F, ridge = 15, np.array([0, 1.0, 1.0]), 0.1

    def law(n, l=None):  # noqa: E741
        r = ridge if l is None else ridge + degrees.self_induced(d, l)
        found = degrees.fixed_point(n, d, r, l)
        energies = np.zeros(len(found.spectrum.values))
        energies[: len(F)] = F[: len(energies)]
        left = F.sum() - energies.sum()
        return float(found.bias(energies) + left / (1 - found.g) + 0.25 * found.variance)

    assert law(d, 1) == pytest.approx(law(d), rel=0.05)
    assert law(300, 2) == pytest.approx(law(300), rel=0.03)
    assert law(300, 1) > 1.2 * law(300)


def test_no_self_induced_ridge_costs_much_at_n_equal_d():
    """Mean risks of kernel ridge and of polynomial ridge, with its self-induced ridge and without.

    The high degrees of the kernel are a ridge of its low ones.
    """
    setting = prepare(replace(SQUARE, ridge=1e-6, designs=60), "self-induced")
    found = degrees.distances(setting, set(), lambda *_: None).notes["mean_risks"]
    kernel, induced, plain = found.values()
    assert induced == pytest.approx(kernel, rel=0.05)
    assert plain > 5 * kernel


@pytest.mark.parametrize("steps", [1, 10, 1000])
def test_no_stopping_time_learns_harmonics(steps):
    """(NT9) for gradient descent that is stopped."""
    setting = prepare(replace(HARMONIC, samples=30, harmonic=2), "stopped")
    rows, W = setting.rows, next(setting.drawn("stopped", 1, 20))[0]
    S = rows.active(W)
    mu, V = np.linalg.eigh(rows.of_neurons(S))
    kept = (1 - mu / mu[-1]) ** steps
    A = V @ np.diag(np.where(mu > 1e-12, (1 - kept) / np.maximum(mu, 1e-12), 0)) @ V.T
    mean = degrees.over_targets(rows, W, S, A, 2)
    assert 1 - 30 / 54 < mean < 3


# --- second implementations ----------------------------------------------------------------------


def test_descent_on_the_features_is_that_in_the_dual():
    """By torch, on all N d weights, from 0."""
    setting = prepare(replace(NOISE, steps=40, labels=1), "features")
    sample = width.on_the_way(setting)
    S = setting.rows.active(next(setting.drawn("on the way", 1, 4)))
    Phi = torch.tensor(setting.rows.features(S)[0])
    y = torch.tensor(width.noise(setting, "on the way")[0])
    theta = torch.nn.Parameter(torch.zeros(Phi.shape[1], dtype=torch.float64))
    eta = 0.9 / np.linalg.norm(Phi.numpy(), 2) ** 2
    optimiser, errors = torch.optim.SGD([theta], lr=eta), []
    for _ in range(40):
        optimiser.zero_grad()
        (((Phi @ theta - y) ** 2).sum() / 2).backward()
        optimiser.step()
        errors.append(float(((Phi @ theta - y) ** 2).mean().detach()))
    times = np.unique(np.geomspace(1, 40, width.TIMES).astype(int))
    np.testing.assert_allclose(sample.values[:, 0], [errors[t - 1] for t in times], rtol=1e-9)


def test_rotated_inputs_and_relabelled_samples_change_nothing():
    setting = prepare(replace(GAPS, samples=10, dimension=5), "rotated")
    rng = np.random.default_rng(0)
    R, order = np.linalg.qr(rng.standard_normal((5, 5)))[0], rng.permutation(10)
    W = next(setting.drawn("twin", 3, 6))
    other = replace(setting, rows=Rows(setting.rows.X[order] @ R), y=setting.y[order])

    def distance(at, W):
        S = at.rows.active(W)
        a = risk.solved(at.rows.of_neurons(S), at.lam, at.y)
        return at.law.distances(at.rows, W, at.rows.weights(S, a), at.alpha)

    np.testing.assert_allclose(distance(other, W @ R), distance(setting, W), rtol=1e-9)


# --- the experiment ------------------------------------------------------------------------------


def test_sweeps_of_real_rows_are_out_of_the_regime():
    """Their risk is in no closed form: that is said, and nothing else is."""
    wanted = {"slope_of_excess", "slope_of_spread", "risk_of_width"}
    at = replace(GAPS, data="diabetes", samples=8)
    found = EXPERIMENT.observe(at, salt="real", quantities=wanted)
    assert not found.samples
    assert found.out_of_regime.keys() == wanted
    assert all("uniform rows are needed" in why for why in found.out_of_regime.values())


def test_every_claim_is_measured():
    small = EXPERIMENT.preview(replace(GAPS, samples=10, dimension=5, draws=3))
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("tangent-ridge").values())


@pytest.mark.parametrize(
    ("measure", "names"),
    [(width.ranks, {"left", "least", "dead"}), (risk.gaps, {"gap", "law", "bound", "excess"}),
     (degrees.laws, {"kernel", "degree 0", "degree 1", "degree 2", "plain"})],
)  # fmt: skip
def test_pictures(measure, names):
    setting = prepare(EXPERIMENT.preview(replace(GAPS, samples=10, dimension=5)), "picture")
    drawn = measure(setting, set(), lambda *_: None).trajectory
    assert set(drawn.series) == set(drawn.labels) == names
    assert all(np.isfinite(curve).all() for curve in drawn.series.values())
    assert drawn.axis
    assert drawn.title


def test_the_transition():
    """Noise is learnt once N d >= n and all samples are seen."""
    setting = prepare(Configuration(samples=40, dimension=10), "transition")
    drawn = width.transition(setting)
    left = drawn.series["left"]
    assert (left[drawn.x < 0.8] > 0.2).all()
    assert (left[drawn.x > 3] < 0.01).all()
    assert (np.maximum(1 - drawn.x, 0) <= left + 1e-12).all()


@pytest.mark.parametrize(
    ("field", "value"),
    [("neurons", 0), ("networks", 0), ("ridge", -0.1), ("ridge", float("nan")), ("noise", -1.0),
     ("linear", -1.0), ("step", 1.0), ("steps", 0), ("kappa", 0.0), ("enough", 0), ("epsilon", 1.0),
     ("delta", 0.0), ("pilots", 0), ("smallest", 0), ("sweeps", 0), ("draws", 0),
     ("tolerance", 0.0), ("degree", -1), ("degree", 9), ("designs", 0), ("growth", 3),
     ("inputs", 0), ("harmonic", 0), ("constant", 0.0), ("dimension", 1)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


def test_no_target_and_no_noise():
    with pytest.raises(InvalidArgument, match="noise"):
        Configuration(noise=0.0, linear=0.0)


@pytest.mark.parametrize(
    "fields",
    [{"samples": 1}, {"neurons": 1, "samples": 3}, {"dimension": 2}, {"ridge": 0.0, "samples": 30},
     {"data": "orthogonal", "samples": 4}, {"data": "clustered", "samples": 9},
     {"linear": 0.0, "quadratic": 1e6, "noise": 0.0}, {"ridge": 1e8, "noise": 1e-3}],
)  # fmt: skip
def test_extremes_are_no_refutation(fields):
    small = replace(EXPERIMENT.preview(Configuration(samples=8, dimension=6, draws=2)), **fields)
    found = EXPERIMENT.observe(small, salt="extreme")
    assert "incomplete" not in found.notes
    for each in claims("tangent-ridge").values():
        if each.quantity.name in found.samples and not each.name.startswith("tangent/published"):
            sample = found.samples[each.quantity.name]
            assert judge(each, sample, LEVEL).verdict is not Verdict.REFUTED, each.name


def test_a_ridge_below_rounding_is_none():
    """A polynomial kernel of low rank has no inverse, whatever is added below rounding."""
    c = Configuration(samples=10, dimension=3, designs=3)
    values = [
        EXPERIMENT.observe(replace(c, ridge=lam), salt="tiny", quantities={"distance"})
        .samples["distance"].values
        for lam in (0.0, 1e-300)
    ]  # fmt: skip
    np.testing.assert_array_equal(*values)
