"""Hypothesis strategies for subquadratic training."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.kit.strategies import small_problems
from verify.experiments.subquadratic_training.configuration import SKETCHES, Configuration


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Narrow and wide networks, dense and sparse, targets of all sizes, one sample and more."""
    return Configuration(
        **draw(small_problems()),
        target_scale=draw(st.sampled_from((1e-4, 0.02, 0.1, 5.0))),
        width=draw(st.sampled_from((2, 8, 64, 400))),
        layers=draw(st.integers(1, 4)),
        sparsity=draw(st.sampled_from((0.05, 0.25, 0.6))),
        threshold=draw(st.sampled_from((None, 0.0, 0.7))),
        step=draw(st.sampled_from((0.05, 0.5, 1.0))),
        steps=draw(st.integers(1, 6)),
        restart=draw(st.integers(1, 4)),
        trials=2,
        networks=draw(st.sampled_from((3, 60))),
        independent=draw(st.booleans()),
        residual=draw(st.sampled_from((0.0, 0.1, 0.9))),
        sketch=draw(st.sampled_from(SKETCHES)),
        rows=draw(st.sampled_from((1, 16, 65, 400))),
        stretch=draw(st.sampled_from((0.0, 2.0))),
        sweeps=1,
        smallest=8,
        largest=64,
    )
