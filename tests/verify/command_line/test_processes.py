"""Commands in environments: ranks of processes, consoles of any encoding, files that are kept."""

import io
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from tests.pages import ROOT
from theory.language.errors import InvalidArgument
from verify.command_line import program
from verify.command_line.program import main
from verify.pytest_plugin.baseline import Baseline
from verify.reporting import width_study
from verify.training import processes
from verify.training.masked import shards

CHECK = ["check", "--theorem", "kaczmarz", "--seeds", "50", "--json", "o.json"]
COMMANDS = set(main.commands)


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def joined(monkeypatch):
    """How often a group of processes was joined; none is."""
    found = []

    @contextmanager
    def group():
        found.append(processes.rank_and_count())
        yield

    monkeypatch.setattr(shards, "processes", group)
    return found


def call(*args):
    return CliRunner().invoke(main, list(args), prog_name="verify")


def set_to(monkeypatch, rank, size):
    for name, value in (("RANK", rank), ("WORLD_SIZE", size)):
        if value is not None:
            monkeypatch.setenv(name, value)


# ---- ranks

ALONE = [("1", None), ("1", ""), ("", "2"), (None, "2"), (None, ""), ("0", "1"), (" ", " ")]


@pytest.mark.parametrize(("rank", "size"), ALONE)
def test_one_of_the_two_variables_counts_for_nothing(kaczmarz, monkeypatch, joined, rank, size):
    set_to(monkeypatch, rank, size)
    monkeypatch.setenv("LOCAL_RANK", "3")
    result = call(*CHECK)
    assert result.exit_code == 0, result.output
    assert "written: check.png, o.json" in result.stdout
    assert os.path.exists("o.json")
    assert os.path.exists("check.png")
    assert not joined


def test_of_two_processes_the_second_writes_and_says_nothing(kaczmarz, monkeypatch, joined):
    set_to(monkeypatch, "1", "2")
    result = call(*CHECK)
    assert (result.exit_code, result.output) == (0, "")
    assert not {"o.json", "check.png"} & set(os.listdir())
    assert joined == [(1, 2)]
    monkeypatch.setenv("RANK", "0")
    result = call(*CHECK)
    assert "written: check.png, o.json" in result.stdout
    assert {"o.json", "check.png"} < set(os.listdir())
    assert joined == [(1, 2), (0, 2)]


def test_written_is_not_said_where_another_process_writes(kaczmarz, monkeypatch):
    """The second process, not silenced: it trains, and names no file."""
    monkeypatch.setattr(program, "alone", lambda: True)
    set_to(monkeypatch, "1", "2")
    result = call(*CHECK)
    assert "kaczmarz/rate" in result.stdout
    assert "written" not in result.output
    assert not {"o.json", "check.png"} & set(os.listdir())


@pytest.mark.parametrize("command", sorted(COMMANDS - set(program.TRAINING)))
def test_what_does_not_train_joins_no_group(kaczmarz, monkeypatch, joined, command):
    """The first process alone does it, whatever the variables of a group are."""
    args = [command, *{"show": ["main"], "prove": ["--theorem", "kaczmarz"]}.get(command, [])]
    monkeypatch.setattr(program.loaded(command), "callback", lambda *_, **__: print("done"))
    for rank, output in (("0", "done\n"), ("1", "")):
        set_to(monkeypatch, rank, "2")
        result = call(*args)
        assert (result.exit_code, result.stdout) == (0, output), result.output
    assert not joined


@pytest.mark.parametrize("command", program.TRAINING)
def test_what_trains_joins_the_group(monkeypatch, joined, command):
    """Must fail: of these commands every process has its part, but for the help."""
    set_to(monkeypatch, "1", "2")
    assert call(command, "--help").output == ""
    assert not joined
    monkeypatch.setattr(program.loaded(command), "callback", lambda *_, **__: print("done"))
    call(command, *{"search": ["main"], "mutate": ["main"], "replay": ["o"]}.get(command, []))
    assert joined == [(1, 2)]


def test_every_command_trains_or_does_not():
    assert set(program.TRAINING) < COMMANDS


@pytest.mark.parametrize("missing", ["MASTER_ADDR", "MASTER_PORT"])
def test_a_group_without_a_meeting_place_is_refused(kaczmarz, monkeypatch, missing):
    set_to(monkeypatch, "0", "2")
    for name in {"MASTER_ADDR", "MASTER_PORT"} - {missing}:
        monkeypatch.setenv(name, "1")
    result = call(*CHECK)
    assert result.exit_code == 2
    (line,) = result.stderr.replace("\n  ", " ").splitlines()
    assert line.startswith(f"error: {missing} = '': must be set, as by torchrun")


@pytest.mark.parametrize(
    ("rank", "size", "words"),
    [("2", "2", "RANK = 2: must be below WORLD_SIZE = 2"), ("-1", "2", "RANK = '-1'"),
     ("0", "two", "WORLD_SIZE = 'two'"), ("0", "0", "RANK = 0"), ("٣", "4", "RANK = '٣'")],
)  # fmt: skip
def test_ranks_that_are_none_are_refused(monkeypatch, rank, size, words):
    set_to(monkeypatch, rank, size)
    with pytest.raises(InvalidArgument, match=r"RANK|WORLD_SIZE"):
        processes.first()
    result = call("list")
    assert result.exit_code == 2
    assert words in result.stderr


# ---- consoles


@pytest.mark.parametrize(
    "encoding",
    ["ascii", "latin-1", "cp437", "cp850", "cp1252", "cp037", "shift_jis", "utf-16", "utf-8"],
)
def test_a_console_of_any_encoding_gets_the_table(kaczmarz, monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, errors="strict"))
    with pytest.raises(SystemExit) as left:
        main(["check", "--theorem", "kaczmarz", "--seeds", "50", "--no-figure"])
    sys.stdout.flush()
    assert left.value.code == 0
    text = raw.getvalue().decode(encoding)
    assert "kaczmarz/rate       HOLDS" in text
    assert ("mean ±2se" if encoding not in ("ascii", "shift_jis") else "2se") in text


def test_without_a_replacement_the_table_is_lost(kaczmarz, monkeypatch):
    """Must fail: this is what the consoles above would get."""
    monkeypatch.setattr(program, "_encodable", lambda *_: None)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii", errors="strict"))
    with pytest.raises(SystemExit) as left:
        main(["check", "--theorem", "kaczmarz", "--seeds", "50", "--no-figure"])
    assert left.value.code == 4


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [("a±b…", "ascii", b"a?b?"),
     ("≤1 ≥2 ≈3 →4", "latin-1", b"<1 >2 ~3 >4"),
     ("caf\udce9", "ascii", b"caf\xe9"), ("±\udce9±", "utf-8", None),
     ("\ud800", "utf-8", b"?"), ("±\udce9", "ascii", b"?\xe9"), ("…±", "latin-1", b"?\xb1")],
)  # fmt: skip
def test_what_a_console_has_not_is_a_question_mark(text, encoding, expected):
    """A byte of a file's name stays what it is: a command with that name works as printed."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    program._encodable(stream, None)
    stream.write(text)
    stream.flush()
    expected = "±".encode() + b"\xe9" + "±".encode() if expected is None else expected
    assert raw.getvalue() == expected


def test_a_whole_process_on_a_poor_console():
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp437"}
    done = subprocess.run([sys.executable, "-m", "verify", "show", "coupled/rate"],
                          capture_output=True, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "coupled/rate" in done.stdout.decode("cp437")


# ---- files

SPARED = {
    "check": (["check", "--data", "a.csv", "--json", "./a.csv"], "that of --data"),
    "check, linked": (["check", "--data", "a.csv", "--json", "link.csv"], "that of --data"),
    "power": (["power", "--data", "link.csv", "--json", "a.csv"], "that of --data"),
    "width": (["width", "--data", "a.csv", "--json", "a.csv"], "that of --data"),
    "width, grid": (["width", "--grid", "data=digits,a.csv", "--json", "a.csv"], "that of --data"),
    "mutate": (["mutate", "main", "--baseline", "b.json", "--json", "./b.json"], "--baseline"),
}


@pytest.mark.parametrize("case", SPARED)
def test_no_output_replaces_an_input(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    kept = {"a.csv": "a,b,y\n1,2,3\n", "b.json": Baseline("0", {"budget": 1}, {}, {}).text()}
    for name, content in kept.items():
        (tmp_path / name).write_text(content)
    os.symlink("a.csv", "link.csv")
    args, words = SPARED[case]
    result = call(*args)
    assert result.exit_code == 2, result.output
    assert result.stderr.endswith(f": must be another file than {words}\n")
    assert {name: (tmp_path / name).read_text() for name in kept} == kept


def test_width_says_written_of_files_that_are_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(width_study, "draw", lambda *_: b"picture")
    monkeypatch.setattr(width_study, "show", lambda *_: print("table"))
    monkeypatch.setattr(width_study, "to_json", lambda *_: b"{}")
    monkeypatch.setattr(
        "verify.experiments.width_requirement.study.run", lambda *_, **__: "nothing"
    )
    monkeypatch.setattr(program, "alone", lambda: True)
    args = ["width", "--figure", "w.png"]
    assert call(*args).stdout == "table\nwritten: w.png\n"
    os.unlink("w.png")
    set_to(monkeypatch, "1", "2")
    assert call(*args).stdout == "table\n"
    assert not os.path.exists("w.png")
