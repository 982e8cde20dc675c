"""What `list` prints: the theorems, or claims without their statements."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from theory.language.catalogue import Entry
from verify.judging.plural import filled, number


def overview(counts: dict[str, int], console: Console) -> None:
    """The theorems, each with the number of its claims."""
    width = max(map(len, counts), default=0)
    for theorem, count in counts.items():
        line = Text.assemble((f"{theorem:{width}}", "cyan"), f"  {number(count, 'claim')}")
        console.print(line, soft_wrap=True)
    many = f"{number(len(counts), 'theorem')}, {number(sum(counts.values()), 'claim')}"
    console.print(f"{many}; `list --theorem NAME` and `list PATTERN` list claims")


def listing(theorem: str, rows: Sequence[Entry], console: Console) -> None:
    """Claims of a theorem, one row each if they fit, else with the summary below."""
    name, kind, says = (max((len(row[i]) for row in rows), default=0) for i in range(3))
    console.print(Text(theorem, "bold"))
    for row in rows:
        head = Text.assemble((f"{row[0]:{name}}", "cyan"), f"  {row[1]:{kind}}")
        if name + kind + says + 4 <= console.width:
            console.print(head + Text(f"  {row[2]}"), soft_wrap=True)
        else:
            if name + kind + 2 > console.width:
                head = Text.assemble((row[0], "cyan"), f"\n  {row[1]}")
            head.rstrip()
            console.print(head, soft_wrap=True)
            console.print(Text(filled(row[2], console.width, "    ", "    ")))
