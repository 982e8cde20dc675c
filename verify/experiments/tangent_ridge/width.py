"""(NT1) to (NT4), measured: the kernel of N neurons, its rank, its least eigenvalue."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
from scipy.optimize import brentq

from theory.mathematics.deterministic_equivalent import Spectrum
from theory.mathematics.deterministic_equivalent import edge as lower_edge
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.tangent_ridge.setting import Array, Rows, Setting, on_sphere
from verify.judging.sample import Sample

PAIRS = 20
"""Pairs of rows that are looked at, at most."""

NETWORKS = 6
"""Whose labels are learnt, at most."""

SUPPORTS = 6
"""Sets of samples that one neuron sees, of each network."""

TIMES = 8
"""Steps at which the training error is looked at."""

PICTURE, WIDTHS = 12, 12
"""Draws, and widths, in the picture."""

TO, POINTS, ZOOMS = 8.0, 33, 3
"""The logarithm of theta, over its natural size, is at most so far from 0; points of a grid."""


def activities(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT1), and samples that no neuron sees."""
    c, rows = setting.configuration, setting.rows
    first, second = np.triu_indices(rows.n, 1)
    some = setting.rng("pairs").permutation(len(first))[:PAIRS]
    first, second = (first[some], second[some]) if len(some) else (np.array([0]), np.array([0]))
    shares: list[Array] = []
    squares: list[Array] = []
    dead: list[Array] = []
    for W in setting.drawn("activities", c.networks, c.neurons):
        S = rows.active(W)
        shares.append((S[:, first] * S[:, second]).mean(-1))
        squares.append(((rows.of_neurons(S) - rows.K) ** 2).sum((-1, -2)))
        dead.append((~S.any(axis=-1)).sum(-1))
    shared = {"n": rows.n, "N": c.neurons, "T": rows.T, "angles": rows.angles}
    found = {
        "both_active": Sample(
            np.concatenate(shares).T, {**shared, "angle": rows.angles[first, second]}
        ),
        "fluctuation": Sample(np.concatenate(squares), shared),
        "dead": Sample(np.concatenate(dead).astype(float), shared),
    }
    return Measured(found)


def ranks(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT2): ranks, of the rows at hand and of Gaussian ones; bounds by sets of samples."""
    c, rows, rng = setting.configuration, setting.rows, setting.rng("generic rows")
    of_rows: list[Array] = []
    generic: list[Array] = []
    part: list[Array] = []
    seen: list[Array] = []
    for W in setting.drawn("ranks", c.networks, c.neurons):
        S = rows.active(W)
        of_rows.append(rank(rows.features(S)))
        fresh = Rows(on_sphere(rng, rows.n, rows.d))
        generic.append(rank(fresh.features(S)))
        chosen = sets(S)
        part.append(chosen.sum(-1))
        seen.append(rank(chosen[..., None] * S[None]))
    found = np.concatenate(of_rows)
    shared = {"n": rows.n, "d": rows.d}
    parts = np.concatenate(part, 1)
    by_parts = {**shared, "part": parts, "seen": np.concatenate(seen, 1)}
    symbols = {"generic_rank": np.concatenate(generic), "density": int(c.uniform)}
    repeated = np.broadcast_to(found, parts.shape).astype(float)
    samples = {
        "rank": Sample(found.astype(float), symbols),
        "rank_by_parts": Sample(repeated, by_parts),
    }
    return Measured(samples, transition(setting))


def sets(S: Array) -> Array:
    """0/1 indicators (sets, networks, n): the dead, the rest, all, and what a neuron misses."""
    dead = ~S.any(axis=-1)
    missed = [S[..., l % S.shape[-1]] == 0 for l in range(SUPPORTS)]  # noqa: E741
    few = S.sum(-1) <= 1
    return np.array([dead, ~dead, np.ones_like(dead), few, *missed], dtype=float)


def rank(A: Array) -> Array:
    """Of matrices (..., n, m)."""
    return np.asarray(np.linalg.matrix_rank(A))


def transition(setting: Setting) -> Trajectory:
    """The picture: what is left of noise, and the least eigenvalue, over N d/n."""
    rows = setting.rows
    last = max(WIDTHS, math.ceil(16 * rows.n / rows.d))
    widths = np.unique(np.geomspace(1, last, WIDTHS).astype(int))
    left, least, dead = [], [], []
    for N in widths:
        parts = [rows.active(W) for W in setting.drawn("picture", PICTURE, int(N))]
        mu = np.concatenate([np.linalg.eigvalsh(rows.of_neurons(S)) for S in parts])
        left.append((mu < 1e-12 * mu[:, -1:]).mean())
        least.append(mu[:, 0].clip(min=0).mean() / max(rows.eigenvalues[0], 1e-300))
        dead.append(np.concatenate([~S.any(axis=-1) for S in parts]).mean())
    series = {"left": np.array(left), "least": np.array(least), "dead": np.array(dead)}
    labels = {
        "left": "training error of noise, over its variance",
        "least": r"$\lambda_{\min}(K_N)/\lambda_{\min}(K)$",
        "dead": "share of samples that no neuron sees",
    }
    title = heading("tangent features", setting.configuration.data,
                    {"n": rows.n, "d": rows.d})  # fmt: skip
    axis = r"features per sample $Nd/n$"
    x = widths * rows.d / rows.n
    return Trajectory("Nd/n", x, series, labels=labels, axis=axis, quantity="share", title=title)


def noise(setting: Setting, purpose: str) -> Array:
    """Labels without a target, (labels, n)."""
    c = setting.configuration
    return np.asarray(c.noise * setting.rng(purpose).standard_normal((c.labels, setting.rows.n)))


def memorised(setting: Setting) -> Sample:
    """(NT2): the training error at convergence, (networks, labels)."""
    c, rows = setting.configuration, setting.rows
    errors: list[Array] = []
    found: list[int] = []
    for W in setting.drawn("memorised", min(c.networks, NETWORKS), c.neurons):
        for one in rows.features(rows.active(W)):
            y = noise(setting, f"labels {len(errors)}").T
            left = y - one @ np.linalg.lstsq(one, y, rcond=None)[0]
            errors.append((left**2).mean(0))
            found.append(int(rank(one)))
    symbols = {"n": rows.n, "tau_sq": c.noise**2, "rank": np.array(found)}
    return Sample(np.array(errors), symbols, trivial=c.noise**2, scale=c.noise**2)


def on_the_way(setting: Setting) -> Sample:
    """(NT2): the training error of gradient descent, (times, labels)."""
    c, rows = setting.configuration, setting.rows
    S = rows.active(next(setting.drawn("on the way", 1, c.neurons)))
    K, y = rows.of_neurons(S)[0], noise(setting, "on the way")
    top = float(np.linalg.norm(K, 2))
    eta = c.step / top if top else 1.0
    times = np.unique(np.geomspace(1, c.steps, TIMES).astype(int))
    coefficients, errors = np.zeros_like(y), []
    for t in range(1, c.steps + 1):
        coefficients = coefficients + eta * (y - coefficients @ K)
        if t in times:
            errors.append(((y - coefficients @ K) ** 2).mean(1))
    symbols = {"n": rows.n, "tau_sq": c.noise**2, "rank": int(rank(rows.features(S)[0]))}
    return Sample(np.array(errors), symbols)


def eigenvalues(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(NT3), and the published form, at the width that the data asks for."""
    c, rows = setting.configuration, setting.rows
    tropp, chernoff, theta = needed(rows, c.epsilon, c.delta)
    N_star = min(tropp, chernoff)
    N = c.enough or (N_star if np.isfinite(N_star) else c.neurons)
    N, least = int(N), list[Array]()
    for W in setting.drawn("eigenvalues", c.networks, N):
        least.append(np.linalg.eigvalsh(rows.of_neurons(rows.active(W)))[:, 0])
    found, lam_K = np.concatenate(least), float(rows.eigenvalues[0])
    s = np.linalg.eigvalsh(theta * rows.K - theta**2 / 2 * rows.E2)
    symbols = {
        "n": rows.n, "d": rows.d, "N": N, "lambda_K": lam_K, "theta": theta, "s": s,
        "norm_T": rows.norm_T, "epsilon": c.epsilon, "delta": c.delta, "C": c.constant,
    }  # fmt: skip
    held = (found >= (1 - c.epsilon) * lam_K).astype(float)
    samples = {
        "least_eigenvalue": Sample(held, symbols),
        "lambda_min": Sample(found, symbols, scale=1.0),
    }
    notes = {"N_star": {"master bound": tropp, "Chernoff": chernoff}}
    return Measured(samples, notes=notes)


def needed(rows: Rows, epsilon: float, delta: float) -> tuple[float, float, float]:
    """N* by the master bound and by Chernoff (inf: never), and the theta of the first."""
    lam_K = float(rows.eigenvalues[0])
    if not lam_K > 1e-14 * rows.n:
        return math.inf, math.inf, 1.0
    power = epsilon + (1 - epsilon) * math.log1p(-epsilon)
    chernoff = math.ceil(rows.norm_T * math.log(rows.n / delta) / (lam_K * power) * (1 + 1e-12))
    natural = lam_K / float(np.linalg.norm(rows.E2, 2))

    def width(log_theta: float) -> float:
        theta = natural * math.exp(log_theta)
        s = np.linalg.eigvalsh(theta * rows.K - theta**2 / 2 * rows.E2)
        return _width(s - theta * (1 - epsilon) * lam_K, delta)

    best, step = 0.0, TO
    for _ in range(ZOOMS):
        grid = best + np.linspace(-step, step, POINTS)
        best, step = float(grid[int(np.argmin([width(x) for x in grid]))]), 2 * step / (POINTS - 1)
    N = width(best)
    return (math.ceil(N) if np.isfinite(N) else N), chernoff, natural * math.exp(best)


def _width(gaps: Array, delta: float) -> float:
    """The N with sum_i exp(-N gap_i) = delta; inf unless all gaps are positive."""
    least = float(gaps.min())
    if not least > 0:
        return math.inf

    def excess(N: float) -> float:
        return float(np.log(np.exp(-N * (gaps - least)).sum()) - N * least - math.log(delta))

    top = math.log(len(gaps) / delta) / least
    return top if excess(top) >= 0 else float(brentq(excess, 0.0, top))


def edges(setting: Setting) -> Sample:
    """(NT4): the least eigenvalue of uniform rows, (sizes, draws), dimension doubling."""
    c, n, d = setting.configuration, setting.rows.n, setting.rows.d
    found, edge = [], []
    scales = np.array([1, 2, 4])
    for scale in scales:
        rows = Rows(on_sphere(setting.rng("edge", scale), scale * n, scale * d))
        count = c.neurons * rows.d
        edge.append(-float(lower_edge(count, Spectrum(rows.eigenvalues))[0]) / count)
        rng = setting.rng("edge neurons", scale)
        found.append([
            np.linalg.eigvalsh(rows.of_neurons(rows.active(W)))[0]
            for W in (rng.standard_normal((c.neurons, rows.d)) for _ in range(c.draws))
        ])  # fmt: skip
    symbols: dict[str, Any] = {
        "n": scales * n, "d": scales * d, "N": c.neurons, "edge": np.array(edge),
        "uniform": int(c.uniform),
    }  # fmt: skip
    return Sample(np.array(found), symbols)
