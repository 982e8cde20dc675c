"""Output files of commands: checked before the work, written after it, never over an input."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import click

from theory.language.errors import InvalidArgument
from verify.command_line.complaint import complain
from verify.runs import files
from verify.runs.codes import REFUTED, UNFINISHED


def check_outputs(outputs: dict[str, str | None]) -> None:
    figure, json_path = outputs["figure"], outputs["json_path"]
    if figure and not figure.lower().endswith((".png", ".pdf", ".svg")):
        raise InvalidArgument("figure", figure, "a file .png, .pdf or .svg")
    for name, path in outputs.items():
        if path is not None:
            files.check_writable(name, path)
    if figure and json_path and os.path.realpath(figure) == os.path.realpath(json_path):
        raise InvalidArgument("figure", figure, "another file than --json")


def spare_inputs(
    outputs: Mapping[str, str | None],
    ctx: click.Context,
    given: Mapping[str, Any],
    grid: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """No output may replace a file that an option of the theorem, or its grid, names."""
    flags = {p.name: p.opts[0] for p in ctx.command.get_params(ctx)}
    values = {field: [value] for field, value in given.items()} | dict(grid or {})
    for field, own in values.items():
        for source in own:
            for name, path in outputs.items():
                if path and isinstance(source, str) and same(path, os.path.expanduser(source)):
                    raise InvalidArgument(name, path, f"another file than that of {flags[field]}")


def same(path: str, other: str) -> bool:
    """Whether both are one regular file."""
    return os.path.isfile(path) and os.path.isfile(other) and os.path.samefile(path, other)


def write(path: str, content: Callable[[], bytes]) -> bool:
    """Write a file; where that fails the run goes on, for its table is not to be lost."""
    try:
        return files.write(path, content())
    except Exception as error:
        if not isinstance(error, OSError):
            traceback.print_exc()
        why = getattr(error, "strerror", None) or error
        complain(f"{path} was not written: {why}")
        return False


def write_all(
    contents: Mapping[str | None, Callable[[int], bytes]], code: int
) -> tuple[list[str], int]:
    """Write contents by path, none where that is None, each made with the exit code so far.

    Gives the paths that were written, and the exit code: UNFINISHED if one was not.
    """
    written = []
    for path, content in contents.items():
        if path is None:
            continue
        if write(path, partial(content, code)):
            written.append(path)
        elif code != REFUTED:
            code = UNFINISHED
    return written, code


def kind_of(figure: str) -> str:
    """png, pdf or svg."""
    return figure.rpartition(".")[2].lower()


def check_json(path: str | None) -> None:
    if path is not None:
        files.check_writable("json", path)


def write_json(path: str | None, content: Callable[[], bytes]) -> None:
    if path is not None:
        files.write(path, content())
