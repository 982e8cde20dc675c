"""The table of verdicts: one line per claim."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from verify.pytest_plugin.gate import VERDICTS, Row, by_claim
from verify.runs.plain import scalar


def summarise(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Per claim: judgements, verdicts, informative share, tightness, detectable factor, spent."""
    found = {}
    for name, own in by_claim(rows).items():
        verdicts = Counter(row["verdict"] for row in own)
        compared = [row for row in own if row["verdict"] in ("HOLDS", "REFUTED")]
        tightest = min(compared, key=_tightness, default={})
        found[name] = {
            "judgements": len(own),
            "verdicts": {verdict: verdicts[verdict] for verdict in VERDICTS},
            "informative": verdicts["HOLDS"] / len(own),
            "tightness": tightest.get("tightness", "nan"),
            "factor": min((float(row["factor"]) for row in compared), default=math.inf),
            "tightest": tightest.get("test", ""),
            "spent": sum(row["level"] for row in own),
        }
    return {name: {k: scalar(v) for k, v in row.items()} for name, row in found.items()}


def table(summary: dict[str, dict[str, Any]]) -> list[str]:
    """Lines of at most 100 columns; factor: the smallest that was detectable in some check."""
    line = "{:<30} {:>6} {:>5} {:>5} {:>4} {:>5} {:>5} {:>5} {:>8} {:>8} {:>7}".format
    head = "judged HOLDS REFUT VACU UNDER OUT share tightest factor spent"
    lines = [line("claim", *head.split())]
    for name, row in summary.items():
        shown = name if len(name) <= 30 else "..." + name[-27:]
        numbers = (float(row["tightness"]), float(row["factor"]))
        ratios = (f"{x:.3g}" if math.isfinite(x) else "-" for x in numbers)
        informative, spent = f"{row['informative']:.2f}", f"{row['spent']:.1e}"
        lines.append(
            line(shown, row["judgements"], *row["verdicts"].values(), informative, *ratios, spent)
        )
    return lines


def _tightness(row: Row) -> float:
    value = float(row["tightness"])
    return value if not math.isnan(value) else math.inf
