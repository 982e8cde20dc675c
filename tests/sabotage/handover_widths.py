"""Bugs of what the width requirement and the scaling laws hand to their claims."""

from dataclasses import replace

import numpy as np

from tests.sabotage.handover import field, good_event, observe, observed, symbol
from tests.sabotage.planting import Bug, by_test
from tests.theorems.scaling_laws import test_oracles as scaling
from tests.theorems.width_requirement import test_oracles as width
from verify.experiments.kit import slopes
from verify.experiments.scaling_laws import experiment as scaling_experiment
from verify.experiments.scaling_laws import floors
from verify.experiments.width_requirement import lemmas
from verify.experiments.width_requirement import setting as width_setting
from verify.problems import geometry as problem_geometry
from verify.training.masked import trials
from verify.training.masked.good_event import Thresholds

SWEEPS, WIDTH = scaling.EXPERIMENT, width.EXPERIMENT
geometry, required = problem_geometry.geometry, width_setting.Setting.required.func
events, measured, slopes_of = dict(lemmas.EVENTS), trials.measured, slopes.slopes_of
predicted, network_symbols = floors.predicted, trials.network_symbols

MASKS = by_test(width.test_every_symbol_and_field, "masks")
SIGNS = by_test(width.test_every_symbol_and_field, "signs")
LEAVING = by_test(width.test_every_symbol_and_field, "leaving the good event")
WIDTH_SINGLE = by_test(width.test_every_symbol_and_field, "float32")
SWEEP = by_test(scaling.test_every_symbol_and_field, "sweep")
SWEPT_DESCENT = by_test(scaling.test_every_symbol_and_field, "gradient descent")
SWEPT_SUBNETS = by_test(scaling.test_every_symbol_and_field, "subnets")
RATIOS = by_test(scaling.test_every_symbol_and_field, "floors")


def in_reverse(concrete, network):
    """Not transposed: of equal rows it depends on LAPACK whether that changes eigenvectors."""
    found = network_symbols(concrete, network)
    return found | {"Phi": found["Phi"][::-1, ::-1]}


def residual_of_the_first(self, configuration, **options):
    """||e_0||^2 of one initialisation in the samples of all."""
    found = observe(self, configuration, **options)
    first = found.samples["loss_on_good_event"].symbols["e0_sq"]
    more = {
        name: [replace(s, symbols={**s.symbols, "e0_sq": first}) for s in row]
        for name, row in found.initialisations.items()
    }
    return replace(found, initialisations=more)


def event(name, wrong, case=None):
    """The event of a lemma with a slip; the check is the test of its events."""
    check = by_test(width.test_events_of_lemmas_where_they_happen_and_where_not, case or name)
    return Bug(lemmas, "EVENTS", {**events, name: wrong}, (check,))


def masks_of(concrete, network, trial, name):
    return lemmas._masks(concrete, network, trial, name)


def near_on_average(concrete, network, trial, at):
    share = lemmas._near_kinks(network, at).double().mean()
    return float(share) <= 2 * concrete.required["q"]


def first_round(name):
    """The event of the first of K rounds."""

    def wrong(concrete, network, trial, at):
        draw = lemmas._masks
        once = lambda *given: draw(*given)[:1]  # noqa: E731
        lemmas._masks = once
        try:
            return events[name](concrete, network, trial, at)
        finally:
            lemmas._masks = draw

    return event(name, wrong)


def active_without_shares(concrete, network, trial, at):
    masks = masks_of(concrete, network, trial, "active")
    held = (masks @ lemmas._near_kinks(network, at).to(masks).T).max()
    return float(held) / (concrete.algorithm.xi * network.m) <= at["threshold"]


def active_in_shares(concrete, network, trial, at):
    shares = lemmas._shares(masks_of(concrete, network, trial, "active"))
    averaged = (shares @ lemmas._near_kinks(network, at).to(shares).T).max()
    return float(averaged) * concrete.algorithm.p / network.m <= at["threshold"]


def averaging_about_theta(concrete, network, trial, at):
    weights = lemmas._shares(masks_of(concrete, network, trial, "averaging"))
    off = network.masked_kernel(weights) - concrete.symbols["theta"] * network.H
    return lemmas._largest(off) <= at["threshold"]


def curvature_over_xi(concrete, network, trial, at):
    xi = concrete.algorithm.xi
    kernels = network.masked_kernel(masks_of(concrete, network, trial, "curvature")) / xi
    return lemmas._largest(kernels - network.H) <= at["threshold"]


def residuals_off_the_good_event(concrete, network, trial, at):
    return events["residuals"](concrete, network, trial, {**at, "alpha": np.inf, "R": np.inf})


def mean_residual(found):
    return np.linalg.norm(found.residual[:, :-1, None] + found.noise, axis=-1).mean(-1)


def of_geometry(**change):
    def bug(problem):
        right = geometry(problem)
        return right | {name: wrong(problem.X, problem.y) for name, wrong in change.items()}

    return bug


def one_sequence(*given, **options):
    return measured(*given[:3], 1, **options)


def law_with(**change):
    """The law of a network with one of its numbers changed."""

    def bug(*given):
        right = predicted(*given)
        return replace(right, **{name: wrong(right) for name, wrong in change.items()})

    return bug


WIDTHS = {
    "float32 distances judged as float64": field(
        "distance", WIDTH_SINGLE, WIDTH, dtype=lambda s: "float64"
    ),
    "norm of the Gram matrix without absolute values": Bug(
        problem_geometry, "geometry", of_geometry(g=lambda X, y: np.linalg.norm(X @ X.T, 2)),
        (SIGNS,),
    ),
    "zeta over ||X||, not its square": Bug(
        problem_geometry, "geometry", of_geometry(norm_X=lambda X, y: np.linalg.norm(X, 2) ** 0.5),
        (MASKS,),
    ),
    "Frobenius norm of X": Bug(
        problem_geometry, "geometry", of_geometry(norm_X=lambda X, y: np.linalg.norm(X)), (MASKS,)
    ),
    "mean square of y": Bug(
        problem_geometry, "geometry", of_geometry(y_sq=lambda X, y: np.mean(y**2)), (MASKS,)
    ),
    "R without sqrt(n)": symbol("R", lambda s: s["kappa"] / 10, MASKS, WIDTH),
    "v_A and v_B swapped": symbol("v_A", lambda s: s["v_B"], MASKS, WIDTH),
    "m* for the width that is trained": symbol("m", lambda s: s["m"] + 1, MASKS, WIDTH),
    "e_0 of the first initialisation for all": observed(WIDTH, residual_of_the_first, LEAVING),
    "good event of round K - 1": Bug(
        Thresholds, "good_event",
        lambda t, f: np.concatenate([good_event(t, f)[:, :1], good_event(t, f)[:, :-1]], axis=1),
        (LEAVING,),
    ),
    "alpha of the good event r, not r/4": Bug(
        width_setting.Setting, "required",
        property(lambda s: required(s) | {"R": 2 * required(s)["R"]}), (LEAVING,),
    ),
    "share of all trials": field("loss_on_good_event", LEAVING, WIDTH, share=lambda s: 0.5),
    "distance of single rounds": symbol(
        "travelled", lambda s: np.diff(s["travelled"], axis=1, prepend=0.0), MASKS, WIDTH
    ),
    "nu of the last round": symbol("nu", lambda s: s["nu"] * 0 + s["nu"][:, -1:], MASKS, WIDTH),
    "mean residual of the surrogates": Bug(
        lemmas, "surrogate_residuals", mean_residual, (MASKS,)
    ),
    "largest eigenvalue in the kernel lemma": event(
        "kernel", lambda s, net, trial, at: float(net.spectrum[0][-1]) >= at["threshold"]
    ),
    "trace over n": event(
        "trace", lambda s, net, trial, at: float(net.Phi.diagonal().max()) <= at["threshold"]
    ),
    "initial loss without its square": event(
        "initial_loss", lambda s, net, trial, at: float(net.e_0.norm()) <= at["threshold"]
    ),
    "near neurons on average over inputs": event("near", near_on_average),
    "active neurons of the first round": first_round("active"),
    "active neurons without averaging": event(
        "active", active_without_shares, "active, few inactive"
    ),
    "active neurons in averages alone": event(
        "active", active_in_shares, "active, few active"
    ),
    "averaging kernels of the first round": first_round("averaging"),
    "averaging kernels about theta": event("averaging", averaging_about_theta),
    "curvature kernels of the first round": first_round("curvature"),
    "curvature with one xi": event("curvature", curvature_over_xi),
    "residuals off the good event as well": event("residuals", residuals_off_the_good_event),
}  # fmt: skip

SCALING = {
    "one mask sequence in a sweep": Bug(trials, "measured", one_sequence, (SWEEP,)),
    "slopes in widths, not their logarithms": Bug(
        slopes, "slopes_of", lambda w, v: slopes_of(np.exp(w / w.max()), v), (SWEEP,)
    ),
    "medians for slopes": Bug(
        slopes, "slopes_of",
        lambda w, v: slopes_of(w, v) * 0 + np.median(slopes_of(w, v), axis=0), (SWEEP,),
    ),
    "slopes between the ends of a sweep": Bug(
        slopes, "slopes_of", lambda w, v: slopes_of(w[[0, -1]], v[:, [0, -1]]),
        (SWEEP,),
    ),
    "exponent -1/2 for the floor of subnets": Bug(
        scaling_experiment, "exponent", lambda name: -0.5, (SWEPT_SUBNETS,)
    ),
    "from below only": field(
        "slope_of_defect", SWEEP, SWEEPS, values=lambda s: np.ones_like(s.values)
    ),
    "floor of the first third": Bug(
        trials, "last_third", lambda K: slice(0, max(1, K // 3)), (SWEPT_SUBNETS, RATIOS)
    ),
    "floor of the last round": Bug(
        trials, "last_third", lambda K: slice(-1, None), (SWEPT_SUBNETS,)
    ),
    "r at all of lambda_0": symbol("r", lambda s: 2 * s["r"], SWEPT_DESCENT, SWEEPS),
    "widths counted from 0": symbol("widths", lambda s: s["widths"] - 1, SWEPT_DESCENT, SWEEPS),
    "largest width asked for": symbol("largest", lambda s: 70, SWEPT_DESCENT, SWEEPS),
    "spread without sqrt(masks)": symbol(
        "spread", lambda s: s["spread"] / 3, RATIOS, SWEEPS
    ),
    "law of eigenvectors in reverse": Bug(trials, "network_symbols", in_reverse, (RATIOS,)),
    "root mean square floor": Bug(
        floors, "predicted", law_with(floor=lambda law: law.floor**0.5), (RATIOS,)
    ),
    "twice the deviation": Bug(
        floors, "predicted", law_with(deviation=lambda law: 1.5 * law.deviation), (RATIOS,)
    ),
}  # fmt: skip

BUGS = WIDTHS | SCALING
