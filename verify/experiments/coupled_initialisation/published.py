"""Coupled initialisation: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "coupled-loss",
        "loss of coupled networks with its bound and its exact law",
        "Munteanu et al., ICML 2022, arXiv 2206.12802", OWN, 0.1,
        grid={"data": ("digits", "sphere")}, fields={"trials": 40},
        claims=("coupled/rate", "coupled/exact-law"), curves=0,
    ),
)  # fmt: skip
