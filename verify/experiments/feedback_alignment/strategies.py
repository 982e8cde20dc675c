"""Hypothesis strategies for feedback alignment."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.kit.strategies import small_problems


@st.composite
def configurations(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Small problems of every source, widths at which a certificate exists and at which none does."""
    return Configuration(
        **draw(small_problems()),
        activation=draw(st.sampled_from(("linear", "relu", "tanh"))),
        rule=draw(st.sampled_from(("feedback", "feedback", "backpropagation"))),
        width=draw(st.sampled_from((2, 30, 300, 3000))),
        feedback=draw(st.sampled_from(("gaussian", "signs", "initial"))),
        beta_scale=draw(st.sampled_from((0.0, 0.1, 1.0, 3.0))),
        step=draw(st.sampled_from((0.02, 0.1, 0.5))),
        steps=draw(st.integers(1, 60)),
        decay=draw(st.sampled_from((0.0, 0.0, 0.1, 1.0))),
        trials=trials,
    )
