"""What is told of claims (names, kinds, summaries, written statements) without building them.

It is kept in the user's cache (XDG_CACHE_HOME, else ~/.cache), a folder per place of the package,
and made again when a source of the package, Python or sympy was changed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from theory.language.hashing import hashed

if TYPE_CHECKING:
    from theory.language.claim import Claim

SOURCES = Path(__file__).parents[1]
"""The package whose files say what its claims are."""

STARTED = time.time_ns()
"""What was changed since may differ from what this process has loaded."""

LIBRARIES = ("sympy", "mpmath")
"""They write the formulas."""

VERSIONS = ("__init__.py", "release.py", "version.py", "_version.py")
"""The files in which libraries keep their version; to ask for the installed one costs a start."""


class Entry(NamedTuple):
    """A claim without its statement; `says` is what is measured and how it compares."""

    name: str
    says: str
    summary: str
    source: str = ""


class Written(NamedTuple):
    """A claim written out, for lines of any width.

    source   its kind, and where it is from
    blocks   titles, each with its lines: statement, premises, parts and the like
    symbols  name, meaning and domain of each; a symbol that is defined above has no domain
    """

    name: str
    summary: str
    source: str
    blocks: tuple[tuple[str, tuple[str, ...]], ...]
    symbols: tuple[tuple[str, str, str], ...]


def of_claims(claims: Iterable[Claim]) -> tuple[Entry, ...]:
    return tuple(
        Entry(claim.name, f"{claim.kind.brief} {claim.quantity.name}", claim.summary, claim.source)
        for claim in claims
    )


def of_claim(claim: Claim, *, latex: bool) -> Written:
    """The claim with its formulas in LaTeX, or as plain text."""
    from theory.language.text import plain_text

    st, write = claim.statement, claim.in_latex if latex else plain_text
    notation = ["E[ X ; G ]: the mean of X, counted as 0 where the good event G fails"]
    parts = {**st.parts}
    if st.band is not None:
        parts |= {"lower end at finite size": st.band[0], "upper end at finite size": st.band[1]}
    if st.variance is not None:
        parts["bound of the variance"] = st.variance
    if st.ceiling is not None:
        parts["ceiling of all values"] = st.ceiling
    confidence = [f"for all but a share {claim.confidence} of the initialisations"]
    blocks = {
        "statement": (claim.latex() if latex else claim.text()).splitlines(),
        "notation": notation if "; G_" in claim.quantity.text else [],
        "premises": [write(p) for p in st.premises] or ["none"],
        "parts": [f"{name}: {write(e)}" for name, e in parts.items()],
        "confidence": confidence if claim.confidence else [],
    }
    defined = {str(s) for s in st.definitions}
    symbols = [
        (name, variable.meaning, "" if name in defined else _domain(variable))
        for name, variable in claim.vocabulary.items()
        if name in claim.variables or name in defined
    ]
    return Written(
        claim.name,
        claim.summary,
        f"{claim.kind}; {claim.source}",
        tuple((title, tuple(lines)) for title, lines in blocks.items() if lines),
        tuple(symbols),
    )


def _domain(variable: Any) -> str:
    words = variable.allowed.removeprefix("an ").removeprefix("a ").removesuffix(" number")
    return f"each {words}" if variable.axes else str(words)


def kept(name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives (texts in tuples) of the claims of this package, under that name.

    `make` is called where nothing is kept, or what is kept is of other sources or was damaged.
    """
    key = _sources()
    if key is None:
        return make()
    file = _file(name)
    with suppress(OSError, ValueError):
        mark, _, content = file.read_text("utf-8").partition("\n")
        if mark == hashed(key, name, content):
            return _tuples(json.loads(content))
    made = make()
    content = json.dumps(made)
    _write(file, f"{hashed(key, name, content)}\n{content}")
    return made


def _file(name: str) -> Path:
    cached = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cached, "theorem-gate", hashed(str(SOURCES)), f"{hashed(name)}.json")


@cache
def _sources() -> str | None:
    """A digest of names, sizes and times of all sources, and of the versions of what reads them.

    It is read once in a process. None: there are no such files, one is younger than the process or
    cannot be read.
    """
    found = [sys.version]
    try:
        for folder, names, files in os.walk(SOURCES):
            names[:] = sorted(name for name in names if name != "__pycache__")
            for name in sorted(file for file in files if file.endswith(".py")):
                path = os.path.join(folder, name)
                of = os.stat(path)
                if max(of.st_mtime_ns, of.st_ctime_ns) > STARTED:
                    return None
                found.append(f"{path} {of.st_size} {of.st_mtime_ns}")
        return hashed(*found, *map(_version, LIBRARIES)) if len(found) > 1 else None
    except (OSError, ValueError):
        return None


def _version(library: str) -> str:
    """A digest of the files that say it; OSError if there is none."""
    place = getattr(find_spec(library), "origin", None) or ""
    files = (Path(place).with_name(name) for name in VERSIONS)
    if not (contents := [file.read_text("utf-8") for file in files if file.is_file()]):
        raise FileNotFoundError(place)
    return hashed(*contents)


def _tuples(read: Any) -> Any:
    return tuple(map(_tuples, read)) if isinstance(read, list) else read


def _write(file: Path, content: str) -> None:
    """Whole or not at all; a folder that cannot be written means that nothing is kept."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(content, "utf-8")
        part.replace(file)
