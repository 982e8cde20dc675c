"""The table of a check on a terminal of 80 columns: names of claims are whole words."""

import io
import re

import numpy as np
import pytest
import sympy as sp
from rich.console import Console

from theory import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_LIMIT,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    Claim,
    laws,
    registry,
)
from verify.experiments.kit import Home, Observations, Options, Trajectory
from verify.judging.judgement import Judgement, Verdict
from verify.reporting.report import legend, table
from verify.runs.check import Outcome
from verify.runs.text import broken, ordered

b = sp.Symbol("b")
WIDE = {"bound": 1.2345e-05, "measured": 1.2345e-05, "standard_error": 1e-7, "tightness": 1.23e-05,
        "factor": 1.2345e-05, "checkpoints": 5}  # fmt: skip
"""Numbers that take as much room as any."""


def shown(theorem, width, verdicts, known=""):
    claims = registry.claims(theorem)
    judgements = tuple(
        Judgement(name, verdicts[i % len(verdicts)], **WIDE) for i, name in enumerate(claims)
    )
    nothing = Observations({}, Trajectory("k", np.arange(2.0), {}))
    outcome = Outcome(theorem, Options(), "s", 1e-6, claims, judgements, {}, nothing, False, 0.0,
                      Home(Options(), known_false=known))  # fmt: skip
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(table([outcome], width))
    return file.getvalue().splitlines()[1:], [j.claim for j in ordered(outcome)]


@pytest.mark.parametrize("known", ["", "as printed"])
@pytest.mark.parametrize("theorem", registry.theorems())
def test_names_at_80_columns_break_between_words(theorem, known):
    """Where UNDERPOWERED stands, or REFUTED (known) and UNDERPOWERED (not REFUTED)."""
    lines, claims = shown(theorem, 80, [Verdict.UNDERPOWERED, Verdict.REFUTED], known)
    assert max(map(len, lines)) <= 80
    pieces = [word for line in lines if (word := re.match(r" ?[^ ]*", line)[0].strip())]
    found = "".join(pieces)
    assert found == "".join(claims)
    assert all(piece.endswith(("/", "-")) or any(name.endswith(piece) for name in claims)
               for piece in pieces)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [("index/simply-at-least", 40, ["index/simply-at-least"]),
     ("index/simply-at-least", 16, ["index/", " simply-at-least"]),
     ("index/simply-at-least", 15, ["index/simply-", " at-least"]),
     ("index/simply-at-least", 9, ["index/", " simply-", " at-least"]),
     ("inconsistency/at", 5, ["inconsistency/", " at"])],
)  # fmt: skip
def test_a_name_is_broken_after_slashes_and_hyphens(name, width, lines):
    assert broken(name, width).splitlines() == lines


@pytest.mark.parametrize(
    ("kind", "more", "factor", "sign", "told"),
    [(UPPER_EXPECTATION, {}, 2.0, "≤", set()),
     (UPPER_EXPECTATION, {}, np.inf, "≤", {"never"}),
     (EXACT_EXPECTATION, {"variance": b}, 2.0, "=", set()),
     (EXACT_EXPECTATION, {"variance": b, "band": (b, 2 * b)}, 2.0, "≈", {"a band", "≈ within"}),
     (EXACT_LAW, {"bound": laws.Normal(b, 1)}, 2.0, "=", set()),
     (EXACT_LIMIT, {"size": b}, 2.0, "→", {"→ in"}),
     (LOWER_PROBABILITY, {}, 2.0, "≥", {"a lower bound"})],
)  # fmt: skip
def test_bounds_have_a_sign_and_the_legend_tells_what_is_special(kind, more, factor, sign, told):
    """Of the claims that are shown."""
    claim = Claim.of("toy", **{"bound": b, "kind": kind, "source": "-", **more})
    judgement = Judgement("toy", Verdict.HOLDS, **WIDE | {"factor": factor})
    nothing = Observations({}, Trajectory("k", np.arange(2.0), {}))
    outcome = Outcome(
        "toys", Options(), "s", 1e-6, {"toy": claim}, (judgement,), {}, nothing, False, 0.0
    )
    file = io.StringIO()
    legend([outcome], Console(file=file, width=80, color_system=None))
    words = ("never", "a band", "≈ within", "→ in", "a lower bound")
    assert {word for word in words if word in file.getvalue()} == told
    assert f"{sign} " in file.getvalue()
    Console(file=file, width=80, color_system=None).print(table([outcome], 80))
    assert file.getvalue().splitlines()[-1].split()[2] == f"{sign}1.23e-5"
