"""Hypothesis strategies for random feedback in matrix factorisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from verify.experiments.factorisation_feedback.configuration import (
    LAWS,
    RULES,
    SPECTRA,
    STARTS,
    Configuration,
)

REGIONS: Mapping[str, Mapping[str, Any]] = {
    "factorisation/rate": {"start": "feedback", "rule": "feedback"},
    "factorisation/flow/rate": {"start": "feedback"},
    "factorisation/flow/cosine-end": {"start": "zero", "horizon": 24.0, "rule": "feedback"},
}
"""Options without which these claims say nothing."""


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "", *, draws: int = 200) -> Configuration:
    """Matrices of every shape and rank, fewer units than the rank and more, every start."""
    outputs, inputs = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    found = Configuration(
        outputs=outputs,
        inputs=inputs,
        rank=draw(st.integers(1, min(outputs, inputs))),
        spectrum=draw(st.sampled_from(SPECTRA)),
        signal=draw(st.sampled_from((0.1, 1.0, 10.0))),
        hidden=draw(st.integers(1, 5)),
        law=draw(st.sampled_from(LAWS)),
        feedback_scale=draw(st.sampled_from((0.1, 1.0, 10.0))),
        start=(start := draw(st.sampled_from(("zero", "zero", *STARTS)))),
        start_scale=draw(st.sampled_from((0.01, 0.3, 2.0))),
        step=draw(st.sampled_from((0.01, 0.1, 0.3, 0.6))),
        steps=draw(st.one_of(st.integers(1, 40), st.just(400))),
        horizon=draw(st.sampled_from((0.5, 3.0, 24.0, 24.0))),
        points=draw(st.integers(1, 6)),
        largest_rank=draw(st.integers(1, 4)),
        most_steps=draw(st.sampled_from((200, 3000, 3000))),
        size=draw(st.integers(12, 24)),
        draws=draws,
        spikes=draw(st.integers(1, 3)),
        spike=draw(st.sampled_from((1.0, 3.0, 100.0))),
        excess=draw(st.sampled_from((0.0, 0.1, 2.0))),
        sweeps=1,
        rule=draw(st.sampled_from(RULES[:1] if start == "zero" else (*RULES[:1] * 4, *RULES))),
    )
    return replace(found, **REGIONS.get(claim, {}))
