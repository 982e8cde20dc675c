"""(HS4), measured: networks around a trained one, its Hessian, and a network that fits all."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.one_dimensional_inconsistency.networks import (
    gradient,
    hessian,
    interpolant,
    loss,
    moved,
)
from verify.experiments.one_dimensional_inconsistency.setting import Setting, Weights
from verify.judging.sample import Sample

QUANTITIES = {"loss_around", "curvature", "explained"}

FAR = 1e9
FARTHEST = 0.9
"""Kinks of the networks that are tried, at most, as a share of the way to a data point."""


def minimum(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (tries, networks), (2, networks): after half of the steps and at their end; (1,)."""
    c, line = setting.configuration, setting.line
    eta = setting.eta(c.neurons)
    net = setting.weights(setting.rng("minimum"), c.seeds, c.neurons)
    first, middle = net, net
    for step in range(c.steps):
        if step == c.steps // 2:
            middle = net
        net = moved(net, gradient(net, line, setting.mu(step))[0], eta)
        tell(step + 1, c.steps)
    around = _around(setting, net)
    tried = [loss(each, line) for each in around]
    turned = [((each.a * net.a) <= 0).sum(axis=1) for each in around]
    y_sq = float(line.mu @ line.y**2)
    samples = {
        "loss_around": Sample(
            np.array(tried),
            {"L_aff": line.L_aff, "xi": line.xi, "turned": np.array(turned),
             "farthest": np.array([farthest(each) for each in around])},
            scale=np.array(tried) + y_sq,
        )
    }  # fmt: skip
    rows = np.stack([line.x, np.ones(line.n)])
    values, sizes, u, far, fewest = [], [], [], [], []
    for each in (middle, net):
        spectrum = np.linalg.eigvalsh(hessian(each, line))
        e = gradient(each, line, line.mu)[1]
        values.append(spectrum[:, 0])
        sizes.append(np.abs(spectrum).max(axis=1))
        u.append(np.linalg.norm(np.einsum("nj,sj,ij->nsi", e, line.sides, rows), axis=-1))
        far.append(farthest(each))
        right = (each.a > 0).sum(axis=1)
        fewest.append(np.minimum(right, c.neurons - right))
    size = np.array(u)
    samples["curvature"] = Sample(
        np.array(values),
        {"u_plus": size[..., 0], "u_minus": size[..., 1], "farthest": np.array(far),
         "xi": line.xi, "fewest": np.array(fewest)},
        scale=1e-3 * np.array(sizes),
    )  # fmt: skip
    best = interpolant(line, first.a.shape[1])
    distinct = len(np.unique(line.x))
    left = np.ones(1) if best is None else loss(best, line) / (y_sq / 2 or 1.0)
    symbols = {"m": c.neurons, "n": distinct, "ties": line.n - distinct}
    samples["explained"] = Sample(1 - left, symbols)
    return Measured(samples)


def farthest(net: Weights) -> np.ndarray:
    """Largest |b/a| of each network, (N,)."""
    a, b = np.abs(net.a), np.abs(net.b)
    return np.asarray((b / np.maximum(a, b / FAR + 1e-300)).max(axis=1))


def _around(setting: Setting, net: Weights) -> list[Weights]:
    """Networks at distances of several sizes, their kinks kept within the cell where these were."""
    rng, xi = setting.rng("around"), setting.line.xi
    found = []
    for size in np.geomspace(1e-3, 1.0, setting.configuration.around):

        def off(part: np.ndarray, by: float = float(size)) -> np.ndarray:
            return part + by * np.std(part) * rng.standard_normal(part.shape)

        a = np.where(net.a > 0, 1, -1) * np.abs(off(net.a))
        inside = np.abs(net.b) < xi * np.abs(net.a)
        b = off(net.b) + size * xi * a * rng.uniform(-1, 1, a.shape)
        most = FARTHEST * xi * np.abs(a)
        b = np.where(inside, np.clip(b, -most, most), net.b)
        found.append(Weights(a, b, off(net.w), net.c + size * rng.standard_normal(len(net.c))))
    return found
