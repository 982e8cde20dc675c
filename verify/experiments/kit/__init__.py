"""What every experiment is made with: options, measurements, one `observe`, homes of claims."""

from verify.experiments.kit.divergence import unless_diverged
from verify.experiments.kit.experiment import Experiment, Home, Measured, Measurement, nothing
from verify.experiments.kit.headings import heading
from verify.experiments.kit.observations import Observations, Progress, Trajectory
from verify.experiments.kit.options import Options, allowed, as_dict, from_dict, option
from verify.experiments.kit.pieces import (
    SCALE,
    ComputeOptions,
    MaskOptions,
    ProblemOptions,
    SweepOptions,
)

__all__ = [
    "SCALE",
    "ComputeOptions",
    "Experiment",
    "Home",
    "MaskOptions",
    "Measured",
    "Measurement",
    "Observations",
    "Options",
    "ProblemOptions",
    "Progress",
    "SweepOptions",
    "Trajectory",
    "allowed",
    "as_dict",
    "from_dict",
    "heading",
    "nothing",
    "option",
    "unless_diverged",
]
