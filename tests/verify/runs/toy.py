"""A toy theorem that offers published experiments: a law of two options, drawn with noise."""

from dataclasses import dataclass

import numpy as np
import sympy as sp

from theory.language.claim import Claim
from theory.language.kinds import UPPER_EXPECTATION
from theory.language.vocabulary import COUNT, POSITIVE
from theory.registry import Theorem
from verify.experiments.kit import Experiment, Measured, Measurement, Options, Trajectory, option
from verify.experiments.kit.published import OWN, Published, falls, rises
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator

THEOREM = Theorem("toy", __name__, __name__)
REPETITIONS = 64

b = sp.Symbol("b", positive=True)
CLAIMS = (
    Claim.of("toy/mean", b, kind=UPPER_EXPECTATION, source="here", quantity="tosses"),
    Claim.of("toy/false", b / 5, kind=UPPER_EXPECTATION, source="here", quantity="tosses"),
)


@dataclass(frozen=True)
class Configuration(Options):
    balls: int = option(1, "balls", COUNT)
    size: float = option(1.0, "size", POSITIVE)
    broken: int = option(100, "balls with which it fails", COUNT)
    data: str = option("none", "data", text=True)


def tosses(setting, wanted, tell):
    configuration, salt = setting
    values = numpy_generator("tosses", salt).integers(0, 2, (2, 400)).astype(float)
    x = np.arange(3.0) * configuration.balls
    curve = Trajectory("time", x, {"height": 1 + x, "law": 2 + x})
    return Measured({"tosses": Sample(values, {"b": 0.6}, trivial=1.0)}, curve)


EXPERIMENT = Experiment(
    Configuration, lambda *setting: setting, [Measurement.of(("tosses",), tosses)]
)


def drawn(configuration, salt):
    """About size/balls, each point with draws of its own."""
    c = configuration
    if c.balls == c.broken:
        raise OSError("the urn is broken")
    noise = numpy_generator("drawn", salt, c.balls, c.size).normal(0, 0.05, REPETITIONS)
    law = np.full(REPETITIONS, c.size / c.balls)
    return {"measured": law * np.exp(noise), "predicted": law}


def _drawn(name, trends, **more):
    return Published(
        name, "size over balls", "A. Toy (2020)", "figure 1", 0.1,
        grid={"balls": (1, 2, 3, 4), "size": (0.5, 1.0, 2.0)}, quick={"balls": (1, 2)},
        measure=drawn, beside={"measured": "predicted"}, trends=trends, **more,
    )  # fmt: skip


PUBLISHED = (
    _drawn("toy-map", (falls("balls"), rises("size")), fields={"data": "none"}),
    _drawn("toy-reversed", (rises("balls"), rises("size"))),
    _drawn("toy-broken", (falls("balls"),), fields={"broken": 2}),
    _drawn("toy-lines", (falls("balls"),), lines=True, scale="log"),
    Published(
        "toy-claims", "tosses over balls", "A. Toy (2020)", OWN, 0.1,
        grid={"balls": (1, 2, 3)}, claims=("toy/mean",),
    ),
    Published(
        "toy-curves", "heights over time", "A. Toy (2020)", OWN, 0.1,
        grid={"balls": (1, 2)}, claims=("toy/*",), curves=0,
    ),
)  # fmt: skip
