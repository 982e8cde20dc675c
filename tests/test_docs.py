"""The example of docs/adding-a-theorem.md runs, and gives what the page shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "adding-a-theorem.md").read_text()
FILES = dict(re.findall(r"`(\w+\.py)`\n```python\n(.*?)```", PAGE, re.DOTALL))
COMMAND = re.search(r"`python (kaczmarz\.py check [^`]*)`", PAGE)[1].split()
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def example(pytester):
    for name, content in FILES.items():
        (pytester.path / name).write_text(content)
    return pytester


def run(example, *arguments):
    return subprocess.run(
        [sys.executable, *arguments], cwd=example.path, capture_output=True, text=True, check=False
    )


def test_every_block_is_a_file():
    assert len(FILES) == PAGE.count("```python") == 4


def test_the_command_prints_what_the_page_shows(example):
    found = run(example, *COMMAND)
    assert found.returncode == 0, found.stderr
    for line in SHOWN.splitlines():
        assert re.search(r"\s+".join(map(re.escape, line.split())), found.stdout), line
    shown = run(example, "kaczmarz.py", "show", "kaczmarz/rate")
    assert "sigma_min > 0" in shown.stdout


def test_its_tests_pass(example):
    result = example.runpytest_subprocess("-q", "-p", "no:xdist", "test_kaczmarz.py")
    result.assert_outcomes(passed=3)


def test_a_false_bound_fails_them(example):
    claims = (example.path / "kaczmarz_claims.py").read_text()
    wrong = claims.replace("s_min**2 / norm**2", "4 * s_min**2 / norm**2")
    assert wrong != claims
    (example.path / "kaczmarz_claims.py").write_text(wrong)
    result = example.runpytest_subprocess("-q", "-p", "no:xdist", "test_kaczmarz.py")
    assert result.parseoutcomes()["failed"] >= 1
    result.stdout.fnmatch_lines(["*kaczmarz/rate: REFUTED*"])
