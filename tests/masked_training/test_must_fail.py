"""Every check sees the bug it is there for: false claims and sabotaged trainers are caught."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import torch

from tests.masked_training.modules import train_with_modules
from tests.masked_training.problems import algorithm, drawn_masks, network, residuals
from tests.masked_training.test_masks import follows
from theory import Claim, claim
from theory.masked_training.stochastic_recursion import displayed_form
from theory.masked_training.symbols import V, p, r, s, tau, theta
from verify.masked_training import EXPERIMENT, masks, trainer
from verify.masked_training.configuration import Configuration
from verify.seeds import seed_tensor
from verify.verdict import Verdict, judge

LEVEL = 1e-8
SEEDS = seed_tensor(4, "sabotage")
SMALL = Configuration(
    data="sphere", samples=3, dimension=6, width=8192, init_scale=0.2, rounds=8, seeds=100,
    law="bernoulli", xi=0.6, surrogates=3, local_steps=2, zeta_lambda=0.3,
)  # fmt: skip


# --- false claims ------------------------------------------------------------------------------


def twin(original, change):
    """The claim with its statement changed."""
    return replace(original, name=f"{original.name}/false", build=lambda: change(original))


def scaled(bound=1.0, part=None, factor=1.0):
    """The bound times `bound`, with the named part multiplied by `factor`."""

    def change(original):
        statement = original.build()
        if part is None:
            return replace(statement, bound=bound * statement.bound)
        new = factor * statement.parts[part]
        return replace(statement, bound=bound * statement.bound.subs(statement.parts[part], new))

    return change


def without(symbol, value):
    """A symbol dropped from the bound and the definitions: theta, 1/p (in V), ..."""

    def change(original):
        statement = original.build()
        return statement.subs({symbol: value})

    return change


NOISY = {
    "data": "orthogonal", "samples": 6, "dimension": 12, "init_scale": 1.0, "width": 4096,
    "surrogates": 8, "local_steps": 1, "zeta_lambda": 0.6, "rounds": 5, "seeds": 400,
}  # fmt: skip

FALSE_CLAIMS = {
    "wrong rate": ("link-1/scalar", without(r, 1 - (1 - r) ** 4), {}),
    "wrong rate, free c": ("main", without(r, 1 - (1 - r) ** 4), {"data": "orthogonal"}),
    "wrong neighbourhood": (
        "main",
        scaled(part="neighbourhood", factor=0.1),
        {"data": "orthogonal", "init_scale": 0.3, "rounds": 25},
    ),
    "halved sharp form": ("link-1/sharp", scaled(bound=0.4), {}),
    "dropped theta": ("limit-law", without(theta, 1), {"surrogates": 1}),
    "dropped 1/p": ("limit-law", without(V, V * p), NOISY),
    "one local step too few": ("limit-law", without(tau, tau - 1), {}),
    "noise dropped": ("link-1/sharp", without(V, 0), {"init_scale": 2.0}),
}


@pytest.mark.parametrize("name", FALSE_CLAIMS)
def test_a_false_claim_is_refuted(name):
    original, change, options = FALSE_CLAIMS[name]
    true = claim(original)
    observed = EXPERIMENT.observe(
        replace(SMALL, **options), salt=name, quantities={true.quantity.name}
    )
    sample = observed.samples[true.quantity.name]
    assert judge(true, sample, LEVEL).verdict is not Verdict.REFUTED
    assert judge(twin(true, change), sample, LEVEL).verdict is Verdict.REFUTED


def test_a_false_lemma_is_refuted():
    """Link II without its flips: an activation that changes breaks it."""
    true = claim("link-2")
    # no masks, one step: flips are all that the lemma has
    configuration = replace(SMALL, width=64, init_scale=0.1, xi=1.0, local_steps=1)
    observed = EXPERIMENT.observe(configuration, salt="flips", quantities={"defect"})
    sample = observed.samples["defect"]
    assert judge(true, sample, 0.0).verdict is not Verdict.REFUTED
    false = twin(true, without(true.vocabulary["nu"].symbol, 0))
    assert judge(false, sample, 0.0).verdict is Verdict.REFUTED


def test_substitution_is_not_vacuous():
    """The twins above differ from the claims they come from."""
    assert displayed_form().bound.has(s)
    assert isinstance(claim("main"), Claim)
    for original, change, _ in FALSE_CLAIMS.values():
        true = claim(original).build()
        false = change(claim(original))
        assert (true.bound, true.definitions) != (false.bound, false.definitions)


# --- sabotaged trainers ------------------------------------------------------------------------

local_training, aggregate, sample_masks = (
    trainer.local_training,
    trainer.aggregate,
    masks.sample_masks,
)


def no_rescaling(net, alg, *rest):
    return local_training(net, replace(alg, xi=1.0), *rest)


def average_over_p(W, L, held):
    return W + ((L - W[:, None]) * held[:, :, None]).sum(1) / held.shape[1]


def zero_dead_neurons(W, L, held):
    """As in published code: a neuron that no mask holds is set to zero."""
    return aggregate(W, L, held) * (held.sum(1) > 0)[:, None]


def masks_redrawn(net, alg, W, Z, held, observer=None):
    """New masks at each local step."""
    L, outputs = W[:, None].expand(-1, alg.p, -1, -1), []
    for t in range(alg.tau + 1):
        now = held.roll(t, dims=-1)
        signs = now * net.a / (alg.xi * net.m**0.5)
        Z = net.X @ L
        outputs.append((Z.clamp(min=0) * signs[:, :, None]).sum(-1))
        if t < alg.tau:
            gradient = (Z > 0) * signs[:, :, None] * (outputs[-1] - net.y)[..., None]
            L = L - alg.eta * net.X.T @ gradient
    return L, torch.stack(outputs)


def one_step_too_few(net, alg, *rest):
    L, outputs = local_training(net, replace(alg, tau=alg.tau - 1), *rest)
    return L, torch.cat([outputs, outputs[-1:]])


def one_mask_for_all(law, p, *rest):
    return sample_masks(law, p, *rest)[:, :1].expand(-1, p, -1)


def xi_swapped(law, p, xi, *rest):
    return sample_masks(law, p, 1 - xi, *rest)


def stale_residual(net, alg, W, Z, held, observer=None):
    """All local steps use the residual of the first."""
    many = replace(alg, tau=1, eta=alg.eta * alg.tau)
    L, outputs = local_training(net, many, W, Z, held)
    return L, torch.cat([outputs[:1]] * alg.tau + [outputs[1:]])


def agrees_with_modules():
    net = network(m=60)
    alg = algorithm(net, "local steps")
    source = drawn_masks(net, alg, 4, SEEDS)
    ours = residuals(net, alg, 4, SEEDS)
    theirs = torch.stack([train_with_modules(net, alg, each) for each in source])
    return np.allclose(ours, theirs, rtol=0, atol=1e-9)


def masks_follow_the_law():
    net = network(m=2000)
    alg = algorithm(net, "multi-sample dropout")
    draw = alg.masks(net.m)
    return follows(draw(SEEDS, 0), alg.law, alg.p, alg.xi)


SABOTAGE = {
    "no 1/xi scaling": ("local_training", no_rescaling, agrees_with_modules),
    "average over p instead of N_r": ("aggregate", average_over_p, agrees_with_modules),
    "neurons with N_r = 0 zeroed": ("aggregate", zero_dead_neurons, agrees_with_modules),
    "masks redrawn at each local step": ("local_training", masks_redrawn, agrees_with_modules),
    "one mask for all surrogates": ("sample_masks", one_mask_for_all, masks_follow_the_law),
    "xi swapped with 1 - xi": ("sample_masks", xi_swapped, masks_follow_the_law),
    "one local step too few": ("local_training", one_step_too_few, agrees_with_modules),
    "stale residual": ("local_training", stale_residual, agrees_with_modules),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_sabotaged_trainer_is_caught(name):
    target, bug, check = SABOTAGE[name]
    assert check()
    with patch.object(trainer, target, bug):
        assert not check()


# What the claims themselves see, without the second implementation. Link II: its alpha* is not
# measured on the trainer. The limit law: refuted, or no pass, since the pilot's defects then widen
# its envelope until it says nothing.
NO_PASS = (Verdict.REFUTED, Verdict.UNDERPOWERED, Verdict.VACUOUS)
SEEN_BY_CLAIMS = {
    "no 1/xi scaling": ("link-2", (Verdict.REFUTED,)),
    "average over p instead of N_r": ("link-2", (Verdict.REFUTED,)),
    "masks redrawn at each local step": ("link-2", (Verdict.REFUTED,)),
    "one local step too few": ("link-2", (Verdict.REFUTED,)),
    "stale residual": ("limit-law", NO_PASS),
    "one mask for all surrogates": ("limit-law", NO_PASS),
    "xi swapped with 1 - xi": ("limit-law", NO_PASS),
}


@pytest.mark.parametrize("name", SEEN_BY_CLAIMS)
def test_the_claims_do_not_pass_a_sabotaged_trainer(name):
    target, bug, _ = SABOTAGE[name]
    judged, expected = claim(SEEN_BY_CLAIMS[name][0]), SEEN_BY_CLAIMS[name][1]

    def verdict():
        observed = EXPERIMENT.observe(SMALL, salt="sabotage", quantities={judged.quantity.name})
        return judge(judged, observed.samples[judged.quantity.name], LEVEL).verdict

    assert verdict() is Verdict.HOLDS
    with patch.object(trainer, target, bug):
        assert verdict() in expected
