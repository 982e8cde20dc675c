"""Hypothesis strategies for ridge regression."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.ridge_overfitting.configuration import (
    ALIGNMENTS,
    COORDINATES,
    DATA,
    SPECTRA,
    Configuration,
)


@st.composite
def configurations(draw: st.DrawFn, /, claim: str = "") -> Configuration:
    """Small problems of every population and target, with ridges of both signs."""
    population = draw(st.sampled_from((*SPECTRA, *SPECTRA, *DATA)))
    data = population in DATA
    dimension = draw(st.sampled_from((2, 5, 20, 60)))
    heads = draw(st.integers(0, min(4, dimension - 1)))
    targets = ALIGNMENTS[1 if not heads else 0 : 4 if data else 3]
    return Configuration(
        population=population,
        features=draw(st.integers(2, 5)),
        samples=draw(st.sampled_from((1, 2, 5, 12))),
        dimension=dimension,
        heads=heads,
        tail=draw(st.sampled_from((1e-6, 0.01, 0.3, 1.0, 5.0))),
        decay=draw(st.sampled_from((0.0, 0.5, 1.0, 3.0))),
        coordinates=draw(st.sampled_from(COORDINATES)),
        target=draw(st.sampled_from(targets)),
        ridge=draw(st.sampled_from((0.0, -0.5, -0.95, 1e-3, 0.2, 10.0))),
        noise=draw(st.sampled_from((0.05, 1.0, 20.0))),
        prior=draw(st.sampled_from((0.1, 1.0))),
        room=draw(st.sampled_from((0.0, 0.5, 2.0))),
        designs=2,
        trials=2,
        smallest=draw(st.sampled_from((8, 12))),
        copies=20,
        first=4,
        last=32,
        sweeps=1,
    )
