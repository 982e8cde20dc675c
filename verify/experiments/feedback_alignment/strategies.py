"""Hypothesis strategies for feedback alignment."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.kit.strategies import small_problems
from verify.training.feedback import ACTIVATIONS


@st.composite
def configurations(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Small problems of every source, with a certificate and without one."""
    problem = draw(small_problems())
    if problem["data"] in ("sphere", "clustered"):
        problem["dimension"] = draw(st.integers(2, 8))
    return Configuration(
        **problem,
        activation=draw(st.sampled_from((*["linear"] * 5, *ACTIVATIONS))),
        rule=draw(st.sampled_from((*["feedback"] * 5, "backpropagation"))),
        width=draw(st.sampled_from((2, 50, 1000, 4000))),
        feedback=draw(st.sampled_from(("gaussian", "signs", "initial"))),
        target_scale=draw(st.sampled_from((0.1, 1.0, 5.0))),
        beta_scale=draw(st.sampled_from((1.0, 0.0, 0.1))),
        step=draw(st.sampled_from((0.02, 0.1, 0.5))),
        steps=draw(st.integers(1, 40)),
        decay=draw(st.sampled_from((0.0, 0.0, 0.03, 0.3))),
        stop=draw(st.sampled_from((0.01, 0.3))),
        trials=trials,
    )


@st.composite
def lazy(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Linear networks without decay, wide enough to stay where they start, mostly."""
    return Configuration(
        data=draw(st.sampled_from(("sphere", "orthogonal", "clustered"))),
        samples=draw(st.integers(1, 2)),
        dimension=draw(st.integers(2, 5)),
        feedback=draw(st.sampled_from(("gaussian", "signs"))),
        target_scale=draw(st.sampled_from((0.1, 0.5, 1.0))),
        beta_scale=draw(st.sampled_from((0.3, 1.0))),
        width=draw(st.sampled_from((1000, 4000))),
        step=draw(st.sampled_from((0.1, 0.5, 0.9))),
        steps=draw(st.integers(1, 60)),
        trials=trials,
    )


@st.composite
def wide(draw: st.DrawFn, /, *, trials: int = 1) -> Configuration:
    """ReLU networks that are wide enough for a certificate, mostly."""
    return Configuration(
        data=draw(st.sampled_from(("sphere", "orthogonal", "diabetes"))),
        samples=draw(st.integers(1, 2)),
        dimension=draw(st.integers(2, 5)),
        activation="relu",
        feedback=draw(st.sampled_from(("gaussian", "signs"))),
        target_scale=draw(st.sampled_from((0.1, 0.5, 1.0))),
        beta_scale=draw(st.sampled_from((0.0, 0.01))),
        width=draw(st.sampled_from((2000, 8000))),
        step=draw(st.sampled_from((0.1, 0.5, 1.0))),
        steps=draw(st.integers(1, 30)),
        trials=trials,
    )


@st.composite
def flows(draw: st.DrawFn, /, *, trials: int = 1) -> Configuration:
    """Linear networks with and without decay, where the flow is integrated in a second."""
    return Configuration(
        data=draw(st.sampled_from(("sphere", "orthogonal", "clustered", "diabetes"))),
        samples=draw(st.integers(1, 2)),
        dimension=draw(st.integers(2, 5)),
        width=draw(st.sampled_from((30, 300, 1000))),
        feedback=draw(st.sampled_from(("gaussian", "signs"))),
        target_scale=draw(st.sampled_from((0.5, 1.0, 2.0))),
        decay=draw(st.sampled_from((0.0, 0.05, 0.3, 1.0))),
        points=5,
        trials=trials,
    )


@st.composite
def saturating(draw: st.DrawFn, /, *, trials: int = 8) -> Configuration:
    """ReLU networks on one sample, with decay: late, and not too late for the step."""
    width, scale = draw(st.sampled_from((10, 20, 40))), draw(st.sampled_from((0.7, 1.5, 4.0)))
    decay, time = draw(st.sampled_from((1.0, 3.0))), draw(st.sampled_from((110, 200)))
    onset = width**0.5 / (3 * decay * scale)
    time = max(time, 32 / (decay * onset))
    step = 0.9 / (decay + time ** (2 / 3))
    return Configuration(
        data="sphere",
        samples=1,
        dimension=draw(st.integers(1, 4)),
        activation="relu",
        width=width,
        beta_scale=draw(st.sampled_from((0.0, 1.0))),
        target_scale=scale,
        decay=decay,
        step=step,
        steps=int(time * onset / step) + 1,
        trials=trials,
    )
