"""Data in a subspace: the claims hold, for any network, and where they are sharp."""

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest
import torch
from hypothesis import Phase, assume, find, given, settings
from scipy.integrate import quad
from scipy.stats import f as fisher
from torch import nn

from tests.bench import Bench
from tests.targets import has_targets
from theory import InvalidArgument, claim, claims
from theory.language.kinds import Mode
from verify.experiments.low_dimensional_data import linear
from verify.experiments.low_dimensional_data.configuration import Configuration
from verify.experiments.low_dimensional_data.experiment import EXPERIMENT
from verify.experiments.low_dimensional_data.networks import on_path, trained
from verify.experiments.low_dimensional_data.noise import watched
from verify.experiments.low_dimensional_data.setting import prepare
from verify.experiments.low_dimensional_data.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.check import missing
from verify.training import chains
from verify.training.ensemble import Ensemble, train

BENCH = Bench("low-dimensional-data", "subspace")
first = BENCH.first
LEVEL = 1e-8
SMALL = Configuration(samples=20, dimension=8, width=16, steps=40, networks=120, step=0.1)
NETWORKS = {
    "two relu layers": replace(SMALL, depth=2, weight_decay=0.2),
    "four relu layers": replace(SMALL, depth=4, weight_decay=0.2),
    "three tanh layers": replace(SMALL, activation="tanh", weight_decay=0.2),
    "one linear layer": replace(SMALL, depth=1),
    "five linear layers": replace(SMALL, depth=5, activation="linear"),
    "momentum": replace(SMALL, momentum=0.9, activation="gelu"),
    "minibatches": replace(SMALL, batch=4),
    "adam on axes": replace(SMALL, optimiser="adam", rotated=False, step=0.01, activation="gelu"),
    "adamw on axes": replace(
        SMALL, optimiser="adamw", rotated=False, weight_decay=0.5, activation="gelu"
    ),
    "a cosine of rates": replace(SMALL, schedule="cosine", weight_decay=0.5),
    "rates that drop, adamw on axes": replace(
        SMALL,
        schedule="drop",
        optimiser="adamw",
        rotated=False,
        weight_decay=0.5,
        activation="tanh",
    ),
    "digits on 10 directions": replace(
        SMALL, data="digits", samples=60, subspace=10, steps=15, depth=2, activation="gelu"
    ),
    "digits as shipped": replace(
        SMALL, data="digits", samples=1797, batch=16, steps=20, networks=200
    ),
}
OTHERS = {
    "off the subspace": (
        replace(SMALL, redraws=3000, weight_decay=0.1), ("smoothed", "spread"),
    ),
    "linear": (
        replace(SMALL, start=0.05, networks=20, layers=4, steps=300),
        ("balance", "outer-at-most", "outer-at-least", "chain", "depth"),
    ),
    "two layers, a small target": (
        replace(SMALL, start=0.3, networks=20, layers=2, norm=0.5, steps=100),
        ("chain", "depth", "escape-at-least", "escape-time"),
    ),
    "noise": (
        replace(SMALL, regressions=2000, noise=0.5),
        ("least-squares", "least-squares-law", "descent", "escape-at-least", "escape-time"),
    ),
    "an intercept": (
        replace(SMALL, regressions=2000, noise=0.5, intercept=True, data="diabetes", subspace=6),
        ("least-squares", "least-squares-law"),
    ),
    "networks in noise": (
        replace(SMALL, noise=0.3, networks=6), ("speed-limit", "kept", "size-of-noise"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", NETWORKS)
@pytest.mark.claims(checks=4)
def test_networks(gate, what):
    names = ("untrained", "gradient", "two-points")
    BENCH.hold(gate, NETWORKS[what], names, what)


def test_digits_as_shipped_leave_three_pixels():
    setting = prepare(NETWORKS["digits as shipped"], "digits")
    assert (setting.d, setting.q, setting.tilt) == (64, 3, 0.0)
    assert not (setting.X @ setting.N).any()


@pytest.mark.parametrize("what", OTHERS)
@pytest.mark.claims(checks=5)
def test_all_others(gate, what):
    configuration, names = OTHERS[what]
    BENCH.hold(gate, configuration, names, what)


PATHS = [c.name.partition("/")[2] for c in claims("low-dimensional-data").values()
         if c.kind.mode is Mode.PATHWISE and "published" not in c.name]  # fmt: skip


@pytest.mark.claims(share=0.1)
@settings(max_examples=10)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    salt = gate.seed(configuration)
    assume(has_targets(prepare, configuration, salt))
    for name, samples in BENCH.available(configuration, PATHS, salt).items():
        for sample in samples:
            gate.check(claim(f"subspace/{name}"), sample, detail=repr(configuration))


REACHED = {
    "adam on a rotated subspace": lambda c: c.optimiser == "adam" and c.rotated,
    "adamw on axes": lambda c: c.optimiser == "adamw" and not c.rotated,
    "momentum with decay": lambda c: c.momentum and c.weight_decay,
    "minibatches": lambda c: c.batch,
    "decay with rates that fall": lambda c: c.weight_decay and c.schedule == "cosine",
    "one neuron": lambda c: c.width == 1 and c.depth > 1,
    "a linear network": lambda c: c.activation == "linear" and c.depth > 2,
    "real data": lambda c: c.data == "digits",
    "large noise": lambda c: c.noise > 1,
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    found = find(configurations(), REACHED[what], settings=only)
    assert REACHED[what](found)


# --- any network ---------------------------------------------------------------------------------


class Residual(nn.Module):
    """A network of one's own: a normalised first layer, a branch that goes around the second."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Linear(8, 12, bias=False), nn.LayerNorm(12)
        self.second, self.last = nn.Linear(12, 12), nn.Linear(12, 1)

    def forward(self, x):
        h = torch.tanh(self.norm(self.first(x)))
        return self.last(h + torch.sin(self.second(h)))


@pytest.mark.claims(checks=4)
def test_a_network_of_ones_own(gate):
    setting = prepare(replace(SMALL, step=0.2, networks=150), gate.seed())
    start = setting.ensemble("own", 150, Residual)
    path = trained(setting, start, setting.configuration.times)
    assert (path[-1].W_1 - start.W_1).abs().amax() > 1e-3
    samples = on_path(setting, start, path).samples
    for name in ("untrained", "gradient", "two-points"):
        judged, found = claim(f"subspace/{name}"), samples[claim(f"subspace/{name}").quantity.name]
        for sample in found if isinstance(found, list) else [found]:
            gate.check(judged, sample)


def test_a_network_of_other_inputs_is_refused():
    setting = prepare(replace(SMALL, dimension=9), "other")
    with pytest.raises(InvalidArgument, match=r"build.*9 columns"):
        setting.ensemble("own", 2, Residual)


# --- sharp cases, closed forms -------------------------------------------------------------------


def test_the_speed_limit_is_attained():
    """All neurons active, the first residual along the top left singular vector of the noise."""
    sharp = Configuration(samples=12, dimension=6, width=7, steps=1, networks=1, depth=2)
    setting = prepare(sharp, "sharp")
    Xi = 0.1 * setting.rng("sharp").standard_normal((12, setting.q))
    start = setting.ensemble("sharp", 1, setting.mlp(2, "relu"))
    along = torch.tensor(3 * setting.P[:, 0])
    W = 0.01 * start.W_1 + along
    rows = np.tile(3 * setting.P[:, 0], (12, 1))
    start = start.with_first(W)
    outputs = start.outputs(torch.tensor(rows + Xi @ setting.N.T))[0].numpy()
    y = outputs - np.linalg.svd(Xi)[0][:, 0]
    samples, *_ = watched(replace(setting, X=rows, y=y), start, Xi)
    judged = judge(claim("subspace/speed-limit"), samples["moved"], 0)
    assert judged.passed
    assert judged.tightness == pytest.approx(1, abs=1e-9)
    # the largest outer weight in place of the root of the sum
    a = start.parameters["2.weight"][0, 0].abs().numpy()
    less = samples["moved"].symbols["path"] * a.max() / sqrt((a**2).sum())
    wrong = replace(samples["moved"], symbols={**samples["moved"].symbols, "path": less})
    assert judge(claim("subspace/speed-limit"), wrong, 0).verdict is Verdict.REFUTED


@pytest.mark.parametrize("L", [2, 3, 5])
@pytest.mark.parametrize("beta", [0.5, 4.0])
def test_the_series_of_the_escape_time_is_the_integral(L, beta):
    at = {"L": L, "beta": beta, "start": 0.2, "s_sq": 0.3, "N": 100}
    integral, _ = quad(lambda p: 1 / (0.3 * L * p ** (2 - 2 / L) * (beta - p)), 0.2**L, beta / 2,
                       epsabs=1e-13, epsrel=1e-13)  # fmt: skip
    assert float(claim("subspace/escape-time")(**at)) == pytest.approx(integral, rel=1e-10)
    least = float(claim("subspace/escape-at-least")(**at))
    assert 0.4 * integral < least < integral


def test_an_escape_from_near_the_origin_is_sharp():
    """The bound leaves out the factor (beta - p)/beta, which is 1 near the origin."""
    steps = chains.escape(np.array([0.01]), 3, 0.5, 2.0, 0.01, 10**6)
    least = float(claim("subspace/escape-at-least")(L=3, beta=2.0, start=0.01, s_sq=0.5))
    assert 1 < 0.01 * steps[0] / least < 1.02
    assert np.isinf(chains.escape(np.array([0.01]), 3, 0.5, 2.0, 0.01, 10)).all()


@pytest.mark.parametrize("norm", [0.5, 2.0])
@pytest.mark.parametrize("layers", [2, 4])
def test_depth_damps_small_targets_and_amplifies_large_ones(norm, layers):
    deep = replace(SMALL, norm=norm, layers=layers, start=0.1, networks=20)
    values = first(deep, "depth").values[-1]
    np.testing.assert_allclose(values, norm ** (1 - 1 / layers), rtol=0.01)


def test_the_law_of_least_squares_has_the_mean_that_is_claimed():
    at = {"n": 30, "d": 24, "q": 21, "tau": 0.5, "s_xi": 0.2, "intercept": 0, "rank": 3, "bent": 0}
    mean = float(claim("subspace/least-squares")(**at))
    scale = 0.25 * 21 / (0.04 * 7)
    assert mean == pytest.approx(scale * fisher(21, 7).mean())
    variance = claim("subspace/least-squares").evaluate(at).variance
    assert float(variance) == pytest.approx(scale**2 * fisher(21, 7).var())


@pytest.mark.claims(checks=2)
def test_the_crossover(gate):
    """Noise regularises from n = d + 1 + tau^2/(s^2 sigma^2) on: both sides, a row apart."""
    at = Configuration(samples=40, dimension=8, label_noise=0.6, noise=0.3, regressions=4000)
    edge = 0.6 / (0.3 * sqrt(40 - 9))
    more, less = (replace(at, init_scale=edge * x) for x in (1.001, 0.999))
    gate.check(claim("subspace/enough-rows"), first(more, "enough-rows", gate.seed()))
    gate.check(claim("subspace/too-few-rows"), first(less, "too-few-rows", gate.seed("few")))
    for configuration, name in ((less, "enough-rows"), (more, "too-few-rows")):
        sample = first(replace(configuration, regressions=2), name)
        judged = judge(claim(f"subspace/{name}"), sample, LEVEL)
        assert judged.verdict is Verdict.OUT_OF_REGIME


def test_a_deep_linear_network_at_its_minimum_is_least_squares():
    """By descent of three layers on noisy rows, whatever the start."""
    setting = prepare(Configuration(samples=12, dimension=5, subspace=2, width=6), "deep")
    X = torch.tensor(setting.X + setting.rng("noise").standard_normal((12, 3)) @ setting.N.T)
    y = torch.tensor(setting.rng("labels").standard_normal(12))
    start = Ensemble.of(
        lambda: nn.Sequential(*(nn.Linear(*s, bias=False) for s in ((5, 6), (6, 6), (6, 1)))), ["a"]
    )
    end = train(start, X, y, 600, lambda leaves: torch.optim.SGD(leaves, lr=0.1, momentum=0.9))
    found = end.input_gradients(X[:1])[0, 0].numpy()
    np.testing.assert_allclose(found, np.linalg.lstsq(X.numpy(), y.numpy())[0], atol=1e-8)


# --- the experiment ------------------------------------------------------------------------------


def test_every_claim_is_measured():
    small = EXPERIMENT.preview(replace(SMALL, start=0.4))
    found = EXPERIMENT.observe(small, salt="all")
    assert set(found.samples) == EXPERIMENT.quantities
    assert not any(missing(c, found.samples) for c in claims("low-dimensional-data").values())


@pytest.mark.parametrize(
    ("field", "value"),
    [("subspace", 0), ("subspace", 12), ("subspace", 1), ("depth", 0), ("layers", 1),
     ("momentum", -0.1), ("weight_decay", float("nan")), ("batch", 31), ("networks", 0),
     ("noise", 0.0), ("norm", 0.0), ("start", 5.0), ("activation", "cubic"), ("level", 0.0),
     ("optimiser", "lion"), ("schedule", "linear"), ("intercept", 1), ("room", 0.0), ("c_1", 2.0)],
)  # fmt: skip
def test_bad_values(field, value):
    with pytest.raises(InvalidArgument, match=field):
        prepare(Configuration(**{field: value}), "bad")


@pytest.mark.parametrize(
    "fields",
    [{"data": "digits", "samples": 70, "subspace": 60}, {"samples": 7}, {"labels": "square"},
     {"samples": 8, "intercept": True}],
)  # fmt: skip
def test_least_squares_out_of_the_regime(fields):
    """Directions that no row has, too few rows, bent labels: never an error."""
    found = first(replace(SMALL, regressions=20, **fields), "least-squares")
    judged = judge(claim("subspace/least-squares"), found, LEVEL)
    assert judged.verdict is Verdict.OUT_OF_REGIME


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "fields",
    [{"step": 4.0}, {"step": 1e3}, {"norm": 1e3, "start": 0.8, "layers": 5, "steps": 2},
     {"norm": 1e3, "variance": 5.0, "step": 1e-3, "steps": 2}],
)  # fmt: skip
def test_steps_that_are_too_large_are_no_refutation(fields, monkeypatch):
    monkeypatch.setattr(linear, "SETTLED", 10_000)  # some never come to rest
    far = replace(SMALL, steps=60, networks=4, redraws=50, regressions=50, start=0.3,
                  activation="linear")  # fmt: skip
    found = EXPERIMENT.observe(replace(far, **fields), salt="far")
    if fields.get("step", 0) > 1:
        assert "smaller steps" in found.unmeasured["balance"]
    for each in claims("low-dimensional-data").values():
        for sample in found.of(each.quantity.name) if each.quantity.name in found.samples else ():
            known = "published-escape" in each.name
            assert known or judge(each, sample, LEVEL).verdict is not Verdict.REFUTED, each.name


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"data": "diabetes"}, "data"), ({"data": "diabetes", "subspace": 10}, "subspace"),
     ({"optimiser": "adam", "momentum": 0.5}, "momentum")],
)  # fmt: skip
def test_no_direction_left(fields, named):
    with pytest.raises(InvalidArgument, match=named):
        prepare(Configuration(**fields), "full")


def test_published_is_refuted_where_the_variance_is_small():
    """The measured time is of order 1/variance."""
    times = {}
    for variance in (0.2, 0.1, 0.05):
        sample = first(replace(SMALL, variance=variance), "published-escape")
        times[variance] = float(sample.values[0])
        judged = judge(claim("subspace/published-escape"), sample, 0).verdict
    assert judged is Verdict.REFUTED
    slope = log(times[0.05] / times[0.2]) / log(4)
    assert slope == pytest.approx(1, abs=0.01)


def test_chains_that_do_not_come_to_rest_are_out_of_the_regime(monkeypatch):
    """The law is of their rest; those that never leave the origin are missing."""
    monkeypatch.setattr(linear, "SETTLED", 3)
    monkeypatch.setattr(linear, "LONGEST", 3)
    wanted = {"transversal_of_chain", "escape_time", "escape_times"}
    found = EXPERIMENT.observe(SMALL, salt="restless", quantities=wanted)
    assert not found.samples
    assert "at rest are needed" in found.out_of_regime["transversal_of_chain"]
    assert found.unmeasured.keys() == {"escape_time", "escape_times"}
