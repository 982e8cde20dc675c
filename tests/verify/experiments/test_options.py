"""Options of configurations: domains, defaults, pieces, numbers of rows that are wishes."""

import json
import re
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from click.testing import CliRunner
from sympy import Interval, Range, S, oo

from theory import InvalidArgument, registry
from theory.language.vocabulary import COUNT, INDEX, NONNEGATIVE, OPEN_UNIT, POSITIVE, UNIT
from verify.command_line.program import main
from verify.experiments.kit import (
    SCALE,
    MaskOptions,
    Options,
    ProblemOptions,
    SweepOptions,
    allowed,
    as_dict,
    from_dict,
    option,
)
from verify.problems.data import SOURCES, Held


@dataclass(frozen=True)
class Piece(Options):
    count: int = option(3, "a count", COUNT)
    index: int = option(0, "an index", INDEX)
    pair: int = option(2, "at least two", Range(2, oo))
    few: int = option(2, "between two", Range(0, 9))
    unit: float = option(0.5, "a share", UNIT)
    open_unit: float = option(0.5, "a probability", OPEN_UNIT)
    positive: float = option(1.0, "a size", POSITIVE)
    nonnegative: float = option(0.0, "a distance", NONNEGATIVE)
    closed: float = option(1.5, "a factor", Interval(1, 10))
    scale: float = option(1.0, "a scale", SCALE)
    real: float = option(0.0, "a number", S.Reals)
    free: float | None = option(None, "a size, or what is best", POSITIVE)
    some: int | None = option(None, "a count, or what is best", COUNT)
    word: str = option("a", "a word", choices=("a", "b"))
    text: str = option("x", "any text")
    flag: bool = option(True, "yes or no")
    whole: int = option(1, "any integer")
    number: float = option(0.0, "any number")


NAN, INF = float("nan"), float("inf")
NO_NUMBERS = (NAN, INF, -INF, True, "1", None, 1j, [1])
DOMAINS = {
    "count": ("an integer >= 1", (0, -1, 1.0, 1.5), (1, 10**18)),
    "index": ("an integer >= 0", (-1, 0.0), (0, 7)),
    "pair": ("an integer >= 2", (1, 2.0), (2,)),
    "few": ("an integer from 0 to 8", (-1, 9, 2.0), (0, 8)),
    "unit": ("in (0, 1]", (0.0, 0, -1e-300, 1.0000001), (1e-300, 1.0, 1)),
    "open_unit": ("in (0, 1)", (0.0, 1.0, 1), (1e-300, 1 - 1e-16)),
    "positive": ("in (0, inf)", (0.0, -1.0), (5e-324, 1e308, 3)),
    "nonnegative": ("in [0, inf)", (-5e-324,), (0, 0.0, 1e308)),
    "closed": ("in [1, 10]", (0.999999, 10.000001), (1, 10, 1.0)),
    "scale": ("in [1e-50, 1e+50]", (0.0, 9.9e-51, 1.1e50), (1e-50, 1e50)),
    "real": ("a real number", (), (-1e308, 0, 1e308)),
    "free": ("in (0, inf)", (0.0, -1.0), (None, 2.0)),
    "some": ("an integer >= 1", (0, 0.5), (None, 2)),
    "word": ("one of a, b", ("c", "", "A", 1), ("b",)),
    "text": ("of type str", (1, True, b"x"), ("", "y")),
    "flag": ("of type bool", (1, 0, "yes"), (False,)),
    "whole": ("of type int", (1.5, True, "x"), (-3,)),
    "number": ("of type float", (True, "x"), (2, -0.5)),
}  # fmt: skip
"""By field: the words, what is refused beside NO_NUMBERS, what is taken."""


def test_every_kind_of_domain_has_its_row():
    assert [f.name for f in fields(Piece)] == list(DOMAINS)


@pytest.mark.parametrize("name", DOMAINS)
def test_a_field_is_checked_against_its_domain(name):
    words, refused, taken = DOMAINS[name]
    for value in taken:
        assert getattr(Piece(**{name: value}), name) == value
    plain = name in ("word", "text", "flag", "whole", "number")
    for value in (*refused, *((None,) if plain else NO_NUMBERS)):
        if value is None and None in taken:
            continue
        with pytest.raises(InvalidArgument) as error:
            Piece(**{name: value})
        assert (error.value.name, error.value.allowed) == (name, words), value
        assert repr(error.value.value) == repr(value)
        assert str(error.value) == f"{name} = {value!r}: must be {words}"


def test_what_is_allowed_in_words():
    """For `--help`; nothing where any value of the type will do."""
    shown = {f.name: allowed(f) for f in fields(Piece)}
    without = ("text", "flag", "whole", "number")
    assert shown == {n: "" if n in without else words for n, (words, *_) in DOMAINS.items()}


def test_an_option_that_may_be_left_out_says_what_else_it_may_be():
    with pytest.raises(TypeError, match="domain"):
        option(None, "nobody knows what")


# ---- other defaults ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Other(Piece, count=7, word="b"):
    own: int = option(1, "of its own", COUNT)


@dataclass(frozen=True)
class Third(Other, SweepOptions, count=9, largest=512):
    pass


def test_a_class_gives_other_defaults():
    assert (Piece().count, Other().count, Third().count) == (3, 7, 9)
    assert (Other().word, Third().word, Third().largest) == ("b", "b", 512)
    assert replace(as_they_were(Other()), own=1) == Other()
    by_name = {f.name: f for f in fields(Other)}
    assert by_name["count"].metadata["help"] == "a count"
    with pytest.raises(InvalidArgument, match="count = 0: must be an integer >= 1"):
        Other(count=0)


def as_they_were(configuration):
    return type(configuration)(**as_dict(configuration))


def test_a_default_is_checked_too():
    @dataclass(frozen=True)
    class Wrong(Piece, unit=2.0):
        pass

    with pytest.raises(InvalidArgument, match="unit"):
        Wrong()


def test_a_default_of_an_option_that_is_not_there():
    with pytest.raises(TypeError, match="no piece has the option cuont"):
        type("Wrong", (Piece,), {}, cuont=3)


def test_relations_among_options():
    with pytest.raises(InvalidArgument, match="largest = 8: must be at least smallest = 256"):
        SweepOptions(largest=8)
    with pytest.raises(InvalidArgument, match="largest"):
        Third(smallest=1024)
    assert SweepOptions(smallest=3, largest=25).widths == [3, 6, 12, 24]
    with pytest.raises(InvalidArgument, match="xi"):
        MaskOptions(law="categorical", surrogates=4, xi=0.5)
    assert MaskOptions(law="categorical", surrogates=4).activity == 0.25
    assert MaskOptions().activity == MaskOptions.UNMASKED


HELP = {
    "masked-training": ("xi", "activity probability", "in (0, 1]"),
    "width-requirement": ("step", "effective step size", "in (0, 0.5]"),
    "coupled-initialisation": ("delta", "failure probability", "in (0, 1)"),
    "node-scaling": ("width", "hidden nodes", "an integer >= 1"),
    "quadratic-networks": ("positive", "neurons of positive v_l", "an integer >= 0"),
    "one-dimensional-inconsistency": ("gap", "points with |x|", "in [0, inf)"),
    "multiple-random-features": ("types", "relu,0.1*relu", "feature types"),
    "scaling-laws": ("masks", "mask sequences", "an integer >= 1"),
    "deep-networks": ("gain", "as a multiple of kappa", "in (0, inf)"),
    "ridge-overfitting": ("room", "deviation that bounds for Gaussian rows", "in [0, inf)"),
    "descent-criterion": ("epsilon", "share of every step", "in (0, 1)"),
    "single-neuron": ("uneven", "rotations change", "in [0, 1)"),
    "tangent-ridge": ("ridge", "ridge (lambda)", "in [0, inf)"),
    "concept-classes": ("hidden", "neurons of each of two", "an integer >= 1"),
    "subquadratic-training": ("sparsity", "c of the threshold", "in (0, 1)"),
    "network-identification": ("reach", "in radii of the basin", "in (0, 1000]"),
    "sparse-deep-regression": ("amplitude", "height of a bump", "in (0, 1]"),
    "trainable-biases": ("bias", "bias of every neuron at the start (B)", "in [-5, 5]"),
}


@pytest.mark.parametrize("theorem", HELP)
def test_help_tells_the_domains(theorem):
    name, text, words = HELP[theorem]
    shown = CliRunner().invoke(main, ["check", "--theorem", theorem, "--help"]).output
    (entry,) = re.findall(rf"--{name} \S+(.*?)(?= --)", re.sub(r"\s+", " ", shown))
    assert text in entry
    assert words in entry


@pytest.mark.parametrize("theorem", registry.theorems())
def test_every_option_of_a_theorem_has_a_domain(theorem):
    """Or is text, or a switch; so that no number goes unchecked."""
    for each in fields(registry.theorem(theorem).load_configuration()):
        assert each.metadata["help"]
        assert allowed(each) or each.metadata["kind"] in (str, bool), each.name


# ---- rows ----------------------------------------------------------------------------------------


@pytest.fixture
def five(tmp_path):
    """A file of five rows."""
    rng = np.random.default_rng(0)
    path = tmp_path / "five.csv"
    np.savetxt(path, rng.normal(size=(5, 4)), delimiter=",")
    return str(path)


def test_by_default_a_small_file_gives_all_its_rows(five):
    default = ProblemOptions(data=five)
    assert default.samples == 8
    assert default.problem("0").n == 5
    assert replace(default, target_scale=2.0).problem("0").n == 5
    assert ProblemOptions(data=five, samples=3).problem("0").n == 3
    assert ProblemOptions(data="sphere").problem("0").n == 8


@pytest.mark.parametrize("asked", [6, 8])
def test_more_rows_than_there_are_cannot_be_asked_for(five, asked):
    with pytest.raises(InvalidArgument) as error:
        ProblemOptions(data=five, samples=asked).problem("0")
    assert (error.value.name, error.value.value) == ("samples", asked)
    assert "5" in error.value.allowed


def test_another_default_is_a_wish_too(five):
    @dataclass(frozen=True)
    class Six(ProblemOptions, samples=6):
        pass

    assert Six(data=five).problem("0").n == 5
    with pytest.raises(InvalidArgument, match="samples"):
        Six(data=five, samples=6).problem("0")


def test_a_wish_survives_its_file(five):
    written = json.loads(json.dumps(as_dict(ProblemOptions(data=five, target_scale=2.0))))
    assert written["samples"] == 8
    read = from_dict(ProblemOptions, written)
    assert read == ProblemOptions(data=five, target_scale=2.0)
    assert read.problem("0").n == 5
    assert from_dict(ProblemOptions, written | {"samples": 3}).problem("0").n == 3


ON_A_PROBLEM = [
    name
    for name in registry.theorems()
    if issubclass(registry.theorem(name).load_configuration(), ProblemOptions)
]


@pytest.mark.parametrize("theorem", ON_A_PROBLEM)
def test_every_theorem_takes_every_source_that_holds_data(theorem):
    known = registry.theorem(theorem)
    more = {"subspace": 2} if theorem == "low-dimensional-data" else {}
    for data, source in SOURCES.items():
        if isinstance(source, Held):
            configuration = known.load_configuration()(data=data, samples=3, **more)
            setting = known.load_experiment().prepare(configuration, "source")
            rows = len(source.load().y)
            assert f"3 rows of the {rows} of {data}" in setting.notes["problem"]


SMALL = ["--width", "16", "--rounds", "2", "--seeds", "4", "--pilot-seeds", "2"]


def test_small_files_on_the_command_line(five, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*args):
        return CliRunner().invoke(main, [*args])

    args = ["check", "--data", five, "--claims", "identity/*", "--no-figure", *SMALL]
    done = call(*args, "--json", "o.json")
    assert done.exit_code in (0, 3), done.output
    assert '"problem": "5 rows' in (tmp_path / "o.json").read_text()
    again = call("replay", "o.json")
    assert again.exit_code == 0, again.output
    refused = call(*args, "--samples", "8")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: --samples = 8: must be")


def test_text_may_be_left_out():
    @dataclass(frozen=True)
    class Words(Options):
        word: str | None = option(None, "a word", text=True)

    assert Words().word is None
    assert Words(word="3").word == "3"
    with pytest.raises(InvalidArgument, match=r"word = 3: must be of type str"):
        Words(word=3)
