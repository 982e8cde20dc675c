"""The table after a run of pytest: whole names, the verdicts that came, a terminal's width."""

import pytest

from verify.pytest_plugin.gate import VERDICTS
from verify.pytest_plugin.table import summarise, table

NAMES = ("a", "subject/statement-in-two-parts/published", "s/t")


def rows(verdicts):
    return [
        {"claim": name, "verdict": verdict, "test": "t", "tightness": 1.25, "factor": 2.0,
         "level": 1e-9} for name in NAMES for verdict in verdicts
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("verdicts", [VERDICTS[:1], VERDICTS[:3], VERDICTS])
def test_it_fits_the_terminal_and_tells_every_verdict_that_came(verdicts, width):
    summary = summarise(rows(verdicts))
    head, *lines = table(summary, width)
    assert max(map(len, [head, *lines])) <= width
    shown = head.split()[2:-4]
    assert [verdict[: len(short)] for verdict, short in zip(verdicts, shown, strict=True)] == [
        {"UNDERPOWERED": "UNDER", "OUT_OF_REGIME": "OUT"}.get(verdict, verdict)
        for verdict in verdicts
    ]
    for line in lines:
        if not line.startswith(" "):  # the rest of a name
            numbers = line.split()[1:]
            assert numbers[: 1 + len(verdicts)] == [str(len(verdicts)), *"1" * len(verdicts)]
            assert numbers[-4:-1] == [f"{1 / len(verdicts):.2f}", "1.25", "2"]
    names = "".join(line.split()[0] if not line.startswith(" ") else line.strip() for line in lines)
    assert names == "".join(sorted(NAMES))
    assert len(lines) == len(NAMES) or width < 140
