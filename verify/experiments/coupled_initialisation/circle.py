"""(A.15) to (A.17), measured: points on the circle with alternating labels, and their networks."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import torch

from theory.mathematics.kernels import limiting_kernels
from verify.experiments.coupled_initialisation.setting import Setting, parts
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_curves
from verify.judging.sample import Sample
from verify.judging.seeds import numpy_generator
from verify.training.gradient_descent import LOGISTIC, Network, iterates, margin
from verify.training.gradient_descent.network import gaussian

OF_CIRCLE = {"sign_changes", "width_that_fits", "circle_margin", "slope_of_features"}

DRAWS, TRAINED = 4, 8
"""Draws of features in the mean of a sweep; networks of every width that are trained."""

LOOKS = 4001
"""Points of the circle at which signs are looked at, besides the kinks: a prime."""

MOST = 16
"""Pairs over points beyond which features are not looked for."""

RANDOM = 200
"""Networks of random weights, and their widths 1, ..., 20."""

SHARPEST = (6, 8, 10, 12, 16)
"""Widths at which a network of 2m sign changes is made."""


@dataclass(frozen=True, eq=False)
class Networks:
    """Some networks: W (networks, m, 2), s (networks, m), their points n, their risks."""

    W: np.ndarray
    s: np.ndarray
    m: np.ndarray
    n: np.ndarray
    risk: np.ndarray


def circle(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n equally spaced points (n, 2), and alternating labels."""
    angles = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angles), np.sin(angles)]), np.where(np.arange(n) % 2, -1.0, 1.0)


def sizes(fewest: int, most: int) -> list[int]:
    """fewest times 1, 3/2, 2, 3, 4, 6, ... up to `most`."""
    powers = range(most.bit_length())
    return sorted(n for i in powers for n in (fewest << i, 3 * fewest << i >> 1) if n <= most)


def sign_changes(W: np.ndarray, s: np.ndarray) -> int:
    """How often the signs of f change round the circle, as far as is looked: at least so often."""
    kinks = np.arctan2(W[:, 1], W[:, 0])[:, None] + np.array([0.5, -0.5]) * np.pi
    angles = np.concatenate([2 * np.pi * np.arange(LOOKS) / LOOKS, kinks.ravel()])
    angles = np.sort(angles % (2 * np.pi))
    z = np.column_stack([np.cos(angles), np.sin(angles)]) @ W.T
    f = np.maximum(z, 0.0) @ s
    zero = 1e-12 * (np.linalg.norm(W, axis=1) @ np.abs(s))
    signs = np.sign(f[np.abs(f) > zero])
    return int((signs != np.roll(signs, 1)).sum())


def sharpest(m: int) -> tuple[np.ndarray, np.ndarray]:
    """W (m, 2) and s (m,) of 2m sign changes, for an even m >= 6.

    Equally spaced lines, sides +--+, sizes as near to 1 as sum_r s_r w_r = 0 lets them be.
    """
    angles = np.pi * (np.arange(m) / m + 0.5)
    u = np.column_stack([np.cos(angles), np.sin(angles)])
    u *= np.array([1.0, -1.0, -1.0, 1.0])[np.arange(m) % 4, None]
    size = 1 - u @ np.linalg.solve(u.T @ u, u.sum(0))
    signs = np.where(np.arange(m) % 2, -1.0, 1.0)
    return signs[:, None] * u * size[:, None], signs


def made(setting: Setting) -> list[Networks]:
    """The sharpest, which fit n = 2m points, and random ones."""
    found = []
    for m in SHARPEST:
        W, s = sharpest(m)
        X, labels = circle(2 * m)
        f = np.maximum(X @ W.T, 0.0) @ s
        labels = labels * np.sign(labels @ f)
        s = s * 40 / np.abs(f).min()
        found.append(_networks(W[None], s[None], X, labels))
    rng = numpy_generator("circle", setting.salt)
    for m in range(1, 21):
        W, s = rng.normal(size=(RANDOM // 20, m, 2)), rng.normal(size=(RANDOM // 20, m))
        found.append(_networks(W, s, *circle(4)))
    return found


def _networks(W: np.ndarray, s: np.ndarray, X: np.ndarray, labels: np.ndarray) -> Networks:
    f = (np.maximum(X @ np.swapaxes(W, -1, -2), 0.0) @ s[..., None])[..., 0]
    risk = np.logaddexp(0.0, -labels * f).mean(-1)
    count = np.full(len(W), 1)
    return Networks(W, s, (s != 0).sum(-1), len(X) * count, risk)


def trained(setting: Setting, n: int) -> Networks:
    """Coupled pairs, N from n/8 to 2n, at kappa = 1 on the logistic risk of n points.

    The pairs of a narrow network are the first ones of a wide one; the rest have s = 0.
    """
    configuration, (X, labels) = setting.configuration, map(torch.tensor, circle(n))
    pairs = np.unique(np.ceil(n / 8 * 2 ** (np.arange(9) / 2)).astype(int))
    most = int(pairs[-1])
    salts = setting.salts(f"circle {n}", TRAINED)
    Z = torch.stack([gaussian(X, most, salt) for salt in salts]).repeat_interleave(2, -1)
    signs = torch.tensor([1.0, -1.0], dtype=X.dtype).repeat(most)
    held = torch.tensor(np.arange(2 * most) < 2 * pairs[:, None])
    s = (signs * held / torch.tensor(2.0 * pairs[:, None]).sqrt()).repeat_interleave(TRAINED, 0)
    network = Network(X, Z.repeat(len(pairs), 1, 1), s)
    eta = configuration.logistic_step * n
    for now in iterates(network, labels, eta, configuration.circle_steps, LOGISTIC):
        risk = LOGISTIC.reported(now.outputs, labels)
        if (risk < math.log(2) / n).all():
            break
    W = (network.Z_0 + now.d).mT @ X * (2 / n)  # X^T X = (n/2) I
    m = np.repeat(2 * pairs, TRAINED)
    return Networks(W.numpy(), s.numpy(), m, np.full(len(m), n), risk.numpy())


def least_fitting(found: Networks) -> np.ndarray:
    """The smallest width that fits, by initialisation (TRAINED,); infinite where none does."""
    fits = np.where(found.risk < math.log(2) / found.n, found.m, np.inf)
    return np.asarray(fits.reshape(-1, TRAINED).min(0))


def least_separable(X: np.ndarray, labels: np.ndarray, salt: str) -> float:
    """The smallest number of random pairs whose features have a margin, by bisection."""
    active = (gaussian(torch.tensor(X), MOST * len(X), salt) > 0).double().numpy()
    G = X @ X.T

    def fits(N: int) -> bool:
        H = active[:, :N] @ active[:, :N].T / N * G
        return margin(H, labels).low > 0

    low, high = 0, len(X)
    while not fits(high):
        low, high = high, 2 * high
        if high > active.shape[1]:
            return math.inf
    while high - low > 1:
        N = (low + high) // 2
        low, high = (low, N) if fits(N) else (N, high)
    return float(high)


def on_the_circle(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Everything on the circle: margins, networks that are made and trained, slopes of sweeps."""
    c = setting.configuration
    points = sizes(c.circle_fewest, c.circle_most)
    gamma = np.array([margin_of(n) for n in points])
    samples = {"circle_margin": Sample(gamma, {"n": points}, scale=1.0)}
    swept = [n for n in points if n % 4 == 0]
    least: dict[str, np.ndarray] = {}
    if wanted & {"sign_changes", "width_that_fits"}:
        networks = {n: trained(setting, n) for n in points if n <= c.circle_trained}
        samples |= judged([*made(setting), *networks.values()])
        fitting = [least_fitting(networks[n]) for n in swept if n in networks]
        if fitting:
            least["trained"] = np.array(fitting).T
    tell(1, 2)
    if "slope_of_features" in wanted:
        least["separable"] = 2 * np.array([separable(setting, n) for n in swept]).T
    curve, slopes = pictured(setting, np.array(swept), least)
    if "slope_of_features" in wanted:
        symbols = {"fewest": swept[0], "most": swept[-1], "sizes": len(swept)}
        between = parts("coupled/features-power", symbols)
        slope = slopes["separable"]
        inside = (slope >= between["lowest"]) & (slope <= between["highest"])
        samples["slope_of_features"] = Sample(inside.astype(np.float64), symbols)
    notes = {
        f"slope of the width, {name}": dict(zip(("median", "low", "high"), each, strict=True))
        for name, each in curve.details.items()
    }
    return Measured(samples, Trajectory("step", np.arange(2), {}, sweep=curve), notes)


def margin_of(n: int) -> float:
    """gamma_inf of n points."""
    X, labels = circle(n)
    found = margin(limiting_kernels(X)[0], labels)
    return (found.low + found.high) / 2


def judged(networks: list[Networks]) -> dict[str, Sample]:
    """(A.15), (A.17): values of all networks, one after the other."""
    m, n, risk = (
        np.concatenate([getattr(of, name) for of in networks]) for name in ("m", "n", "risk")
    )
    changes = [sign_changes(W, s) for of in networks for W, s in zip(of.W, of.s, strict=True)]
    known = {count: margin_of(count) for count in np.unique(n).tolist()}
    gamma = np.array([known[count] for count in n.tolist()])
    return {
        "sign_changes": Sample(np.array(changes, dtype=np.float64), {"m": m}),
        "width_that_fits": Sample(m.astype(np.float64), {"n": n, "R": risk, "gamma_inf": gamma}),
    }


def separable(setting: Setting, n: int) -> np.ndarray:
    """Means over DRAWS of the smallest number of pairs, (sweeps,)."""
    X, labels = circle(n)
    salts = setting.salts(f"features {n}", setting.configuration.sweeps * DRAWS)
    found = np.array([least_separable(X, labels, salt) for salt in salts])
    return np.asarray(found.reshape(-1, DRAWS).mean(1))


LABELS = {
    "separable": "smallest with separable features",
    "trained": r"smallest that training fits with, $\kappa = 1$",
    "at_least": r"any that fits: $n/2$",
    "enough": r"order of what is enough: $\gamma_\infty^{-2}\log(n/\delta)$",
}
"""What the picture writes."""


def pictured(
    setting: Setting, n: np.ndarray, least: dict[str, np.ndarray]
) -> tuple[Trajectory, dict[str, np.ndarray]]:
    """Medians of smallest widths (draws, sizes) against 1/gamma_inf, and their slopes.

    A row may end early: large problems are not trained on.
    """
    x = np.array([1 / margin_of(count) for count in n.tolist()])
    slopes = {name: slopes_of(x[: found.shape[1]], found) for name, found in least.items()}
    rows = {
        name: np.pad(found, ((0, 0), (0, len(x) - found.shape[1])), constant_values=np.nan)
        for name, found in least.items()
    }
    enough = x**2 * np.log(n / setting.shared["delta"])
    rows |= {"at_least": n[None] / 2, "enough": enough[None]}
    title = "how wide a network must be\npoints on a circle with alternating labels"
    curve = sweep_curves(
        "inverse_margin", x, rows, slopes, labels=LABELS, title=title,
        axis=r"inverse margin $1/\gamma_\infty$", quantity="width $m$",
    )  # fmt: skip
    return curve, slopes
