"""What `list` prints: the claims of a theorem, without their statements."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from theory import registry
from verify.judging.plural import filled


def listing(theorem: str, console: Console) -> None:
    """The claims of a theorem, one row each if they fit, else with the summary below."""
    rows = registry.entries(theorem)
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
