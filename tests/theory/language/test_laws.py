"""Laws: distribution functions in float64 and to 50 digits, text, slips, refusals."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from theory import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_LIMIT,
    LOWER_EXPECTATION,
    UPPER_EXPECTATION,
    Claim,
    InvalidArgument,
    Kind,
    Mode,
    Relation,
    Vocabulary,
    laws,
)
from theory.language.mutation import fingerprint, mutant, mutants
from theory.language.vocabulary import COUNT, POSITIVE

WORDS = Vocabulary()
q = WORDS.symbol("q", "degrees of freedom", COUNT)
r = WORDS.symbol("r", "as many of another", COUNT)
sigma = WORDS.symbol("sigma", "scale", POSITIVE)
share = WORDS.symbol("share", "of the trials", POSITIVE)
x = sp.Symbol("x", nonnegative=True)
HERE = {"q": 7, "r": 3, "sigma": 1.7, "share": 0.3}
POINTS = np.array([-2.0, -0.1, 0.0, 1e-6, 0.2, 0.5, 0.99, 1.0, 2.0, 3.0, 6.5, 7.0, 12.0, 40.0])

LAWS = [
    (laws.ChiSquared(q), stats.chi2(7)),
    (laws.Gamma(r), stats.gamma(3)),
    (laws.Normal(), stats.norm),
    (laws.Normal(q, sigma), stats.norm(7, 1.7)),
    (laws.Beta(r, q), stats.beta(3, 7)),
    (laws.FisherF(r, q), stats.f(3, 7)),
    (laws.StudentT(q), stats.t(7)),
    (laws.StudentT(sigma), stats.t(1.7)),
    (laws.Binomial(q, share), stats.binom(7, 0.3)),
    (laws.Poisson(sigma), stats.poisson(1.7)),
    (laws.Distribution(x, 1 - sp.exp(-x / sigma)), stats.expon(scale=1.7)),
]
IDS = [str(law) for law, _ in LAWS]


def claim(expression, kind=EXACT_LAW, **statement):
    made = Claim.of("law", expression, kind=kind, source="-", quantity="ratio", **statement)
    return replace(made, vocabulary=WORDS)


def used(claim):
    return {name: HERE[name] for name in claim.variables}


@pytest.mark.parametrize(("expression", "reference"), LAWS, ids=IDS)
@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (sigma, 0), (3, -2)])
def test_distribution_functions(expression, reference, scale, shift):
    made = claim(scale * expression + shift)
    distribution, symbols = made.at(used(made), POINTS)
    found = distribution.evaluate(symbols).bound
    factor = HERE["sigma"] if scale == sigma else scale
    at = (POINTS - shift) / factor
    if expression.lattice:  # whole but for the rounding of the scale
        at = np.where(np.abs(at - np.rint(at)) < 1e-9, np.rint(at), at)
    assert found == pytest.approx(reference.cdf(at), rel=1e-9, abs=1e-15)
    for value, number in zip(POINTS, found, strict=True):
        exact = distribution.evaluate_exact(made.at(used(made), value)[1])
        assert number == pytest.approx(float(exact), rel=1e-11, abs=1e-15)


@pytest.mark.parametrize(("expression", "reference"), LAWS, ids=IDS)
def test_they_grow_from_0_to_1(expression, reference):
    made = claim(expression)
    distribution, symbols = made.at(used(made), np.linspace(-500, 500, 2001))
    found = distribution.evaluate(symbols).bound
    assert (np.diff(found) >= 0).all()
    assert found[0] == pytest.approx(0, abs=1e-3)
    assert found[-1] == pytest.approx(1, abs=1e-3)


def test_parameters_may_vary():
    made = claim(laws.Binomial(q, share))
    shares = np.array([0.1, 0.5, 0.9])
    distribution, symbols = made.at({"q": 20, "share": shares}, np.array([3.0, 9, 17]))
    expected = stats.binom(20, shares).cdf([3, 9, 17])
    assert distribution.evaluate(symbols).bound == pytest.approx(expected)


def test_text_and_latex():
    made = claim(sigma**2 * laws.ChiSquared(q), premises=[q > 2])
    assert made.text() == "ratio ~ sigma**2*ChiSquared(q)"
    assert r"ratio \sim \sigma^{2} \chi^2_{q}" in made.latex()
    assert str(made.kind) == "equality, in law"
    assert made.distribution.text().startswith("P(ratio <= value) == ")
    assert set(made.variables) == {"q", "sigma"}
    assert not made.regime({"q": 2, "sigma": 1.0}).holds


def test_a_symbol_named_value_is_not_the_value():
    value = sp.Symbol("value", positive=True)
    made = Claim.of("law", value * laws.Normal(), kind=EXACT_LAW, source="-")
    distribution, symbols = made.at({"value": 2.0}, np.array([2.0]))
    assert distribution.evaluate(symbols).bound == pytest.approx(stats.norm.cdf(1.0))


def test_slips_in_the_parameters():
    made = claim(sigma * laws.ChiSquared(q))
    names = {found.name.partition("~")[2] for found in mutants(made)}
    assert {
        "bound: ChiSquared(q) -> ChiSquared(1 + q)",
        "bound: ChiSquared(q) -> ChiSquared(q - 1)",
        "bound: ChiSquared(q) -> ChiSquared(2*q)",
        "bound: drop sigma in sigma*ChiSquared(q)",
        "bound: square sigma in sigma*ChiSquared(q)",
        "bound: double",
    } <= names
    slip = mutant(made, "bound: ChiSquared(q) -> ChiSquared(1 + q)")
    assert slip.statement.bound == sigma * laws.ChiSquared(q + 1)
    assert fingerprint(slip) != fingerprint(made)
    assert len({fingerprint(found) for found in mutants(made)}) == len(names)


def test_one_law_is_not_another_by_its_numbers_alone():
    """Equal laws are one mutant: Gamma(1) is exponential."""
    made = claim(laws.Gamma(r) * sigma / sigma)
    twin = replace(made, build=partial(replace, made.statement, bound=laws.ChiSquared(2 * r) / 2))
    here, there = (one.at({"r": 3}, POINTS) for one in (made, twin))
    assert here[0].evaluate(here[1]).bound == pytest.approx(there[0].evaluate(there[1]).bound)


REFUSED = [
    (lambda: claim(q).statement, "bound"),
    (lambda: claim(laws.ChiSquared(q) ** 2).statement, "bound"),
    (lambda: claim(laws.ChiSquared(q) + laws.Normal()).statement, "bound"),
    (lambda: claim(2 - laws.Normal()).statement, "^bound = 2 - Normal.*positive number"),
    (lambda: claim(laws.Normal(), UPPER_EXPECTATION).statement, "bound"),
    (lambda: claim(q, EXACT_LIMIT).statement, "size"),
    (lambda: claim(q, EXACT_LIMIT, size=r, rate=0).statement, "rate"),
    (lambda: claim(q, EXACT_LIMIT, size=r, rate=q).statement, "rate"),
    (lambda: claim(laws.Normal(), band=(q, r)).statement, "band"),
    (lambda: claim(laws.Normal()).evaluate({}), "distribution"),
    (lambda: claim(laws.Normal()).evaluate_exact({}), "distribution"),
    (lambda: laws.Distribution(2 * x, x), "^x = "),
    (lambda: Kind(Relation.UPPER, Mode.LAW), "relation"),
    (lambda: Kind(Relation.LOWER, Mode.LIMIT), "relation"),
    (lambda: claim(q, LOWER_EXPECTATION).statement, "^variance = None: .*ceiling"),
    (lambda: claim(q, EXACT_EXPECTATION, variance=q, ceiling=q).statement, "^ceiling = q: .*both"),
]


@pytest.mark.parametrize(("make", "named"), REFUSED)
def test_refusals(make, named):
    with pytest.raises(ValueError, match=named):
        make()
    assert issubclass(InvalidArgument, ValueError)


def test_a_limit_in_text():
    made = claim(q, EXACT_LIMIT, size=r, rate=sp.S.Half)
    assert made.text().splitlines() == ["ratio -> q", "ratio - q = O(1/sqrt(r))"]
    assert r"\to" in made.latex()
    total = claim(q + 1, EXACT_LIMIT, size=r)
    assert total.text().splitlines()[1] == "ratio - (1 + q) = O(1/r)"
    assert set(made.variables) == {"q", "r"}
