"""Hypothesis strategies for the criterion for gradient descent."""

from __future__ import annotations

from hypothesis import strategies as st

from theory.mathematics.positive_networks import ACTIVATIONS, CRITERIA
from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.kit.strategies import small_problems


@st.composite
def configurations(draw: st.DrawFn, /, *, trials: int = 2) -> Configuration:
    """Small problems of every source, at output scales that meet the criterion and that do not."""
    return Configuration(
        **draw(small_problems()),
        target_scale=draw(st.sampled_from((0.1, 0.5, 3.0))),
        widths=draw(st.sampled_from(("1", "4", "4,4", "1,1,1", "2,5,3"))),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        criterion=draw(st.sampled_from(CRITERIA)),
        scale=draw(st.sampled_from((0.9, 1.001, 2.0, 10.0, 100.0))),
        hidden_weight=draw(st.sampled_from((0.3, 1.0, 3.0))),
        epsilon=draw(st.sampled_from((0.05, 0.25, 0.6))),
        step=draw(st.sampled_from((0.3, 1.0))),
        steps=draw(st.integers(1, 40)),
        trials=trials,
        sweeps=1,
        smallest=32.0,
        largest=128.0,
        floors=1,
        floor_steps=5,
        races=1,
        race_steps=5,
    )
