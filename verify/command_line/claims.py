"""The commands `python -m verify list` and `show`: what is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from theory import registry
from verify.command_line.options import (
    SALT,
    TheoremCommand,
    check_salt,
    chosen_theorem,
    given_options,
    theorem_of_claim,
)


@click.command("list")
@click.option("--theorem", metavar="NAME", help="only the claims of this theorem")
def list_(theorem: str | None) -> None:
    """List the claims of all theorems."""
    from rich.console import Console

    from verify.reporting.listing import listing

    names = registry.theorems() if theorem is None else (registry.theorem(theorem).name,)
    console = Console()
    for name in names:
        listing(name, console)
    console.print(
        "mean: in expectation, path: on every path, prob: frequency of an event, law: the whole "
        "distribution, limit: extrapolated over sizes"
    )


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
@click.option("--salt", default=SALT, show_default=True, help="salt of all seeds")
@click.pass_context
def show(
    ctx: click.Context, /, claim: str, latex: bool, values: bool, salt: str, **fields: Any
) -> None:
    """Print a CLAIM: statement, premises, symbols; and its values at a configuration."""
    found = registry.claim(claim)
    given = given_options(ctx, fields)
    wanted = values or bool(given)
    check_salt(salt)
    configuration = chosen_theorem(ctx).load_configuration()(**given) if wanted else None

    from rich.console import Console

    from verify.reporting import explain

    console = Console(highlight=False)
    explain.statement(found, console, latex=latex)
    if wanted:
        explain.values(found, configuration, salt, console)
