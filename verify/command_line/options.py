"""Options of the command line from the fields of a theorem's configuration.

A field made by `option` becomes a flag: local_steps is --local-steps, a bool
has its --no- twin. The configuration is imported when a command that needs it is parsed, not
before.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from fnmatch import fnmatchcase
from typing import IO, Any, TypeVar

import click

from theory import registry
from theory.language.errors import InvalidArgument, unknown
from verify.command_line.complaint import complain
from verify.judging.budget import TOTAL

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_THEOREM, _OPTIONS = f"{__name__}.theorem", f"{__name__}.options"


SALT = "theorem-gate"

json_option = click.option(
    "--json", "json_path", metavar="FILE", help="write everything to this file"
)


DRAWN = f"{__name__}.drawn"
"""In the context of a command whose salt was drawn afresh."""


def salt_option(
    default: str = SALT, text: str = "salt of all random numbers"
) -> Callable[[Decorated], Decorated]:
    """--salt; a fresh one is printed, so that the run can be repeated."""
    return click.option(
        "--salt",
        default=default,
        show_default=True,
        help=f"{text}; `random` draws a fresh one and prints it",
        callback=lambda context, parameter, salt: _salt(context, salt),
    )


def _salt(context: click.Context, salt: str) -> str:
    if salt == "random":
        context.meta[DRAWN] = True
        from secrets import token_hex

        from verify.training.processes import alone

        if not alone():
            raise WrongUsage(f"--salt = {salt}: must be the same in all processes")
        salt = token_hex(8)
        click.echo(f"salt {salt}", err=True)
    try:
        salt.encode()
    except UnicodeEncodeError:
        raise WrongUsage(f"--salt = {salt!r}: must be text that UTF-8 can encode") from None
    return salt


def judging(among: str) -> Callable[[Decorated], Decorated]:
    """The options of a command that judges claims; its budget is split over what is `among`."""
    options = (
        click.option(
            "--theorem",
            metavar="NAME",
            help="theorem [default: that of --claims, else the first registered]",
        ),
        click.option(
            "--claims",
            metavar="NAME[,NAME...]",
            multiple=True,
            callback=lambda context, parameter, given: _listed(given),
            help="claims or patterns such as 'main*' [default: all]",
        ),
        salt_option(),
        click.option(
            "--budget",
            type=float,
            default=TOTAL,
            show_default=True,
            help=f"probability that true claims are refuted, split evenly over {among}",
        ),
    )

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _listed(given: Sequence[str]) -> str | None:
    """The values of an option that may be given several times, as one list."""
    return ",".join(given) if given else None


def patterns_of(claims: str | None) -> tuple[str, ...]:
    """The names and patterns that --claims lists; none given: empty, for all."""
    found = tuple(name.strip() for name in (claims or "").split(",") if name.strip())
    if claims is not None and not found:
        raise InvalidArgument("claims", claims, "names or patterns separated by commas")
    return found


class WrongUsage(click.ClickException):
    """Exit code 2 and the error, without the usage that click would repeat."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        complain(self.format_message())


class Integer(click.types.IntParamType):
    """An integer of 64 bits: larger ones overflow in the libraries below."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if abs(found) >= 2**63:
            self.fail(f"{value!r} is not an integer below 2**63.", param, ctx)
        return found


def generated(configuration: type) -> list[click.Option]:
    """One option per field of the configuration that was made by `option`."""
    options = []
    for field in fields(configuration):
        if "help" not in field.metadata:
            continue
        flag = "--" + field.name.replace("_", "-")
        kind, choices = field.metadata["kind"], field.metadata["choices"]
        if kind is bool:
            flag += f"/--no-{flag.removeprefix('--')}"
        options.append(
            click.Option(
                [flag, field.name],
                type=click.Choice(choices) if choices else Integer() if kind is int else kind,
                default=field.default,
                show_default=field.default is not None,
                help=_help(field),
            )
        )
    return options


def _help(of: Any) -> str:
    """What the option means and may be; click shows choices and defaults itself."""
    from verify.experiments.kit import allowed  # with it comes sympy

    text, words = str(of.metadata["help"]), allowed(of)
    return text if of.metadata["choices"] or not words else f"{text}: {words}"


def spelled(error: InvalidArgument, flags: Mapping[str, str]) -> str:
    """The message of the error with options in the spelling of the command line.

    A name that is neither an option nor a part of a claim is a symbol, whose value options give.
    """
    language = sys.modules.get("theory.language.claim")  # not loaded: the error is of no claim
    parts = {field.name for field in fields(language.Statement)} if language else set()
    stated = error.name.partition("[")[0] in parts
    name = flags.get(error.name, error.name if stated else f"the options give {error.name}")
    rest = str(error)[len(error.name) :]
    value, allowed = rest.removesuffix(error.allowed), error.allowed
    for field, flag in flags.items():
        allowed = re.sub(rf"(?<![-\w]){field} is True\b", flag, allowed)
        marked = "" if "_" in field else "(?= = )"  # a plain word may be prose
        allowed = re.sub(rf"(?<![-\w]){field}\b(?!-){marked}", flag, allowed)
    return f"{name}{value}{allowed}"


class TheoremCommand(click.Command):
    """A command whose options include those of a theorem, found in its arguments by `finder`."""

    finder: Callable[[Sequence[str]], str] = staticmethod(lambda args: theorem_option(args))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return self._spelling(ctx, lambda: self._parse(ctx, args))

    def invoke(self, ctx: click.Context) -> Any:
        return self._spelling(ctx, lambda: super(TheoremCommand, self).invoke(ctx))

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        *first, help_option = own
        return [*first, *ctx.meta.get(_OPTIONS, []), help_option]

    def options_of(self, theorem: registry.Theorem, args: Sequence[str]) -> list[click.Option]:
        """The options of the theorem's configuration."""
        return generated(theorem.load_configuration())

    def _parse(self, ctx: click.Context, args: list[str]) -> list[str]:
        theorem = registry.theorem(self.finder(args))
        options = self.options_of(theorem, args)
        taken = {p.name for p in self.params}
        for option in options:
            if option.name in taken:
                raise ValueError(f"{theorem.name}: the option {option.name} is taken")
        ctx.meta[_THEOREM], ctx.meta[_OPTIONS] = theorem, options
        ctx.allow_extra_args = True
        if left := super().parse_args(ctx, args):
            raise click.UsageError(f"unexpected argument {left[0]!r}{self._meant(left[0])}", ctx)
        return left

    def _meant(self, word: str) -> str:
        """The option that a name may be meant for, of those that the command has."""
        own = {p.name for p in self.params if isinstance(p, click.Option)}
        if "theorem" in own and word in registry.theorems():
            return f"; did you mean --theorem {word}?"
        names = (entry.name for name in registry.theorems() for entry in registry.entries(name))
        if "claims" in own and any(fnmatchcase(name, word) for name in names):
            return f"; did you mean --claims {shlex.quote(word)}?"
        return ""

    def _spelling(self, ctx: click.Context, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except InvalidArgument as error:
            params = self.get_params(ctx)
            flags = {p.name: p.opts[0] for p in params if p.name}
            raise WrongUsage(spelled(error, flags)) from None


def theorem_option(args: Sequence[str]) -> str:
    """The theorem of --theorem, or else of --claims, by default the first registered one."""
    if named := _values("--theorem", args):
        return named[-1]
    claims = _listed(_values("--claims", args))
    if claims is None:
        return registry.theorems()[0]
    from verify.runs.selection import one_theorem

    return one_theorem(patterns_of(claims))


def _values(flag: str, args: Sequence[str]) -> list[str]:
    """The values of an option among arguments that are not parsed yet."""
    found = []
    for position, arg in enumerate(args):
        if arg.startswith(f"{flag}="):
            found.append(arg.partition("=")[2])
        elif arg == flag and position + 1 < len(args):
            found.append(args[position + 1])
    return found


def theorem_of_claim(args: Sequence[str]) -> str:
    """The theorem of the claim that the arguments name, by default the first registered one."""
    for name in registry.theorems():
        if set(args) & {entry.name for entry in registry.entries(name)}:
            return name
    return registry.theorems()[0]


def help_command(ctx: click.Context) -> str:
    """The command that lists the options of this one, also where they are of another theorem."""
    words, theorem = [ctx.command_path], ctx.meta.get(_THEOREM)
    if theorem is not None and "theorem" in {p.name for p in ctx.command.params}:
        first = registry.theorems()[0]
        words += [] if theorem.name == first else ["--theorem", shlex.quote(theorem.name)]
    return " ".join([*words, "--help"])


def chosen_theorem(ctx: click.Context) -> registry.Theorem:
    return ctx.meta[_THEOREM]


def given_options(ctx: click.Context, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were given: the others are left to the configuration's defaults."""
    written = click.core.ParameterSource.COMMANDLINE
    return {name: v for name, v in fields.items() if ctx.get_parameter_source(name) is written}


def option_names(ctx: click.Context) -> list[str]:
    """The names of the configuration's fields that are options."""
    return [option.name for option in ctx.meta[_OPTIONS]]


grid_option = click.option(
    "--grid",
    metavar="FIELD=VALUE[,VALUE...]",
    multiple=True,
    help="values of an option below; with several --grid every combination",
)


def grid_of(ctx: click.Context, items: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The values of every --grid, of the types of their options."""
    options = {p.name: p for p in ctx.command.get_params(ctx) if p.name in option_names(ctx)}
    found: dict[str, tuple[Any, ...]] = {}
    for item in items:
        flag, _, text = item.partition("=")
        name = flag.strip().lstrip("-").replace("-", "_")
        if not text:
            raise InvalidArgument("grid", item, "FIELD=VALUE[,VALUE...]")
        if name not in options:
            known = [option.opts[0].lstrip("-") for option in options.values()]
            raise unknown("grid", flag.strip().lstrip("-"), known)
        if name in found:
            raise InvalidArgument("grid", item, f"a field once: {name} is given before")
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise InvalidArgument("grid", item, f"left out where {options[name].opts[0]} is given")
        try:
            found[name] = tuple(
                options[name].type.convert(value.strip(), options[name], ctx)
                for value in text.split(",")
            )
        except click.BadParameter as error:
            why = f"FIELD=VALUE[,VALUE...]: {error.message}"
            raise InvalidArgument("grid", item, why) from None
    return found
