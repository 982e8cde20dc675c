"""What of a run is worse than its baseline, and what is noise."""

import dataclasses

import numpy as np
import pytest
import scipy.special  # noqa: F401  (inner runs in this process must not load it a second time)

from verify.pytest_plugin.baseline import Baseline, BaselineError, Record
from verify.pytest_plugin.regression import ALARM, Run, compare, update
from verify.runs.scores import MutationScore

KEY = ("toy", "test_a")


def record(verdicts, required, tightness, factor=None, statement="s"):
    factor = factor or dict.fromkeys(tightness, 1.5)
    return Record(verdicts, required, tightness, factor, statement)


HEAD = {"salt": "0", "settings": {"profile": "ci"}, "packages": {"torch": "2"}}
SALTS = {"0": 1.0, "1": 1.1, "2": 1.2, "3": 1.1, "4": 1.0}


def problems(old, new, **changes):
    baseline = Baseline(records={KEY: old}, **HEAD)
    ran = frozenset({KEY[1]})
    run = dataclasses.replace(Run(records={KEY: new}, ran=ran, **HEAD), **changes)
    return compare(baseline, run).problems


@pytest.mark.parametrize(
    ("holds", "tightness", "fine"),
    [
        (80, 1.1, True),
        (70, 1.1, True),  # 2.9 standard deviations: noise
        (50, 1.1, False),
        (80, 1.5, True),
        (80, 5.0, False),
        (80, 0.2, False),
        (80, None, False),
    ],
)
def test_the_band_of_another_salt(holds, tightness, fine):
    def of(n, ratios):
        return record({"HOLDS": n, "VACUOUS": 100 - n}, 0.1, ratios)

    found = problems(of(85, SALTS), of(holds, {"9": tightness}), salt="9")
    assert (not found) == fine


def test_other_packages_are_noise():
    new = record({"HOLDS": 1}, None, {"0": 1.1})
    assert problems(record({"HOLDS": 1}, None, SALTS), new)
    assert not problems(record({"HOLDS": 1}, None, SALTS), new, packages={"torch": "3"})


MOVED = record({"HOLDS": 1}, None, {"0": 1.1})


def test_on_another_processor_rounding_is_noise_once_it_is_measured():
    known, one = record({"HOLDS": 1}, None, SALTS), record({"HOLDS": 1}, None, {"0": 1.0})
    assert not problems(known, MOVED, processor="another")
    told = problems(one, MOVED, processor="another")
    assert told[0].startswith("toy in test_a: tightness was 1, is 1.1")
    assert "the processor was not known, or several, is another" in told[1]
    assert not problems(one, one, processor="another")  # what rounding does not decide repeats
    far = problems(known, record({"HOLDS": 1}, None, {"0": 5.0}), processor="another")
    assert "(5 salts), is 5" in far[0]


def test_on_the_same_processor_numbers_repeat():
    head = HEAD | {"processor": "own"}
    baseline = Baseline(records={KEY: record({"HOLDS": 1}, None, SALTS)}, **head)
    run = Run(records={KEY: MOVED}, ran=frozenset({KEY[1]}), **head)
    assert compare(baseline, run).problems
    assert not compare(dataclasses.replace(baseline, processor="another"), run).problems


def test_an_update_of_a_part_on_another_processor():
    """What did not run is of the one, what did of the other: only the noise tells what is worse."""
    known, other = record({"HOLDS": 1}, None, SALTS), ("toy", "test_b")
    baseline = Baseline(records={KEY: known, other: known}, processor="own", **HEAD)
    ran = frozenset({KEY[1]})
    rounded = Run(records={KEY: MOVED}, ran=ran, processor="another", **HEAD)
    written, _ = update(baseline, rounded)
    assert written == dataclasses.replace(baseline, processor=None)  # the noise is kept
    changed = record({"HOLDS": 1}, None, {"0": 5.0})
    written, _ = update(baseline, dataclasses.replace(rounded, records={KEY: changed}))
    assert written.records == {KEY: changed, other: known}
    assert written.processor is None
    whole = {KEY: MOVED, other: MOVED}
    written, _ = update(
        baseline, dataclasses.replace(rounded, records=whole, ran=frozenset({"test_a", "test_b"}))
    )
    assert written.records == whole
    assert written.processor == "another"


def test_unchanged_suites_rarely_fail():
    """Over draws of the law that the noise is measured in, false alarms are as rare as stated."""
    rng, alarms, runs = np.random.default_rng(0), 0, 3000
    for _ in range(runs):
        *known, now = np.exp(0.1 * rng.normal(size=6)).tolist()
        ratios, now = dict(zip("01234", known, strict=True)), {"9": now}
        old, new = (record({"HOLDS": 1}, None, both, both) for both in (ratios, now))
        alarms += bool(problems(old, new, salt="9"))
    assert alarms <= 5 * ALARM * runs


def test_settings_are_compared():
    row = record({"HOLDS": 1}, None, {"0": 1.0})
    (problem,) = problems(row, row, settings={"profile": "dev"})
    assert problem.startswith("the baseline is stale: profile was ci, is dev; if this is meant")


@pytest.mark.parametrize("salt", ["0", "9"])
def test_a_claim_that_is_stated_otherwise_is_no_noise(salt):
    """Though all its numbers are the same, at the salt of the file and at another one."""
    ratios = {name: {salt: 1.0} for name in ("tightness", "factor")}
    old = record({"HOLDS": 1}, None, SALTS, SALTS)
    same = dataclasses.replace(old, **ratios)
    new = dataclasses.replace(same, statement="t")
    assert not problems(old, same, salt=salt)
    problem, _ = problems(old, new, salt=salt)
    assert problem == "toy in test_a: the statement was s, is t"
    run = Run(records={KEY: new}, ran=frozenset({KEY[1]}), **HEAD | {"salt": salt})
    written, outcome = update(Baseline(records={KEY: old}, **HEAD), run)
    if salt == "9":
        assert written is None
        assert "1 row is new, restated or gone" in outcome.problems[0]
    else:
        assert written.records[KEY].statement == "t"
        assert ", statement s -> " in outcome.lines[1]
        assert outcome.lines[1].endswith(", statement t")


def test_a_file_without_statements_is_stale(tmp_path):
    """It can be read, for its mutation scores; but it cannot say that a claim has changed."""
    row = record({"HOLDS": 1}, None, {"0": 1.0})
    path = tmp_path / "base.json"
    path.write_text(Baseline(records={KEY: dataclasses.replace(row, statement="")}, **HEAD).text())
    read = Baseline.read(path)
    run = Run(records={KEY: row}, ran=frozenset({KEY[1]}), **HEAD)
    (problem,) = compare(read, run).problems
    assert problem.startswith("the baseline is stale: it tells no statements; if this is meant")
    assert update(read, run)[0].records == {KEY: row}


def test_noise_is_of_an_unchanged_suite():
    old = record({"HOLDS": 1}, None, {"0": 1.0})
    new = record({"HOLDS": 1}, None, {"1": 1.0})
    baseline = Baseline(records={KEY: old}, **HEAD)
    at_1 = Run(records={KEY: new}, ran=frozenset({KEY[1]}), **HEAD | {"salt": "1"})
    assert update(baseline, at_1)[0].records[KEY].tightness == {"0": 1.0, "1": 1.0}
    for change in (
        {"packages": {"torch": "3"}},
        {"settings": {"profile": "dev"}},
        {"records": {}},
        {"records": {KEY: new, ("toy/new", "test_a"): new}},
        {"records": {KEY: dataclasses.replace(new, statement="t")}},
    ):
        written, outcome = update(baseline, dataclasses.replace(at_1, **change))
        assert written is None
        assert outcome.problems[0].endswith("update at salt 0 first")


SCORE = MutationScore(refuted=19, survived=1, fingerprint="f")
GOOD = Baseline(
    records={KEY: record({"HOLDS": 2}, None, SALTS)}, mutation={"toy": SCORE}, **HEAD
).text()


@pytest.mark.parametrize("now", ["f", "g", None])
def test_a_score_is_of_the_claim_as_it_was(now):
    """Of a claim that changed or is gone the score is stale; partial runs leave it alone."""
    row = record({"HOLDS": 1}, None, {"0": 1.0})
    baseline = Baseline(records={KEY: row}, mutation={"toy": SCORE, "other": SCORE}, **HEAD)
    same = Run(records={KEY: row}, ran=frozenset({KEY[1]}), **HEAD)
    run = dataclasses.replace(same, fingerprints={"toy": now} if now else {})
    found = compare(baseline, run).problems
    assert [problem.partition(" is of")[0] for problem in found] == (
        [] if now == "f" else ["the mutation score of toy", found[-1]]
    )
    written, outcome = update(baseline, run)
    assert written.mutation == {"toy": SCORE}
    assert any("mutate toy" in line for line in outcome.lines) == (now != "f")
    nothing = dataclasses.replace(run, records={}, ran=frozenset())
    assert not compare(baseline, nothing).problems


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"judged": 2', '"judged": 3'),
        ('"HOLDS": 2', '"HOLDS": 0'),
        ('"HOLDS": 2', '"HOLDS": -2'),
        ('"HOLDS": 2', '"FINE": 2'),
        ('{"HOLDS": 2}', "{}"),
        ('{"HOLDS": 2}', "2"),
        ('"1": 1.1', '"1": NaN'),
        ('"1": 1.1', '"1": -1.1'),
        ('"0": 1.0, ', ""),
        ('"format": 2', '"format": 1'),
        ('"refuted": 19', '"refuted": -19'),
        ('"refuted": 19', '"refuted": 18'),
        ('"fingerprint": "f"', '"fingerprint": 7'),
        ('"statement": "s"', '"statement": 7'),
        (' "salt": "0"', ' "salt": 0'),
        ('"claim": "toy"', '"claim": 2'),
        ('{"profile": "ci"}', "[]"),
        ("{", "<<<<<<< HEAD\n{"),
        (GOOD, ""),
        (GOOD, "[]"),
    ],
)
def test_corrupt_files(tmp_path, old, new):
    path = tmp_path / "base.json"
    path.write_text(GOOD)
    assert Baseline.read(path).text() == GOOD
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BaselineError, match="corrupt"):
        Baseline.read(path)
