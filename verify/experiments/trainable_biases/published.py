"""Shallow networks with trainable biases: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import Published

PUBLISHED = (
    Published(
        "bias-least-eigenvalue",
        "least eigenvalue of the kernel against the bias B, with its three bounds",
        "Yang et al., arXiv 2301.00327", "sparsity at the start against B", 0.1,
        grid={"samples": (5, 10)}, fields={"width": 200},
        claims=("bias/schur", "bias/separation"), curves=0,
    ),
)  # fmt: skip
