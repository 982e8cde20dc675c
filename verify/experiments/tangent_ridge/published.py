"""Ridge regression on tangent features: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "tangent-excess-over-width",
        "risk of neural tangent ridge regression over N d/n",
        "Montanari & Zhong, arXiv 2007.12826", "test error against Nd/n", 2.0,
        grid={"noise": (1.0,)}, fields={"smallest": 12, "draws": 50, "tolerance": 0.3},
        claims=("tangent/excess-slope",), curves=0,
    ),
)  # fmt: skip
