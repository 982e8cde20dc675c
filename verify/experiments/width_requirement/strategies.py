"""Hypothesis strategies for the width requirement."""

from __future__ import annotations

from hypothesis import strategies as st

from theory.theorems.masked_training.laws import LAWS
from verify.experiments.width_requirement.configuration import Configuration


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """Small problems of every law, at widths where trials are cheap."""
    law = draw(st.sampled_from(sorted(LAWS)))
    samples = draw(st.integers(1, 3))
    return Configuration(
        data=draw(st.sampled_from(("orthogonal", "sphere"))),
        samples=samples,
        dimension=draw(st.integers(max(2, samples), 6)),
        law=law,
        xi=None if law == "categorical" else draw(st.sampled_from((0.5, 0.8, 1.0))),
        surrogates=draw(st.integers(1, 4)),
        local_steps=draw(st.integers(1, 3)),
        step=draw(st.sampled_from((0.1, 0.3, 0.5))),
        width=draw(st.integers(16, 2048)),
        init_scale=draw(st.sampled_from((0.3, 1.0, 3.0))),
        rounds=draw(st.integers(1, 4)),
    )
