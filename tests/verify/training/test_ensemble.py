"""Copies of a module trained at once: each as it would be alone, by backpropagation by hand."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from theory import InvalidArgument
from verify.training.ensemble import Ensemble, train

X = np.random.default_rng(0).standard_normal((6, 3))
Y = np.random.default_rng(1).standard_normal(6)
STEPS, RATE = 7, 0.05


def build():
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def copies(count=3):
    return Ensemble.of(build, [f"copy {i}" for i in range(count)])


def gradients(W, b, a, c, rows):
    """Of the mean of (f - y)^2/2, by hand."""
    h = np.tanh(X[rows] @ W.T + b)
    e = (h @ a[0] + c[0] - Y[rows]) / len(X[rows])
    back = np.outer(e, a[0]) * (1 - h**2)
    return [back.T @ X[rows], back.sum(0), (e @ h)[None], e.sum(keepdims=True)]


def by_hand(values, rule, batches):
    state = [{} for _ in values]
    for step, rows in enumerate(batches):
        found = gradients(*values, rows)
        values = [rule(v, g, s, step + 1) for v, g, s in zip(values, found, state, strict=True)]
    return values


def sgd(v, g, s, step, momentum=0.0, decay=0.0):
    g = g + decay * v
    s["m"] = momentum * s.get("m", 0) + g if step > 1 else g
    return v - RATE * s["m"]


def adam(v, g, s, step, coupled=0.0, decoupled=0.0):
    v = (1 - RATE * decoupled) * v
    g = g + coupled * v
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    m, w = s["m"] / (1 - 0.9**step), s["v"] / (1 - 0.999**step)
    return v - RATE * m / (np.sqrt(w) + 1e-8)


RULES = {
    "descent": (partial(torch.optim.SGD, lr=RATE), sgd),
    "momentum and decay": (
        partial(torch.optim.SGD, lr=RATE, momentum=0.9, weight_decay=0.3),
        partial(sgd, momentum=0.9, decay=0.3),
    ),
    "adam with decay": (
        partial(torch.optim.Adam, lr=RATE, weight_decay=0.3), partial(adam, coupled=0.3),
    ),
    "adamw": (
        partial(torch.optim.AdamW, lr=RATE, weight_decay=0.3), partial(adam, decoupled=0.3),
    ),
}  # fmt: skip


def differences(optimiser, rule, batches=None):
    """The largest between the copies and those by hand."""
    start = copies()
    end = train(start, torch.tensor(X), torch.tensor(Y), STEPS, optimiser, batches=batches)
    rows = [list(range(6))] * STEPS if batches is None else [b.numpy() for b in batches]
    worst = 0.0
    for copy in range(3):
        values = [v[copy].numpy() for v in start.parameters.values()]
        for found, right in zip(end.parameters.values(), by_hand(values, rule, rows), strict=True):
            worst = max(worst, np.abs(found[copy].numpy() - right).max())
    return worst


@pytest.mark.parametrize("what", RULES)
def test_training_is_that_by_hand(what):
    optimiser, rule = RULES[what]
    assert differences(optimiser, rule) < 1e-12
    batches = [torch.tensor([i % 6, (i + 2) % 6]) for i in range(STEPS)]
    assert differences(optimiser, rule, batches) < 1e-12


def test_another_rule_is_seen():
    assert differences(RULES["adamw"][0], RULES["adam with decay"][1]) > 1e-3
    assert differences(RULES["descent"][0], partial(sgd, decay=0.01)) > 1e-4


def test_gradients_are_differences():
    nets, x, h = copies(), torch.tensor(X[:2]), 1e-6
    across, J = nets.input_gradients(x), nets.sensitivities(x)
    np.testing.assert_allclose(across, J @ nets.W_1, atol=1e-12)
    for i in range(3):
        moved = [nets.outputs(x + sign * h * torch.eye(3, dtype=torch.float64)[i])
                 for sign in (1, -1)]  # fmt: skip
        np.testing.assert_allclose(across[..., i], (moved[0] - moved[1]) / (2 * h), atol=1e-8)


def test_what_is_watched():
    seen = []

    def watch(step, now, residual):
        seen.append((step, now.copy(), residual))

    start = copies(2)
    end = train(start, torch.tensor(X), torch.tensor(Y), 3, RULES["descent"][0], watch=watch)
    assert [step for step, *_ in seen] == [0, 1, 2]
    for _, now, residual in seen:
        np.testing.assert_allclose(residual, now.outputs(torch.tensor(X)) - torch.tensor(Y))
    np.testing.assert_array_equal(seen[0][1].W_1, start.W_1)
    assert (seen[2][1].W_1 != end.W_1).any()


def test_copies_differ_and_repeat():
    one, other = copies(), copies()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    np.testing.assert_array_equal(one.W_1, other.W_1)
    assert (one.W_1[0] != one.W_1[1]).all()
    copies()
    assert (torch.get_rng_state() == before).all()
    assert one.W_1.dtype is torch.float64


@pytest.mark.parametrize(
    "module", [nn.Tanh, lambda: nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))]
)
def test_modules_that_do_not_fit(module):
    with pytest.raises(InvalidArgument, match="build"):
        Ensemble.of(module, ["a"])
