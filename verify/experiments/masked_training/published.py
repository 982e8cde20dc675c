"""The experiments of Liao & Kyrillidis (2022), to run again.

Their inputs were image features of dimension 2048, ours are scikit-learn's digits, or a file
(--data). Their step eta = .1 is that of a loss averaged over samples and outputs; what matters is
zeta Lambda, which depends on the inputs. Here zeta Lambda = xi/2 stands for eta = .1, and so on in
proportion: over the map the step changes as theirs does. W_0 has their scale, w_pub ~ N(0, 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.experiments.kit.options import AtMost
from verify.experiments.kit.published import Published, Results, Trend, falls, rises

PAPER = "Liao & Kyrillidis, arXiv 2112.02668v1"
JOURNAL = "Liao & Kyrillidis, TMLR 2022"

STEPS = 240
"""Local steps of the map over p and tau: all values of tau divide it."""

LABELS = {
    "measured": "measured",
    "predicted": "limit law",
    "surrogates": "surrogate models $p$",
    "xi": r"activity probability $\xi$",
    "local_steps": r"local steps $\tau$",
    "width": "width $m$",
    "law": "masks",
}
TENTHS = tuple(round(i / 10, 1) for i in range(1, 11))


def inside_rounds(configuration: Any, salt: str) -> Any:
    from verify.experiments.masked_training import runs

    return runs.inside_rounds(configuration, salt)


def over_masks(configuration: Any, salt: str) -> Any:
    from verify.experiments.masked_training import runs

    return runs.final_loss(configuration, salt, power=1, until_it_rises=True)


def over_local_steps(configuration: Any, salt: str) -> Any:
    from verify.experiments.masked_training import runs

    return runs.after_local_steps(configuration, salt, steps=STEPS, power=1)


def over_widths(configuration: Any, salt: str) -> Any:
    from verify.experiments.masked_training import runs

    return runs.final_loss(configuration, salt, power=0, until_it_rises=False)


def _change(results: Results, before: int, after: int) -> np.ndarray:
    """Mean over rounds of the change of log loss from one place in a round to another.

    Places: 0 the start of the round, 1 after sampling, -2 after the local steps, -1 aggregated.
    A trial per law and repetition.
    """
    assert results.at is not None
    rounds = round(float(results.at.max()))
    logs = np.log(results.series["measured"])
    inside = logs[..., 1:].reshape(*logs.shape[:-1], rounds, -1)
    starts = np.concatenate([logs[..., :1], inside[..., :-1, -1]], axis=-1)
    whole = np.concatenate([starts[..., None], inside], axis=-1)
    return (whole[..., after] - whole[..., before]).mean(axis=-1)


PUBLISHED = (
    Published(
        "masked-loss-inside-rounds",
        "loss over rounds: up at sampling, down in local steps, down at aggregation",
        PAPER, "figure (a) of the experiments", 0.3,
        grid={"law": ("bernoulli", "categorical")},
        fields={"data": "digits", "samples": AtMost(100), "width": 1000, "init_scale": 1.0,
                "surrogates": 4, "local_steps": 5, "rounds": 10, "seeds": 64},
        quick={"samples": AtMost(50), "width": 300},
        measure=inside_rounds,
        beside={"measured": "predicted"},
        trends=(
            Trend("rises-at-sampling", "the loss rises when surrogate models are sampled",
                  lambda results: _change(results, 0, 1) > 0),
            Trend("falls-in-local-steps", "the loss falls in the local steps",
                  lambda results: _change(results, 1, -2) < 0),
            Trend("drops-at-aggregation", "the loss drops when the surrogate models are averaged",
                  lambda results: _change(results, -2, -1) < 0),
        ),
        labels=LABELS, quantity="squared error per sample", axis="rounds, local steps inside",
    ),
    Published(
        "masked-error-over-masks",
        "final error over p and xi, Bernoulli masks",
        JOURNAL, "map over the number and the size of surrogate models", 20.0,
        grid={"surrogates": tuple(range(1, 11)), "xi": TENTHS},
        fields={"data": "digits", "samples": AtMost(1000), "width": 500, "init_scale": 1.0,
                "local_steps": 5, "zeta_lambda": 0.5, "rounds": 40, "seeds": 10},
        quick={"samples": AtMost(100), "width": 100, "seeds": 16, "rounds": 30,
               "surrogates": (1, 2, 4, 8), "xi": (0.2, 0.4, 0.6, 0.8)},
        measure=over_masks,
        beside={"measured": "predicted"},
        trends=(falls("surrogates"), falls("xi")),
        work=lambda c: 1 + c.surrogates * c.activity * c.local_steps,
        labels=LABELS, quantity="final squared error per sample",
    ),
    Published(
        "masked-error-over-local-steps",
        f"error after {STEPS} local steps over p and tau, categorical masks",
        PAPER, "map over surrogate models and local steps", 20.0,
        grid={"surrogates": tuple(range(1, 11)), "local_steps": (1, 2, 3, 4, 5, 6, 8, 10)},
        fields={"data": "digits", "samples": AtMost(100), "law": "categorical", "width": 4000,
                "init_scale": 1.0, "zeta_lambda": 1.0, "seeds": 20},
        quick={"samples": AtMost(50), "width": 200, "seeds": 50, "surrogates": (2, 4, 6, 8),
               "local_steps": (2, 8)},
        measure=over_local_steps,
        beside={"measured": "predicted"},
        trends=(rises("surrogates", over=("local_steps",)), rises("local_steps", shared=True)),
        labels=LABELS, quantity=f"squared error per sample after {STEPS} local steps",
    ),
    Published(
        "masked-error-over-widths",
        "final error over widths, Bernoulli masks",
        JOURNAL, "error against the width", 3,
        grid={"xi": (0.3, 0.5, 0.8), "width": (250, 500, 750, 1000, 1250, 1500)},
        fields={"data": "digits", "samples": AtMost(100), "init_scale": 1.0, "surrogates": 10,
                "local_steps": 3, "zeta_lambda": 1.0, "rounds": 200, "seeds": 10},
        quick={"samples": AtMost(50), "rounds": 60, "seeds": 20, "surrogates": 5,
               "width": (50, 100, 200, 400)},
        measure=over_widths,
        beside={"measured": "predicted"},
        trends=(falls("width"),),
        work=lambda c: float(c.width),
        labels=LABELS, quantity="final squared error per sample", lines=True, scale="log",
    ),
)  # fmt: skip
