"""Output files: found out to be writable before the work, and written whole or not at all.

Only a regular file is replaced, through a link too: the link stays. Whatever else a path leads to
(a device, a pipe, a socket, a descriptor such as /dev/stdout) is written to as it is.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import stat
from collections.abc import Iterable
from pathlib import Path

from theory.language.errors import InvalidArgument
from verify.training.processes import first

ANOTHER = "the first process of this run writes (RANK and WORLD_SIZE are set)"
"""Why a process that is not the first has not written."""

DESCRIPTORS = ("/proc/self/fd", "/dev/fd")


def check_writable(name: str, path: str) -> None:
    """InvalidArgument(name) if nothing can be written at `path`."""
    try:
        if _descriptor(path) is not None:
            return
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(0, "it is a directory")
        if mode and not os.access(path, os.W_OK):
            raise PermissionError(0, "it is read-only")
        if mode and not stat.S_ISREG(mode):
            return
        trial = _beside(_target(path))
        trial.open("xb").close()
        trial.unlink()
    except (OSError, ValueError) as error:
        raise InvalidArgument(name, path, f"a file that can be written ({reason(error)})") from None


def check_folder(name: str, path: str, files: Iterable[str] = ()) -> None:
    """InvalidArgument(name) unless files can be made in the folder, which need not exist yet.

    files  their names: what is there in their place can be replaced
    """
    there = Path(path).absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise InvalidArgument(name, path, f"a folder, there or to be made ({there} is none)")
    trial = _beside(there / "folder")
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        why = f"a folder that can be written to ({there}: {reason(error)})"
        raise InvalidArgument(name, path, why) from None
    for file in files:
        if os.path.lexists(os.path.join(path, file)):
            check_writable(name, os.path.join(path, file))


def write(path: str, content: bytes) -> bool:
    """Write the content to `path`, and tell whether that was done.

    A regular file is replaced, and a failure leaves the old one as it was. Of the processes of one
    run (torchrun) the first alone writes.
    """
    if not first():
        return False
    mode, descriptor = _mode(path), _descriptor(path)
    if descriptor is not None:
        _pour(os.dup(descriptor), content)
    elif stat.S_ISSOCK(mode):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
            end.connect(path)
            end.sendall(content)
    elif mode and not stat.S_ISREG(mode):
        _pour(os.open(path, os.O_WRONLY | os.O_NOCTTY), content)
    else:
        _replace(_target(path), content)
    return True


def remove(path: str) -> None:
    """Remove the regular file at `path`, or where links lead; anything else stays."""
    if first() and _descriptor(path) is None and stat.S_ISREG(_mode(path)):
        _target(path).unlink()


def reason(error: Exception) -> str:
    """Why nothing was written, in a few words."""
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _replace(target: Path, content: bytes) -> None:
    temporary = _beside(target)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _pour(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _target(path: str) -> Path:
    return Path(path).resolve()


def _mode(path: str) -> int:
    """The kind of what the path leads to; 0: nothing is there."""
    try:
        return os.stat(path or ".").st_mode
    except FileNotFoundError:
        return 0


def _descriptor(path: str) -> int | None:
    """The open file of this process that the path names (/dev/stdout), if it names one.

    It may be a regular file: replaced, it would lose what else is written to the descriptor.
    """
    folders = {os.path.realpath(folder) for folder in DESCRIPTORS if os.path.isdir(folder)}
    at = os.path.abspath(path)
    for _ in range(40):  # as many links as a kernel follows
        folder, name = os.path.split(at)
        folder = os.path.realpath(folder)
        if folder in folders and name.isdigit():
            return int(name)
        if not os.path.islink(at):
            return None
        at = os.path.join(folder, os.readlink(at))
    return None


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.tmp")
