"""Every command that the docs show is run, and prints what the page shows.

The example of the README has its test in test_readme.py.
"""

import re
import shlex

import click
import pytest

from tests import docs_update
from tests.pages import PAGES, ROOT, PageError, blocks, run_page, same
from theory import InvalidArgument
from verify.command_line.program import main

ALL = ("README.md", "CONTRIBUTING.md", *PAGES)
PRINTED = """\
claim    verdict bound  mean ±2se good
a/rate   HOLDS    1.13  0.95      1.00
b/kernel VACUOUS 2e-05  0.5 ±2e-1 0.97
600 seeds, 1 refuted, 12.5 s
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_is_printed(name):
    for shown in run_page((ROOT / name).read_text()):
        assert not shown.difference, f"{shown.difference}\nsee: python -m tests.docs_update {name}"


@pytest.mark.parametrize("name", ALL)
def test_what_is_not_run_is_spelled_right(name):
    """Commands of all blocks, run or not, and in the text: their options exist."""
    page = (ROOT / name).read_text().replace("\\\n", " ")
    for command in re.findall(r"python -m verify ([^\n`|;&]*)", page):
        parse(shlex.split(command.split(" ...")[0]))
    plugin = (ROOT / "verify" / "pytest_plugin" / "plugin.py").read_text()
    for flag in re.findall(r"--claims-[\w-]+", page):
        assert f'"{flag}"' in plugin, flag


def parse(arguments):
    """Refuse a command that does not exist, or an option that it does not have."""
    name, command, rest = main.resolve_command(click.Context(main), arguments)
    assert command is not None, f"no command {name}"
    try:
        command.make_context(name, rest)
    except click.MissingParameter:
        pass  # a command that is only named, such as `search` in a sentence
    except click.exceptions.Exit:
        pass  # --help


@pytest.mark.parametrize("command", ["chekc", "check --wdith 3", "check --law nothing"])
def test_a_misspelt_command_is_found(command):
    with pytest.raises((InvalidArgument, click.UsageError)):
        parse(command.split())


@pytest.mark.parametrize("name", ALL)
def test_links_lead_somewhere(name):
    page = (ROOT / name).read_text()
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page):
        assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12.5 s", "3 s"),  # another machine is faster
        ("600", "606"),
        ("1.13", "1.14"),  # rounds otherwise
        ("2e-05", "2.01e-05"),
        ("  VACUOUS", " VACUOUS"),
        ("a/rate   HOLDS    1.13  0.95      1.00\n", "...\n"),
        ("good\n", "good\n...\n"),
    ],
)
def test_what_may_differ(old, new):
    assert same(PRINTED.replace(old, new), PRINTED) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HOLDS", "REFUTED"),  # a changed verdict
        ("1.13", "1.17"),  # a wrong number
        ("600", "700"),
        ("1 refuted", "2 refuted"),
        ("2e-05", "2e-06"),
        ("0.97", "-0.97"),
        ("a/rate   HOLDS    1.13  0.95      1.00\n", ""),  # a missing line
        ("claim    verdict bound  mean ±2se good\n", ""),
        ("600 seeds, 1 refuted, 12.5 s\n", ""),
        ("good\n", "good\nmore\n"),  # one too many
        ("a/rate   HOLDS    1.13  0.95      1.00\n", "...\na/rate HOLDS 1.13 0.95 0.5\n"),
        ("600 seeds", "...\n601 seeds, 2"),
        ("12.5 s", "12.5 m"),
    ],
)
def test_what_may_not(old, new):
    assert old in PRINTED
    assert same(PRINTED.replace(old, new), PRINTED) != ""


def test_rounding_is_no_number():
    assert same("off by 5.7e-16", "off by 1.1e-16") == ""
    assert same("off by 5.7e-6", "off by 1.1e-6") != ""


def test_what_is_ignored_is_named():
    assert same("proved 0.14", "proved 3.15", [r"\d\.\d\d"]) == ""
    assert same("proved 0.14", "open 3.15", [r"\d\.\d\d"]) != ""


def test_what_is_ignored_is_so_in_the_next_output_alone():
    six = ("sh", "python -c 'print(6)'")
    ignoring = r"<!-- ignoring \d: a number -->"
    found = differences(ignoring, six, ("text", "7"), six, ("text", "7"))
    assert [bool(difference) for difference in found] == [False, True]


def page(*parts):
    """A page of comments and of blocks (language, content)."""
    return "\n".join(p if isinstance(p, str) else f"```{p[0]}\n{p[1]}\n```" for p in parts)


def differences(*parts):
    return [shown.difference for shown in run_page(page(*parts))]


def test_blocks_share_a_directory():
    assert differences(
        "`one.py`", ("python", "print(6 * 7)"), ("sh", "python one.py"), ("text", "42"),
        "<!-- edit one.py: 7 -> 8 -->", "<!-- run: python one.py -->", ("text", "48"),
    ) == ["", ""]  # fmt: skip


def test_a_session():
    one, two = ("python", "x = 41"), ("python", "print(x + 1)")
    assert differences(one, two, ("text", "42")) == [""]
    assert differences(one, two, ("text", "43")) != [""]


def test_a_false_page_is_found():
    assert differences(("sh", "python -c 'print(6 * 7)'"), ("text", "43")) != [""]
    help_ = "python -m verify prove --help"
    assert differences(("sh", help_), ("text", "...\nProve the inequalities\n...")) == [""]
    assert differences(("sh", help_), ("text", "...\nProve inequalities\n...")) != [""]


@pytest.mark.parametrize(
    "parts",
    [
        (("sh", "false"),),
        ("<!-- exit code 2 -->", ("sh", "true")),
        (("sh", "false\ntrue"),),
        (("text", "nobody says this"),),
        (("python", "1 / 0"),),
        (("python", "print(x)"), ("python", "x = 1")),
        (("yaml", "on: push"),),
        ("<!-- not run: -->", ("sh", "true")),
        ("<!-- not rnu: a reason -->", ("sh", "false")),
        ("`a.py`", ("python", "1"), "<!-- edit a.py: 2 -> 3 -->", ("sh", "true")),
        (("sh", "python -m verify check --xi 2"),),
    ],
)
def test_what_nothing_runs_is_refused(parts):
    with pytest.raises(PageError):
        differences(*parts)


def test_what_is_not_run_says_why():
    assert differences("<!-- not run: needs GitHub -->", ("yaml", "on: push")) == []
    assert [b.code for b in blocks(page("<!-- exit code 1 -->", ("sh", "false")))] == [1]


def test_renewed_lines_are_those_that_are_shown():
    shown = "claim    verdict bound  mean ±2se good\n...\nb/kernel VACUOUS 3e-05  0.6 ±2e-1 0.97\n"
    renewed, lost = docs_update.renew(shown + "...\n", PRINTED)
    assert same(renewed, PRINTED) == ""
    assert lost == []
    assert "a/rate" not in renewed
    assert docs_update.renew("something else", PRINTED) == (PRINTED, [])
    slower = PRINTED.replace("12.5 s", "99.5 s")
    assert docs_update.renew(PRINTED, slower) == (PRINTED, [])
    assert docs_update.renew("...\nwhat nobody says any more\n", PRINTED)[1]
