"""Benign overfitting in ridge regression: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "ridge-negative",
        "the best ridge over the noise: negative below the boundary",
        "Tsigler & Bartlett, arXiv 2009.14286", "risk over the ridge, negative ones too", 0.15,
        grid={"samples": (40,)}, fields={"copies": 300},
        claims=("ridge/boundary", "ridge/negative-helps"), curves=0,
    ),
)  # fmt: skip
