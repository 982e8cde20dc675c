"""Scaling laws: independent sweeps over widths, and the slopes of what they measure."""

from verify.experiments.scaling_laws.experiment import ScalingLaws

EXPERIMENT = ScalingLaws()

__all__ = ["EXPERIMENT", "ScalingLaws"]
