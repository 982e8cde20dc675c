"""Hypothesis strategies for feedback alignment."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.kit.strategies import small_problems


@st.composite
def configurations(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Small problems of every source, widths at which a certificate exists and at which none does."""
    problem = draw(small_problems())
    if problem["data"] in ("sphere", "clustered"):
        problem["dimension"] = draw(st.integers(2, 8))
    return Configuration(
        **problem,
        activation=draw(st.sampled_from(("linear", "linear", "relu", "tanh"))),
        rule=draw(st.sampled_from(("feedback", "feedback", "feedback", "backpropagation"))),
        width=draw(st.sampled_from((2, 30, 300, 3000, 20000))),
        feedback=draw(st.sampled_from(("gaussian", "signs", "initial"))),
        target_scale=draw(st.sampled_from((0.1, 1.0, 5.0))),
        beta_scale=draw(st.sampled_from((0.0, 0.01, 1.0, 3.0))),
        step=draw(st.sampled_from((0.02, 0.1, 0.5))),
        steps=draw(st.integers(1, 40)),
        decay=draw(st.sampled_from((0.0, 0.0, 0.03, 0.3, 1.0))),
        stop=draw(st.sampled_from((0.01, 0.3))),
        trials=trials,
    )


@st.composite
def flows(draw: st.DrawFn, /, *, trials: int = 1) -> Configuration:
    """Linear networks with and without decay, where the flow is integrated in a second."""
    problem = draw(small_problems())
    return Configuration(
        **problem,
        width=draw(st.sampled_from((30, 300, 1000))),
        feedback=draw(st.sampled_from(("gaussian", "signs"))),
        target_scale=draw(st.sampled_from((0.5, 1.0, 2.0))),
        decay=draw(st.sampled_from((0.0, 0.05, 0.3, 1.0))),
        points=5,
        trials=trials,
    )


@st.composite
def saturating(draw: st.DrawFn, /, *, trials: int = 8) -> Configuration:
    """ReLU networks on one sample, with decay, until they are as aligned as they get."""
    return Configuration(
        data="sphere",
        samples=1,
        dimension=draw(st.integers(1, 4)),
        activation="relu",
        width=draw(st.sampled_from((10, 20, 40))),
        beta_scale=draw(st.sampled_from((0.0, 1.0))),
        target_scale=draw(st.sampled_from((0.7, 1.5, 4.0))),
        decay=draw(st.sampled_from((1.0, 2.0))),
        step=draw(st.sampled_from((0.02, 0.04))),
        steps=6000,
        trials=trials,
    )
