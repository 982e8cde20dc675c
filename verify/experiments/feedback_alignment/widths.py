"""Sweeps over the width: the mean alignment that training without decay leaves."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.feedback_alignment.flows import NOT_TRAINED
from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample
from verify.training.feedback import Reduced

TIME, STEP = 30.0, 0.1
"""The end of the flow in units of 1/mu, and its steps in those of 1/||X||^2."""


def gain(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.12): <b, beta_inf - beta_0>, (widths, draws), of linear networks."""
    c, rows = setting.configuration, []
    for number, width in enumerate(c.widths):
        reduced = Reduced.of(setting.networks(f"gain {width}", width, c.draws))
        rows.append(reduced.gain(TIME / setting.symbols["mu"], STEP / setting.symbols["norm_X"] ** 2))
        tell(number + 1, len(c.widths))
    symbols = {**setting.symbols, **NOT_TRAINED, "m": np.array(c.widths, dtype=float)}
    return Measured({"gain": Sample(np.array(rows), symbols)})
