"""Calibration: the false-alarm rates of the statistical helpers, measured on true claims.

Every rate is compared with its level by an exact binomial test (scipy's, not the helper's own).
The chance that a correct helper is called miscalibrated in one run is at most ALARM, split evenly
over the rates.
"""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scipy.stats import binomtest

from theory.language.errors import InvalidArgument, unknown
from theory.language.kinds import EXACT_EXPECTATION, UPPER_EXPECTATION, Kind, Mode, Relation
from verify.audit import alarms, alarms_laws, nulls
from verify.audit.alarms import Simulation
from verify.experiments.kit import Progress
from verify.judging import law
from verify.judging.plural import number
from verify.judging.seeds import numpy_generator
from verify.runs.plain import strict_json

ALARM = 1e-4
"""The probability that a run calls any correct helper miscalibrated."""

CONFIDENCE = 0.95
"""Of the interval shown for a rate (Clopper & Pearson)."""

LEVELS = (0.05, 0.01, 1e-3)
TOTALS = (0.2,)
"""Budgets of a suite and of a search: exaggerated, to be measurable."""

REPETITIONS, QUICK = 20_000, 1_000
BATCH = 50
MINIMUM = 50


@dataclass(frozen=True)
class Cell:
    """One helper on one law; verdicts, suites and searches are repeated a `part` as often."""

    helper: str
    law: str
    simulation: Simulation
    part: float = 1.0
    total: bool = False
    levels: tuple[float, ...] | None = None

    def repetitions(self, full: int) -> int:
        return max(MINIMUM, round(full * self.part))


@dataclass(frozen=True)
class Rate:
    """`hits` false alarms in `repetitions` at `level`."""

    helper: str
    law: str
    level: float
    hits: int
    repetitions: int

    @property
    def rate(self) -> float:
        return self.hits / self.repetitions

    @property
    def interval(self) -> tuple[float, float]:
        test = binomtest(self.hits, self.repetitions)
        low, high = test.proportion_ci(CONFIDENCE, method="exact")
        return float(low), float(high)

    @property
    def p_value(self) -> float:
        """Of the rate being at most the level."""
        return float(
            binomtest(self.hits, self.repetitions, self.level, alternative="greater").pvalue
        )


@dataclass(frozen=True)
class Calibration:
    rates: tuple[Rate, ...]
    salt: str
    seconds: float

    @property
    def too_high(self) -> tuple[Rate, ...]:
        each = ALARM / max(1, len(self.rates))
        return tuple(rate for rate in self.rates if rate.p_value <= each)

    @property
    def exit_code(self) -> int:
        return 1 if self.too_high else 0


def cells(eigenvalues: Sequence[float] = nulls.EIGENVALUES) -> Iterator[Cell]:
    """Everything that is calibrated."""
    laws = nulls.laws(eigenvalues)
    loss, coin, rare = nulls.quadratic_form(eigenvalues), laws[4], laws[5]
    for each in laws:
        yield Cell("upper e-value", each.name, alarms.upper(each))
        yield Cell("lower e-value", each.name, alarms.lower(each))
        yield Cell("lower confidence", each.name, alarms.limit(each), 1 / 20)
    for trials, share in ((20, 0.1), (200, 0.02), (1000, 0.5)):
        name = f"{trials} trials at {share:g}"
        yield Cell("binomial test", name, alarms.binomial(trials, share))
    for kind in alarms.KINDS:
        of_values = kind in alarms.KINDS[:3]
        for each in (loss, coin, rare) if of_values else (loss,):
            name = each.name if of_values else f"{alarms.SEEDS} trials"
            yield Cell(_judge(kind), name, alarms.judge(kind, each), 1 / 20)
    sharp = nulls.two_points(0, 20)  # both sides of an equality come close to their levels
    once = alarms.judge(EXACT_EXPECTATION, sharp, alone=True)
    yield Cell(_judge(EXACT_EXPECTATION, "judge once"), sharp.name, once, 1 / 4)
    for kind in alarms.PATHWISE:
        yield Cell(_judge(kind), loss.name, alarms.judge(kind, loss), 1 / 20, levels=(0.0,))
    for test in law.TESTS:
        yield Cell(f"law: {test}", "uniform", alarms_laws.part_of_law(test))
    for name in alarms_laws.LAWS:
        yield Cell("judge: law ~ F", name, alarms_laws.in_law(name), 1 / 50)
    several = alarms_laws.in_law("chi-squared(5)", checkpoints=4)
    yield Cell("judge: law ~ F", "4 checkpoints", several, 1 / 50)
    for error in alarms_laws.ERRORS:
        for noise in alarms_laws.NOISES:
            simulation = alarms_laws.in_limit(error, noise)
            yield Cell("judge: limit -> b", f"{error}; {noise}", simulation, 1 / 20)
    for ceiling in (2.0, 20.0):
        capped = nulls.two_points(0, ceiling)
        for relation in (Relation.LOWER, Relation.EXACT):
            name = f"judge: mean {Kind(relation, Mode.EXPECTATION).sign} b; X <= top"
            simulation = alarms_laws.below_ceiling(relation, capped, ceiling)
            yield Cell(name, capped.name, simulation, 1 / 20)
    for confidence, name in ((False, "every one"), (True, "share delta fails")):
        simulation = alarms.initialisations(coin, confidence=confidence)
        yield Cell("judge_initialisations", name, simulation, 1 / 50)
    for each in (loss, coin, rare):
        yield Cell("suite: tests x checks", each.name, alarms.suite(each), 1 / 50, total=True)
    for kind in (UPPER_EXPECTATION, EXACT_EXPECTATION):
        name = f"adaptive, {kind.relation.value}"
        yield Cell("search by Hypothesis", name, alarms.search(kind), 1 / 50, total=True)


def _judge(kind: Kind, name: str = "judge") -> str:
    modes = {Mode.EXPECTATION: "mean", Mode.PATHWISE: "path", Mode.PROBABILITY: "frequency"}
    return f"{name}: {modes[kind.mode]} {kind.sign} b"


def run(
    repetitions: int = REPETITIONS,
    *,
    salt: str,
    levels: Sequence[float] = LEVELS,
    patterns: Collection[str] = (),
    eigenvalues: Sequence[float] = nulls.EIGENVALUES,
    progress: Progress | None = None,
) -> Calibration:
    """Simulate the helpers whose names match the patterns (default: all)."""
    if repetitions < MINIMUM:
        raise InvalidArgument("repetitions", repetitions, f"an integer >= {MINIMUM}")
    if not levels or not all(0 < level < 1 for level in levels):
        raise InvalidArgument("levels", list(levels), "numbers between 0 and 1")
    if not eigenvalues or not all(0 < value < np.inf for value in eigenvalues):
        raise InvalidArgument("eigenvalues", list(eigenvalues), "positive numbers")
    start, chosen = time.monotonic(), _matching(patterns, eigenvalues)
    # what is repeated less often takes longer each time: all cells count the same
    rates = []
    for place, cell in enumerate(chosen):
        at = cell.levels or (TOTALS if cell.total else tuple(levels))
        count, done = cell.repetitions(repetitions), 0
        hits = np.zeros(len(at), dtype=int)
        rng = numpy_generator("calibrate", salt, cell.helper, cell.law)
        while done < count:
            batch = min(BATCH, count - done)
            hits += cell.simulation(rng, batch, at)
            done += batch
            if progress:
                progress(place + done / count, len(chosen))
        rates += [
            Rate(cell.helper, cell.law, level, int(n), count)
            for level, n in zip(at, hits, strict=True)
        ]
    return Calibration(tuple(rates), salt, time.monotonic() - start)


def show(calibration: Calibration, console: Console) -> None:
    """Per helper and level the law with the largest rate, then what is too high."""
    worst: dict[tuple[str, float], Rate] = {}
    for rate in calibration.rates:
        key = rate.helper, rate.level
        if key not in worst or rate.rate > worst[key].rate:
            worst[key] = rate
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name, side in HEADINGS.items():
        found.add_column(name, justify=side, no_wrap=name != "helper")  # type: ignore[arg-type]
    too_high = calibration.too_high
    previous = ""
    for (helper, level), rate in worst.items():
        bad = any((r.helper, r.level) == (helper, level) for r in too_high)
        low, high = rate.interval
        word = Text("HIGH", "bold red") if bad else Text("ok", "green")
        found.add_row(helper if helper != previous else "", f"{level:g}", f"{rate.rate:.2g}",
                      f"{low:.2g} - {high:.2g}", str(rate.repetitions), rate.law, word)  # fmt: skip
        previous = helper
    console.print(found)
    for rate in too_high:
        console.print(
            f"HIGH {rate.helper}, {rate.law}: {rate.hits} of {rate.repetitions} "
            f"at level {rate.level:g}, p = {rate.p_value:.0e}", highlight=False,
        )  # fmt: skip
    console.print(Text(summary(calibration)))


HEADINGS: Mapping[str, str] = {
    "helper": "left", "level": "right", "rate": "right", "95 % interval": "right",
    "of": "right", "worst law": "left", "": "left",
}  # fmt: skip


def summary(calibration: Calibration) -> str:
    bad = len(calibration.too_high)
    return (
        f"{number(len(calibration.rates), 'rate')}, {bad} above their level (the chance of any by "
        f"luck: at most {ALARM:g}); salt {calibration.salt}, {calibration.seconds:.0f} s"
    )


def to_json(calibration: Calibration) -> bytes:
    """All rates, not only the worst, as strict JSON."""
    too_high = set(calibration.too_high)
    rows = [
        {
            "helper": r.helper, "law": r.law, "level": r.level, "hits": r.hits,
            "repetitions": r.repetitions, "rate": r.rate, "interval": r.interval,
            "p_value": r.p_value, "too_high": r in too_high,
        }
        for r in calibration.rates
    ]  # fmt: skip
    content = {
        "exit_code": calibration.exit_code, "salt": calibration.salt, "alarm": ALARM,
        "confidence": CONFIDENCE, "seconds": calibration.seconds, "rates": rows,
    }  # fmt: skip
    return strict_json(content)


def _matching(patterns: Collection[str], eigenvalues: Sequence[float]) -> list[Cell]:
    everything = list(cells(eigenvalues))
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(cell.helper, pattern) for cell in everything):
            names = (f"'{cell.helper}'" for cell in everything)
            raise unknown("helpers", pattern, names, ", or a pattern")
    wanted = patterns or ["*"]
    return [c for c in everything if any(fnmatch.fnmatchcase(c.helper, p) for p in wanted)]
