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
LAW_OF_BIAS = Configuration(dimension=200, heads=10, ridge=-0.3, copies=150)
HEAD = Configuration(samples=40, copies=300)
PRIOR = Configuration(dimension=80, samples=20, heads=3, designs=10)
PUBLISHED = replace(BENIGN, samples=40)
SWEEP = Configuration()


ONE = Configuration(samples=1, dimension=2, heads=1, tail=1e-3, designs=200, energy=2.0)
SMALL = (
    ONE,
    replace(ONE, dimension=3, tail=0.3, target="even"),
    replace(ONE, samples=2, dimension=5, tail=0.2, ridge=-0.5, target="tail"),
    replace(ONE, samples=3, dimension=4, heads=2, tail=0.9, ridge=1.0, target="even"),
    replace(ONE, dimension=2, tail=0.9, target="tail", ridge=-0.9),
    replace(ONE, samples=5, dimension=40, heads=2, tail=0.01, target="even"),
    replace(ONE, samples=2, dimension=3, tail=1e-3, target="even"),
)
"""Few rows: here the certificates are attained, or nearly so."""

HALF = Configuration(population="flat", samples=10, dimension=20, target="even", energy=2.0)
FORMS = (
    LAW, HALF, replace(HALF, heads=1, target="head"),
    replace(HALF, population="spiked", heads=3, tail=1e-3, dimension=100, target="head"),
    replace(HALF, population="spiked", heads=3, tail=1e-3, dimension=100, target="even"),
    replace(HALF, population="power", decay=2.0, ridge=10.0), replace(HALF, ridge=30.0, samples=3),
    replace(HALF, samples=30, ridge=0.5),
)  # fmt: skip
"""Flat, twice as many directions as samples: kappa = l, and the forms are 4 times too large."""

LIMITS = (
    replace(LAW_OF_BIAS, ridge=0.1, energy=3.0, copies=400, target="even"),
    replace(LAW_OF_BIAS, population="power", energy=0.5, copies=400, target="even"),
    replace(LAW_OF_BIAS, energy=2.0, copies=400),
)
BOUNDARIES = (
    replace(HEAD, copies=1000, energy=2.0),
    replace(HEAD, population="power", decay=1.5, heads=12, copies=1000),
    replace(HEAD, samples=50, dimension=300, heads=5, tail=0.1, copies=1000, energy=0.5),
)
SUFFICIENT = (
    HEAD, replace(HEAD, energy=2.0, heads=2, dimension=2000, tail=0.01),
    replace(HEAD, population="power", heads=3, decay=2.0),
    replace(HEAD, heads=1, samples=5, dimension=5000, tail=1e-4),
)  # fmt: skip

SLIPS = {
    **dict.fromkeys(("variance-at-least", "bias-at-least", "leave-one-out", "variance-tail",
                     "variance-at-most", "bias-tail", "bias-at-most"), (DIGITS, BENIGN, *SMALL)),
    **dict.fromkeys(("variance-head", "bias-head"),
                    (DIGITS, BENIGN, *(each for each in SMALL if each.ridge >= 0))),
    **dict.fromkeys(("kappa-at-least", "kappa-at-most", "share-at-most", "variance-form-at-most",
                     "variance-form-at-least", "bias-form-at-most", "bias-form-at-least"), FORMS),
    "bias-law": LIMITS,
    "variance-law": (LAW, replace(LAW, ridge=0.1, copies=400), replace(LAW, ridge=-0.4)),
    "boundary": BOUNDARIES,
    "sufficient": SUFFICIENT,
    "flat-bias": (FLAT, replace(FLAT, energy=2.0, dimension=30)),
    "isotropic-prior": (PRIOR, replace(PRIOR, noise=0.4, prior=0.3, ridge=-0.5)),
    "gaussian-at-least": (AT_LEAST, replace(AT_LEAST, samples=12, heads=2, ridge=0.05,
                                            dimension=40, trials=4000, room=1.5)),
}  # fmt: skip


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `ridge/...`."""
    return SLIPS.get(claim.partition("/")[2]) or (homes()[claim].configuration,)


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
