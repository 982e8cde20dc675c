"""Decay of the second layer: alignment in flow, steps, what is left when it stops, ReLU."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from verify.experiments.feedback_alignment import certificates
from verify.experiments.feedback_alignment.curves import drawn, named
from verify.experiments.feedback_alignment.flows import NOT_TRAINED
from verify.experiments.feedback_alignment.paths import bound
from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.judging.sample import Sample
from verify.training.feedback import Reduced, train

FLOW = {"tangent", "pull"}
STEPS = {"decayed_step", "decayed_error"}
STOPPED = {"stopped_error", "stopped_alignment"}

LATE = np.logspace(0, 2, 5)
"""Times that are looked at, in units of the first at which the law is claimed."""

EARLY = np.logspace(-1, 2, 31)
"""Times of the picture, in units of t_a."""

DECAYS = (0.1, 1.0)
"""Of the picture."""

LONGEST = 20_000
"""Steps with decay before it stops, at most."""


def onset(setting: Setting, decay: float | None = None) -> float:
    """t_a of the decay [that of the options]; infinite without."""
    at = setting.symbols
    lam = at["lambda"] if decay is None else decay
    return at["m"] ** 0.5 / (3 * lam * at["theta"]) if lam else np.inf


def aligned(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.13), (C.14): (trials, times) of gradient flow with constant decay."""
    at, network = {**setting.symbols, **NOT_TRAINED}, setting.trials
    t_a, lam = onset(setting), at["lambda"]
    if lam:
        first = max(100 * t_a, 30 / lam, (2 * (1 + lam / at["mu"])) ** 1.5 * t_a)
        early, late = EARLY * t_a, first * LATE
    else:
        t_a = 1 / at["mu"]
        early, late = EARLY * t_a, 100 * LATE[:2] * t_a
    times = np.unique(np.concatenate([[0.0], early, late]))
    reduced = Reduced.of(network)
    flow = reduced.flow(times, lam)
    overlap, B2 = reduced.overlap(flow), reduced.bb
    off = np.sqrt(np.maximum(reduced.beta_sq(flow) * B2 - overlap**2, 0))
    with np.errstate(divide="ignore"):
        tangent = np.where(overlap > 0, off / np.maximum(overlap, 1e-300), np.inf).T
    pull = np.linalg.norm(reduced.residual(flow) @ setting.X, axis=-1).T
    start = certificates.start(network, setting.X, setting.y, setting.range)
    shown = times >= late[0] * (1 - 1e-12)
    shape = tangent[:, shown].shape
    symbols = {**at, "t": np.broadcast_to(times[shown], shape)}
    symbols |= {name: np.broadcast_to(start[name][:, None], shape) for name in ("B2", "W_p_theta")}
    values = {"tangent": tangent[:, shown], "pull": pull[:, shown]}
    samples = {
        name: Sample(found if lam else found.clip(max=1e300), symbols, scale=1e-6)
        for name, found in values.items()
    }
    cosine = np.abs(reduced.cosine(flow))[1:].T
    seen = {"cosine": cosine, "tangent": np.sqrt(1 - cosine**2) / cosine, "pull": pull[:, 1:]}
    return Measured(samples, _pictured(setting, reduced, start, times[1:] / t_a, seen))


def _pictured(
    setting: Setting,
    reduced: Reduced,
    start: certificates.Columns,
    x: np.ndarray,
    seen: dict[str, np.ndarray],
) -> Trajectory:
    """The cosine for several decays, over t/t_a where they share a law; the laws beside it.

    x (times,) are those in units of t_a; `seen` (trials, times)
    """
    lam = setting.symbols["lambda"]
    mean = {name: values.mean(0) for name, values in seen.items()}
    error = {n: v.std(0) / max(1, len(v) - 1) ** 0.5 for n, v in seen.items()}
    cosines, spread = {lam: mean.pop("cosine")}, {named(lam): error.pop("cosine")}
    late = dict(mean)
    if lam:
        late |= _laws(setting, start, x)
        early = x <= EARLY[-1] * (1 + 1e-12)
        for decay in {*DECAYS} - {lam}:
            times = np.append(0.0, x[early] * onset(setting, decay))
            found = np.abs(reduced.cosine(reduced.flow(times, decay)))[1:].mean(1)
            cosines[decay] = np.pad(found, (0, (~early).sum()), constant_values=np.nan)
    series = {named(decay): cosines[decay] for decay in (lam, *sorted({*cosines} - {lam}))}
    if lam:
        series["law"] = 1 / np.sqrt(1 + late["tangent law"] ** 2)
    axis, log = "time" if lam else "time without decay", np.log10(x)
    beside = Trajectory("log time", log, late, errors=error, scale="linear",
                        **drawn(setting, "late", axis=axis))  # fmt: skip
    words = drawn(setting, "aligned", axis=axis, decays=cosines)
    return Trajectory("log time", log, series, errors=spread, panels=(beside,), **words)


def _laws(setting: Setting, start: certificates.Columns, x: np.ndarray) -> dict[str, np.ndarray]:
    """(C.13), (C.14) over t/t_a, in the mean; and the level near which the error stays before."""
    at, B2 = setting.symbols, start["B2"][:, None]
    lam, theta, m = at["lambda"], at["theta"], at["m"]
    size = (m**2 * B2) ** (1 / 6)
    first = theta * m / (3 * B2) * (3 * lam * B2**2 / m / theta**2) ** (1 / 3)
    ridge = lam * np.linalg.solve(lam * np.eye(at["n"]) + setting.X @ setting.X.T, setting.y)
    return {
        "tangent law": (start["W_p_theta"][:, None] / size / theta * x ** (-1 / 3)).mean(0),
        "pull law": (first * (x * onset(setting)) ** (-2 / 3)).mean(0),
        "plateau": np.full(x.shape, np.linalg.norm(setting.X.T @ ridge)),
    }


def steps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.17): ||e'||, (trials, steps); (C.18): ||e_k||, (trials, steps + 1)."""
    c, at, network = setting.configuration, dict(setting.symbols), setting.trials
    back = c.rule == "backpropagation"
    norms, spectra, overlaps, moved = [], [], [], 0.0
    for net in train(network, at["eta"], [c.decay] * c.steps, backpropagation=back):
        norms.append(np.linalg.norm(net.residual @ setting.range, axis=1))
        spectra.append(np.linalg.eigvalsh(net.W.transpose(0, 2, 1) @ net.W))
        overlaps.append(net.overlap)
        if back:
            moved = max(moved, float(np.abs(net.beta - network.beta).max()))
    at["transport"] = moved
    e, spectrum, overlap = (np.stack(found, 1) for found in (norms, spectra, overlaps))
    A = (spectrum[:, :-1] + overlap[:, 1:, None]) / at["m"]
    start = certificates.start(network, setting.X, setting.y, setting.range)
    start["a"] = certificates.best("feedback/decayed-rate", {**at, "k": e.shape[1] - 1}, start)
    columns = {name: np.broadcast_to(v[:, None], e.shape) for name, v in start.items()}
    k = np.broadcast_to(np.arange(e.shape[1]), e.shape)
    scale = columns["e_0"] + at["norm_y"]
    one = {**at, "e_before": e[:, :-1], "low_A": A[..., 0], "high_A": A[..., -1]}
    samples = {
        "decayed_step": Sample(e[:, 1:], one, scale=scale[:, 1:]),
        "decayed_error": Sample(e, {**at, **columns, "k": k}, scale=scale),
    }
    series = {"error": e.mean(0)}
    series["certified"] = bound("feedback/decayed-rate", samples["decayed_error"]).mean(0)
    return Measured(samples, Trajectory("step", k[0], series, **drawn(setting, "decayed")))


def stopped(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.15), (C.16): (trials, steps + 1), from the step at which the decay stops."""
    c, at = setting.configuration, dict(setting.symbols)
    back = c.rule == "backpropagation"
    before = 0 if not c.decay else int(min(np.ceil(c.stop * onset(setting) / at["eta"]), LONGEST))
    every = max(1, before // 100)
    network, seen = setting.trials, []
    for number, net in enumerate(
        train(network, at["eta"], [c.decay] * before, backpropagation=back)
    ):
        if number % every == 0 and number < before:
            seen.append(net.cosine)
        network = net
    start = certificates.start(network, setting.X, setting.y, setting.range)
    at |= {
        "lambda": 0.0,
        "transport": float(np.abs(network.beta - setting.trials.beta).max()) * back,
    }
    start["a"] = certificates.best("feedback/stopped-rate", at, start)
    after = list(train(network, at["eta"], [0.0] * c.steps, backpropagation=back))
    e = np.stack([np.linalg.norm(net.residual @ setting.range, axis=1) for net in after], 1)
    cosine = np.stack([net.cosine for net in after], 1)
    columns: dict[str, Any] = {
        name: np.broadcast_to(v[:, None], e.shape) for name, v in start.items()
    }
    symbols = {**at, **columns, "k": np.broadcast_to(np.arange(e.shape[1]), e.shape)}
    e_0 = columns["e_0"]
    samples = {
        "stopped_error": Sample(e, symbols, trivial=e_0, scale=e_0 + at["norm_y"]),
        "stopped_alignment": Sample(cosine, symbols, scale=1.0),
    }
    x = np.concatenate([np.arange(len(seen)) * every, before + np.arange(e.shape[1])])
    lowest = bound("feedback/stopped-alignment", samples["stopped_alignment"]).mean(0)
    series = {
        "cosine": np.abs(np.stack([*seen, *cosine.T])).mean(1),
        "certified": np.concatenate([np.full(len(seen), np.nan), lowest]),
    }
    curve = Trajectory("step", x, series, **drawn(setting, "stopped"))
    return Measured(samples, curve, {"steps with decay": before})


def saturated(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.19): the cosine at the end of steps with constant decay, (trials,)."""
    c, at = setting.configuration, dict(setting.symbols)
    back = c.rule == "backpropagation"
    network, moved, every = setting.trials, 0.0, max(1, c.steps // 100)
    always = np.ones(network.b.shape, dtype=bool)
    cosines, x = [], []
    for number, net in enumerate(
        train(network, at["eta"], [c.decay] * c.steps, backpropagation=back)
    ):
        always = always & (net.inputs[:, 0] > 0)
        if number % every == 0:
            cosines.append(net.cosine)
            x.append(number)
        if back:
            moved = max(moved, float(np.abs(net.beta - network.beta).max()))
        end = net
    active = end.inputs[:, 0] > 0
    kept = active & (end.b * setting.y[0] > 0)
    b, z = np.where(kept, end.b, 0.0), np.where(kept, network.inputs[:, 0], 0.0)
    B2_A = (b * b).sum(1)
    beta_sq = np.maximum((end.beta**2).sum(1), 1e-300)
    found = {
        "B2": (end.b**2).sum(1),
        "B2_A": B2_A,
        "z_p": np.linalg.norm(z - b * ((b * z).sum(1) / np.maximum(B2_A, 1e-300))[:, None], axis=1),
        "silent": (end.beta**2 * ~active).sum(1) / beta_sq,
        "lost": (kept & ~always).sum(1),
        "leaving": (active & ~kept).sum(1),
    }
    symbols = {**at, **found, "transport": moved, "t": at["eta"] * c.steps, "others": at["n"] - 1}
    sample = Sample(end.cosine, symbols, trivial=1.0, scale=1.0)
    limit = (found["B2_A"] / found["B2"]) ** 0.5
    series = {
        "cosine": np.abs(np.stack(cosines, 1)).mean(0),
        "limit": np.full(len(x), limit.mean()),
    }
    curve = Trajectory("step", np.array(x), series, **drawn(setting, "saturated"))
    return Measured({"saturated": sample}, curve)
