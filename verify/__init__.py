"""The empirical side: experiments, evidence, verdicts, the pytest plugin, the command line.

Names are imported when they are first used, so that pytest can load the plugin without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.experiments.kit.experiment import Experiment, Observations, Trajectory, option
    from verify.judging.sample import Sample
    from verify.judging.verdict import Judgement, Verdict, judge, judge_initialisations
    from verify.pytest_plugin.gate import ClaimNotInformative, ClaimRefuted, Gate

__all__ = [
    "ClaimNotInformative",
    "ClaimRefuted",
    "Experiment",
    "Gate",
    "Judgement",
    "Observations",
    "Sample",
    "Trajectory",
    "Verdict",
    "judge",
    "judge_initialisations",
    "option",
]

_MODULES = {
    "experiments.kit.experiment": ("Experiment", "Observations", "Trajectory", "option"),
    "pytest_plugin.gate": ("ClaimNotInformative", "ClaimRefuted", "Gate"),
    "judging.sample": ("Sample",),
    "judging.verdict": ("Judgement", "Verdict", "judge", "judge_initialisations"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
