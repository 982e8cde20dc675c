"""Networks identified from their values: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "identification-share-found",
        "share of the weights that are found against m/D^2, with the threshold",
        "Fornasier, Klock, Mondelli & Rauchensteiner, arXiv 2211.04589",
        "success over the number of neurons", 0.1,
        grid={"networks": (40,)},
        fields={"dimension": 7, "neurons": 8, "starts": 50, "iterations": 800},
        claims=("identification/published",), curves=0,
    ),
)  # fmt: skip
