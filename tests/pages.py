"""The runner of the pages: every command that the docs show, and what it prints.

A fenced block `sh` is run, in a directory that the blocks of one page share, in their order; the
block `text` after it is what it prints. A block `python` that is named in the line before it
(`name.py`), or in a comment, is a file of that directory; the others of a page are run one after
the other, as in one session. Comments of the page say what a reader need not see:

    <!-- not run: WHY -->           the next block is only shown
    <!-- exit code N -->            of the next block (default: 0)
    <!-- file: NAME -->             the next block python is this file
    <!-- edit NAME: OLD -> NEW -->  the file is changed before the next block is run
    <!-- run: COMMAND -->           run, and not shown; its output is the next block text
    <!-- ignoring REGEX: WHY -->    in what the next block prints

`same` compares: words exactly, numbers to TOLERANCE or one unit of their last shown place (another
machine rounds otherwise), numbers below ROUNDING with one another, and no seconds; spaces and the
places of line breaks do not matter. A line `...` in a page stands for lines that are left out.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
PAGES = tuple(sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
TOLERANCE, ROUNDING = 0.02, 1e-12
COLUMNS = "92"
LEFT_OUT = "..."

_PARTS = re.compile(
    r"^```(?P<language>\w+)\n(?P<content>.*?)^```$|<!--\s*(?P<comment>.*?)\s*-->"
    r"|^`(?P<file>[\w./]+)`$",
    re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?")
SECONDS = re.compile(r"\b\d+(?:\.\d+)?(?: s\b|s\b)")


@dataclass
class Block:
    """A fenced block of a page: where its content is, and what its comments say."""

    language: str
    content: str
    start: int
    end: int
    file: str = ""
    not_run: str = ""
    code: int = 0
    hidden: list[str] = field(default_factory=list)
    edits: list[tuple[str, str, str]] = field(default_factory=list)
    ignoring: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """A block `text`, what is printed in truth, and where they first differ (empty: nowhere)."""

    block: Block
    printed: str
    difference: str


class PageError(AssertionError):
    """A page shows what is not so, or what nothing runs."""


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page. PageError for a comment that nobody understands."""
    found: list[Block] = []
    said: dict[str, object] = {}
    for part in _PARTS.finditer(page):
        if part["file"]:
            said["file"] = part["file"]
        elif part["comment"] is not None:
            _understand(part["comment"], said)
        else:
            span = part.span("content")
            found.append(Block(part["language"], part["content"], *span, **said))  # type: ignore[arg-type]
            said = {}
    return found


def _understand(comment: str, said: dict[str, object]) -> None:
    if match := re.fullmatch(r"not run: (\S+ .+)", comment, re.DOTALL):
        said["not_run"] = match[1]
    elif match := re.fullmatch(r"exit code (\d+)", comment):
        said["code"] = int(match[1])
    elif match := re.fullmatch(r"file: (\S+)", comment):
        said["file"] = match[1]
    elif match := re.fullmatch(r"run: (.+)", comment):
        said.setdefault("hidden", []).append(match[1])  # type: ignore[attr-defined]
    elif match := re.fullmatch(r"edit (\S+): (.+) -> (.+)", comment):
        said.setdefault("edits", []).append(match.groups())  # type: ignore[attr-defined]
    elif match := re.fullmatch(r"ignoring (\S+): (\S+ .+)", comment, re.DOTALL):
        said.setdefault("ignoring", []).append(match[1])  # type: ignore[attr-defined]
    else:
        raise PageError(f"<!-- {comment} --> is not a comment that the runner knows")


def run_page(page: str) -> Iterator[Shown]:
    """Run a page; what each of its blocks `text` shows beside what is printed.

    PageError for a command with another exit code, and for a block that nothing runs.
    """
    with tempfile.TemporaryDirectory() as name:
        directory, printed, ignoring = Path(name), None, []
        session: dict[str, object] = {}
        cases = Path("tests", "counterexamples")
        (directory / cases).mkdir(parents=True)
        for path in (ROOT / cases).glob("*.json"):
            shutil.copy(path, directory / cases)
        for block in blocks(page):
            if block.not_run:
                continue
            for file, old, new in block.edits:
                text = (directory / file).read_text()
                if old not in text:
                    raise PageError(f"{file} has no {old!r} to edit")
                (directory / file).write_text(text.replace(old, new))
            if block.hidden:
                printed = _all(block.hidden, directory, block.code)
            if block.language == "sh":
                ignoring = block.ignoring
                printed = _all(commands(block.content), directory, block.code)
            elif block.language == "text":
                if printed is None:
                    raise PageError(f"nothing prints this:\n{block.content}")
                yield Shown(block, printed, same(block.content, printed, ignoring + block.ignoring))
                printed, ignoring = None, []
            elif block.language == "python" and block.file:
                (directory / block.file).write_text(block.content)
            elif block.language == "python":
                ignoring, printed = block.ignoring, _python(block.content, session)
            else:
                raise PageError(f"a block {block.language} is neither run nor marked")


def _python(code: str, session: dict[str, object]) -> str:
    """What the code prints; its names go to the session."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(code, session)
    except Exception as error:
        raise PageError(f"{type(error).__name__}: {error}, in\n{code}") from error
    return output.getvalue()


def commands(content: str) -> list[str]:
    """The commands of a block, one a line; a backslash goes on."""
    return [line for line in content.replace("\\\n", " ").splitlines() if line.strip()]


def _all(lines: list[str], directory: Path, code: int) -> str:
    """What the commands print. All but the last end with exit code 0."""
    printed = ""
    for number, line in enumerate(lines, 1):
        wanted = code if number == len(lines) else 0
        found, text = _run(line.strip(), directory)
        if found != wanted:
            raise PageError(f"{line.strip()}: exit code {found}, not {wanted}\n{text}")
        printed += text
    return printed


def _run(line: str, directory: Path) -> tuple[int, str]:
    """Run one command. Of the same command and files the result is kept."""
    if not re.match(r"python -m verify [^;|&<>$`]*$", line):
        return _subprocess(line, directory)
    before = _files(directory)
    code, text, after = _verify(line, before)
    for name, content in after:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return code, text


Files = frozenset[tuple[str, bytes]]


def _files(directory: Path) -> Files:
    found = (path for path in directory.rglob("*") if path.is_file())
    return frozenset((str(path.relative_to(directory)), path.read_bytes()) for path in found)


@functools.lru_cache
def _verify(line: str, files: Files) -> tuple[int, str, Files]:
    """`python -m verify` in this process: exit code, what it prints, the files it writes."""
    import shlex

    from verify.command_line.program import main

    here = Path.cwd()
    environment = {"COLUMNS": COLUMNS, "RANK": None, "WORLD_SIZE": None}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for path, content in files:
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(content)
        os.chdir(directory)
        try:
            ran = CliRunner().invoke(
                main, shlex.split(line)[3:], prog_name="python -m verify", env=environment
            )
        finally:
            os.chdir(here)
        return ran.exit_code, ran.stdout or ran.stderr, _files(directory) - files


def _subprocess(line: str, directory: Path) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    environment |= {"COLUMNS": COLUMNS, "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # an edited file may have the same time and size
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.getenv("PYTHONPATH"))))
    ran = subprocess.run(
        ["bash", "-c", f'python() {{ "$PYTHON" "$@"; }}\n{line}'],
        cwd=directory, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout or ran.stderr


def same(shown: str, printed: str, ignoring: list[str] | None = None) -> str:
    """Where a block and what is printed first differ; empty where nowhere."""
    for pattern in ignoring or ():
        shown, printed = (re.sub(pattern, "#", text) for text in (shown, printed))
    actual, at = _words(printed), 0
    segments = re.split(rf"^\s*{re.escape(LEFT_OUT)}\s*$", shown, flags=re.MULTILINE)
    for number, segment in enumerate(segments):
        wanted = _words(segment)
        if number == 0:
            starts = [0]
        elif number == len(segments) - 1 and wanted:
            starts = [len(actual) - len(wanted)]
        else:
            starts = list(range(at, len(actual) - len(wanted) + 1))
        tried = [(_agreeing(wanted, actual[max(0, s) :]), s) for s in starts if s >= at]
        most, start = max(tried, default=(0, at), key=lambda pair: (pair[0], -pair[1]))
        if most < len(wanted):
            missing = " ".join(wanted[max(0, most - 5) : most + 5])
            instead = " ".join(actual[max(0, start + most - 5) : start + most + 5])
            return f"the page shows  {missing}\nthe command says {instead or 'nothing'}"
        at = start + len(wanted)
    if at < len(actual) and segments[-1].strip():
        return f"the page leaves out  {' '.join(actual[at : at + 12])}"
    return ""


def _words(text: str) -> list[str]:
    return SECONDS.sub("SECONDS", text).split()


def _agreeing(wanted: list[str], actual: list[str]) -> int:
    """How many words agree before the first that does not."""
    count = 0
    for one, other in zip(wanted, actual, strict=False):
        if not _alike(one, other):
            break
        count += 1
    return count


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    return all(map(_near, _NUMBER.findall(one), _NUMBER.findall(other)))


def _near(one: str, other: str) -> bool:
    a, b = float(one), float(other)
    if max(a, b) < ROUNDING:
        return True
    return abs(a - b) <= 1.001 * max(TOLERANCE * max(a, b), min(_unit(one), _unit(other)))


def _unit(number: str) -> float:
    """One unit of the last place that is shown; 0 of a plain integer, which is a count."""
    mantissa, _, exponent = number.partition("e")
    _, point, decimals = mantissa.partition(".")
    if not point and not exponent:
        return 0.0
    return 10.0 ** (int(exponent or 0) - len(decimals))
