"""The picture of negative ridge: the best lam against the noise, in the limit and measured."""

# ruff: noqa: E741 - l is the field's name of an eigenvalue

from __future__ import annotations

import numpy as np

from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from verify.experiments.kit import Trajectory, heading
from verify.experiments.ridge_overfitting.numbers import critical_noise
from verify.experiments.ridge_overfitting.setting import Setting

NOISES = np.geomspace(0.1, 4.0, 17)
"""Over the critical one."""

RIDGES = np.concatenate([np.linspace(-0.9, 1.0, 96), np.geomspace(1.02, 20.0, 60)])
"""Over |lam_c|."""

DESIGNS = 30


def diagram(setting: Setting) -> Trajectory | None:
    """None where no ridge is negative, in the limit."""
    pop, n = setting.population, setting.n
    energies = pop.l * pop.theta**2
    spectrum = Spectrum(pop.l)
    critical = critical_noise(n, spectrum, energies) if pop.p > n else 0.0
    if not critical > 0:
        return None
    lowest = -setting.edge
    lam, s2 = RIDGES * lowest, NOISES[:, None] * critical
    found = equivalent(n, lam, spectrum)
    B, V = measured(setting, lam)
    best = {
        "measured": RIDGES[(B + s2 * V).argmin(1)] + 1,
        "limit": RIDGES[(found.bias(energies) + s2 * found.variance).argmin(1)] + 1,
        "none": np.ones(len(NOISES)),
    }
    labels = {"measured": f"mean over {DESIGNS} designs", "limit": "in the limit",
              "none": r"$\lambda = 0$"}  # fmt: skip
    values = {"n": n, "p": pop.p, r"\sigma^2_c": critical, r"\lambda_c": -lowest}
    title = heading("the best ridge", setting.configuration.population, values)
    return Trajectory(
        "noise", NOISES, best, labels=labels, axis=r"variance of the noise, over $\sigma^2_c$",
        errors={"limit": np.zeros(len(NOISES))},
        quantity=r"$(\lambda^\ast - \lambda_c)/|\lambda_c|$", title=title,
        panels=[_risks(setting, spectrum, energies, critical)],
    )  # fmt: skip


def _risks(
    setting: Setting, spectrum: Spectrum, energies: np.ndarray, critical: float
) -> Trajectory:
    """The limit of the risk against lam, for noise below, at and above the boundary."""
    n, lam = setting.n, np.linspace(-0.85, 2.0, 58)
    found = equivalent(n, -lam * setting.edge, spectrum)
    zero = equivalent(n, 0.0, spectrum)
    risks = {}
    for share in (0.3, 1.0, 3.0):
        s2 = share * critical
        risk = found.bias(energies) + s2 * found.variance
        risks[f"{share:g}"] = risk / (zero.bias(energies) + s2 * zero.variance)
    labels = {share: rf"$\sigma^2 = {share}\,\sigma^2_c$" for share in risks}
    return Trajectory(
        "ridge", lam, risks, labels=labels, axis=r"ridge $\lambda/|\lambda_c|$",
        quantity=r"risk, over that at $\lambda = 0$", title="the best ridge may be negative",
    )  # fmt: skip


def measured(setting: Setting, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of B and V over designs, of the shape of lam; infinite where some A is not positive."""
    pop = setting.population
    l, theta = pop.l, pop.theta
    X = pop.draw(setting.rng("phase"), DESIGNS, setting.n) * np.sqrt(l)
    eigenvalues, U = np.linalg.eigh(X @ X.swapaxes(1, 2))
    Y = U.swapaxes(1, 2) @ X
    label, weight = Y @ theta, (Y**2 * l).sum(2)
    B, V = np.empty(len(lam)), np.empty(len(lam))
    for i, ridge in enumerate(lam):
        d = eigenvalues + ridge
        if not (d > 0).all():
            B[i] = V[i] = np.inf
            continue
        delta = theta - (Y.swapaxes(1, 2) @ (label / d)[..., None])[..., 0]
        B[i], V[i] = (delta**2 * l).sum(1).mean(), (weight / d**2).sum(1).mean()
    return B, V
