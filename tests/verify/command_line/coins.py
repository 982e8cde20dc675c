"""A theorem of coins that is judged at once, and calls of the command line."""

import json
import math
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument
from theory.language.kinds import EXACT_PATHWISE, UPPER_EXPECTATION
from verify.command_line import progress as _progress
from verify.command_line.program import main
from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Options,
    Trajectory,
    option,
)
from verify.judging.sample import Sample

TINY = ["--samples", "3", "--width", "64", "--rounds", "3", "--seeds", "8", "--pilot-seeds", "4"]
ROUNDS = 3

k, b = sp.Symbol("k", integer=True, nonnegative=True), sp.Symbol("b", real=True)


def upper(name, bound, quantity="coin", **more):
    return Claim.of(
        f"coin/{name}", bound, kind=UPPER_EXPECTATION, source="here", quantity=quantity,
        summary=f"a coin: {name}", index=k, **more,
    )  # fmt: skip


COINS = (
    upper("true", sp.Rational(7, 10) + b / (10 * (k + 1)), parts={"floor": sp.Rational(7, 10)}),
    upper("false", sp.Rational(1, 5) + 0 * k * b),
    upper("vacuous/whatever-is-known", 2 + b * k),
    upper("elsewhere", 0.9 + b * k, premises=(sp.Gt(b, 3), sp.Gt(b, 4))),
    upper("unmeasured", sp.S.One, quantity="nothing"),
    upper("without-value", sp.Symbol("missing", real=True)),
    Claim.of("coin/exact", b, kind=EXACT_PATHWISE, source="here", quantity="constant"),
)


@dataclass(frozen=True)
class Toss(Options):
    seeds: int = option(400, "tosses", sp.Range(2, sp.oo))
    head_start: float = option(0.0, "added to every toss")
    fair: bool = option(True, "whether heads are as frequent as tails")
    side: str = option("both", "side", choices=("both", "heads"))
    late: float | None = option(None, "a number", sp.S.Reals)

    def check(self):
        super().check()
        if not 0 <= self.head_start <= 1:
            raise InvalidArgument("head_start", self.head_start, "in [0, 1] where fair is True")


class Coin:
    """What is measured; `error` is raised in place of it, `more` are further symbols."""

    def __init__(self):
        self.error, self.more = None, {}

    def __call__(self, setting, wanted, tell):
        if self.error is not None:
            raise self.error
        configuration, salt = setting
        rng = np.random.default_rng(list(salt.encode()))
        tosses = rng.integers(0, 2, (ROUNDS, configuration.seeds)) + configuration.head_start
        x = np.arange(ROUNDS)
        tell(1, 2)
        tell(2, 2)
        common = {"symbols": {"k": x, "b": 0.5, **self.more}, "trivial": 1.0}
        samples = {"coin": Sample(tosses, **common), "constant": Sample([0.5], **common)}
        mean, error = tosses.mean(1), tosses.std(1) / math.sqrt(configuration.seeds)
        fine = Trajectory("toss", np.linspace(0, 2, 5), {"fine": np.linspace(1, 2, 5)})
        curves = {"heads": mean, "limit": np.full(ROUNDS, 0.5)}
        details = {"odd": np.array([np.nan, np.inf, -np.inf])}
        trajectory = Trajectory("toss", x, curves, details, {"heads": error}, fine, panels=[fine])
        return Measured(samples, trajectory, {"seeds": {"toss": 1}, "coin": "a coin"})


@pytest.fixture
def coin(monkeypatch):
    """A theorem about coins, registered beside the others for one test."""
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    module = types.ModuleType("coin_theorem")
    measured = Coin()
    measurement = Measurement.of(("coin", "constant"), measured)
    module.CLAIMS, module.Configuration = COINS, Toss
    module.EXPERIMENT = Experiment(Toss, lambda *setting: setting, [measurement])
    monkeypatch.setitem(sys.modules, "coin_theorem", module)
    registry.register(registry.Theorem("coin", "coin_theorem", "coin_theorem"))
    return measured


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(_progress, "INTERVAL", math.inf)  # no line on stderr, however slow


def call(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args], prog_name="verify")


def at_home(*args):
    """Every claim at its home."""
    return call("check", "--theorem", "coin", *args)


def toss(*args):
    """In one configuration, for an option of it is given."""
    return at_home(*([] if "--seeds" in args else ["--seeds", 400]), *args)


def verdicts(path="o.json"):
    return {row["claim"]: row["verdict"] for row in strict(path)["claims"]}


def strict(path):
    def reject(constant):
        raise AssertionError(f"not JSON: {constant}")

    return json.loads(Path(path).read_text(), parse_constant=reject)
