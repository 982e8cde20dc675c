"""Deep networks: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "deep-certified-loss",
        "loss of a deep network with its certificate, over gains",
        "Du et al., ICML 2019, arXiv 1811.03804", OWN, 0.1,
        grid={"gain": (1.5, 3.0)}, fields={"seeds": 2, "steps": 100, "looks": 10},
        claims=("deep/majorant", "deep/rate"), curves=0,
    ),
    Published(
        "deep-gain-over-depth",
        "norms and the gain kappa* that certifies training, over depths",
        "Du et al., ICML 2019, arXiv 1811.03804", "depth of fully connected and residual networks",
        0.25, grid={"deepest": (8,)}, fields={"samples": 4, "sweeps": 40},
        claims=("deep/depth-resnet", "deep/depth-norms"), curves=0,
    ),
)  # fmt: skip
