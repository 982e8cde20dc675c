"""Bugs of the mask sampler and of the seeds that it draws from."""

import torch

from tests.sabotage.planting import Bug, ByClaim, by_test
from tests.sabotage.trainer import SUBNETS
from tests.verify.judging import test_seeds
from tests.verify.training.masked import test_masks, test_trainer
from theory.theorems.masked_training.laws import BERNOULLI, CATEGORICAL
from verify.experiments.masked_training.configuration import Configuration
from verify.judging import seeds as random
from verify.training.masked import masks

sample_masks, uniforms, exchangeable = masks.sample_masks, masks.uniforms, masks._exchangeable

# Noise makes most of the loss: repeated masks make it three times what the law says, and so many
# seeds show a factor 2.
NOISY = Configuration(
    data="orthogonal", samples=6, dimension=6, width=2048, init_scale=1.0, rounds=6, seeds=150,
    pilot_seeds=8, law="bernoulli", xi=0.8, surrogates=1, local_steps=1, zeta_lambda=0.3,
    target_scale=0.1,
)  # fmt: skip
LAW = ByClaim("limit-law", NOISY)

INDEPENDENT = test_masks.test_neurons_and_rounds_are_independent
BATCHES = by_test(test_masks.test_a_seed_gives_the_same_masks_in_any_batch)


def one_for_all(law, p, *rest):
    return sample_masks(law, p, *rest)[:, :1].expand(-1, p, -1)


def inactive(law, p, xi, *rest):
    return ~sample_masks(law, p, xi, *rest)


def same_every_round(law, p, xi, m, seeds, k):
    return sample_masks(law, p, xi, m, seeds, 0)


def same_every_other_round(law, p, xi, m, seeds, k):
    return sample_masks(law, p, xi, m, seeds, k // 2)


def neighbours_share(law, *rest):
    """Neurons 2r and 2r + 1 are held by the same surrogates."""
    held = sample_masks(law, *rest)
    return held[..., ::2].repeat_interleave(2, dim=-1)[..., : held.shape[-1]]


def neighbours_share_a_subnet(law, *rest):
    held = sample_masks(law, *rest)
    return neighbours_share(law, *rest) if law is CATEGORICAL else held


def one_stream_shifted(law, p, xi, m, seeds, k):
    """Surrogate l takes the numbers of surrogate 0 from the l-th on."""
    if law is not BERNOULLI:
        return sample_masks(law, p, xi, m, seeds, k)
    u = uniforms(seeds, k, (m + p,))
    return torch.stack([u[:, l : l + m] < xi for l in range(p)], dim=1)  # noqa: E741


def global_generator(law, p, xi, m, seeds, k):
    return torch.rand(len(seeds), p, m) < xi


def by_place_in_the_batch(law, p, xi, m, seeds, k):
    return sample_masks(law, p, xi, m, torch.arange(len(seeds)), k)


def first_seed_for_all(law, p, xi, m, seeds, k):
    return sample_masks(law, p, xi, m, seeds[:1], k).expand(len(seeds), -1, -1)


def homes(*of):
    """Categorical masks whose neurons live in the surrogates home + i, for i in `of`."""

    def bug(law, p, xi, m, seeds, k):
        if law is not CATEGORICAL:
            return sample_masks(law, p, xi, m, seeds, k)
        home = (uniforms(seeds, k, (1, m)) * p).floor()
        here = torch.arange(p)[:, None]
        return sum(home + i == here for i in of) > 0

    return bug


def eight_bits(seeds, stream, shape):
    return (uniforms(seeds, stream, shape) * 256).floor() / 256


def rounds_and_seeds_mixed(seeds, stream, shape):
    """Round k of seed s is round 0 of seed s + k."""
    return uniforms(seeds + stream, 0, shape)


def one_more(law, p, xi, m, seeds, k):
    return exchangeable(law, p, xi, m, seeds, k) | (torch.arange(p) == p - 1)[:, None]


BUGS = {
    "one mask for all surrogates": Bug(
        masks, "sample_masks", one_for_all, (by_test(test_masks.test_law, "bernoulli"),)
    ),
    "xi swapped with 1 - xi": Bug(
        masks, "sample_masks", inactive, (by_test(test_masks.test_law, "dropout"),)
    ),
    "masks repeated across rounds": Bug(
        masks, "sample_masks", same_every_round, (BATCHES, by_test(INDEPENDENT, "dropout"), LAW)
    ),
    "masks of rounds 2j and 2j + 1 the same": Bug(
        masks, "sample_masks", same_every_other_round, (by_test(INDEPENDENT, "bernoulli"),)
    ),
    "neighbouring neurons share their masks": Bug(
        masks, "sample_masks", neighbours_share, (by_test(INDEPENDENT, "bernoulli"),)
    ),
    "correlated columns in the categorical law": Bug(
        masks, "sample_masks", neighbours_share_a_subnet, (by_test(INDEPENDENT, "categorical"),)
    ),
    "surrogates take one stream, shifted by one": Bug(
        masks, "sample_masks", one_stream_shifted, (by_test(INDEPENDENT, "bernoulli"),)
    ),
    "unseeded generator": Bug(masks, "sample_masks", global_generator, (BATCHES,)),
    "masks depend on the place in the chunk": Bug(
        masks, "sample_masks", by_place_in_the_batch,
        (BATCHES, by_test(test_trainer.test_same_numbers_for_any_batching, "dropout", True)),
    ),
    "one seed for the whole batch": Bug(masks, "sample_masks", first_seed_for_all, (BATCHES,)),
    "surrogates numbered from 1": Bug(
        masks, "sample_masks", homes(1),
        (by_test(test_masks.test_law, "categorical"), ByClaim("identity/dispersion", SUBNETS)),
    ),
    "categorical neurons in two surrogates": Bug(
        masks, "sample_masks", homes(0, 1),
        (by_test(test_masks.test_law, "categorical"), ByClaim("identity/aggregation", SUBNETS)),
    ),
    "uniform numbers of eight bits": Bug(
        random, "uniforms", eight_bits,
        (by_test(test_seeds.test_uniforms_are_splitmix64, 1, 0),
         by_test(test_masks.test_rounds_seeds_and_neurons_are_independent)),
    ),
    "round k of a seed is round 0 of the k-th next": Bug(
        random, "uniforms", rounds_and_seeds_mixed,
        (by_test(test_seeds.test_uniforms_are_splitmix64, 1, 1000),),
    ),
    "a count too many where a law is sampled from its counts": Bug(
        masks, "_exchangeable", one_more,
        (by_test(test_masks.test_any_law_can_be_sampled_from_its_counts, "paired"),),
    ),
}  # fmt: skip
