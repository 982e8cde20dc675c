"""Gradient flow of linear networks, and the rate that is known at the start."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import numpy as np

from theory import registry
from verify.experiments.feedback_alignment import certificates
from verify.experiments.feedback_alignment.curves import drawn
from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.judging.sample import TOLERANCE, Sample
from verify.training.feedback import ACTIVATIONS, Reduced

FLOWS = {"flow_error", "convergence"}

NOT_TRAINED = {"transport": 0.0}
"""Gradient flow is of feedback alignment alone."""


def initial_rate(setting: Setting) -> Sample:
    """(C.9): whether a_0 >= 1/4, per trial."""
    start = certificates.start(setting.trials, setting.X, setting.y, setting.range)
    at = {**setting.symbols, **NOT_TRAINED, **start, "t": 0.0}
    found = registry.claim("feedback/flow-rate").evaluate(at, where=np.array(True)).parts["rate"]
    return Sample((found >= 0.25).astype(np.float64), {**setting.symbols, **NOT_TRAINED})


def trained(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.6): ||e_t||, (trials, times), of linear networks; (C.10): an event per trial."""
    c, at = setting.configuration, {**setting.symbols, **NOT_TRAINED}
    network = replace(setting.trials, activation=ACTIVATIONS["linear"])
    times = np.linspace(0, c.horizon / at["mu"], c.points + 1)
    reduced = Reduced.of(network)
    e = np.linalg.norm(reduced.residual(reduced.flow(times, c.decay)) @ setting.range, axis=-1).T
    start = certificates.start(network, setting.X, setting.y, setting.range)
    columns = {name: np.broadcast_to(v[:, None], e.shape) for name, v in start.items()}
    symbols = {**at, **columns, "t": np.broadcast_to(times, e.shape)}
    e_0 = columns["e_0"]
    slow = np.exp(-at["mu"] * times / 4) * e_0
    kept = (e <= slow + TOLERANCE["float64"] * e_0).all(1)
    sample = Sample(e, symbols, trivial=e_0, scale=e_0)
    claim = registry.claim("feedback/flow-rate")
    certified = claim.evaluate(symbols, where=claim.regime(symbols).holds).bound
    curve = Trajectory("time", times, {"mean": e.mean(0), "certified": certified.mean(0)},
                       errors={"mean": e.std(0) / max(1, c.trials - 1) ** 0.5},
                       **drawn(setting, "flow"))  # fmt: skip
    return Measured(
        {"flow_error": sample, "convergence": Sample(kept.astype(np.float64), at)}, curve
    )
