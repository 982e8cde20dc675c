"""Hypothesis strategies for networks on a line."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.one_dimensional_inconsistency.configuration import (
    SIX_POINTS,
    STARTS,
    Configuration,
)

WIDE = ("sums", "certificate", "loss-floor", "loss-rate")
"""Claims on networks that are certified: few narrow ones are."""


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "") -> Configuration:
    """Lines of several sources, narrow and wide networks, certificates from the start and later."""
    if claim.partition("/")[2] in WIDE:
        return draw(_wide())
    data = draw(st.sampled_from((SIX_POINTS, SIX_POINTS, "sphere", "diabetes")))
    steps = draw(st.sampled_from((10, 30, 60)))
    return Configuration(
        data=data,
        samples=draw(st.integers(12, 20)),
        feature=draw(st.integers(1, 4)),
        gap=draw(st.sampled_from((0.0, 0.5))) if data != SIX_POINTS else 0.0,
        residuals=draw(st.booleans()),
        offset=draw(st.sampled_from((0.0, 0.0, 0.01, 1.0))),
        start=draw(st.sampled_from(("he", *STARTS))),
        outer=draw(st.sampled_from((1.0, 0.3, 3.0))),
        width=draw(st.sampled_from((3, 16, 256, 1024))),
        step=draw(st.sampled_from((0.5, 1.0, 1.5))),
        batch=draw(st.sampled_from((None, None, 3))),
        steps=steps,
        points=6,
        seeds=2,
        certify_at=draw(st.sampled_from((0, steps // 2, steps))),
        neurons=draw(st.sampled_from((3, 12))),
        around=3,
        draws=50,
        smallest=4,
        trials=50,
        horizon=draw(st.sampled_from((0.5, 3.0))),
        shift=draw(st.sampled_from((0.5, 3.0))),
    )


@st.composite
def _wide(draw: st.DrawFn) -> Configuration:
    """Wide networks whose certificate holds more often than not."""
    return Configuration(
        data=draw(st.sampled_from((SIX_POINTS, SIX_POINTS, "diabetes"))),
        samples=30,
        feature=3,
        gap=0.8,
        offset=draw(st.sampled_from((0.0, 0.0, 0.003))),
        outer=draw(st.sampled_from((1.0, 0.8, 1.3))),
        width=draw(st.sampled_from((512, 1024, 2048))),
        step=draw(st.sampled_from((0.5, 1.0, 1.5))),
        steps=60,
        points=6,
        seeds=2,
        certify_at=draw(st.sampled_from((12, 30, 60))),
    )
