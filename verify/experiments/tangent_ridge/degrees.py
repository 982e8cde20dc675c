"""(NT7) to (NT9), measured: infinitely many neurons, polynomials, the self-induced ridge."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.mathematics.deterministic_equivalent import Equivalent, Spectrum, equivalent
from theory.mathematics.gegenbauer import cosines, multiplicities, polynomials, series
from theory.mathematics.tangent import overlap, squared_norm, step_kernel
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.tangent_ridge.setting import (
    Array,
    Rows,
    Setting,
    Sphere,
    on_sphere,
    solved,
    spectrum,
    target,
)
from verify.judging.sample import Sample

SCALES = np.array([1, 2, 4])
"""Dimensions of (NT8), over that of the options."""

GRID = 25
"""Numbers of samples in the picture, and of the sandwich."""

NETWORKS = 20
"""Of (NT9), at most."""


def kernels(X: Array) -> Array:
    """K of unit rows X (..., n, d)."""
    T = X @ np.swapaxes(X, -1, -2)
    return step_kernel(np.where(np.eye(X.shape[-2], dtype=bool), 1.0, T))


def self_induced(d: int, l: int) -> float:  # noqa: E741 - the degree of the theorem
    """gamma_{>l}."""
    return 0.5 - float(spectrum(d)[0][: l + 1].sum())


def parted(gamma: Array, l: int) -> tuple[Array, Array]:  # noqa: E741
    """Coefficients up to degree l, and above; 0 elsewhere."""
    low = np.where(np.arange(len(gamma)) <= l, gamma, 0.0)
    return low, gamma - low


def shared(setting: Setting) -> dict[str, Any]:
    """Symbols of claims on degrees."""
    c, rows = setting.configuration, setting.rows
    gamma, B = spectrum(rows.d)
    return {
        "n": rows.n, "d": rows.d, "l": c.degree, "top": len(gamma) - 1, "gamma": gamma, "B": B,
        "lambda": c.ridge, "tau_sq": c.noise**2, "F": setting.energies,
    }  # fmt: skip


def moments(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT7): moments of Delta, and the least eigenvalue of K, over draws of rows."""
    c, rows = setting.configuration, setting.rows
    low, _ = parted(spectrum(rows.d)[0], c.degree)
    t, weights = cosines(rows.d)
    m_4 = float(weights @ (step_kernel(t) - series(rows.d, low, t)) ** 4)
    second, fourth, least = [], [], []
    rng = setting.rng("designs")
    some = max(1, 2_000_000 // rows.n**2)
    off = ~np.eye(rows.n, dtype=bool)
    for first in range(0, c.designs, some):
        X = on_sphere(rng, min(some, c.designs - first), rows.n, rows.d)
        T = X @ np.swapaxes(X, -1, -2)
        Delta = np.where(off, step_kernel(T) - series(rows.d, low, T), 0.0)
        square = Delta @ Delta
        second.append(np.trace(square, axis1=-2, axis2=-1))
        fourth.append((square**2).sum((-1, -2)))
        least.append(np.linalg.eigvalsh(kernels(X))[:, 0])
    symbols = {**shared(setting), "m_4": m_4}
    samples = {
        "second_moment": Sample(np.concatenate(second), symbols),
        "fourth_moment": Sample(np.concatenate(fourth), symbols),
        "least_of_K": Sample(np.concatenate(least).clip(min=0.0), symbols, scale=0.5),
    }
    return Measured(samples)


def polynomial(setting: Setting, rows: Rows, y: Array, *, plain: bool = False) -> Array:
    """alpha_l, the coefficients of polynomial ridge with the self-induced term, or without."""
    d, degree = rows.d, setting.configuration.degree
    low, _ = parted(spectrum(d)[0], degree)
    more = 0.0 if plain else self_induced(d, degree)
    return solved(series(d, low, rows.T), setting.lam + more, y)


def energies_on(rows: Rows, alpha: Array, alpha_l: Array, l: int) -> Array:  # noqa: E741
    """a_k^T Q_k(T) a_k with a_k = alpha - alpha_l for k <= l and alpha beyond, (degrees,)."""
    Q = polynomials(rows.d, len(spectrum(rows.d)[0]) - 1, rows.T)
    rest = alpha - alpha_l
    return np.array([
        max(0.0, float(rest @ Q[k] @ rest if k <= l else alpha @ Q[k] @ alpha))
        for k in range(len(Q))
    ])  # fmt: skip


def at_inputs(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT7): squared distances and errors at uniform new inputs, (inputs,)."""
    c, rows, alpha = setting.configuration, setting.rows, setting.alpha
    low, _ = parted(spectrum(rows.d)[0], c.degree)
    alpha_l = polynomial(setting, rows, setting.y)
    Z = on_sphere(setting.rng("new inputs"), c.inputs, rows.d)
    t = Z @ rows.X.T
    learnt, poly = step_kernel(t) @ alpha, series(rows.d, low, t) @ alpha_l
    F = setting.energies
    f_star = target(rows.X, setting.u, F)
    symbols = {
        **shared(setting), "h": energies_on(rows, alpha, alpha_l, c.degree),
        "a": energies_on(rows, alpha, alpha_l, -1), "c_k": f_star @ alpha,
    }  # fmt: skip
    errors = (learnt - target(Z, setting.u, F).sum(0)) ** 2
    samples = {
        "distance_at_inputs": Sample((learnt - poly) ** 2, symbols),
        "error_at_inputs": Sample(errors, symbols),
    }
    return Measured(samples)


def distances(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT7): the distance to polynomial ridge and its certificate, (designs,).

    New rows, with labels of the same law, for every design.
    """
    c, rng, F = setting.configuration, setting.rng("distances"), setting.energies
    n, d = setting.rows.n, setting.rows.d
    gamma, B = spectrum(d)
    low, high = parted(gamma, c.degree)
    tail = self_induced(d, c.degree)
    found: dict[str, list[float]] = {}
    for _ in range(c.designs):
        rows = Rows(on_sphere(rng, n, d))
        f_star = target(rows.X, setting.u, F)
        y = f_star.sum(0) + c.noise * rng.standard_normal(n)
        alpha, alpha_l = solved(rows.K, c.ridge, y), polynomial(setting, rows, y)
        plain = polynomial(setting, rows, y, plain=True)
        M_high, M_low = (series(d, part**2 / B, rows.T) for part in (high, low))
        Delta = rows.K - series(d, low, rows.T) - tail * np.eye(n)
        rest = alpha - alpha_l

        def risk(a_high: Array, a_low: Array, learnt: Array, M: Array = M_high,
                 M_l: Array = M_low) -> float:  # fmt: skip
            return float(a_high @ M @ a_high + a_low @ M_l @ a_low - 2 * learnt.sum() + F.sum())

        one = {
            "values": float(alpha @ M_high @ alpha + rest @ M_low @ rest),
            "alpha_sq": float(alpha @ alpha), "norm_M": float(np.linalg.norm(M_high, 2)),
            "norm_D": float(np.linalg.norm(Delta, 2)),
            "R_K": risk(alpha, alpha, gamma / B * (f_star @ alpha)),
            "R_poly": risk(0 * alpha, alpha_l, low / B * (f_star @ alpha_l)),
            "R_plain": risk(0 * alpha, plain, low / B * (f_star @ plain)),
        }  # fmt: skip
        for name, value in one.items():
            found.setdefault(name, []).append(value)
    known = {name: np.array(values) for name, values in found.items()}
    of_rows = {name: known[name] for name in ("alpha_sq", "norm_M", "norm_D", "R_poly")}
    symbols = {**shared(setting), **of_rows, "mu_max": float((low / B).max()), "C": c.constant}
    samples = {
        "distance": Sample(known["values"], symbols),
        "risk_of_kernel": Sample(known["R_K"], symbols),
    }
    risks = {
        "infinitely many neurons": known["R_K"].mean(),
        "polynomials with the self-induced ridge": known["R_poly"].mean(),
        "polynomials without it": known["R_plain"].mean(),
    }
    return Measured(samples, notes={"mean_risks": {k: float(v) for k, v in risks.items()}})


def sizes(setting: Setting) -> list[tuple[int, int]]:
    """(n, d) of (NT8)."""
    rows, growth = setting.rows, setting.configuration.growth
    return [(int(rows.n * scale**growth), int(rows.d * scale)) for scale in SCALES]


def fixed_point(
    n: Array | float,
    d: int,
    lam: Array | float,
    l: int | None = None,  # noqa: E741
) -> Equivalent:
    """The law for n rows; with l for degrees up to it, without the ones above."""
    gamma, B = spectrum(d)
    tail = 0.5 - float(gamma.sum()) if l is None else 0.0
    kept = slice(None) if l is None else slice(l + 1)
    return equivalent(n, lam, Spectrum(gamma[kept] / B[kept], B[kept], max(0.0, tail)))


def mean_risk(X: Array, lam: float, F: Array, tau_sq: float) -> float:
    """R_KRR given unit rows X (n, d), its mean over targets and noise."""
    d, rows = X.shape[1], Rows(X)
    gamma, B = spectrum(d)
    S = np.linalg.pinv(rows.K + lam * np.eye(len(X)), hermitian=True)
    SMS = S @ Sphere().gram(rows) @ S
    total = tau_sq * float(np.trace(SMS))
    top = int(max(np.flatnonzero(F), default=0))
    for k, Q in enumerate(polynomials(d, top, rows.T)):
        total += F[k] * (1 - 2 * gamma[k] / B[k] * float((S * Q).sum()) + float((SMS * Q).sum()))
    return total


def laws(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT8): mean risks over growing sizes, (sizes, designs), and their law."""
    c, values, kap, tops = setting.configuration, [], [], []
    for at, (n, d) in enumerate(sizes(setting)):
        rng, F = setting.rng("law", n, d), np.array([0.0, c.linear, c.quadratic])
        values.append([
            mean_risk(on_sphere(rng, n, d), c.ridge, F, c.noise**2) for _ in range(c.designs)
        ])  # fmt: skip
        kap.append(float(fixed_point(n, d, c.ridge).kappa))
        tops.append(len(spectrum(d)[0]))
        tell(at + 1, len(SCALES))
    top = max(tops)
    gamma = np.array([_padded(spectrum(d)[0], top) for _, d in sizes(setting)]).T
    B = np.array([multiplicities(d, top - 1) for _, d in sizes(setting)]).T
    symbols = {
        "n": np.array([n for n, _ in sizes(setting)]), "at": np.arange(len(SCALES)),
        "top": top - 1, "gammas": gamma, "B_by_size": B, "F": _padded(setting.energies, top),
        "kap": np.array(kap), "lambda": c.ridge, "tau_sq": c.noise**2,
    }  # fmt: skip
    return Measured({"mean_risk": Sample(np.array(values), symbols)}, staircase(setting))


def _padded(values: Array, count: int) -> Array:
    return np.concatenate([values, np.zeros(count - len(values))])


def staircase(setting: Setting) -> Trajectory:
    """The picture: risk over log n/log d; of the kernel, and of polynomials by degree."""
    c, d, F = setting.configuration, setting.rows.d, setting.energies
    x = np.linspace(0.3, 2.6, GRID)
    n = np.round(d**x)
    tau_sq = c.noise**2

    def risk(law: Equivalent) -> Array:
        energies = F[: len(law.spectrum.values)].copy()
        left = F.sum() - energies.sum()
        with np.errstate(divide="ignore", invalid="ignore"):  # as many samples as dimensions
            return np.asarray(law.bias(energies) + left / (1 - law.g) + tau_sq * law.variance)

    series = {"kernel": risk(fixed_point(n, d, c.ridge))}
    labels = {"kernel": "infinitely many neurons, law"}
    for l in (0, 1, 2):  # noqa: E741
        series[f"degree {l}"] = risk(fixed_point(n, d, c.ridge + self_induced(d, l), l))
        labels[f"degree {l}"] = f"degree {l} and its self-induced ridge, law"
    series["plain"] = risk(fixed_point(n, d, c.ridge, 1))
    labels["plain"] = "degree 1 without it, law"
    title = heading("kernel ridge", setting.configuration.data, {
        "d": d, r"\lambda": c.ridge, "F_1": c.linear, "F_2": c.quadratic, r"\tau": c.noise,
    })  # fmt: skip
    return Trajectory("log n/log d", np.log(n) / np.log(d), series, labels=labels, title=title,
                      axis=r"$\log n/\log d$", quantity="risk")  # fmt: skip


def sandwich(setting: Setting) -> Sample:
    """(NT8): kap between two values of polynomial ridge, for many n, (n,)."""
    c, d = setting.configuration, setting.rows.d
    gamma, B = spectrum(d)
    n = np.unique(np.round(np.geomspace(1, setting.rows.n * d, GRID)))
    kap, tail = fixed_point(n, d, c.ridge).kappa, self_induced(d, c.degree)
    mu = float((gamma / B)[c.degree + 1 :].max())
    most = fixed_point(n, d, c.ridge + tail, c.degree).kappa
    least = fixed_point(n, d, c.ridge + tail * kap / (kap + mu), c.degree).kappa
    return Sample(kap, {"kap_l": most, "kap_less": least})


def harmonics(setting: Setting) -> Sample:
    """(NT9): mean of R_N over targets of one degree, (networks,), exact given the neurons."""
    c, rows = setting.configuration, setting.rows
    B_k = float(multiplicities(rows.d, c.harmonic)[-1])
    found = []
    for W in setting.drawn("harmonics", min(c.networks, NETWORKS), c.neurons):
        for w, S in zip(W, rows.active(W), strict=True):
            K = np.broadcast_to(rows.of_neurons(S), (rows.n, rows.n, rows.n))
            A = solved(K, c.ridge, np.eye(rows.n)).T
            found.append(over_targets(rows, w, S, A, c.harmonic))
    symbols = {"n": rows.n, "d": rows.d, "N": c.neurons, "B_k": B_k}
    return Sample(np.array(found), symbols, scale=1.0)


def over_targets(rows: Rows, w: Array, S: Array, A: Array, degree: int) -> float:
    """The mean risk of k_N(x)^T A y over targets of norm 1 and one degree; A (n, n)."""
    one = np.eye(degree + 1)[degree]
    size, V = np.linalg.eigh(series(rows.d, one, rows.T))
    root = V * np.sqrt(size.clip(min=0.0))  # labels have the covariance Q_k(T)
    norms = squared_norm(w[None], rows.weights(S[None], (A @ root).T)).sum()
    each = rows.weights(S[None], A.T)
    crossed = np.trace(overlap(np.broadcast_to(w, each.shape), each, rows.X, one))
    return float(1 - 2 * crossed + norms)
