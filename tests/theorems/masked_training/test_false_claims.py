"""False claims are refuted, each by name. (Bugs: tests/sabotage.)"""

from dataclasses import replace

import pytest

from theory import Claim, claim
from theory.theorems.masked_training.stochastic_recursion import displayed_form
from theory.theorems.masked_training.symbols import V, p, r, s, tau, theta
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.judging.verdict import Verdict, judge

LEVEL = 1e-8
SMALL = Configuration(
    data="sphere", samples=3, dimension=6, width=8192, init_scale=0.2, rounds=8, seeds=100,
    law="bernoulli", xi=0.6, surrogates=3, local_steps=2, zeta_lambda=0.3,
)  # fmt: skip


def twin(original, change):
    """The claim with its statement changed."""
    return replace(original, name=f"{original.name}/false", build=lambda: change(original))


def scaled(bound=1.0, part=None, factor=1.0):
    """The bound times `bound`, with the named part multiplied by `factor`."""

    def change(original):
        statement = original.build()
        if part is None:
            return replace(statement, bound=bound * statement.bound)
        new = factor * statement.parts[part]
        return replace(statement, bound=bound * statement.bound.subs(statement.parts[part], new))

    return change


def without(symbol, value):
    """A symbol dropped from the bound and the definitions: theta, 1/p (in V), ..."""

    def change(original):
        statement = original.build()
        return statement.subs({symbol: value})

    return change


NOISY = {
    "data": "orthogonal", "samples": 6, "dimension": 12, "init_scale": 1.0, "width": 4096,
    "surrogates": 8, "local_steps": 1, "zeta_lambda": 0.6, "rounds": 5, "seeds": 400,
}  # fmt: skip

FALSE_CLAIMS = {
    "wrong rate": ("link-1/scalar", without(r, 1 - (1 - r) ** 4), {}),
    "wrong rate, free c": ("main", without(r, 1 - (1 - r) ** 4), {"data": "orthogonal"}),
    "wrong neighbourhood": (
        "main",
        scaled(part="neighbourhood", factor=0.1),
        {"data": "orthogonal", "init_scale": 0.3, "rounds": 25},
    ),
    "halved sharp form": ("link-1/sharp", scaled(bound=0.4), {}),
    "dropped theta": ("limit-law", without(theta, 1), {"surrogates": 1}),
    "dropped 1/p": ("limit-law", without(V, V * p), NOISY),
    "one local step too few": ("limit-law", without(tau, tau - 1), {}),
    "noise dropped": ("link-1/sharp", without(V, 0), {"init_scale": 2.0}),
}


@pytest.mark.parametrize("name", FALSE_CLAIMS)
def test_a_false_claim_is_refuted(name):
    original, change, options = FALSE_CLAIMS[name]
    true = claim(original)
    observed = EXPERIMENT.observe(
        replace(SMALL, **options), salt=name, quantities={true.quantity.name}
    )
    sample = observed.samples[true.quantity.name]
    assert judge(true, sample, LEVEL).verdict is not Verdict.REFUTED
    assert judge(twin(true, change), sample, LEVEL).verdict is Verdict.REFUTED


def test_a_false_lemma_is_refuted():
    """Link II without its flips: an activation that changes breaks it."""
    true = claim("link-2")
    # no masks, one step: flips are all that the lemma has
    configuration = replace(SMALL, width=64, init_scale=0.1, xi=1.0, local_steps=1)
    observed = EXPERIMENT.observe(configuration, salt="flips", quantities={"defect"})
    sample = observed.samples["defect"]
    assert judge(true, sample, 0.0).verdict is not Verdict.REFUTED
    false = twin(true, without(true.vocabulary["nu"].symbol, 0))
    assert judge(false, sample, 0.0).verdict is Verdict.REFUTED


def test_substitution_is_not_vacuous():
    """The twins above differ from the claims they come from."""
    assert displayed_form().bound.has(s)
    assert isinstance(claim("main"), Claim)
    for original, change, _ in FALSE_CLAIMS.values():
        true = claim(original).build()
        false = change(claim(original))
        assert (true.bound, true.definitions) != (false.bound, false.definitions)
