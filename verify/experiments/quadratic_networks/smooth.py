"""Networks of any smooth activation: certificates at W_0, their basin, ranks, wide inputs."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.quadratic_networks.configuration import Configuration
from verify.experiments.quadratic_networks.dynamics import checkpoints
from verify.experiments.quadratic_networks.networks import BLOWN
from verify.experiments.quadratic_networks.setting import Setting, inputs, resized
from verify.judging.sample import TOLERANCE, Sample
from verify.judging.seeds import numpy_generator

OF_CERTIFICATE = {"error", "path", "planted_loss"}
OF_RANKS = {"rank_of_square", "rank_of_smooth"}
OF_WIDE = {"wide_kernel", "wide_rate"}

ZERO = 1e-10
"""Singular values below this share of the largest are 0 in a rank."""

TINY = 1e-300
"""Added to what may be 0 in a denominator."""

MOST = 60
"""Rows of the largest problem of which a basin is measured."""


@dataclass(frozen=True)
class Activation:
    """phi, phi', the bound B_2 of |phi''|, and the least and the largest phi'."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    B_2: float
    least: float = 0.0


def activation(configuration: Configuration) -> Activation:
    """The activation of smooth networks."""
    leak = configuration.leak

    def softplus(z: np.ndarray) -> np.ndarray:
        return np.logaddexp(0.0, z)

    known = {
        "softplus": Activation(softplus, expit, 0.25),
        "leaky": Activation(
            lambda z: leak * z + (1 - leak) * softplus(z),
            lambda z: leak + (1 - leak) * expit(z),
            (1 - leak) / 4,
            leak,
        ),
        "tanh": Activation(np.tanh, lambda z: 1 / np.cosh(z) ** 2, 4 / 3**1.5),
        "square": Activation(np.square, lambda z: 2 * z, 2.0),
        "linear": Activation(lambda z: z, np.ones_like, 0.0, 1.0),
    }
    return known[configuration.activation]


@dataclass(frozen=True, eq=False)
class Network:
    """f(x) = sum_l v_l phi(<w_l, x>) on inputs (..., n, d), with weights (..., k, d)."""

    X: np.ndarray
    v: np.ndarray
    phi: Activation

    def outputs(self, W: np.ndarray) -> np.ndarray:
        """f, (..., n)."""
        return np.asarray(self.phi.value(self.X @ np.swapaxes(W, -1, -2)) @ self.v)

    def jacobian(self, W: np.ndarray) -> np.ndarray:
        """J, (..., n, k d)."""
        slopes = self.v * self.phi.slope(self.X @ np.swapaxes(W, -1, -2))
        J = slopes[..., :, :, None] * self.X[..., :, None, :]
        return np.asarray(J.reshape(*J.shape[:-2], -1))

    def pulled(self, W: np.ndarray, e: np.ndarray) -> np.ndarray:
        """J^T e as (..., k, d)."""
        slopes = self.v * self.phi.slope(self.X @ np.swapaxes(W, -1, -2))
        return np.asarray(np.swapaxes(e[..., None] * slopes, -1, -2) @ self.X)

    @property
    def ell(self) -> np.ndarray:
        """The Lipschitz constant of J."""
        norms = np.linalg.norm(self.X, axis=-1).max(-1)
        return np.asarray(
            self.phi.B_2 * np.abs(self.v).max() * np.linalg.norm(self.X, 2, axis=(-2, -1)) * norms
        )


def ends(J: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The n-th and the largest singular value of J (..., n, k d); 0 where n > k d."""
    s = np.linalg.svd(J, compute_uv=False)
    wide = J.shape[-2] <= J.shape[-1]
    least = np.where(s[..., -1] > 1e-14 * s[..., 0], s[..., -1], 0.0)
    return (least if wide else np.zeros(s.shape[:-1])), s[..., 0]


def directed(setting: Setting, net: Network, W: np.ndarray, purpose: str) -> np.ndarray:
    """A direction of norm 1 for each planted network (seeds, k, d)."""
    which = setting.configuration.direction
    if which == "random":
        found = numpy_generator(purpose, setting.salt).standard_normal(W.shape)
    else:
        Vt = np.linalg.svd(net.jacobian(W), full_matrices=False)[2]
        found = Vt[:, 0 if which == "top" else -1].reshape(W.shape)
    return np.asarray(found / np.linalg.norm(found, axis=(1, 2), keepdims=True))


def started(net: Network, W: np.ndarray, u: np.ndarray, q: float, reach: float) -> np.ndarray:
    """W + r u with 2 ell ||e_0||/(q kappa^2) = reach, by bisection of r on a logarithmic scale.

    Where there is no certificate at any distance, or at every one, r = reach.
    """
    target = net.outputs(W)

    def used(r: np.ndarray) -> np.ndarray:
        here = W + r[:, None, None] * u
        e = np.linalg.norm(net.outputs(here) - target, axis=-1)
        kappa, _ = ends(net.jacobian(here))
        return np.asarray(2 * net.ell * e / (q * kappa**2 + TINY))

    low, high = np.full(len(W), 1e-9), np.full(len(W), 1e3)
    none = (net.ell == 0) | ~(used(low) < reach)
    for _ in range(50):
        middle = np.sqrt(low * high)
        inside = used(middle) < reach
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.asarray(W + np.where(none, reach, low)[:, None, None] * u)


def certified(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.15), (Q.16), (Q.P2): samples (points, seeds) from starts near a planted network."""
    c, X = setting.configuration, setting.data.X
    net = Network(X, setting.v, activation(c))
    n, d, k, q = *X.shape, c.neurons, c.q
    planted = numpy_generator("planted", setting.salt).standard_normal((c.seeds, k, d))
    W = started(net, planted, directed(setting, net, planted, "direction"), q, c.reach)
    target = net.outputs(planted)
    f = net.outputs(W)
    e = f - target
    (kappa, b), e_0, ell = ends(net.jacobian(W)), np.linalg.norm(e, axis=1), net.ell
    disc = kappa**2 - 2 * ell * e_0 / q
    R = 2 * e_0 / (q * (kappa + np.sqrt(disc.clip(min=0.0)) + TINY)) * (disc > 0)
    eta = c.step * (1 - q) / ((b + ell * R) ** 2 / 2 + ell * e_0 / 2)
    distance = np.linalg.norm(W - planted, axis=(1, 2))
    wanted_steps, limit = set(checkpoints(c.steps, c.points).tolist()), BLOWN * e_0.max()
    seen, way = [], np.zeros(c.seeds)
    for t in range(c.steps + 1):
        size = np.linalg.norm(e, axis=1)
        blown = not (size <= limit).all()
        if t in wanted_steps or blown:
            seen.append((np.full(c.seeds, t), size, way))
        if blown:
            break
        move = eta[:, None, None] * net.pulled(W, e)
        W, way = W - move, way + np.linalg.norm(move, axis=(1, 2))
        e = net.outputs(W) - target
    times, error, path = map(np.array, zip(*seen, strict=True))
    f_0 = np.linalg.norm(f, axis=1)
    each = {"kappa": kappa, "b": b, "e_0": e_0, "f_0": f_0, "eta": eta, "distance": distance,
            "L_0": e_0**2 / (2 * n)}  # fmt: skip
    symbols: dict[str, Any] = {
        "n": n, "d": d, "k": k, "q": q, "ell": float(ell), "t": times, "c_n": c.published_samples,
        "c_r": c.published_rate, "R_0": c.published_distance,
        **{name: np.broadcast_to(value, error.shape) for name, value in each.items()},
    }  # fmt: skip
    lost = 1e-5 * (np.linalg.norm(target, axis=1) + f_0)
    start = e_0 * np.ones(error.shape)
    samples = {
        "error": Sample(error, symbols, trivial=start, scale=lost * np.ones(error.shape)),
        "path": Sample(path, symbols),
        "planted_loss": Sample(
            error**2 / (2 * n), symbols, trivial=start**2 / (2 * n),
            scale=(lost * error) / n + (lost * 1e-9) * lost / n,
        ),
    }  # fmt: skip
    series = {"first_error": error[:, 0], "mean_error": error.mean(1)}
    claim, first = registry.claim("quadratic/smooth-rate"), {
        name: value[:, 0] if np.ndim(value) == 2 else value for name, value in symbols.items()
    }  # fmt: skip
    if claim.regime(first).holds.all():
        series["bound_of_the_first"] = claim.evaluate(first).bound
    labels = {"first_error": "first initialisation", "mean_error": "mean over the initialisations",
              "bound_of_the_first": "certificate of the first one"}  # fmt: skip
    title = heading(f"{c.activation} network, {c.direction} direction", c.data,
                    {"n": n, "d": d, "k": k, "q": q})  # fmt: skip
    curve = Trajectory("step", times[:, 0], series, labels=labels, axis="steps $t$",
                       quantity=r"$\Vert e_t\Vert$", title=title)  # fmt: skip
    return Measured(samples, curve)


def basin(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.17): samples (sample sizes, seeds); the radius of the basin against n up to k d."""
    c, d, k, q = (
        setting.configuration,
        setting.data.d,
        setting.configuration.neurons,
        setting.configuration.q,
    )
    X, *_ = inputs(resized(c, min(k * d, MOST)), f"{setting.salt}/basin")
    sizes = np.unique(np.linspace(1, len(X), min(len(X), c.points)).round().astype(int))
    planted = numpy_generator("planted", setting.salt).standard_normal((c.seeds, k, d))
    rows: dict[str, list[np.ndarray]] = {
        name: [] for name in ("disc", "kappa_star", "b_star", "ell", "r", "radius")
    }
    for number, n in enumerate(sizes):
        net = Network(X[:n], setting.v, activation(c))
        kappa, b = ends(net.jacobian(planted))
        ell = net.ell * np.ones(c.seeds)
        radius = radius_of(kappa, b, ell, q)
        r = c.reach * radius
        u = directed(setting, net, planted, f"basin {n}")
        W = planted + r[:, None, None] * u
        e_0 = np.linalg.norm(net.outputs(W) - net.outputs(planted), axis=1)
        here, _ = ends(net.jacobian(W))
        found = (here**2 - 2 * ell * e_0 / q, kappa, b, ell, r, radius)
        for name, value in zip(rows, found, strict=True):
            rows[name].append(value)
        tell(number + 1, len(sizes))
    values = {name: np.array(each) for name, each in rows.items()}
    symbols = {"d": d, "k": k, "q": q, "n": sizes[:, None] * np.ones(values["r"].shape)}
    symbols |= {name: values[name] for name in ("kappa_star", "b_star", "ell", "r")}
    mean = values["radius"].mean(1)
    series = {"radius": mean.clip(1e-12)}
    title = heading(f"{c.activation} network near a planted one", c.data, {"d": d, "k": k, "q": q})
    curve = Trajectory("samples", sizes, series, labels={"radius": "mean over planted networks"},
                       axis="samples $n$", quantity="certified radius", title=title)  # fmt: skip
    sample = Sample(values["disc"], symbols, scale=1e-4 * values["b_star"] ** 2)
    return Measured({"discriminant": sample}, curve)


def radius_of(kappa: np.ndarray, b: np.ndarray, ell: np.ndarray, q: float) -> np.ndarray:
    """The r at which (Q.17) is 0: q (kappa - ell r)^2 = 2 ell (b + ell r/2) r; 1 where ell = 0."""
    # with x = ell r: (1 - q) x^2 + 2 (b + q kappa) x - q kappa^2 = 0
    half = b + q * kappa
    x = q * kappa**2 / (half + np.sqrt(half**2 + (1 - q) * q * kappa**2))
    return np.asarray(np.where(ell > 0, x / np.where(ell > 0, ell, 1.0), np.sign(kappa)))


def ranks(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.18), (Q.19): the rank of J for Gaussian X and W, over d, k and n around D_k."""
    c = setting.configuration
    polynomial = c.activation in ("square", "linear") or (c.activation, c.leak) == ("leaky", 1)
    smooth = "softplus" if polynomial else c.activation
    samples = {}
    for quantity, name in (("rank_of_square", "square"), ("rank_of_smooth", smooth)):
        phi, found = activation(replace(c, activation=name)), []
        rng = numpy_generator(quantity, setting.salt)
        for d in range(1, setting.data.d + 1):
            for k in range(1, setting.data.d + 3):
                j = min(k, d)
                D_k = j * d - j * (j - 1) // 2 if name == "square" else k * d
                for n in sorted({max(1, D_k - 1), D_k, D_k + 1, D_k + 4}):
                    X, W = rng.standard_normal((n, d)), rng.standard_normal((k, d))
                    signs = np.where(np.arange(k) % 2, -1.0, 1.0)
                    s = np.linalg.svd(Network(X, signs, phi).jacobian(W), compute_uv=False)
                    found.append((d, k, n, int((s > ZERO * s[0]).sum())))
        d, k, n, rank = np.array(found, dtype=np.float64).T
        samples[quantity] = Sample(rank, {"d": d, "k": k, "n": n})
    return Measured(samples)


def wide(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.20), (Q.21): events per trial, each with Gaussian inputs of its own."""
    c, (n, d) = setting.configuration, setting.data.X.shape
    phi, v, k = activation(c), setting.v, c.neurons
    rng = numpy_generator("wide", setting.salt)
    X = rng.standard_normal((c.trials, n, d))
    net = Network(X, v, phi)
    W = c.init_scale * rng.standard_normal((c.trials, k, d)) / np.sqrt(d)
    y = c.target_scale * rng.standard_normal((c.trials, n))
    e = net.outputs(W) - y
    symbols: dict[str, Any] = {
        "n": n, "d": d, "delta": c.delta, "b_0": phi.least, "v_sq": float(v @ v),
        "rest": float((net.ell * np.linalg.norm(e, axis=1)).max()),
    }  # fmt: skip
    claim = registry.claim("quadratic/wide-rate")

    def parts() -> dict[str, float]:
        known = claim.evaluate({"eta": 1.0, **symbols}, where=np.array(True)).parts
        return {name: float(value) for name, value in known.items()}

    symbols["eta"] = c.step / (parts()["top"] + symbols["rest"])
    low, rate = parts()["low"], parts()["rate"]
    e_0 = np.linalg.norm(e, axis=1)
    below, blown = np.ones(c.trials, dtype=bool), np.zeros(c.trials, dtype=bool)
    least, _ = ends(net.jacobian(W))
    for t in range(1, c.steps + 1):
        W = np.where(blown[:, None, None], W, W - symbols["eta"] * net.pulled(W, e))
        e = net.outputs(W) - y
        size = np.linalg.norm(e, axis=1)
        blown |= size > BLOWN * e_0
        below &= size <= rate**t * e_0 + TOLERANCE["float64"] * e_0
        tell(t, c.steps)
    later, _ = ends(net.jacobian(W))
    kernel = np.minimum(least, later) ** 2 >= low
    samples = {
        "wide_kernel": Sample(kernel.astype(np.float64), symbols),
        "wide_rate": Sample(below.astype(np.float64), symbols),
    }
    return Measured(samples)
