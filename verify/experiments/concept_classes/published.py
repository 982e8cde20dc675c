"""Concept classes: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "concepts-guarantee",
        "mean loss over samples with the guarantee from before training",
        "Allen-Zhu, Li & Liang, arXiv 1811.04918", "test error against the number of samples", 0.1,
        grid={"pairs": (100, 200)}, fields={"steps": 600, "seeds": 80},
        claims=("concepts/guarantee", "concepts/frozen"), curves=0,
    ),
)  # fmt: skip
