"""Overfitting in a convolutional network: claims hold, some are sharp; trainers have twins."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings

from tests.bench import Bench
from theory import InvalidArgument, claims
from verify.experiments.convolutional_overfitting.cases import (
    BENIGN,
    HARMFUL,
    PATCHES,
    STEEP,
    TRANSITION,
    homes,
)
from verify.experiments.convolutional_overfitting.configuration import Configuration
from verify.experiments.convolutional_overfitting.descent import (
    descend,
    flow,
    preactivations,
)
from verify.experiments.convolutional_overfitting.experiment import EXPERIMENT
from verify.experiments.convolutional_overfitting.setting import framed, prepare
from verify.experiments.convolutional_overfitting.strategies import configurations
from verify.experiments.convolutional_overfitting.transition import sizes

NAME = "convolutional-overfitting"
ALL = [each.partition("/")[2] for each in claims(NAME)]


LAW = ("conservation-at-most", "conservation-at-least", "growth", "noise-at-most",
       "signal-at-most")  # fmt: skip
DECOMPOSED = ("signal", "noise", "elsewhere")
BELOW = ("harmful-filter", "harmful-signal", "harmful-test")
ABOVE = ("benign-signal", "benign-noise", "benign-test", "benign-test-before")
CROSSED = ("learned", "not-learned")
SMALL = replace(HARMFUL, seeds=4, points=5)
FLAT = replace(BENIGN, seeds=4, points=5)

CASES = {
    "below": (HARMFUL, (*LAW, *DECOMPOSED, *BELOW, "conservation", "monotone")),
    "above": (BENIGN, (*LAW, *ABOVE)),
    "digits, below": (
        replace(SMALL, data="digits", snr=0.2), (*LAW, *BELOW, *DECOMPOSED),
    ),
    "digits, above": (replace(FLAT, data="digits"), (*LAW, "benign-signal")),
    "q 2.5, below": (replace(SMALL, power=2.5, snr=0.2, init=0.02), (*LAW, *BELOW)),
    "q 4, below": (replace(SMALL, power=4.0, init=0.2), (*LAW, *BELOW)),
    "q 4, above": (replace(FLAT, power=4.0, snr=4.0), (*LAW, "benign-signal", "benign-noise")),
    "unequal classes": (replace(SMALL, balance=0.2), (*LAW, "harmful-filter")),
    "large steps": (replace(STEEP, growth=0.5), (*LAW, "harmful-filter", "benign-signal")),
    "huge steps": (replace(STEEP, growth=5.0), LAW[:2]),
    "one filter, two samples": (
        replace(STEEP, filters=1, samples=2, dimension=3, seeds=60), (*LAW, "benign-signal"),
    ),
    "plain patches, flipped labels": (
        replace(SMALL, design="plain", flips=0.2, steps=200), DECOMPOSED,
    ),
    "crossing": (replace(TRANSITION, samples=12, steps=800), CROSSED),
    "crossing near q 2": (
        replace(TRANSITION, samples=4, filters=2, power=2.2, steps=600), CROSSED,
    ),
    "Gaussian patches": (PATCHES, ("gaussian-patches",)),
}  # fmt: skip


BENCH = Bench("convolutional-overfitting", "convolution")
observed, judged = BENCH.observed, BENCH.judged


@pytest.mark.parametrize("case", CASES)
@pytest.mark.claims(checks=2)
def test_the_claims_hold(gate, case):
    configuration, names = CASES[case]
    BENCH.hold(gate, configuration, names, case)


@pytest.mark.claims(share=0.1)
@settings(max_examples=12)
@given(configuration=configurations())
def test_every_path(gate, configuration):
    seed = gate.seed(configuration)
    for name, sample in BENCH.measured(configuration, BENCH.pathwise, seed).items():
        gate.check(BENCH.claim(name), sample, detail=repr(configuration))


def start(configuration):
    return prepare(configuration, "reach").start


REACHED = {
    "below": lambda c: (start(c).chi < 0.5).all() and (start(c).chi > 0).any(),
    "above": lambda c: (start(c).chi > 2).all() and (start(c).chi < 1e100).any(),
    "near the threshold": lambda c: (abs(np.log(start(c).chi.clip(1e-9))) < 0.3).any(),
    "one filter": lambda c: c.filters == 1 and c.samples == 2,
    "patches that fill the space": lambda c: c.dimension == c.samples + 1,
    "digits": lambda c: c.data == "digits" and c.steps == 300,
    "near q = 2": lambda c: c.power == 2.2 and c.growth == 2.0,
    "too large a step": lambda c: (start(c).shrink > 1).any(),
}


@pytest.mark.parametrize("what", REACHED)
def test_strategies_reach(what):
    only = settings(max_examples=2000, phases=(Phase.generate,))
    assert REACHED[what](find(configurations(), REACHED[what], settings=only))


# --- sharp cases ---------------------------------------------------------------------------------


def test_the_conservation_law_is_one_straight_line():
    """For 40 draws of q, design and step the ratio stays in the limits, and often near them."""
    near = 0.0
    for seed, power in enumerate((2.2, 2.5, 3.0, 4.0)):
        at = replace(STEEP, power=power, growth=3.0, seeds=10)
        sample = observed(at, ["conservation-at-most"], f"line {seed}")["conservation-at-most"]
        Q, spent, h = (
            sample.symbols[name] if name else sample.values for name in ("", "spent", "h")
        )
        kept = (sample.symbols["v"] > 0) & (sample.symbols["least"] > 0) & (spent > 0)
        H = (power - 2) * h / (1 - (1 + h) ** (2 - power))
        used = (np.abs(np.log(Q[kept] / spent[kept])) / np.log(H[kept])).max()
        assert used <= 1
        near = max(near, used)
    assert near > 0.5


def test_the_harmful_limit_and_the_guess_are_sharp():
    """Below the threshold signals reach their limit, and the test loss that of a guess."""
    found = observed(SMALL, ["harmful-filter", "harmful-test"])
    assert judged("harmful-filter", found["harmful-filter"]).tightness < 1.001
    loss = judged("harmful-test", found["harmful-test"])
    assert loss.tightness < 1.001
    assert abs(loss.bound - np.log(2)) < 1e-3


def test_memory_that_is_not_used_stays_at_its_limit():
    found = observed(FLAT, ["benign-noise", "benign-test-before"])
    assert judged("benign-noise", found["benign-noise"]).tightness < 1.01


# --- digits, and what a user does ----------------------------------------------------------------


@pytest.mark.parametrize(("snr", "harmful"), [(0.2, True), (1.5, False)])
def test_digits_are_memorised_or_told_apart_by_the_signal(snr, harmful):
    """Training loss falls on both sides of the threshold; held-out digits tell them apart."""
    at = replace(SMALL, data="digits", snr=snr, growth=0.2, steps=4000, seeds=3)
    notes = EXPERIMENT.observe(at, salt="digits", quantities={"patch_loss"}).notes
    assert notes["training loss"] < 0.02
    assert (notes["test loss"] > np.log(2)) == harmful
    assert notes["test error"] > 0.45 if harmful else notes["test error"] < 0.01


def test_chi_is_the_power_q_of_the_signal():
    chi = [start(replace(SMALL, snr=snr, power=2.5)).chi for snr in (0.3, 0.6)]
    positive = chi[0] > 0
    np.testing.assert_allclose(chi[1][positive] / chi[0][positive], 2**2.5, rtol=1e-12)


# --- twins ---------------------------------------------------------------------------------------


def network(problem, run):
    """The two heads as torch modules on raw patches."""
    m, d = problem.W.shape[2:]
    heads = torch.nn.ModuleList(torch.nn.Linear(d, m, bias=False, dtype=torch.float64)
                                for _ in range(2))  # fmt: skip
    for head, W in zip(heads, problem.W[run], strict=True):
        head.weight.data = torch.tensor(W)
    signal = torch.zeros(d, dtype=torch.float64)
    signal[-1] = problem.mu[run]
    patches = torch.stack([torch.tensor(problem.clean[run])[:, None] * signal,
                           torch.tensor(problem.X[run])])  # fmt: skip
    return heads, patches


@pytest.mark.parametrize("design", ["frame", "plain"])
def test_descent_is_stochastic_gradient_descent_of_torch_with_all_samples(design):
    at = replace(STEEP, design=design, flips=0.25, seeds=2)
    problem = prepare(at, "torch").problem
    path = descend(problem, [0, 30])
    for run in range(2):
        heads, patches = network(problem, run)
        sgd = torch.optim.SGD(heads.parameters(), lr=float(problem.eta[run]))
        y = torch.tensor(problem.y[run])
        for _ in range(30):
            sgd.zero_grad()
            F = [(torch.relu(head(patches)) ** problem.q).sum(0).mean(-1) for head in heads]
            torch.nn.functional.soft_margin_loss(F[0] - F[1], y).backward()
            sgd.step()
        W = torch.stack([head.weight for head in heads]).detach().numpy()
        np.testing.assert_allclose(path.W[1, run], W, rtol=1e-10, atol=1e-12)


def test_the_flow_is_the_limit_of_small_steps():
    """Errors of descent halve with the step."""
    at = replace(STEEP, seeds=1, steps=40)
    problem = prepare(at, "flow").problem
    time = np.array([40 * problem.eta[0]])
    right = flow(problem, time)[0][0]
    errors = []
    for parts in (8, 16):
        fine = replace(problem, eta=problem.eta / parts)
        errors.append(
            abs(preactivations(fine, descend(fine, [40 * parts]).W[0])[0][0] - right).max()
        )
    assert 1.8 < errors[0] / errors[1] < 2.2


def test_a_frame_keeps_norms_and_is_the_nearest():
    X = np.random.default_rng(0).normal(size=(5, 8))
    found = framed(X)
    np.testing.assert_allclose(found @ found.T, np.diag((X**2).sum(1)), atol=1e-12)
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    other = norms * np.linalg.qr((X / norms).T)[0].T
    unit = X / norms
    near, far = (np.linalg.norm(each / norms - unit) for each in (found, other))
    assert near < far


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"samples": 65}, "samples"), ({"samples": 1}, "samples"), ({"snr": 0.0}, "snr"),
        ({"power": 2.0}, "power"), ({"data": "digits", "dimension": 30}, "dimension"),
        ({"largest": 50}, "largest"), ({"smallest": 16}, "smallest"), ({"flips": 2.0}, "flips"),
        ({"data": "digits", "design": "plain", "samples": 1001}, "samples"),
        ({"growth": float("nan")}, "growth"), ({"design": "random"}, "design"),
    ],
)  # fmt: skip
def test_bad_options_are_named(options, name):
    with pytest.raises(InvalidArgument, match=name):
        Configuration(**options)


def test_a_transition_takes_no_more_digits_than_there_are():
    at = Configuration(data="digits", design="plain", samples=600, smallest=700)
    assert sizes(prepare(at, "digits")) == [300, 600, 1000]


def test_every_claim_has_a_home():
    assert set(homes()) == set(claims(NAME))


def test_without_recursions_the_filters_are_the_same():
    """What is spared is no number: nothing can be read there."""
    problem = prepare(Configuration(), "spared").problem
    full, spared = (descend(problem, [0, 7, 30], recursions=kept) for kept in (True, False))
    np.testing.assert_array_equal(spared.W, full.W)
    assert not np.array_equal(full.W[0], full.W[-1])
    for name in vars(full).keys() - {"steps", "W"}:
        assert np.isfinite(getattr(full, name)).all(), name
        assert np.isnan(getattr(spared, name)).all(), name
