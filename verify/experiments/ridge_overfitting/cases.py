"""Homes of the claims on ridge regression, and configurations in which slips show."""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.ridge_overfitting.configuration import Configuration

DIGITS = Configuration(population="digits", features=20, samples=40, target="labels", ridge=0.02)
"""230 quadratic features, of which rows are drawn with replacement."""

DIABETES = replace(DIGITS, population="diabetes", features=10)
NEGATIVE = Configuration(ridge=-0.5)

BENIGN = Configuration(samples=50, dimension=2000, heads=3, tail=0.002)
AT_LEAST = Configuration(ridge=0.25, trials=800)
FLAT = Configuration(population="flat", samples=20, dimension=40, trials=2000, target="even")

LAW = Configuration(population="power", dimension=200)
LAW_OF_BIAS = Configuration(dimension=200, heads=10, ridge=-0.3)
HEAD = Configuration(samples=40, copies=300)
PRIOR = Configuration(dimension=80, samples=20, heads=3, designs=10)
PUBLISHED = replace(BENIGN, samples=40)
SWEEP = Configuration()


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `ridge/...`."""
    return (homes()[claim].configuration,)


def homes() -> dict[str, Home]:
    """A configuration for every group of claims that are measured together."""
    of = {
        **dict.fromkeys(("variance-at-least", "bias-at-least", "leave-one-out", "variance-head",
                         "variance-tail", "variance-at-most", "bias-head", "bias-tail",
                         "bias-at-most"), DIGITS),
        **dict.fromkeys(("published-variance", "published-bias"), PUBLISHED),
        **dict.fromkeys(("gaussian-variance", "gaussian-bias"), BENIGN),
        "gaussian-at-least": AT_LEAST,
        **dict.fromkeys(("flat-variance", "flat-bias"), FLAT),
        **dict.fromkeys(("benign", "tempered"), SWEEP),
        "variance-law": LAW,
        "bias-law": LAW_OF_BIAS,
        **dict.fromkeys(("kappa-at-least", "kappa-at-most", "share-at-most",
                         "variance-form-at-most", "variance-form-at-least", "bias-form-at-most",
                         "bias-form-at-least"), LAW),
        **dict.fromkeys(("boundary", "negative-helps", "optimum", "sufficient"), HEAD),
        "slope": NEGATIVE,
        "isotropic-prior": PRIOR,
    }  # fmt: skip
    return {f"ridge/{name}": Home(configuration) for name, configuration in of.items()}
