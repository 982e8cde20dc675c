"""Unequal node scalings: certificates at the start, gradient flow and descent, feature learning."""

from verify.node_scaling.experiment import NodeScaling

EXPERIMENT = NodeScaling()

__all__ = ["EXPERIMENT", "NodeScaling"]
