"""Masked training: trainer, measurements, and the experiment that its claims are judged by."""

from verify.experiments.masked_training.experiment import MaskedTraining

EXPERIMENT = MaskedTraining()

__all__ = ["EXPERIMENT", "MaskedTraining"]
