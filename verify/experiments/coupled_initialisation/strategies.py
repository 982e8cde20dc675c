"""Hypothesis strategies for coupled initialisation."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.coupled_initialisation.configuration import Configuration
from verify.experiments.kit.strategies import small_problems


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "", *, trials: int = 4) -> Configuration:
    """Small problems of every source, at the required width and scale or at others.

    The displayed risk is below log 2 only after many large steps in which nothing flips, with
    pairs enough to separate the labels.
    """
    long = claim == "coupled/logistic-risk/displayed"
    pairs = (None, 16, 200) if long else (None, 1, 16, 200)
    scales = (None, 1e6) if long else (None, 0.1, 1.0, 1e6)
    logistic_steps = st.just(2000) if long else st.integers(1, 60) | st.just(2000)
    return Configuration(
        **draw(small_problems()),
        target_scale=draw(st.sampled_from((0.1, 0.5, 2.0))),
        pairs=draw(st.sampled_from(pairs)),
        init_scale=draw(st.sampled_from(scales)),
        step=draw(st.sampled_from((0.1, 0.5, 1.0))),
        steps=draw(st.integers(1, 30)),
        logistic_step=draw(st.sampled_from((1.0, 4.0) if long else (0.1, 1.0, 4.0))),
        logistic_steps=draw(logistic_steps),
        delta=draw(st.sampled_from((0.1, 0.5, 0.9))),
        trials=trials,
        outputs=50,
        sweeps=1,
        smallest=8,
        largest=16,
        circle_fewest=draw(st.sampled_from((2, 4, 6, 8))),
        circle_most=16,
        circle_trained=8,
        circle_steps=draw(st.sampled_from((3, 60))),
    )
