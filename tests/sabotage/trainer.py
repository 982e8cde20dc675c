"""Bugs of the trainer and of the network that it starts from."""

from dataclasses import replace

import torch

from tests.sabotage.planting import Bug, ByClaim, by_test
from tests.theorems.masked_training import test_identities
from tests.verify.training.masked import test_measurements, test_trainer
from verify.experiments.masked_training.configuration import Configuration
from verify.training.masked import trainer
from verify.training.masked.network import Network

aggregate, local_training = trainer.aggregate, trainer.local_training
draw, own_outputs = Network.draw.__func__, Network.own_outputs

# Link II is pathwise: one round of one seed refutes it, few are enough. Wide, so that alpha* is far
# below the defects that the bugs make.
WIDE = Configuration(
    data="sphere", samples=3, dimension=6, width=8192, init_scale=0.5, rounds=3, seeds=4,
    pilot_seeds=2, law="bernoulli", xi=0.6, surrogates=3, local_steps=2, zeta_lambda=0.5,
)  # fmt: skip
# Lemmas 20 and 21 are equalities of every path, at any width.
SUBNETS = replace(WIDE, law="categorical", xi=None, width=256)
# Without masks flips are all that Link II has: it is nearly tight.
PLAIN = replace(
    WIDE, samples=6, dimension=3, width=16384, init_scale=1.0, xi=1.0, surrogates=1, rounds=2,
    zeta_lambda=0.6,
)  # fmt: skip
# ||u_0||^2 is most of ||e_0||^2; this many initialisations show a factor 2 from either side.
INITIAL = replace(WIDE, width=64, init_scale=2.0, rounds=1, local_steps=1, seeds=2000)

MODULES = by_test(test_trainer.test_agrees_with_modules, "local steps", 40)
DEFECTS = ByClaim("link-2", WIDE)
DROPOUT = ByClaim("link-2", replace(WIDE, surrogates=1))
DESCENT = ByClaim("link-2", PLAIN)
SIZE = ByClaim("published/initial-loss/exact", INITIAL)


def local_steps(
    *,
    slope=lambda Z: Z > 0,
    error=lambda path, y: path[-1] - y,
    start=lambda net, W: W,
    held_at=lambda held, t: held,
):
    """Local training written out, for bugs in its parts; without any it is the trainer's."""

    def train(net, alg, W, Z, held, observer=None):
        L, path = start(net, W)[:, None], []
        for t in range(alg.tau + 1):
            signs = held_at(held, t) * net.a / (alg.xi * net.m**0.5)
            Z = net.X @ L
            if observer:
                observer.local(L, Z, held)
            path.append((Z.clamp(min=0) * signs[:, :, None]).sum(-1))
            if t < alg.tau:
                gradient = slope(Z) * signs[:, :, None] * error(path, net.y)[..., None]
                L = L - alg.eta * net.X.T @ gradient
        return L, torch.stack(path)

    return train


def one_step_too_few(net, alg, *rest):
    L, path = local_training(net, replace(alg, tau=alg.tau - 1), *rest)
    return L, torch.cat([path, path[-1:]])


def no_rescaling(net, alg, *rest):
    return local_training(net, replace(alg, xi=1.0), *rest)


def effective_step(net, alg, *rest):
    return local_training(net, replace(alg, eta=alg.zeta), *rest)


def sign_ignored(net, *rest):
    return local_training(replace(net, a=torch.ones_like(net.a)), *rest)


def single_precision(net, alg, *rest):
    L, path = local_training(net, alg, *rest)
    return L, path.float().double()


def over_p(W, L, held):
    return W + ((L - W[:, None]) * held[:, :, None]).sum(1) / held.shape[1]


def never_held_is_zero(W, L, held):
    """As in published code: such a neuron is dead from then on."""
    return aggregate(W, L, held) * (held.sum(1, keepdim=True) > 0)


def summed(W, L, held):
    return W + ((L - W[:, None]) * held[:, :, None]).sum(1)


def last_one_wins(W, L, held):
    for l in range(held.shape[1]):  # noqa: E741
        W = torch.where(held[:, l, None] > 0, L[:, l], W)
    return W


def never_held_is_divided_by(W, L, held):
    return W + ((L - W[:, None]) * held[:, :, None]).sum(1) / held.sum(1, keepdim=True)


def rounded_at_aggregation(W, L, held):
    return aggregate(W, L, held).float().double()


BUGS = {
    "no 1/xi scaling": Bug(trainer, "local_training", no_rescaling, (MODULES, DEFECTS)),
    "one local step too few": Bug(trainer, "local_training", one_step_too_few, (MODULES, DEFECTS)),
    "stale residual: that of the first local step in all": Bug(
        trainer, "local_training", local_steps(error=lambda path, y: path[0] - y),
        (MODULES, DESCENT),
    ),
    "masks redrawn at each local step": Bug(
        trainer, "local_training", local_steps(held_at=lambda held, t: held.roll(t, dims=-1)),
        (MODULES, DROPOUT),
    ),
    "average over p in place of N_r": Bug(trainer, "aggregate", over_p, (MODULES, DEFECTS)),
    "neurons with N_r = 0 set to zero": Bug(
        trainer, "aggregate", never_held_is_zero,
        (MODULES, by_test(test_trainer.test_a_neuron_that_no_mask_holds_stays), DROPOUT),
    ),
    "gradient through inactive neurons": Bug(
        trainer, "local_training", local_steps(slope=torch.ones_like), (MODULES, DESCENT)
    ),
    "mean loss in place of the sum: gradient divided by n": Bug(
        trainer, "local_training", local_steps(error=lambda path, y: (path[-1] - y) / len(y)),
        (MODULES, DEFECTS),
    ),
    "slope of relu at 0 taken as 1": Bug(
        trainer, "local_training", local_steps(slope=lambda Z: Z >= 0),
        (by_test(test_trainer.test_relu_is_flat_at_0),),
    ),
    "residuals of the surrogates averaged, not their weights": Bug(
        trainer, "local_training",
        local_steps(error=lambda path, y: (path[-1] - y).mean(1, keepdim=True)), (MODULES,),
    ),
    "surrogates start from W_0 in every round": Bug(
        trainer, "local_training", local_steps(start=lambda net, W: net.W_0.expand_as(W)),
        (MODULES, DEFECTS),
    ),
    "sign a ignored in surrogates": Bug(
        trainer, "local_training", sign_ignored, (MODULES,)
    ),
    "step zeta in place of eta": Bug(
        trainer, "local_training", effective_step, (MODULES, DEFECTS)
    ),
    "surrogate outputs in float32": Bug(
        trainer, "local_training", single_precision, (ByClaim("identity/aggregation", SUBNETS),)
    ),
    "weights in float32 after aggregation": Bug(
        trainer, "aggregate", rounded_at_aggregation,
        (MODULES, ByClaim("identity/aggregation", SUBNETS)),
    ),
    "changes summed, not averaged": Bug(trainer, "aggregate", summed, (MODULES, DEFECTS)),
    "the last surrogate wins": Bug(trainer, "aggregate", last_one_wins, (MODULES,)),
    "forgotten neurons: division by N_r = 0": Bug(
        trainer, "aggregate", never_held_is_divided_by,
        (by_test(test_trainer.test_a_neuron_that_no_mask_holds_stays),),
    ),
    "1/m in place of 1/sqrt(m)": Bug(
        Network, "own_outputs", lambda net, *Z: own_outputs(net, *Z) / net.m**0.5,
        (by_test(test_identities.test_output_covariance), SIZE),
    ),
    "kappa^2 in place of kappa in W_0": Bug(
        Network, "draw", classmethod(lambda cls, X, y, m, kappa, *labels: draw(
            cls, X, y, m, kappa**2, *labels)),
        (SIZE,),
    ),
    "signs a all equal": Bug(
        Network, "draw", classmethod(lambda cls, *args: replace(
            net := draw(cls, *args), a=torch.ones_like(net.a))),
        (SIZE,),
    ),
    "targets forgotten in the residual": Bug(
        Network, "e_0", property(lambda net: net.outputs(net.Z_0)),
        (MODULES, by_test(
            test_measurements.test_measurements_are_what_they_are_defined_to_be, "local steps")),
    ),
}  # fmt: skip
