"""How this program was started, so that every command it prints works as it is printed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

MODULE = "python -m verify"
_started = MODULE


def started() -> str:
    """Note how the process was started, by its arguments and its main module."""
    global _started
    script, spec = sys.argv[0], getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None:
        _started = f"python -m {spec.name.removesuffix('.__main__')}"
    elif Path(script).stem == "verify" and Path(script).suffix in ("", ".exe"):
        _started = "verify"  # the script that pip installs
    else:
        _started = f"python {shlex.quote(script)}"
    return _started


def command(*words: str) -> str:
    """A command of this program, as a shell reads it."""
    return f"{_started} {shlex.join(words)}"
