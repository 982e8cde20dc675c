"""Certificates, the theorem at the width it requires, feature learning; false twins are refuted."""

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp
from hypothesis import Phase, assume, find, given, settings
from scipy.stats import binom

from tests.bench import Bench
from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from theory.theorems.node_scaling import eta, g, gamma, m, norm_X
from verify.experiments.node_scaling import certificates, experiment
from verify.experiments.node_scaling.configuration import Configuration
from verify.experiments.node_scaling.experiment import EXPERIMENT
from verify.experiments.node_scaling.setting import parts, prepare
from verify.experiments.node_scaling.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing
from verify.training.gradient_descent import Network

BENCH = Bench("node-scaling", "node", "node scaling")
observed, first = BENCH.observed, BENCH.first
LEVEL = 1e-8
FLOW = ("flow-loss", "flow-distance", "flow-kernel")
DESCENT = ("descent-loss", "descent-distance")
WHOLE = ("certificate", "convergence")
DATA = {
    "digits": Configuration(samples=3),
    "diabetes": Configuration(data="diabetes", samples=3, gamma=0.2),
    "sphere": Configuration(data="sphere", samples=4, dimension=6, gamma=1.0),
}
# one network that is far from lazy without unequal scalings
SWEEP = Configuration(data="sphere", target_scale=1.0, sweeps=40, smallest=64, largest=512)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.claims(checks=len(WHOLE))
def test_certificates_and_the_theorem(gate, data):
    names = (*FLOW, *DESCENT, *WHOLE)
    BENCH.hold(gate, DATA[data], names, repr(DATA[data]))


@pytest.mark.parametrize("scaling", [0.1, 0.5, 1.0])
@pytest.mark.claims(checks=2)
def test_feature_learning(gate, scaling):
    names = (
        ["ntk-distance", "ntk-kernel"] if scaling == 1 else ["feature-distance", "feature-kernel"]
    )
    configuration = replace(SWEEP, gamma=scaling)
    BENCH.hold(gate, configuration, names, repr(configuration))


@pytest.mark.claims(share=0.1)
@settings(max_examples=25)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    """Whatever the data and the width: without a certificate the claims say nothing."""
    names, salt = (*FLOW, *DESCENT), gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, sample in observed(configuration, names, salt).items():
        gate.check(claim(f"node/{name}"), sample, detail=repr(configuration))


def test_late_times_are_informative():
    """Every time but the start, where the bound is the trivial one, shows more than rounding."""
    configuration = replace(DATA["digits"], trials=8)
    found = EXPERIMENT.observe(configuration, salt="late", quantities={"flow_loss"})
    sample, judged = found.samples["flow_loss"], claim("node/flow-loss")
    bound = judged.evaluate(sample.symbols, where=np.array(True)).bound
    rounding = sample.tolerance * (sample.scale + bound)
    assert sample.values[:, -1].max() < 1e-4 * sample.values[:, 0].min()
    assert (sample.values > 2 * rounding)[:, 1:].mean() > 0.99
    assert "integration" not in found.notes
    # an error of integration is that of ||e||^2, and no curve
    assert "integration_error" not in found.trajectory.series
    largest = (sample.tolerance * (sample.scale - sample.values)).max(0)
    np.testing.assert_allclose(
        found.trajectory.details["integration_error"], largest, rtol=1e-3, atol=1e-22
    )


def test_where_outputs_are_rounding_it_says_so():
    far = replace(SMALL, gamma=1.0, width=400, trials=2, horizon=60.0, points=4)
    note = EXPERIMENT.observe(far, salt="far", quantities={"flow_loss"}).notes["integration"]
    assert "above 1% of the loss at" in note
    loss = first(far, "flow-loss", "far")
    assert judge(claim("node/flow-loss"), loss, 0.0).verdict is Verdict.HOLDS


# --- false twins ---------------------------------------------------------------------------------


def changed(name, put=None, premises=None):
    original = claim(f"node/{name}")
    statement = original.build()
    if premises is not None:
        statement = replace(statement, premises=premises)
    bound = statement.bound.subs(put or {}, simultaneous=True)
    return replace(original, build=lambda: replace(statement, bound=bound))


SMALL = Configuration(data="orthogonal", samples=2, dimension=3, gamma=0.1, width=20000, trials=8,
                      init_scale=1e5)  # fmt: skip
FALSE = {
    "gamma forgotten in the rate": ("flow-loss", {gamma: 1}, 0.1),
    "gamma forgotten in the kernel": ("flow-kernel", {gamma: 20 * gamma}, 0.1),
    "step size tripled": ("descent-loss", {eta: 3 * eta}, 1.0),
    "displacement of a tenth": ("flow-distance", {norm_X: norm_X / 10}, 1.0),
    "displacement of a tenth, descent": ("descent-distance", {norm_X: norm_X / 10}, 1.0),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, put, scaling = FALSE[what]
    sample = first(replace(SMALL, gamma=scaling), name)
    assert judge(claim(f"node/{name}"), sample, 0.0).verdict is Verdict.HOLDS
    assert judge(changed(name, put), sample, 0.0).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("scaling", "verdict"), [(1.0, Verdict.HOLDS), (0.5, Verdict.REFUTED), (0.1, Verdict.REFUTED)]
)
def test_lambda_j_forgotten_in_the_displacement(scaling, verdict):
    """||w_j(t) - w_j(0)|| <= sqrt(gamma/m) rho: true of the smallest scaling, all where gamma = 1.

    Nodes of large scalings move further.
    """
    original, flow = claim("node/flow-distance"), experiment.flow
    statement = original.build()
    bound = sp.sqrt(gamma / m) * statement.bound
    forgotten = replace(original, build=lambda: replace(statement, bound=bound))

    def unscaled(network, y, times, **options):
        path = flow(network, y, times, **options)
        return replace(path, distance=path.distance * network.s.abs().numpy()[:, None])

    with patch.object(experiment, "flow", unscaled):
        sample = first(replace(SMALL, gamma=scaling), "flow-distance")
    assert judge(forgotten, sample, 0.0).verdict is verdict


def test_a_step_size_above_its_limit():
    sample = first(replace(SMALL, gamma=1.0, step=3.0), "descent-loss")
    _, *others = claim("node/descent-loss").statement.premises
    assert judge(claim("node/descent-loss"), sample, 0.0).verdict is Verdict.OUT_OF_REGIME
    assert judge(changed("descent-loss", premises=others), sample, 0.0).verdict is Verdict.REFUTED


def test_log_n_dropped_from_the_width():
    """On orthogonal rows each needs half of the nodes: a union over n, and log n is its price."""
    many = Configuration(data="orthogonal", samples=256, dimension=256, epsilon=0.2, trials=60,
                         init_scale=1e9)  # fmt: skip
    at = prepare(many, "log n").symbols
    logs = [np.log(2 * count / at["delta"]) for count in (1, at["n"])]
    narrow = replace(many, width=2 * round(at["m"] * logs[0] / logs[1] / 2))
    few = first(narrow, "certificate", "log n")
    assert judge(changed("certificate", premises=()), few, LEVEL).verdict is Verdict.REFUTED
    assert judge(claim("node/certificate"), few, LEVEL).verdict is Verdict.OUT_OF_REGIME
    enough = first(many, "certificate", "log n")
    assert judge(claim("node/certificate"), enough, LEVEL).verdict is Verdict.HOLDS


scaled = Network.scaled


def equal_signs(X, scalings, kappa, salts):
    made = scaled(X, scalings, kappa, salts)
    return Network(X, made.Z_0, made.s.abs())


@pytest.mark.parametrize("name", ["flow-loss", "descent-loss"])
def test_pairs_that_do_not_cancel_are_caught(name):
    easy = replace(SMALL, gamma=1.0, width=400, trials=2)
    assert judge(claim(f"node/{name}"), first(easy, name), 0.0).passed
    with patch.object(Network, "scaled", equal_signs):
        sample = first(easy, name)
    assert judge(claim(f"node/{name}"), sample, 0.0).verdict is Verdict.REFUTED


def test_without_a_certificate_it_says_nothing():
    """Small weights: nodes reach their kinks, the kernel moves, and the premise tells."""
    low = replace(SMALL, init_scale=0.05, width=64, target_scale=3.0)
    for name, sample in observed(low, (*FLOW, *DESCENT)).items():
        assert judge(claim(f"node/{name}"), sample, 0.0).verdict is Verdict.OUT_OF_REGIME


def test_the_certificate_is_what_makes_the_kernel_stay():
    low = replace(SMALL, data="sphere", samples=4, gamma=1.0, init_scale=0.05, width=32,
                  target_scale=3.0, targets="noise", trials=8, horizon=0.2, points=4)  # fmt: skip
    sample = first(low, "flow-kernel")
    ignored = {**sample.symbols, "near": 0.0, "nu": 1e-6}
    assert judge(claim("node/flow-kernel"), replace(sample, symbols=ignored), 0.0).verdict is (
        Verdict.REFUTED
    )


def test_too_narrow():
    narrow = replace(DATA["digits"], width=16, trials=60)
    sample = first(narrow, "certificate")
    assert judge(claim("node/certificate"), sample, LEVEL).verdict is Verdict.OUT_OF_REGIME
    assert judge(changed("certificate", premises=()), sample, LEVEL).verdict is Verdict.REFUTED


def test_kappa_too_small_for_the_width():
    setting = prepare(DATA["digits"], "kappa")
    small = replace(DATA["digits"], width=setting.symbols["m"], init_scale=1.0)
    sample = first(small, "certificate")
    assert judge(claim("node/certificate"), sample, LEVEL).verdict is Verdict.OUT_OF_REGIME
    assert judge(changed("certificate", premises=()), sample, LEVEL).verdict is Verdict.REFUTED


@cache
def swept(parametrisation, gamma):
    """Both claims of a parametrisation, so often that the few slopes near do not matter."""
    names = [f"{parametrisation}-{what}" for what in ("distance", "kernel")]
    return observed(replace(SWEEP, gamma=gamma, sweeps=60), names)


@pytest.mark.parametrize("name", ["ntk-distance", "ntk-kernel"])
def test_features_are_not_learnt_at_equal_scalings(name):
    """The exponents of the two parametrisations are told apart."""
    features = name.replace("ntk", "feature")
    equal = swept("feature", 1.0)[features]
    assert judge(changed(features, premises=()), equal, LEVEL).verdict is Verdict.REFUTED
    unequal = swept("ntk", 0.1)[name]
    assert judge(changed(name, premises=()), unequal, LEVEL).verdict is Verdict.REFUTED
    assert judge(claim(f"node/{name}"), unequal, LEVEL).verdict is Verdict.OUT_OF_REGIME


def test_a_flow_that_is_too_slow_is_caught():
    flow = experiment.flow

    def slow(network, y, times, **options):
        return flow(network, y, times / 20, **options)

    with patch.object(experiment, "flow", slow):
        sample = first(replace(SMALL, gamma=1.0), "flow-loss")
    assert judge(claim("node/flow-loss"), sample, 0.0).verdict is Verdict.REFUTED


# --- certificates and constants ------------------------------------------------------------------


def test_certificates_count_by_definition():
    setting = prepare(replace(SMALL, width=40, init_scale=3.0), "count")
    network = setting.network("count", 40, 3.0, 1)
    s, Z = network.s[0].abs().numpy(), network.Z_0[0].numpy()
    for rho in (0.5, 2.0, 8.0):
        held = [
            sum(w for z, r, w in zip(row, s, s**2, strict=True) if abs(z) <= r * rho) for row in Z
        ]
        assert certificates.near(network, 0, rho, 1.0, s**2) == pytest.approx(max(held))
    assert certificates.near(network, 0, 1.0, -1.0, s**2) == pytest.approx(1)


def test_the_best_certificate_is_the_best():
    setting = prepare(replace(SMALL, trials=1), "best")
    at = setting.symbols
    network = setting.network("trial", at["m"], at["kappa"], 1)
    found = certificates.best(network, 0, at)
    assert found["near"] <= found["nu"] * at["m"]
    assert found["weight"] <= found["omega"]
    assert certificates.holds(network, 0, found["lambda"], found["nu"], at)
    assert not certificates.holds(network, 0, found["lambda"] * 1.01, found["nu"], at)


@pytest.mark.parametrize("symbol", ["g", "y_sq", "n"])
def test_the_width_rises(symbol):
    at = prepare(DATA["digits"], "width").symbols
    found = [parts("node/certificate", at | {symbol: x * at[symbol]})["m_star"] for x in (1, 2, 8)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_the_travel_condition_is_the_one_of_the_theorem():
    """sqrt(m) = 16 sqrt(2/pi) g ||X|| ||y||/(kappa gamma lambda^2)."""
    at = prepare(DATA["digits"], "width").symbols
    found = parts("node/certificate", at)
    lam = 0.75 * at["lambda_0"]
    root = 16 * (2 / np.pi) ** 0.5 * at["g"] * at["norm_X"] * at["y_sq"] ** 0.5
    assert found["travel"] == pytest.approx((root / (at["kappa"] * at["gamma"] * lam**2)) ** 2)
    rising = claim("node/certificate").statement.parts["travel"]
    assert rising.has(g)


@pytest.mark.parametrize("delta", [0.5, 0.1, 1e-3])
def test_the_count_near_a_kink_concentrates(delta):
    """The exact failure probability at the required width, against the half of delta it may use."""
    at = prepare(replace(DATA["digits"], delta=delta), "count").symbols
    found = parts("node/certificate", at)
    pairs = int(np.ceil(found["count"] / 2))
    failure = at["n"] * binom.sf(np.floor(found["nu"] * pairs), pairs, found["nu"] / 2)
    assert delta / 1e4 < failure <= delta / 2


def test_the_kernel_condition_is_that_of_coupled_initialisation():
    at = prepare(DATA["digits"], "kernel").symbols
    half = {name: value for name, value in at.items() if name != "m"} | {"delta": 0.25}
    pairs = claim("coupled/kernel").evaluate({**half, "N": 1}, where=np.array(True)).parts["N_star"]
    assert parts("node/certificate", at)["kernel"] == pytest.approx(2 * float(pairs))


def test_every_claim_is_measured():
    small = Configuration(samples=2, width=64, trials=2, points=3, steps=3, sweeps=1, smallest=8,
                          largest=32)  # fmt: skip
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("node-scaling").values())


REACHED = {
    "ntk": lambda c: c.gamma == 1,
    "mostly unequal": lambda c: c.gamma == 0.1 and c.width == 1024,
    "one sample": lambda c: c.samples == 1,
    "real data": lambda c: c.data == "digits",
    "largest step": lambda c: c.step == 1.0,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("gamma", 0.0), ("gamma", 1.1), ("alpha", 1.0), ("width", 3), ("width", 0), ("delta", 0.0),
     ("epsilon", 1.0), ("trials", 0), ("points", True), ("horizon", 0.0), ("init_scale", -1.0),
     ("largest", 2), ("tolerance", 0.0), ("step", float("nan"))],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        Configuration(**{field: value})
