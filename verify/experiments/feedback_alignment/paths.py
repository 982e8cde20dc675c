"""Networks on their whole path: the error, and whether the layers align."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.feedback_alignment import certificates
from verify.experiments.feedback_alignment.curves import drawn, named
from verify.experiments.feedback_alignment.setting import Setting
from verify.experiments.kit import Measured, Progress, Trajectory
from verify.judging.sample import TOLERANCE, Sample
from verify.training.feedback import Network, Reduced, train

ERRORS = {"error", "relu_error", "published_rate"}


class Observed:
    """The norms of the residual, of its part in the range of X, the cosine, and the transport."""

    def __init__(self, setting: Setting, network: Network, decays: Any, rule: str = "") -> None:
        back = (rule or setting.configuration.rule) == "backpropagation"
        inside, whole, cosine, moved = [], [], [], 0.0
        for net in train(network, setting.symbols["eta"], decays, backpropagation=back):
            whole.append(np.linalg.norm(net.residual, axis=1))
            inside.append(np.linalg.norm(net.residual @ setting.range, axis=1))
            cosine.append(net.cosine)
            if back:
                moved = max(moved, float(np.abs(net.beta - network.beta).max()))
        self.whole, self.inside, self.cosine = (
            np.array(whole).T,
            np.array(inside).T,
            np.array(cosine).T,
        )
        self.transport = moved


def errors(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.7), (C.11): samples (trials, steps + 1); (C.P1): an event per trial."""
    c, at, network = setting.configuration, dict(setting.symbols), setting.trials
    decays = np.full(c.steps, c.decay)
    seen = Observed(setting, network, decays)
    at["transport"] = seen.transport
    k = np.broadcast_to(np.arange(seen.whole.shape[1]), seen.whole.shape)
    start = certificates.start(network, setting.X, setting.y, setting.range)
    start["a"] = certificates.best("feedback/rate", at, start)
    samples = {"error": _sample(seen.inside, at, start, k)}
    if "relu_error" in wanted:
        samples["relu_error"] = _sample(seen.whole, at, certificates.relu(network, at), k)
    rate = 1 - at["eta"] * at["gamma"] / 4
    allowed = rate**k * seen.whole[:, :1]
    kept = (seen.whole <= allowed + TOLERANCE["float64"] * seen.whole[:, :1]).all(1)
    samples["published_rate"] = Sample(kept.astype(np.float64), at)
    other = "feedback" if c.rule == "backpropagation" else "backpropagation"
    compared = Observed(setting, network, decays, other)
    shown = "inside" if c.activation == "linear" else "whole"
    series = {c.rule: getattr(seen, shown).mean(0)}
    if compared.whole.shape == seen.whole.shape:  # neither diverged
        series[other] = getattr(compared, shown).mean(0)
    name = "rate" if c.activation == "linear" else "relu-rate"
    sample = samples.get("error" if name == "rate" else "relu_error")
    if sample is not None:
        series["certified"] = bound(f"feedback/{name}", sample).mean(0)
    spread = {r: getattr(o, shown).std(0) / max(1, c.trials - 1) ** 0.5
              for r, o in ((c.rule, seen), (other, compared)) if r in series}  # fmt: skip
    curve = Trajectory("step", k[0], series, errors=spread,
                       **drawn(setting, "errors"))  # fmt: skip
    return Measured(samples, curve)


def alignment(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.8): |cos(b, beta_k)|, (trials, steps + 1)."""
    c, at, network = setting.configuration, dict(setting.symbols), setting.trials
    seen = Observed(setting, network, np.full(c.steps, c.decay))
    at["transport"] = seen.transport
    start = certificates.start(network, setting.X, setting.y, setting.range)
    start["a"] = certificates.best("feedback/rate", at, start)
    values = np.abs(seen.cosine)
    sample = Sample(values, _along(at, start, values.shape), trivial=1.0)
    paths = {c.decay: values}
    for decay in DECAYS:
        if decay != c.decay:
            other = Observed(setting, network, np.full(c.steps, decay))
            if other.cosine.shape == values.shape:
                paths[decay] = np.abs(other.cosine)
    series = {named(decay): path.mean(0) for decay, path in paths.items()}
    spread = {named(x): path.std(0) / max(1, c.trials - 1) ** 0.5 for x, path in paths.items()}
    series["certified"] = bound("feedback/misaligned", sample).mean(0)
    sweep = by_width(setting) if c.activation == "linear" else None
    curve = Trajectory("step", np.arange(values.shape[1]), series, errors=spread, sweep=sweep,
                       **drawn(setting, "alignment", decays=paths))  # fmt: skip
    return Measured({"alignment": sample}, curve)


def by_width(setting: Setting) -> Trajectory:
    """max_k |cos(b, beta_k)| of linear networks without decay and with it, and (C.8) without.

    All are means over the initialisations; where nothing is certified the bound is 1.
    """
    c, at = setting.configuration, {**setting.symbols, "lambda": 0.0, "transport": 0.0, "k": 0}
    decay = c.decay or DECAYS[-1]
    found: dict[str, list[float]] = {named(0): [], named(decay): [], "certified": []}
    for width in c.widths:
        network = setting.networks(f"alignment {width}", width, c.trials)
        reduced = Reduced.of(network)
        for each in (0.0, decay):
            path = reduced.steps(at["eta"], np.full(c.steps, each))
            largest = np.max([np.abs(reduced.cosine(numbers)) for numbers in path], axis=0)
            found[named(each)].append(float(largest.mean()))
        start = certificates.start(network, setting.X, setting.y, setting.range)
        symbols = {**at, **start, "m": width}
        symbols["a"] = certificates.best("feedback/rate", symbols, start)
        U = bound("feedback/misaligned", Sample(np.ones(c.trials), symbols))
        found["certified"].append(float(np.nan_to_num(U, nan=1.0).clip(max=1.0).mean()))
    curves = {name: np.array(values) for name, values in found.items()}
    words = drawn(setting, "trained widths", decays=(0, decay))
    return Trajectory("width", np.array(c.widths), curves, **words)


DECAYS = (0.0, 0.03, 0.1, 0.3)
"""Of the picture."""


def bound(claim: str, sample: Sample) -> np.ndarray:
    """What the claim allows, NaN where its premises fail; of the sample's shape."""
    asked = registry.claim(claim)
    found = asked.evaluate(sample.symbols, where=asked.regime(sample.symbols).holds).bound
    return np.broadcast_to(found, sample.values.shape)


def _sample(
    values: np.ndarray, at: Mapping[str, Any], start: certificates.Columns, k: np.ndarray
) -> Sample:
    e_0 = np.broadcast_to(start["e_0"][:, None], values.shape)
    symbols = {**_along(at, start, values.shape), "k": k}
    return Sample(values, symbols, trivial=e_0, scale=e_0)


def _along(
    at: Mapping[str, Any], start: certificates.Columns, shape: tuple[int, ...]
) -> dict[str, Any]:
    """The numbers of every network along its path."""
    columns = {name: np.broadcast_to(v[:, None], shape) for name, v in start.items()}
    return {**at, **columns}
