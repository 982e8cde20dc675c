"""Hypothesis strategies for networks with trainable biases."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.trainable_biases.configuration import BIASES, SIGNS, Configuration


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems of several sources, narrow and wide networks, small and large scales."""
    return Configuration(
        data=draw(st.sampled_from(("sphere", "sphere", "clustered", "diabetes", "digits"))),
        samples=draw(st.integers(1, 6)),
        dimension=draw(st.integers(2, 8)),
        target_scale=draw(st.sampled_from((0.001, 0.1, 3.0))),
        bias=draw(st.sampled_from((-0.5, 0.0, 0.7, 1.5, 2.5))),
        biases=draw(st.sampled_from(BIASES)),
        signs=draw(st.sampled_from((*SIGNS, "coupled"))),
        width=draw(st.sampled_from((4, 40, 400, 2000))),
        kappa=draw(st.sampled_from((1.0, 1e6, 1e6))),
        step=draw(st.sampled_from((0.3, 1.0, 1.0))),
        steps=draw(st.integers(1, 40)),
        reduction=draw(st.sampled_from((0.5, 0.01))),
        terms=draw(st.sampled_from((0, 5, 300))),
        radius=draw(st.sampled_from((0.1, 1.0, 10.0))),
        evenness=draw(st.sampled_from((1.0, 5.0))),
        seeds=2,
        points=6,
        draws=20,
        trials=6,
        sweeps=2,
        smallest=8,
        largest=64,
        population=20,
    )
