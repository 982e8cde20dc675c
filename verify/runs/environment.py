"""The machine, the packages and the commit that numbers were computed with."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any


def environment(configuration: Any) -> dict[str, Any]:
    """What the numbers were computed with."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "numpy", "sympy", "theorem-gate")},
        "platform": platform.platform(),
        "processor": processor(),
        "cpu_count": os.cpu_count(),
        "device": getattr(configuration, "device", "cpu"),
        "commit": _commit(),
    }


@cache
def version(name: str) -> str | None:
    """That of a package; None: it is not installed."""
    try:
        return installed(name)
    except PackageNotFoundError:
        return None


def versions(names: Iterable[str]) -> dict[str, str]:
    """Those of the packages that are installed."""
    found = ((name, version(name)) for name in names)
    return {name: number for name, number in found if number is not None}


_MODEL = ("vendor_id", "cpu family", "model", "model name", "CPU implementer", "CPU part")
"""What /proc/cpuinfo calls the make and the model of a processor."""


@cache
def processor() -> str:
    """The make and the model: another one may round otherwise."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    pairs = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    return " ".join(found[name] for name in _MODEL if name in found) or platform.machine()


def _commit() -> str | None:
    """The commit of this package, marked where files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
