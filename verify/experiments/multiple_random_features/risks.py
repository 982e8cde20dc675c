"""(DR1), (DR3), (DR4), measured: the risk at sizes that keep all ratios, on Gaussian rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np

from theory import registry
from theory.mathematics.deterministic_equivalent import Spectrum, equivalent
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.multiple_random_features.configuration import MULTIPLES
from verify.experiments.multiple_random_features.setting import (
    Moments,
    Risks,
    Setting,
    exact,
    gaussian,
)
from verify.judging.sample import Sample


def sizes(setting: Setting) -> tuple[np.ndarray, np.ndarray, list[tuple[int, ...]]]:
    """d, n and the N_j at each size."""
    at, every = setting.configuration, np.array(MULTIPLES)
    counts = [tuple(multiple * count for count in at.counts) for multiple in MULTIPLES]
    return at.dimension * every, at.rows * every, counts


def limits(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR1): risk, bias and variance, (sizes, draws), over fresh weights and rows."""
    at, (ds, ns, counts) = setting.configuration, sizes(setting)
    found = np.zeros((len(ds), at.draws, len(Risks._fields)))
    for size, (d, n, N) in enumerate(zip(ds, ns, counts, strict=True)):
        rng = setting.rng("limits", size)
        for draw in range(at.draws):
            features = setting.features(d, N, rng)
            found[size, draw] = once(features, n, gaussian(features), at.ridge, rng)
            tell(size + (draw + 1) / at.draws, len(ds))
    bias, variance, constant = np.moveaxis(found, -1, 0)
    risk = at.signal**2 * bias + at.noise**2 * variance + at.offset**2 * constant
    fixed = setting.limit()
    values = {
        "K": len(setting.kinds), "d": ds, "c": setting.c, "lam": at.ridge, "psi": setting.psi,
        "a": setting.a, "b": setting.b, "q": float(fixed.q), "s": float(fixed.s),
    }  # fmt: skip
    target = {
        "F_0": at.offset, "F_1": at.signal, "tau": at.noise,
        "mu_0": float(np.abs([kind.hermite[0] for kind in setting.kinds]).max()),
    }  # fmt: skip
    samples = {
        "risk": Sample(risk, values | target), "bias": Sample(bias, values),
        "variance": Sample(variance, values),
    }  # fmt: skip
    right = {"risk": fixed.risk(at.signal, at.noise), "bias": fixed.bias,
             "variance": fixed.variance}  # fmt: skip
    means = {name: sample.values for name, sample in samples.items()}
    return Measured(samples, against_size(setting, ds, means, right, "their limit"))


def given(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR3): bias and variance, (sizes, draws), over fresh rows, with one W_0 at each size."""
    at, (ds, ns, counts) = setting.configuration, sizes(setting)
    found = np.zeros((len(ds), at.draws, len(Risks._fields)))
    padded = np.zeros((2, len(ds), sum(counts[-1])))
    kappas = []
    for size, (d, n, N) in enumerate(zip(ds, ns, counts, strict=True)):
        rng = setting.rng("given", size)
        features = setting.features(d, N, rng)
        moments = gaussian(features)
        omega, C_sq = spectrum(moments)
        padded[:, size, : len(omega)] = omega, C_sq
        kappas.append(float(equivalent(n, at.ridge, Spectrum(omega)).kappa))
        for draw in range(at.draws):
            found[size, draw] = once(features, n, moments, at.ridge, rng)
            tell(size + (draw + 1) / at.draws, len(ds))
    values = {
        "t": np.arange(len(ds)), "d": ds, "n": ns, "N": np.array([sum(N) for N in counts]),
        "lam": at.ridge, "kap": np.array(kappas), "omega": padded[0],
    }  # fmt: skip
    bias = Sample(found[..., 0], values | {"C_sq": padded[1]})
    variance = Sample(found[..., 1], values)
    right = {"bias": law("bias", bias.symbols), "variance": law("variance", values)}
    means = {"bias": bias.values, "variance": variance.values}
    curve = against_size(setting, ds, means, right, "their law given $W_0$")
    return Measured({"bias_given": bias, "variance_given": variance}, curve)


def ridgeless(setting: Setting) -> Sample:
    """(DR4): the variance at lam = 0, (sizes, draws)."""
    at, (ds, ns, counts) = setting.configuration, sizes(setting)
    found = np.zeros((len(ds), at.draws))
    for size, (d, n, N) in enumerate(zip(ds, ns, counts, strict=True)):
        rng = setting.rng("ridgeless", size)
        for draw in range(at.draws):
            features = setting.features(d, N, rng)
            found[size, draw] = once(features, n, gaussian(features), 0.0, rng).variance
    values = {"d": ds, "total": float(setting.psi.sum()), "c": setting.c, "b_min": setting.b.min()}
    return Sample(found, values)


def once(features: Any, n: int, of: Moments, lam: float, rng: np.random.Generator) -> Risks:
    """The exact risk for fresh Gaussian rows."""
    X = rng.standard_normal((n, features.Theta.shape[1]))
    return exact(X, features(X), of, lam)


def spectrum(of: Moments) -> tuple[np.ndarray, np.ndarray]:
    """omega_i and ||u_i^T V||^2: (N,) each."""
    omega, u = np.linalg.eigh(of.U)
    return omega.clip(min=0.0), ((u.T @ of.V) ** 2).sum(1)


def law(of: str, values: Mapping[str, Any]) -> np.ndarray:
    """(DR3), the bias or the variance."""
    return np.asarray(registry.claim(f"features/given-weights/{of}").evaluate(values).bound)


def against_size(
    setting: Setting,
    ds: np.ndarray,
    values: Mapping[str, np.ndarray],
    right: Mapping[str, np.ndarray],
    words: str,
) -> Trajectory:
    """How far means are from their limits, by the size, and what falls like 1/d."""
    ratios = {name: found / np.reshape(right[name], (-1, 1)) for name, found in values.items()}
    series = {name: np.abs(ratio.mean(1) - 1) for name, ratio in ratios.items()}
    first = max(float(excess[0]) for excess in series.values())
    count = max(1, setting.configuration.draws - 1)
    return Trajectory(
        "dimension", ds, {**series, "order": first * ds[0] / ds},
        errors={name: ratio.std(1) / math.sqrt(count) for name, ratio in ratios.items()},
        labels={**{name: f"mean {name}" for name in series}, "order": "1/d"},
        axis="input dimension $d$, all ratios kept", quantity=r"$|R/R_\infty - 1|$",
        title=drawn(setting, f"distance of risks from {words}"),
    )  # fmt: skip


def drawn(setting: Setting, words: str, data: str = "Gaussian rows") -> str:
    """The heading of a picture."""
    at = setting.configuration
    return heading(words, data, {"n": at.rows, r"\lambda": at.ridge,
                                                  r"\tau": at.noise})  # fmt: skip


def trials(setting: Setting, tell: Progress) -> Iterator[int]:
    """0, 1, ..., draws - 1, with the progress told."""
    for draw in range(setting.configuration.draws):
        yield draw
        tell(draw + 1, setting.configuration.draws)
