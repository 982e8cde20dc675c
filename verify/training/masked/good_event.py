"""The good event of the theorem on masked training, by the constants that fix it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.training.masked.measure import Measurements


@dataclass(frozen=True)
class Thresholds:
    """The constants of the good event: alpha_j (K,) and R, fixed before the test seeds run."""

    alpha: np.ndarray
    R: float

    def good_event(self, measured: Measurements) -> np.ndarray:
        """Whether G_k holds, decided by rounds < k: (S, K + 1), decreasing in k."""
        small = measured.defect <= self.alpha * measured.rho
        near = measured.displacement <= self.R
        held = np.concatenate([near[:, :1], small & near[:, :-1]], axis=1)
        return np.logical_and.accumulate(held, axis=1)
