"""What `list` prints: the theorems, or claims without their statements."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from theory.language.catalogue import Entry
from verify.judging.plural import filled, number


def overview(known: dict[str, tuple[int, str]], console: Console) -> None:
    """The theorems, each with the number of its claims and what it is about."""
    width = max(map(len, known), default=0)
    for theorem, (count, subject) in known.items():
        line = Text.assemble((f"{theorem:{width}}", "cyan"), f"  {number(count, 'claim')}")
        console.print(line, soft_wrap=True)
        if subject:
            console.print(Text(filled(subject, console.width, "    ", "    ")))
    many = f"{number(len(known), 'theorem')}, {number(sum(c for c, _ in known.values()), 'claim')}"
    console.print(f"{many}; `list --theorem NAME` and `list PATTERN` list claims")


def listing(theorem: str, rows: Sequence[Entry], console: Console) -> None:
    """Claims of a theorem, one row each if they fit, else with the summary below."""
    columns = zip(*((row.name, row.says, row.summary) for row in rows), strict=True)
    name, says, summary = (max(map(len, column), default=0) for column in columns)
    console.print(Text(theorem, "bold"))
    for row in rows:
        head = Text.assemble((f"{row.name:{name}}", "cyan"), f"  {row.says:{says}}")
        if name + says + summary + 4 <= console.width:
            console.print(head + Text(f"  {row.summary}"), soft_wrap=True)
        else:
            if name + says + 2 > console.width:
                head = Text.assemble((row.name, "cyan"), f"\n  {row.says}")
            head.rstrip()
            console.print(head, soft_wrap=True)
            console.print(Text(filled(row.summary, console.width, "    ", "    ")))
