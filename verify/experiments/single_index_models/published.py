"""Single index models: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "index-error-over-steps",
        "error over steps with its bound from before training, over dimensions",
        "Fan, Yang & Yu, arXiv 2007.08322", "error against iterations", 0.2,
        grid={"dimension": (60, 120)}, fields={"samples": 1000, "draws": 800},
        claims=("index/error", "index/window"), curves=0,
    ),
)  # fmt: skip
