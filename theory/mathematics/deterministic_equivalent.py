"""The deterministic equivalent of ridge regression: its fixed point, its risk, its edge.

Rows x_1, .., x_n of covariance Sigma, eigenvalues l_i of multiplicity m_i, and perhaps a tail: very
many directions of eigenvalues that are small against kap, with the sum T of the eigenvalues. Ridge
regression of n labels <x, theta> + noise of variance s2 at X X^T + lam I behaves as if kap were
the ridge of a problem without sampling:

    n = sum_i m_i l_i/(l_i + kap) + (T + lam)/kap,      g = (1/n) sum_i m_i l_i^2/(l_i + kap)^2,
    risk ~ sum_i E_i (kap/(l_i + kap))^2/(1 - g) + s2 g/(1 - g),

E_i the energy of the target in the eigenspace, sum of l_i theta_j^2; that of the tail is of l = 0.

In other words lam = psi(kap), psi(kap) = n kap - sum_i m_i l_i kap/(l_i + kap) - T. On
kap > -min l_i (on kap > 0 with a tail) psi is convex with psi' = n (1 - g), so it falls to its
minimum lam_c, at g = 1, and then grows: kap is the largest root, and there is one for every
lam >= lam_c. lam may be negative. -lam_c is the limit of the least eigenvalue of X X^T, or of X^T X
for fewer directions than samples, the edge of Silverstein & Choi:

    -lam_c = max_{m < -1/min l} [ -n/m + sum_i m_i l_i/(1 + l_i m) ],   m = 1/kap, for p < n.

Sources: Silverstein & Choi (1995) for the edge; Hastie, Montanari, Rosset & Tibshirani
(arXiv 1903.08560) and Tsigler & Bartlett (arXiv 2009.14286) for ridge regression; the forms with
multiplicities, a tail and any sign of lam are derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.language.errors import InvalidArgument

STEPS = 300
"""Newton steps at most; ten suffice but where eigenvalues span very many orders of magnitude."""

ROUNDING = 4e-16
"""Steps below this share of kap end the iteration."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues l (k,) >= 0 of a covariance, their multiplicities, and the sum of a tail.

    counts  (k,), numbers > 0 [all 1]; they need not be whole
    tail    sum of the eigenvalues of directions that are small against kap

    InvalidArgument for another shape, numbers that are negative or not finite, and where all
    eigenvalues and the tail are 0.
    """

    values: np.ndarray
    counts: np.ndarray | None = None
    tail: float = 0.0

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 1 or not values.size or not (np.isfinite(values) & (values >= 0)).all():
            raise InvalidArgument("values", self.values, "a list of numbers >= 0")
        counts = np.ones_like(values) if self.counts is None else np.asarray(self.counts, float)
        if counts.shape != values.shape or not (np.isfinite(counts) & (counts > 0)).all():
            raise InvalidArgument("counts", self.counts, f"{len(values)} numbers above 0")
        if not (np.isfinite(self.tail) and self.tail >= 0):
            raise InvalidArgument("tail", self.tail, "a number >= 0")
        if not (values.any() or self.tail):
            raise InvalidArgument("values", self.values, "not all 0")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "counts", counts)

    @property
    def positive(self) -> tuple[np.ndarray, np.ndarray]:
        """The eigenvalues above 0, and their multiplicities."""
        assert self.counts is not None  # made so
        above = self.values > 0
        return self.values[above], self.counts[above]

    def sum(self, n: np.ndarray | float, kappa: np.ndarray | float, power: int) -> np.ndarray:
        """(1/n) sum_i m_i l_i^2/(l_i + kap)^power: g for the power 2, -g'/2 for the power 3."""
        values, counts = self.positive
        kappa = np.asarray(kappa, dtype=np.float64)
        # at kap = -l_i: on the boundary of where these sums are used
        with np.errstate(divide="ignore", over="ignore"):
            terms = (values / (values + kappa[..., None])) ** 2 * (values + kappa[..., None]) ** (
                2 - power
            )
        return np.asarray(terms @ counts / n)

    def ridge(self, n: np.ndarray | float, kappa: np.ndarray | float) -> np.ndarray:
        """psi, the lam of which kap is the fixed point."""
        values, counts = self.positive
        kappa = np.asarray(kappa, dtype=np.float64)
        return np.asarray(kappa * (n - (values / (values + kappa[..., None])) @ counts) - self.tail)


@dataclass(frozen=True, eq=False)
class Equivalent:
    """The fixed point of n samples at lam: kap and g, of the common shape of n and lam.

    Both are nan where lam is below the edge: X X^T + lam I is then not positive definite.
    """

    spectrum: Spectrum
    kappa: np.ndarray
    g: np.ndarray

    @property
    def variance(self) -> np.ndarray:
        """Risk per unit of noise variance."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.g / (1 - self.g))

    def bias(self, energies: np.ndarray) -> np.ndarray:
        """Risk without noise; energies (..., k): of the target, E_i = l_i |theta_i|^2.

        What no direction expresses is the energy of an eigenvalue l = 0.
        """
        values, kappa = self.spectrum.values, self.kappa[..., None]
        kept = np.divide(kappa, values + kappa, where=values > 0, out=np.ones(
            np.broadcast_shapes(values.shape, kappa.shape)))  # fmt: skip
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((kept**2 * energies).sum(-1) / (1 - self.g))


def edge(n: np.ndarray | float, spectrum: Spectrum) -> tuple[np.ndarray, np.ndarray]:
    """lam_c, the least lam with a fixed point, and the kap there, where g = 1; of the shape of n.

    -lam_c is the limit of the least eigenvalue of X X^T or of X^T X, whichever is smaller.
    InvalidArgument unless n > 0.
    """
    n = _samples(n)
    values, counts = spectrum.positive
    if not values.size:
        return np.full(n.shape, -spectrum.tail), np.zeros(n.shape)
    # start where the term of one i alone is 1: g >= 1; g^(-1/2) is concave, so Newton stays there
    kappa = (values * (np.sqrt(counts / n[..., None]) - 1)).max(-1)
    if spectrum.tail:  # its eigenvalues are next to 0
        kappa = np.maximum(kappa, 0.0)
    for _ in range(STEPS):
        g = spectrum.sum(n, kappa, 2)
        step = np.where(g > 1, (g**1.5 - g) / spectrum.sum(n, kappa, 3), 0.0)
        kappa = kappa + step
        if not (step > ROUNDING * np.abs(kappa)).any():
            break
    return spectrum.ridge(n, kappa), kappa


def equivalent(n: np.ndarray | float, lam: np.ndarray | float, spectrum: Spectrum) -> Equivalent:
    """The fixed point for n samples and the ridge lam, arrays that broadcast, lam of any sign.

    lam is added to X X^T: it is n times the ridge of an average loss. InvalidArgument unless n > 0
    and lam is finite.
    """
    lam = np.asarray(lam, dtype=np.float64)
    if not np.isfinite(lam).all():
        raise InvalidArgument("lam", lam, "finite")
    n, lam = np.broadcast_arrays(_samples(n), lam)
    lowest, least = edge(n, spectrum)
    values, counts = spectrum.positive
    # kap l/(l + kap) <= l: the root is below this, and Newton on a convex function stays above it
    kappa = np.where(lam > lowest, (values @ counts + spectrum.tail + lam) / n, least)
    for _ in range(STEPS):
        slope = n * (1 - spectrum.sum(n, kappa, 2))
        excess = spectrum.ridge(n, kappa) - lam
        step = np.divide(excess, slope, where=slope > 0, out=np.zeros(n.shape))
        lower = np.maximum(kappa - step, least)
        moved, kappa = np.abs(lower - kappa), lower
        if not (moved > ROUNDING * np.abs(kappa)).any():
            break
    at_least = lowest - 10 * ROUNDING * n * np.abs(least)
    kappa = np.where(lam >= at_least, kappa, np.nan)
    return Equivalent(spectrum, kappa, spectrum.sum(n, kappa, 2))


def _samples(n: np.ndarray | float) -> np.ndarray:
    n = np.asarray(n, dtype=np.float64)
    if not (np.isfinite(n) & (n > 0)).all():
        raise InvalidArgument("n", n, "above 0")
    return n
