"""Bugs of what masked training hands to its claims: symbols, samples, events, thresholds.

Most are planted where the observations leave `Experiment.observe`, and hit one theorem alone: that
is what a bug inside comes to. The others are planted where the names below say.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import torch

from tests.sabotage.planting import Bug, by_test
from tests.theorems.masked_training import test_oracles as masked
from theory.language.errors import InvalidArgument
from verify.experiments.kit import Experiment
from verify.experiments.masked_training import samples, setting
from verify.experiments.masked_training.setting import Setting
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import Measurements

TRAINING = masked.EXPERIMENT
observe = Experiment.observe
symbols, pilot, prepare, control = Setting.symbols, setting.pilot, setting.prepare, samples._control
linearised, good_event = samples._linearised_loss, Thresholds.good_event

NOISY = by_test(masked.test_every_symbol_and_field, "noisy")
SUBNETS = by_test(masked.test_every_symbol_and_field, "subnets")
DESCENT = by_test(masked.test_every_symbol_and_field, "gradient descent")
FILE = by_test(masked.test_every_symbol_and_field, "a file")
SINGLE = by_test(masked.test_every_symbol_and_field, "float32")
THEOREM_2 = by_test(masked.test_every_symbol_and_field, "in the regime of theorem 2")
STEP = by_test(masked.test_the_limit_of_the_step_size_is_that_of_zeta, "bernoulli")


def observed(experiment, wrong, check):
    """`wrong(experiment, configuration, **options)` in place of `observe`, of one theorem alone."""

    def bug(self, configuration, **options):
        hit = self.configuration is experiment.configuration
        return (wrong if hit else observe)(self, configuration, **options)

    return Bug(Experiment, "observe", bug, (check,))


@cache
def observed_once(experiment, configuration, salt, quantities):
    """What is right, for all bugs that change what leaves `observe`."""
    return observe(experiment, configuration, salt=salt, quantities=quantities)


def handed_over(experiment, change, check):
    """`observe` with `change(samples)` in place of the samples of one or all initialisations."""

    def wrong(self, configuration, *, salt, quantities=None):
        found = observed_once(self, configuration, salt, quantities and frozenset(quantities))
        more = {
            name: tuple(change({name: sample})[name] for sample in row)
            for name, row in found.initialisations.items()
        }
        return replace(found, samples=change(dict(found.samples)), initialisations=more)

    return observed(experiment, wrong, check)


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

    def of_others(self, configuration, **options):
        return observe(self, replace(configuration, **wrong), **options)

    return observed(experiment, of_others, check)


def prepared(experiment, wrong, check):
    """`observe` of a setting that is prepared with a slip."""

    def in_its_place(self, configuration, **options):
        return observe(replace(self, prepare=wrong), configuration, **options)

    return observed(experiment, in_its_place, check)


def right_handed(network):
    """v_1, ..., v_n as columns of a rotation: a reflection of the plane is its own transpose."""
    v = network.spectrum[1]
    return torch.cat([v[:, :1] * torch.linalg.det(v).sign(), v[:, 1:]], 1)


def rotated(concrete, network, found):
    """Phi of a network in other vectors than v_1, ..., v_n."""
    v = right_handed(network)
    return found | {"Phi": (v @ network.Phi @ v.T).numpy()}


def rows_for_columns(concrete):
    """c_j = <e_j, V e_0> in place of <v_j, e_0>."""
    c_j = (right_handed(concrete.network) @ concrete.network.e_0).numpy()
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
    "c = 1 where a better one is allowed": Bug(setting, "best_c", lambda s: 1.0, (DESCENT,)),
    "limit of --eta at eta Lambda": prepared(TRAINING, limit_of_eta, STEP),
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
        Thresholds, "good_event", without_displacement, (NOISY,)
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

BUGS = SYMBOLS | THRESHOLDS | SAMPLES
