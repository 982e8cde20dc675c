"""Statements that are easily misread: where the other reading is false, and what happens there."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from tests.theorems.feedback_alignment import by_hand
from theory import claim
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.feedback_alignment.experiment import EXPERIMENT
from verify.experiments.feedback_alignment.setting import prepare
from verify.judging.verdict import Verdict, judge
from verify.training.feedback import Network, Reduced, step, train

BASE = Configuration(trials=4, width=400, steps=100)


def observed(configuration, name, salt="readings"):
    quantity = claim(f"feedback/{name}").quantity.name
    return EXPERIMENT.observe(configuration, salt=salt, quantities={quantity}).samples[quantity]


def without(name, *dropped):
    """The claim without the premises that contain one of these texts."""
    original = claim(f"feedback/{name}")
    statement = original.build()
    kept = [p for p in statement.premises if not any(text in str(p) for text in dropped)]
    assert len(kept) < len(statement.premises)
    return replace(original, build=lambda: replace(statement, premises=tuple(kept)))


@pytest.fixture
def one_sample(tmp_path):
    """n = d = 1 with mu = 0.0029, and |theta*| = 46 sqrt 30."""
    X = np.array([[0.0029**0.5]])
    y = X[:, 0] * 46 * 30**0.5
    np.savez(tmp_path / "one.npz", X=X, y=y)
    return str(tmp_path / "one.npz")


def test_many_times_t_a_are_not_yet_late(one_sample):
    """A large theta* makes t_a short: the decay has not acted, the angle is far from its law."""
    configuration = Configuration(data=one_sample, targets="data", rescale=False, decay=0.247,
                                  samples=1, width=30, trials=4)  # fmt: skip
    setting = prepare(configuration, "late")
    sample = observed(configuration, "angle")
    at = setting.symbols
    t_a = 30**0.5 / (3 * 0.247 * at["theta"])
    assert at["theta"] == pytest.approx(46 * 30**0.5)
    reduced = Reduced.of(setting.trials)
    flow = reduced.flow(np.array([0.0, 150 * t_a]), 0.247)
    overlap, B2 = reduced.overlap(flow)[1], reduced.bb
    off = np.sqrt(reduced.beta_sq(flow)[1] * B2 - overlap**2)
    early = {
        **sample.symbols,
        "t": 150 * t_a,
        "B2": B2,
        "W_p_theta": sample.symbols["W_p_theta"][:, 0],
    }
    tangent = np.where(overlap > 0, off / overlap, 1e9)
    wrong = replace(sample, values=tangent, symbols=early, scale=0.0)
    assert judge(claim("feedback/angle"), wrong, 0.0).verdict is Verdict.OUT_OF_REGIME
    bare = without("angle", "lambda*t", "1/2")
    assert judge(bare, wrong, 0.0).verdict is Verdict.REFUTED


def test_with_decay_the_upper_bracket_without_decay_is_too_small():
    """<b, beta_0> < 0 decays, so A_t may exceed what bounds it without decay."""
    exceeded = 0
    configuration = replace(BASE, decay=1.0, width=30, trials=40, samples=3, dimension=2)
    setting = prepare(configuration, "bracket")
    net, at = setting.trials, setting.symbols
    b, B2 = net.b, (net.b**2).sum(1)
    pull = np.einsum("smd,sm->sd", net.W, b)
    s_0, overlap = np.linalg.norm(pull, axis=1) / B2, net.overlap
    off = net.W - b[..., None] * (pull / B2[:, None])[:, None]
    high = np.linalg.norm(off, 2, axis=(1, 2)) ** 2 / 30
    moved = np.zeros(40)
    previous = net
    for new in train(net, at["eta"], [1.0] * 60):
        s = np.einsum("smd,sm->sd", new.W - previous.W, b) / B2[:, None]
        moved, previous = moved + np.linalg.norm(s, axis=1), new
        A = np.linalg.eigvalsh(new.W.transpose(0, 2, 1) @ new.W)[:, -1] / 30 + new.overlap / 30
        plain = overlap / 30 + B2 / 30 * (1.5 * (s_0 + moved) ** 2 - s_0**2 / 2)
        grown = (s_0 + moved) ** 2 - np.maximum(s_0 - moved, 0) ** 2
        right = np.maximum(overlap, 0) / 30 + B2 / 30 * ((s_0 + moved) ** 2 + grown / 2)
        exceeded += (high + plain + 1e-9 < A).sum()
        assert (high + right + 1e-9 >= A).all()
    assert exceeded > 0


def test_the_horizon_needs_a_rate_that_is_not_negative():
    """With r < 0 the sums S alternate, and the other premises may hold again where all is lost."""
    configuration = Configuration(samples=2, dimension=4, width=2, decay=5.0, step=0.9, steps=31,
                                  target_scale=0.001, trials=200)  # fmt: skip
    sample = observed(configuration, "decayed-rate")
    bare = without("decayed-rate", "r >= 0")
    assert judge(bare, sample, 0.0).verdict is Verdict.REFUTED
    assert judge(claim("feedback/decayed-rate"), sample, 0.0).verdict is not Verdict.REFUTED


def test_the_residual_of_a_relu_network_is_all_of_it():
    """Its part in the range of X may grow, where the whole falls at its certified rate."""
    rng, grew = np.random.default_rng(0), 0
    for _ in range(40):
        X = rng.normal(size=(4, 1)) * 0.5
        net = Network.drawn(X, np.zeros(4), 4000, ["a"], activation="relu", beta_scale=0.0)
        y = rng.normal(size=4) * 0.01
        net = replace(net, y=y)
        inside = X @ np.linalg.pinv(X)
        first = np.linalg.norm(net.residual @ inside)
        for _ in range(30):
            net = step(net, 0.3)
        grew += np.linalg.norm(net.residual @ inside) > first
    assert grew > 0


def test_the_mean_alignment_of_relu_networks_needs_the_kernels_with_their_half():
    """G_ij = E psi(<w, x_i>) psi(<w, x_j>), not the arc-cosine kernel, which is twice as large."""
    configuration = replace(BASE, activation="relu", samples=2, dimension=4)
    setting = prepare(configuration, "kernels")
    X, y = setting.X, setting.y
    G = by_hand.kernel(X, "relu")
    angles = np.arccos(np.clip(X @ X.T, -1, 1))
    K = X @ X.T * (np.pi - angles) / (2 * np.pi)
    S = np.linalg.inv(G)
    law = (y @ S @ K @ S @ y + np.trace(S @ K)) / 2
    doubled = (y @ S @ K @ S @ y / 2 + np.trace(S @ K)) / 2
    net = setting.networks("gain", 512, 1500)
    before, eta = (net.W**2).sum((1, 2)), 1 / setting.symbols["norm_X"] ** 2
    for _ in range(60):
        net = step(net, eta)
    assert np.abs(net.residual).max() < 1e-3
    found = ((net.W**2).sum((1, 2)) - before) / 2
    error = found.std() / len(found) ** 0.5
    bias = 0.2 * law  # of order 1/sqrt m, from below
    assert law - bias - 6 * error < found.mean() < law + 6 * error
    assert doubled < found.mean() - 6 * error


def test_neurons_that_are_active_at_the_start_may_all_die():
    """f_0 y < 0 and a large second layer: then f = 0 for ever, and nothing is claimed."""
    configuration = Configuration(activation="relu", samples=1, dimension=2, width=6, decay=1.0,
                                  beta_scale=6.0, step=0.05, steps=3000, trials=60)  # fmt: skip
    sample = observed(configuration, "relu-alignment")
    dead = sample.symbols["B2_A"] == 0
    assert dead.any()
    assert not claim("feedback/relu-alignment").regime(sample.symbols).holds[dead].any()


def test_the_smallest_widths():
    """Where the width suffices at delta = .05: linear in d, free of the data."""
    required = claim("feedback/width").statement.premises[-1]
    found = []
    for d in (2, 4, 8, 16, 32, 64):

        def enough(m, d=d):
            at = {str(s): {"m": m, "d": d, "delta": 0.05}[str(s)] for s in required.free_symbols}
            return bool(required.subs({s: at[str(s)] for s in required.free_symbols}))

        low, high = d + 1, 5000
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(sp.Integer(middle)) else (middle, high)
        found.append(high)
    assert found == [244, 288, 357, 467, 650, 961]
