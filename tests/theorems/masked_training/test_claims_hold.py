"""Hypothesis searches the domain of the theorem for a violation of its bounds."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from theory import claim
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.experiments.masked_training.strategies import (
    PATHWISE,
    configurations,
    informative,
    noisy,
    promising,
)
from verify.runs.replay import Case

EXAMPLES = 15
SEEDS = 32
"""Of the widest networks; the narrowest have four times as many, and twice that for the chain."""
CHAIN = ("link-1/scalar", "link-1/sharp", "main", "main/displayed")
CASES = {
    "general": CHAIN,
    "gradient-descent": ("corollary/gradient-descent", "main"),
    "dropout": ("corollary/dropout", "main"),
    "multi-sample-dropout": ("corollary/multi-sample-dropout", "main"),
    "ist": ("corollary/ist", "main"),
}
# Most of the domain is honest but cannot be informative at an affordable width: it is filtered.
QUIET = [HealthCheck.filter_too_much, HealthCheck.too_slow]
searching = settings(max_examples=EXAMPLES, suppress_health_check=QUIET)


def check(gate, configuration, names):
    """Train once, judge every named claim."""
    claims, salt = [claim(name) for name in names], gate.seed(configuration)
    quantities = {c.quantity.name for c in claims}
    observed = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities)
    case = Case("masked-training", configuration, salt)
    for c in claims:
        gate.check(c, observed.samples[c.quantity.name], case=case)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=EXAMPLES * len(CHAIN), share=0.6)
@searching
@given(data=st.data())
def test_losses_stay_under_the_bounds(gate, case, data):
    drawn = data.draw(configurations(case=case))
    seeds = 2 * SEEDS if case == "general" else SEEDS
    configuration, affordable = informative(drawn, gate.salt, seeds=seeds)
    assume(affordable and promising(configuration, gate.seed(configuration)))
    check(gate, configuration, CASES[case])


@pytest.mark.claims(checks=EXAMPLES, share=0.6)
@searching
@given(base=configurations())
def test_limit_law(gate, base):
    configuration, affordable = informative(base, gate.salt, need="limit-law", seeds=SEEDS)
    assume(affordable)
    check(gate, configuration, ["limit-law"])


@pytest.mark.claims(checks=4, share=0.6)
@settings(max_examples=4)
@given(configuration=noisy())
def test_limit_law_where_noise_is_most_of_it(gate, configuration):
    check(gate, configuration, ["limit-law"])


@pytest.mark.claims(share=0.6)
@settings(max_examples=60)
@given(configuration=configurations(max_width=2048))
def test_every_round_of_every_path(gate, configuration):
    """Link II and the identities: deterministic, at any width, down to one neuron."""
    check(gate, configuration, PATHWISE)
