"""Hypothesis strategies for one neuron with adversarial labels."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.single_neuron.configuration import (
    ADVERSARIES,
    LAWS,
    STARTS,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems: few samples, one dimension, no noise and much, steps up to 1."""
    d = draw(st.integers(1, 6))
    return Configuration(
        data=draw(st.sampled_from((*LAWS, "diabetes", "wine", "cancer"))),
        samples=d + draw(st.sampled_from((0, 1, 5, 100))),
        dimension=d,
        norm=draw(st.sampled_from((0.1, 1.0, 30.0))),
        adversary=draw(st.sampled_from(ADVERSARIES)),
        cut=draw(st.booleans()),
        omega=draw(st.sampled_from((0.0, 1e-4, 0.01, 0.3, 2.0))),
        start=draw(st.sampled_from(STARTS)),
        away=draw(st.sampled_from((0.01, 0.3, 0.9))),
        step=draw(st.sampled_from((0.05, 0.3, 0.9))),
        steps=draw(st.integers(1, 40)),
        starts=draw(st.integers(1, 4)),
        stationary=2,
        sweeps=1,
        smallest=12,
        largest=96,
    )
