"""Commands find the theorem of a claim, and what they print can be run as it is printed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import types
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.pages import ROOT
from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.options import theorem_option
from verify.command_line.program import main
from verify.runs import invocation, selection

BIN = os.path.dirname(sys.executable)
MASKED, NODE = "masked-training", "node-scaling"
QUICK = ["--theorem", "kaczmarz", "--no-figure", "--seeds", "50"]


def call(*args):
    return CliRunner().invoke(main, list(map(str, args)), prog_name="verify")


# ---- the theorem of a claim

CHOSEN = {
    "none": ([], MASKED),
    "claim": (["--claims", "node/published-loss"], NODE),
    "equals": (["--claims=node/published-loss"], NODE),
    "pattern": (["--claims", "node/*"], NODE),
    "two": (["--claims", "node/published-loss, node/published-distance"], NODE),
    "first": (["--claims", "*"], MASKED),
    "theorem": (["--claims", "node/*", "--theorem", MASKED], MASKED),
    "again": (["--claims", "node/published-loss", "--claims", "node/*"], NODE),
    "last": (["--theorem", NODE, "--theorem", MASKED], MASKED),
    "own": (["--claims", "kaczmarz/rate"], "kaczmarz"),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_the_theorem_is_that_of_the_claims(kaczmarz, case):
    args, expected = CHOSEN[case]
    assert theorem_option(args) == expected


REFUSED = {
    "two theorems": ("node/published-loss,main", "claims of one theorem (node/published-loss is "),
    "unknown": ("node/published-los", "such as node/published-loss"),
    "nothing like it": ("§§", "as the command `list` tells"),
    "empty": (" , ", "names or patterns"),
}  # fmt: skip


def test_claims_given_again_are_all_asked_for():
    """None of them is left out in silence."""
    with pytest.raises(InvalidArgument, match="claims of one theorem"):
        theorem_option(["--claims", "main", "--claims=node/*"])


@pytest.mark.parametrize("command", ["check", "power", "sweep"])
@pytest.mark.parametrize("case", REFUSED)
def test_claims_of_no_one_theorem_are_refused(command, case):
    claims, words = REFUSED[case]
    result = call(command, "--claims", claims)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: --claims = ")
    assert words in result.stderr.replace("\n  ", " ")
    assert max(map(len, result.stderr.splitlines())) < 80


@pytest.mark.parametrize(
    "args",
    [
        "check --claims kaczmarz/rate --no-figure --seeds 50",
        "power --claims kaczmarz/rate --seeds 50",
        "search kaczmarz/rate --trials 3",
        "mutate kaczmarz/rate --every 9 --quiet",
        "show kaczmarz/rate",
    ],
)
def test_every_command_finds_a_theorem_that_is_not_the_first(kaczmarz, args):
    result = call(*args.split())
    assert result.exit_code == 0, result.output
    assert "kaczmarz/rate" in result.stdout


def test_mutants_of_claims_of_two_theorems(kaczmarz, monkeypatch):
    """The scores of both, each with its theorem; a twin with --theorem takes one alone."""
    other = replace(registry.theorem("kaczmarz"), name="again", claims="again_claims")
    module = types.ModuleType("again_claims")
    module.CLAIMS = tuple(
        replace(claim, name=claim.name.replace("kaczmarz", "again"))
        for claim in registry.theorem("kaczmarz").load_claims()
    )
    monkeypatch.setitem(sys.modules, "again_claims", module)
    registry.register(other)
    args = ["mutate", "*/pythagoras", "--every", "9", "--quiet", "--json", "o.json"]
    assert call(*args).exit_code == 0
    text = Path("o.json").read_text()
    assert re.findall(r'"theorem": "(\w+)"', text) == ["again", "kaczmarz"]
    assert call(*args, "--theorem", "again").exit_code == 0
    assert re.findall(r'"theorem": "(\w+)"', Path("o.json").read_text()) == ["again"]
    assert call(*args, "--at-least", "again/pythagoras=1.0").exit_code == 0


@pytest.mark.parametrize("command", ["mutate", "search", "show"])
def test_the_name_of_two_claims_is_refused(kaczmarz, monkeypatch, command):
    claims = Path("kaczmarz_claims.py").read_text().replace('"kaczmarz/rate"', '"main"')
    Path("main_claims.py").write_text(claims)
    registry.register(registry.Theorem("other", "main_claims", "kaczmarz_experiment"))
    result = call(command, "main")
    sys.modules.pop("main_claims")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: claim = 'main'")
    assert "other" in result.stderr
    assert MASKED in result.stderr


def test_matching():
    assert selection.matching(["main", "node/published-loss"]) == {
        "main": MASKED, "node/published-loss": NODE,
    }  # fmt: skip
    with pytest.raises(InvalidArgument, match="such as main"):
        selection.matching(["mian"])


# ---- how the program was started


@pytest.fixture
def begun(monkeypatch):
    """Start the program as from a shell: argv[0], or a module; what the shell finds."""
    monkeypatch.setattr(invocation, "_started", invocation._started)

    def start(script="", module=None, found=("python",), folder=BIN):
        main_module = types.ModuleType("__main__")
        main_module.__spec__ = None if module is None else ModuleSpec(module, None)
        monkeypatch.setitem(sys.modules, "__main__", main_module)
        monkeypatch.setattr(sys, "argv", [script])
        places = {name: os.path.join(folder, name) for name in found}
        monkeypatch.setattr(shutil, "which", places.get)
        return invocation.started()

    return start


OWN = shlex.quote(sys.executable)
STARTED = {
    "module": ({"module": "verify.__main__"}, "python -m verify"),
    "own module": ({"module": "own.theorem"}, "python -m own.theorem"),
    "package": ({"module": "own.__main__"}, "python -m own"),
    "file": ({"script": "own.py"}, "python own.py"),
    "spaces": ({"script": "my own.py"}, "python 'my own.py'"),
    "option": ({"script": "-own.py"}, "python ./-own.py"),
    "python3": ({"script": "own.py", "found": ["python3"]}, "python3 own.py"),
    "no python": ({"script": "own.py", "found": []}, f"{OWN} own.py"),
    "another python": ({"script": "own.py", "folder": "/elsewhere"}, f"{OWN} own.py"),
    "-c": ({"script": "-c"}, "python -m verify"),
    "pipe": ({"script": ""}, "python -m verify"),
    "stdin": ({"script": "-"}, "python -m verify"),
    "script": ({"script": f"{BIN}/verify", "found": ["verify"]},
               "verify"),
    "no path": ({"script": "/opt/x y/verify", "found": ["python"]}, "'/opt/x y/verify'"),
    "windows": ({"script": "verify.exe", "found": []}, "verify.exe"),
}  # fmt: skip


@pytest.mark.parametrize("case", STARTED)
def test_how_the_program_was_started(tmp_path, monkeypatch, begun, case):
    monkeypatch.chdir(tmp_path)
    for name in ("own.py", "my own.py", "-own.py"):
        (tmp_path / name).touch()
    given, expected = STARTED[case]
    assert begun(**given) == expected
    assert invocation.command("replay", "a b") == f"{expected} replay 'a b'"


@pytest.mark.parametrize("path", ["a b.json", "-j.json", "--json", "it's.json", "~", "$HOME", "é*"])
def test_a_path_is_one_operand(path):
    """Must fail: the path alone is an option, several words, or another path."""
    (word,) = shlex.split(shlex.join([invocation.operand(path)]))
    assert os.path.normpath(word) == path
    assert not word.startswith("-")


# ---- what is printed

PRINTS = {
    "check": ["check", *QUICK, "--claims", "kaczmarz/rate", "--json", "-of two.json"],
    "search": ["search", "kaczmarz/rate", "--trials", "3", "--json", "it's.json"],
    "search of two": ["search", "kaczmarz/*", "--trials", "3", "--json", "folder of two"],
    **{f"usage of {name}": [name, "--wdith", "3"] for name in (
        "check", "search", "replay", "sweep", "width", "power", "mutate", "show", "list", "prove",
        "calibrate")},
    "no command": ["chekc"],
    "no claim": ["search"],
}  # fmt: skip
SILENT = {
    "power": ["power", "--theorem", "kaczmarz", "--seeds", "20"],
    "mutate": ["mutate", "kaczmarz/rate", "--every", "9", "--quiet"],
    "list": ["list"],
    "pipe": ["search", "kaczmarz/rate", "--trials", "3", "--json", os.devnull],
}


def said(capsys, *args):
    """What the program prints when it is started with these arguments, and its exit code."""
    sys.argv[1:] = args
    with pytest.raises(SystemExit) as left:
        main()
    output = capsys.readouterr()
    return output.out + output.err, left.value.code


def printed_commands(text):
    """Command lines: what follows the name of the program as it was started."""
    name = re.escape(invocation._started)
    return re.findall(rf"^(?:try: | *)({name} .+)$", text, re.MULTILINE)


@pytest.mark.parametrize("case", [*PRINTS, *SILENT])
def test_commands_work_as_they_are_printed(kaczmarz, monkeypatch, begun, capsys, case):
    monkeypatch.setenv("COLUMNS", "60")  # a command is on one line, however narrow the terminal
    if case == "check":  # one is refuted
        false = Path("kaczmarz_claims.py").read_text().replace("s_min**2 / n", "9 * s_min**2 / n")
        Path("kaczmarz_claims.py").write_text(false)
    begun(script="kaczmarz.py")
    text, _ = said(capsys, *{**PRINTS, **SILENT}[case])
    found = printed_commands(text)
    assert len(found) == (0 if case in SILENT else 2 if case == "search of two" else 1), text
    for command in found:
        words = shlex.split(command)
        assert words[:2] == ["python", "kaczmarz.py"]
        text, code = said(capsys, *words[2:])
        assert code == (1 if case == "check" else 0), text


def test_a_shell_runs_what_a_program_prints(kaczmarz):
    """Nothing is simulated: another process, started by the shell from the printed line."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "kaczmarz.py", "search", "kaczmarz/rate", "--trials", "3"]
    first = subprocess.run([*words, "--json", "of one's own.json"], capture_output=True, text=True,
                           env=environment, check=True)  # fmt: skip
    (command,) = [line for line in first.stdout.splitlines() if " replay " in line]
    again = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)
    assert again.returncode == 0, again.stderr
    assert "recorded: HOLDS" in again.stdout


def test_a_case_of_another_program_says_so(kaczmarz, monkeypatch):
    assert call("search", "kaczmarz/rate", "--trials", "3", "--json", "s.json").exit_code == 0
    monkeypatch.delitem(registry._THEOREMS, "kaczmarz")
    result = call("replay", "s.json")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: theorem = 'kaczmarz': must be one of masked-training")
    assert "by the program that registers it" in result.stderr


def test_commands_from_pytest_are_for_the_program_of_the_theorem(kaczmarz):
    assert invocation.command_for(MASKED, "replay", "o.json") == "python -m verify replay o.json"
    told = invocation.command_for("kaczmarz", "replay", "o.json")
    assert told == "replay o.json (of the program that registers kaczmarz)"
