"""Sparse deep ReLU regression: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "sparse-network-and-haar",
        "risk over n of a network on the mean of the inputs and of Haar series, by dimension",
        "Schmidt-Hieber, Annals of Statistics 2020, arXiv 1708.06633", OWN, 0.1,
        grid={"variables": (1, 2, 3)}, fields={"noise": 0.3, "largest": 8192, "sweeps": 45},
        claims=("sparse/sieve-slope",), curves=0,
    ),
)  # fmt: skip
