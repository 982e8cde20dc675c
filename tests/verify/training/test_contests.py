"""What the benchmarks of trainers compare does the same work."""

from dataclasses import replace

import pytest

from benchmarks import trainers

SMALL = {
    "descent": lambda: trainers.descent(n=4, d=3, pairs=8, trials=2, steps=5),
    "flow": lambda: trainers.gradient_flow(n=3, d=4, pairs=4, trials=1, tolerances=(1e-4,)),
    "shifted": lambda: trainers.shifted_relu(n=2, d=3, m=16, c=0.1, steps=3),
    "ridge": lambda: trainers.ridge_path(n=4, p=9, ridges=3),
}


@pytest.fixture(autouse=True)
def without_jax(monkeypatch):
    """Its import takes seconds."""
    monkeypatch.setattr(trainers, "find_spec", lambda name: None)


def test_every_contest_is_tried():
    assert SMALL.keys() == trainers.CONTESTS.keys()


@pytest.mark.parametrize("name", SMALL)
def test_all_arrive_at_the_same_numbers(name):
    contest = SMALL[name]()
    found = trainers.measure(contest, repeats=1)
    assert len(contest.runs) == (3 if name == "shifted" else 2)
    assert found["ratio"][next(iter(contest.runs))] == 1
    assert min(*found["milliseconds"].values(), found["share"]) > 0
    assert max(found["error"].values()) < 2 * contest.rtol
    assert contest.error < 1e-9  # against this the peers' errors are measured
    first, *_, peer = contest.runs.values()
    other = replace(
        contest, runs={"first": first, "peer": lambda: (1 + 10 * contest.rtol) * peer()}
    )
    with pytest.raises(AssertionError, match="peer"):
        trainers.measure(other, repeats=1)
