"""(AL1), (AL2), measured: integrals by quadrature, draws of H(g), networks at the start."""

from __future__ import annotations

import math
from collections.abc import Set

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import ndtr

from theory.theorems.concept_classes.symbols import DEGREES
from verify.experiments.concept_classes.network import output
from verify.experiments.concept_classes.setting import Setting
from verify.experiments.concept_classes.target import EDGE, NODES, WEIGHTS, h
from verify.experiments.kit import Measured, Progress
from verify.judging.sample import Sample

CORRELATIONS = np.array([-1.0, -0.99, -0.6, -0.1, 0.0, 0.3, 0.8, 1.0])
"""rho at which functions are looked at."""

CHUNK = 2_000_000
"""Numbers that are held at a time."""

_x, _w = leggauss(24)
_ends = EDGE * np.concatenate([-(2.0 ** -np.arange(12)), [0.0], 2.0 ** -np.arange(11, -1, -1.0)])
Z = ((_ends[1:] + _ends[:-1])[:, None] / 2 + np.diff(_ends)[:, None] / 2 * _x).ravel()
DENSITY = (np.diff(_ends)[:, None] / 2 * _w).ravel() * np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)
"""A Gaussian, with panels that shrink towards 0, where the step is."""


def represented(phi: np.ndarray, rho: float) -> float:
    """E 1{<g,x> > 0} h(<g,w>) for <x,w> = rho: the mean over the rest of g is a normal tail."""
    rest = math.sqrt(max(1 - rho**2, 0.0))
    with np.errstate(divide="ignore"):
        return float(DENSITY @ (h(phi, Z) * ndtr(rho * Z / rest if rest else np.inf * rho * Z)))


def functions(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL1): (functions, correlations), and pairs of functions (pairs, correlations)."""
    phi = setting.target.phi
    values = np.array([[represented(each, rho) for rho in CORRELATIONS] for each in phi])
    sizes = np.array([math.sqrt(DENSITY @ h(each, Z) ** 2) for each in phi])
    symbols = {f"phi_{k}": phi[:, at, None] for at, k in enumerate(DEGREES)}
    i, j = np.triu_indices(len(phi))
    u, weights = NODES[:, None], np.outer(WEIGHTS, WEIGHTS)
    rho = CORRELATIONS[:, None, None]
    other = rho * u + np.sqrt(1 - rho**2) * NODES
    inner = np.array([
        [(weights * h(phi[a], u) * each).sum() for each in h(phi[b], other)]
        for a, b in zip(i, j, strict=True)
    ])  # fmt: skip
    pairs = {f"phi_{k}": phi[i, at, None] for at, k in enumerate(DEGREES)}
    pairs |= {f"psi_{k}": phi[j, at, None] for at, k in enumerate(DEGREES)}
    shape = np.ones_like(values)
    scale = sizes[i] * sizes[j]
    mean, _ = setting.target.norm_moments()
    return Measured({
        "represented": Sample(values, {**symbols, "rho": CORRELATIONS},
                              scale=sizes[:, None] * shape),
        "inner": Sample(inner, {**pairs, "rho": CORRELATIONS},
                        scale=scale[:, None] * np.ones_like(inner)),
        "B": Sample(np.array([math.sqrt(mean)]), {"terms": setting.target.by_terms}),
    })  # fmt: skip


def norm(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL1): ||H(g)||^2, (1, draws), and (AL2) at points x, by quadrature, (points,)."""
    c, target = setting.configuration, setting.target
    g = setting.rng("norm").standard_normal((c.draws, c.dimension))
    _, variance = target.norm_moments()
    x = setting.inputs("points", c.points)
    half = np.array([target.half_moments(each)[0] for each in x])
    symbols = {**r_of(setting, x), "mixed": int(target.mixed)}
    return Measured({
        "norm": Sample((target.H(g) ** 2).sum(-1)[None],
                       {**setting.of_target, "norm_var": variance}),
        "half": Sample(half, symbols, scale=half),
    })  # fmt: skip


def r_of(setting: Setting, x: np.ndarray) -> dict[str, np.ndarray]:
    """r_k at x (points, d), (points,) each."""
    found = np.array([setting.target.r(each) for each in x]).T
    return dict(zip((f"r_{k}" for k in DEGREES), found, strict=True))


def at_start(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(AL2): (points, networks)."""
    c, target = setting.configuration, setting.target
    x = setting.inputs("points", c.points)
    many = max(1, c.draws // 10)
    errors = np.empty((c.points, many))
    each = max(1, CHUNK // (2 * c.pairs * c.dimension))
    for first in range(0, many, each):
        last = min(many, first + each)
        g = setting.weights(f"start {first}", last - first, c.pairs)
        H = target.H(g[:, :1] if c.coupled else g)
        for at, point in enumerate(x):
            predicted = output(g @ point > 0, comparator_along(H @ point, c.pairs))
            errors[at, first:last] = (predicted - target(point)) ** 2
        tell(last, many)
    half = np.array([target.half_moments(point) for point in x]).T
    symbols = {**r_of(setting, x), "F": target(x), "N": c.pairs, "coupled": int(c.coupled)}
    symbols |= dict(zip(("half_2", "half_3", "half_4"), half, strict=True))
    return Measured({"at_start": Sample(errors, symbols)})


def comparator_along(H: np.ndarray, pairs: int) -> np.ndarray:
    """<w*_r - w_r, x> of <H(g_r), x>, (networks, 1 or 2, pairs) -> (networks, 2, pairs)."""
    signs = np.array([1.0, -1.0])[:, None]
    return np.asarray(signs * H / math.sqrt(2 * pairs))
