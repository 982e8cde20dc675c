"""Hypothesis strategies for network identification."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.network_identification.configuration import (
    ACTIVATIONS,
    POINTS,
    STARTS,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "") -> Configuration:
    """One neuron or many, below and above the thresholds, with noise or none."""
    dimension = draw(st.integers(1, 6))
    teacher = draw(st.sampled_from(("sphere", "axes", "digits", "diabetes")))
    most = dimension if teacher == "axes" else dimension * (dimension + 1) // 2 + 1
    neurons = draw(st.integers(1, most))
    return Configuration(
        teacher=teacher,
        dimension=dimension,
        neurons=neurons,
        bias=draw(st.sampled_from((0.0, 0.5, 1.5))),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        networks=2,
        hessians=draw(st.sampled_from((1, neurons, 2 * neurons))),
        points=draw(st.sampled_from(POINTS)),
        eps=draw(st.sampled_from((1e-3, 0.03, 0.3, 2.0))),
        noise=draw(st.sampled_from((0.0, 1e-6, 0.01))),
        gamma=draw(st.sampled_from((0.5, 0.7, 3.0))),
        starts=5,
        iterations=draw(st.sampled_from((1, 40))),
        turn=draw(st.sampled_from((1e-4, 1e-2, 0.3))),
        radius=draw(st.sampled_from((0.3, 1.0, 2.0))),
        fitted=draw(st.sampled_from((1, 20, 100))),
        step=draw(st.sampled_from((0.3, 1.0))),
        steps=20,
        reach=draw(st.sampled_from((0.01, 0.3, 0.99))),
        start=draw(st.sampled_from(STARTS)),
        tilt=draw(st.sampled_from((0.0, 1e-6, 1e-3))),
        largest=3,
        sweep_dimension=3,
        trials=2,
    )
