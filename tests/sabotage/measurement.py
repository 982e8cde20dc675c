"""Bugs of what is measured, of the good event, and of the numbers that go into a bound."""

from dataclasses import replace

import numpy as np
import torch

from tests.sabotage.masks import LAW, NOISY
from tests.sabotage.planting import Bug, ByClaim, by_test
from tests.sabotage.trainer import DESCENT, INITIAL, MODULES, PLAIN, SUBNETS
from tests.theorems.masked_training import test_identities
from tests.verify.training.masked import test_measurements
from verify.experiments.masked_training import experiment, setting
from verify.experiments.masked_training.setting import Setting
from verify.training.masked import measure, network
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import LazyRegime, Measurements
from verify.training.masked.network import Network

measured, columns, watch = measure.measure, LazyRegime.columns, LazyRegime.local
symbols, draw_network, seed_tensor = Setting.symbols, setting.draw_network, experiment.seed_tensor
spectrum = Network.spectrum.func

DEFINED = test_measurements.test_measurements_are_what_they_are_defined_to_be
DEFINITIONS = by_test(DEFINED, "local steps")
EVENTS = by_test(test_measurements.test_the_good_event_is_decided_by_earlier_rounds)
# Gradient descent is one path: the law holds up to flips, and a slip needs no seeds to show.
PATH = ByClaim("limit-law", replace(PLAIN, width=4096, rounds=5))
# theta = 1/2: with theta = 1 the law would fall twice as fast.
DROPOUT = ByClaim(
    "limit-law",
    replace(NOISY, width=4096, init_scale=0.2, target_scale=0.5, xi=0.5, zeta_lambda=0.5, rounds=3,
            seeds=60),
)  # fmt: skip
# Nine neurons, all of whose masks are enumerated.
NOISE = ByClaim(
    "identity/noise-variance", replace(NOISY, width=64, rounds=1, seeds=2, pilot_seeds=1)
)
# Narrow and of small weights: many neurons flip.
FLIPS = ByClaim("link-2", replace(PLAIN, width=256, init_scale=0.1, rounds=8, local_steps=1))


def changed(name, change):
    """`measure` with one of its arrays computed anew from the others."""

    def bug(net, alg, *args, **options):
        found = measured(net, alg, *args, **options)
        return replace(found, **{name: change(found, net, alg)})

    return bug


def delayed(f, *_):
    return np.concatenate([f.residual[:, :1], f.residual[:, :-1]], axis=1)


def early(f, *_):
    return np.concatenate([f.residual[:, 1:], f.residual[:, -1:]], axis=1)


def from_the_round_before(regime, L, Z, masks):
    """Distances of weights from W_k, where the surrogates of this round started."""
    if L.shape[1] == 1:
        regime.start = L
    before = regime.moved
    watch(regime, L, Z, masks)
    distance = (L - regime.start).square().sum(-2).amax((-1, -2)).sqrt()
    regime.moved = torch.maximum(before, distance)


def kernel_deviation_without_xi_squared(regime):
    net, xi = regime.network, regime.algorithm.xi
    found, A = columns(regime).clone(), net.masked_kernel(regime.masks)
    found[:, 1] = torch.linalg.matrix_norm((A - net.H) / xi, ord=2).amax(1)
    return found


def masks_of_the_round_before(regime):
    now, before = regime.masks, getattr(regime, "before", regime.masks)
    regime.masks, regime.before = before, now
    return columns(regime)


def last_iterate_only(regime, L, Z, masks):
    """Flips are those at the iterate seen last."""
    regime.flipped.zero_()
    watch(regime, L, Z, masks)


def never_flips(regime, L, Z, masks):
    watch(regime, L, regime.network.Z_0.expand_as(Z), masks)


def by_the_round_to_come(thresholds, found):
    small = found.defect <= thresholds.alpha * found.rho
    held = np.concatenate([small, small[:, -1:]], axis=1)
    return np.logical_and.accumulate(held & (found.displacement <= thresholds.R), axis=1)


def forgetful(thresholds, found):
    """A round after a bad one is good again."""
    small = found.defect <= thresholds.alpha * found.rho
    near = found.displacement <= thresholds.R
    return np.concatenate([near[:, :1], small & near[:, :-1]], axis=1)


def with_symbols(**change):
    """The numbers of the bound with some of them wrong."""

    def bug(concrete):
        right = symbols(concrete)
        return right | {name: wrong(right) for name, wrong in change.items()}

    return bug


BUGS = {
    "loss of the round after: checkpoint k against bound k - 1": Bug(
        measure, "measure", changed("residual", early), (MODULES, DEFINITIONS, PATH)
    ),
    "loss of the round before: checkpoint k against bound k + 1": Bug(
        measure, "measure", changed("residual", delayed), (MODULES, DEFINITIONS, PATH)
    ),
    "mean of the squared residuals, not their sum": Bug(
        Measurements, "loss", property(lambda f: (f.residual**2).mean(-1)),
        (by_test(test_measurements.test_the_loss_is_the_squared_residual),
         ByClaim("identity/aggregation", SUBNETS)),
    ),
    "rho without the sampling noise": Bug(
        measure, "measure",
        changed("rho", lambda f, *_: np.linalg.norm(f.residual[:, :-1], axis=-1)), (DEFINITIONS,),
    ),
    "displacement from W_(k-1) in place of W_0": Bug(
        LazyRegime, "local", from_the_round_before, (DEFINITIONS,)
    ),
    "displacement of the outputs with 1/m": Bug(
        measure, "measure",
        changed("displacement", lambda f, net, alg: f.displacement / net.m**0.5), (DEFINITIONS,),
    ),
    "frozen noise without 1/xi": Bug(
        measure, "measure",
        changed("frozen_noise", lambda f, net, alg: f.frozen_noise * alg.xi), (DEFINITIONS,),
    ),
    "spread over pairs without the factor p": Bug(
        measure, "measure", changed("spread", lambda f, net, alg: f.spread / alg.p),
        (by_test(test_identities.test_measured_spread_is_the_sum_over_pairs),
         ByClaim("identity/dispersion", SUBNETS)),
    ),
    "xi^2 forgotten: A^l with 1/xi": Bug(
        LazyRegime, "columns", kernel_deviation_without_xi_squared, (DEFINITIONS,)
    ),
    "masks of round k - 1 in round k": Bug(
        LazyRegime, "columns", masks_of_the_round_before, (DEFINITIONS,)
    ),
    "flips of the last iterate only": Bug(LazyRegime, "local", last_iterate_only, (DEFINITIONS,)),
    "flips of local iterates never seen": Bug(LazyRegime, "local", never_flips, (DEFINITIONS,)),
    "flips never counted": Bug(
        LazyRegime, "columns",
        lambda regime: columns(regime) * torch.tensor([0.0] + 6 * [1.0]),
        (DEFINITIONS, FLIPS),
    ),
    "local steps predicted as one step of tau zeta": Bug(
        Network, "round_map", lambda net, zeta, tau: tau * zeta * net.H, (DEFINITIONS, DESCENT)
    ),
    "good event decided with the future round": Bug(
        Thresholds, "good_event", by_the_round_to_come, (EVENTS,)
    ),
    "good event forgets": Bug(Thresholds, "good_event", forgetful, (EVENTS,)),
    "pilot seeds reused as test seeds": Bug(
        experiment, "seed_tensor",
        lambda size, purpose, *rest, **where: seed_tensor(size, "test", *rest, **where),
        (by_test(test_measurements.test_pilot_seeds_are_not_test_seeds),),
    ),
    "seeds shared between initialisations": Bug(
        setting, "draw_network", lambda given, problem, salt: draw_network(given, problem, "one"),
        (by_test(test_measurements.test_every_initialisation_is_drawn_anew),),
    ),
    "V without (1 - xi)": Bug(
        Setting, "symbols", with_symbols(V=lambda s: s["V"] / (1 - s["xi"])), (NOISE,)
    ),
    "Phi without 1/m": Bug(
        network, "output_covariance", lambda Z: Z.clamp(min=0) @ Z.clamp(min=0).mT,
        (by_test(test_identities.test_output_covariance), LAW),
    ),
    "Phi of pre-activations": Bug(
        network, "output_covariance", lambda Z: Z @ Z.mT / Z.shape[-1],
        (by_test(test_identities.test_output_covariance),),
    ),
    "kappa^2 forgotten in the values": Bug(
        Setting, "symbols", with_symbols(kappa=lambda s: s["kappa"] ** 0.5),
        (ByClaim("published/initial-loss/exact", INITIAL),),
    ),
    "eigenvalues in the order of the largest first": Bug(
        Network, "spectrum", property(lambda net: (spectrum(net)[0].flip(0), spectrum(net)[1])),
        (by_test(test_measurements.test_the_spectrum_is_that_of_the_kernel),),
    ),
    "theta of a law that forgets no neuron": Bug(
        Setting, "symbols", with_symbols(theta=lambda s: 1.0), (DROPOUT,)
    ),
}  # fmt: skip
