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
