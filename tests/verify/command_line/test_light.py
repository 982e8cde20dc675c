"""What only tells something loads no trainer: help, `list`, `show`, options and their checks."""

import json
import subprocess
import sys

from theory import registry
from verify.command_line import program

HEAVY = ["torch", "scipy", "matplotlib", "pandas"]
COMMANDS = """if True:
    import contextlib, io, json, sys
    from verify.command_line.program import main

    found = []
    for args in json.loads(sys.argv[1]):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                main(args)
            except SystemExit as end:
                code = end.code
        found.append([code, [name for name in json.loads(sys.argv[2]) if name in sys.modules]])
    print(json.dumps(found))
"""
CONFIGURATIONS = """if True:
    import json, sys
    from theory import registry

    found = []
    for name in registry.theorems():
        registry.theorem(name).load_configuration()()
        found.append([0, [name for name in json.loads(sys.argv[2]) if name in sys.modules]])
    print(json.dumps(found))
"""


def loaded(code, commands=(), heavy=HEAVY):
    """The exit code, and which heavy packages are loaded, after each command of one process."""
    arguments = [json.dumps(each) for each in (commands, heavy)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_configurations():
    assert loaded(CONFIGURATIONS) == [[0, []]] * len(registry.theorems())


def test_commands_that_tell():
    own = ("check", "sweep", "search", "power", "width", "calibrate", "mutate", "prove", "replay")
    commands = [["--help"], ["list"], *([command, "--help"] for command in own)]
    for name in registry.theorems():
        commands.append(["check", "--theorem", name, "--help"])
        commands.append(["show", next(iter(registry.claims(name)))])
        commands.append(["show", next(iter(registry.claims(name))), "--latex"])
    found = dict(zip(map(" ".join, commands), loaded(COMMANDS, commands), strict=True))
    assert found == {command: [0, []] for command in found}


ALGEBRA = ["sympy", "numpy", "verify.experiments"]


def test_help_and_list_load_no_algebra():
    loaded(COMMANDS, [["list"]])  # keeps them
    told, listed = loaded(COMMANDS, [["--help"], ["list"]], ALGEBRA)
    assert told == [0, []]
    assert listed == [0, []]


def test_show_loads_no_algebra_again(tmp_path, monkeypatch):
    """Must fail for the first `show` of a claim, which builds its statement."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    given = ["show", "main"], ["show", "main", "--latex"]
    for args in given:
        assert loaded(COMMANDS, [args], ALGEBRA) == [[0, ["sympy", "numpy"]]]
    again = [*given, ["show", "main", "--salt", "another"], ["show", "mian"]]
    assert loaded(COMMANDS, again, ALGEBRA) == [[0, []], [0, []], [0, []], [2, []]]
    assert loaded(COMMANDS, [["show", "link-2"]], ALGEBRA) == [[0, ["sympy", "numpy"]]]


def test_the_help_of_commands():
    """The lines are whole at 80 columns, and of commands that exist."""
    for name, (_, line) in program.COMMANDS.items():
        found = program.loaded(name)
        assert found.name == name
        assert found.help
        assert len(line) < 66
        assert line[-1] in ".?"


def test_options_are_refused_before_a_trainer_is_loaded():
    """The judge may be."""
    commands = [["check", "--seeds", "0"], ["check", "--claims", "mian"], ["show", "mian"],
                ["check", "--theorem", "node-scaling", "--gamma", "2"]]  # fmt: skip
    for code, found in loaded(COMMANDS, commands):
        assert code == 2
        assert "torch" not in found


def test_values_need_one():
    """So these tests can fail. The data that scikit-learn ships are read without it."""
    values = ["show", "main", "--width", "16", "--rounds", "2", "--data", "diabetes"]
    ((code, found),) = loaded(COMMANDS, [values], ["torch", "sklearn", "pandas"])
    assert code == 0
    assert found == ["torch"]
