"""Bugs of evidence, verdicts, budget and seeds."""

from dataclasses import replace

import numpy as np

from tests.sabotage.planting import Bug, ByClaim, by_test
from tests.sabotage.trainer import INITIAL
from tests.verify.judging import test_budget, test_evidence, test_fields, test_seeds, test_verdict
from theory.language.kinds import Relation
from verify.judging import evidence, sample, seeds, verdict
from verify.judging.budget import Budget
from verify.judging.sample import Sample

judge, mixture, below = verdict.judge, evidence._running_mixture, evidence.log_e_value_below
lower_confidence, binomial = evidence.lower_confidence, evidence.binomial_p_value
above, seed_of = evidence.log_e_value, seeds.seed_of

# True to the last digit, and its initialisations are drawn, not trained.
EXACT = ByClaim("published/initial-loss/exact", INITIAL)
NULL = by_test(test_evidence.test_null_at_the_boundary, "exponential", 0.05)
ORDER = by_test(test_evidence.test_it_is_the_largest_mixture_so_far, 0, 8)
PARTS = test_verdict.test_every_checkpoint_and_side_has_an_equal_part_of_the_level


def verdict_of(name):
    """The row of that name in the table of verdicts."""
    (row,) = (row for row in test_verdict.TABLE if row[0] == name)
    return by_test(test_verdict.test_verdict, *row[1:])


def best_bet_in_hindsight(gains):
    return np.maximum(np.cumsum(gains, axis=-1).max(axis=(0, -1)), 0.0)


def bet_after_seeing_the_value(gains):
    return mixture(np.maximum(gains, 0.0))


def future_known(gains):
    """The largest values first: an order that has seen all of them."""
    return mixture(-np.sort(-gains, axis=-1))


def last_wealth(gains):
    return mixture(gains.sum(axis=-1, keepdims=True))


def no_weights(gains):
    return mixture(gains) + np.log(len(gains))


def at_level(factor):
    """The judge at a level that is multiplied by factor(claim, sample)."""

    def bug(claim, values, level):
        return judge(claim, values, min(0.99, level * factor(claim, values)))

    return bug


def on_sample(change):
    return lambda claim, values, level: judge(claim, replace(values, **change(values)), level)


def without_nan(values):
    rows = values.rows
    if np.isfinite(rows).all():
        return {}
    return {"values": rows[:, np.isfinite(rows).all(axis=0)]}


def limit_in_place_of_mean(claim, values, level):
    found = judge(claim, values, level)
    return replace(found, measured=found.lower_confidence)


def common_logarithm(values, level, **options):
    """The threshold log10(1/level) for a natural logarithm."""
    return lower_confidence(values, level ** (1 / np.log(10)), **options)


def always_powered(claim, values, level):
    found = judge(claim, values, level)
    return replace(found, verdict=verdict.Verdict.HOLDS) if "wrong by" in found.reason else found


BUGS = {
    "best bet in hindsight": Bug(evidence, "_running_mixture", best_bet_in_hindsight, (ORDER,)),
    "bet that has seen its value": Bug(
        evidence, "_running_mixture", bet_after_seeing_the_value, (NULL, EXACT)
    ),
    "values in an order that knows the future": Bug(
        evidence, "_running_mixture", future_known, (NULL, ORDER, EXACT)
    ),
    "mixture of bets without weights": Bug(evidence, "_running_mixture", no_weights, (ORDER,)),
    "wealth at the end, not the largest": Bug(evidence, "_running_mixture", last_wealth, (ORDER,)),
    "test from below without the variance": Bug(
        evidence, "log_e_value_below", lambda x, b, variance: below(x, b, np.zeros_like(variance)),
        (by_test(test_evidence.test_one_observation_from_below, 0.3, 7.0),),
    ),
    "negative values taken as 0 in the e-value": Bug(
        evidence, "log_e_value", lambda values, bound: above(np.maximum(values, 0.0), bound),
        (by_test(test_evidence.test_invalid_values, (-1.0, 5.0)),),
    ),
    "negative values taken as 0 by the judge": Bug(
        verdict, "judge",
        lambda claim, of, *rest: judge(claim, replace(of, values=np.maximum(of.values, 0)), *rest),
        (by_test(test_verdict.test_values_below_0_are_no_test, test_verdict.UPPER),
         by_test(test_fields.test_negative_values_are_named_with_the_remedy, -1e-17)),
    ),
    "threshold with the wrong logarithm": Bug(
        evidence, "lower_confidence", common_logarithm,
        (by_test(test_evidence.test_the_limit_is_where_refutation_ends),),
    ),
    "binomial p-value off by one": Bug(
        evidence, "binomial_p_value", lambda failures, *rest: binomial(failures + 1, *rest),
        (by_test(test_evidence.test_binomial, 9, 0.3), by_test(test_evidence.test_binomial_edges)),
    ),
    "two-sided at the level, not half of it": Bug(
        verdict, "judge",
        at_level(lambda claim, values: 2 if claim.kind.relation is Relation.EXACT else 1),
        (by_test(PARTS, test_verdict.EXACT, 6),),
    ),
    "no union bound over checkpoints": Bug(
        verdict, "judge", at_level(lambda claim, values: len(values.rows)),
        (by_test(PARTS, test_verdict.UPPER, 3),),
    ),
    "mean in place of the confidence limit": Bug(
        Sample, "lower_confidence", lambda values, level: values.rows.mean(axis=1),
        (verdict_of("upper, false by little"), verdict_of("upper, few seeds")),
    ),
    "confidence limit in place of the mean": Bug(
        verdict, "judge", limit_in_place_of_mean,
        (by_test(test_verdict.test_numbers_are_taken_where_the_claim_is_tightest),),
    ),
    "NaN dropped": Bug(
        verdict, "judge", on_sample(without_nan), (verdict_of("upper, a value NaN"),)
    ),
    "NaN taken as 0": Bug(
        verdict, "judge", on_sample(lambda values: {"values": np.nan_to_num(values.values)}),
        (verdict_of("upper, a value NaN"), verdict_of("path, NaN")),
    ),
    "tolerance of 1e-3": Bug(
        sample, "TOLERANCE", dict.fromkeys(sample.TOLERANCE, 1e-3),
        (verdict_of("path, false once"), verdict_of("exact, known, below")),
    ),
    "trivial bound ignored": Bug(
        verdict, "judge", on_sample(lambda values: {"trivial": np.inf}),
        (verdict_of("upper, trivial"), verdict_of("path, trivial")),
    ),
    "share of the good event ignored": Bug(
        verdict, "judge", on_sample(lambda values: {"share": 1.0}),
        (verdict_of("upper, rare event"),),
    ),
    "checkpoint known before training counted": Bug(
        verdict, "judge", on_sample(lambda values: {"given": 0}),
        (verdict_of("upper, all given"),),
    ),
    "a check without power passes": Bug(
        verdict, "judge", always_powered, (verdict_of("upper, few seeds"),)
    ),
    "budget not split over tests": Bug(
        Budget, "per_test", property(lambda budget: budget.total),
        (by_test(test_budget.test_parts),),
    ),
    "salt of a seed ignored": Bug(
        seeds, "seed_of", lambda *labels: seed_of(*labels[:1]),
        (by_test(test_seeds.test_a_seed_is_a_function_of_its_labels),),
    ),
}  # fmt: skip
