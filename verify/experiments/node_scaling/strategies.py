"""Hypothesis strategies for unequal node scalings."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.kit.strategies import small_problems
from verify.experiments.node_scaling.configuration import Configuration


@st.composite
def configurations(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Small problems of every source, at scales where a certificate exists and where none does."""
    return Configuration(
        **draw(small_problems()),
        gamma=draw(st.sampled_from((0.1, 0.5, 1.0))),
        alpha=draw(st.sampled_from((0.3, 0.5, 0.9))),
        width=draw(st.sampled_from((32, 256, 1024))),
        init_scale=draw(st.sampled_from((30.0, 1e3, 1e5))),
        horizon=draw(st.sampled_from((0.5, 2.0))),
        points=5,
        step=draw(st.sampled_from((0.1, 0.5, 1.0))),
        steps=draw(st.integers(1, 30)),
        trials=trials,
        sweeps=1,
        smallest=8,
        largest=16,
    )
