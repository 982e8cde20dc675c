"""Unequal node scalings: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "node-loss-over-shares",
        "loss of gradient flow and its bound, for shares gamma of equal scalings",
        "Caron et al., arXiv 2302.01002", "loss over time for several gamma", 0.1,
        grid={"gamma": (0.25, 0.5, 1.0)}, fields={"trials": 8},
        claims=("node/flow-loss",), curves=0,
    ),
)  # fmt: skip
