"""Hypothesis strategies for training on data in a subspace."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from verify.experiments.low_dimensional_data.configuration import (
    ACTIVATIONS,
    SCHEDULES,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems of every source, any network and optimiser, small and large noise."""
    source = draw(st.sampled_from(("sphere", "clustered", "diabetes", "digits")))
    k = draw(st.integers(2, 4))
    real = source in ("diabetes", "digits")
    steps: dict[str, Any] = draw(
        st.sampled_from(
            (
                {},
                {"momentum": 0.9},
                {"weight_decay": 0.5},
                {"momentum": 0.9, "weight_decay": 0.5},
                {"optimiser": "adam"},
                {"optimiser": "adamw", "weight_decay": 0.5},
                {"batch": 3},
            )
        )
    )
    return Configuration(
        data=source,
        samples=draw(st.integers(3, 12)),
        dimension=k + draw(st.integers(1, 4)),
        subspace=k,
        rotated=real or draw(st.booleans()),
        depth=draw(st.integers(1, 4)),
        width=draw(st.sampled_from((1, 3, 8))),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        init_scale=draw(st.sampled_from((0.1, 1.0))),
        step=draw(st.sampled_from((0.01, 0.1))),
        steps=draw(st.integers(1, 12)),
        schedule=draw(st.sampled_from(SCHEDULES)),
        networks=draw(st.integers(1, 6)),
        norm=draw(st.sampled_from((0.5, 2.0))),
        layers=draw(st.integers(2, 5)),
        start=draw(st.sampled_from((0.1, 0.3))),
        noise=draw(st.sampled_from((0.01, 0.3, 3.0))),
        redraws=3,
        regressions=3,
        **steps,
    )
