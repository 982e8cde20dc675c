"""Quadratic networks: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "quadratic-certified-gap",
        "gap to the global minimum over steps, with a certificate at every iterate",
        "Soltanolkotabi, Javanmard & Lee, arXiv 1707.04926", OWN, 0.15,
        grid={"init_scale": (0.01, 0.1)},
        fields={"positive": 5, "negative": 5, "start": "independent", "steps": 600},
        claims=("quadratic/certified-gap",), curves=0,
    ),
)  # fmt: skip
