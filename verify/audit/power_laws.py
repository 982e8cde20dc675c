"""How many seeds see, with probability CHANCE, a law or a limit that is wrong by a factor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtri, stdtrit

from theory.language.claim import Claim
from verify.judging import extrapolation, law
from verify.judging.judgement import smallest_count
from verify.judging.sample import Sample

CHANCE = 0.9
RESAMPLES = 200
MOST_SEEDS = 20_000


def fewest_seeds(seen: Callable[[int], bool]) -> float:
    """The smallest count that is seen (to 1 %); inf above MOST_SEEDS."""
    found = smallest_count(seen, MOST_SEEDS, precision=0.01)
    return math.inf if found is None else found


def seeds_of_law(
    claim: Claim, sample: Sample, level: float, factor: float, rng: np.random.Generator
) -> float:
    """Values drawn from the measured ones, at the checkpoint that refutes most."""
    each = level / len(sample.rows) / len(law.TESTS)
    transform = law.Transform.of(claim, sample)

    def needed(side: Callable[[float], law.Moved]) -> float:
        low, high = transform.uniform(side(factor))
        at = int(np.argmin(law.p_values(low, high).min(axis=0)))
        low, high = low[at], high[at]

        def seen(count: int) -> bool:
            chosen = rng.integers(low.size, size=(RESAMPLES, count))
            found = [
                law.refutes(low[part], high[part], each) for part in np.array_split(chosen, 20)
            ]
            return bool(np.concatenate(found).mean() >= CHANCE)

        return fewest_seeds(seen)

    return max(needed(side) for side in transform.sides())


def seeds_of_limit(claim: Claim, sample: Sample, level: float, factor: float) -> float:
    """By the standard errors of the fit, which fall like the root of the seeds."""
    rows = sample.rows
    scaled = extrapolation.scaled_sizes(claim, sample)
    fit = extrapolation.weights(scaled)
    found = claim.evaluate(sample.symbols, where=claim.regime(sample.symbols).holds)
    limit = abs(float(fit[0] @ np.broadcast_to(found.bound, scaled.shape)))
    left = extrapolation.remainder(scaled, fit)
    series = fit @ (rows - np.broadcast_to(found.bound, scaled.shape)[:, None])
    spread = max((series[0] + s * left * series[1]).std(ddof=1) for s in (-1, 1))
    room = limit * (1 - 1 / factor) - left * abs(series[1].mean())

    def seen(count: int) -> bool:
        if count < extrapolation.FEWEST:
            return False
        errors = -stdtrit(count - 1, level / 2) + ndtri(CHANCE)
        return bool(room > errors * spread / np.sqrt(count))

    return fewest_seeds(seen)
