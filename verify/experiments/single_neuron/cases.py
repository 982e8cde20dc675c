"""Homes of the claims on one neuron, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.single_neuron.configuration import Configuration

PATHS = Configuration()
"""A certified path among labels of a decoy."""

LINE = replace(PATHS, dimension=1, omega=0.0, away=0.6)
"""One dimension without noise: the certificate is exact; with e = u x where w* fires its first
step is, too.
"""

WARM = Configuration(adversary="linear", omega=0.01)
"""Where the warm start is as far off as it can be."""

LOUD = Configuration(adversary="decoy", omega=0.3, norm=2.0, away=1.5)
"""Points at which everything of the identity is large."""

BEHIND = Configuration(cut=True, omega=0.01, norm=1.5)
POPULATION = Configuration(norm=1.5)
END = Configuration(omega=0.01, adversary="difference")

SLIPS: dict[str, tuple[Configuration, ...]] = {
    **dict.fromkeys(
        ("identity", "disagreement", "alignment", "cases", "silent", "monotone"),
        (LOUD, replace(PATHS, data="wine", adversary="negative", omega=0.1)),
    ),
    "warm-distance": (WARM, replace(WARM, data="diabetes", norm=2.0, omega=0.1)),
    "certificate": (
        PATHS,
        replace(LINE, norm=3.0, step=0.5),
        replace(LINE, adversary="linear", cut=True, omega=0.01, away=0.001, step=0.1),
    ),
    "certified-risk": (
        PATHS,
        replace(LINE, adversary="linear", cut=True, omega=0.01, norm=3.0),
        replace(PATHS, adversary="heavy", omega=1e-4, start="warm", norm=3.0),
    ),
    "stuck-risk": (BEHIND, replace(BEHIND, behind=2.0, step=0.7)),
}  # fmt: skip
"""By claim, where its home is not enough."""


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `neuron/...`."""
    return SLIPS.get(claim.partition("/")[2]) or (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    groups = {
        LOUD: ("identity", "disagreement", "alignment", "cases", "silent", "monotone"),
        PATHS: ("certificate", "certified-risk"),
        WARM: ("warm-distance", "warm-risk"),
        BEHIND: ("stuck", "stuck-risk"),
        POPULATION: ("angle-alignment", "angle-gap", "angle-apart", "angle-disagreement",
                     "feasible", "stationary", "constant"),
        END: ("published", "scaling-noise", "scaling-independent", "scaling-adversary"),
    }  # fmt: skip
    return {f"neuron/{name}": Home(at) for at, names in groups.items() for name in names}
