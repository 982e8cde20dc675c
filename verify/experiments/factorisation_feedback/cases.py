"""Homes of claims, and configurations in which a slip in a claim shows."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from verify.experiments.factorisation_feedback.configuration import Configuration
from verify.experiments.kit import Home

ZERO = Configuration()
ENDS = Configuration(spectrum="geometric", largest_rank=10)
FEEDBACK = Configuration(start="feedback", start_scale=0.3)
CERTIFIED = Configuration(start="gaussian", start_scale=0.2, step=0.05, steps=3000)
WIDE = Configuration(hidden=10, steps=1000)
LONG = Configuration(horizon=24.0)
STAR = Configuration(start_scale=0.3, steps=400, hidden=3)
MEAN = Configuration(spectrum="power", draws=400)
OVERLAP = Configuration(hidden=2)
STRONG = Configuration(hidden=2, spikes=2, spike=1e4, draws=300)
DIGITS = Configuration(data="digits", inputs=20, hidden=5)

_HOMES = {
    "fixed-point/*": ENDS,
    "full-rank": ENDS,
    "a-posteriori/full-rank": WIDE,
    "lyapunov/*": CERTIFIED,
    "rate": FEEDBACK,
    "flow/gram": FEEDBACK,
    "flow/decay": FEEDBACK,
    "flow/rate": FEEDBACK,
    "flow/cosine-end": LONG,
    "star/*": STAR,
    "expected-error*": MEAN,
    "overlap*": OVERLAP,
    "separation/strong-signal": STRONG,
    "network": DIGITS,
}


def homes() -> dict[str, Home]:
    """The default is a path from zero with fewer units than the rank."""
    return {f"factorisation/{name}": Home(found) for name, found in _HOMES.items()}


_FROM_ZERO = (
    ZERO,
    Configuration(outputs=7, inputs=9, rank=5, hidden=3, spectrum="gaussian", signal=3.0, steps=60),
    Configuration(outputs=5, inputs=4, rank=4, hidden=4, spectrum="flat", law="signs", step=0.55,
                  signal=0.2, steps=40),
    replace(LONG, hidden=2),
)  # fmt: skip
_ANY = (
    CERTIFIED,
    replace(CERTIFIED, start_scale=1.0, signal=5.0, steps=60, hidden=3),
    replace(CERTIFIED, start_scale=0.02, signal=0.1, step=0.03, hidden=2, rank=3),
    replace(CERTIFIED, start_scale=0.5, hidden=1, outputs=1, inputs=1, rank=1, steps=12),
)
_SLOW = Configuration(start="feedback", start_scale=10.0, hidden=1, outputs=4, inputs=3, rank=3,
                      step=0.5)  # fmt: skip
"""Updates of W vanish long before those of Z: (LR3') is sharp."""

_APART = Configuration(start="feedback", hidden=1, outputs=30, inputs=3, rank=2, spectrum="flat",
                       signal=3.0, feedback_scale=0.1, steps=5)  # fmt: skip
"""Most of the feedback sees nothing of Y: at the start (LR3') is nearly its term ||R|| ||D||."""

_OFF = Configuration(start="gaussian", start_scale=0.5, hidden=1, outputs=1, inputs=4, rank=1,
                     steps=150)  # fmt: skip
"""What W has off the rows of C Y vanishes last: then (LR3') is its term ||D||."""

_OTHER = {
    "fixed-point/*": (ENDS, replace(ENDS, spectrum="power", largest_rank=8, law="signs")),
    "full-rank": (ENDS,),
    "a-posteriori": (ZERO, replace(CERTIFIED, steps=300), replace(ZERO, hidden=1, steps=60), _SLOW,
                     _APART, _OFF, replace(_OFF, hidden=3, outputs=3, rank=3, spectrum="flat",
                                           law="orthogonal")),
    "a-posteriori/full-rank": (WIDE, Configuration(rank=3, hidden=3, steps=300, start="gaussian"),
                               replace(_SLOW, rank=1), _OFF),
    "rate": (
        FEEDBACK,
        Configuration(start="feedback", outputs=3, inputs=5, rank=3, hidden=1, step=0.3, steps=80,
                      start_scale=2.0),
        Configuration(start="feedback", outputs=1, inputs=1, rank=1, hidden=1, largest_rank=1,
                      start_scale=50.0, step=0.5, signal=0.01, steps=20),
        Configuration(start="feedback", outputs=3, inputs=3, rank=3, hidden=3, law="orthogonal",
                      start_scale=9.0, step=0.3, signal=0.01, steps=20),
    ),
    "flow/rate": (
        FEEDBACK, replace(CERTIFIED, horizon=2.0),
        Configuration(start="feedback", outputs=3, inputs=3, rank=3, hidden=3, law="orthogonal",
                      start_scale=9.0, signal=0.01, horizon=0.1),
    ),
    "flow/gram": (FEEDBACK, CERTIFIED),
    "flow/decay": (FEEDBACK, CERTIFIED),
    "flow/cosine-end": (LONG, replace(LONG, hidden=2, signal=4.0)),
    "star/path": (
        STAR, replace(STAR, hidden=1, steps=600), replace(STAR, start_scale=2.0, step=0.02),
        Configuration(start_scale=1.0, outputs=3, inputs=4, rank=3, hidden=1, steps=400, step=1.0),
        Configuration(start_scale=3.0, outputs=2, inputs=2, rank=2, hidden=1, steps=900, step=1.0),
    ),
    "star/*": (
        STAR, replace(STAR, hidden=1, steps=60), replace(STAR, start_scale=2.0, step=0.02),
        Configuration(start_scale=1.0, outputs=3, inputs=4, rank=3, hidden=2, steps=200, step=0.3),
    ),
    "expected-error*": (
        MEAN, replace(MEAN, spectrum="flat"), replace(MEAN, spectrum="geometric", signal=3.0),
        replace(MEAN, spectrum="flat", size=10, draws=4000),
    ),
    "overlap*": (
        OVERLAP, replace(OVERLAP, hidden=1, excess=0.0), replace(OVERLAP, hidden=5, excess=2.0),
    ),
    "separation/strong-signal": (
        STRONG, replace(STRONG, hidden=1, spikes=1, size=7), replace(STRONG, spike=3.0, size=9),
    ),
    "separation/growth": (ZERO, replace(ZERO, tolerance=0.04)),
    "separation/mean": (
        ZERO, replace(ZERO, hidden=3, spikes=3, size=11, spike=4.0, signal=1.5, draws=4000),
        replace(ZERO, hidden=1, size=60, spike=2.0, signal=0.6, draws=4000),
        replace(ZERO, hidden=20, size=64, spike=4.0),
        replace(ZERO, hidden=10, size=60, spike=2.0, draws=4000),
    ),
    "separation/law": (
        ZERO,
        replace(ZERO, hidden=1, size=6, spike=900.0, signal=0.3),
        replace(ZERO, hidden=2, size=5, spike=2.0, signal=1.3, draws=4000),
    ),
    "separation/*": (
        ZERO, replace(ZERO, hidden=3, spikes=2, size=11, spike=4.0, signal=1.5),
        replace(ZERO, hidden=1, size=6, spike=900.0, signal=0.3),
        replace(ZERO, hidden=2, size=5, spike=2.0, signal=1.3, draws=4000),
    ),
    "network": (DIGITS, ZERO),
}  # fmt: skip
_GENERAL = ("gram", "residual", "lyapunov*", "alignment/inner-product")


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `factorisation/...`."""
    name = claim.partition("/")[2]
    for pattern, found in _OTHER.items():
        if fnmatchcase(name, pattern):
            return found
    if any(fnmatchcase(name, pattern) for pattern in _GENERAL):
        return _ANY
    return _FROM_ZERO
