"""Hypothesis strategies for ridge regression in the tangent space."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.tangent_ridge.configuration import Configuration


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems of every source, few and many neurons, small and large ridges."""
    source = draw(st.sampled_from(("sphere", "sphere", "clustered", "diabetes", "digits")))
    return Configuration(
        data=source,
        samples=draw(st.integers(1, 16)),
        dimension=draw(st.integers(2, 8)),
        neurons=draw(st.integers(1, 12)),
        networks=draw(st.integers(1, 8)),
        ridge=draw(st.sampled_from((0.001, 0.1, 1.0, 10.0))),
        noise=draw(st.sampled_from((0.1, 1.0))),
        linear=draw(st.sampled_from((0.0, 1.0))),
        quadratic=draw(st.sampled_from((0.0, 1.0))),
        degree=draw(st.integers(0, 3)),
        harmonic=draw(st.integers(1, 4)),
        epsilon=draw(st.sampled_from((0.3, 0.5, 0.9))),
        designs=4,
        inputs=200,
        labels=20,
        steps=draw(st.integers(1, 40)),
        pilots=200,
        sweeps=4,
        draws=4,
    )
