"""Hypothesis strategies for the convolutional network."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.convolutional_overfitting.configuration import Configuration


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems: two samples, one filter, both phases, large steps, powers near 2."""
    n = draw(st.sampled_from((2, 3, 5, 9)))
    digits = draw(st.booleans())
    return Configuration(
        data="digits" if digits else "gaussian",
        samples=n,
        dimension=65 if digits else n + draw(st.sampled_from((1, 4, 30))),
        balance=draw(st.sampled_from((0.3, 0.5))),
        snr=draw(st.sampled_from((0.05, 0.3, 1.0, 3.0))),
        noise_norm=draw(st.sampled_from((1.0, 0.2, 5.0))),
        filters=draw(st.sampled_from((1, 2, 4))),
        power=draw(st.sampled_from((2.2, 2.5, 3.0, 4.0))),
        init=draw(st.sampled_from((0.01, 0.1, 0.5))),
        growth=draw(st.sampled_from((0.02, 0.3, 2.0))),
        steps=draw(st.sampled_from((3, 40, 300))),
        points=5,
        seeds=3,
        tests=20,
        learned=draw(st.sampled_from((0.3, 1.0))),
        sweeps=1,
    )
