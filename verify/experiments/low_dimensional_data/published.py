"""Data in a subspace: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "subspace-noise",
        "what noise off the subspace makes of least squares, with its exact law",
        "He, Tsai & Ward, arXiv 2203.00614", "size off the subspace over the noise", 0.1,
        grid={"samples": (60,)}, fields={"init_scale": 0.366, "regressions": 4000},
        claims=("subspace/least-squares", "subspace/least-squares-law"), curves=0,
    ),
)  # fmt: skip
