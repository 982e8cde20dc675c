"""Slopes over widths: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "scaling-lazy-regime",
        "defect, flips and distances over widths, at the slopes of the lazy regime",
        "Liao & Kyrillidis, arXiv 2112.02668v1, the lazy regime", OWN, 0.2,
        grid={"largest": (2048, 8192)}, fields={"smallest": 256, "trials": 40},
        quick={"largest": (1024,), "smallest": 128},
        claims=("scaling/defect", "scaling/flips", "scaling/distance"), curves=0,
    ),
)  # fmt: skip
