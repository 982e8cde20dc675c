"""Unequal node scalings: certificates at the start, gradient flow and descent, feature learning."""

from verify.experiments.node_scaling.experiment import NodeScaling

EXPERIMENT = NodeScaling()

__all__ = ["EXPERIMENT", "NodeScaling"]
