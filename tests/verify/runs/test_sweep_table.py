"""What a sweep prints of its points, and its exit code."""

import re

import pytest

from tests.verify.runs.sweeps import plan
from verify.command_line import sweep as _sweep


def judged(verdicts, claims=("main",)):
    """Rows of points: one word per point, the letter of a verdict per claim."""
    letters = {v[0]: v for v in ("HOLDS", "REFUTED", "VACUOUS", "OUT_OF_REGIME", "ERROR")}
    return [
        {"point": index, "claim": claim, "verdict": letters[letter], "reason": "because"}
        for index, word in enumerate(verdicts.split())
        for claim, letter in zip(claims, word, strict=True)
    ]


@pytest.mark.parametrize(
    ("verdicts", "code", "named"),
    [
        ("H H", 0, 0),
        ("HO HH", 3, 0),
        ("HO OO", 3, 3),
        ("HV HH", 3, 3),
        ("HE HH", 4, 4),
        ("HR HE", 1, 1),
        ("RO VV", 1, 1),
    ],
)
def test_exit_code(verdicts, code, named):
    found = judged(verdicts, "ab"[: len(verdicts.split()[0])])
    assert _sweep.exit_code(found, named=True) == code
    assert _sweep.exit_code(found, named=False) == named


@pytest.mark.parametrize("width", [50, 80])
def test_the_table_is_as_wide_as_the_terminal(width):
    every = plan(patterns=(), grid={"width": (8, 16), "xi": (0.25, 1.0), "headroom": (1.5, 2.0)})
    claims = every.claims
    word = "".join("HRVOE"[i % 5] for i in range(len(claims)))
    found = judged(" ".join([word] * 8), claims)
    lines = list(_sweep.table(every, found, width))
    assert max(map(len, lines)) <= width
    text = re.sub(r"\s+", " ", " ".join(lines))
    elsewhere = [claim for i, claim in enumerate(claims) if i % 5 == 3]
    assert f"OUT_OF_REGIME at every point: {', '.join(elsewhere)}" in text
    assert sum(line.startswith("worst") for line in lines) > 1
    assert "ERROR at (width=8 xi=0.25 headroom=1.5)" in text
    assert "and 5 more: because" in text


def test_of_many_points_the_worst_are_shown():
    many = plan(grid={"width": tuple(range(1, 101))})
    letters = ["H"] * 100
    letters[57], letters[99] = "V", "R"
    lines = list(_sweep.table(many, judged(" ".join(letters)), 80))
    assert ["58", "VACUOUS"] in [line.split() for line in lines]
    assert ["100", "REFUTED"] in [line.split() for line in lines]
    assert ["worst", "REFUTED"] in [line.split() for line in lines]
    assert "the worst 40 of 100 points; all are in the file" in lines
    assert "REFUTED main at (width=100): because" in lines
    assert len(lines) == 1 + 40 + 1 + 2
