"""False statements, broken premises and broken trainers of trainable biases are refuted."""

from dataclasses import replace
from functools import cached_property
from unittest.mock import patch

import numpy as np
import pytest
import sympy as sp

from tests.bench import Bench, of_twins, verdict
from theory import claim
from theory.mathematics.shifted_kernel import owen
from theory.theorems.trainable_biases import symbols as S
from theory.theorems.trainable_biases import training
from verify.experiments.trainable_biases import descent, generalisation, width
from verify.experiments.trainable_biases.cases import (
    CERTIFIED,
    CLASS,
    FLIPPING,
    KERNEL,
    LARGE_BIAS,
    ONE,
    RISK,
    SCALED,
    SWEEP,
    WHOLE,
    WIDTH,
)
from verify.experiments.trainable_biases.configuration import Configuration
from verify.experiments.trainable_biases.experiment import EXPERIMENT
from verify.experiments.trainable_biases.setting import prepare
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict
from verify.training.gradient_descent import Network

BENCH = Bench("trainable-biases", "bias", "must fail")
every, changed = BENCH.every, BENCH.changed
HOLDS, REFUTED, OUT = Verdict.HOLDS, Verdict.REFUTED, Verdict.OUT_OF_REGIME
STEPS = replace(SCALED, samples=3, seeds=12, reduction=0.02, width=400)
k = sp.Symbol("k", integer=True, nonnegative=True)


def doubled_squares(bound):
    """w_k = 2 c_k^2: the trained bias forgotten in the weights."""
    return sp.Sum(2 * S.c[k + 1] ** 2 * S.G**k, (k, 0, S.top))


def just_below(bound):
    """The number of steps, not rounded up."""
    return bound.subs({e: e.args[0] for e in bound.atoms(sp.ceiling)})


TWO = replace(LARGE_BIAS, samples=2, dimension=2, bias=0.5)
"""Of two samples the circles are exact."""

FALSE = {
    "the kernel of frozen biases": ("kernel", KERNEL, lambda b: b.subs(S.t, 0)),
    "exp(-B^2/2)/2 for Q(B)": (
        "kernel", KERNEL, lambda b: (1 + S.G) * (sp.exp(-(S.B**2) / 2) / 2 - 2 * S.T),
    ),
    "weights 2 c_k^2": ("series", KERNEL, doubled_squares),
    "least eigenvalue times 1.1": ("schur", KERNEL, lambda b: b * 1.1),
    "row sums times 1.5": ("rows", KERNEL, lambda b: b * 1.5),
    "separation times 3": ("separation", KERNEL, lambda b: b * 3),
    "circles of nearly the radius": ("circles", TWO, lambda b: b + S.R_B / 100),
    "the condition number less 1 %": ("condition", TWO, lambda b: b * 0.99),
    "steps not rounded up": ("steps", STEPS, just_below),
    "the law of twice the step": ("law", SCALED, lambda b: b.subs(S.eta, 2 * S.eta)),
    "p for (1+tau) p": ("linear", replace(CLASS, trials=300), lambda b: b / sp.sqrt(1 + S.t)),
    "the complexity halved": ("complexity", replace(CLASS, evenness=1.1), lambda b: b / 2),
    "Q(B) for its root": ("mean-complexity", replace(CLASS, bias=2.0), lambda b: b * sp.sqrt(S.Q)),
    "twice the rate": ("rate", SCALED, lambda b: b.subs(S.eta, 2 * S.eta)),
    "a rate without flips": ("rate", FLIPPING, lambda b: b.subs(training.mu_0, S.lam)),
    "half of the way": ("travel", replace(ONE, kappa=1e3), lambda b: b / 2),
    "as sparse as at the start": ("fired", replace(CERTIFIED, bias=0.0), lambda b: b * 0.995),
}  # fmt: skip


right = of_twins(FALSE, BENCH.everywhere)


@pytest.mark.parametrize("what", FALSE)
def test_a_false_statement_is_refuted(what):
    name, configuration, bound = FALSE[what]
    samples = right(configuration)[name]
    assert verdict(claim(f"bias/{name}"), samples) is HOLDS
    assert verdict(changed(name, bound=bound), samples) is REFUTED


@pytest.mark.parametrize(("constant", "expected"), [(0.2, REFUTED), (0.5, HOLDS)])
def test_a_published_share_is_refuted_with_too_small_a_constant(constant, expected):
    samples = every(replace(KERNEL, constant=constant), "published-share")
    assert verdict(claim("bias/published-share"), samples) is expected


@pytest.mark.parametrize("name", ["published-share", "published-complexity", "published-rate"])
def test_published_statements_are_of_biases_that_are_not_negative(name):
    """Where most neurons are active a share of exp(-B^2/2) is none that anyone stated."""
    base = {"published-share": KERNEL, "published-complexity": CLASS, "published-rate": WHOLE}[name]
    samples = every(replace(base, bias=-2.0, trials=10, enough=40, draws=50), name)
    assert verdict(claim(f"bias/{name}"), samples) is OUT
    if name == "published-share":
        assert verdict(changed(name, without=all), samples) is REFUTED


def test_an_inverted_ratio_in_owens_function_is_refuted():
    """T(B, sqrt((1+G)/(1-G))): the angle of a row with the opposite of the other."""
    (sample,) = every(KERNEL, "kernel")
    G = sample.symbols["G"]
    wrong = {**sample.symbols, "T": owen(KERNEL.bias, np.pi - np.arccos(G))}
    assert verdict(claim("bias/kernel"), [replace(sample, symbols=wrong)]) is REFUTED


def test_a_slope_of_minus_one_is_refuted():
    with patch.object(width, "EXPONENT", -1.0):
        samples = every(replace(SWEEP, sweeps=40), "slope")
    assert verdict(claim("bias/slope"), samples) is REFUTED


def test_the_loss_on_the_sample_is_no_bound_of_the_risk():
    overfit = replace(RISK, steps=60, radius=3.0, evenness=50.0, samples=100, width=100)
    trained = changed("risk", bound=lambda b: S.mean_loss)
    assert verdict(trained, every(overfit, "risk")) is REFUTED


# --- premises ------------------------------------------------------------------------------------


def test_without_the_width_the_theorem_fails():
    """Few neurons, large targets: activations change, and the kernel with them."""
    narrow = replace(WHOLE, enough=12, target_scale=5.0, epsilon=0.05, delta=0.05, trials=150)
    samples = every(narrow, "theorem")
    assert verdict(claim("bias/theorem"), samples) is OUT
    assert verdict(changed("theorem", without=all), samples) is REFUTED


def test_without_the_width_the_kernel_is_another_one():
    samples = every(replace(WIDTH, enough=20), "least-eigenvalue")
    assert verdict(claim("bias/least-eigenvalue"), samples) is OUT
    assert verdict(changed("least-eigenvalue", without=all), samples) is REFUTED


def least_width(judged, symbols):
    """The least power of 2 that the premises admit."""
    return next(m for m in (2**j for j in range(1, 60)) if judged.regime({**symbols, "m": m}).holds)


def test_the_width_does_not_rise_as_targets_vanish():
    """With 6 log(n/delta)/p for its third width it would, like 1/||y||^2."""
    mended, rise, fall = claim("bias/theorem"), [], []
    st = mended.build()
    p = 2 * S.NORM * training.rho * training.phi_B
    kept = (*st.premises[:-1], S.m * p >= 6 * sp.log(S.n / S.delta))
    first = replace(mended, build=lambda: replace(st, premises=kept))
    for scale in (1.0, 0.1, 0.01, 0.001):
        c = Configuration(samples=2, bias=0.0, delta=0.05, target_scale=scale)
        symbols = width.before(prepare(c, "small targets"))
        fall.append(least_width(mended, symbols))
        rise.append(least_width(first, symbols))
    assert fall == sorted(fall, reverse=True)
    assert fall[-1] == fall[-2]
    assert rise[3] > 50 * fall[3]
    assert rise[:2] == fall[:2]


def at_the_kink(samples, factor, step, trials=40):
    """Shares of unchanged activations where the least |z| is `factor` times what (TB5) asks for."""
    c = Configuration(samples=samples, width=40, bias=0.5)
    found, symbols = [], []
    for number in range(trials):
        setting = prepare(c, f"kink {number}")
        (start,) = descent.started(setting, "kink", 1, 1.0)
        reach = setting.rows.length * setting.rows.norm * np.linalg.norm(start.e_0)
        kappa = factor * reach / (np.sqrt(c.width) * start.mu[0] * np.abs(start.z).min())
        (start,) = descent.started(setting, "kink", 1, kappa)
        start = replace(start, eta=step / start.mu[-1])
        path = descent.followed(start, setting.y, 30, [1, 30], 0.5)
        found.append(1 - path.flips.max() / start.z.size)
        symbols.append(descent.known(setting, start))
    names = ("eta", "lambda", "Lambda", "e_0", "gap", "norm_X", "m", "tau")
    return Sample(np.array(found), {name: np.array([s[name] for s in symbols]) for name in names})


EQUAL = S.gap >= (1 - sp.Rational(1, 10**9)) * training.STILL[2].rhs / training.MARGIN
"""(TB5) as an inequality that is not strict; beyond rounding, for kappa is rounded."""


def test_equality_moves_the_nearest_neuron_onto_its_kink():
    """One sample, eta = 1/Lambda; a margin of a millionth is enough."""
    st = claim("bias/unchanged").build()
    at_most = replace(claim("bias/unchanged"),
                      build=lambda: replace(st, premises=(*training.STILL[:2], EQUAL)))  # fmt: skip
    equal, beyond = at_the_kink(1, 1.0, 1.0), at_the_kink(1, 1 + 2e-6, 1.0)
    assert verdict(claim("bias/unchanged"), [equal]) is OUT
    assert verdict(at_most, [equal]) is REFUTED
    assert verdict(claim("bias/unchanged"), [beyond]) is HOLDS
    assert verdict(claim("bias/unchanged"), [at_the_kink(3, 1 + 2e-6, 1.0)]) is HOLDS


def test_large_steps_change_activations():
    """eta = 1.9/Lambda: descent converges, but not in the law's way."""
    sample = at_the_kink(1, 1 + 2e-6, 1.9)
    free = changed("unchanged", without=training.STILL[:1])
    assert verdict(claim("bias/unchanged"), [sample]) is OUT
    assert verdict(free, [sample]) is REFUTED


def test_at_scale_one_the_law_is_out_of_its_regime_and_false():
    plain = replace(SCALED, kappa=1.0, target_scale=1.0, width=100)
    for name in ("law", "unchanged"):
        samples = every(plain, name)
        assert verdict(claim(f"bias/{name}"), samples) is OUT
        assert verdict(changed(name, without=all), samples) is REFUTED


def test_at_scale_one_where_activations_change_steps_are_not_those_of_the_law():
    """n = 10, d = 4, B = 1.5: the least eigenvalue is small, and what changes makes it smaller."""
    plain = Configuration(samples=10, dimension=4, bias=1.5, target_scale=1.0, steps=400, seeds=3,
                          points=2)  # fmt: skip
    (sample,) = samples = every(plain, "steps")
    asked = claim("bias/steps").evaluate(sample.symbols, where=np.array(True)).bound
    assert (sample.values > 2 * asked).any()
    assert verdict(claim("bias/steps"), samples) is OUT
    assert verdict(changed("steps", without=all), samples) is REFUTED
    still = every(replace(plain, kappa=1e6), "steps")
    assert verdict(claim("bias/steps"), still) is HOLDS


def test_a_rate_without_a_certificate_is_refuted():
    """nu = lambda/(4 g) where more neurons are near their kink than that."""
    plain = replace(SCALED, kappa=1.0, target_scale=5.0, width=200, seeds=10)
    samples = every(plain, "rate")
    assert verdict(claim("bias/rate"), samples) is OUT
    assert verdict(changed("rate", without=all), samples) is REFUTED


# --- trainers ------------------------------------------------------------------------------------


class Reversed(Network):
    """Biases go up the gradient."""

    @cached_property
    def G(self):
        return self.X[:, :-1] @ self.X[:, :-1].T - 1.0


ITERATES = descent.iterates
BROKEN = {
    "biases that stay": lambda net, *rest: ITERATES(
        Network(net.X[:, :-1], net.Z_0, net.s), *rest
    ),
    "biases that go up": lambda net, *rest: ITERATES(Reversed(net.X, net.Z_0, net.s), *rest),
    "half of the step": lambda net, y, eta, steps: ITERATES(net, y, eta / 2, steps),
}  # fmt: skip
SEEN = {
    "biases that stay": ("law", "rate", "steps"),
    "biases that go up": ("law", "rate", "travel", "fired", "unchanged", "steps"),
    "half of the step": ("law", "rate", "steps"),
}


@pytest.mark.parametrize("trainer", BROKEN)
def test_a_broken_trainer_is_refuted(trainer):
    quantities = {claim(f"bias/{name}").quantity.name for name in SEEN[trainer]}
    with patch.object(descent, "iterates", BROKEN[trainer]):
        found = EXPERIMENT.observe(SCALED, salt="must fail", quantities=quantities)
    for name in SEEN[trainer]:
        judged = claim(f"bias/{name}")
        assert verdict(judged, found.of(judged.quantity.name)) is REFUTED, name


def test_a_biased_start_is_refuted():
    """Neurons drawn with the bias of opposite sign."""
    c = replace(KERNEL, bias=0.3)
    samples = every(c, "active")
    wrong = [replace(s, symbols={**s.symbols, "B": -0.3}) for s in samples]
    assert verdict(claim("bias/active"), samples) is HOLDS
    assert verdict(claim("bias/active"), wrong) is REFUTED


def test_an_ascent_out_of_the_class_is_refuted():
    """Neurons that are not kept within R_w, where that is small."""
    c = replace(CLASS, width=40, evenness=1.0, radius=4.0, samples=3)
    assert verdict(claim("bias/complexity"), every(c, "complexity")) is not REFUTED
    with patch.object(generalisation.Class, "within", lambda near, c: 3 * c):
        samples = every(c, "complexity")
    assert verdict(claim("bias/complexity"), samples) is REFUTED
