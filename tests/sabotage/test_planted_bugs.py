"""Bugs planted in trainer, mask sampler, measurement and statistics: each is caught, by name."""

import importlib

import pytest

from tests.sabotage import handover, handover_widths, masks, measurement, statistics, trainer
from tests.sabotage.planting import Bug, ByClaim, passes_without_bug, planted
from theory import claim
from verify.judging import evidence, probability
from verify.training.masked import trainer as masked_trainer

GROUPS = {
    "trainer": trainer.BUGS,
    "mask sampler": masks.BUGS,
    "measurement": measurement.BUGS,
    "statistics": statistics.BUGS,
    "hand-over": handover.BUGS | handover_widths.BUGS,
}
BUGS = {name: bug for group in GROUPS.values() for name, bug in group.items()}


def bugs_of(group):
    return pytest.mark.parametrize("bug", GROUPS[group].values(), ids=GROUPS[group])


def is_caught(bug):
    for check in bug.caught_by:
        assert passes_without_bug(check), f"{check} fails without the bug"
        with planted(bug):
            assert not check.passes(), f"{check} does not see the bug"


@bugs_of("trainer")
def test_trainer(bug):
    is_caught(bug)


@bugs_of("mask sampler")
def test_mask_sampler(bug):
    is_caught(bug)


@bugs_of("measurement")
def test_measurement(bug):
    is_caught(bug)


@bugs_of("statistics")
def test_statistics(bug):
    is_caught(bug)


@bugs_of("hand-over")
def test_hand_over(bug):
    is_caught(bug)


def test_a_bug_cannot_spoil_what_the_next_one_changes():
    """All bugs share one run: one that wrote into it would make others seem to be caught."""

    def in_place(found):
        for sample in found.values():
            sample.values[...] *= 2
        return found

    bug = handover.handed_over(handover.TRAINING, in_place, handover.NOISY)
    with planted(bug), pytest.raises(ValueError, match="read-only"):
        handover.NOISY.passes()


def test_there_are_many():
    assert len(BUGS) == sum(map(len, GROUPS.values())) >= 60
    for group in GROUPS.keys() - {"hand-over"}:  # a wrong number may well leave a bound true
        refuting = [bug for bug in GROUPS[group].values() if any(map(is_claim, bug.caught_by))]
        assert len(refuting) >= 2


def is_claim(check):
    return isinstance(check, ByClaim)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_what_catches_is_in_the_suite(bug):
    assert bug.caught_by
    for check in bug.caught_by:
        if is_claim(check):
            assert claim(check.name).name == check.name
        else:
            module, name = str(check).split("::")
            assert module.rsplit(".", 1)[1].startswith("test_")
            assert name.startswith("test_")
            assert getattr(importlib.import_module(module), name) is check.test


@pytest.mark.parametrize("check", [trainer.MODULES, trainer.DEFECTS, trainer.DESCENT], ids=str)
def test_without_a_slip_nothing_is_caught(check):
    """The parts that bugs are made of are the trainer's own."""
    same = Bug(masked_trainer, "local_training", trainer.local_steps(), (check,))
    with pytest.raises(AssertionError, match="does not see the bug"):
        is_caught(same)


def test_a_bug_is_everywhere_and_then_nowhere():
    bug = BUGS["binomial p-value off by one"]
    honest = evidence.binomial_p_value
    with planted(bug):
        assert evidence.binomial_p_value is probability.binomial_p_value is bug.bug
    assert evidence.binomial_p_value is probability.binomial_p_value is honest


def test_an_error_is_no_catch():
    def broken(*args):
        raise RuntimeError

    check = BUGS["binomial p-value off by one"].caught_by[0]
    with planted(Bug(evidence, "binomial_p_value", broken, ())), pytest.raises(RuntimeError):
        check.passes()
