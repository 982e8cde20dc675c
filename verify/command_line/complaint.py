"""What every command says where something is wrong."""

import click

from theory.language.errors import on_lines


def complain(error: str) -> None:
    """An error on lines of a terminal."""
    click.echo(on_lines(f"error: {error}"), err=True)
