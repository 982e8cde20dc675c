"""Where claims on trainable biases are judged, and configurations in which slips in them show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.trainable_biases.configuration import Configuration

KERNEL = Configuration(width=200)
LARGE_BIAS = Configuration(bias=2.0, samples=10, dimension=10)
CERTIFIED = Configuration(samples=3, width=20_000, target_scale=0.03)
SCALED = Configuration(kappa=1e5, steps=100)
WIDTH = Configuration(draws=400)
WHOLE = Configuration(samples=2, bias=0.7, target_scale=0.05, delta=0.2, trials=80)
PUBLISHED = replace(WHOLE, delta=0.4, constant=0.1, trials=100)
SWEEP = Configuration()
CLASS = Configuration(samples=20, width=400)
RISK = Configuration(
    data="digits", samples=300, population=300, width=200, targets="auto", target_scale=0.4,
    delta=0.4, trials=80, steps=20, radius=0.5,
)  # fmt: skip

HOMES = {
    "kernel": KERNEL, "active": KERNEL, "published-share": KERNEL, "series": KERNEL,
    "schur": KERNEL, "rows": KERNEL, "separation": KERNEL, "published-eigenvalue": KERNEL,
    "circles": LARGE_BIAS, "condition": LARGE_BIAS,
    "rate": CERTIFIED, "travel": CERTIFIED, "fired": CERTIFIED,
    "unchanged": SCALED, "law": SCALED, "steps": SCALED,
    "least-eigenvalue": WIDTH, "theorem": WHOLE, "published-rate": PUBLISHED, "slope": SWEEP,
    "linear": CLASS, "complexity": CLASS, "mean-complexity": CLASS, "published-complexity": CLASS,
    "risk": RISK,
}  # fmt: skip

FROZEN = replace(KERNEL, biases="frozen", bias=0.3, samples=3, dimension=2)
ONE = Configuration(samples=1, dimension=3, width=200, bias=0.4)
PLANE = Configuration(samples=5, dimension=2, bias=-0.6, width=100, terms=12)
ONE_FROZEN = replace(ONE, biases="frozen")
FEW_TERMS = replace(FROZEN, samples=2, bias=2.0, terms=1)
ORTHOGONAL = Configuration(data="orthogonal", samples=3, dimension=3, terms=0, width=2, draws=2000)
"""Entries of G are 0, so one term is all of the series; one neuron more or less shows in two."""
FAR = Configuration(data="orthogonal", samples=2, dimension=2, bias=5.0, width=200)
"""The farther the kink, the less loose is the published eigenvalue: a factor of 40 here."""
FLIPPING = replace(ONE, width=5000, step=0.3)
"""Neurons of one sample only fall silent, so descent is slower than by the first kernel."""

EASY = replace(SCALED, samples=3, bias=0.2, step=0.5, width=100, seeds=8)

SHARP = replace(CLASS, samples=1, dimension=3, width=2000, evenness=4.0, radius=0.3, trials=200)
"""Of one sample the linear part is an equality, and a short way leaves little else."""

SLIPS = {
    "kernel": (KERNEL, FROZEN),
    "active": (KERNEL, FROZEN, PLANE, ORTHOGONAL),
    "series": (KERNEL, FROZEN, ORTHOGONAL),
    "schur": (KERNEL, PLANE, ONE, ONE_FROZEN, replace(PLANE, biases="frozen", terms=0)),
    "rows": (KERNEL, PLANE, ONE, ONE_FROZEN, replace(FROZEN, bias=2.0)),
    "separation": (KERNEL, PLANE, ONE, replace(FROZEN, samples=2, bias=2.0), FEW_TERMS),
    "circles": (LARGE_BIAS, replace(FROZEN, samples=2, bias=2.0), replace(ONE, bias=-1.0)),
    "condition": (LARGE_BIAS, replace(FROZEN, samples=2, bias=2.0)),
    "published-eigenvalue": (KERNEL, FROZEN, FAR),
    "rate": (CERTIFIED, replace(SCALED, step=0.3), replace(ONE_FROZEN, kappa=1e3), FLIPPING),
    "travel": (CERTIFIED, replace(SCALED, step=0.3), replace(ONE, step=0.1, kappa=1e3, steps=200),
               FLIPPING),
    "unchanged": (SCALED, EASY),
    "law": (SCALED, EASY, replace(EASY, biases="frozen")),
    "steps": (SCALED, replace(EASY, step=1.0, reduction=0.02),
              replace(EASY, step=1.0, reduction=0.3, seeds=20), replace(ONE, kappa=1e4)),
    "linear": (CLASS, SHARP, replace(SHARP, biases="frozen", radius=0.2)),
    "complexity": (CLASS, SHARP, replace(SHARP, biases="frozen", radius=0.2)),
    "mean-complexity": (CLASS, SHARP, replace(SHARP, biases="frozen", radius=0.2)),
}  # fmt: skip


def homes() -> dict[str, Home]:
    """The smallest configurations in which the claims are informative."""
    return {f"bias/{name}": Home(configuration) for name, configuration in HOMES.items()}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `bias/...`."""
    name = claim.partition("/")[2]
    return SLIPS.get(name, (HOMES[name],))
