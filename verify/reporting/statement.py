"""What `show` prints of every claim: its formulas, and what their symbols mean."""

from __future__ import annotations

import textwrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.language.catalogue import Written


def statement(claim: Written, console: Console, *, latex: bool = False) -> None:
    """The claim in full; lines of LaTeX are not broken."""
    console.print(Text.assemble((claim.name, "bold cyan"), f"  {claim.summary}"))
    console.print(Text(claim.source))
    for title, lines in claim.blocks:
        console.print(Text(title, "bold"))
        for line in lines:
            console.print(Text("  " + line if latex else indented(line, console)), soft_wrap=latex)
    table = Table(box=None, padding=(0, 1, 0, 2), show_header=False, pad_edge=False)
    for name, meaning, domain in claim.symbols:
        table.add_row(f"  {name}", meaning, domain)
    if table.row_count:
        console.print(Text("symbols", "bold"))
        console.print(table)


def indented(text: str, console: Console) -> str:
    """The text on lines of the console, those after the first one further in."""
    return textwrap.fill(text, console.width, initial_indent="  ", subsequent_indent="      ",
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip
