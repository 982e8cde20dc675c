"""Benign, tempered and catastrophic overfitting: the variance against n, (RO.14), (RO.15)."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

from collections.abc import Set

import numpy as np

from theory import registry
from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import doubled, slopes_of, sweep_curves
from verify.experiments.ridge_overfitting.setting import EXCESS, Setting, coordinates
from verify.judging.sample import Sample
from verify.training import ridge

LEVEL = 0.1
"""Eigenvalues of the tail, times n."""

TAILS = {
    "benign": lambda n: round(n**1.5), "tempered": lambda n: 3 * n, "catastrophic": lambda n: n,
}  # fmt: skip
"""Directions of the tail, besides sqrt(n) spikes of the eigenvalue 1."""


def spectrum(tail: str, n: int) -> Spectrum:
    """Spikes and a flat tail, for n samples."""
    counts = np.array([round(n**0.5), TAILS[tail](n)], dtype=np.float64)
    return Spectrum(np.array([1.0, LEVEL / n]), counts)


def measure(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Events per sweep: its slope is near the exponent."""
    at, rng = setting.configuration, setting.rng("sweeps")
    ns = np.array(doubled(at.first, at.last))
    found = {tail: np.empty((at.sweeps, len(ns))) for tail in TAILS}
    total, done = at.sweeps * float((ns**2.5).sum()), 0.0
    for column, n in enumerate(map(int, ns)):
        for tail, V in found.items():
            at_n = spectrum(tail, n)
            l = np.repeat(at_n.values, at_n.positive[1].astype(int))
            for row in range(at.sweeps):
                X = coordinates(rng, at.coordinates, (n, len(l))) * np.sqrt(l)
                V[row, column] = ridge.variance(ridge.smoother(X, 0.0), l)
        done += at.sweeps * n**2.5
        tell(done, total)
    slopes = {tail: slopes_of(ns, V) for tail, V in found.items()}
    values = {"n_first": int(ns[0]), "n_last": int(ns[-1]), "n_sizes": len(ns),
              "tolerance": at.tolerance, "excess": EXCESS[at.coordinates]}  # fmt: skip
    samples = {}
    for tail in ("benign", "tempered"):
        exponent = float(registry.claim(f"ridge/{tail}").statement.parts["exponent"])
        near = np.abs(slopes[tail] - exponent) <= at.tolerance
        samples[f"slope_of_{tail}"] = Sample(near.astype(np.float64), values)
    laws = {tail: np.array([[float(equivalent(n, 0.0, spectrum(tail, n)).variance) for n in ns]])
            for tail in TAILS}  # fmt: skip
    drawn = {**found, **{f"limit of {tail}": law for tail, law in laws.items()}}
    curves = sweep_curves(
        "samples", ns, drawn, slopes,
        labels={tail: f"{tail}: {words}" for tail, words in (
            ("benign", "$n^{3/2}$ small directions"), ("tempered", "$3n$"),
            ("catastrophic", "$n$"))} | {f"limit of {tail}": f"limit, {tail}" for tail in TAILS},
        axis="samples $n$", quantity="variance $V$, median",
        title="interpolation, $\\lambda = 0$",
    )  # fmt: skip
    medians = {tail: float(np.median(slope)) for tail, slope in slopes.items()}
    return Measured(samples, Trajectory("samples", ns, {}, sweep=curves), {"slopes": medians})
