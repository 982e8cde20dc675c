"""Hypothesis strategies for ridge regression on random features of several types."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.multiple_random_features.configuration import Configuration

TYPES = (
    "relu", "relu,0.1*relu", "absolute,0.5*relu", "linear,square", "quadratic,0.01*quadratic",
    "relu,relu", "relu,0.05*relu,0.0015*relu", "relu,quadratic,0.1*square",
)  # fmt: skip


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems of one to three types, below, at and above the threshold."""
    types = draw(st.sampled_from(TYPES))
    K = types.count(",") + 1
    share = draw(st.sampled_from((0.3, 1.0, 1.5))) / K
    rows = draw(st.integers(6, 24))
    return Configuration(
        data=draw(st.sampled_from(("digits", "diabetes", "sphere"))),
        samples=draw(st.integers(30, 60)),
        dimension=draw(st.integers(3, 8)),
        types=types,
        features=",".join([str(share)] * K),
        rows=rows,
        ridge=draw(st.sampled_from((1e-10, 1e-4, 0.01, 1.0))),
        noise=draw(st.sampled_from((0.0, 0.3, 1.0))),
        offset=draw(st.sampled_from((0.0, 1.0))),
        draws=draw(st.integers(20, 30)),
        replacement=draw(st.booleans()),
    )
