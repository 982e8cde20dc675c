"""How this program was started, so that every command it prints works as it is printed."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from theory import registry

_started = "python -m verify"


def started() -> str:
    """Note how the process was started, by its arguments and its main module."""
    global _started
    script, spec = sys.argv[0], getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None:
        _started = f"{_python()} -m {spec.name.removesuffix('.__main__')}"
    elif Path(script).stem == "verify" and Path(script).suffix in ("", ".exe"):
        _started = _program(script)
    elif Path(script).is_file():
        _started = f"{_python()} {shlex.quote(operand(script))}"
    else:  # `python -c ...`, or read from a pipe
        _started = f"{_python()} -m verify"
    return _started


def command(*words: str) -> str:
    """A command of this program, as a shell reads it."""
    return f"{_started} {shlex.join(words)}"


def command_for(theorem: str, *words: str) -> str:
    """The command from a process that is not this program, such as pytest.

    A theorem from elsewhere is registered by a program that is not known here.
    """
    if registry.theorem(theorem).shipped:
        return command(*words)
    return f"{shlex.join(words)} (of the program that registers {theorem})"


def operand(path: str) -> str:
    """The path so that it is not taken for an option."""
    return os.path.join(".", path) if path.startswith("-") else path


def _python() -> str:
    """This interpreter, by name if the shell finds it so.

    Folders are compared, not files: the interpreter of a virtual environment is a link.
    """
    own = sys.executable or "python"
    return _found(("python", "python3"), os.path.dirname(own)) or shlex.quote(own)


def _program(script: str) -> str:
    """The script that pip installs, by name if the shell finds it so."""
    return _found(("verify",), os.path.dirname(os.path.abspath(script))) or shlex.quote(script)


def _found(names: tuple[str, ...], folder: str) -> str:
    """The first of the names that the shell finds in this folder, or nothing."""
    for name in names:
        there = shutil.which(name)
        if there is not None and os.path.dirname(os.path.abspath(there)) == folder:
            return name
    return ""
