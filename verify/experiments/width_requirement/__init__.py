"""The width requirement: lemmas and the theorem at the width that it asks for, by trials."""

from verify.experiments.width_requirement.experiment import WidthRequirement

EXPERIMENT = WidthRequirement()

__all__ = ["EXPERIMENT", "WidthRequirement"]
