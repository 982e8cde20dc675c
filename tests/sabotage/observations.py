"""Bugs where configurations become symbols and measurements samples: coupled pairs, node scalings.

Each is seen by the oracle of the value that it spoils, on a configuration where it shows.
"""

from importlib import import_module
from math import sqrt

import numpy as np

from tests.sabotage.planting import Bug, by_test
from tests.theorems.coupled_initialisation import test_oracles as coupled
from tests.theorems.node_scaling import test_oracles as node
from tests.verify.training.gradient_descent import test_margin_limits
from verify.experiments.coupled_initialisation import lemmas, training
from verify.experiments.coupled_initialisation.setting import Setting
from verify.experiments.kit import slopes
from verify.experiments.node_scaling import certificates, experiment
from verify.experiments.node_scaling import setting as node_setting
from verify.training.gradient_descent import margin
from verify.training.gradient_descent.flow import Flow

PAIRS = by_test(coupled.test_every_symbol_and_field, "what the claims require")
STILL = by_test(coupled.test_every_symbol_and_field, "flips in some trials")
AT_ONCE = by_test(coupled.test_every_symbol_and_field, "flips at once")
FEW = by_test(coupled.test_every_symbol_and_field, "few pairs")
DEAD = by_test(coupled.test_every_symbol_and_field, "one input, pairs that are dead")
CERTIFIED = by_test(node.test_every_symbol_and_field, "certificates in some trials")
NODES = by_test(node.test_every_symbol_and_field, "four nodes")
REQUIRED = by_test(node.test_every_symbol_and_field, "what the theorem requires")
EITHER = by_test(node.test_every_symbol_and_field, "the kernel or the nodes near")
SWEEPS = by_test(node.test_every_symbol_and_field, "sweeps of equal scalings")
LIMITS = by_test(test_margin_limits.test_low_truth_high, "of full rank")

below, still, event, best_length = (
    training.below, training.still, training.event, training.best_length
)  # fmt: skip
mask, salts, symbols = lemmas._mask, Setting.salts, Setting.symbols
near, best = certificates.near, certificates.best
columns, later, scalings = experiment._columns, experiment._later, node_setting.scalings
slopes_of, sweep_symbols = slopes.slopes_of, slopes.sweep_symbols


def somewhere(values, bound, scale):
    under = [below(values[:, k : k + 1], np.atleast_1d(bound[..., k]), scale)
             for k in range(values.shape[1])]  # fmt: skip
    return np.any(under, axis=0)


def of_the_other_loss(concrete, *, logistic=False):
    return symbols(concrete, logistic=logistic) | {"eta": symbols(concrete)["eta"]}


def of_each_other(best, shape):
    """The certificate of the trial before."""
    return columns([*best[-1:], *best[:-1]], shape)


def first_input(network, trial, *rest):
    one = type(network)(network.X[:1], network.Z_0[:, :1], network.s)
    return near(one, trial, *rest)


def without_kernel(network, trial, lowest, nu, symbols):
    length = symbols["norm_X"] * sqrt(symbols["e0_sq"]) / symbols["gamma"]
    weights = np.full(network.m, 1 / network.m)
    return near(network, trial, length, lowest - 2 * nu * symbols["g"], weights) <= nu


def from_above(H, labels):
    found = margin(H, labels)
    return found._replace(low=1.01 * found.high)


BUGS = {
    "below its bound at some step": Bug(training, "below", somewhere, (FEW,)),
    "below its bound at the last step": Bug(
        training, "below", lambda values, bound, scale: below(
            values[:, -1:], np.atleast_1d(bound[..., -1]), scale), (FEW,)
    ),
    "below its bound in the first steps": Bug(
        training, "below", lambda values, bound, scale: below(
            values[:, :2], np.atleast_1d(bound[..., :2]), scale), (FEW,)
    ),
    "paths that flip judged with those that do not": Bug(
        training, "still", lambda flips: list(range(len(flips))), (STILL,)
    ),
    "paths that are calm in the first step judged": Bug(
        training, "still", lambda flips: still(flips[:, :2]), (STILL,)
    ),
    "the first of the paths judged": Bug(
        training, "still", lambda flips: still(flips)[:1], (PAIRS, AT_ONCE)
    ),
    "a trial dropped from events": Bug(
        training, "event", lambda happened, *rest: event(happened[1:], *rest), (STILL,)
    ),
    "events of the trials in reverse": Bug(
        training, "event", lambda happened, *rest: event(happened[::-1], *rest), (STILL, DEAD)
    ),
    "rho half as long": Bug(
        training, "best_length", lambda *given: best_length(*given) / 2, (PAIRS,)
    ),
    "eta of the squared loss in the symbols of the logistic": Bug(
        Setting, "symbols", of_the_other_loss, (PAIRS,)
    ),
    "lemmas and training on the same networks": Bug(
        Setting, "salts", lambda concrete, purpose, count: salts(concrete, "squared", count),
        (STILL,),
    ),
    "one mask for all initial outputs": Bug(
        lemmas, "_mask", lambda xi, m, salt: mask(xi, m, "one"), (PAIRS,)
    ),
    "a margin from above as that from below": Bug(
        import_module("verify.training.gradient_descent.margin"), "margin", from_above,
        (LIMITS, PAIRS),
    ),
    "slopes on the logarithm to base 2": Bug(
        slopes, "slopes_of", lambda widths, values: slopes_of(widths, values) * np.log(2),
        (PAIRS, SWEEPS),
    ),
    "sweeps said to be wider": Bug(
        slopes, "sweep_symbols", lambda widths, tolerance: sweep_symbols(
            widths, tolerance) | {"largest": 2 * int(widths[-1])}, (PAIRS, SWEEPS)
    ),
    "nodes near the kink of the first input": Bug(certificates, "near", first_input, (CERTIFIED,)),
    "the certificate of the first trial for all": Bug(
        certificates, "best", lambda network, trial, *rest: best(network, 0, *rest), (CERTIFIED,)
    ),
    "certificates of other trials": Bug(experiment, "_columns", of_each_other, (CERTIFIED, NODES)),
    "the certificate without its kernel": Bug(
        certificates, "holds", without_kernel, (EITHER,)
    ),
    "H in place of H of equal nodes": Bug(
        certificates, "kernel", lambda network, trial: network.H[trial], (CERTIFIED,)
    ),
    "times of the moves one too early": Bug(
        experiment, "_later", lambda values: {
            name: v[:, :-1] if np.ndim(v) == 2 else v for name, v in values.items()}, (NODES,)
    ),
    "integration error of a percent": Bug(
        Flow, "loss_error", property(lambda path: 0.01 * path.loss), (NODES,)
    ),
    "unequal scalings of the nodes, not of the pairs": Bug(
        node_setting, "scalings", lambda width, gamma, alpha: scalings(width, gamma, alpha / 2),
        (CERTIFIED, REQUIRED),
    ),
}  # fmt: skip
