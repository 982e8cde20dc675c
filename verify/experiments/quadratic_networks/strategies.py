"""Hypothesis strategies for quadratic and smooth networks."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.quadratic_networks.configuration import (
    ACTIVATIONS,
    DIRECTIONS,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "") -> Configuration:
    """Small problems of several sources, with around d neurons of each sign, or many.

    A certified gap says something, less than the loss itself, where labels outnumber what can be
    fitted, each sign has enough neurons, and descent has come far: half are `far`, so are all for
    this claim.
    """
    far = claim == "quadratic/certified-gap" or draw(st.booleans())
    dimension = draw(st.integers(2 if far else 1, 4))
    fitted = dimension * (dimension + 1) // 2
    least, most = (2 * fitted, 4 * fitted) if far else (1, 16 if dimension > 1 else 1)
    one = () if far else (1,)
    count = draw(st.sampled_from((*one, dimension, dimension + 1, 12)))
    start = draw(st.sampled_from(("coupled", "independent", "saddle")))
    return Configuration(
        dimension=dimension,
        samples=draw(st.integers(least, most)),
        target_scale=draw(st.sampled_from((1.0, 0.001, 30.0))),
        positive=count,
        negative=count if start == "coupled" else draw(st.sampled_from((*one, count, count + 2))),
        start=start,
        init_scale=draw(st.sampled_from((0.5, 0.05) if far else (0.5, 0.05, 10.0))),
        output=draw(st.sampled_from((0.1, 1.0, 8.0))),
        uneven=draw(st.sampled_from((0.0, 0.0, 1.5))),
        step=draw(st.sampled_from((0.3, 1.0))),
        steps=draw(st.sampled_from((400, 2000) if far else (1, 10, 60, 400))),
        points=8,
        seeds=2,
        trials=4,
        leak=draw(st.sampled_from((0.3, 1.0))),
        direction=draw(st.sampled_from(DIRECTIONS)),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        q=draw(st.sampled_from((0.1, 0.5, 0.9))),
        reach=draw(st.sampled_from((0.3, 0.9, 0.999))),
    )
