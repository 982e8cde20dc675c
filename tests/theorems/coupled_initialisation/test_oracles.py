"""Every symbol, field and event that coupled initialisation hands to claims, against oracles."""

from dataclasses import replace
from math import ceil, log, sqrt

import numpy as np
import pytest
from scipy.special import erf
from scipy.stats import binom

from tests.oracles import alone, walk
from tests.theorems.coupled_initialisation import circle_by_hand
from tests.theorems.coupled_initialisation.curves import OF_LOGISTIC, OF_LOSSES, OF_SQUARED
from tests.theorems.coupled_initialisation.oracles import ORACLES, moved
from tests.verify.training.gradient_descent import by_hand
from theory import claim, registry

EXPERIMENT = registry.theorem("coupled-initialisation").load_experiment()
Configuration = EXPERIMENT.configuration

REQUIRED = Configuration(
    data="sphere", samples=3, dimension=4, targets="noise", target_scale=0.7, step=0.6, steps=7,
    logistic_step=1.5, logistic_steps=9, risk=0.6, delta=0.6, epsilon=0.4, trials=5, xi=0.7,
    outputs=12, sweeps=12, smallest=4, largest=70, tolerance=0.15,
)  # fmt: skip
NARROW = replace(
    REQUIRED, pairs=7, init_scale=2.0, delta=0.9, steps=14, step=0.9, logistic_step=0.8,
    logistic_steps=12, trials=24, risk=0.62, sweeps=1, epsilon=0.3,
)  # fmt: skip
FEW = replace(NARROW, pairs=3, epsilon=0.05, init_scale=0.1, target_scale=1.5, trials=40,
              steps=12)  # fmt: skip
DEAD = replace(
    REQUIRED, samples=1, epsilon=0.999, delta=0.62, pairs=1, init_scale=5.0, trials=12, sweeps=1
)
CASES = {
    "what the claims require": REQUIRED,
    "flips in some trials": NARROW,
    "flips in every trial, not at once": replace(NARROW, pairs=40, init_scale=0.7, trials=12),
    "flips at once": replace(NARROW, pairs=120, init_scale=0.01, trials=3, logistic_step=4.0),
    "few pairs": FEW,
    "few pairs, large steps": replace(
        FEW, init_scale=0.3, step=2.5, target_scale=0.5, logistic_step=4.0, logistic_steps=40,
        steps=14, risk=0.2,
    ),
    "one input, pairs that are dead": DEAD,
    "four inputs, three pairs": replace(DEAD, samples=4, data="orthogonal", delta=0.91, pairs=9,
                                        trials=30),
    "one input, few pairs": replace(DEAD, epsilon=0.3, delta=0.916, trials=30),
    "a risk that rises again": replace(
        FEW, samples=5, dimension=2, pairs=2, init_scale=0.05, logistic_step=30.0, trials=10,
        logistic_steps=8, risk=0.39,
    ),
    "real data": replace(REQUIRED, data="digits", samples=4, steps=3, logistic_steps=2, trials=2,
                         sweeps=1),
}  # fmt: skip
"""Which paths are judged depends on what they do."""

CIRCLE = set(circle_by_hand.SAMPLES)
SOME = {
    "what the claims require": EXPERIMENT.quantities - CIRCLE,
    **dict.fromkeys(("flips in some trials", "flips in every trial, not at once", "flips at once",
                     "one input, pairs that are dead", "real data"),
                    EXPERIMENT.quantities - CIRCLE),
    "few pairs": {"convergence", "published_squared", "logistic", "published_logistic", "loss",
                  "logistic_risk"},
    "few pairs, large steps": {"published_squared", "published_logistic"},
    "one input, few pairs": {"kernel", "logistic_margin"},
    "four inputs, three pairs": {"kernel", "logistic_margin"},
    "a risk that rises again": {"published_logistic"},
}  # fmt: skip
"""Quantities of cases that are for these alone."""


def some(*names):
    """Events that happen in some trials and not in others."""
    return {f"{name} and not": lambda it, name=name: 0 < it.events[name].mean() < 1
            for name in names}  # fmt: skip


def over(it, name):
    values, bound = it.bounds[name]
    return values > bound * (1 + 1e-9) + 1e-9 * max(1, it.at["y_sq"])


def quantified(name):
    """Paths that are over early alone, and late alone: the first step, or the last, will not do."""
    return {
        f"{name} fails early alone": lambda it: any(
            row.any() and not row[-1] for row in over(it, name)
        ),
        f"{name} fails late alone": lambda it: any(
            row.any() and not row[: 2 - (name == "logistic")].any() for row in over(it, name)
        ),
    }


def clear(it):
    """No path touches its bound but for the start: rounding decides nothing."""
    found = [(values, bound) for name, (values, bound) in it.bounds.items()]
    gaps = [abs(values / bound - 1)[:, -max(1, values.shape[1] - 1) :] for values, bound in found]
    return min(gap.min() for gap in gaps) > 1e-6


def branch(runs, never, first):
    """Whether some trials never flip, and some do not in the first step."""

    def test(it):
        chosen = getattr(it, runs)
        still = [run for run in chosen if not moved(run)]
        calm = [run for run in chosen if run.flips[1] == 0]
        return (0 < len(still) < len(chosen)) == never and (0 < len(calm) < len(chosen)) == first

    return test


def both(**of):
    runs = ("squared_runs", "logistic_runs")
    return {f"{of} in {name}": branch(name, **of) for name in runs}


LEMMAS_MIX = {
    "lemmas that hold and not": lambda it: all(
        0 < np.mean(happened) < 1 for _, happened in it.lemmas.values()
    )
}
SHOWS = {
    "what the claims require": {
        "unlike widths": lambda it: it.squared["kappa"] != it.logistic["kappa"],
        "eigenvalues and targets that differ": lambda it: min(
            np.diff(np.linalg.eigvalsh(it.squared_runs[0].network.H))
        ) > 0.02,
        "sweeps near the exponent and not": lambda it: (
            0.2 < (abs(it.slopes + 0.5) <= it.configuration.tolerance).mean() < 0.8
        ),
        "no slope at the edge": lambda it: min(
            abs(abs(it.slopes + 0.5) - it.configuration.tolerance)) > 1e-6,
        "both labels": lambda it: len(set(it.labels)) == 2,
    },
    "flips in some trials": both(never=True, first=True) | some("margin", "frozen",
                                                                "logistic_frozen")
    | {"a run that ends with the activations it had, after flips": lambda it: any(
        moved(run) and (run.network.active(run.W[-1]) == run.network.active(run.W[0])).all()
        for run in it.squared_runs)},
    "flips in every trial, not at once": both(never=False, first=True),
    "flips at once": both(never=False, first=False),
    "few pairs": some("convergence", "published_squared", "logistic", "published_logistic")
    | quantified("convergence") | quantified("logistic") | {"clear": clear},
    "few pairs, large steps": some("published_logistic", "published_squared")
    | quantified("published_squared") | {"clear": clear},
    "one input, pairs that are dead": some("convergence", "logistic")
    | LEMMAS_MIX,
    "four inputs, three pairs": LEMMAS_MIX,
    "one input, few pairs": {
        "margins between the share and its root": lambda it: any(
            1 - it.configuration.epsilon
            < by_hand.margin(net.H, it.labels) / it.gamma_inf
            < sqrt(1 - it.configuration.epsilon)
            for net in it.networks("logistic-margin", it.lemmas["logistic_margin"][0], 1.0)
        ),
        **LEMMAS_MIX,
    },
    "a risk that rises again": {
        "to the one asked for, and above": lambda it: any(
            min(row[1:]) <= it.configuration.risk < row[-1] for row in it.risks
        ),
        **some("published_logistic"),
    },
    "real data": {"another kappa": lambda it: it.squared["kappa"] > 1e3},
}  # fmt: skip


CURVES = {
    **dict.fromkeys(("few pairs", "few pairs, large steps"), OF_LOSSES),
    "four inputs, three pairs": {},
    "one input, few pairs": {},
    "a risk that rises again": OF_LOGISTIC,
}
"""Of cases whose picture is not that of a training and a sweep."""


@pytest.mark.parametrize("case", CASES)
def test_every_symbol_and_field(case):
    oracles = replace(ORACLES, shows=SHOWS[case], curves=CURVES.get(case, OF_SQUARED))
    walk("coupled-initialisation", oracles, CASES[case], quantities=SOME.get(case))


def test_the_picture_of_the_logistic_loss():
    oracles = replace(ORACLES, curves=OF_LOGISTIC)
    walk("coupled-initialisation", oracles, REQUIRED, quantities={"logistic_risk"})


ROUND = Configuration(circle_fewest=4, circle_most=16, circle_trained=8, circle_steps=220,
                      sweeps=2)  # fmt: skip
EDGE = Configuration(circle_fewest=8, circle_most=16, sweeps=9)
ON_THE_CIRCLE = {
    "networks that fit, and not": lambda it: all(
        {risk < log(2) / n for _, risk, *_ in it.fitted[n]} == {True, False} for n in (4,)
    ),
    "six points": lambda it: 6 in it.sizes,
}  # fmt: skip


def test_the_circle_and_its_picture():
    oracles = replace(ORACLES, shows=ON_THE_CIRCLE, curves=circle_by_hand.CURVES)
    walk("coupled-initialisation", oracles, ROUND, quantities=CIRCLE)


def test_slopes_inside_and_outside():
    shows = {"both": lambda it: {1 <= slope <= 2 for slope in it.width_slopes} == {True, False}}
    curves = {place: of for place, of in circle_by_hand.CURVES.items() if "trained" not in place}
    oracles = replace(ORACLES, shows=shows, curves=curves)
    walk("coupled-initialisation", oracles, EDGE, quantities={"slope_of_features"})


def test_a_slip_in_the_picture_is_seen():
    wrong = {**circle_by_hand.CURVES, "sweep/at_least": lambda it: [n / 2 + 1 for n in it.swept]}
    oracles = replace(ORACLES, curves=wrong)
    with pytest.raises(AssertionError, match="curve sweep/at_least ="):
        walk("coupled-initialisation", oracles, ROUND, quantities=CIRCLE)


def test_a_quantity_alone_is_that_among_all():
    few = {"circle_fewest": 4, "circle_most": 8, "circle_trained": 4, "circle_steps": 3}
    alone("coupled-initialisation", replace(NARROW, trials=6, outputs=3, **few))


# --- what is certified lies on its side of the truth ---------------------------------------------


def parts(name, **symbols):
    symbols |= {"row_norm_deviation": 0.0, "N": symbols.get("N", 1)}
    found = claim(f"coupled/{name}").evaluate(symbols, where=np.array(True)).parts
    return {name: float(value) for name, value in found.items()}


@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("epsilon", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("delta", [0.9, 0.5, 0.01])
def test_the_required_pairs_are_enough_on_orthogonal_rows(n, epsilon, delta):
    """There the entries of H_0 are n independent shares of active pairs, 1/2 in the mean."""
    N = ceil(parts("kernel", n=n, norm_X=1.0, lambda_0=0.5, delta=delta, epsilon=epsilon)["N_star"])
    below = binom.cdf(ceil((1 - epsilon) / 2 * N) - 1, N, 0.5)
    assert 1 - (1 - below) ** n <= delta


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("N", [1, 100])
@pytest.mark.parametrize("delta", [0.9, 0.5, 0.01])
def test_the_required_margin_is_kept_on_orthogonal_rows(n, N, delta):
    """N n independent half-normal margins: at most delta, and not far below."""
    threshold = parts("margin", n=n, N=N, delta=delta, kappa=7.0)["threshold"]
    failure = 1 - (1 - erf(threshold / 7 / sqrt(2))) ** (N * n)
    assert delta / 2 < failure <= delta
