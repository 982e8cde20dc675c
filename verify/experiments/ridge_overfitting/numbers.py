"""Claims on the limit itself, (RO.18) to (RO.22) and (RO.25) to (RO.27): nothing is drawn."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

from collections.abc import Set

import numpy as np
from scipy.optimize import minimize_scalar

from theory.mathematics.deterministic_equivalent import Spectrum, edge, equivalent
from verify.experiments.kit import Measured, Progress
from verify.experiments.ridge_overfitting.setting import SMALL, Setting
from verify.judging.sample import Sample

OF_FORMS = {"kappa", "share", "freedom", "bias_form"}
OF_RIDGE = {"negative_is_better", "side_of_optimum", "critical_noise_of_law"}

RIDGES = (-0.9, -0.4, 0.0, 0.1, 1.0)
"""Ridges beside that of the options: shares of lam_c below 0, else of the sum of eigenvalues."""

MOST = 40
"""Heads that are looked at."""

NOISES = (0.3, 0.8, 0.95, 1.05, 1.2, 3.0)
"""Noise, over the critical one."""

NONE = 1e-4
"""A critical noise below this share of the energy is 0."""

SEARCH = 4001
"""Points of a search for the best ridge."""

APART = 1e-12
"""Risks that differ by less, relatively, are equal."""


def forms(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (ridges, heads), and (ridges,)."""
    l, theta, n = setting.population.l, setting.population.theta, setting.n
    lam = np.array([
        r * l.sum() if r >= 0 else -r * setting.edge
        for r in dict.fromkeys((setting.configuration.ridge, *RIDGES))
    ])  # fmt: skip
    found = equivalent(n, lam, setting.spectrum)
    good = found.kappa > SMALL * l[0]
    if not good.any():
        return Measured.outside(OF_FORMS, "kappa > 0 is needed: more directions, or ridge")
    lam, kappa, g = lam[good], found.kappa[good], found.g[good]
    ks = np.unique(np.linspace(0, len(l) - 1, min(len(l), MOST)).astype(int))
    shape = (len(lam), len(ks))
    values = {"n": n, "k": np.broadcast_to(ks, shape), "lam": lam[:, None] * np.ones(shape)}
    values |= {name: np.broadcast_to(x, shape) for name, x in setting.tails(ks).items()}
    large = l >= kappa[:, None]
    own = {
        "kappa": kappa, "k_star": large.sum(1), "S2_star": (l**2 * ~large).sum(1),
        "theta_star": (theta**2 / l * large).sum(1),
        "energy_star": (l * theta**2 * ~large).sum(1),
    }  # fmt: skip
    energy = l * theta**2
    left = kappa**2 * (energy / (l + kappa[:, None]) ** 2).sum(1)
    return Measured({
        "kappa": Sample(kappa[:, None] * np.ones(shape), values),
        "share": Sample(g[:, None] * np.ones(shape), values),
        "freedom": Sample(n * g, own),
        "bias_form": Sample(left, own),
    })  # fmt: skip


def best(
    n: float, spectrum: Spectrum, energies: np.ndarray, s2: float
) -> tuple[float, float, float]:
    """The limit of the risk at lam = 0, its least value below 0, and above: at any lam."""
    e = spectrum.values
    start = float(equivalent(n, 0.0, spectrum).kappa)
    least = float(edge(n, spectrum)[1])

    def risk(kappa: np.ndarray | float) -> np.ndarray:
        kappa = np.asarray(kappa, dtype=np.float64)
        g = spectrum.sum(n, kappa, 2)
        left = kappa**2 * (energies / (e + kappa[..., None]) ** 2).sum(-1)
        return np.asarray((left + s2 * g) / (1 - g))

    def lowest(low: float, high: float) -> float:
        """Over kappa from low to high, on a grid, then by Brent's method between its neighbours."""
        grid = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, SEARCH)) ** 2
        if high > 100 * max(low, 1e-300):
            grid = np.geomspace(low, high, SEARCH)
        values = risk(grid)
        at = int(np.argmin(values))
        ends = grid[max(at - 1, 0)], grid[min(at + 1, SEARCH - 1)]
        near = minimize_scalar(
            risk, bounds=ends, method="bounded", options={"xatol": 1e-12 * ends[1]}
        )
        return float(min(near.fun, values[at]))

    below = lowest(least + 1e-6 * (start - least), start)
    return float(risk(start)), below, lowest(start, 1e6 * (start + e.max()))


def critical_noise(n: float, spectrum: Spectrum, energies: np.ndarray) -> float:
    """s2_c."""
    assert spectrum.counts is not None
    e, counts = spectrum.values, spectrum.counts
    found = equivalent(n, 0.0, spectrum)
    kappa, g = float(found.kappa), float(found.g)
    pulled = (energies * e / (e + kappa) ** 3).sum()
    cubes = (counts / n * e**2 / (e + kappa) ** 3).sum()
    left = kappa**2 * (energies / (e + kappa) ** 2).sum()
    return float(kappa * (1 - g) * pulled / cubes - left)


def negative_ridge(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (noises,) of the sign of the best ridge; and of s2_c."""
    l, theta, n = setting.population.l, setting.population.theta, setting.n
    found = equivalent(n, 0.0, setting.spectrum)
    kappa, g = float(found.kappa), float(found.g)
    if not (kappa > 0 and len(l) > n):
        return Measured.outside(OF_RIDGE, "kappa > 0 is needed: more directions than samples")
    e, first, counts = np.unique(l, return_index=True, return_counts=True)
    spectrum = Spectrum(e, counts.astype(np.float64))
    energies = np.array(
        [(l * theta**2)[i : i + c].sum() for i, c in zip(first, counts, strict=True)]
    )
    critical = critical_noise(n, spectrum, energies)
    size = setting.configuration.energy
    s2 = np.array(NOISES) * (critical if critical > NONE * size else size)
    rows = np.array([best(n, spectrum, energies, float(x)) for x in s2])
    better = rows[:, 1] < rows[:, 0] * (1 - APART)
    side = np.where(rows[:, 1] < rows[:, 2], -1.0, 1.0)
    holds = np.flatnonzero(energies > 0)
    values = {
        "J": len(e), "e": e, "gamma": counts / n, "E": energies, "kappa": kappa, "ridge": 0.0,
        "s2": s2, "bent": float(e[-1] / e[holds[0]] - 1),
    }  # fmt: skip
    k = max(setting.k, 1)
    head = {
        "n": n, "k": k, "kappa": kappa, "g_0": g, "l_k": float(l[k - 1]),
        "S2": float((l[k:] ** 2).sum()), "outside": float((l * theta**2)[k:].sum() / size),
        "bias_0": float(kappa**2 * (l * theta**2 / (l + kappa) ** 2).sum()),
    }  # fmt: skip
    samples = {
        "negative_is_better": Sample(better.astype(np.float64), values),
        "side_of_optimum": Sample(side, values),
        "critical_noise_of_law": Sample(np.array([critical]), head, scale=size),
    }
    return Measured(samples)
