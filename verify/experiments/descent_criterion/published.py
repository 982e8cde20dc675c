"""A criterion for gradient descent: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "criterion-race",
        "a race of initialisations: the certified start and the standard one",
        "Chatterjee, arXiv 2203.16462", OWN, 0.2,
        grid={"race_steps": (200,)}, fields={"data": "sphere", "samples": 10, "dimension": 20},
        claims=("criterion/race",), curves=0,
    ),
)  # fmt: skip
