"""Inconsistency in one dimension: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "inconsistency-crossing-over-widths",
        "probability that a kink crosses the data, over widths m",
        "Holzmueller & Steinwart, arXiv 2002.04861", "probability against the width", 0.6,
        grid={"trials": (4000,)}, fields={"copies": 40, "horizon": 2.0},
        claims=("inconsistency/constant",), curves=0,
    ),
)  # fmt: skip
