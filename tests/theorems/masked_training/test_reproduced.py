"""Runs of the published experiments: losses, the limit law beside them, when a run ends."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from verify.experiments.masked_training import runs
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.runs import WINDOW, Run
from verify.training.masked.trainer import train

SMALL = Configuration(
    data="sphere", samples=5, dimension=3, width=60, init_scale=1.0, surrogates=3, xi=0.5,
    local_steps=2, rounds=8, seeds=3,
)  # fmt: skip


def drawn(power=1, configuration=SMALL, repetition=0):
    return Run.draw(configuration, configuration.problem("s"), power, "s", repetition)


@pytest.mark.parametrize("power", [0, 1])
def test_the_step_and_the_start_have_the_scale_of_the_paper(power):
    """zeta Lambda = zeta_lambda xi^power; w = xi w_pub."""
    for xi in (0.2, 0.5, 1.0):
        run = drawn(power, replace(SMALL, xi=xi, zeta_lambda=0.3))
        Lambda = run.network.spectrum[0][-1].item()
        assert run.algorithm.zeta * Lambda == pytest.approx(0.3 * xi**power, rel=1e-12)
        whole = drawn(power, replace(SMALL, xi=1.0))
        torch.testing.assert_close(run.network.W_0, xi * whole.network.W_0, rtol=1e-12, atol=0)


@pytest.mark.parametrize("few", [0, 128])
def test_losses_are_those_of_the_trainer(monkeypatch, few):
    """By an engine, and by active neurons alone."""
    monkeypatch.setattr(runs, "FEW_SAMPLES", few)
    run = drawn()
    found = run.losses(4, until_it_rises=False)
    rounds = train(run.network, run.algorithm, 4, run.seed)
    e = [run.network.e_0, *(run.network.outputs(r.Z_next)[0] - run.network.y for r in rounds)]
    np.testing.assert_allclose(found, [float(x.square().mean()) for x in e], rtol=1e-10)


def test_the_law_is_that_of_the_recursion():
    """Mean and covariance of e_{k+1} = M e_k - theta P zbar_k, step by step."""
    run = drawn()
    algorithm, network = run.algorithm, run.network
    moments = algorithm.law.moments(algorithm.p, algorithm.xi)
    H, Phi = network.H.numpy(), network.Phi.numpy()
    Q = np.eye(len(H)) - algorithm.zeta * H
    P = moments["theta"] * (np.eye(len(H)) - Q @ Q)  # tau = 2
    M = np.eye(len(H)) - P
    mean, covariance = network.e_0.numpy(), np.zeros_like(H)
    expected = []
    for _ in range(6):
        expected.append((mean @ mean + np.trace(covariance)) / network.n)
        mean, covariance = M @ mean, M @ covariance @ M + moments["V"] * P @ Phi @ P
    np.testing.assert_allclose(run.predicted(5), expected, rtol=1e-10)


def test_a_run_ends_when_the_mean_no_longer_falls():
    falling = list(np.linspace(2, 1, 3 * WINDOW))
    level = [1.0] * WINDOW
    assert not runs._rose(falling)
    assert not runs._rose(level)  # there is nothing before it
    assert runs._rose(falling + level + level)
    assert not runs._rose(falling + level + level[:-1])  # in the middle of a window
    assert not runs._rose([2.0] * WINDOW + [1.9] * WINDOW)
    assert runs._rose([2.0] * WINDOW + [2.1] * WINDOW)


def test_repetitions_and_points_are_independent_and_of_one_data_set():
    found = runs.final_loss(SMALL, "s", power=1, until_it_rises=False)
    other = runs.final_loss(replace(SMALL, xi=0.6), "s", power=1, until_it_rises=False)
    again = runs.final_loss(SMALL, "s", power=1, until_it_rises=False)
    assert {name: values.shape for name, values in found.items()} == dict.fromkeys(found, (3,))
    assert len({*found["measured"], *other["measured"]}) == 6
    np.testing.assert_array_equal(found["measured"], again["measured"])
    more = runs.final_loss(replace(SMALL, seeds=4), "s", power=1, until_it_rises=False)
    np.testing.assert_array_equal(found["measured"], more["measured"][:3])


def test_over_local_steps_the_start_is_the_same():
    """tau = 2 in 12 rounds and tau = 3 in 8 begin alike; of full networks they end alike."""
    whole = replace(SMALL, xi=None, law="categorical", surrogates=1)
    ends = [
        runs.after_local_steps(replace(whole, local_steps=tau), "s", steps=24, power=1)["measured"]
        for tau in (2, 3, 8)
    ]
    np.testing.assert_allclose(ends, [ends[0]] * 3, rtol=1e-9)
    apart = [
        runs.after_local_steps(
            replace(SMALL, law="categorical", xi=None, local_steps=tau), "s", steps=24, power=1
        )["measured"] for tau in (2, 3)
    ]  # fmt: skip
    assert (np.abs(np.subtract(*apart)) > 1e-6).all()


def test_inside_rounds_the_law_stands_at_rounds():
    found = runs.inside_rounds(replace(SMALL, rounds=3), "s")
    at, predicted = found["at"], found["predicted"]
    assert found["measured"].shape == predicted.shape == (3, len(at))
    law = drawn(0, replace(SMALL, rounds=3)).predicted(3)
    assert predicted.shape[1] == 1 + 3 * (SMALL.local_steps + 2)
    assert len(law) == len(np.unique(predicted[0])) == 4
    whole = at == np.round(at)
    assert set(np.round(at[whole])) == {0, 1, 2, 3}
