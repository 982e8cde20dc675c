"""The examples of docs/kinds.md give the output that the page shows, for every kind."""

import contextlib
import io
import re
from pathlib import Path

import pytest

import theory

PAGE = (Path(__file__).parent.parent / "docs" / "kinds.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, re.DOTALL)
KINDS = [name for name in theory.__all__ if isinstance(getattr(theory, name), theory.Kind)]
ROWS = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)


def test_every_kind_has_a_row_and_an_example():
    assert sorted(ROWS) == sorted(KINDS)
    used = [kind for code, _ in BLOCKS for kind in re.findall(r"kind=(\w+)", code)]
    assert sorted(used) == sorted([*KINDS, "UPPER_PATHWISE"])  # one more, with `confidence`
    everything = {str(theory.Kind(r, m)) for r in theory.Relation for m in list(theory.Mode)[:3]}
    assert everything < {str(getattr(theory, name)) for name in KINDS}


@pytest.mark.parametrize("number", range(1, len(BLOCKS)))
def test_an_example_gives_its_output(number):
    (preamble, _), (code, shown) = BLOCKS[0], BLOCKS[number]
    assert len(code.splitlines()) == 3 or "confidence" in code
    found, scope = io.StringIO(), {}
    exec(preamble, scope)
    with contextlib.redirect_stdout(found):
        exec(code, scope)
    assert found.getvalue() == shown
