"""The training by hand is that of torch.nn modules; its laws are those of many masks."""

import numpy as np
import pytest
import torch

from tests.verify.training.masked import by_hand
from tests.verify.training.masked.modules import train_with_modules
from theory.theorems.masked_training.laws import LAWS
from verify.judging.seeds import seed_tensor
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

CASES = [("bernoulli", 1, 1.0, 3), ("bernoulli", 3, 0.6, 2), ("categorical", 3, 1 / 3, 2)]


@pytest.mark.parametrize(("law", "p", "xi", "tau"), CASES)
def test_it_agrees_with_modules(law, p, xi, tau):
    rng = np.random.default_rng(0)
    start = by_hand.Start.draw(rng.normal(size=(3, 4)), rng.normal(size=3), 15, 0.7, "here")
    masks = by_hand.draw_masks(law, p, xi, 15, seed_tensor(1, "masks"), 4)
    run = by_hand.train(start, law, xi, 0.2 * xi, tau, masks)
    X, y, W, a, held = map(torch.from_numpy, (start.X, start.y, start.W.T, start.a, masks))
    modules = train_with_modules(
        Network(X, y, W, a), Algorithm(LAWS[law], p, xi, tau, 0.2 * xi), held
    )
    np.testing.assert_allclose(run.residual, modules.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("law", "p", "xi", "tau"), CASES)
def test_masks_have_the_moments_of_the_law(law, p, xi, tau):
    masks = by_hand.draw_masks(law, p, xi, 20_000, seed_tensor(1, "moments"), 1)[0]
    N, known = masks.sum(0), by_hand.moments(law, p, xi)
    share = masks[0] / np.maximum(N, 1)
    measured = {
        "theta": (N > 0).mean(),
        "V": ((N / (p * xi) - 1) ** 2).mean(),
        "v_A": masks[0].var(),
        "v_B": share.var(),
    }
    for name, value in measured.items():
        assert known[name] == pytest.approx(value, abs=0.03)  # five standard errors and more


def test_probabilities_sum_to_one():
    for law, p, xi, _ in CASES:
        assert sum(chance for _, chance in by_hand.columns(law, p, xi)) == pytest.approx(1)
