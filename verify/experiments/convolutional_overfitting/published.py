"""Benign overfitting of convolutional networks: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "convolution-phases",
        "test loss over the signal beside that of the line chi = 1, for several n",
        "Cao, Chen, Belkin & Gu, arXiv 2202.06526", "test loss over n and SNR", 0.15,
        grid={"seeds": (3,)},
        claims=("convolution/learned", "convolution/not-learned"), curves=0,
    ),
)  # fmt: skip
