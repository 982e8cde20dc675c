"""Checks of cheap configurations, a few of each theorem, and the pictures of them."""

from dataclasses import replace
from functools import lru_cache

from tests.verify.reporting.pictures import faults
from theory import registry
from verify.experiments.kit import Home
from verify.reporting import drawing
from verify.reporting.figure import picture
from verify.runs.check import check
from verify.runs.selection import one_theorem

MASKED = {"data": "orthogonal", "samples": 3, "dimension": 4, "width": 256, "rounds": 4,
          "seeds": 8, "pilot_seeds": 2}  # fmt: skip
CHEAP = {
    "masked-training": (("limit-law", "link-1/*", "main*", "corollary/*"), MASKED),
    "gradient-descent": (("corollary/gradient-descent",), {**MASKED, "xi": 1.0}),
    "coupled-initialisation": (
        ("coupled/boundary", "coupled/rate", "coupled/exact-law"),
        {"sweeps": 6, "trials": 2, "smallest": 32, "largest": 128},
    ),
    "logistic": (("coupled/logistic-risk*",), {"trials": 2}),
    "node-scaling": (
        ("node/*-distance", "node/descent-loss"),
        {"sweeps": 6, "trials": 2, "gamma": 1.0, "width": 64, "smallest": 32, "largest": 128},
    ),
    "flow": (("node/flow-loss",), {"trials": 2, "width": 64}),
    "feedback-alignment": (
        ("feedback/rate", "feedback/misaligned"),
        {"trials": 2, "steps": 20, "width": 800, "smallest": 400, "largest": 1600},
    ),
    "decaying": (("feedback/angle",), {"trials": 2, "width": 40, "decay": 0.3}),
    "factorisation-feedback": (("factorisation/curve", "factorisation/gram"), {"steps": 30}),
    "modes, law, spectra": (
        ("factorisation/flow/approach", "factorisation/separation/law",
         "factorisation/expected-error", "factorisation/alignment/cosine"),
        {"steps": 30, "draws": 200},
    ),
    "ends": (("factorisation/fixed-point/*",), {"outputs": 5, "inputs": 5, "rank": 3,
                                                "largest_rank": 4}),
    "quadratic-networks": (("quadratic/global-rate",), {"seeds": 2, "steps": 60}),
    "certified-gap": (
        ("quadratic/certified-gap",),
        {"positive": 5, "negative": 5, "start": "independent", "init_scale": 0.1, "seeds": 2},
    ),
    "minima": (
        ("quadratic/threshold",), {"dimension": 2, "start": "independent", "trials": 9},
    ),
    "stuck": (("quadratic/local-minima",), {"dimension": 2, "trials": 9}),
    "smooth": (("quadratic/smooth-rate",), {"dimension": 20, "samples": 9, "seeds": 2}),
    "basin": (
        ("quadratic/basin",), {"dimension": 4, "positive": 3, "negative": 3, "seeds": 2},
    ),
    "one-dimensional-inconsistency": (
        ("inconsistency/constant", "inconsistency/recursion"),
        {"width": 64, "steps": 30, "trials": 60, "copies": 4, "horizon": 0.5},
    ),
    "scaling-laws": (
        ("scaling/d*", "scaling/flips"), {"trials": 6, "smallest": 64, "largest": 256}
    ),
    "deep-networks": (
        ("deep/rate", "deep/majorant", "deep/parabola", "deep/depth-*", "deep/flow-rate"),
        {"samples": 3, "depth": 2, "width": 16, "seeds": 1, "steps": 20, "sweeps": 2,
         "smallest": 8, "deepest": 4},
    ),
    "descent-criterion": (
        ("criterion/integral", "criterion/race", "criterion/scaling-defect"),
        {"samples": 3, "widths": "2,2", "trials": 1, "steps": 20, "sweeps": 6, "races": 3,
         "race_steps": 30},
    ),
    "multiple-random-features": (
        ("features/descents", "features/maxima"),
        {"types": "relu,0.03*relu", "ridge": 5e-7, "rows": 20, "dimension": 6, "draws": 6},
    ),
    "limits": (("features/risk", "features/bias"), {"rows": 20, "dimension": 6, "draws": 20}),
    "given": (("features/given-weights/*",), {"rows": 20, "dimension": 6, "draws": 20}),
    "peaks": (("features/peak",), {}),
    "scales": (("features/second-peak/*",), {}),
    "ridge-overfitting": (("ridge/benign", "ridge/tempered"), {"sweeps": 6, "last": 128}),
    "certificates": (("ridge/variance-at-most",), {"dimension": 60, "designs": 4, "ridge": -0.3}),
    "two-sided": (
        ("ridge/gaussian-variance", "ridge/gaussian-at-least"),
        {"dimension": 900, "tail": 0.01, "samples": 30, "trials": 10},
    ),
    "phases": (("ridge/boundary",), {"dimension": 160, "samples": 40, "copies": 20}),
    "low-dimensional-data": (
        ("subspace/least-squares",), {"samples": 60, "init_scale": 0.366, "regressions": 60},
    ),
    "width-requirement": (("width/loss", "width/good-event"), {"trials": 4}),
    "single-index-models": (
        ("index/error", "index/clipped"),
        {"samples": 100, "dimension": 12, "support": 3, "draws": 20, "sweeps": 6},
    ),
    "convolutional-overfitting": (
        ("convolution/conservation-at-most", "convolution/gaussian-patches"),
        {"samples": 4, "dimension": 9, "filters": 4, "steps": 100, "sweeps": 10, "problems": 4},
    ),
    "crossing": (
        ("convolution/learned",), {"samples": 4, "dimension": 9, "steps": 200, "seeds": 3},
    ),
    "coordinates": (("index/at-most",), {"data": "diabetes"}),
    "single-neuron": (("neuron/certificate",), {"samples": 60, "steps": 20}),
    "constant factor": (("neuron/constant",), {"stationary": 2}),
    "basin of starts": (("neuron/stuck",), {"samples": 60, "cut": True, "omega": 0.01}),
    "more samples": (
        ("neuron/scaling-adversary",), {"smallest": 10, "largest": 80, "sweeps": 6, "omega": 0.01},
    ),
    "concept-classes": (
        ("concepts/guarantee", "concepts/width"),
        {"pairs": 10, "steps": 16, "seeds": 4, "sweeps": 6, "smallest": 8, "largest": 32},
    ),
    "regret": (("concepts/regret",), {"pairs": 10, "steps": 30, "seeds": 3, "data": "diabetes"}),
    "trainable-biases": (
        ("bias/rate", "bias/slope", "bias/schur"),
        {"samples": 3, "width": 60, "steps": 10, "seeds": 2, "sweeps": 6, "smallest": 128,
         "largest": 1024, "terms": 20},
    ),
    "subquadratic-training": (
        ("subquadratic/sparse", "subquadratic/slope-*"),
        {"width": 32, "steps": 3, "sweeps": 6, "smallest": 16, "largest": 128},
    ),
    "newton": (
        ("subquadratic/certificate",),
        {"samples": 2, "width": 400, "threshold": 0.3, "target_scale": 0.02, "networks": 3},
    ),
    "conjugate gradients": (
        ("subquadratic/preconditioned",), {"width": 40, "threshold": 0.3, "networks": 2},
    ),
    "network-identification": (
        ("identification/differences", "identification/basin"),
        {"dimension": 4, "neurons": 5, "networks": 2, "steps": 60},
    ),
    "pipeline": (("identification/queries",), {"dimension": 3, "neurons": 3, "networks": 2}),
    "shares of weights": (
        ("identification/published",), {"dimension": 4, "neurons": 4, "sweep_dimension": 4},
    ),
    "tangent-ridge": (("tangent/rank",), {"samples": 12, "dimension": 4, "networks": 4}),
    "gaps": (
        ("tangent/gap-law",),
        {"samples": 12, "dimension": 4, "networks": 30, "neurons": 12, "pilots": 200},
    ),
    "sparse-deep-regression": (("sparse/product",), {"m": 3, "points": 20}),
    "dimensions": (
        ("sparse/sieve-slope",), {"smallest": 64, "largest": 1024, "sweeps": 8},
    ),
    "staircase": (("tangent/risk-law",), {"samples": 12, "dimension": 6, "designs": 4}),
}  # fmt: skip
"""Claims and options by the name of a case."""


@lru_cache
def outcome(case):
    """The check of a cheap configuration, once for all tests."""
    patterns, fields = CHEAP[case]
    theorem = one_theorem(patterns)
    configuration = registry.theorem(theorem).load_experiment().configuration(**fields)
    return check(theorem, configuration, salt="figure", budget=1e-6, patterns=patterns)


def drawn(outcomes):
    with drawing.fixed_style():
        figure = picture(outcomes)
        return faults(figure), figure


def with_trajectory(case, **changes):
    found = outcome(case)
    seen = found.observations
    return replace(
        found, observations=replace(seen, trajectory=replace(seen.trajectory, **changes))
    )


def at_homes(*cases):
    return [replace(outcome(c), home=Home(outcome(c).configuration, 1 + i))
            for i, c in enumerate(cases)]  # fmt: skip
