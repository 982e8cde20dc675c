"""The experiment of feedback alignment."""

from __future__ import annotations

from typing import Any

from verify.experiments.feedback_alignment import decays, flows, identities, paths, widths
from verify.experiments.feedback_alignment.cases import homes, slips
from verify.experiments.feedback_alignment.configuration import Configuration
from verify.experiments.feedback_alignment.setting import prepare
from verify.experiments.kit import Experiment, Measurement


def search(claim: str) -> Any:
    """Small problems of all sources; flows and late times where the claim is on these."""
    from verify.experiments.feedback_alignment import strategies

    if claim.startswith(("feedback/angle", "feedback/pull", "feedback/flow")):
        return strategies.flows()
    if claim.startswith("feedback/relu-alignment"):
        return strategies.saturating()
    if claim == "feedback/relu-rate":
        return strategies.wide()
    if claim in ("feedback/rate", "feedback/misaligned"):
        return strategies.lazy()
    return strategies.configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of("initial_rate", flows.initial_rate, 0.1),
        Measurement.of(paths.ERRORS, paths.errors),
        Measurement.of({"alignment"}, paths.alignment),
        Measurement.of(flows.FLOWS, flows.trained),
        Measurement.of(identities.QUANTITIES, identities.measured, 0.2),
        Measurement.of(decays.FLOW, decays.aligned, 3.0),
        Measurement.of(decays.STEPS, decays.steps),
        Measurement.of(decays.STOPPED, decays.stopped),
        Measurement.of({"saturated"}, decays.saturated),
        Measurement.of({"gain"}, widths.gain),
        Measurement.of({"slope_of_deviation"}, widths.deviation),
    ),
    homes=homes,
    few={"trials": 8, "draws": 20},
    search=search,
    slips=slips,
)
