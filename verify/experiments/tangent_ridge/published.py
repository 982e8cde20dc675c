"""Ridge regression on tangent features: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "tangent-gap-over-width",
        "how far ridge regression on tangent features is from the kernel's, over N d/n",
        "Montanari & Zhong, arXiv 2007.12826", "test error against Nd/n", 0.15,
        grid={"neurons": (24,)}, fields={"networks": 400},
        claims=("tangent/gap-at-most", "tangent/gap-law"), curves=0,
    ),
)  # fmt: skip
