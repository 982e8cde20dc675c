"""Masks follow their law; exact binomial tests, one error rate for all of them together."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.stats import binom, binomtest

from theory.theorems.masked_training.laws import BERNOULLI, CATEGORICAL, MaskLaw
from verify.judging.seeds import seed_tensor, uniforms
from verify.training.masked.masks import _exchangeable, sample_masks

ERROR = 1e-9
"""Probability that a right sampler fails one comparison; about 600 are made."""

PAIRED = MaskLaw("paired", lambda j, p: int(j == 2), lambda p: 2 / p)
"""Each neuron in exactly two surrogates: a law that has no sampler of its own."""

CASES = {
    "dropout": (BERNOULLI, 1, 0.3),
    "bernoulli": (BERNOULLI, 4, 0.6),
    "categorical": (CATEGORICAL, 5, 0.2),
    "paired": (PAIRED, 4, 0.5),
    "unmasked": (BERNOULLI, 2, 1.0),
}
SEEDS = seed_tensor(20, "masks")


def follows(masks, law, p, xi):
    """Compare counts N_r, entries, and pairs of entries with the law: exact binomial tests."""
    columns = masks.permute(0, 2, 1).reshape(-1, p).numpy()
    trials = len(columns)
    probabilities = law.count_probabilities(p, xi)
    counts = np.bincount(columns.sum(1), minlength=p + 1)
    both = (np.arange(p + 1) * (np.arange(p + 1) - 1)) @ probabilities / max(p * (p - 1), 1)
    expected = list(zip(counts, probabilities, strict=True))
    expected += [(columns[:, l].sum(), xi) for l in range(p)]  # noqa: E741
    expected += [((columns[:, 0] & columns[:, l]).sum(), both) for l in range(1, p)]  # noqa: E741
    return all(
        binomtest(int(seen), trials, min(max(float(q), 0.0), 1.0)).pvalue >= ERROR
        for seen, q in expected
    )


@pytest.mark.parametrize("case", CASES)
def test_law(case):
    law, p, xi = CASES[case]
    assert follows(sample_masks(law, p, xi, 2000, SEEDS, 3), law, p, xi)


@pytest.mark.parametrize("case", CASES)
def test_any_law_can_be_sampled_from_its_counts(case):
    law, p, xi = CASES[case]
    assert follows(_exchangeable(law, p, xi, 2000, SEEDS, 3), law, p, xi)


@pytest.mark.parametrize("xi", [0.61, 0.59])
def test_a_wrong_xi_is_seen(xi):
    masks = sample_masks(BERNOULLI, 4, xi, 20000, SEEDS, 3)
    assert not follows(masks, BERNOULLI, 4, 0.6)


def test_one_mask_for_all_is_seen():
    masks = sample_masks(BERNOULLI, 4, 0.6, 2000, SEEDS, 3)
    assert not follows(masks[:, :1].expand(-1, 4, -1), BERNOULLI, 4, 0.6)


def test_rounds_seeds_and_neurons_are_independent():
    u = torch.stack([uniforms(SEEDS, k, (4, 50)) for k in range(20)])
    flat = u.reshape(20, 20, -1)
    first, second = [], []
    for shift in range(3):  # neighbours in round, seed, counter
        rolled = flat.roll(1, dims=shift)
        first.append((flat < 0.5).flatten())
        second.append((rolled < 0.5).flatten())
    for a, b in zip(first, second, strict=True):
        both = int((a & b).sum())
        assert binomtest(both, len(a), 0.25).pvalue >= ERROR
    assert abs(u.mean() - 0.5) < 6 * (1 / 12 / u.numel()) ** 0.5
    assert u.unique().numel() == u.numel()


def independent(one, other, xi):
    """Whether the entries of two columns (trials, p) are: exact tests of all pairs, both sides."""
    both, trials, share = (one.double().T @ other.double()).numpy(), len(one), xi**2
    tails = np.minimum(binom.cdf(both, trials, share), binom.sf(both - 1, trials, share))
    return bool((2 * tails >= ERROR).all())


@pytest.mark.parametrize("case", CASES)
def test_neurons_and_rounds_are_independent(case):
    law, p, xi = CASES[case]
    rounds = [sample_masks(law, p, xi, 2000, SEEDS, k).transpose(1, 2) for k in range(4)]
    neighbours = rounds[0].unflatten(1, (1000, 2)).flatten(0, 1)  # pairs that share no neuron
    assert independent(neighbours[:, 0], neighbours[:, 1], xi)
    for before, after in combinations(rounds, 2):
        assert independent(before.flatten(0, 1), after.flatten(0, 1), xi)


def test_a_seed_gives_the_same_masks_in_any_batch():
    whole = sample_masks(BERNOULLI, 3, 0.5, 100, SEEDS, 2)
    alone = sample_masks(BERNOULLI, 3, 0.5, 100, SEEDS[7:8], 2)
    assert torch.equal(whole[7], alone[0])
    other = sample_masks(BERNOULLI, 3, 0.5, 100, SEEDS[7:8], 1)
    assert not torch.equal(other, alone)


def test_known_answer():
    """SplitMix64 of state 0: the numbers of its published reference implementation."""
    from verify.judging.seeds import _GOLDEN, _mix

    state = torch.tensor([1, 2, 3], dtype=torch.int64) * _GOLDEN
    reference = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [int(x) % 2**64 for x in _mix(state)] == reference
