"""The recursion, certificates and odds hold; certificates come close; trainers have twins."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings
from scipy.integrate import solve_ivp
from scipy.stats import cauchy, kstest

from tests.bench import Bench
from tests.theorems.one_dimensional_inconsistency.by_hand import net
from theory import InvalidArgument, claim, claims
from verify.experiments.one_dimensional_inconsistency import odds, paths, recursion
from verify.experiments.one_dimensional_inconsistency.cases import (
    AT_ONCE,
    BMI,
    CROSSINGS,
    LIMIT,
    LONG,
    PATHS,
    SHIFTED,
    SMALL,
    homes,
)
from verify.experiments.one_dimensional_inconsistency.configuration import Configuration
from verify.experiments.one_dimensional_inconsistency.experiment import EXPERIMENT
from verify.experiments.one_dimensional_inconsistency.leading import Leading
from verify.experiments.one_dimensional_inconsistency.line import X, Y
from verify.experiments.one_dimensional_inconsistency.networks import hessian, interpolant
from verify.experiments.one_dimensional_inconsistency.setting import Weights, prepare
from verify.experiments.one_dimensional_inconsistency.strategies import configurations
from verify.judging.seeds import numpy_generator
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing
from verify.training.divergence import Diverged

BENCH = Bench("one-dimensional-inconsistency", "inconsistency", "line")
observed, first, judged = BENCH.observed, BENCH.first, BENCH.judged
EXACTLY = ("recursion", "bias", "gradients", "flow-map", "kinks", "invariant")
CERTIFIED = ("sums", "certificate", "loss-floor", "loss-rate")
MINIMUM = ("local-minimum", "curvature", "interpolation")
RARE = (*CERTIFIED, "curvature", "interpolation")
"""Claims that ask for many neurons, or for six points."""

SHIFTS = ("offset", "offset-of-equal-sides")


CASES = {
    "minibatches and an offset": (PATHS, EXACTLY),
    "one feature": (replace(PATHS, data="diabetes", feature=3, gap=0.5, batch=None), EXACTLY),
    "narrow networks": (CROSSINGS, ("crossing",)),
    "wide networks": (Configuration(steps=300), CERTIFIED),
    "certified at the start": (AT_ONCE, CERTIFIED),
    "minima": (SMALL, MINIMUM),
    "odds of a certificate": (Configuration(horizon=2.0), ("probability", "published")),
    "shifted": (SHIFTED, SHIFTS),
    "one feature, shifted": (replace(BMI, shift=1.0, horizon=4.0), ("offset",)),
    "C": (LIMIT, ("first-trip",)),
    "C of one feature": (
        replace(BMI, gap=0.25, trials=1600, horizon=0.5),
        ("constant", "first-trip"),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=2)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=15)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Any width, start, step and offset; where a premise fails nothing is said."""
    salt = gate.seed(configuration)
    names = (*EXACTLY, "crossing", *CERTIFIED, *MINIMUM)
    wanted = {claim(f"inconsistency/{name}").quantity.name: name for name in names}
    try:
        found = EXPERIMENT.observe(configuration, salt=salt, quantities=wanted.keys())
    except Diverged:
        return
    assert found.samples.keys() == wanted.keys() or "Diverged" in found.notes["incomplete"]
    for quantity, sample in found.samples.items():
        one = claim(f"inconsistency/{wanted[quantity]}")
        if wanted[quantity] in RARE:
            assert judge(one, sample, 0.0).verdict is not Verdict.REFUTED
        else:
            gate.check(one, sample, detail=repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=10)
@given(configuration=configurations("inconsistency/certificate"))
def test_every_certificate(gate, configuration):
    BENCH.hold(gate, configuration, CERTIFIED, repr(configuration), configuration)


# --- how sharp -----------------------------------------------------------------------------------


@lru_cache
def long_training():
    """Of which one slow mode is left."""
    return EXPERIMENT.observe(LONG, salt="slow", quantities=paths.OF_CERTIFICATE)


@pytest.fixture
def slow():
    return long_training()


def test_in_one_slow_mode_the_sums_are_nearly_attained(slow):
    for name, most in (("sums", 1.2), ("certificate", 1.05)):
        one = claim(f"inconsistency/{name}")
        sample = slow.samples[one.quantity.name]
        assert judge(one, sample, 0.0).verdict is Verdict.HOLDS
        holds = np.broadcast_to(one.regime(sample.symbols).holds, sample.values.shape)
        bound = one.evaluate(sample.symbols, where=holds).bound
        seen = holds & (sample.values > 0)
        ratio = bound[seen] / sample.values[seen]
        assert 1 <= ratio.min() < most


def test_certified_networks_end_in_the_bad_minimum(slow):
    """L -> L_aff = 1, though 5 neurons reach 0."""
    sample = slow.samples["loss"]
    holds = claim("inconsistency/loss-floor").regime(sample.symbols).holds
    assert slow.notes["networks"]["certified"] == holds[-1].sum() > 0
    assert np.abs(sample.values[-1][holds[-1]] - 1).max() < 1e-7


def test_how_many_are_certified():
    """T_0 = 16: a half at m = 256, nearly all at 1024; T_0 = 0: few at 4096."""
    shares = {}
    for width, steps in ((256, 16), (1024, 16), (4096, 0)):
        at = Configuration(width=width, certify_at=steps)
        shares[width] = odds.certified_draws(prepare(at, "share"), 200).mean()
    assert 0.35 < shares[256] < 0.7
    assert shares[1024] > 0.9
    assert 0.1 < shares[4096] < 0.4


def test_the_certificate_is_13_numbers_whatever_the_width():
    """Neurons that are split in two have the same S_s, and the same certificate."""
    at = prepare(Configuration(width=512), "split")
    start = at.weights(at.rng("split"), 5, 512)
    half = np.sqrt(0.5)
    split = Weights(*(np.repeat(half * part, 2, axis=1) for part in (start.a, start.b, start.w)),
                    start.c)  # fmt: skip
    found = [paths.certify(recursion.moments_of(each), at.line.M, at.line.h, 1e-3)
             for each in (start, split)]  # fmt: skip
    for name in ("eps", "lam_1", "Z_r", "U"):
        np.testing.assert_allclose(*(getattr(each, name) for each in found), rtol=1e-9)


def test_the_first_trip_is_attained_at_the_start():
    """tau = 0: C = C_0 where |chi| <= xi; where |chi| > xi it is far too small."""
    line = prepare(Configuration(), "line").line
    law = Leading(line.M, line.xi)
    C_0 = np.pi**-1.5 * (1 + np.abs(law.chi) / line.xi).sum()
    assert law.constant(0.0) == pytest.approx(C_0, rel=1e-5)
    assert round(C_0, 4) == 0.5131
    assert law.constant(1000.0) == pytest.approx(0.5181, abs=2e-4)
    bmi = prepare(replace(BMI, gap=0.25), "line").line
    found = Leading(bmi.M, bmi.xi)
    C_0 = np.pi**-1.5 * (1 + np.abs(found.chi) / bmi.xi).sum()
    assert found.constant(0.0) > 1.5 * C_0


def uneven_sides():
    """Sides of different D and distance."""
    at = prepare(Configuration(), "uneven")
    line = replace(at.line, x=np.array([-5.0, -3.0, -2.0, 0.5, 0.7, 0.9]), y=np.zeros(6))
    return Leading(line.M, line.xi)


def test_a_side_may_come_back():
    """The way to -1/3 is not monotone: its farthest point counts."""
    law = uneven_sides()
    farthest = law.drift(1000.0)
    assert farthest[1] == pytest.approx(1.13 / 3, abs=0.01)
    assert law.drift(1e4)[0] == pytest.approx(1 / 3, abs=1e-3)


def test_the_change_with_an_offset_is_where_it_is_said():
    """m ~ (3 pi xi/(2 s))^2 = 2,220 for s = .1: an exponent of 1."""
    line = prepare(Configuration(), "line").line
    lost = 0.1 * np.sqrt(2220) * Leading(line.M, line.xi).drift(1000.0).sum() / np.pi
    assert lost == pytest.approx(1.0, abs=0.01)


# --- second implementations ----------------------------------------------------------------------


def test_the_slow_phase_is_that_of_an_ode():
    """B' = -D (A_q B + 1), and B' = -D A_q B from chi p."""
    law = uneven_sides()
    coupled = np.array([[2.0, 1.0], [1.0, 2.0]])
    for offset, first in ((1.0, [0.0, 0.0]), (0.0, law.chi * [0.7, -1.1])):
        way = solve_ivp(lambda t, B, s=offset: -law.D * (coupled @ B + s), (0, 8.0), first,
                        rtol=1e-10, atol=1e-12)  # fmt: skip
        end = np.linalg.solve(coupled, np.full(2, offset))
        right = law.decay(np.array([8.0]))[0] @ (np.array(first) + end) - end
        np.testing.assert_allclose(way.y[:, -1], right, rtol=1e-7)


def test_the_average_over_angles_is_gaussian():
    law = uneven_sides()
    p = np.sqrt(2) * numpy_generator("gaussian").standard_normal((2, 20_000))
    t = np.linspace(0, 3.0, 200)
    B = np.abs(law.decay(t) @ (law.chi[:, None] * p)).max(axis=0) / law.xi
    drawn = np.maximum(p + B, 0) + np.maximum(B - p, 0)
    error = drawn.std(axis=1) / np.sqrt(p.shape[1])
    assert (np.abs(drawn.mean(axis=1) - law.reach(3.0)) < 5 * error).all()


def test_the_hessian_is_that_of_autograd():
    at = prepare(Configuration(width=4, start="spread"), "hessian")
    start = at.weights(at.rng("hessian"), 2, 4)
    found = hessian(start, at.line)
    x, y = torch.tensor(at.line.x), torch.tensor(at.line.y)
    for i in range(2):
        flat = torch.tensor(
            np.concatenate([start.a[i], start.b[i], start.w[i], start.c[i : i + 1]])
        )

        def loss(v):
            return ((net(v[:4], v[4:8], v[8:12], v[12], x) - y) ** 2).mean() / 2

        right = torch.autograd.functional.hessian(loss, flat).numpy()
        np.testing.assert_allclose(found[i], right, atol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_eight_neurons_tell_when_kinks_cross(offset):
    """The ends of I_s are those of the recursion, for widths from 1 on."""
    at = prepare(Configuration(offset=offset, width=6), "ends")
    for width in (1, 2, 6, 40):
        start = at.weights(at.rng(f"width {width}"), 50, width)
        eta = at.eta(width)
        top, bottom = odds.ends(start, at.line, eta, 60)
        *_, now = recursion.follow(recursion.moments_of(start), at.line.xi, eta, at.sums, 60)
        right = now.room(*recursion.extremes(start.a, start.w)) > 0
        np.testing.assert_array_equal(odds.stays(start, top, bottom), right)
    assert not right.all()


def test_neurons_drawn_again_have_the_same_moments_and_law():
    at = prepare(Configuration(), "again")
    start = at.weights(at.rng("again"), 400, 12)
    again = odds.Redrawn(start)(at.rng("more"))
    S, S_again = (recursion.sums_of(each, each.a) for each in (start, again))
    np.testing.assert_allclose(S_again, S, atol=1e-9)
    assert np.abs(again.a - start.a).max() > 0.1
    rho = (again.w / again.a).ravel()
    assert kstest(rho, cauchy(scale=12**-0.5).cdf).pvalue > 1e-6
    assert kstest(np.abs(again.a).ravel() / np.sqrt(2), "halfnorm").pvalue > 1e-6
    alone = odds.Redrawn(at.weights(at.rng("one"), 5, 1))(at.rng("more"))
    assert np.isfinite(alone.w).all()


def test_copies_do_not_change_the_odds():
    """Drawn again and not, at narrow widths: the same share, by two standard errors of 1e-8."""
    at = prepare(Configuration(horizon=1.0), "copies")
    plain = odds.followed(at, at.line, "plain", 4000, 16)
    again = odds.followed(at, at.line, "again", 1000, 16, 30)
    error = np.hypot(plain.std() / np.sqrt(4000), again.std() / np.sqrt(1000))
    assert abs(plain.mean() - again.mean()) < 5.7 * error
    assert again.std() < plain.std() / 2


def test_enough_neurons_fit_all():
    line = prepare(Configuration(), "line").line
    np.testing.assert_array_equal((line.x, line.y), (X, Y))  # their affine fits are 0
    assert interpolant(line, 4) is None
    best = interpolant(line, 5)
    f = net(*(torch.tensor(p[0]) for p in (best.a, best.b, best.w)), best.c[0], torch.tensor(X))
    np.testing.assert_allclose(f, Y, atol=1e-12)


# --- experiments ---------------------------------------------------------------------------------


def test_pictures():
    kinks = EXPERIMENT.observe(Configuration(steps=50), salt="a", quantities={"loss"}).trajectory
    assert set(kinks.labels) == set(kinks.series)
    assert (kinks.series["point"] == 1).all()
    few = replace(LIMIT, trials=200, smallest=16)
    curves = EXPERIMENT.observe(few, salt="a", quantities={"scaled_crossing"}).trajectory.sweep
    for offset in ("0", "0.01", "0.1"):
        measured, law = curves.series[f"offset {offset}"], curves.series[f"law {offset}"]
        assert (np.abs(measured - law) < 0.1).all()
    assert (curves.series["law 0.1"] > curves.series["law 0.01"]).all()


def test_every_claim_has_a_sample_and_a_home():
    for name, one in claims("one-dimensional-inconsistency").items():
        few = EXPERIMENT.preview(homes()[name].configuration)
        few = replace(few, steps=20, certify_at=16, seeds=1, width=16, smallest=2, horizon=1.0)
        samples = EXPERIMENT.observe(few, salt="all", quantities={one.quantity.name}).samples
        assert not missing(one, samples)


@pytest.mark.parametrize("name", ["certificate", "crossing", "curvature", "recursion"])
def test_strategies_reach_the_regime(name):
    def holds(configuration):
        try:
            sample = first(configuration, name, "regime")
        except (Diverged, InvalidArgument):
            return False
        return claim(f"inconsistency/{name}").regime(sample.symbols).holds.any()

    only = settings(max_examples=150, phases=(Phase.generate,))
    find(configurations(f"inconsistency/{name}"), holds, settings=only)


REACHED = {
    "a certificate at the start": lambda c: c.certify_at == 0 and c.width == 1024,
    "minibatches": lambda c: c.batch is not None,
    "biases at the start": lambda c: c.start == "spread",
    "a step above the inverse curvature": lambda c: c.step > 1,
    "a feature with a gap": lambda c: c.data == "diabetes" and c.gap > 0,
    "an offset": lambda c: c.offset > 0,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=1500, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("feature", 0), ("gap", -1.0), ("start", "zero"), ("width", 0), ("step", 0.0),
     ("step", float("nan")), ("batch", 0), ("steps", 0), ("certify_at", -1), ("certify_at", 10_000),
     ("horizon", -1.0), ("shift", 0.0), ("outer", 0.0), ("trials", 1.5), ("copies", 0),
     ("published_power", 0.0), ("offset", float("inf")), ("residuals", 1), ("neurons", True)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


@pytest.mark.parametrize(
    ("options", "name"),
    [({"gap": 3.0}, "gap"), ({"batch": 7}, "batch"), ({"data": "diabetes", "feature": 11},
                                                       "feature"),
     ({"data": "digits", "feature": 1}, "feature"), ({"data": "sixpoints"}, "data"),
     ({"horizon": 1e4}, "horizon")],
)  # fmt: skip
def test_options_that_do_not_go_together(options, name):
    """The first pixel of digits is 0 in all images."""
    with pytest.raises(InvalidArgument, match=name):
        EXPERIMENT.observe(Configuration(**options), salt="bad", quantities={"stays"})


def test_a_file_of_one_column(tmp_path):
    """On a line all rows are parallel, and inputs may tie; one at 0 has no side."""
    path = tmp_path / "line.csv"
    path.write_text("x,y\n-2,1\n-2,3\n-1,2\n0,9\n1,4\n2.5,5\n3,6\n")
    line = prepare(Configuration(data=str(path), rescale=False, residuals=False), "file").line
    np.testing.assert_array_equal(line.x, [-2, -2, -1, 1, 2.5, 3])
    np.testing.assert_array_equal(line.y, [1, 3, 2, 4, 5, 6])


OUT = {
    "one side has no points": ({"data": "clustered", "samples": 2, "dimension": 3}, "loss-floor"),
    "biases at the start": ({"start": "spread"}, "certificate"),
    "half of the rows": ({"batch": 3}, "loss-rate"),
    "steps that are too large": ({"step": 2.5}, "sums"),
    "an affine part": ({"offset": 0.1, "trials": 40}, "constant"),
    "not the initialisation of He": ({"start": "swapped", "draws": 100}, "published"),
    "too few neurons": ({"neurons": 4}, "interpolation"),
}


@pytest.mark.parametrize("what", OUT)
def test_out_of_the_regime(what):
    options, name = OUT[what]
    few = Configuration(**{"steps": 30, "smallest": 4, "width": 512, **options})
    assert judged(name, first(few, name)).verdict is Verdict.OUT_OF_REGIME
