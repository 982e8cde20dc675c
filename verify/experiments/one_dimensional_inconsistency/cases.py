"""Where claims on networks on a line are judged, and where slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.one_dimensional_inconsistency.configuration import Configuration

CERTIFIED = Configuration()
PATHS = Configuration(width=64, steps=200, seeds=6, batch=4, offset=0.3)
"""Minibatches, and targets that move the biases."""

LONG = Configuration(width=128, steps=10_000, certify_at=800, seeds=14)
"""One slow mode is left at T_0: sums and kinks come close to their bounds."""

AT_ONCE = Configuration(width=16384, steps=30, certify_at=0, seeds=14)
"""A certificate at W_0."""

CROSSINGS = Configuration(width=16, steps=400, seeds=200, points=3)
"""Narrow networks: a kink crosses in one of eight."""

SMALL = Configuration(steps=2000)
LIMIT = Configuration(trials=6000, copies=40, horizon=2.0)
"""Most crossings are early."""

SHIFTED = Configuration()
BMI = Configuration(data="diabetes", feature=3, gap=0.5)

DESCENTS = (PATHS, replace(PATHS, data="diabetes", feature=3, gap=0.5, batch=None, samples=60),
            replace(PATHS, start="spread", width=1, gap=1.5, seeds=20, step=0.2))  # fmt: skip
CERTIFICATES = (
    LONG, AT_ONCE,
    Configuration(data="diabetes", feature=3, gap=0.8, width=4096, steps=80, certify_at=64),
)  # fmt: skip
LIMITS = (LIMIT, replace(LIMIT, data="diabetes", feature=7, gap=0.3, trials=9000))
"""Of that feature the sides differ most."""

OFFSETS = (
    SHIFTED, replace(SHIFTED, shift=1.5, horizon=4.0, gap=1.5), replace(BMI, shift=1.0, gap=0.8),
    replace(SHIFTED, data="diabetes", feature=9, gap=0.3),
)  # fmt: skip


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `inconsistency/...`."""
    name = claim.partition("/")[2]
    if name in ("recursion", "bias", "gradients", "flow-map", "invariant"):
        return DESCENTS
    if name in ("sums", "certificate", "loss-floor", "loss-rate"):
        return CERTIFICATES
    own = {
        "kinks": DESCENTS[:2],
        "constant": LIMITS,
        "offset": OFFSETS,
        "offset-of-equal-sides": OFFSETS[:2],
        "first-trip": (CERTIFIED, replace(BMI, gap=1.2), replace(BMI, gap=0.8)),
        "local-minimum": (SMALL, replace(BMI, steps=20)),
    }
    return own.get(name, (_home(claim),))


def _home(claim: str) -> Configuration:
    name = claim.partition("/")[2]
    own = {
        **dict.fromkeys(
            ("recursion", "bias", "gradients", "flow-map", "kinks", "invariant"), PATHS
        ),
        "sums": LONG, "certificate": LONG, "crossing": CROSSINGS,
        "local-minimum": SMALL, "curvature": SMALL, "interpolation": SMALL,
        "constant": LIMIT, "offset": SHIFTED, "offset-of-equal-sides": SHIFTED,
    }  # fmt: skip
    return own.get(name, CERTIFIED)


def homes() -> dict[str, Home]:
    """The default, but where minibatches, narrow networks or more draws are needed."""
    from theory import registry

    names = registry.claims("one-dimensional-inconsistency")
    return {name: Home(_home(name)) for name in names}
