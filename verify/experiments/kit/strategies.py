"""Hypothesis strategies that experiments share."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from theory.theorems.masked_training.laws import LAWS
from verify.problems.data import SOURCES


@st.composite
def small_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of `ProblemOptions`: up to four rows of every source."""
    source = draw(st.sampled_from(tuple(SOURCES)))
    samples = draw(st.integers(1, 4))
    return {
        "data": source,
        "samples": samples,
        "dimension": draw(st.integers(max(2, samples), 8)),
        "targets": draw(st.sampled_from(("auto", "noise"))),
    }


@st.composite
def small_trials(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of `MaskedTrialOptions`: small problems of every law, where trials are cheap."""
    law = draw(st.sampled_from(sorted(LAWS)))
    samples = draw(st.integers(1, 3))
    return {
        "data": draw(st.sampled_from(("orthogonal", "sphere"))),
        "samples": samples,
        "dimension": draw(st.integers(max(2, samples), 6)),
        "law": law,
        "xi": None if law == "categorical" else draw(st.sampled_from((0.5, 0.8, 1.0))),
        "surrogates": draw(st.integers(1, 4)),
        "local_steps": draw(st.integers(1, 3)),
        "step": draw(st.sampled_from((0.1, 0.3, 0.5))),
        "init_scale": draw(st.sampled_from((0.3, 1.0, 3.0))),
        "rounds": draw(st.integers(1, 4)),
    }
