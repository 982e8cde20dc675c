"""Hypothesis strategies for sparse deep regression."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.sparse_deep_regression.configuration import (
    ESTIMATORS,
    FAMILIES,
    TRUTHS,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small networks, classes and series of every kind, on rows of every source."""
    whole, variables = draw(st.booleans()), draw(st.integers(1, 3))
    beta = draw(st.sampled_from((1.0, 2.0, 3.0, 4.0) if whole else (0.3, 0.7, 1.5)))
    return Configuration(
        data=draw(st.sampled_from(("sphere", "diabetes", "digits"))),
        samples=draw(st.integers(2, 12)),
        dimension=draw(st.integers(2, 5)),
        m=draw(st.integers(1, 9)),
        factors=draw(st.integers(2, 6)),
        points=60,
        variables=variables,
        function=draw(st.sampled_from(("power", "sine"))) if whole else "power",
        beta=beta if variables == 1 else 2.0,
        knots=draw(st.integers(1, 5 if variables == 1 else 1)),
        depth=draw(st.integers(1, 3)),
        width=draw(st.integers(1, 4)),
        nonzeros=draw(st.integers(1, 12)),
        radius=draw(st.sampled_from((1e-4, 0.01, 0.3, 100.0))),
        pairs=20,
        family=draw(st.sampled_from(FAMILIES)),
        truth=draw(st.sampled_from(TRUTHS)),
        candidates=draw(st.integers(1, 20)),
        amplitude=draw(st.sampled_from((0.1, 0.5, 1.0))),
        ceiling=draw(st.sampled_from((0.5, 1.0, 3.0))),
        noise=draw(st.sampled_from((0.1, 0.5, 1.0))),
        draws=draw(st.integers(1, 40)),
        trials=40,
        temperature=draw(st.sampled_from((0.1, 0.5, 0.9))),
        estimator=draw(st.sampled_from(ESTIMATORS)),
        networks=20,
        steps=draw(st.integers(1, 20)),
        smallest=64,
        largest=1024,
        sweeps=2,
    )
