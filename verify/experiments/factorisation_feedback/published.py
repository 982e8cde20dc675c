"""Random feedback in factorisation: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "factorisation-curves",
        "squared error of random feedback over steps with its exact curve, by hidden units",
        "Garg & Vempala, AISTATS 2022, arXiv 2111.08706", "error over steps", 0.1,
        grid={"hidden": (2, 4, 8)},
        claims=("factorisation/curve", "factorisation/alignment/cosine"), curves=0,
    ),
)  # fmt: skip
