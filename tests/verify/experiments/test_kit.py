"""What is the same for all experiments: one `observe`, progress, homes, previews."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from theory import InvalidArgument
from theory.language.vocabulary import COUNT
from verify.experiments.kit import (
    Experiment,
    Home,
    Measured,
    Measurement,
    Options,
    Trajectory,
    option,
)
from verify.judging.sample import Sample


@dataclass(frozen=True)
class Choices(Options):
    seeds: int = option(5, "seeds", COUNT)
    rounds: int = option(3, "rounds", COUNT)


@dataclass
class Setting:
    configuration: Choices
    salt: str
    notes: dict = field(default_factory=lambda: {"problem": "small", "shared": 1})


def sample(value=1.0):
    return Sample(np.array([value]), {})


class Spy:
    """A measurement that writes down what it was asked for."""

    def __init__(self, *gives, error=None, steps=0, **more):
        self.gives, self.error, self.steps, self.more, self.asked = gives, error, steps, more, []

    def __call__(self, setting, wanted, tell):
        self.asked.append(set(wanted))
        for step in range(self.steps):
            tell(step + 1, self.steps)
        if self.error:
            raise self.error
        return Measured({name: sample() for name in self.gives}, **self.more)


def experiment(*spies, shares=None, **more):
    measurements = [
        Measurement.of(spy.gives, spy, share)
        for spy, share in zip(spies, shares or [1.0] * len(spies), strict=True)
    ]
    return Experiment(Choices, Setting, measurements, **more)


def observe(*spies, quantities=None, **more):
    return experiment(*spies).observe(Choices(), salt="s", quantities=quantities, **more)


def broken(text="broken\non two lines"):
    return RuntimeError(text)


# ---- what runs -----------------------------------------------------------------------------------


def test_what_is_wanted_runs_and_nothing_else():
    first, second, third = Spy("a", "b"), Spy("c"), Spy("d", "e")
    found = observe(first, second, third, quantities={"b", "e", "unknown"})
    assert (first.asked, second.asked, third.asked) == ([{"b"}], [], [{"e"}])
    assert set(found.samples) == {"b", "e"}  # though a and d were given too


def test_without_wishes_everything_runs():
    spies = Spy("a", "b"), Spy("c")
    assert set(observe(*spies).samples) == {"a", "b", "c"} == experiment(*spies).quantities
    assert [spy.asked for spy in spies] == [[{"a", "b"}], [{"c"}]]


def test_nothing_that_is_wanted_is_measured():
    found = observe(Spy("losses"), quantities={"loss", "z"})
    assert found.unmeasured["loss"] == "no measurement gives it (one gives losses)"
    assert found.unmeasured["z"] == "no measurement gives it"
    found = observe(Spy("a"), quantities={"z"})
    assert found.samples == {}
    assert not found.trajectory.series


def test_the_setting_is_what_prepare_made():
    seen = []
    one = Measurement.of("a", lambda setting: seen.append(setting) or sample(4.0))
    made = Experiment(Choices, Setting, [one])
    found = made.observe(Choices(rounds=7), salt="grain")
    assert (seen[0].configuration, seen[0].salt) == (Choices(rounds=7), "grain")
    assert found.samples["a"].values == 4.0


def test_several_samples_are_those_of_initialisations():
    many = Measurement.of({"a"}, lambda *_: Measured({"a": [sample(v) for v in (1.0, 2.0, 3.0)]}))
    found = Experiment(Choices, Setting, [many]).observe(Choices(), salt="s")
    assert [float(each.values[0]) for each in found.of("a")] == [1.0, 2.0, 3.0]
    assert [float(each.values[0]) for each in found.initialisations["a"]] == [2.0, 3.0]
    assert observe(Spy("a")).initialisations == {}


# ---- what fails ----------------------------------------------------------------------------------


def test_what_was_finished_is_kept_where_a_later_measurement_fails():
    last = Spy("d")
    found = observe(Spy("a", notes={"more": 2}), Spy("b", "c", error=broken()), last)
    assert set(found.samples) == {"a"}
    assert found.notes["incomplete"] == "b, c: RuntimeError: broken"
    assert found.notes["more"] == 2
    assert last.asked == []


def test_where_nothing_was_finished_the_error_stays_one():
    with pytest.raises(RuntimeError, match="broken"):
        observe(Spy("a", error=broken()), Spy("b"))


@pytest.mark.parametrize(
    "error", [InvalidArgument("seeds", 5, "at most 4"), KeyboardInterrupt()], ids=repr
)
def test_what_is_no_failure_passes_through(error):
    with pytest.raises(type(error)):
        observe(Spy("a"), Spy("b", error=error))


def test_a_measurement_that_stopped_early_ends_the_run():
    last = Spy("c")
    found = observe(Spy("a"), Spy("b", incomplete="a process is gone"), last)
    assert set(found.samples) == {"a", "b"}  # with the seeds that were finished
    assert found.notes["incomplete"] == "a process is gone"
    assert last.asked == []
    assert "incomplete" not in observe(Spy("a"), Spy("b")).notes


# ---- notes and curves ----------------------------------------------------------------------------


def test_notes_of_the_setting_and_of_measurements():
    notes = observe(Spy("a", notes={"shared": 2}), Spy("b", notes={"own": 3})).notes
    assert notes == {"problem": "small", "shared": 2, "own": 3}


X = np.arange(3)
FIRST, SECOND = (Trajectory(name, X, {"loss": X}) for name in ("round", "step"))
SWEPT = Trajectory("step", X, {}, sweep=Trajectory("width", X, {"slope": X}))


@pytest.mark.parametrize(
    ("given", "index", "swept"),
    [
        ((FIRST, SECOND), "round", False),
        ((None, SECOND), "step", False),
        ((SWEPT, FIRST), "round", True),
        ((FIRST, SWEPT), "round", True),
        ((SWEPT, None), "step", True),
    ],
)
def test_the_first_curves_draw_the_picture(given, index, swept):
    spies = [Spy(name, trajectory=each) for name, each in zip("ab", given, strict=True)]
    found = observe(*spies).trajectory
    assert found.index == index
    assert (found.sweep is not None) is swept


def test_what_is_beside_the_curves_is_kept_of_every_measurement():
    more = [replace(each, panels=(Trajectory(name, X, {"more": X}),))
            for each, name in zip((FIRST, SECOND), "yz", strict=True)]  # fmt: skip
    spies = [Spy("a", trajectory=more[0]), Spy("b"), Spy("c", trajectory=more[1])]
    assert [each.index for each in observe(*spies).trajectory.panels] == ["y", "z"]


def test_panels_of_all_measurements_are_kept():
    """The first sweep is the sweep; what comes later is not lost."""
    more = replace(SWEPT, panels=[FIRST])
    spies = [Spy(name, trajectory=each) for name, each in zip("abc", (SWEPT, SECOND, more),
                                                              strict=True)]  # fmt: skip
    found = observe(*spies).trajectory
    assert found.index == "step"
    assert found.series == SECOND.series
    assert found.sweep == SWEPT.sweep
    assert found.panels == [SWEPT.sweep, FIRST]


# ---- progress ------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.floats(0.01, 100), st.integers(0, 4)), min_size=1, max_size=5
    )
)  # fmt: skip
def test_progress_rises_to_its_total(parts):
    """By shares of the time; measurements that tell nothing count when they are done."""
    told = []
    spies = [Spy(str(i), steps=steps) for i, (_, steps) in enumerate(parts)]
    made = experiment(*spies, shares=[share for share, _ in parts])
    made.observe(Choices(), salt="s", progress=lambda done, total: told.append((done, total)))
    done, totals = zip(*told, strict=True)
    assert set(totals) == {sum(share for share, _ in parts)}
    assert all(a <= b for a, b in pairwise(done))
    assert done[0] >= 0
    assert done[-1] == totals[-1]
    assert len(done) == sum(steps for _, steps in parts) + len(parts)


def test_progress_of_what_is_wanted_alone():
    told = []
    made = experiment(Spy("a"), Spy("b", steps=2), shares=[9.0, 2.0])
    made.observe(Choices(), salt="s", quantities={"b"}, progress=lambda *each: told.append(each))
    assert told == [(1.0, 2.0), (2.0, 2.0), (2.0, 2.0)]


# ---- homes and previews --------------------------------------------------------------------------

ONE, TWO, WILD = (Home(Choices(seeds=n)) for n in (1, 2, 3))


def at_homes(**more):
    return experiment(
        Spy("a"), homes=lambda: {"x/one": ONE, "x/t*": TWO, "x/*": WILD}, few={"seeds": 2}, **more
    )


@pytest.mark.parametrize(
    ("claim", "home"),
    [("x/one", ONE), ("x/two", TWO), ("x/three", TWO), ("x/other", WILD),
     ("y/one", Home(Choices())), ("X/one", Home(Choices()))],
)  # fmt: skip
def test_the_first_pattern_that_matches_is_home(claim, home):
    assert at_homes().home(claim) == home
    assert experiment(Spy("a")).home(claim) == Home(Choices())


@pytest.mark.parametrize(("seeds", "few"), [(1, 1), (2, 2), (3, 2), (10**6, 2)])
def test_a_preview_never_has_more(seeds, few):
    configuration = Choices(seeds=seeds, rounds=9)
    assert at_homes().preview(configuration) == replace(configuration, seeds=few)
    assert experiment(Spy("a")).preview(configuration) == configuration


def test_mutants_and_searches_start_at_home():
    made = at_homes()
    assert made.mutation_configurations("x/two") == (TWO.configuration,)
    assert find(made.strategy("x/two"), bool) == TWO.configuration
    assert made.mutation_points("x/two") == ()
    far = experiment(Spy("a"), homes=lambda: {"*": Home(Choices(), unreachable="m")})
    assert far.mutation_configurations("x/two") == ()
    own = at_homes(
        slips=lambda claim: (Choices(rounds=1),), search=lambda claim: st.just(Choices(rounds=2)),
        points=lambda claim: [{"x": 1.0}],
    )  # fmt: skip
    assert own.mutation_configurations("x/two") == (Choices(rounds=1),)
    assert find(own.strategy("x/two"), bool) == Choices(rounds=2)
    assert own.mutation_points("x/two") == [{"x": 1.0}]
