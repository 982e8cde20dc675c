"""Two-layer networks trained by feedback alignment or backpropagation, and their closed system.

network  the networks, and a step of training
reduced  linear networks by 2d + 2 numbers, whatever their width: steps and flow
"""

from verify.training.feedback.network import (
    ACTIVATIONS,
    LEAK,
    Activation,
    Function,
    Network,
    step,
    train,
)
from verify.training.feedback.reduced import Reduced

__all__ = [
    "ACTIVATIONS",
    "LEAK",
    "Activation",
    "Function",
    "Network",
    "Reduced",
    "step",
    "train",
]
