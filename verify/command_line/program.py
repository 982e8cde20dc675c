"""The command line: `python -m verify check`, `list` and `show`.

Exit codes of every command: 2 wrong usage, 4 not finished (output not written, out of memory, a
bug), 130 interrupted. `check` adds 1 refuted and 3 not passed; 0 is a pass.
"""

from __future__ import annotations

import codecs
import errno
import gc
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from theory.language import errors
from theory.language.errors import InvalidArgument, unknown
from verify.command_line.complaint import complain
from verify.runs.codes import INTERRUPTED, UNFINISHED
from verify.runs.invocation import started
from verify.training.processes import alone, first

# What imports make stays: to look through it again and again costs a tenth of the start.
gc.set_threshold(50_000)
# Threads that wait by spinning cost minutes where another process wants the cores too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

TRAINING = ("check", "search", "replay", "report", "width", "power", "mutate")
"""Commands whose processes work together under torchrun."""

PLAIN = {"≤": "<", "≥": ">", "≈": "~", "→": ">"}
"""Signs of the table on a console that has not these characters."""

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Program(click.Group):
    """Loads a command when it is asked for; turns what ends a run into a message and a code."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return loaded(cmd_name) if cmd_name in self.commands else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(str(unknown("command", args[0], self.commands)), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        given, code = args[0] if args else extra.pop("args", None), None
        if given is None:
            given, extra["prog_name"] = sys.argv[1:], started()
        try:
            _encodable(sys.stdout, sys.stderr)
            given = list(given) or ["--help"]
            with _processes(given) as runs:
                if runs:
                    code = super().main(given, *args[1:], **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            complain(error.format_message())
            if error.ctx is not None:
                from verify.command_line.options import help_command

                click.echo(f"try: {help_command(error.ctx)}", err=True)
            sys.exit(2)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except InvalidArgument as error:
            complain(str(error))
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except SystemExit:  # click and rich leave like this when the reader of a pipe is gone
            sys.exit(UNFINISHED)
        except Exception as error:
            if not (_out_of_memory(error) or _told(error)):
                click.echo(_where(error), err=True, nl=False)
            complain(f"not finished: {type(error).__name__}: {_line(error)}")
            sys.exit(UNFINISHED)
        sys.exit(code if code and first() else 0)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="theorem-gate", message="%(package)s %(version)s")
def main() -> None:
    """Test convergence theorems: symbolic bounds against measured training."""


COMMANDS = {
    "calibrate": ("calibrate", "Measure how often the statistics refute what is true."),
    "check": ("check", "Train, measure, and judge the claims of a theorem."),
    "list": ("claims", "List the theorems, or claims."),
    "mutate": ("mutate", "Judge slips of each claim: would a wrong constant be seen?"),
    "power": ("power", "Tell what violation of each claim a check would see."),
    "prove": ("prove", "Prove the inequalities that the proofs use."),
    "replay": ("replay", "Run a recorded case again."),
    "reproduce": ("reproduce", "Run a published experiment beside what the theory predicts."),
    "report": ("report", "Write a site: a page per theorem with all that is known."),
    "search": ("search", "Look for a configuration in which a claim fails."),
    "show": ("claims", "Print a claim: statement, premises, symbols, values."),
    "sweep": ("sweep", "Judge claims at every point of a grid, in processes."),
    "width": ("width", "Evaluate the required width, and measure what is enough."),
}
"""The module of each command and its line in the help, which loads none of them."""

for _name in COMMANDS:
    main.add_command(click.Command(_name))  # in the place of the one that is loaded


def loaded(name: str) -> click.Command:
    """The command of that name, from its module."""
    module = import_module(f"verify.command_line.{COMMANDS[name][0]}")
    commands = (each for each in vars(module).values() if isinstance(each, click.Command))
    return next(each for each in commands if each.name == name)


@contextmanager
def _processes(args: Sequence[str]) -> Iterator[bool]:
    """Under torchrun the processes of the run train together, and the first one alone speaks.

    Gives whether this one has anything to do: what does not train is done by the first alone.
    """
    if alone():
        yield True
        return
    name = next((arg for arg in args if not arg.startswith("-")), "")
    if name not in TRAINING or {"-h", "--help"} & set(args):
        yield first()
        return
    from verify.training.masked import shards

    with shards.processes():
        if first():
            yield True
            return
        with open(os.devnull, "w") as silence, redirect_stdout(silence), redirect_stderr(silence):
            yield True


def _encodable(*streams: Any) -> None:
    """Characters that the console has not are replaced: no table is lost for them."""
    codecs.register_error("theorem-gate", _replaced)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="theorem-gate")


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    """What is nearest, or a question mark; a byte of a file's name that is no text stays one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeEncodeError:
        return PLAIN.get(error.object[error.start], "?"), error.start + 1


def _told(error: Exception) -> bool:
    """Whether the message says all: a disk that is full, steps that are too large."""
    from verify.training.divergence import Diverged

    return isinstance(error, Diverged) or getattr(error, "errno", None) in DISK


def _where(error: Exception) -> str:
    """The traceback: of an error in files of the user's from the first of them on."""
    found = traceback.TracebackException.from_exception(error)
    own = (place for place, frame in enumerate(found.stack) if _of_the_user(frame.filename))
    del found.stack[: next(own, 0)]
    return "".join(found.format())


def _of_the_user(file: str) -> bool:
    """A file that is neither of this program nor of a library."""
    path = Path(file)
    packages = [Path(module).parents[1] for module in (__file__, errors.__file__)]
    known = [Path(sysconfig.get_path("stdlib")), *packages]
    libraries = {"site-packages", "dist-packages"} & set(path.parts)
    return path.is_file() and not libraries and not any(map(path.is_relative_to, known))


def _out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    signs = "out of memory", "can't allocate", "storage size calculation overflowed"
    return isinstance(error, MemoryError) or any(sign in text for sign in signs)


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
