"""The command line: `python -m verify check`, `list` and `show`.

Exit codes of every command: 2 wrong usage, 4 not finished (output not written, out of memory, a
bug), 130 interrupted. `check` adds 1 refuted and 3 not passed; 0 is a pass.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NoReturn

import click

from theory import registry
from theory.errors import InvalidArgument
from verify import _atomic, _cases, _prove, _studies, _sweep, _width
from verify._mutate import mutate
from verify._options import (
    SALT,
    TheoremCommand,
    chosen_theorem,
    judging,
    option_names,
    patterns_of,
    theorem_of_claim,
)

# Threads that wait by spinning cost minutes where another process wants the cores too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

UNFINISHED, INTERRUPTED = 4, 130
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Program(click.Group):
    """Turns what ends a run into a message and an exit code."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        try:
            with _processes():
                code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            click.echo(f"error: {error.format_message()}", err=True)
            if error.ctx is not None:
                click.echo(f"try: {error.ctx.command_path} --help", err=True)
            sys.exit(2)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except InvalidArgument as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except SystemExit:  # click and rich leave like this when the reader of a pipe is gone
            sys.exit(UNFINISHED)
        except Exception as error:
            if not _out_of_memory(error) and getattr(error, "errno", None) not in DISK:
                traceback.print_exc()
            click.echo(f"error: not finished: {type(error).__name__}: {_line(error)}", err=True)
            sys.exit(UNFINISHED)
        sys.exit(code if code and os.environ.get("RANK", "0") == "0" else 0)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Test convergence theorems: symbolic bounds against measured training."""


@main.command(cls=TheoremCommand)
@judging("the judged ones")
@click.option("--json", "json_path", metavar="FILE", help="write everything to this file")
@click.option(
    "--figure", metavar="FILE", default="check.png", show_default=True, help=".png, .pdf or .svg"
)
@click.option("--no-figure", is_flag=True, help="draw nothing")
@click.option("--quiet", is_flag=True, help="print the line of summary alone")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    theorem: str | None,
    claims: str | None,
    salt: str,
    budget: float,
    json_path: str | None,
    figure: str,
    no_figure: bool,
    quiet: bool,
    **fields: Any,
) -> None:
    """Train, measure, and judge the claims of a theorem.

    Exit code 0: at least one claim holds, none is refuted, and none is vacuous, underpowered or
    not judged; nor out of its regime where --claims names it. 1: a claim is refuted. 2: wrong
    usage. 3: neither 0 nor 1. 4: not finished, e.g. an output could not be written.
    130: interrupted.
    """
    from verify import run

    chosen = chosen_theorem(ctx)
    patterns = patterns_of(claims)
    run.select(chosen.name, patterns)
    outputs = {"json_path": json_path, "figure": None if no_figure else figure}
    _check_outputs(outputs)
    configuration = chosen.load_experiment().configuration(**fields)
    _check_salt(salt)
    _spare_inputs(
        outputs, {p.opts[0]: fields.get(p.name or "") for p in ctx.command.get_params(ctx)}
    )

    from rich.console import Console

    from verify import report
    from verify._progress import progress

    with progress(quiet) as told:
        outcome = run.check(
            chosen.name, configuration, patterns=patterns, salt=salt, budget=budget, progress=told
        )

    def drawn() -> bytes:
        from verify import figure as picture

        return picture.draw(outcome, figure.rpartition(".")[2].lower())

    # files first: whoever reads the table through a pipe may leave
    code, written = outcome.exit_code, []
    contents = {"figure": drawn, "json_path": lambda: report.to_json(outcome, code)}
    if outcome.incomplete:
        click.echo(f"error: not finished: {outcome.incomplete}", err=True)
        code = code if code == run.REFUTED else UNFINISHED
    for name, content in contents.items():
        if (path := outputs[name]) is None:
            continue
        if _write(path, content):
            written.append(path)
        elif code != run.REFUTED:
            code = UNFINISHED
    if quiet:
        click.echo(report.summary(outcome))
    else:
        report.show(outcome, Console(), json_path if json_path in written else None)
        if written:
            click.echo(f"written: {', '.join(written)}")
    ctx.exit(code)


@main.command("list")
@click.option("--theorem", metavar="NAME", help="only the claims of this theorem")
def list_(theorem: str | None) -> None:
    """List the claims of all theorems."""
    from rich.console import Console

    from verify import explain

    names = registry.theorems() if theorem is None else (registry.theorem(theorem).name,)
    console = Console()
    for name in names:
        explain.listing(name, console)
    console.print("mean: in expectation, path: on every path, prob: frequency of an event")


main.add_command(_cases.replay)
main.add_command(_cases.search)
main.add_command(_sweep.sweep)


class _ShowCommand(TheoremCommand):
    finder = staticmethod(theorem_of_claim)


@main.command(cls=_ShowCommand)
@click.argument("claim")
@click.option("--latex", is_flag=True, help="formulas in LaTeX")
@click.option("--values", is_flag=True, help="numbers too (implied by any option below)")
@click.option("--salt", default=SALT, show_default=True, help="salt of all seeds")
@click.pass_context
def show(
    ctx: click.Context, /, claim: str, latex: bool, values: bool, salt: str, **fields: Any
) -> None:
    """Print a CLAIM: statement, premises, symbols; and its values at a configuration."""
    found = registry.claim(claim)
    given = [ctx.get_parameter_source(name) for name in option_names(ctx)]
    wanted = values or click.core.ParameterSource.COMMANDLINE in given
    configuration = chosen_theorem(ctx).load_experiment().configuration(**fields)
    _check_salt(salt)

    from rich.console import Console

    from verify import explain

    console = Console(highlight=False)
    explain.statement(found, console, latex=latex)
    if wanted:
        explain.values(found, configuration, salt, console)


main.add_command(_studies.calibrate)
main.add_command(_studies.power)
main.add_command(mutate)
main.add_command(_width.width)
main.add_command(_prove.prove)


@contextmanager
def _processes() -> Iterator[None]:
    """Under torchrun the processes of the run work together, and the first one alone speaks."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    from verify.masked_training import shards

    with shards.processes():
        if shards.chief():
            yield
            return
        with open(os.devnull, "w") as silence, redirect_stdout(silence), redirect_stderr(silence):
            yield


def _check_outputs(outputs: dict[str, str | None]) -> None:
    figure, json_path = outputs["figure"], outputs["json_path"]
    if figure and not figure.lower().endswith((".png", ".pdf", ".svg")):
        raise InvalidArgument("figure", figure, "a file .png, .pdf or .svg")
    for name, path in outputs.items():
        if path is not None:
            _atomic.check_writable(name, path)
    if figure and json_path and os.path.realpath(figure) == os.path.realpath(json_path):
        raise InvalidArgument("figure", figure, "another file than --json")


def _spare_inputs(outputs: dict[str, str | None], options: dict[str, Any]) -> None:
    """No output may replace a file that an option of the theorem names."""
    for flag, given in options.items():
        for name, path in outputs.items():
            if path and isinstance(given, str) and os.path.isfile(path):
                source = os.path.expanduser(given)
                if os.path.isfile(source) and os.path.samefile(path, source):
                    raise InvalidArgument(name, path, f"another file than that of {flag}")


def _check_salt(salt: str) -> None:
    try:
        salt.encode()
    except UnicodeEncodeError:
        raise InvalidArgument("salt", salt, "text that UTF-8 can encode") from None


def _write(path: str, content: Callable[[], bytes]) -> bool:
    """Write a file; where that fails the run goes on, for its table is not to be lost."""
    try:
        _atomic.write(path, content())
    except Exception as error:
        if not isinstance(error, OSError):
            traceback.print_exc()
        why = getattr(error, "strerror", None) or error
        click.echo(f"error: {path} was not written: {why}", err=True)
        return False
    return True


def _out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    signs = "out of memory", "can't allocate", "storage size calculation overflowed"
    return isinstance(error, MemoryError) or any(sign in text for sign in signs)


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
