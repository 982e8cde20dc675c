"""The commands `python -m verify list` and `show`: what is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import click

from theory import registry
from theory.language.catalogue import Entry
from theory.language.errors import InvalidArgument, suggestion
from verify.command_line.options import (
    TheoremCommand,
    chosen_theorem,
    given_options,
    salt_option,
    theorem_of_claim,
)


@click.command("list")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option("--theorem", metavar="NAME", help="the claims of this theorem")
def list_(patterns: tuple[str, ...], theorem: str | None) -> None:
    """List the theorems; or the claims of one, or those that match a PATTERN.

    A PATTERN is a name in which * stands for any characters, such as 'ridge/*'; '*' is every claim.
    """
    from rich.console import Console

    from verify.reporting.listing import listing, overview

    names = registry.theorems()
    if theorem is not None:
        try:
            names = (registry.theorem(theorem).name,)
        except InvalidArgument as error:
            raise InvalidArgument("--theorem", theorem, error.allowed) from None
    claims = {name: registry.entries(name) for name in names}
    for pattern in patterns:
        if not any(_matches(entry, [pattern]) for rows in claims.values() for entry in rows):
            known = [entry.name for rows in claims.values() for entry in rows]
            hint = suggestion(pattern, known, "as `list --theorem NAME` tells")
            raise InvalidArgument("pattern", pattern, f"one that matches a claim, {hint}")
    console = Console()
    if theorem is None and not patterns:
        overview({n: (len(rows), registry.subject(n)) for n, rows in claims.items()}, console)
        return
    for name, rows in claims.items():
        if shown := [entry for entry in rows if _matches(entry, patterns or ["*"])]:
            listing(name, shown, console)
    console.print(
        "mean: in expectation, path: on every path, prob: frequency of an event, law: the whole "
        "distribution, limit: extrapolated over sizes"
    )


def _matches(entry: Entry, patterns: Sequence[str]) -> bool:
    return any(entry.name == each or fnmatchcase(entry.name, each) for each in patterns)


class _ShowCommand(TheoremCommand):
    """The options of a configuration are loaded where an argument asks for one of them."""

    finder = staticmethod(theorem_of_claim)

    def options_of(self, theorem: registry.Theorem, args: Sequence[str]) -> list[click.Option]:
        flags = {arg.partition("=")[0] for arg in args if arg.startswith("-")}
        return super().options_of(theorem, args) if flags - {"--latex", "--salt"} else []


@click.command(cls=_ShowCommand)
@click.argument("claim")
@click.option("--latex", is_flag=True, help="formulas in LaTeX")
@click.option("--values", is_flag=True, help="numbers too (implied by any option below)")
@salt_option()
@click.pass_context
def show(
    ctx: click.Context, /, claim: str, latex: bool, values: bool, salt: str, **fields: Any
) -> None:
    """Print a CLAIM: statement, premises, symbols; and its values at a configuration."""
    written = registry.written(claim, latex=latex)
    given = given_options(ctx, fields)
    wanted = values or bool(given)
    configuration = chosen_theorem(ctx).load_configuration()(**given) if wanted else None

    from rich.console import Console

    from verify.reporting.statement import statement

    console = Console(highlight=False)
    statement(written, console, latex=latex)
    if wanted:
        from verify.reporting import explain

        explain.values(registry.claim(claim), configuration, salt, console)
