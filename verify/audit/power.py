"""Power: what violation of a claim a check can see, and how many seeds a finer one takes.

factor  The detectable factor of the judgement: divided by more, the bound would be refuted by the
        sample at hand. It is bound/mean, which no number of seeds lowers, times what is lost to
        chance.
seeds   So many refute a claim that is wrong by a factor 2 or 1.2 with probability CHANCE: an upper
        bound so much below the measured mean, a lower one or the band of an equality scaled by it
        (as for the judge's UNDERPOWERED). The law of the values is taken to be that of the
        measured ones (bootstrap), at the one checkpoint where evidence grows fastest: large
        values so rare that none was measured are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.language.claim import Claim
from theory.language.kinds import Mode, Relation
from verify.audit.power_laws import (
    CHANCE,
    MOST_SEEDS,
    RESAMPLES,
    fewest_seeds,
    seeds_of_law,
    seeds_of_limit,
)
from verify.experiments.kit import as_dict
from verify.judging import evidence, verdict
from verify.judging.expectation import raised
from verify.judging.plural import filled
from verify.judging.probability import too_few, too_many
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator
from verify.judging.verdict import Judgement, Verdict
from verify.runs.check import Outcome
from verify.runs.plain import strict_json
from verify.runs.text import STYLES, broken, detectable, ordered, summary

FACTORS = (2.0, 1.2)


@dataclass(frozen=True)
class Power:
    """Of one claim: its judgement with the detectable factor, `seeds` per factor of FACTORS.

    seeds  inf: more than MOST_SEEDS, or no number of them; NaN: chance plays no part, or the
           claim speaks of more than one initialisation
    """

    judgement: Judgement
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
    if judgement is None:
        judgement = verdict.judge_initialisations(claim, [sample], level)
    seeds = dict.fromkeys(FACTORS, math.nan)
    of_trials = claim.kind.mode is Mode.PROBABILITY
    available = sample.values.size if of_trials else sample.rows.shape[1]
    if judgement.verdict in (Verdict.OUT_OF_REGIME, Verdict.VACUOUS):
        return Power(judgement, seeds, available)
    random = claim.kind.mode is not Mode.PATHWISE and not sample.deterministic
    rng = numpy_generator("power", salt, claim.name)
    if random and claim.kind.mode is Mode.LIMIT:
        seeds = {f: seeds_of_limit(claim, sample, level, f) for f in FACTORS}
    elif random and claim.kind.mode is Mode.LAW:
        seeds = {f: seeds_of_law(claim, sample, level, f, rng) for f in FACTORS}
    elif random and not claim.confidence:
        resampled = Resampled.of(claim, sample, level)
        seeds = {f: resampled.seeds(f, rng) if resampled else math.inf for f in FACTORS}
    return Power(judgement, seeds, available)


@dataclass(frozen=True, eq=False)
class Resampled:
    """A claim with its sample, at its `level`; its bound, band, variance and ceiling are the
    symbols B, L, U, V, C.

    Only the checkpoints that say something are kept, each at the error it had among all; None if
    no checkpoint does.
    """

    claim: Claim
    sample: Sample
    level: float

    @classmethod
    def of(cls, claim: Claim, sample: Sample, level: float) -> Resampled | None:
        holds = claim.regime(sample.symbols).holds
        found = claim.evaluate(sample.symbols, where=holds)
        banded = found.lower is not None
        ends = (
            {"L": found.lower, "U": found.upper} if banded else {"L": found.bound, "U": found.bound}
        )
        known = {"B": found.bound, **ends, "V": found.variance, "C": found.ceiling}
        numbers = {name: value for name, value in known.items() if value is not None}
        if claim.kind.mode is Mode.PROBABILITY:
            return cls(claim, replace(sample, symbols=numbers), level)
        rows = sample.rows
        keep = np.broadcast_to(holds, len(rows)) & (np.arange(len(rows)) >= sample.given)
        if claim.kind.relation is Relation.UPPER:
            keep = keep & (found.bound < sample.trivial)
        for number in numbers.values():
            keep = keep & np.isfinite(number)
        if not keep.any():
            return None
        symbols = {name: np.broadcast_to(x, keep.shape)[keep] for name, x in numbers.items()}
        return cls(claim, Sample(rows[keep], symbols), level * keep.mean())

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
        if relation is not Relation.UPPER and "C" in symbols:
            lacking = np.maximum(symbols["C"][:, None] - rows, 0.0)
            true = mean if relation is Relation.LOWER else symbols["L"]
            wrong = raised(true, symbols["C"], factor)
            yield _fastest(lacking, symbols["C"] - wrong, None, math.log(1 / each))
        elif relation is not Relation.UPPER:
            wrong, variance = symbols["L"] * factor, symbols["V"] * factor**2
            yield _fastest(rows, wrong, variance, math.log(1 / each))

    def _trials(self, factor: float) -> float:
        """As the judge: so many trials in which `factor` times the allowed share would be seen."""
        bound = float(self.sample.symbols["B"])
        relation = self.claim.kind.relation
        exact = relation is Relation.EXACT
        allowed = 1 - bound if relation is Relation.LOWER or (exact and bound > 0.5) else bound
        if not 0 < allowed < 1:
            return math.inf
        wrong = min(1.0, factor * allowed)

        def seen(trials: int) -> bool:
            if exact:
                few = too_few(int(allowed / factor * trials), trials, allowed, self.level / 2)
                return few and too_many(math.ceil(wrong * trials), trials, allowed, self.level / 2)
            failures = math.ceil(wrong * trials)
            return evidence.binomial_p_value(failures, trials, allowed) <= self.level

        return fewest_seeds(seen)


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

    return fewest_seeds(seen)


def show(outcome: Outcome, found: tuple[Power, ...], console: Console) -> None:
    """A row per claim in its regime, and a line of summary."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    heads = ["verdict", "bound/mean", "factor", "runs", *(f"for {f:g}" for f in FACTORS)]
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
    console.print(Text(filled(summary((outcome,)), console.width)))


LEGEND = (
    "factor: the bound divided by it (a lower one multiplied, an equality both) is refuted by this "
    f"sample; for f: so many runs refute a claim wrong by f with probability {CHANCE:g} "
    "(resampled values; never: more than "
    f"{MOST_SEEDS}, or a band too wide); -: chance plays no part, or one initialisation"
)


def _cells(power: Power) -> tuple[str, ...]:
    j = power.judgement
    ratio = "" if math.isnan(j.tightness) else f"{j.tightness:.3g}"
    seeds = ("-" if math.isnan(n) else "never" if n == math.inf else f"{n:.0f}"
             for n in power.seeds.values())  # fmt: skip
    return j.verdict.value, ratio, detectable(j.factor), str(power.available), *seeds


def to_json(outcome: Outcome, found: tuple[Power, ...]) -> bytes:
    """All numbers as strict JSON."""
    rows = [
        {
            "claim": p.judgement.claim, "verdict": p.judgement.verdict.value,
            "tightness": p.judgement.tightness, "factor": p.judgement.factor,
            "seeds": p.available, "seeds_for": {f"{f:g}": n for f, n in p.seeds.items()},
        }
        for p in found
    ]  # fmt: skip
    content = {
        "theorem": outcome.theorem, "salt": outcome.salt, "budget": outcome.budget,
        "chance": CHANCE, "resamples": RESAMPLES, "most_seeds": MOST_SEEDS, "claims": rows,
        "configuration": as_dict(outcome.configuration), "seconds": outcome.seconds,
    }  # fmt: skip
    return strict_json(content)
