"""Hypothesis strategies for deep networks."""

from __future__ import annotations

from hypothesis import strategies as st

from theory.mathematics.activations import NAMES
from verify.experiments.deep_networks.configuration import ARCHITECTURES, Configuration
from verify.experiments.kit.strategies import small_problems


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems of every source; every architecture and activation, from kappa* on."""
    problem = draw(small_problems())
    architecture = draw(st.sampled_from(ARCHITECTURES))
    conv = architecture == "conv"
    if conv:
        problem |= {"data": "digits"}
    return Configuration(
        **problem,
        target_scale=draw(st.sampled_from((0.1, 0.5, 3.0))),
        architecture=architecture,
        activation=draw(st.sampled_from(NAMES)),
        depth=draw(st.integers(1, 4)),
        width=draw(st.sampled_from((2, 4, 16, 64))),
        c_res=draw(st.sampled_from((0.5, 1.0, 2.0))),
        pixels=draw(st.sampled_from((2, 4))),
        patch=draw(st.integers(1, 2)),
        gain=draw(st.sampled_from((1.0001, 1.5, 4.0))),
        lipschitz=draw(st.sampled_from(("best", "norms") if conv else ("norms", "jacobians"))),
        step=draw(st.sampled_from((0.3, 1.0))),
        steps=draw(st.integers(1, 40)),
        looks=6,
        seeds=2,
        trials=2,
        sweeps=1,
        smallest=4,
        largest=16,
        deepest=3,
    )
