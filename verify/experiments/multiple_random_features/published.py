"""Several types of random features: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "features-triple-descent",
        "risk over features of one, two and three types: up to a triple descent",
        "Meng, Yao & Cao, arXiv 2208.09897", "multiple descent", 0.3,
        grid={"draws": (60,)},
        fields={"dimension": 20, "types": "relu,0.05*relu,0.0015*relu", "features": "1,1,1",
                "rows": 60, "ridge": 2e-10},
        claims=("features/maxima", "features/descents"), curves=0,
    ),
)  # fmt: skip
