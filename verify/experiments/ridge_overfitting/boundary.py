"""Slopes of the risk (RO.23), and the risk under an isotropic prior (RO.28), measured."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.ridge_overfitting.certificates import ROUNDED, SINGULAR, designs
from verify.experiments.ridge_overfitting.limits import slopes
from verify.experiments.ridge_overfitting.setting import Setting
from verify.judging.sample import Sample
from verify.training import ridge

STEP = 1e-30
"""Of a derivative along the imaginary axis, which loses no digits."""

RIDGES = (0.0, 0.3, 1.0, 3.0)
"""Ridges beside that of the options, over s2/t2."""

FEW = 10
"""Designs of which all p right singular vectors are found."""


def slope(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """d(B + s2 V)/dlam by a complex step, (designs,)."""
    at, pop = setting.configuration, setting.population
    drawn = designs(setting)
    X, high = drawn.Z * np.sqrt(pop.l), drawn.high
    pull, fall = slopes(X, drawn.safe, pop.l, pop.theta)
    eye = np.eye(setting.n)
    A = X @ X.swapaxes(1, 2) + (drawn.safe[:, None, None] + 1j * STEP * high[:, None, None]) * eye
    W = np.linalg.solve(A, X.astype(complex))
    error = pop.theta - (W.swapaxes(1, 2) @ (X @ pop.theta)[..., None])[..., 0]
    risk = (error**2 * pop.l).sum(1) + at.noise * (W**2 * pop.l).sum((1, 2))
    found = risk.imag / (STEP * high)
    label = np.linalg.solve(A.real, (X @ pop.theta)[..., None])
    moved = (X.swapaxes(1, 2) @ np.linalg.solve(A.real, label))[..., 0]
    # of the product that pull is
    size = np.linalg.norm(pop.l * pop.theta) * np.linalg.norm(moved, axis=1) + at.noise * fall
    values = {"a_min": drawn.low, "pull": pull, "fall": fall, "s2": at.noise}
    return Measured({"slope_of_risk": Sample(found, values, scale=drawn.lost * size)})


def prior(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """The risk over theta ~ N(0, t2 I) and the noise, (ridges, designs)."""
    at, pop = setting.configuration, setting.population
    drawn, few = designs(setting), slice(min(FEW, at.designs))
    X, lam, high = drawn.Z[few] * np.sqrt(pop.l), drawn.lam[few], drawn.high[few]
    base, s2, t2 = drawn.low[few] - lam, at.noise, at.prior
    best = s2 / t2
    rows = np.stack([lam, *(np.full(len(X), r * best) for r in RIDGES)])
    low = np.where(rows > 0, base.clip(min=0.0) + rows, base + rows)
    known = np.minimum(low, base.clip(min=0.0) + best) > SINGULAR * high  # of A and of A*
    low = np.where(known, low, np.minimum(low, 0.0))
    _, s, Vt = np.linalg.svd(X)
    squares = np.zeros((len(X), pop.p))
    squares[:, : s.shape[1]] = s**2
    posterior = ((Vt**2 @ pop.l) / (squares / s2 + 1 / t2)).sum(1)
    d, U = np.linalg.eigh(X @ X.swapaxes(1, 2))
    d = d.clip(min=0.0)
    weight = ((U.swapaxes(1, 2) @ X) ** 2 * pop.l).sum(2)  # u^T X Sigma X^T u
    risk, misfit = np.empty(rows.shape), np.empty(rows.shape)
    prior_of = np.full(pop.p, t2)
    for i, ridge_ in enumerate(rows):
        good = low[i] > 0
        safe = np.where(good, ridge_, best)
        W = ridge.smoother(X, safe)
        risk[i] = ridge.mean_bias(X, W, pop.l, prior_of) + s2 * ridge.variance(W, pop.l)
        misfit[i] = (weight / ((d + safe[:, None]) ** 2 * (d + best))).sum(1)
    values = {
        "a_min": low, "lam": rows, "misfit": misfit, "s2": s2, "t2": t2,
        "posterior": np.broadcast_to(posterior, rows.shape),
    }  # fmt: skip
    lost = ROUNDED * high / np.where(low > 0, low, high)
    return Measured({"bayes_risk": Sample(risk, values, scale=lost * (t2 * pop.l.sum() + risk))})
