"""The search for violations of the published statements starts inside their regimes."""

import pytest
from hypothesis import given, settings

from theory import registry
from verify.experiments.masked_training.published_cases import (
    MAX_WIDTH,
    PRACTICAL_WIDTHS,
    in_regime,
)
from verify.experiments.masked_training.setting import prepare
from verify.runs.replay import claim_named

PUBLISHED = sorted(name for name in registry.claims() if name.startswith("published/"))
WITHOUT = ("published/theorem-7~without m >= *", "published/corollary-6~without max(K, d) <= n")


def drawn(name, count=5):
    found = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None)
    @given(in_regime(name))
    def draw(configuration):
        found.append(configuration)

    draw()
    return found


@pytest.mark.parametrize("name", [*PUBLISHED, *WITHOUT])
def test_every_premise_holds(name):
    claim = claim_named(name)
    for configuration in drawn(name):
        symbols = {**prepare(configuration, name).symbols(), "displacement": 0.0}
        assert claim.regime(symbols).failures == ()
        assert configuration.width <= MAX_WIDTH


def test_the_width_is_free_without_its_premise():
    found = drawn(WITHOUT[0])
    assert {configuration.width for configuration in found} <= set(PRACTICAL_WIDTHS)
    claim = registry.claim("published/theorem-7")
    assert any(claim.regime(prepare(each, "narrow").symbols()).failures for each in found)
