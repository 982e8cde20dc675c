"""The configurations in which slips in the registered claims show."""

from functools import cache

import pytest

from tests.verify.experiments.previews import two_trials
from theory import claim, registry
from verify.audit.mutation import Fate, assess
from verify.audit.mutation_samples import Supply
from verify.experiments.masked_training.cases import slips
from verify.experiments.masked_training.published_cases import MAX_WIDTH
from verify.experiments.masked_training.setting import prepare
from verify.experiments.node_scaling import setting as node_scaling
from verify.experiments.node_scaling.cases import UNREACHABLE
from verify.experiments.node_scaling.configuration import Configuration as NodeScaling

REGISTERED = [
    (theorem, name) for theorem in registry.theorems() for name in registry.claims(theorem)
]
DEAR = ("masked-training", "width-requirement")
SLOW = ("scaling/floors",)
CHEAP = [(t, n) for t, n in REGISTERED if t not in DEAR and n not in (*UNREACHABLE, *SLOW)]


def beside_home(theorem, name):
    """The configurations offered beside the home, which test_homes.py finds in the regime."""
    experiment = registry.theorem(theorem).load_experiment()
    home = experiment.home(name)
    found = experiment.mutation_configurations(name)
    return [each for each in found if home.unreachable or each != home.configuration]


BESIDE = {(t, n): found for t, n in CHEAP if (found := beside_home(t, n))}
PUBLISHED = [n for t, n in REGISTERED if n.startswith("published/")]


def offered(theorem, name):
    experiment = registry.theorem(theorem).load_experiment()
    return Supply({name: claim(name)}, experiment, "offered", 1e-8).configurations[name]


def few(theorem, configuration):
    return two_trials(registry.theorem(theorem).load_experiment().preview(configuration))


@cache
def wanted(theorem):
    """What the claims of a theorem ask of each configuration that they offer, with few trials."""
    found = {}
    for name in (name for of, name in BESIDE if of == theorem):
        for configuration in BESIDE[theorem, name]:
            found.setdefault(few(theorem, configuration), set()).add(claim(name).quantity.name)
    return found


@cache
def observed(theorem, configuration):
    """The samples of a configuration at another salt: trained once for the claims that share it."""
    experiment = registry.theorem(theorem).load_experiment()
    quantities = wanted(theorem)[configuration]
    seen = experiment.observe(configuration, salt="offered", quantities=quantities)
    return {quantity: seen.of(quantity) for quantity in quantities}


@pytest.mark.parametrize(("theorem", "name"), REGISTERED, ids=[n for _, n in REGISTERED])
def test_configurations_are_valid_and_differ(theorem, name):
    experiment = registry.theorem(theorem).load_experiment()
    found = experiment.mutation_configurations(name)
    assert len(set(found)) == len(found)
    assert bool(found) == (name not in UNREACHABLE)
    assert all(isinstance(each, experiment.configuration) for each in found)


@pytest.mark.parametrize(("theorem", "name"), BESIDE, ids=[n for _, n in BESIDE])
def test_configurations_are_in_the_regime(theorem, name):
    """Each beside the home, at another salt and with few trials."""
    for configuration in BESIDE[theorem, name]:
        samples = observed(theorem, few(theorem, configuration))[claim(name).quantity.name]
        regimes = [claim(name).regime(sample.symbols) for sample in samples]
        assert any(regime.holds.any() for regime in regimes), (configuration, regimes[0].failures)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_configurations_are_in_the_regime(name):
    for configuration in offered("masked-training", name):
        symbols = {**prepare(configuration, "offered").symbols(), "displacement": 0.0}
        assert claim(name).regime(symbols).failures == ()
        assert configuration.width <= MAX_WIDTH


@pytest.mark.parametrize("name", UNREACHABLE)
def test_what_is_said_to_be_unreachable(name):
    """Even where everything is as easy as it can be."""
    easy = NodeScaling(data="orthogonal", samples=1, dimension=1, targets="noise", gamma=1.0,
                       target_scale=1e-9, delta=0.99, init_scale=1.0, width=2)  # fmt: skip
    at = node_scaling.prepare(easy, "easy").symbols
    assert node_scaling.parts(name, at)["width"] > 1e12


def test_the_least_that_a_claim_of_probability_gets():
    """Where the event fails in some trials, a bound of 1 is refuted."""
    names = ["coupled/kernel", "coupled/margin", "node/certificate"]
    for name in names:
        theorem = "node-scaling" if name.startswith("node") else "coupled-initialisation"
        found = assess(
            {name: claim(name)}, registry.theorem(theorem).load_experiment(), salt="least"
        )
        fates = {trial.name: trial.fate for trial in found[0].trials}
        assert fates["bound: drop -delta in 1 - delta"] is Fate.REFUTED
        assert not found[0].false


@pytest.mark.parametrize(
    ("name", "least"),
    [("coupled/initial-residual", 4), ("coupled/exact-law", 27), ("coupled/contrast", 14),
     ("coupled/masked", 29), ("coupled/logistic-risk", 9), ("coupled/logistic-risk/displayed", 10)],
)  # fmt: skip
def test_slips_that_must_be_refuted(name, least):
    experiment = registry.theorem("coupled-initialisation").load_experiment()
    (found,) = assess({name: claim(name)}, experiment, salt="theorem-gate")
    assert found.count(Fate.REFUTED) >= least
    assert found.value >= 0.95
    assert not found.false


@pytest.mark.parametrize(
    "name", ["limit-law", "link-2", "corollary/dropout", "identity/dispersion"]
)
def test_every_claim_has_configurations(name):
    assert len(set(slips(name))) == len(slips(name)) >= 3
