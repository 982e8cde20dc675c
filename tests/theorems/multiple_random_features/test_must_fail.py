"""Random features: false limits, broken premises and broken trainers are refuted."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.theorems.multiple_random_features.test_theorem import LEVEL, SMALL, first
from theory import claim
from theory.mathematics.random_features import limit
from theory.theorems import multiple_random_features as said
from verify.experiments.multiple_random_features import descents, real, risks, setting
from verify.experiments.multiple_random_features.cases import POPULATION
from verify.experiments.multiple_random_features.configuration import Configuration
from verify.experiments.multiple_random_features.real import interpolated
from verify.experiments.multiple_random_features.risks import limits
from verify.experiments.multiple_random_features.setting import exact, prepare
from verify.experiments.multiple_random_features.types import Type
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.problems.data import SOURCES

HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME
DOUBLE = replace(SMALL, features="1,1", draws=80)


def verdict(name, sample, **change):
    return judge(changed(name, **change), sample, LEVEL).verdict


def changed(name, put=None, bound=None, without=()):
    """The claim with symbols of its bound replaced, another bound, or premises left out."""
    original = claim(f"features/{name}")
    st = original.build()
    new = (st.bound if bound is None else sp.sympify(bound)).subs(put or {}, simultaneous=True)
    kept = () if without is all else tuple(p for p in st.premises if not p.has(*without))
    return replace(original, build=lambda: replace(st, bound=new, premises=kept))


# --- (DR1): the limit of something else ----------------------------------------------------------

OTHERS = {
    "averaged activations": lambda a, b, psi, c, lam: (
        [np.sqrt(a).mean() ** 2], [np.sqrt(b).mean() ** 2], [psi.sum()], c, lam
    ),
    "E sigma kept in the noise": lambda a, b, psi, c, lam: (
        a, b + np.array([1, 0.01]) / (2 * np.pi), psi, c, lam
    ),
    "strong features only": lambda a, b, psi, c, lam: (a[:1], b[:1], psi[:1], c, lam),
    "lam times n/d": lambda a, b, psi, c, lam: (a, b, psi, c, c * lam),
    "the linear part taken for noise": lambda a, b, psi, c, lam: (0.01 * a, b + a, psi, c, lam),
}  # fmt: skip


@pytest.fixture(scope="module")
def measured():
    at = prepare(DOUBLE, "others")
    return at, limits(at, set(), lambda done, total: None).samples["risk"]


def test_the_limit_holds(measured):
    assert verdict("risk", measured[1]) is HOLDS


@pytest.mark.parametrize("what", OTHERS)
def test_the_limit_of_another_model_is_refuted(measured, what):
    at, sample = measured
    a, b, psi, c, lam = OTHERS[what](at.a, at.b, at.psi, at.c, DOUBLE.ridge)
    other = limit(a, b, psi, c, lam)
    more = {"a": np.asarray(a), "b": np.asarray(b), "psi": np.asarray(psi), "lam": lam,
            "K": len(np.atleast_1d(a)), "q": float(other.q), "s": float(other.s)}  # fmt: skip
    wrong = replace(sample, symbols={**sample.symbols, **more})
    assert verdict("risk", wrong) is REFUTED


def test_another_fixed_point_is_out_of_the_regime(measured):
    _, sample = measured
    wrong = replace(sample, symbols={**sample.symbols, "q": 1.001 * sample.symbols["q"]})
    assert verdict("risk", wrong) is OUT


TRAINERS = {
    "half of the ridge": lambda Z, lam, method: risks_of(Z, lam / 2),
    "strong features alone": lambda Z, lam, method: risks_of(
        Z * (np.arange(Z.shape[1]) < Z.shape[1] // 2), lam
    ),
    "a third of the rows forgotten": lambda Z, lam, method: risks_of(
        Z * (np.arange(len(Z)) % 3 > 0)[:, None], lam
    ),
}


def risks_of(Z, lam):
    return np.linalg.solve(Z.T @ Z + lam * np.eye(Z.shape[1]), Z.T).T


@pytest.mark.parametrize("what", TRAINERS)
def test_another_trainer_is_refuted(what):
    with patch.object(setting, "smoother", TRAINERS[what]):
        sample = first(replace(DOUBLE, draws=50), "risk", "trainers")
    assert verdict("risk", sample) is REFUTED


def test_another_trainer_is_refuted_given_the_weights():
    with patch.object(setting, "smoother", TRAINERS["a third of the rows forgotten"]):
        sample = first(SMALL, "given-weights/variance", "trainers")
    assert verdict("given-weights/variance", sample) is REFUTED
    whole = first(SMALL, "given-weights/variance", "trainers")
    assert verdict("given-weights/variance", whole) is HOLDS


def test_a_constant_that_no_feature_has():
    sample = first(replace(SMALL, types="linear,square", offset=1.0), "risk")
    assert verdict("risk", sample) is OUT
    assert verdict("risk", sample, without=(said.mu_0,)) is REFUTED


# --- (DR2) ---------------------------------------------------------------------------------------


def test_identities_with_a_slip():
    balance = first(SMALL, "mass-balance")
    assert verdict("mass-balance", balance, bound=said.total) is REFUTED
    found = first(SMALL, "invariance")
    larger = replace(found, values=np.where(found.values > 0, found.values * (1 + 1e-6), 0))
    assert verdict("invariance", larger) is REFUTED


# --- (DR3) ---------------------------------------------------------------------------------------


def test_what_is_not_expressed_left_out():
    """b_0 and rho, without rho g: 1 - g forgotten below the bias."""
    sample = first(SMALL, "given-weights/bias")
    seen = claim("features/given-weights/bias").build().bound
    assert verdict("given-weights/bias", sample) is HOLDS
    assert verdict("given-weights/bias", sample, bound=seen * (1 - said.g)) is REFUTED


def test_rows_of_very_unlike_norms():
    """Log-normal norms: out of the regime, and of the law. (Those of digits differ too little.)"""
    at = prepare(replace(SMALL, rows=60, draws=40), "norms")
    norms = np.exp(np.random.default_rng(0).standard_normal((len(at.X), 1)))
    sample = near(replace(at, X=at.X * norms / np.sqrt((norms**2).mean())))
    assert verdict("real-rows", near(at)) is HOLDS
    assert verdict("real-rows", sample) is OUT
    assert verdict("real-rows", sample, without=(said.spread,)) is REFUTED
    digits = SOURCES["digits"].load().X
    shipped = near(replace(at, X=digits * np.sqrt(digits.size / (digits**2).sum())))
    assert verdict("real-rows", shipped) is OUT
    assert verdict("real-rows", shipped, without=(said.spread,)) is HOLDS


def test_many_rows_of_few_inputs():
    """Diabetes, d = 10, n = 16 d: the bias is 1.4 times that of the law, and more."""
    many = replace(SMALL, data="diabetes", samples=442, rows=160, ridge=1e-4, draws=40)
    sample = first(many, "real-rows")
    assert verdict("real-rows", sample) is OUT
    assert verdict("real-rows", sample, without=(said.n,)) is REFUTED


def near(at):
    return real.near(at, set(), lambda done, total: None).samples["near"]


def test_the_law_of_isotropic_rows_is_not_that_of_digits():
    at = prepare(replace(SMALL, rows=60, draws=40), "digits")

    def isotropic(of, values):
        psi = np.array(at.configuration.counts) / at.X.shape[1]
        found = limit(at.a, at.b, psi, 60 / at.X.shape[1], at.configuration.ridge)
        return getattr(found, of)

    with patch.object(real, "law", isotropic):
        sample = near(at)
    assert verdict("real-rows", sample) is REFUTED


# --- (DR4) ---------------------------------------------------------------------------------------


def test_linear_and_square_features_break_the_ridgeless_law():
    """The rank of linear features is d: the variance goes to 1, not to 2."""
    unlike = replace(SMALL, types="linear,square", features=f"{1 / 3},{1 / 3}", rows=54)
    sample = first(replace(unlike, draws=60), "ridgeless")
    assert verdict("ridgeless", sample) is OUT
    assert verdict("ridgeless", sample, bound=sp.S.One, without=(said.b_min,)) is HOLDS
    assert verdict("ridgeless", sample, without=(said.b_min,)) is REFUTED


FALSE_BOUNDS = {
    "n (N + 1 - n)/N": said.N / (said.n * (said.N + 1 - said.n)),
    "n/sqrt(N + 1 - n)": sp.sqrt(said.N + 1 - said.n) / said.n,
}
"""Lower bounds of the variance, as upper bounds of 1/var."""


@pytest.mark.parametrize("what", FALSE_BOUNDS)
def test_another_bound_on_interpolation_is_refuted(what):
    at = replace(SMALL, data="diabetes", samples=442, rows=40, features="0.75,0.5", draws=800)
    sample = first(at, "interpolation")
    assert verdict("interpolation", sample) is HOLDS
    assert verdict("interpolation", sample, bound=FALSE_BOUNDS[what]) is REFUTED


def test_the_bound_without_the_one_is_hidden_by_the_slack():
    at = replace(SMALL, data="diabetes", samples=442, rows=40, features="0.75,0.5", draws=200)
    bound = (said.N - said.n) / said.n
    assert verdict("interpolation", first(at, "interpolation"), bound=bound) is not REFUTED


def test_one_hot_features_refute_the_bound_of_the_pseudo_inverse():
    """A unit vector of R^10 per row, U = I/10: ties make Z singular, and pinv(Z) is no interpolant.

    Its variance is 0.5 for a bound of 10. Where a singular Z counts as infinite all is well.
    """
    rng, n = np.random.default_rng(0), 10
    Y = np.sqrt(n) * np.eye(n)[rng.integers(n, size=(2000, n))]
    pinv = np.array([(np.linalg.pinv(y) ** 2).sum() for y in Y])
    right = np.array([interpolated(y)[0] for y in Y[:500]])
    symbols = {"n": n, "N": n, "M": n, "replaced": 1, "rank_U": n}
    assert pinv.mean() == pytest.approx(0.51, abs=0.02)
    assert verdict("interpolation", Sample(1 / pinv, symbols)) is REFUTED
    assert verdict("interpolation", Sample(right, symbols)) is not REFUTED


def test_rows_drawn_without_replacement_are_further_apart():
    sample = first(replace(POPULATION, draws=3000), "distances")
    iid = replace(sample, symbols={**sample.symbols, "replaced": 1})
    assert verdict("distances", sample) is HOLDS
    assert verdict("distances", iid) is REFUTED


def test_ties_move_rows_apart():
    """Others that are dependent leave more room."""
    ties = first(replace(POPULATION, replacement=True, draws=1500), "distances")
    assert verdict("distances", ties) is OUT
    ignored = (said.rank_Z,)
    assert ties.values.mean() != pytest.approx(3, rel=0.1)
    assert verdict("distances", ties, without=ignored) is REFUTED


# --- (DR5) ---------------------------------------------------------------------------------------


def test_another_exponent_of_the_peak():
    """lam var and lam^(1/4) var have no limit like that of sqrt(lam) var."""
    sample = first(SMALL, "peak")
    for power in (-1.0, 0.5):
        values = sample.values * sample.symbols["small"][:, None] ** power
        assert verdict("peak", replace(sample, values=values)) in (REFUTED, OUT)
        start = values / values[0] * sample.values[0]
        assert verdict("peak", replace(sample, values=start)) in (REFUTED, OUT)


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("peak", said.c / said.q),
        ("second-peak/height", sp.S.Half / said.share),
        ("second-peak/height", sp.S.One),
        ("second-peak/width", sp.Integer(7)),
        ("second-peak/width", 2 * sp.sqrt(3)),
    ],
)
def test_another_constant_is_refuted(name, bound):
    at = SMALL if "width" in name else replace(SMALL, features="0.4,0.6")
    sample = first(at, name)
    assert verdict(name, sample) is HOLDS
    assert verdict(name, sample, bound=bound) is REFUTED


# --- (DR6) ---------------------------------------------------------------------------------------

TRIPLE = replace(SMALL, types="relu,0.03*relu", ridge=5e-7, rows=60, dimension=20, draws=60)


def test_equal_scales_have_one_peak():
    """The same features with one scale: the falls of two scales are not seen."""
    equal = (Type("relu"), Type("relu"))
    original = descents.measured

    def measured(at, kinds, N, rng):
        return original(at, equal[: len(kinds)], N, rng)

    with patch.multiple(descents, measured=measured, curves=lambda *_: None):
        sample = first(TRIPLE, "descents")
    assert verdict("descents", sample) is REFUTED


@pytest.mark.parametrize(
    ("types", "ridge"),
    [("relu,0.03*relu", 3e-5), ("relu,0.14*relu", 1e-8), ("relu,0.05*relu,0.0015*relu", 1e-7)],
)
def test_without_its_premises_there_are_fewer_maxima(types, ridge):
    features = ",".join("1" * (1 + types.count(",")))
    sample = first(Configuration(types=types, ridge=ridge, features=features), "maxima")
    assert verdict("maxima", sample) is OUT
    assert verdict("maxima", sample, without=all) is REFUTED


@pytest.mark.parametrize(
    "fields",
    [
        {"dimension": 4},
        {"rows": 20, "dimension": 6, "ridge": 2e-6},
        {"types": "relu", "features": "1", "ridge": 1e-9},
        {"types": "relu,0.0005*relu", "ridge": 2e-10},
    ],
)  # fmt: skip
def test_falls_are_not_seen_beyond_the_range_in_which_they_are_claimed(fields):
    """Few inputs, few rows, a ridge or a scale so small that a peak is narrower than a feature."""
    with patch.object(descents, "curves", lambda *_: None):  # not looked at here
        sample = first(replace(TRIPLE, draws=30, **fields), "descents")
    assert verdict("descents", sample) is OUT
    assert sample.values.mean() < 0.5


def test_a_maximum_that_is_only_of_the_scales():
    sample = first(replace(TRIPLE, types="relu,relu", ridge=1e-4), "maxima")
    assert verdict("maxima", sample) is HOLDS
    assert verdict("maxima", sample, bound=said.K) is REFUTED


# --- rounding ------------------------------------------------------------------------------------


def test_svd_is_needed_where_the_ridge_is_tiny():
    """The N x N normal equations of N > n features lose lam = 1e-17."""
    at = prepare(SMALL, "tiny")
    rng = np.random.default_rng(1)
    features, X = at.features(9, (20, 20), rng), rng.standard_normal((20, 9))
    of, Z = risks.gaussian(features), features(X)
    least = np.linalg.pinv(Z)
    right = (least * (of.U @ least)).sum()
    assert exact(X, Z, of, 1e-17).variance == pytest.approx(right, rel=1e-6)
    with patch.object(setting, "smoother", lambda Z, lam, method: risks_of(Z, lam)):
        assert exact(X, Z, of, 1e-17).variance != pytest.approx(right, rel=0.1)
