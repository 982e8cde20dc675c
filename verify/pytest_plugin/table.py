"""The table of verdicts: one line per claim."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from verify.pytest_plugin.gate import VERDICTS, Row, by_claim
from verify.runs.plain import scalar

HEADS = {"UNDERPOWERED": "UNDER", "OUT_OF_REGIME": "OUT"}
"""Columns of verdicts whose names are long; the same as in the table of a sweep."""


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


def table(summary: dict[str, dict[str, Any]], width: int) -> list[str]:
    """Lines of at most `width` columns, but for long words of names; no verdict that did not come.

    factor  the smallest that was detectable in some check
    """
    from verify.runs.text import broken  # numpy

    seen = {
        verdict: HEADS.get(verdict, verdict)
        for verdict in VERDICTS
        if any(row["verdicts"][verdict] for row in summary.values())
    }
    rows = [("judged", *seen.values(), "share", "tightest", "factor", "spent")]
    for row in summary.values():
        counts = (str(row["verdicts"][verdict]) for verdict in seen)
        numbers = (float(row["tightness"]), float(row["factor"]))
        ratios = (f"{x:.3g}" if math.isfinite(x) else "-" for x in numbers)
        informative, spent = f"{row['informative']:.2f}", f"{row['spent']:.1e}"
        rows.append((str(row["judgements"]), *counts, informative, *ratios, spent))
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [" ".join(f"{x:>{n}}" for x, n in zip(row, sizes, strict=True)) for row in rows]
    left = max(len("claim"), width - 1 - len(right[0]))
    names = [broken(name, left).splitlines() for name in ("claim", *summary)]
    longest = max(len(line) for lines in names for line in lines)
    lines = []
    for (first, *rest), figures in zip(names, right, strict=True):
        lines += [f"{first:<{longest}} {figures}", *rest]
    return lines


def _tightness(row: Row) -> float:
    value = float(row["tightness"])
    return value if not math.isnan(value) else math.inf
