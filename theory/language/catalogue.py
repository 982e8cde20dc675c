"""Names, kinds and summaries of a theorem's claims, known without building the statements.

They are kept in the user's cache (XDG_CACHE_HOME, else ~/.cache), a file per module of claims and
place of the package, and made again when a source of the package was changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from theory.language.claim import Claim

SOURCES = Path(__file__).parents[1]
"""The package whose files say what its claims are."""


class Entry(NamedTuple):
    """A claim without its statement; `says` is what is measured and how it compares."""

    name: str
    says: str
    summary: str


def of_claims(claims: Iterable[Claim]) -> tuple[Entry, ...]:
    return tuple(
        Entry(claim.name, f"{claim.kind.brief} {claim.quantity.name}", claim.summary)
        for claim in claims
    )


def kept(module: str, load: Callable[[], Iterable[Claim]]) -> tuple[Entry, ...]:
    """The entries of the claims of a module of this package; `load` makes the claims.

    `load` is called where nothing is kept, or what is kept is of other sources or cannot be read.
    """
    file, key = _file(module), _sources()
    try:
        found = json.loads(file.read_text("utf-8"))
        if found["sources"] == key:
            return tuple(Entry(*map(str, each)) for each in found["claims"])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    entries = of_claims(load())
    _write(file, {"sources": key, "claims": entries})
    return entries


def _file(module: str) -> Path:
    cached = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    place = hashlib.sha256(str(SOURCES).encode()).hexdigest()[:16]
    return Path(cached, "theorem-gate", place, f"{module}.json")


@cache
def _sources() -> str:
    """A digest of names, sizes and times of all sources: read once in a process, as they are."""
    digest = hashlib.sha256(sys.version.encode())
    for folder, names, files in os.walk(SOURCES):
        names[:] = sorted(name for name in names if name != "__pycache__")
        for name in sorted(file for file in files if file.endswith(".py")):
            path = os.path.join(folder, name)
            found = os.stat(path)
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _write(file: Path, content: dict[str, Any]) -> None:
    """Whole or not at all; a folder that cannot be written means that nothing is kept."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content), "utf-8")
        part.replace(file)
