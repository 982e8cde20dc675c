"""The claims of coupled initialisation hold at the width and scale they require."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings

from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.coupled_initialisation.experiment import EXPERIMENT
from verify.experiments.coupled_initialisation.setting import parts, prepare
from verify.experiments.coupled_initialisation.strategies import configurations
from verify.runs.check import missing

TRIALS = 40
DATA = {
    "digits": Configuration(samples=4, trials=TRIALS),
    "diabetes": Configuration(data="diabetes", samples=4, trials=TRIALS),
    "sphere": Configuration(data="sphere", samples=5, dimension=4, trials=TRIALS, target_scale=2.0),
    "orthogonal": Configuration(data="orthogonal", samples=4, trials=TRIALS, delta=0.4),
    "one-sample": Configuration(
        data="sphere", samples=1, trials=TRIALS, epsilon=0.25, targets="noise"
    ),
}
TRAINED = [
    "initial-residual", "margin", "frozen", "exact-law", "rate", "convergence", "logistic-frozen",
    "logistic-risk", "logistic-risk/displayed", "logistic",
]  # fmt: skip
LEMMAS = ["kernel", "logistic-margin", "contrast", "masked"]


def judged(gate, configuration, names):
    """Observe once, and let the gate judge every named claim."""
    chosen = [claim(f"coupled/{name}") for name in names]
    quantities = {c.quantity.name for c in chosen}
    observed = EXPERIMENT.observe(configuration, salt=gate.seed(), quantities=quantities)
    for c in chosen:
        gate.check(c, observed.of(c.quantity.name), detail=repr(configuration))


def steps_that_say_something(configuration, salt):
    """So many that the displayed risk bound, at a margin below that of the data, is below log 2.

    Data are drawn: with a small margin the 100 steps of the default bound nothing.
    """
    gamma = 0.7 * prepare(configuration, salt).shared["gamma_inf"]
    for steps in 100 * 2 ** np.arange(9):
        far = np.log(steps) ** 2 / (2 * configuration.logistic_step * steps * gamma**2)
        if 1 / steps + far < 0.8 * np.log(2):
            return int(steps)
    raise AssertionError(f"no margin to speak of: {gamma}")


@pytest.mark.parametrize("data", DATA)
@pytest.mark.claims(checks=len(TRAINED))
def test_the_theorem_holds_with_nothing_measured(gate, data):
    trials = 75 if DATA[data].delta < 0.5 else TRIALS
    steps = steps_that_say_something(DATA[data], gate.seed())
    judged(gate, replace(DATA[data], trials=trials, logistic_steps=steps), TRAINED)


@pytest.mark.parametrize("data", ["digits", "sphere", "one-sample"])
@pytest.mark.claims(checks=len(LEMMAS))
def test_lemmas_hold_at_the_width_they_require(gate, data):
    judged(gate, replace(DATA[data], outputs=1500, trials=40), LEMMAS)


@pytest.mark.claims(checks=1)
def test_the_boundary_falls_like_one_over_root_m(gate):
    judged(gate, replace(DATA["digits"], sweeps=32), ["boundary"])


@pytest.mark.claims(checks=2)
def test_the_published_forms_at_their_width(gate):
    """With 1 for their constants: small steps on easy data."""
    easy = Configuration(data="orthogonal", samples=2, dimension=4, pairs=40, step=0.1, trials=40)
    judged(gate, easy, ["published-squared", "published-logistic"])


@pytest.mark.claims(share=0.1)
@settings(max_examples=40)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Whatever the width and the scale: where an activation flips, the claims say nothing."""
    names = ("initial-residual", "exact-law", "rate", "logistic-risk", "logistic-risk/displayed")
    quantities = {claim(f"coupled/{name}").quantity.name for name in names}
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    observed = EXPERIMENT.observe(configuration, salt=salt, quantities=quantities)
    for name in names:
        for sample in observed.of(claim(f"coupled/{name}").quantity.name):
            gate.check(claim(f"coupled/{name}"), sample, detail=repr(configuration))


def test_the_scale_is_free():
    """The width does not depend on it, and neither does the loss once nothing flips."""
    losses = []
    for kappa in (1e5, 1e7):
        configuration = replace(DATA["digits"], init_scale=kappa, pairs=300, trials=3)
        observed = EXPERIMENT.observe(configuration, salt="scale", quantities={"loss"})
        losses.append(np.array([sample.values for sample in observed.of("loss")]))
    np.testing.assert_allclose(*losses, rtol=1e-9)


@pytest.mark.parametrize("n", [4, 16, 64])
def test_the_width_is_of_order_n_over_lambda(n):
    """m = O((n/lambda_0) log(n/delta)): what it costs over that is a constant."""
    setting = prepare(Configuration(data="sphere", samples=n, dimension=n), "order")
    values = setting.symbols()
    width = 2 * parts("coupled/convergence", values)["N_star"]
    order = n / values["lambda_0"] * np.log(n / values["delta"])
    half = 0.5 * np.log(0.5) + 0.5
    assert width / order <= 2 / half * (1 + np.log(2) / np.log(n / values["delta"]))
    published = parts("coupled/published-squared", values)["width"]
    assert width / published <= 4 / half * values["lambda_0"] / n * values["norm_X"] ** 2


def test_the_logistic_width_is_of_order_gamma():
    """min of two: where lambda_0 is tiny, the width is that of the margin."""
    values = {"n": 5, "norm_X": 2.0, "gamma_inf": 0.3, "delta": 0.5, "epsilon": 0.5}
    found = [parts("coupled/logistic-margin", {**values, "lambda_0": x})["N_star"]
             for x in (1e-12, 1e-3, 0.5)]  # fmt: skip
    assert found[0] == found[1] > found[2]
    wider = parts("coupled/logistic-margin", {**values, "lambda_0": 1e-12, "gamma_inf": 0.15})
    assert wider["N_star"] == pytest.approx(4 * found[0])


def test_every_claim_is_measured():
    small = Configuration(samples=2, pairs=20, trials=2, steps=3, logistic_steps=4, sweeps=1,
                          smallest=4, largest=32, outputs=3, circle_most=16,
                          circle_steps=2)  # fmt: skip
    observed = EXPERIMENT.observe(small, salt="all")
    assert set(observed.samples) == EXPERIMENT.quantities
    assert not any(missing(c, observed.samples) for c in claims("coupled-initialisation").values())
    assert EXPERIMENT.preview(small).trials == 1


REACHED = {
    "required width and scale": lambda c: c.pairs is None and c.init_scale is None,
    "activations flip": lambda c: c.pairs == 200 and c.init_scale == 0.1,
    "one pair": lambda c: c.pairs == 1,
    "one sample": lambda c: c.samples == 1,
    "real data": lambda c: c.data == "digits",
    "largest steps": lambda c: c.step == 1.0 and c.logistic_step == 4.0,
    "huge scale": lambda c: c.init_scale == 1e6,
    "points that are not separable": lambda c: c.circle_fewest == 6,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("step", 0.0), ("delta", 1.0), ("epsilon", 0.0), ("trials", 0), ("pairs", 0), ("xi", 1.0),
     ("init_scale", -1.0), ("logistic_step", float("inf")), ("largest", 1), ("tolerance", 1.0),
     ("steps", True), ("circle_fewest", 7), ("circle_most", 15), ("circle_steps", 0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})


def test_a_circle_that_no_machine_affords():
    with pytest.raises(InvalidArgument, match=r"circle_most = 100000.*an integer from 1 to 512"):
        Configuration(circle_most=100_000)
    assert Configuration(circle_most=512).circle_most == 512
