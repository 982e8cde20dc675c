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
    What matches no name is looked for in sources and summaries: an author, a year, an arXiv number.
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
    console = Console()
    if theorem is None and not patterns:
        overview({n: (len(rows), registry.subject(n)) for n, rows in claims.items()}, console)
        return
    entries = [entry for rows in claims.values() for entry in rows]
    found = {entry for pattern in patterns or ("*",) for entry in _found(pattern, entries)}
    for name, rows in claims.items():
        if shown := [entry for entry in rows if entry in found]:
            listing(name, shown, console)
    console.print(
        "mean: in expectation, path: on every path, prob: frequency of an event, law: the whole "
        "distribution, limit: extrapolated over sizes"
    )


def _found(pattern: str, entries: Sequence[Entry]) -> list[Entry]:
    """The claims whose name matches; else those whose source or summary has the text."""
    named = [each for each in entries if each.name == pattern or fnmatchcase(each.name, pattern)]
    text = pattern.strip().casefold()
    found = named or [e for e in entries if text and text in f"{e.source}\n{e.summary}".casefold()]
    if not found:
        known = [entry.name for entry in entries]
        hint = suggestion(pattern, known, "as `list --theorem NAME` tells")
        raise InvalidArgument("pattern", pattern, f"one that matches a claim, {hint}")
    return found


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
