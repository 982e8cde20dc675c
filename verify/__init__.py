"""The empirical side: experiments, evidence, verdicts, the pytest plugin, the command line.

What a theorem or a test of one's own needs is here under a short name. Names are imported when they
are first used, so that pytest can load the plugin without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.command_line.program import main
    from verify.experiments.kit import (
        Experiment,
        Home,
        Measured,
        Measurement,
        Observations,
        Options,
        ProblemOptions,
        Progress,
        SweepOptions,
        Trajectory,
        option,
    )
    from verify.judging.sample import Sample
    from verify.judging.seeds import numpy_generator, torch_generator
    from verify.judging.verdict import Judgement, Verdict, judge, judge_initialisations
    from verify.pytest_plugin.gate import ClaimNotInformative, ClaimRefuted, Gate
    from verify.runs.replay import Case

__all__ = [
    "Case",
    "ClaimNotInformative",
    "ClaimRefuted",
    "Experiment",
    "Gate",
    "Home",
    "Judgement",
    "Measured",
    "Measurement",
    "Observations",
    "Options",
    "ProblemOptions",
    "Progress",
    "Sample",
    "SweepOptions",
    "Trajectory",
    "Verdict",
    "judge",
    "judge_initialisations",
    "main",
    "numpy_generator",
    "option",
    "torch_generator",
]

_MODULES = {
    "command_line.program": ("main",),
    "experiments.kit": (
        "Experiment",
        "Home",
        "Measured",
        "Measurement",
        "Observations",
        "Options",
        "ProblemOptions",
        "Progress",
        "SweepOptions",
        "Trajectory",
        "option",
    ),
    "judging.sample": ("Sample",),
    "judging.seeds": ("numpy_generator", "torch_generator"),
    "judging.verdict": ("Judgement", "Verdict", "judge", "judge_initialisations"),
    "pytest_plugin.gate": ("ClaimNotInformative", "ClaimRefuted", "Gate"),
    "runs.replay": ("Case",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
