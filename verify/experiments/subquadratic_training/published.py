"""Subquadratic training: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PAPER = "Song, Zhang & Zhang, ITCS 2024, arXiv 2112.07628"

PUBLISHED = (
    Published(
        "subquadratic-cost",
        "multiply-adds of a step over widths, for several sparsities",
        PAPER, OWN, 0.2,
        grid={"sparsity": (0.15, 0.25, 0.4)}, fields={"sweeps": 30},
        quick={"sparsity": (0.25,), "largest": 512},
        claims=("subquadratic/slope-sparse",), curves=0,
    ),
    Published(
        "subquadratic-newton",
        "residuals of Gauss-Newton with a certificate, over thresholds",
        PAPER, OWN, 0.1,
        grid={"threshold": (0.0, 0.7)},
        fields={"samples": 3, "width": 20_000, "target_scale": 0.03, "networks": 6},
        claims=("subquadratic/certificate",), curves=0,
    ),
)  # fmt: skip
