"""(HS1) to (HS3), measured: networks beside the recursion, and beside their certificates."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.one_dimensional_inconsistency import recursion
from verify.experiments.one_dimensional_inconsistency.certificate import Certificate, certify
from verify.experiments.one_dimensional_inconsistency.networks import gradient, loss, moved
from verify.experiments.one_dimensional_inconsistency.setting import Setting, Weights
from verify.judging.sample import Sample

OF_RECURSION = {"moments", "outer_bias", "gradients"}
OF_NEURONS = {"weights", "kinks", "has_crossed", "change"}
OF_CERTIFICATE = {"sums", "farthest_kinks", "loss", "loss_gap"}
QUANTITIES = OF_RECURSION | OF_NEURONS | OF_CERTIFICATE

FAR = 1e9
"""A kink of a neuron whose a is 0."""

SHOWN = 6
"""Kinks in the picture."""


def checkpoints(last: int, points: int, *also: int) -> np.ndarray:
    """0, 1 and more steps at growing distances."""
    found = np.geomspace(1, last, points).round().astype(int)
    return np.unique(np.concatenate([[0], found, also]))


@dataclass(frozen=True, eq=False)
class Path:
    """N networks after t steps (P,): weights (P, N, m), those a step later, and what was passed.

    crossed   (P, N), neurons that have crossed by then
    u         (P, N, 2, 2), gradients sum mu (f - y)(x, 1) of the rows of the step to come
    carried   (P, N, 2, 2), sums of eta |u| since T_0
    farthest  (N, m), max |b/a| since T_0
    """

    t: np.ndarray
    nets: list[Weights]
    later: list[Weights]
    losses: np.ndarray
    crossed: np.ndarray
    u: np.ndarray
    carried: np.ndarray
    farthest: np.ndarray

    def stacked(self, name: str) -> np.ndarray:
        return np.array([getattr(net, name) for net in self.nets])


def trained(setting: Setting, start: Weights, eta: float, tell: Progress) -> Path:
    """Descent of networks, watched at every step."""
    c, line = setting.configuration, setting.line
    t = checkpoints(c.steps, c.points, c.certify_at)
    rows = np.stack([line.x, np.ones(line.n)])
    net, out = start, np.zeros(start.a.shape, dtype=bool)
    carried = np.zeros((len(net.c), 2, 2))
    farthest = np.zeros(net.a.shape)
    names = ("nets", "later", "losses", "crossed", "u", "carried")
    found: dict[str, list[Any]] = {name: [] for name in names}
    for step in range(c.steps + 1):
        by, e = gradient(net, line, setting.mu(step))
        u = np.einsum("nj,sj,ij->nsi", e, line.sides, rows)
        size = np.abs(net.a)
        out |= (np.abs(net.b) >= line.xi * size) | (net.a * start.a < 0)
        if step >= c.certify_at:
            kinks = np.abs(net.b) / np.maximum(size, np.abs(net.b) / FAR + 1e-300)
            farthest = np.maximum(farthest, kinks)
        later = moved(net, by, eta)
        if step in t:
            here = {"nets": net, "later": later, "losses": loss(net, line),
                    "crossed": out.sum(axis=1), "u": u, "carried": carried.copy()}  # fmt: skip
            for name, value in here.items():
                found[name].append(value)
            tell(step + 1, c.steps + 1)
        if step >= c.certify_at:
            carried = carried + eta * np.abs(u)
        net = later
    nets, later_nets = found.pop("nets"), found.pop("later")
    arrays = {name: np.array(value) for name, value in found.items()}
    return Path(t, nets, later_nets, farthest=farthest, **arrays)


@dataclass(frozen=True, eq=False)
class Predicted:
    """By the recursion from W_0: at every t, one step before it (at 0: at 0), and at T_0."""

    at: list[recursion.Moments]
    before: list[recursion.Moments]
    certificate: Certificate
    middle: recursion.Moments


def predicted(setting: Setting, start: Weights, eta: float, t: np.ndarray) -> Predicted:
    c, line = setting.configuration, setting.line
    first = recursion.moments_of(start)
    at, before, last, middle = [], [], first, first
    followed = recursion.follow(first, line.xi, eta, setting.sums, c.steps)
    for step, now in enumerate(followed):
        if step in t:
            at.append(now)
            before.append(last)
        if step == c.certify_at:
            middle = now
        last = now
    return Predicted(at, before, certify(middle, line.M, line.h, eta), middle)


def neurons_at(now: recursion.Moments, start: Weights) -> tuple[np.ndarray, ...]:
    """a, b, w (N, m) by (HS2)."""
    right, th = (start.a > 0)[..., None, None], np.stack([start.a, start.b, start.w], axis=-1)
    found = (np.where(right, now.Phi[:, :1], now.Phi[:, 1:]) @ th[..., None])[..., 0]
    return found[..., 0], found[..., 1], found[..., 2]


def certificate_symbols(
    setting: Setting, start: Weights, now: recursion.Moments, proof: Certificate, eta: float
) -> dict[str, Any]:
    """What the premises of a certificate need: numbers, or one of each network (N,)."""
    line = setting.line
    return {
        "room": now.room(*recursion.extremes(start.a, start.w)),
        "b_start": float(np.abs(start.b).max()), "M_min": line.M_min, "part": setting.part,
        "eta": eta, "lam_max": proof.lam_max, "epsilon": proof.eps, "lam_1": proof.lam_1,
        "gap": proof.gap, "growth": np.minimum(proof.growth, FAR),
        "reach": proof.reach(*neurons_at(now, start)), "xi": line.xi,
        "Z_r": proof.Z_r, "Z_sq": proof.Z_sq,
    }  # fmt: skip


def certified(symbols: dict[str, Any]) -> np.ndarray:
    """Whether the certificate holds, (N,)."""
    from theory import registry

    claim = registry.claim("inconsistency/loss-floor")
    holds = claim.regime({**symbols, "L_aff": 0.0}).holds
    return np.broadcast_to(holds, symbols["lam_1"].shape)


def paths(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Samples (points, networks, ...): the recursion, the way of neurons, certificates."""
    c = setting.configuration
    eta = setting.eta(c.width)
    start = setting.weights(setting.rng("networks"), c.seeds, c.width)
    path = trained(setting, start, eta, tell)
    told = predicted(setting, start, eta, path.t)
    symbols = certificate_symbols(setting, start, told.middle, told.certificate, eta)
    samples: dict[str, Sample] = {}
    if wanted & OF_RECURSION:
        samples |= _recursion(setting, path, told, start, eta)
    if wanted & OF_NEURONS:
        samples |= _neurons(setting, path, told, start, eta)
    if wanted & OF_CERTIFICATE:
        samples |= _certificates(setting, path, told, start, symbols)
    notes = {
        "networks": {"trained": c.seeds, "certified": int(certified(symbols).sum()),
                     "with a kink that crossed": int((path.crossed[-1] > 0).sum())}
    }  # fmt: skip
    return Measured(samples, _curve(setting, path, start), notes)


def _recursion(
    setting: Setting, path: Path, told: Predicted, start: Weights, eta: float
) -> dict[str, Sample]:
    """(HS1): the entries of S_s after a step, c, and the gradients."""
    late = path.t > 0
    u, once, twice, entry = [], [], [], []
    for step, before in zip(path.t[late], np.array(told.before)[late], strict=True):
        here = before.gradients(*setting.sums(int(step) - 1))
        Q = recursion.matrix(here)
        u.append(here)
        entry.append(before.S)
        once.append(Q @ before.S + before.S @ Q)
        twice.append(Q @ before.S @ Q)
    crossed = path.crossed[late]
    values = np.array([recursion.sums_of(net, start.a) for net in path.nets])[late]

    def spread(array: np.ndarray, like: np.ndarray) -> np.ndarray:
        return np.broadcast_to(array.reshape(array.shape + (1,) * (like.ndim - 2)), like.shape)

    size = np.abs(values).max(axis=(-3, -2, -1))
    gradients = np.array(u)
    c_before = np.array([now.c for now in told.before])[late]
    now_S, now_c = np.array([now.S for now in told.at]), np.array([now.c for now in told.at])
    sums = [setting.sums(int(step)) for step in path.t]
    M, h = np.array([one[0] for one in sums]), np.array([one[1] for one in sums])
    on = np.broadcast_to
    shape = path.u.shape
    values_of = {
        "crossed": spread(path.crossed, path.u),
        "M_1": on(M[:, None, :, :, 0], shape), "M_2": on(M[:, None, :, :, 1], shape),
        "h": on(h[:, None], shape), "S_13": on(now_S[..., 0, 2, None], shape),
        "S_23": on(now_S[..., 1, 2, None], shape), "c": spread(now_c, path.u),
    }  # fmt: skip
    cancel = np.abs(M).sum(axis=(1, 2, 3)) * (1 + np.abs(now_S).max((1, 2, 3, 4))) + np.abs(
        h).sum(axis=(1, 2))  # fmt: skip
    return {
        "moments": Sample(
            values,
            {"crossed": spread(crossed, values), "eta": eta, "entry": np.array(entry),
             "once": np.array(once), "twice": np.array(twice)},
            scale=spread(size, values),
        ),
        "outer_bias": Sample(
            path.stacked("c")[late],
            {"crossed": crossed, "eta": eta, "c_before": c_before,
             "be_plus": gradients[..., 0, 1], "be_minus": gradients[..., 1, 1]},
            scale=np.sqrt(size),
        ),
        "gradients": Sample(path.u, values_of, scale=on(cancel[:, None, None, None], shape)),
    }  # fmt: skip


def _neurons(
    setting: Setting, path: Path, told: Predicted, start: Weights, eta: float
) -> dict[str, Sample]:
    """(HS2): weights, kinks, the crossing, what flow conserves."""
    right = (start.a > 0)[..., None, None]
    Phi = np.array([np.where(right, now.Phi[:, :1], now.Phi[:, 1:]) for now in told.at])
    a, b, w = (path.stacked(name) for name in ("a", "b", "w"))
    on, shape = np.broadcast_to, (*a.shape, 3)
    crossed = on(path.crossed[..., None], a.shape)
    b_start = float(np.abs(start.b).max())
    size = np.sqrt(start.a**2 + start.b**2 + start.w**2)
    rho = start.w / start.a
    ends = recursion.extremes(start.a, start.w)
    u = np.where((start.a > 0)[..., None], path.u[:, :, :1], path.u[:, :, 1:])
    kept = [net.a**2 + net.b**2 - net.w**2 for net in path.nets]
    after = [net.a**2 + net.b**2 - net.w**2 for net in path.later]
    safe = np.where(a == 0, 1e-300, a)
    return {
        "weights": Sample(
            np.stack([a, b, w], axis=-1),
            {"crossed": on(crossed[..., None], shape), "F_1": Phi[..., 0], "F_2": Phi[..., 1],
             "F_3": Phi[..., 2], "a_0": on(start.a[..., None], shape),
             "b_0": on(start.b[..., None], shape), "w_0": on(start.w[..., None], shape)},
            scale=on(size[..., None], shape),
        ),
        "kinks": Sample(
            np.clip(b / safe, -FAR, FAR),
            {"crossed": crossed, "b_start": b_start, "F_11": Phi[..., 0, 0],
             "F_13": Phi[..., 0, 2], "F_21": Phi[..., 1, 0], "F_23": Phi[..., 1, 2],
             "rho": on(rho, a.shape)},
            scale=setting.line.xi,
        ),
        "has_crossed": Sample(
            (path.crossed > 0).astype(np.float64),
            {"b_start": b_start, **_intervals(told.at, ends, path.crossed.shape)},
        ),
        "change": Sample(
            np.array(after) - np.array(kept),
            {"crossed": crossed, "eta": eta, "a": a, "b": b, "w": w, "al": u[..., 0],
             "be": u[..., 1]},
            scale=1e-5 * (a**2 + b**2 + w**2),
        ),
    }  # fmt: skip


def _intervals(
    at: list[recursion.Moments], rho: tuple[np.ndarray, np.ndarray], shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """The ends of I_s(t), and the extreme rho of each side, (P, N)."""
    found = {}
    for s, side in enumerate(("plus", "minus")):
        found[f"low_{side}"] = np.array([now.ends[0][:, s] for now in at])
        found[f"high_{side}"] = np.array([now.ends[1][:, s] for now in at])
        found[f"least_{side}"] = np.broadcast_to(rho[0][:, s], shape)
        found[f"most_{side}"] = np.broadcast_to(rho[1][:, s], shape)
    return found


def _certificates(
    setting: Setting, path: Path, told: Predicted, start: Weights, symbols: dict[str, Any]
) -> dict[str, Sample]:
    """(HS3), from T_0 on."""
    c, line, proof = setting.configuration, setting.line, told.certificate
    late = path.t >= c.certify_at
    on = np.broadcast_to

    def along(shape: tuple[int, ...], axis: int) -> dict[str, Any]:
        """The symbols of each network, whose axis is that of the samples."""
        found = {}
        for name, value in symbols.items():
            array = np.asarray(value)
            if array.ndim:
                array = array.reshape((-1,) + (1,) * (len(shape) - axis - 1))
                found[name] = on(array, shape)
            else:
                found[name] = value
        return found

    carried, losses = path.carried[late], path.losses[late]
    a, b, w = (np.abs(part) for part in neurons_at(told.middle, start))
    U = np.where((start.a > 0)[..., None], proof.U[:, :1], proof.U[:, 1:])
    y_sq = float(line.mu @ line.y**2)
    return {
        "sums": Sample(
            carried,
            {**along(carried.shape, 1), "ref": on(proof.ref, carried.shape),
             "row": on(proof.row, carried.shape)},
            scale=float(np.abs(path.carried).max()),
        ),
        "farthest_kinks": Sample(
            path.farthest,
            {**along(path.farthest.shape, 0), "abs_a": a, "abs_b": b, "abs_w": w,
             "A": U[..., 0], "B": U[..., 1]},
        ),
        "loss": Sample(losses, {**along(losses.shape, 1), "L_aff": line.L_aff},
                       scale=losses + y_sq),
        "loss_gap": Sample(
            losses - line.L_aff,
            {**along(losses.shape, 1), "T_0": c.certify_at,
             "t": on(path.t[late][:, None], losses.shape)},
            scale=1e-3 * (losses + y_sq),
        ),
    }  # fmt: skip


def _curve(setting: Setting, path: Path, start: Weights) -> Trajectory:
    """The kinks of the neurons of the first network that were the most ready to move."""
    c, line = setting.configuration, setting.line
    most = np.argsort(-np.abs(start.w[0] / start.a[0]))[:SHOWN]
    a, b = path.stacked("a")[:, 0], path.stacked("b")[:, 0]
    with np.errstate(divide="ignore"):
        kinks = np.clip(np.abs(b / a), 1e-6 * line.xi, 1e3 * np.abs(line.x).max())
    series = {f"kink {number + 1}": kinks[:, i] for number, i in enumerate(most)}
    labels = {name: name for name in series}
    labels["point"] = r"$\xi$, the nearest data point"
    series["point"] = np.full(len(path.t), line.xi)
    values = {"m": c.width, r"\eta": setting.eta(c.width)}
    return Trajectory(
        "step", path.t, series, labels=labels, axis="steps $t$", quantity="$|b_i/a_i|$",
        title=heading("kinks of one network", c.data, values),
    )  # fmt: skip
