"""Hypothesis strategies for concept classes."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.concept_classes.configuration import DATA, Configuration

TARGETS = ("0 1; 1", "1", "0 1", "0 0.3 0 1", "0 1 0 -0.2 0 0.01; 0.5 2; 0 -1")


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Single pairs and steps, flips, labels beyond 1, real data, uncoupled pairs."""
    return Configuration(
        phi=draw(st.sampled_from(TARGETS)),
        dimension=draw(st.integers(2, 7)),
        noise=draw(st.sampled_from((0.0, 0.1, 3.0))),
        data=draw(st.sampled_from(DATA)),
        rows=draw(st.sampled_from((1, 5, 30))),
        pairs=draw(st.sampled_from((1, 2, 30))),
        steps=draw(st.sampled_from((1, 2, 40))),
        step=draw(st.sampled_from((0.05, 0.5, 1.9))),
        loss=draw(st.sampled_from(("huber", "squared"))),
        comparator=draw(st.sampled_from(("target", "end"))),
        init_scale=draw(st.sampled_from((None, 1e-3, 1.0, 1e5))),
        coupled=draw(st.booleans()),
        seeds=draw(st.integers(1, 4)),
        draws=20,
        points=draw(st.integers(1, 4)),
        sweeps=1,
        smallest=4,
        largest=16,
        hidden=draw(st.integers(1, 7)),
        change=draw(st.sampled_from((1e-6, 0.01, 0.1))),
        nets=5,
        descents=1,
    )
