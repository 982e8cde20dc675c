"""Errors of names that nobody knows: what is known, the closest first, in lines of a terminal."""

import re

import pytest

from theory import registry
from theory.language.errors import WIDTH, on_lines, unknown

NAMES = ("masked-loss", "masked-error-over-masks", "deep-gain", *(f"a-{i:02}" for i in range(40)))
HELPERS = tuple(f"judge: mean <= {i} of many" for i in range(12))


def listed(error):
    """The names in the order in which the message has them."""
    return re.findall(r"(?<![\w-])[a-z]+-[\w-]+", str(error).partition("must be")[2])


@pytest.mark.parametrize(
    ("value", "first", "hint"),
    [
        ("masked-error-over-msaks", "masked-error-over-masks", True),
        ("DEEP-GAIN", "deep-gain", True),
        ("error", "masked-error-over-masks", True),  # a part of it
        ("a-39", "a-39", True),
        ("nothing like", "masked-loss", False),
        ("", "masked-loss", False),
    ],
)
def test_the_closest_come_first(value, first, hint):
    error = unknown("name", value, NAMES)
    found = listed(error)
    assert found[0] == first
    assert set(found) == set(NAMES)
    assert str(error).endswith(f"; did you mean {first}?".replace("; ", ";\n  ")) is hint


@pytest.mark.parametrize("known", [NAMES, HELPERS])
@pytest.mark.parametrize("value", ["nope", "masked", "x" * 200])
def test_every_line_fits_a_terminal(known, value):
    error = unknown("name", value, known, ", or a file")
    lines = f"error: --{error}".splitlines()
    assert len(lines) >= 5
    assert max(map(len, lines[1:])) <= WIDTH
    assert len(lines[0]) <= max(WIDTH, len(f"error: --name = {value[:60]!r}: must be one"))
    assert ", or a file" in " ".join(map(str.strip, lines))
    for name in known:  # none is broken
        assert any(name in line for line in lines)


def test_an_error_is_broken_where_nothing_is_copied_from_it():
    error = f"out = 'a': must be {'x' * 90}, or else pip install 'theorem-gate[sweep]' and then, if"
    error += " that is no help, `list --theorem NAME`, of which there are many"
    found = on_lines(error)
    assert found.replace("\n  ", " ") == error
    lines = found.splitlines()
    assert [line for line in lines if len(line) > WIDTH] == ["  " + "x" * 90 + ","]
    for copied in ("pip install 'theorem-gate[sweep]'", "`list --theorem NAME`"):
        assert any(copied in line for line in lines)
    listed = str(unknown("name", "masked", NAMES))
    assert on_lines(listed) == listed


def test_a_short_list_is_one_line():
    assert str(unknown("law", "a", ["b", "c"])) == "law = 'a': must be one of b, c"


def test_theorems_are_listed():
    with pytest.raises(ValueError, match="deep-networks") as caught:
        registry.theorem("deep-network")
    assert listed(caught.value)[0] == "deep-networks"
    assert set(registry.theorems()) <= set(listed(caught.value))
    assert max(map(len, str(caught.value).splitlines())) <= WIDTH
