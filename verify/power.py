"""Power: what violation of a claim a check can see, and how many seeds a finer one takes.

factor  From the sample at hand, by bisection through the judge: the bound must be divided by this
        (an upper bound; a lower one is multiplied, an equality suffers both) to be refuted. It is
        bound/mean, which no number of seeds lowers, times what is lost to chance.
seeds   So many refute a claim that is wrong by a factor 2 or 1.2 with probability CHANCE: an upper
        bound so much below the measured mean, a lower one or the band of an equality scaled by it
        (as for the judge's UNDERPOWERED). The law of the values is taken to be that of the
        measured ones (bootstrap), at the one checkpoint where evidence grows fastest: large
        values so rare that none was measured are left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.claim import Claim, Kind, Mode, Relation
from verify import evidence, verdict
from verify.experiment import as_dict
from verify.report import STYLES, broken, filled, ordered, plain, summary
from verify.run import Outcome
from verify.sample import Sample
from verify.seeds import numpy_generator
from verify.verdict import Judgement, Verdict

FACTORS = (2.0, 1.2)
CHANCE = 0.9
RESAMPLES = 200
MOST_SEEDS = 20_000
LARGEST_FACTOR = 1e6

_B, _L, _U, _V, _s = sp.symbols("B L U V s", real=True)


@dataclass(frozen=True)
class Power:
    """Of one claim: `factor` (inf: none is seen), `seeds` per factor of FACTORS and at hand.

    seeds  inf: more than MOST_SEEDS, or no number of them; NaN: chance plays no part, or the
           claim speaks of more than one initialisation
    """

    judgement: Judgement
    factor: float
    seeds: Mapping[float, float]
    available: int


def powers(outcome: Outcome) -> tuple[Power, ...]:
    """The power of every claim in its regime."""
    level = outcome.budget / max(1, len(outcome.judgements))
    judged = [j for j in ordered(outcome) if j.verdict is not Verdict.OUT_OF_REGIME]
    claims = [outcome.claims[j.claim] for j in judged]
    samples = [outcome.observations.samples[claim.quantity.name] for claim in claims]
    return tuple(
        power(claim, sample, level, j, salt=outcome.salt)
        for claim, sample, j in zip(claims, samples, judged, strict=True)
    )


def power(
    claim: Claim, sample: Sample, level: float, judgement: Judgement | None = None, *, salt: str
) -> Power:
    """The power of one claim, judged at `level`; `judgement` is its verdict if it is known."""
    judgement = judgement or verdict.judge_initialisations(claim, [sample], level)
    seeds = dict.fromkeys(FACTORS, math.nan)
    of_trials = claim.kind.mode is Mode.PROBABILITY
    available = sample.values.size if of_trials else sample.rows.shape[1]
    if judgement.verdict in (Verdict.OUT_OF_REGIME, Verdict.VACUOUS):
        return Power(judgement, math.inf, seeds, available)
    scaled = Scaled.of(claim, sample, level)
    random = claim.kind.mode is not Mode.PATHWISE and not sample.deterministic
    if random and not claim.confidence:
        rng = numpy_generator("power", salt, claim.name)
        seeds = {factor: scaled.seeds(factor, rng) for factor in FACTORS}
    return Power(judgement, detectable_factor(scaled), seeds, available)


def detectable_factor(scaled: Scaled) -> float:
    """The smallest factor refuted by the sample, to three digits; of an equality the larger."""
    kind = scaled.claim.kind
    signs = {Relation.UPPER: (-1,), Relation.LOWER: (1,), Relation.EXACT: (-1, 1)}[kind.relation]
    if kind.mode is Mode.PROBABILITY:
        signs = (-1,)  # the share of failures that is allowed
    return max(_smallest(scaled, sign) for sign in signs)


def _smallest(scaled: Scaled, sign: int) -> float:
    if scaled.refuted(1.0):
        return 1.0
    low, high = 0.0, math.log(LARGEST_FACTOR)
    if not scaled.refuted(math.exp(sign * high)):
        return math.inf
    while high - low > 5e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if scaled.refuted(math.exp(sign * middle)) else (middle, high)
    return math.exp(high)


@dataclass(frozen=True, eq=False)
class Scaled:
    """A claim whose bound is the evaluated one times s, with its sample, at its `level`.

    Only the checkpoints that say something are kept, each at the error it had among all.
    """

    claim: Claim
    sample: Sample
    level: float

    @classmethod
    def of(cls, claim: Claim, sample: Sample, level: float) -> Scaled:
        holds = claim.regime(sample.symbols).holds
        found = claim.evaluate(sample.symbols, where=holds)
        mode, pathwise = claim.kind.mode, claim.kind.mode is Mode.PATHWISE
        shape = {Mode.PATHWISE: sample.values.shape, Mode.PROBABILITY: ()}.get(
            mode, sample.rows.shape[:1]
        )
        values = sample.values if mode is not Mode.EXPECTATION else sample.rows
        keep = np.ones(shape, dtype=bool)
        if mode is not Mode.PROBABILITY:
            keep &= holds
            if claim.kind.relation is Relation.UPPER:
                keep &= found.bound < sample.trivial
            if not pathwise:
                keep &= np.arange(len(keep)) >= sample.given
        ends = (found.lower, found.upper) if found.lower is not None else (found.bound, found.bound)
        numbers = {"B": found.bound, "L": ends[0], "U": ends[1], "V": found.variance}
        if shape:
            for number in numbers.values():
                keep &= np.isfinite(0.0 if number is None else number)
            values = values[keep]

        def kept(value: object) -> np.ndarray:
            array = np.asarray(value, dtype=np.float64)
            return np.broadcast_to(array, shape)[keep] if shape else array

        symbols = {name: kept(value) for name, value in numbers.items() if value is not None}
        if claim.confidence:
            symbols[claim.confidence] = np.max(sample.symbols[claim.confidence])
        scale = kept(sample.scale) if shape else 0.0
        reduced = replace(sample, values=values, symbols=symbols, trivial=np.inf, scale=scale,
                          given=0)  # fmt: skip
        share = keep.mean() if mode is Mode.EXPECTATION else 1.0
        return cls(_multiple(claim.kind, claim.confidence), reduced, level * share)

    def refuted(self, s: float) -> bool:
        """Whether the judge refutes s times the bound."""
        sample = replace(self.sample, symbols={**self.sample.symbols, "s": s})
        found = verdict.judge_initialisations(self.claim, [sample], self.level)
        return found.verdict is Verdict.REFUTED

    def seeds(self, factor: float, rng: np.random.Generator) -> float:
        """How many seeds refute the claim that is wrong by `factor`, with probability CHANCE."""
        if self.claim.kind.mode is Mode.PROBABILITY:
            return self._trials(factor)
        sides = list(self._sides(factor))
        if any(side is None for side in sides):
            return math.inf
        return max(_first_passage(side, rng) for side in sides if side is not None)

    def _sides(self, factor: float) -> Iterator[Side | None]:
        """The tests that must all refute: from above, from below, or both."""
        rows, symbols = self.sample.rows, self.sample.symbols
        relation, mean = self.claim.kind.relation, self.sample.rows.mean(axis=1)
        each = self.level / len(rows) / (2 if relation is Relation.EXACT else 1)
        if relation is not Relation.LOWER:
            exact = relation is Relation.EXACT
            wrong = (symbols["U"] if exact else mean) / factor
            yield _fastest(rows, wrong, None, math.log(1 / each))
        if relation is not Relation.UPPER:
            wrong, variance = symbols["L"] * factor, symbols["V"] * factor**2
            yield _fastest(rows, wrong, variance, math.log(1 / each))

    def _trials(self, factor: float) -> float:
        """As the judge: so many trials in which `factor` times the allowed share would be seen."""
        bound = float(self.sample.symbols["B"])
        allowed = 1 - bound if self.claim.kind.relation is Relation.LOWER else bound
        if not 0 < allowed < 1:
            return math.inf
        wrong = min(1.0, factor * allowed)

        def seen(trials: int) -> bool:
            failures = math.ceil(wrong * trials)
            return evidence.binomial_p_value(failures, trials, allowed) <= self.level

        return _smallest_count(seen)


@dataclass(frozen=True, eq=False)
class Side:
    """Values at one checkpoint against a wrong bound; `variance` where it is one from below."""

    values: np.ndarray
    bound: float
    variance: float | None
    threshold: float

    def log_e(self, rows: np.ndarray) -> np.ndarray:
        bound = np.full(len(rows), self.bound)
        if self.variance is None:
            return evidence.log_e_value(rows, bound)
        return evidence.log_e_value_below(rows, bound, np.full(len(rows), self.variance))


def _fastest(
    rows: np.ndarray, bounds: np.ndarray, variances: np.ndarray | None, threshold: float
) -> Side | None:
    """The checkpoint at which evidence grows fastest: the sample, repeated, refutes most."""
    bounds = np.broadcast_to(bounds, len(rows))
    repeated = np.tile(rows, (1, max(1, 1000 // rows.shape[1])))
    if variances is None:
        grown = evidence.log_e_value(repeated, bounds)
    else:
        grown = evidence.log_e_value_below(repeated, bounds, variances)
    at = int(np.argmax(grown)) if len(rows) else 0
    if not len(rows) or not grown[at] > 0:
        return None
    variance = None if variances is None else float(variances[at])
    return Side(rows[at], float(bounds[at]), variance, threshold)


def _first_passage(side: Side, rng: np.random.Generator) -> float:
    """The seeds after which a share CHANCE of resampled runs has refuted the wrong bound."""
    paths = rng.choice(side.values, (RESAMPLES, 64))

    def seen(count: int) -> bool:
        nonlocal paths
        while paths.shape[1] < count:
            paths = np.hstack([paths, rng.choice(side.values, paths.shape)])
        over = [(side.log_e(part[:, :count]) >= side.threshold) for part in np.split(paths, 20)]
        return bool(np.mean(over) >= CHANCE)

    return _smallest_count(seen)


def _smallest_count(seen: Callable[[int], bool]) -> float:
    """The smallest count that is seen (to 1 %), by doubling and bisection; inf above MOST_SEEDS."""
    low, high = 0, 1
    while not seen(high):
        if high == MOST_SEEDS:
            return math.inf
        low, high = high, min(2 * high, MOST_SEEDS)
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def _multiple(kind: Kind, confidence: str) -> Claim:
    """The claim with bound s B, compiled once per kind."""
    bound = 1 - (1 - _B) * _s if _failure_is_rare(kind) else _s * _B
    statement: dict[str, Any] = {}
    if kind.mode is Mode.EXPECTATION and kind.relation is not Relation.UPPER:
        statement["variance"] = _s**2 * _V
    if kind.mode is Mode.EXPECTATION and kind.relation is Relation.EXACT:
        statement["band"] = (_s * _L, _s * _U)
    claim = Claim.of(f"s times a bound ({kind})", bound, kind=kind, source="", **statement)
    return replace(claim, confidence=confidence)


def _failure_is_rare(kind: Kind) -> bool:
    return kind.mode is Mode.PROBABILITY and kind.relation is Relation.LOWER


def show(outcome: Outcome, found: tuple[Power, ...], console: Console) -> None:
    """A row per claim in its regime, and a line of summary."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    heads = ["verdict", "bound/mean", "factor", "seeds", *(f"for {f:g}" for f in FACTORS)]
    rows = [_cells(p) for p in found]
    table.add_column("claim")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    taken = sum(1 + max(map(len, column)) for column in zip(heads, *rows, strict=True))
    for p, row in zip(found, rows, strict=True):
        name = broken(p.judgement.claim, max(len("claim"), console.width - taken))
        table.add_row(name, Text(row[0], STYLES[p.judgement.verdict]), *row[1:])
    if found:
        console.print(table)
    console.print(Text(filled(LEGEND, console.width, rest="")))
    console.print(Text(summary(outcome)), soft_wrap=True)


LEGEND = (
    "factor: the bound divided by it (a lower one multiplied, an equality both) is refuted by this "
    f"sample; for f: so many seeds refute a claim wrong by f with probability {CHANCE:g} "
    "(resampled values; never: more than "
    f"{MOST_SEEDS}, or a band too wide); -: chance plays no part, or one initialisation"
)


def _cells(power: Power) -> tuple[str, ...]:
    j = power.judgement
    ratio = "" if math.isnan(j.tightness) else f"{j.tightness:.3g}"
    factor = f"{power.factor:.3g}" if math.isfinite(power.factor) else "never"
    seeds = ("-" if math.isnan(n) else "never" if n == math.inf else f"{n:.0f}"
             for n in power.seeds.values())  # fmt: skip
    return j.verdict.value, ratio, factor, str(power.available), *seeds


def to_json(outcome: Outcome, found: tuple[Power, ...]) -> bytes:
    """All numbers as strict JSON."""
    rows = [
        {
            "claim": p.judgement.claim, "verdict": p.judgement.verdict.value,
            "tightness": p.judgement.tightness, "factor": p.factor,
            "seeds": p.available, "seeds_for": {f"{f:g}": n for f, n in p.seeds.items()},
        }
        for p in found
    ]  # fmt: skip
    content = {
        "theorem": outcome.theorem, "salt": outcome.salt, "budget": outcome.budget,
        "chance": CHANCE, "resamples": RESAMPLES, "most_seeds": MOST_SEEDS, "claims": rows,
        "configuration": as_dict(outcome.configuration), "seconds": outcome.seconds,
    }  # fmt: skip
    return (json.dumps(plain(content), allow_nan=False, indent=1) + "\n").encode()
