"""Configurations inside the regimes that the published statements state.

Their widths are out of reach but for one or two orthogonal inputs (lambda_0 = 1/2). Step size and
width follow from the premises of the claim, so nothing is filtered away; the width is free where a
claim comes without its premise on m.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from theory import registry
from theory.language.claim import Claim
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.setting import prepare
from verify.judging.premises import premises
from verify.judging.sample import Sample

MAX_WIDTH = 200_000
BELOW = 1 - 1e-9
"""Keeps the largest allowed step allowed after rounding."""
PRACTICAL_WIDTHS = (256, 1024)
"""Where the width is free: no input is without an active neuron."""
LEAST = 8
"""Smallest width tried; the premises are read at it, for they do not depend on W_0."""


@st.composite
def in_regime(draw: st.DrawFn, name: str) -> Configuration:
    """Configurations for the claim `published/...`, or for one without some of its premises."""
    base, _, change = name.partition("~")
    claim = registry.claim(base)
    options: dict[str, Any] = {
        "data": "orthogonal",
        "law": "bernoulli",
        "xi": draw(st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.99, 1.0))),
        "surrogates": draw(st.integers(1, 3)),
        "local_steps": draw(st.integers(1, 2)),
        "samples": draw(st.integers(1, 2)),
        "rounds": draw(st.integers(1, 12)),
        "target_scale": draw(st.sampled_from((0.1, 0.5, 3.0))),
        "delta": draw(st.sampled_from((0.1, 0.3, 0.5))),
        "seeds": 80,  # fewer than 60 cannot see a factor 2 at the level of a search
        "pilot_seeds": 2,
    }
    n = options["dimension"] = options["samples"]
    kappa_pub = draw(st.sampled_from((0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)))
    steps: tuple[float, ...] = (1.0, 0.5, 0.1, 0.01)
    if "theorem-7" in base:
        options |= {"law": "categorical", "xi": None}
    if base == "published/theorem-2":  # trials with initialisations of their own
        options |= {"seeds": 120, "delta": draw(st.sampled_from((0.3, 0.5)))}
    if "corollary" in base:
        kappa_pub = 1 / math.sqrt(n)
        options["rounds"] = draw(st.integers(1, n))
        if "max(K, d)" in change:  # long enough for what is left at the end to show
            options["rounds"] = draw(st.sampled_from((50, 200)))
            steps = (1.0, 0.5)
    if "corollary-4" in base or "corollary-5" in base:
        options["local_steps"] = 1
    if "corollary-4" in base or "corollary-6" in base:
        options["surrogates"] = min(options["surrogates"], 1 if "corollary-4" in base else n)
    step = draw(st.sampled_from(steps))
    found = scaled(claim, Configuration(**options), kappa_pub=kappa_pub, step=step)
    if "m >=" in change:
        return replace(found, width=draw(st.sampled_from(PRACTICAL_WIDTHS)))
    width = smallest_width(claim, found)
    assume(width <= MAX_WIDTH)
    return replace(found, width=width)


def scaled(
    claim: Claim, configuration: Configuration, *, kappa_pub: float, step: float
) -> Configuration:
    """At the width LEAST, with that scale and that share of the largest step of the premises."""
    found = replace(configuration, width=LEAST, init_scale=kappa_pub * configuration.activity)
    return replace(found, eta=found.activity * step * BELOW * largest_zeta(claim, found))


def largest_zeta(claim: Claim, configuration: Configuration) -> float:
    """The largest zeta that the premises of the claim allow, and zeta Lambda <= 1/2 does."""
    symbols = _symbols(configuration)
    zeta = float(symbols["zeta"])
    for premise in premises(claim, Sample(np.zeros(1), symbols)):
        if premise.text.startswith("zeta"):  # its left side is linear in zeta
            zeta = min(zeta, zeta * premise.right / premise.left)
    return zeta


def smallest_width(claim: Claim, configuration: Configuration) -> int:
    """The smallest width that the premises of the claim allow, up to a tenth; at least LEAST."""
    symbols = _symbols(configuration)

    def narrow(width: int) -> bool:
        failures = claim.regime({**symbols, "m": width}).failures
        return any(failure.premise.startswith("m >=") for failure in failures)

    low = high = LEAST
    while high <= MAX_WIDTH and narrow(high):
        low, high = high, 2 * high
    while high - low > max(1, low // 10):
        middle = (low + high) // 2
        low, high = (middle, high) if narrow(middle) else (low, middle)
    return high


def _symbols(configuration: Configuration) -> dict[str, Any]:
    return {**prepare(configuration, "premises").symbols(), "displacement": 0.0}
