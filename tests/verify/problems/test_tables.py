"""Tables in files of users: what is taken for what."""

import bz2
import gzip
import io
import json
import lzma
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas
import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from tests.verify.problems.tables import FRAME, PLAIN, YEARS, A, saved, write
from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.program import main
from verify.experiments.kit import ProblemOptions
from verify.problems.data import load_problem
from verify.problems.files import read_table

# ---- what is read

NAMED = "4 rows, 3 inputs (age, sex, bmi), target = last column (y)"
NUMBERED = "4 rows, 3 inputs (0, 1, 2), target = last column (3)"
HEADER = f"{NAMED}, header in line 1"
WITHOUT = "without its index (column 1)"
SAME = {
    "plain": (PLAIN, HEADER),
    "no header": (
        FRAME.to_csv(index=False, header=False),
        "4 rows, 3 inputs (columns 1 to 3), target = last column (4), no header",
    ),
    "numbers as names": (pandas.DataFrame(A).to_csv(index=False), f"{NUMBERED}, header in line 1"),
    "numbers and an index": (pandas.DataFrame(A).to_csv(), f"{NUMBERED}, {WITHOUT}, header"),
    "numbers and a name": (
        pandas.DataFrame(A[:, :3]).assign(y=A[:, 3]).to_csv(index=False), "inputs (0, 1, 2), target"
    ),
    "years": (FRAME.set_axis(YEARS, axis=1).to_csv(index=False), "(2019, 2020, 2021)"),
    "years and an index": (FRAME.set_axis(YEARS, axis=1).to_csv(), "(2019, 2020, 2021)"),
    "years and a name": (
        FRAME.set_axis(["x", 1950, 1980, 2000], axis=1).to_csv(index=False), "(x, 1950, 1980)"
    ),
    "index": (FRAME.to_csv(), f"{NAMED}, {WITHOUT}, header in line 1"),
    "index of names": (FRAME.set_axis(list("uvwx")).to_csv(), f"{NAMED}, {WITHOUT}, header"),
    "index read and written": (
        pandas.read_csv(io.StringIO(FRAME.to_csv())).to_csv(index=False),
        f"{NAMED}, without its index (column 1 (Unnamed: 0)), header",
    ),
    "index without header": (FRAME.to_csv(header=False), f"(columns 2 to 4), target = last column "
                             f"(5), {WITHOUT}, no header"),
    "rows from 1": (FRAME.set_axis(range(1, 5)).to_csv(index_label="Id"), "(column 1 (Id))"),
    "row names of R": (
        FRAME.set_axis(range(1, 5)).to_csv(sep=" ", quoting=2).replace('"" ', ""),
        f"{NAMED}, {WITHOUT}, header in line 1, separated by spaces",
    ),
    "tabs": (FRAME.to_csv(index=False, sep="\t"), f"{HEADER}, separated by tabs"),
    "bars": (FRAME.to_csv(index=False, sep="|"), f"{HEADER}, separated by bars"),
    "Excel in Europe": (
        FRAME.to_csv(index=False, sep=";", decimal=","),
        f"{HEADER}, separated by semicolons, decimal commas",
    ),
    "Excel's first line": (
        "sep=;\n" + FRAME.to_csv(index=False, sep=";"), f"{NAMED}, header in line 2, separated by"
    ),
    "quoted decimal commas": (FRAME.to_csv(index=False, decimal=",", quoting=1), "decimal commas"),
    "padded": (FRAME.to_string(index=False), f"{HEADER}, separated by spaces"),
    "space after commas": (PLAIN.replace(",", ", "), HEADER),
    "tabs and spaces": (PLAIN.replace(",", "\t").replace("\t-", " -"), "separated by spaces"),
    "two tabs": (FRAME.to_csv(index=False, sep="\t").replace("\t-", "\t\t-"), "by spaces"),
    "quotes": (FRAME.to_csv(index=False, quoting=1), HEADER),
    "single quotes": (FRAME.to_csv(index=False, quoting=1, quotechar="'"), HEADER),
    "units": (PLAIN.replace("\n", "\nyears,,kg/m2,mm\n", 1),
              "(age years, sex, bmi kg/m2), target = last column (y mm), header in lines 1 to 2"),
    "names of two levels": (
        FRAME.set_axis(pandas.MultiIndex.from_product([["u", "v"], ["a", "b"]]), axis=1).to_csv(
            index=False
        ),
        "(u a, u b, v a), target = last column (v b), header in lines 1 to 2",
    ),
    "a line's end in a name": (PLAIN.replace("age", '"age\n[years]"'), "(age [years], sex, bmi)"),
    "NumPy's comment": (saved(np.savetxt, A, header="age sex bmi y"), "y), names in a comment"),
    "comments": (f"# a study, of 4\n# n = 4\n{PLAIN}# the end\n", f"{NAMED}, header in line 3"),
    "separators at the ends": (PLAIN.replace("\n", ",\n"), HEADER),
    "separators below the header": (PLAIN.replace("\n", ",\n").replace("y,", "y", 1), HEADER),
    "Na for sodium": (PLAIN.replace("sex", "Na"), "(age, Na, bmi)"),
    "byte order mark": ("\ufeff" + PLAIN, HEADER),
    "UTF-16": (PLAIN.encode("utf-16"), f"{HEADER}, encoded in UTF-16"),
    "Windows-1252": (PLAIN.replace("age", "Año").encode("latin-1"), "(Año, sex, bmi), target = "
                     "last column (y), header in line 1, encoded in Windows-1252"),
    "Windows' lines": (PLAIN.replace("\n", "\r\n"), HEADER),
    "old lines": (PLAIN.replace("\n", "\r"), HEADER),
    "no line's end": (PLAIN.rstrip(), HEADER),
    "gzip": (gzip.compress(PLAIN.encode()), HEADER),
    "bz2": (bz2.compress(PLAIN.encode()), HEADER),
    "xz": (lzma.compress(PLAIN.encode()), HEADER),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".data"])
@pytest.mark.parametrize("case", SAME)
def test_the_same_numbers(tmp_path, case, suffix):
    content, description = SAME[case]
    table = read_table(write(tmp_path, f"a{suffix}", content))
    np.testing.assert_array_equal(table.X, A[:, :3])
    np.testing.assert_array_equal(table.y, A[:, 3])
    assert description in table.description


FORMATS = {
    ".npy": (saved(np.save, A), "4 rows, 3 inputs (columns 1 to 3), target = last column (4)"),
    ".parquet": (saved(FRAME.to_parquet), NAMED),
    ".PARQUET": (saved(FRAME.set_axis(list("uvwx")).to_parquet), NAMED),
    ".pq": (saved(FRAME.rename_axis("when").to_parquet), NAMED),
    ".feather": (saved(FRAME.to_feather), NAMED),
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_typed_formats(tmp_path, suffix):
    content, description = FORMATS[suffix]
    table = read_table(write(tmp_path, f"a{suffix}", content))
    np.testing.assert_array_equal(table.X, A[:, :3])
    np.testing.assert_array_equal(table.y, A[:, 3])
    assert table.description == description


def test_true_and_false(tmp_path):
    table = read_table(write(tmp_path, "a.csv", "a,smoker,y\n1,True,3\n2,FALSE,2\n"))
    assert table.X.tolist() == [[1, 1], [2, 0]]
    assert table.description.endswith("true and false as 1 and 0 (smoker)")
    frame = FRAME.assign(sex=FRAME.sex > 0, age=pandas.array([1, 2, 3, 4], dtype="Int64"))
    table = read_table(write(tmp_path, "a.parquet", saved(frame.to_parquet)))
    assert table.X[:, :2].tolist() == [[1, 0], [2, 1], [3, 1], [4, 1]]


def test_a_column_that_counts_but_has_a_name_of_its_own_is_an_input(tmp_path):
    frame = FRAME.assign(age=range(4))
    table = read_table(write(tmp_path, "a.csv", frame.to_csv(index=False)))
    np.testing.assert_array_equal(table.X[:, 0], range(4))


def test_numbers_and_a_name_above_integers_are_names(tmp_path):
    table = read_table(write(tmp_path, "a.csv", "0,1,2,y\n5,3,4,1\n2,7,1,2\n"))
    assert table.X.tolist() == [[5, 3, 4], [2, 7, 1]]
    assert "inputs (0, 1, 2), target = last column (y)" in table.description


@pytest.mark.parametrize("sep", [",", ";", "\t", " ", "|"])
def test_a_line_that_alone_is_quoted_has_the_names(tmp_path, sep):
    content = '"1","2","3"\n1,2,3\n4,5,7\n'.replace(",", sep)
    table = read_table(write(tmp_path, "a.csv", content))
    assert table.X.tolist() == [[1, 2], [4, 5]]
    assert "inputs (1, 2), target = last column (3), header" in table.description


def test_a_key_that_does_not_count_is_an_input(tmp_path):
    frame = FRAME.assign(age=[3, 1, 2, 0]).rename(columns={"age": "id"})
    assert read_table(write(tmp_path, "a.csv", frame.to_csv(index=False))).X.shape == (4, 3)


def test_many_inputs_are_abridged(tmp_path):
    frame = pandas.DataFrame(np.ones((3, 11)), columns=[*"abcdefghij", "y"])
    found = read_table(write(tmp_path, "a.csv", frame.to_csv(index=False))).description
    assert found.startswith("3 rows, 10 inputs (a, b, c, d, e, ..., j), target = last column (y)")


# ---- random tables

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)


@dataclass
class Written:
    frame: pandas.DataFrame
    options: dict
    encoding: str


@st.composite
def written(draw):
    """A table of floats, and a dialect that pandas writes."""
    n, width = draw(st.integers(2, 9)), draw(st.integers(3, 6))
    values = draw(st.lists(NUMBERS, min_size=n * width, max_size=n * width))
    names = [f"x{i} {draw(WORDS)}" for i in range(width)]
    kinds = st.sampled_from([names, list(range(width)), list(range(2000, 2000 + width)), None])
    header = draw(kinds)
    frame = pandas.DataFrame(np.reshape(values, (n, width)), columns=header)
    sep, decimal = draw(st.sampled_from([",.", ";.", ";,", "\t.", "\t,", "|.", "|,", " .", " ,"]))
    options = {
        "sep": sep,
        "decimal": decimal,
        "index": draw(st.booleans()) and n > 2,
        "header": header is not None,
        "quoting": draw(st.sampled_from([0, 1, 2])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }
    return Written(frame, options, draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


@given(written())
def test_what_pandas_writes_is_read_back(tmp_path_factory, table):
    path = str(tmp_path_factory.mktemp("random") / "a.txt")
    table.frame.to_csv(path, encoding=table.encoding, **table.options)
    found = read_table(path)
    np.testing.assert_array_equal(np.c_[found.X, found.y], table.frame.to_numpy())


@given(st.integers(0, 8), st.integers(0, 2), st.sampled_from(["", "NA", "nan", "?", "n/a", "null"]))
def test_a_missing_value_is_named_wherever_it_is(tmp_path_factory, row, column, word):
    cells = (np.arange(27).reshape(9, 3) + 0.5).astype(object)
    cells[row, column] = word
    path = str(tmp_path_factory.mktemp("missing") / "a.csv")
    pandas.DataFrame(cells, columns=["u", "v", "y"]).to_csv(path, index=False)
    place = f"(line {row + 2}, column {column + 1} ({'uvy'[column]}) "
    with pytest.raises(InvalidArgument, match=re.escape(place)):
        read_table(path)


@given(st.binary(min_size=1, max_size=60), st.sampled_from([".csv", ".npz", ".npy", ".parquet"]))
@example(b"\xff\xfea", ".csv")
@example(b"\x1f\x8b\x08", ".csv")
@example(b'1,2,3\n"1,2,3', ".csv")
def test_any_bytes_are_a_table_or_refused(tmp_path_factory, content, suffix):
    path = write(tmp_path_factory.mktemp("bytes"), f"a{suffix}", content)
    with suppress(InvalidArgument):
        table = read_table(path)
        assert np.isfinite(np.c_[table.X, table.y]).all()


# ---- which column is y


@pytest.mark.parametrize(
    ("target", "column", "told"),
    [
        (None, 3, "last column (y)"),
        ("y", 3, "last column (y)"),
        ("sex", 1, "column 2 (sex)"),
        ("2", 1, "column 2 (sex)"),
        ("-2", 2, "column 3 (bmi)"),
        ("-1", 3, "last column (y)"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_target(tmp_path, target, column, told, suffix):
    content = PLAIN if suffix == ".csv" else saved(FRAME.to_parquet)
    table = read_table(write(tmp_path, f"a{suffix}", content), target)
    np.testing.assert_array_equal(table.y, A[:, column])
    np.testing.assert_array_equal(table.X, np.delete(A, column, axis=1))
    assert f"target = {told}" in table.description


def test_target_is_a_name_before_it_is_a_number(tmp_path):
    path = write(tmp_path, "a.csv", pandas.DataFrame(A).to_csv(index=False))
    table = read_table(path, "2")
    np.testing.assert_array_equal(table.y, A[:, 2])
    assert "target = column 3 (2)" in table.description


def test_an_index_that_is_asked_for_is_the_target(tmp_path):
    path = write(tmp_path, "a.csv", FRAME.to_csv(index_label="id"))
    table = read_table(path, "id")
    np.testing.assert_array_equal(table.y, range(4))
    np.testing.assert_array_equal(table.X, A)


@pytest.mark.parametrize("target", ["Sex", "5", "0", "-5", "", "1.0", "x"])
def test_no_such_target(tmp_path, target):
    path = write(tmp_path, "a.csv", PLAIN)
    with pytest.raises(InvalidArgument) as error:
        read_table(path, target)
    assert (error.value.name, error.value.value) == ("target", target)
    assert "age, sex, bmi, y, or its number, 1 to 4 or -1" in error.value.allowed
    assert ("did you mean sex?" in error.value.allowed) == (target == "Sex")


def test_a_name_of_two_columns_is_no_target(tmp_path):
    path = write(tmp_path, "a.csv", PLAIN.replace("sex", "age"))
    with pytest.raises(InvalidArgument, match=r"target = 'age': .*\(2 have this one\)"):
        read_table(path, "age")
    np.testing.assert_array_equal(read_table(path, "2").y, A[:, 1])


@pytest.mark.parametrize("data", ["sphere", "digits", "a.npz"])
def test_target_of_what_is_no_table(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", X=A[:, :3], y=A[:, 3])
    with pytest.raises(InvalidArgument, match="target = '1': must be left out"):
        load_problem(data, samples=None, target="1", rng=np.random.default_rng(0))


# ---- where it is told


ON_A_PROBLEM = [
    name
    for name in registry.theorems()
    if issubclass(registry.theorem(name).load_configuration(), ProblemOptions)
]


@pytest.mark.parametrize("theorem", ON_A_PROBLEM)
def test_every_theorem_notes_what_was_read(tmp_path, theorem):
    path = write(tmp_path, "a.csv", PLAIN)
    known = registry.theorem(theorem)
    more = {"subspace": 2} if theorem == "low-dimensional-data" else {}
    configuration = known.load_configuration()(data=path, target="bmi", **more)
    setting = known.load_experiment().prepare(configuration, "0")
    assert "3 inputs (age, sex, y), target = column 3 (bmi)" in setting.notes["problem"]


def test_a_check_tells_what_was_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.csv", FRAME.to_csv(sep=";", decimal=","))
    small = ["--claims", "identity/surrogate-loss", "--width", "16", "--rounds", "2",
             "--seeds", "4", "--pilot-seeds", "2", "--no-figure", "--json", "a.json"]  # fmt: skip
    told = "read as 4 rows, 3 inputs (sex, bmi, y), target = column 2 (age), without its index"
    for target, more in (
        ({"--data": "a.csv", "--target": "age"}, True),
        ({"--data": "digits"}, False),
    ):
        options = [word for pair in target.items() for word in pair]
        printed = " ".join(CliRunner().invoke(main, ["check", *options, *small]).output.split())
        assert (told in printed, "trained on" in printed) == (more, more)
        found = json.loads(Path("a.json").read_text())["notes"]["problem"]
        assert (told in found) == more


def test_equal_numbers_train_alike(tmp_path):
    """Whatever the dialect, and in whatever column the target stands."""
    files = {
        "a.csv": (PLAIN, None),
        "b.csv": (FRAME.to_csv(sep="\t", decimal=","), "y"),
        "c.parquet": (saved(FRAME[["y", "age", "sex", "bmi"]].to_parquet), "1"),
        "d.npz": (saved(np.savez, X=A[:, :3], y=A[:, 3]), None),
    }
    problems = [
        load_problem(
            write(tmp_path, name, content), samples=3, target=y, rng=np.random.default_rng(0)
        )
        for name, (content, y) in files.items()
    ]
    for problem in problems[1:]:
        np.testing.assert_array_equal(problem.X, problems[0].X)
        np.testing.assert_array_equal(problem.y, problems[0].y)
