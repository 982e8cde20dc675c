"""The README shows what a user would see."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_example_gives_its_output(pytester):
    (example,) = blocks("python")
    table, refusal = blocks("text")[-2:]
    pytester.makepyfile(test_sgd=example)
    shown = pytester.runpytest_subprocess("-q", "-p", "no:xdist").stdout.str()
    for line in table.splitlines():
        assert line in shown
    pytester.makepyfile(test_sgd=example.replace("eta * v / mu", "eta * v / (8 * mu)"))
    result = pytester.runpytest_subprocess("-q", "-p", "no:xdist")
    assert result.ret == 1
    for line in refusal.splitlines():
        assert line.strip() in result.stdout.str()


def test_commands_are_those_of_the_gate():
    run = (README.parent / ".ci" / "run").read_text()
    setup = blocks("sh")[1].strip().split(" && ")
    assert setup[-1] in run
    assert "-c .ci/constraints.txt" in setup[1]
