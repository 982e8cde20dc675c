"""Coupled initialisation: trials of its lemmas, and training at the width and scale it asks for."""

from verify.experiments.coupled_initialisation.experiment import CoupledInitialisation

EXPERIMENT = CoupledInitialisation()

__all__ = ["EXPERIMENT", "CoupledInitialisation"]
