"""Output files: found out to be writable before the work, and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from theory.language.errors import InvalidArgument


def check_writable(name: str, path: str) -> None:
    """InvalidArgument(name) if no file can be written at `path`."""
    target = Path(path).resolve()
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        if _is_special(target):
            return
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(0, "it is read-only")
        trial = _beside(target)
        trial.open("xb").close()
        trial.unlink()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InvalidArgument(name, path, f"a file that can be written ({why})") from None


def write(path: str, content: bytes) -> None:
    """Replace the file at `path`; a failure leaves the old one as it was.

    Of the processes of one run (torchrun) the first alone writes.
    """
    if os.environ.get("RANK", "0") != "0":
        return
    target = Path(path).resolve()
    if _is_special(target):  # /dev/stdout and the like cannot be replaced
        target.write_bytes(content)
        return
    temporary = _beside(target)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file()
