"""How wide the theorem wants a network: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "width-loss-at-required-width",
        "loss and bound at the width that the theorem asks for, full gradient descent",
        "Liao & Kyrillidis, arXiv 2112.02668v1, explicit form of Theorem 3", OWN, 0.3,
        grid={"local_steps": (1, 2)}, fields={"trials": 40},
        claims=("width/loss", "width/good-event", "width/near"), curves=0,
    ),
)  # fmt: skip
