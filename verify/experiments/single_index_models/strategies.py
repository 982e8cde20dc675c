"""Hypothesis strategies for single index models."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.single_index_models.configuration import NOISES, Configuration
from verify.experiments.single_index_models.links import LINKS


@st.composite
def configurations(draw: st.DrawFn, /) -> Configuration:
    """Small problems: single samples, one signal, starts near and far, steps up to the limit."""
    p = draw(st.integers(2, 12))
    d = draw(st.integers(1, 5))
    alpha = draw(st.sampled_from((1e-9, 1e-4, 0.05, 0.3)))
    return Configuration(
        data=draw(st.sampled_from(("gaussian", "gaussian", "diabetes", "digits"))),
        samples=draw(st.sampled_from((1, 2, 5, 40))),
        dimension=p,
        support=draw(st.integers(1, p - 1)),
        ratio=draw(st.sampled_from((1.0, 5.0))),
        link=draw(st.sampled_from((*LINKS, "abs(z) - 1", "exp(z/2) + 0.5*z**2"))),
        noise=draw(st.sampled_from((0.1, 2.0))),
        noise_law=draw(st.sampled_from(NOISES)),
        tau=draw(st.sampled_from((None, 1.0))),
        alpha=alpha,
        step=draw(st.sampled_from((0.02, 0.1, 0.25))),
        growth=2 * alpha**2 if alpha > 0.01 else 1e-4,
        near=draw(st.sampled_from((0.02, 0.2))),
        draws=draw(st.integers(1, 3)),
        size=d,
        rank=draw(st.integers(1, d)),
        matrix_samples=draw(st.sampled_from((1, 5, 30))),
        smallest=20,
        largest=160,
        sweeps=2,
    )
