"""Ridge regression: false twins of the claims, broken premises and trainers are refuted."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
from scipy.stats import chi2

from tests.theorems.ridge_overfitting.by_hand import fixed_point, variance
from theory import claim
from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from theory.theorems.ridge_overfitting import boundary, gaussian, laws
from theory.theorems.ridge_overfitting.symbols import (
    S1,
    S2,
    L,
    P,
    T,
    h,
    k,
    kappa,
    l_i,
    lam,
    m_high,
    m_low,
    n,
    norm_1,
    p,
    q,
    tail_trace,
    theta_i,
    w,
    xi,
    z_sq,
)  # fmt: skip
from verify.experiments.ridge_overfitting import numbers
from verify.experiments.ridge_overfitting.cases import BENIGN, HEAD, SMALL
from verify.experiments.ridge_overfitting.configuration import Configuration
from verify.experiments.ridge_overfitting.experiment import EXPERIMENT
from verify.experiments.ridge_overfitting.gaussian import quadrature
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge
from verify.training import ridge

LEVEL = 1e-8


def first(configuration, name, salt="must fail"):
    quantity = claim(f"ridge/{name}").quantity.name
    return EXPERIMENT.observe(configuration, salt=salt, quantities={quantity}).samples[quantity]


def changed(name, **fields):
    """The claim with other parts of its statement."""
    whole = claim(f"ridge/{name}")
    return replace(whole, build=lambda: replace(whole.statement, **fields))


def verdict(judged, sample, level=LEVEL):
    return judge(judged, sample, level).verdict


# --- false statements about any design -----------------------------------------------------------

BASE = Configuration(samples=12, dimension=60, heads=3, tail=0.1, designs=100, target="even")
CC = sp.sqrt(1 + sp.Max(-lam, 0) / m_low)
V_HEAD, V_TAIL = m_high / m_low * T, tail_trace / m_low**2
NEGATIVE = replace(SMALL[2], designs=400)
TWINS = {
    "the whole column in place of its square": ("variance-at-least", h / z_sq, BASE),
    "no square of what a direction misses": (
        "bias-at-least", l_i * theta_i**2 * (1 - h), replace(BASE, ridge=0.3)),
    "a leverage without its own direction": ("leave-one-out", l_i * q, BASE),
    "a head without the condition number": ("variance-head", T, replace(SMALL[6], samples=2)),
    "a tail with the largest eigenvalue": ("variance-tail", tail_trace / m_high**2, BASE),
    "the total without the tail": ("variance-at-most", V_HEAD, BASE),
    "the total with the largest eigenvalue": (
        "variance-at-most", V_HEAD + tail_trace / m_high**2, SMALL[3]),
    "the total without the head": ("variance-at-most", V_TAIL, SMALL[0]),
    "a bias of the head without xi": ("bias-head", P * w**2, BASE),
    "a bias of the tail without w": (
        "bias-tail", (norm_1 + sp.sqrt(L) * CC * xi) ** 2, replace(SMALL[1], designs=400)),
    "a bias of the tail without xi": (
        "bias-tail", (norm_1 + sp.sqrt(L) * CC * w) ** 2, NEGATIVE),
    "a bias as in the limit": ("bias-at-most", P * w**2 + norm_1**2, replace(BASE, ridge=-0.5)),
    "a negative ridge as if it were none": (
        "bias-tail", (norm_1 + sp.sqrt(L) * (xi + w)) ** 2, replace(SMALL[4], designs=400)),
}  # fmt: skip


@pytest.mark.parametrize("what", TWINS)
def test_false_certificates(what):
    name, bound, configuration = TWINS[what]
    sample = first(configuration, name)
    assert verdict(claim(f"ridge/{name}"), sample) is Verdict.HOLDS
    assert verdict(changed(name, bound=bound), sample) is Verdict.REFUTED


def test_a_slip_that_the_slack_hides_in_many_rows():
    """The total without m_high/m_low: the tail's part is too large by more than that."""
    weaker = changed("variance-at-most", bound=T + V_TAIL)
    assert verdict(weaker, first(BASE, "variance-at-most")) is Verdict.HOLDS
    assert verdict(weaker, first(replace(SMALL[6], designs=400), "variance-at-most")) is (
        Verdict.REFUTED
    )


# --- Gaussian rows -------------------------------------------------------------------------------


def deep(n, k, p=4000, tail=1e-6):
    """V of draws at a deep tail, n close to k."""
    l = np.array([1.0] * k + [tail] * p)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, n, k + p)) * np.sqrt(l)
    return ridge.variance(ridge.smoother(X, 0.0), l)


@pytest.mark.parametrize(("n", "k"), [(12, 10), (6, 3)])
def test_the_square_needs_a_positive_part(n, k):
    """(sqrt n - sqrt k - t)^2 is large where t is: it says that Z_0 is well conditioned."""
    t = 3.53
    at = Configuration(samples=n, dimension=k + 4000, heads=k, tail=1e-6, room=t, trials=60)
    sample = first(at, "gaussian-variance")
    assert verdict(claim("ridge/gaussian-variance"), sample) is Verdict.OUT_OF_REGIME
    square = (sp.sqrt(gaussian.n) - sp.sqrt(gaussian.k) - gaussian.t) ** 2
    wrong = gaussian.VARIANCE.subs(gaussian.LEAST, square)
    as_first = changed("gaussian-variance", premises=(), parts={"allowed": wrong})
    allowed = float(as_first.evaluate(sample.symbols).parts["allowed"])
    events = Sample((deep(n, k) <= allowed).astype(float), sample.symbols)
    assert allowed < 2
    assert verdict(as_first, events) is Verdict.REFUTED
    mended = changed("gaussian-variance", premises=())
    allowed = float(mended.evaluate(sample.symbols).parts["allowed"])
    assert (deep(n, k) <= allowed).all()


def test_false_lower_bounds():
    """The least for the largest eigenvalue of the tail; a first power for the square."""
    at = Configuration(samples=30, dimension=600, heads=3, ridge=0.1, room=2.0, trials=300)
    sample, own = first(at, "gaussian-at-least"), claim("ridge/gaussian-at-least")
    assert verdict(own, sample) is Verdict.HOLDS
    low = (sp.sqrt(S1) - gaussian._ROOT) ** 2 + lam
    i, j = gaussian._i, gaussian._j
    over = gaussian.l[i] * gaussian.node[j]
    once = gaussian.weight[j] * over / (gaussian.HIGH + over) / (gaussian.node[j] + k)
    for bound in (
        own.statement.bound.subs(gaussian.HIGH, low),
        (1 - sp.exp(-(gaussian.t**2) / 2))
        * sp.Sum(once, (j, 0, gaussian.nodes - 1), (i, 0, p - 1)),
    ):
        twin = changed("gaussian-at-least", bound=bound)
        assert float(twin(**sample.symbols)) > float(own(**sample.symbols))
        assert verdict(twin, sample) is Verdict.REFUTED


FLAT = Configuration(population="flat", samples=10, dimension=20, target="even", trials=6000)


def test_the_limit_is_no_mean():
    """n/(p - n) for n/(p - n - 1); and (1 - n/p) |theta|^2 with another count."""
    sample = first(FLAT, "flat-variance")
    assert verdict(claim("ridge/flat-variance"), sample) is Verdict.HOLDS
    assert verdict(changed("flat-variance", bound=n / (p - n)), sample) is Verdict.REFUTED
    bias = first(FLAT, "flat-bias")
    for wrong in (1 - (n + 1) / p, 1 - (n - 1) / p):
        twin = changed("flat-bias", bound=wrong * gaussian.energy)
        assert verdict(twin, bias) is Verdict.REFUTED


def test_signs_are_not_gaussian():
    """Rademacher rows: E V = 1.005, not 1.111."""
    sample = first(replace(FLAT, coordinates="rademacher"), "flat-variance")
    assert verdict(claim("ridge/flat-variance"), sample) is Verdict.OUT_OF_REGIME
    own = claim("ridge/flat-variance").statement
    assert sample.values.mean() == pytest.approx(1.005, abs=0.03)
    assert verdict(changed("flat-variance", premises=own.premises[1:]), sample) is Verdict.REFUTED


@pytest.mark.parametrize(("name", "slope"), [("benign", -0.25), ("benign", -0.9),
                                             ("tempered", -0.5)])  # fmt: skip
def test_other_exponents(name, slope):
    at = Configuration(last=128, sweeps=60)
    quantity = claim(f"ridge/{name}").quantity.name
    wrong = changed(name, parts={"exponent": sp.Float(slope)})
    with patch("verify.experiments.ridge_overfitting.sweeps.registry.claim", lambda _: wrong):
        found = EXPERIMENT.observe(at, salt="slopes", quantities={quantity})
    assert verdict(claim(f"ridge/{name}"), found.samples[quantity]) is Verdict.REFUTED


# --- laws ----------------------------------------------------------------------------------------

LAW = Configuration(population="power", dimension=200, copies=200, ridge=0.1, energy=2.0)


@pytest.mark.parametrize(
    ("name", "bound"),
    [("variance-law", laws.SHARE), ("variance-law", laws.SHARE / (1 - laws.SHARE) ** 2),
     ("bias-law", laws.LEFT), ("bias-law", laws.LEFT / kappa / (1 - laws.SHARE))],
)  # fmt: skip
def test_false_laws(name, bound):
    sample = first(LAW, name)
    assert verdict(claim(f"ridge/{name}"), sample) is Verdict.HOLDS
    assert verdict(changed(name, bound=bound), sample) is Verdict.REFUTED


def test_the_law_is_no_lower_bound():
    """n = p = 3, lam > 0: E V is below g/(1 - g)."""
    lam_, l = 0.5, np.ones(3)
    X = np.random.default_rng(1).standard_normal((20_000, 3, 3))
    V = ridge.variance(ridge.smoother(X, lam_), l)
    limit = float(equivalent(3, lam_, Spectrum(l)).variance)
    ceiling = 3 / (4 * lam_)  # V <= tr(A^-2 X X^T)
    assert V.max() <= ceiling
    whole = claim("ridge/gaussian-at-least")
    number = {"bound": sp.Float(limit), "ceiling": sp.Float(ceiling), "premises": ()}
    false = replace(whole, build=lambda: replace(whole.statement, **number))
    assert verdict(false, Sample(V[None], {})) is Verdict.REFUTED


def test_published_forms_of_the_root_need_a_ridge_of_at_least_0():
    """l_{k+1} (rho_k - 1) <= kappa fails at lam < 0; so does the bound on g where rho_k < 1."""
    flat = Configuration(population="flat", samples=5, dimension=20, target="even")
    kappa_, _, lowest = fixed_point(5, -2.0, [1.0] * 20)
    assert kappa_ == pytest.approx(2.436, abs=1e-3)
    at = replace(flat, ridge=2.0 / -lowest)
    as_first = changed("kappa-at-least", bound=(lam + S1) / n - L, premises=())
    sample = first(at, "kappa-at-least")
    assert verdict(claim("ridge/kappa-at-least"), sample) is Verdict.HOLDS
    assert verdict(as_first, first(replace(at, ridge=-2.0 / -lowest), "kappa-at-least")) is (
        Verdict.REFUTED
    )
    positive = {name: value[3:] if np.ndim(value) else value
                for name, value in sample.symbols.items()}  # fmt: skip
    assert (sample.symbols["lam"][3:] >= 0).all()
    assert verdict(as_first, Sample(sample.values[3:], positive)) is Verdict.HOLDS
    rho = (lam + S1) / (n * L)
    form = k / n + n * S2 / (lam + S1) ** 2 / (1 - 1 / rho) ** 2
    found = {}
    for configuration in (replace(flat, ridge=-0.9), Configuration(samples=30, dimension=60)):
        shares = first(configuration, "share-at-most")
        assert verdict(claim("ridge/share-at-most"), shares) is Verdict.HOLDS
        for premises in ((), (rho > 1,), (rho > 1, lam >= 0)):
            twin = changed("share-at-most", bound=form, premises=premises)
            found.setdefault(len(premises), []).append(verdict(twin, shares))
    assert Verdict.REFUTED in found[0]
    assert Verdict.REFUTED not in found[2]


def test_without_conditioning_the_mean_at_a_negative_ridge_is_infinite():
    """Means over more and more designs grow: a few of them are next to the edge."""
    l, lam_ = np.ones(6), -0.6 * (np.sqrt(6) - np.sqrt(2)) ** 2
    X = np.random.default_rng(0).standard_normal((200_000, 2, 6))
    V = ridge.variance(ridge.smoother(X, lam_), l)
    assert V.mean() > 100 * np.median(V)
    assert V.max() > 0.2 * V.sum()


# --- negative ridge ------------------------------------------------------------------------------

BOUNDARY = replace(HEAD, dimension=120, tail=0.3, copies=300)


@pytest.mark.parametrize(
    "bound",
    [boundary.CRITICAL + laws.LEFT,
     kappa * boundary._PULLED / boundary._CUBES - laws.LEFT,
     2 * boundary.CRITICAL],
)  # fmt: skip
def test_false_boundaries(bound):
    sample = first(BOUNDARY, "boundary")
    assert verdict(claim("ridge/boundary"), sample) is Verdict.HOLDS
    assert verdict(changed("boundary", bound=bound), sample) is Verdict.REFUTED


def test_a_target_that_is_not_in_the_head():
    """The boundary of one in the head, for a target whose theta is even."""
    sample = first(replace(BOUNDARY, target="even"), "boundary")
    elsewhere = dict(sample.symbols) | {"E": first(BOUNDARY, "boundary").symbols["E"]}
    assert verdict(claim("ridge/boundary"), replace(sample, symbols=elsewhere)) is Verdict.REFUTED


def test_interpolation_is_not_always_best():
    """lam = 0 optimal: no negative ridge is better."""
    sample = first(HEAD, "negative-helps")
    never = changed("negative-helps", bound=sp.S.Zero)
    assert verdict(never, sample) is Verdict.REFUTED


def test_a_second_minimum():
    """s2 < s2_c, and yet the best ridge is positive: targets in several eigenvalues."""
    spectrum = Spectrum(np.array([1e-4, 3e-4, 1.0]), np.array([40.0, 20.0, 30.0]))
    E, s2 = np.array([0.0, 2.0, 0.5]), 0.211
    critical = numbers.critical_noise(40, spectrum, E)
    assert critical == pytest.approx(0.423, abs=1e-3)
    zero, below, above = numbers.best(40, spectrum, E, s2)
    assert (zero, below, above) == pytest.approx((6.08, 6.04, 2.398), abs=1e-2)
    values = {
        "J": 3, "e": spectrum.values, "gamma": spectrum.counts / 40, "E": E, "ridge": 0.0,
        "kappa": float(equivalent(40, 0.0, spectrum).kappa), "s2": s2, "bent": 1 / 3e-4 - 1,
    }  # fmt: skip
    sample = Sample(np.array([1.0]), values)
    assert verdict(claim("ridge/optimum"), sample) is Verdict.OUT_OF_REGIME
    own = claim("ridge/optimum").statement
    anywhere = changed("optimum", premises=own.premises[:-1])
    assert verdict(anywhere, sample) is Verdict.REFUTED
    better = Sample(np.array([float(below < zero)]), values)
    assert verdict(claim("ridge/negative-helps"), better) is Verdict.HOLDS


def test_a_sufficient_condition_without_its_factor():
    """Without 1 + kappa/l_k it fails for some spectra."""
    rng, rows, values = np.random.default_rng(0), [], []
    own = claim("ridge/sufficient")
    wrong = changed("sufficient", bound=own.statement.bound.subs(1 + kappa / boundary.l_k, 1))
    for _ in range(400):
        n_, tail = rng.integers(2, 40), 10 ** rng.uniform(-3, 0)
        counts = np.array([1.0, n_ * rng.integers(2, 60)])
        spectrum, E = Spectrum(np.array([1.0, tail]), counts), np.array([1.0, 0.0])
        found = equivalent(n_, 0.0, spectrum)
        values.append(numbers.critical_noise(n_, spectrum, E))
        left = float(found.kappa) ** 2 / (1 + float(found.kappa)) ** 2
        rows.append((n_, float(found.kappa), float(found.g), counts[1] * tail**2, left))
    named = zip(("n", "kappa", "g_0", "S2", "bias_0"), np.array(rows).T, strict=True)
    sample = Sample(np.array(values), {**dict(named), "k": 1, "l_k": 1.0, "outside": 0.0})
    assert verdict(own, sample) is Verdict.HOLDS
    assert verdict(wrong, sample) is Verdict.REFUTED


# --- broken trainers -----------------------------------------------------------------------------

PRIOR = Configuration(dimension=40, samples=10, heads=3, designs=5, noise=0.4)
smoother = ridge.smoother
BROKEN = {
    "a ridge times n": lambda X, lam, *rest: smoother(X, X.shape[-2] * lam, *rest),
    "a ridge that is left out": lambda X, lam, *rest: smoother(X, 0 * lam, *rest),
    "a ridge on the wrong side": lambda X, lam, *rest: smoother(X, -lam, *rest),
    "a solution that falls short": lambda X, lam, *rest: 0.99 * smoother(X, lam, *rest),
    "a row that is dropped": lambda X, lam, *rest: smoother(X, lam, *rest) * (
        np.arange(X.shape[-2]) > 0)[:, None],
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_broken_trainers(what):
    """The posterior mean is the best there is, and the leverages are those of the ridge."""
    with patch.object(ridge, "smoother", BROKEN[what]):
        risk = first(PRIOR, "isotropic-prior")
        leverage = first(replace(BASE, ridge=0.2, designs=5), "leave-one-out")
    assert verdict(claim("ridge/isotropic-prior"), risk) is Verdict.REFUTED
    assert verdict(claim("ridge/leave-one-out"), leverage) is Verdict.REFUTED


def test_an_optimal_ridge_that_is_not():
    """s2/t2 is the best: twice that is not."""
    sample = first(PRIOR, "isotropic-prior")
    bound = claim("ridge/isotropic-prior").statement.bound
    half = bound.subs(boundary.t2, 2 * boundary.t2)
    assert verdict(claim("ridge/isotropic-prior"), sample) is Verdict.HOLDS
    assert verdict(changed("isotropic-prior", bound=half), sample) is Verdict.REFUTED


def test_descent_that_stops_early_is_no_interpolation():
    """Its variance is smaller: below the certificate from below."""
    rng = np.random.default_rng(0)
    l = np.array([1.0] * 3 + [0.1] * 57)
    X = rng.standard_normal((12, 60)) * np.sqrt(l)
    found = ridge.descend(np.repeat(X[None], 12, axis=0), np.eye(12), 0.0, 3)
    V = (found**2 * l).sum(0)
    W = smoother(X, 0.0)
    values = {"a_min": np.linalg.svd(X)[1][-1] ** 2 * np.ones(60), "h": ridge.leverages(X, W),
              "z_sq": (X**2).sum(0) / l}  # fmt: skip
    assert verdict(claim("ridge/variance-at-least"), Sample(V, values)) is Verdict.REFUTED
    right = ridge.variances(W, l)
    assert right.sum() == pytest.approx(variance(X, 0.0, l))
    assert verdict(claim("ridge/variance-at-least"), Sample(right, values)) is Verdict.HOLDS


def test_published_forms_with_constants_that_are_too_small():
    for name in ("published-variance", "published-bias"):
        target = "even" if name.endswith("bias") else "head"
        at = replace(BENIGN, samples=40, designs=20, target=target)
        assert verdict(claim(f"ridge/{name}"), first(at, name)) is Verdict.HOLDS
        small = replace(at, published=0.2)
        assert verdict(claim(f"ridge/{name}"), first(small, name)) is Verdict.REFUTED


def test_quadrature():
    """Nodes of chi^2, by its quantiles."""
    for freedom in (1, 4, 47):
        x, weights = quadrature(freedom)
        levels = (np.arange(200_000) + 0.5) / 200_000
        mean = np.mean(1 / (30 + chi2(freedom).ppf(levels)))
        assert weights @ (1 / (30 + x)) == pytest.approx(mean, rel=1e-6)
