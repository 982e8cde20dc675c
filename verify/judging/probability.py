"""Claims with probability: the frequency of an event by exact binomial tests.

An upper or lower bound may fail by chance with its own probability only: the rarer side is tested.
An equality is tested from both sides, each at half the level. Wrong by a factor 2 means: the rarer
of the event and its complement twice as likely, or half as likely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from theory.language.errors import InvalidArgument
from theory.language.kinds import Relation
from verify.judging.evidence import binomial_p_value
from verify.judging.judgement import FACTOR, Judgement, Verdict, smallest_count, too_rare
from verify.judging.plural import number
from verify.judging.sample import Sample

MOST_TRIALS = 2**40
"""No machine makes more."""


def judge_probability(
    base: Judgement, sample: Sample, bound: float, relation: Relation, level: float
) -> Judgement:
    """P(event) >= bound, <= bound or == bound, on trials of 0 and 1."""
    from scipy.special import betaincinv  # slow to import

    values = sample.values.ravel()
    if not np.isin(values, (0, 1)).all():
        raise InvalidArgument("values", np.unique(values)[:5].tolist(), "0 or 1 per trial")
    happened, trials = int(values.sum()), values.size
    found = replace(
        base,
        bound=bound,
        measured=happened / trials,
        standard_error=float(values.std() / np.sqrt(trials)),
        checkpoints=trials,
        level=level,
    )
    if relation is Relation.EXACT:
        return _equal(found, happened, bound, level, sample.tolerance)
    lower = relation is Relation.LOWER
    allowed = 1 - bound if lower else bound
    failures = trials - happened if lower else happened
    # the share of failures that is refuted: the lower end of the Clopper-Pearson interval
    shown = float(betaincinv(failures, trials - failures + 1, level)) if failures else 0.0
    measured = happened / trials
    over, under = (measured, bound) if lower else (bound, measured)
    judgement = replace(
        found,
        tightness=over / under if under > 0 else float("nan"),
        factor=max(1.0, allowed / shown) if shown > 0 else float("inf"),
    )
    if too_many(failures, trials, max(allowed, 0.0), level):
        many = f"{number(failures, 'failure')} in {number(trials, 'trial')}"
        reason = f"{many}, allowed: a share {allowed:g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    if allowed < -sample.tolerance:
        reason = f"{bound:g} is no probability: nothing can be {'more' if lower else 'less'} likely"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason)
    if reason := too_rare(sample.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not 0 < allowed < 1:
        reason = f"a probability bound of {bound:g} says nothing or everything"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not shows_twice(trials, allowed, level):
        many = number(trials, "trial")
        reason = f"{many} would not show twice the allowed share {allowed:g} of failures"
        reason += enough_trials(trials, lambda n: shows_twice(n, allowed, level))
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS, informative=trials)


def _equal(
    found: Judgement, happened: int, bound: float, level: float, tolerance: float
) -> Judgement:
    """P(event) == bound, each side at half the level."""
    from scipy.special import betaincinv  # slow to import

    trials, each = found.checkpoints, level / 2
    if bound < -tolerance or bound > 1 + tolerance:
        return replace(found, verdict=Verdict.REFUTED, reason=f"{bound:g} is no probability")
    # of the rarer outcome: how often it came, how often it should
    often = bound > 0.5
    rare, share = (trials - happened, 1 - bound) if often else (happened, bound)
    share = 0.0 if -tolerance <= share < 0 else share
    least = float(betaincinv(rare, trials - rare + 1, each)) if rare else 0.0
    most = float(betaincinv(rare + 1, trials - rare, 1 - each)) if rare < trials else 1.0
    factor = max(most / share if share > 0 else np.inf, share / least if least > 0 else np.inf)
    judgement = replace(found, tightness=1.0, factor=max(1.0, float(factor)))
    if too_many(rare, trials, share, each) or too_few(rare, trials, share, each):
        reason = f"{happened} of {trials} trials: a share {happened / trials:.4g} for {bound:.4g}"
        return replace(judgement, verdict=Verdict.REFUTED, reason=reason, factor=1.0)
    if reason := too_rare(found.share):
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)
    if not 0 < share < 1:
        reason = f"a probability of {bound:g} says nothing or everything"
        return replace(judgement, verdict=Verdict.VACUOUS, reason=reason)

    def shown(n: int) -> bool:
        return shows_twice(n, share, each) and too_few(int(share / FACTOR * n), n, share, each)

    if not shown(trials):
        reason = f"{number(trials, 'trial')} would not show twice or half the share {share:g}"
        reason += enough_trials(trials, shown)
        return replace(judgement, verdict=Verdict.UNDERPOWERED, reason=reason)
    return replace(judgement, verdict=Verdict.HOLDS, informative=trials)


def shows_twice(trials: int, allowed: float, level: float, slack: float = 0.0) -> bool:
    """Whether twice the allowed share of failures among so many trials would be too many.

    slack  what is allowed beyond the share
    """
    failures = int(np.ceil(min(1.0, FACTOR * allowed) * trials))
    return too_many(failures, trials, allowed + slack, level)


def enough_trials(few: int, shows: Callable[[int], bool]) -> str:
    """How many trials, more than so few, show it, in words: a number of two digits that does."""
    enough = smallest_count(shows, MOST_TRIALS, few=few)
    if enough is None:
        return ""
    step = 10 ** max(0, len(str(enough)) - 2)
    round_number = -(-enough // step) * step
    while not shows(round_number):  # whole numbers of failures: some larger ones do not
        round_number += step
    return f"; {round_number} are enough"


def too_many(failures: int, trials: int, allowed: float, level: float) -> bool:
    """Whether so many failures refute, at `level`, that they have at most the allowed share."""
    return binomial_p_value(failures, trials, allowed) <= level


def too_few(events: int, trials: int, share: float, level: float) -> bool:
    """Whether so few events refute, at `level`, that they have at least this share."""
    from scipy.special import betaincc  # slow to import

    if events == trials:
        return False
    return float(betaincc(events + 1, trials - events, min(share, 1.0))) <= level
