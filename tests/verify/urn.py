"""A toy theorem, balls drawn from an urn, with one claim of every kind of home."""

import sys
import types
from dataclasses import dataclass

import sympy as sp

from theory import UPPER_EXPECTATION, Claim, registry
from theory.language.vocabulary import COUNT, OPEN_UNIT
from verify.experiments.kit import Experiment, Home, Measured, Measurement, Options, option
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator

n, m, delta, share = sp.symbols("n m delta share", positive=True)
WIDTH = 1000 * n**2 / delta**4
"""With the values below 2.5e16."""


@dataclass(frozen=True)
class Draws(Options):
    seeds: int = option(400, "draws", COUNT)
    share: float = option(0.5, "share of white balls", OPEN_UNIT)


def of_mean(name, bound, quantity="white", **more):
    return Claim.of(
        f"urn/{name}", bound, kind=UPPER_EXPECTATION, source="here", quantity=quantity, **more
    )


CLAIMS = (
    of_mean("true", share * 2),
    of_mean("twin", share * 2 + 0 * n),
    of_mean("few", share * 3),
    of_mean("printed", share / 2),
    of_mean("wide", share * 2, premises=[m >= WIDTH]),
    of_mean("black", share * 2, quantity="black"),
)
KNOWN = "printed for the other colour"
HOMES = {
    "urn/few": Home(Draws(seeds=300, share=0.25)),
    "urn/printed": Home(Draws(), known_false=KNOWN),
    "urn/wide": Home(Draws(seeds=90), unreachable="m"),
}


class Urn:
    """Measures white and black balls; writes down with what, and may fail."""

    def __init__(self):
        self.runs, self.error, self.white, self.homes = [], None, {}, dict(HOMES)

    def draw(self, setting, wanted, tell):
        configuration, salt = setting
        (colour,) = wanted
        tell(1, 2)
        if self.error and colour == "black":
            raise self.error
        self.runs.append((colour, salt, configuration))
        drawn = numpy_generator(colour, salt).random(configuration.seeds) < configuration.share
        values = drawn * self.white.get(configuration, 1.0)
        symbols = {"n": 5, "m": 64, "delta": 1e-3, "share": configuration.share}
        return Measured({colour: Sample(values, symbols, trivial=2.0)})

    @property
    def experiment(self):
        colours = [Measurement.of({colour}, self.draw) for colour in ("white", "black")]
        return Experiment(
            Draws, lambda *setting: setting, colours, homes=lambda: self.homes, few={"seeds": 10}
        )


def registered(monkeypatch, name, claims=CLAIMS):
    urn = Urn()
    module = types.ModuleType(f"{name}_theorem")
    module.CLAIMS, module.EXPERIMENT, module.Configuration = claims, urn.experiment, Draws
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registry.register(registry.Theorem(name, module.__name__, module.__name__))
    return urn
