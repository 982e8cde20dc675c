"""Bugs of what experiments hand to claims: symbols, samples, events, thresholds.

Most are planted where the observations leave the experiment, which is what a bug inside comes to;
the others where the names below say.
"""

from dataclasses import replace

import numpy as np

from tests.sabotage.planting import Bug, by_test
from tests.theorems.masked_training import test_oracles as masked
from tests.theorems.scaling_laws import test_oracles as scaling
from tests.theorems.width_requirement import test_oracles as width
from theory.language.errors import InvalidArgument
from verify.experiments.masked_training import samples, setting
from verify.experiments.masked_training.setting import Setting, Thresholds
from verify.experiments.scaling_laws import experiment as scaling_experiment
from verify.experiments.scaling_laws import floors
from verify.experiments.width_requirement import lemmas, study
from verify.experiments.width_requirement import setting as width_setting
from verify.training.masked.measure import Measurements

TRAINING, SWEEPS, WIDTH = map(type, (masked.EXPERIMENT, scaling.EXPERIMENT, width.EXPERIMENT))
symbols, pilot, prepare, control = Setting.symbols, setting.pilot, setting.prepare, samples._control
linearised, good_event = samples._linearised_loss, Thresholds.good_event
geometry, required = width_setting.geometry, width_setting.Setting.required.func
events, measured, slopes_of = dict(lemmas.EVENTS), study.measured, scaling_experiment.slopes_of
predicted, network_symbols = floors.predicted, study.network_symbols

NOISY = by_test(masked.test_every_symbol_and_field, "noisy")
SUBNETS = by_test(masked.test_every_symbol_and_field, "subnets")
DESCENT = by_test(masked.test_every_symbol_and_field, "gradient descent")
FILE = by_test(masked.test_every_symbol_and_field, "a file")
SINGLE = by_test(masked.test_every_symbol_and_field, "float32")
THEOREM_2 = by_test(masked.test_every_symbol_and_field, "in the regime of theorem 2")
STEP = by_test(masked.test_the_limit_of_the_step_size_is_that_of_zeta, "bernoulli")
MASKS = by_test(width.test_every_symbol_and_field, "masks")
SIGNS = by_test(width.test_every_symbol_and_field, "signs")
LEAVING = by_test(width.test_every_symbol_and_field, "leaving the good event")
WIDTH_SINGLE = by_test(width.test_every_symbol_and_field, "float32")
FULL = by_test(width.test_every_symbol_and_field, "gradient descent")
SWEEP = by_test(scaling.test_every_symbol_and_field, "sweep")
SWEPT_SUBNETS = by_test(scaling.test_every_symbol_and_field, "subnets")
RATIOS = by_test(scaling.test_every_symbol_and_field, "floors")


def handed_over(experiment, change, check):
    """`observe` with `change(samples)` in place of the samples of one or all initialisations."""
    observe = experiment.observe

    def bug(self, configuration, **options):
        found = observe(self, configuration, **options)
        more = {
            name: tuple(change({name: sample})[name] for sample in row)
            for name, row in found.initialisations.items()
        }
        return replace(found, samples=change(dict(found.samples)), initialisations=more)

    return Bug(experiment, "observe", bug, (check,))


def field(quantity, check, experiment=TRAINING, **wrong):
    """Fields of the sample of a quantity computed from the sample."""

    def change(found):
        if quantity in found:
            sample = found[quantity]
            values = {name: compute(sample) for name, compute in wrong.items()}
            found[quantity] = replace(sample, **values)
        return found

    return handed_over(experiment, change, check)


def symbol(name, wrong, check, experiment=TRAINING):
    """A symbol, wherever it is, computed from all of its sample."""

    def change(found):
        for quantity, sample in found.items():
            if name in sample.symbols:
                new = {**sample.symbols, name: wrong(sample.symbols)}
                found[quantity] = replace(sample, symbols=new)
        return found

    return handed_over(experiment, change, check)


def configured(experiment, check, **wrong):
    """`observe` of a configuration some of whose options are others."""
    observe = experiment.observe

    def bug(self, configuration, **options):
        return observe(self, replace(configuration, **wrong), **options)

    return Bug(experiment, "observe", bug, (check,))


def rotated(concrete, network, found):
    """Phi of a network in other vectors than v_1, ..., v_n."""
    v = network.spectrum[1]
    return found | {"Phi": (v @ network.Phi @ v.T).numpy()}


def rows_for_columns(concrete):
    """c_j = <e_j, V e_0> in place of <v_j, e_0>."""
    c_j = (concrete.network.spectrum[1] @ concrete.network.e_0).numpy()
    return symbols(concrete) | {"c_j": c_j, "c_sq": c_j**2}


class Noisier:
    """A mask law of more variance than its own."""

    def __init__(self, law):
        self.law = law

    def moments(self, p, xi):
        found = self.law.moments(p, xi)
        return found | {"V": 1.05 * found["V"]}


def larger_covariance(concrete, found):
    algorithm = replace(concrete.algorithm, law=Noisier(concrete.algorithm.law))
    return control(replace(concrete, algorithm=algorithm), found)


def limit_of_eta(configuration, salt):
    """eta Lambda <= 1 is asked, not zeta Lambda <= 1."""
    if configuration.eta is None:
        return prepare(configuration, salt)
    concrete = prepare(replace(configuration, eta=None, zeta_lambda=0.5), salt)
    if configuration.eta * concrete.network.spectrum[0][-1] > 1:
        raise InvalidArgument("eta", configuration.eta, "at most 1/Lambda")
    return replace(concrete, algorithm=replace(concrete.algorithm, eta=configuration.eta))


def pilots(**change):
    """The thresholds with a slip in how pilot seeds fix them."""

    def bug(concrete, found):
        right = pilot(concrete, found)
        return replace(
            right, **{name: wrong(right, concrete, found) for name, wrong in change.items()}
        )

    return bug


def of_its_own_round(thresholds, concrete, found):
    return concrete.configuration.headroom * (found.defect / found.rho).max(axis=0)


def some_pilots(of):
    """The thresholds of a part of the pilot seeds, or of their mean."""

    def bug(concrete, found):
        return pilot(concrete, Measurements(**{k: of(v) for k, v in vars(found).items()}))

    return bug


def late(thresholds, found):
    """The displacement after a round decides as well, so G_k looks at W_k."""
    held = good_event(thresholds, found)
    return held & np.logical_and.accumulate(found.displacement <= thresholds.R, axis=1)


def without_displacement(thresholds, found):
    return good_event(replace(thresholds, R=np.inf), found)


def true_noise_always(concrete, thresholds, found, good):
    return linearised(concrete, replace(thresholds, R=np.inf), found, good)


def event(name, wrong):
    """The event of a lemma with a slip; the check is the test of its events."""
    check = by_test(width.test_events_of_lemmas_where_they_happen_and_where_not, name)
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


SYMBOLS = {
    "Phi rotated by transposed eigenvectors": Bug(
        Setting, "symbols", lambda s: rotated(s, s.network, symbols(s)), (NOISY, SUBNETS)
    ),
    "c_j by rows of the eigenvectors": Bug(Setting, "symbols", rows_for_columns, (NOISY,)),
    "Phi with its diagonal alone": symbol(
        "Phi", lambda s: np.diag(np.diag(s["Phi"])), NOISY
    ),
    "c_sq not squared": symbol("c_sq", lambda s: abs(s["c_j"]), NOISY),
    "||e_0|| without its square": symbol("e0_sq", lambda s: s["e0_sq"] ** 0.5, NOISY),
    "second eigenvalue for the first": symbol("lambda", lambda s: s["mu"][1], NOISY),
    "trace for the largest eigenvalue": symbol("Lambda", lambda s: sum(s["mu"]), NOISY),
    "lambda_0 of this W_0": symbol("lambda_0", lambda s: s["mu"][0], NOISY),
    "norm of the Gram matrix without absolute values": Bug(
        width_setting, "geometry", of_geometry(g=lambda X, y: np.linalg.norm(X @ X.T, 2)),
        (SIGNS,),
    ),
    "dimension of the span for d": symbol("d", lambda s: min(s["n"], s["d"]), NOISY),
    "zeta and eta swapped": symbol("zeta", lambda s: s["eta"], NOISY),
    "eta as xi^2 zeta": symbol("eta", lambda s: s["xi"] ** 2 * s["zeta"], NOISY),
    "kurtosis without the concentration": symbol("excess", lambda s: s["excess"] * s["m"], NOISY),
    "V of one surrogate": symbol("V", lambda s: s["V"] * s["p"], NOISY),
    "theta as xi": symbol("theta", lambda s: s["xi"], NOISY),
    "rounds from 1": symbol("k", lambda s: s["k"] + 1, NOISY),
    "targets from above only": symbol("y_max", lambda s: 0.5 * s["y_max"], FILE),
    "C just below |y| + 1": symbol("C", lambda s: (1 + s["y_max"]) * (1 - 1e-12), NOISY),
    "rows of other norms taken for unit rows": symbol("row_norm_deviation", lambda s: 0.0, FILE),
    "mean of alpha_j for the largest": symbol("alpha", lambda s: np.mean(s["alpha_j"]), NOISY),
    "alpha of the first round": symbol("alpha", lambda s: s["alpha_j"][0], NOISY),
    "c of the first round": Bug(
        setting, "best_c", lambda s, best=setting.best_c: best({**s, "K": 1}), (DESCENT,)
    ),
    "limit of --eta at eta Lambda": Bug(setting, "prepare", limit_of_eta, (STEP,)),
    "one watched seed": configured(TRAINING, NOISY, watched=1),
    "targets of another scale": configured(TRAINING, NOISY, target_scale=1.0),
    "displacement of the first seed": symbol(
        "displacement", lambda s: 0.99 * s["displacement"], THEOREM_2
    ),
}  # fmt: skip

THRESHOLDS = {
    "alpha_j without the headroom": Bug(
        setting, "pilot", pilots(alpha=lambda t, s, _: t.alpha / s.configuration.headroom),
        (NOISY,),
    ),
    "R without the headroom": Bug(
        setting, "pilot", pilots(R=lambda t, s, _: t.R / s.configuration.headroom), (NOISY,)
    ),
    "R of the last round": Bug(
        setting, "pilot",
        pilots(R=lambda _, s, f: s.configuration.headroom * f.displacement[:, 0].max()), (NOISY,),
    ),
    "alpha_j of one pilot seed": Bug(
        setting, "pilot", some_pilots(lambda array: array[:1]), (NOISY,)
    ),
    "alpha_j of the mean over pilot seeds": Bug(
        setting, "pilot", some_pilots(lambda array: array.mean(0, keepdims=True)), (NOISY,)
    ),
    "alpha_j of the own round only": Bug(
        setting, "pilot", pilots(alpha=of_its_own_round), (NOISY,)
    ),
    "good event decided by where the round ends": Bug(Thresholds, "good_event", late, (NOISY,)),
    "good event without the displacement": Bug(
        Thresholds, "good_event", without_displacement, (NOISY, LEAVING)
    ),
}  # fmt: skip

SAMPLES = {
    "covariance of the control 5 % too large": Bug(
        samples, "_control", larger_covariance, (NOISY,)
    ),
    "control of another sign": field("loss", NOISY, control=lambda s: -s.control),
    "control not centred": field("loss", NOISY, control=lambda s: s.control + s.values.mean()),
    "no control": field("linearised_loss", NOISY, control=lambda s: None),
    "indicator of the good event dropped": handed_over(
        TRAINING,
        lambda found: found | {"loss_on_good_event": replace(
            found["loss_on_good_event"], values=found["loss"].values)},
        NOISY,
    ),
    "share of the good event at the start": field("loss_on_good_event", NOISY,
                                                  share=lambda s: 1.0),
    "share by rounds": field(
        "loss_on_good_event", NOISY, share=lambda s: float((s.values > 0).mean())
    ),
    "share of the good event for all seeds": field("loss", NOISY, share=lambda s: 0.5),
    "nothing given": field("loss", NOISY, given=lambda s: 0),
    "one round given": field("loss_on_good_event", NOISY, given=lambda s: 2),
    "trivial bound ||y||^2": field("loss", NOISY, trivial=lambda s: s.symbols["y_sq"]),
    "rounding of the sum of losses": field("loss", NOISY, scale=lambda s: 1e3 * s.scale),
    "one path of descent not deterministic": field("loss", DESCENT,
                                                   deterministic=lambda s: False),
    "float32 judged as float64": field("loss", SINGLE, dtype=lambda s: "float64"),
    "float32 distances judged as float64": field(
        "distance", WIDTH_SINGLE, WIDTH, dtype=lambda s: "float64"
    ),
    "noise of W_k used outside R": Bug(samples, "_linearised_loss", true_noise_always, (NOISY,)),
    "linear from the round after": Bug(
        samples, "_linearised_loss",
        lambda s, t, f, good: linearised(s, t, f, np.roll(good, 1, axis=1) | (good * 0 > 0)),
        (NOISY,),
    ),
    "largest trivial defect": field("defect", NOISY, trivial=lambda s: s.trivial.max()),
    "defects in other seeds' places": field("defect", NOISY, values=lambda s: s.values[::-1]),
    "aggregation a round late": field("aggregation", SUBNETS,
                                      values=lambda s: np.roll(s.values, 1, axis=1)),
    "surrogate loss of one round": field("surrogate_loss", NOISY,
                                         values=lambda s: s.values * 0.95),
    "noise of whole neurons, tr Phi of their squares": field(
        "noise_variance", NOISY, values=lambda s: s.values**0.5
    ),
    "few initialisations": field("initial_loss", NOISY, values=lambda s: s.values[:-1]),
    "kernels in the first round": field(
        "surrogate_kernels_positive", THEOREM_2, values=lambda s: np.ones_like(s.values)
    ),
    "kernels against lambda_0/2": Bug(
        samples, "kernel_sample",
        lambda s, last, make=samples.kernel_sample: replace(
            make({**s, "xi": 1.0}, last), symbols=make(s, last).symbols),
        (THEOREM_2,),
    ),
}  # fmt: skip

WIDTHS = {
    "zeta over ||X||, not its square": Bug(
        width_setting, "geometry", of_geometry(norm_X=lambda X, y: np.linalg.norm(X, 2) ** 0.5),
        (MASKS,),
    ),
    "Frobenius norm of X": Bug(
        width_setting, "geometry", of_geometry(norm_X=lambda X, y: np.linalg.norm(X)), (MASKS,)
    ),
    "mean square of y": Bug(
        width_setting, "geometry", of_geometry(y_sq=lambda X, y: np.mean(y**2)), (MASKS,)
    ),
    "R without sqrt(n)": symbol("R", lambda s: s["kappa"] / 10, MASKS, WIDTH),
    "v_A and v_B swapped": symbol("v_A", lambda s: s["v_B"], MASKS, WIDTH),
    "m* for the width that is trained": symbol("m", lambda s: s["m"] + 1, MASKS, WIDTH),
    "e_0 of the first initialisation for all": symbol(
        "e0_sq", lambda s, seen=[]: (seen.append(s["e0_sq"]) or seen[0]), LEAVING, WIDTH
    ),
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
    "active neurons without averaging": event("active", active_without_shares),
    "averaging kernels of the first round": first_round("averaging"),
    "averaging kernels about theta": event("averaging", averaging_about_theta),
    "curvature kernels of the first round": first_round("curvature"),
    "curvature with one xi": event("curvature", curvature_over_xi),
    "residuals off the good event as well": event("residuals", residuals_off_the_good_event),
}  # fmt: skip

SCALING = {
    "one mask sequence in a sweep": Bug(study, "measured", one_sequence, (SWEEP,)),
    "slopes in widths, not their logarithms": Bug(
        scaling_experiment, "slopes_of", lambda w, v: slopes_of(np.exp(w / w.max()), v), (SWEEP,)
    ),
    "medians for slopes": Bug(
        scaling_experiment, "slopes_of",
        lambda w, v: slopes_of(w, v) * 0 + np.median(slopes_of(w, v), axis=0), (SWEEP,),
    ),
    "slopes between the ends of a sweep": Bug(
        scaling_experiment, "slopes_of", lambda w, v: slopes_of(w[[0, -1]], v[:, [0, -1]]),
        (SWEEP,),
    ),
    "exponent -1/2 for the floor of subnets": Bug(
        scaling_experiment, "exponent", lambda name: -0.5, (SWEPT_SUBNETS,)
    ),
    "from below only": field(
        "slope_of_defect", SWEEP, SWEEPS, values=lambda s: np.ones_like(s.values)
    ),
    "floor of the first third": Bug(
        study, "last_third", lambda K: slice(0, max(1, K // 3)), (SWEPT_SUBNETS, RATIOS)
    ),
    "floor of the last round": Bug(
        study, "last_third", lambda K: slice(-1, None), (SWEPT_SUBNETS,)
    ),
    "r at all of lambda_0": symbol("r", lambda s: 2 * s["r"], SWEEP, SWEEPS),
    "widths counted from 0": symbol("widths", lambda s: s["widths"] - 1, SWEEP, SWEEPS),
    "largest width asked for": symbol("largest", lambda s: 70, SWEEP, SWEEPS),
    "spread without sqrt(masks)": symbol(
        "spread", lambda s: s["spread"] / 3, RATIOS, SWEEPS
    ),
    "law of transposed eigenvectors": Bug(
        study, "network_symbols",
        lambda s, network: rotated(s, network, network_symbols(s, network)), (RATIOS,),
    ),
    "root mean square floor": Bug(
        floors, "predicted", law_with(floor=lambda law: law.floor**0.5), (RATIOS,)
    ),
    "twice the deviation": Bug(
        floors, "predicted", law_with(deviation=lambda law: 1.5 * law.deviation), (RATIOS,)
    ),
}  # fmt: skip

BUGS = SYMBOLS | THRESHOLDS | SAMPLES | WIDTHS | SCALING
