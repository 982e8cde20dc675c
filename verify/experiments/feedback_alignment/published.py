"""Feedback alignment: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "feedback-loss-over-widths",
        "error under random feedback with its certified rate, over widths",
        "Song, Xu & Lafferty, arXiv 2106.06044", "error over steps for several widths", 0.15,
        grid={"width": (400, 800, 1600)}, fields={"trials": 4},
        quick={"width": (400, 800)},
        claims=("feedback/rate", "feedback/growth"), curves=0,
    ),
)  # fmt: skip
