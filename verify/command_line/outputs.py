"""Output files of commands: checked before the work, written after it, never over an input."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

import click

from theory.language.errors import InvalidArgument
from verify.runs import files


def check_outputs(outputs: dict[str, str | None]) -> None:
    figure, json_path = outputs["figure"], outputs["json_path"]
    if figure and not figure.lower().endswith((".png", ".pdf", ".svg")):
        raise InvalidArgument("figure", figure, "a file .png, .pdf or .svg")
    for name, path in outputs.items():
        if path is not None:
            files.check_writable(name, path)
    if figure and json_path and os.path.realpath(figure) == os.path.realpath(json_path):
        raise InvalidArgument("figure", figure, "another file than --json")


def spare_inputs(outputs: dict[str, str | None], options: dict[str, Any]) -> None:
    """No output may replace a file that an option of the theorem names."""
    for flag, given in options.items():
        for name, path in outputs.items():
            if path and isinstance(given, str) and os.path.isfile(path):
                source = os.path.expanduser(given)
                if os.path.isfile(source) and os.path.samefile(path, source):
                    raise InvalidArgument(name, path, f"another file than that of {flag}")


def write(path: str, content: Callable[[], bytes]) -> bool:
    """Write a file; where that fails the run goes on, for its table is not to be lost."""
    try:
        return files.write(path, content())
    except Exception as error:
        if not isinstance(error, OSError):
            traceback.print_exc()
        why = getattr(error, "strerror", None) or error
        click.echo(f"error: {path} was not written: {why}", err=True)
        return False


def check_json(path: str | None) -> None:
    if path is not None:
        files.check_writable("json", path)


def write_json(path: str | None, content: Callable[[], bytes]) -> None:
    if path is not None:
        files.write(path, content())
