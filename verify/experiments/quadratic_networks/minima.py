"""Where training ends: the global minimum against the sample size, and what is stuck."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.quadratic_networks.networks import (
    Data,
    descend,
    gradient,
    hessian,
    levenberg_marquardt,
    second_moment,
)
from verify.experiments.quadratic_networks.setting import Setting, inputs, output_weights, resized
from verify.judging.sample import TOLERANCE, Sample
from verify.judging.seeds import numpy_generator

OF_SIZES = {"minimum", "explained"}

STUCK = 1e-6
"""A network is stuck where it leaves this share of the loss of the zero network to gain."""


KNOWN = 1e-12 / TOLERANCE["float64"]
"""A gap up to 1e-12 s^2 counts as none."""


def sizes(d: int, optimiser: str) -> list[int]:
    """Sample sizes around D, far from it for plain descent, which is slow there."""
    D = d * (d + 1) // 2
    if optimiser == "descent":
        return [max(1, D // 2), 4 * D, 6 * D]
    return sorted({1, max(1, D // 2), max(1, D - 1), D, D + 1, D + 2, D + d, 2 * D})


def trained(setting: Setting, data: Data, W: np.ndarray) -> np.ndarray:
    """The weights (trials, k, d) where the optimiser of the configuration ends."""
    c, v = setting.configuration, setting.v
    if c.optimiser == "levenberg-marquardt":
        return levenberg_marquardt(W, v, data, c.steps)
    path = descend(W, v, data, setting.steady(data, W), [c.steps], sums=False)
    return np.asarray(path.W[-1])


def sized(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.5), (Q.6): samples (sizes, trials) of networks trained on labels that are noise."""
    c, v, d = setting.configuration, setting.v, setting.data.d
    s, every = c.target_scale, sizes(d, c.optimiser)
    found: list[dict[str, Any]] = []
    for number, n in enumerate(every):
        X, *_ = inputs(resized(c, n), f"{setting.salt}/size {n}")
        rng = numpy_generator(f"labels {n}", setting.salt)
        data = Data(X, s * rng.standard_normal((c.trials, len(X))))
        W = trained(setting, data, setting.weights(f"size {n}", c.trials))
        M = second_moment(W, v)
        loss = ((data.outputs(M) - data.y) ** 2).sum(-1) / (2 * data.n)
        row = {"loss": loss, "zero": data.loss_of_zero, "gap": data.gap(M)}
        found.append({"n": data.n, "rank": data.spectrum[2], **row})
        tell(number + 1, len(every))
    D = d * (d + 1) // 2
    above = [one for one in found if one["n"] > D] or found[-1:]
    shared = {"d": d, "k_plus": c.positive, "k_minus": c.negative, "s": s,
              "c_n": c.published_samples}  # fmt: skip

    def symbols(rows: list[dict[str, Any]]) -> dict[str, Any]:
        shape = (len(rows), c.trials)
        each = {name: np.array([one[name] for one in rows])[:, None] * np.ones(shape)
                for name in ("n", "rank")}  # fmt: skip
        return {**shared, **each, "gap": np.array([one["gap"] for one in rows])}

    zeros = np.array([one["zero"] for one in found])
    explained = 1 - np.array([one["loss"] for one in found]) / zeros
    ratios = np.array([2 * one["n"] * one["loss"] / s**2 for one in above])
    samples = {
        "explained": Sample(explained, symbols(found), scale=1 + KNOWN * s**2 / zeros),
        "minimum": Sample(ratios, symbols(above), scale=1e-4),
    }
    numbers = np.array([float(one["n"]) for one in found])
    series = {
        "mean_loss": np.array([one["loss"].mean() for one in found]).clip(1e-12 * s**2),
        "law": ((numbers - D) / (2 * numbers) * s**2).clip(1e-12 * s**2),
    }
    title = heading(f"final loss, {c.optimiser}", c.data, {"d": d, "d(d+1)/2": D})
    labels = {"mean_loss": "mean over the trials",
              "law": r"$s^2 (n - d(d+1)/2)_+/(2n)$, mean of the law"}  # fmt: skip
    curve = Trajectory("sample size", numbers, series, labels=labels, axis="samples $n$",
                       quantity="loss after training", title=title)  # fmt: skip
    return Measured(samples, curve)


def stuck(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(Q.4): samples (k_+ = k_- = 1 ... d + 1, trials) of what training gained."""
    c, data, d = setting.configuration, setting.data, setting.data.d
    counts, unit = np.arange(1, d + 2), np.linalg.norm(data.best, "nuc") / c.output
    rows: dict[str, list[np.ndarray]] = {"gained": [], "slope": [], "bend": []}
    shares = []
    for count in counts:
        own = replace(c, positive=int(count), negative=int(count), start="independent")
        one = replace(setting, configuration=own, v=output_weights(own))
        W = trained(one, data, one.weights(f"stuck {count}", c.trials))
        M = second_moment(W, one.v)
        e = data.outputs(M) - data.y
        loss, gap = (e**2).sum(-1) / (2 * data.n), data.gap(M)
        top = data.loss_of_zero - data.gap(np.zeros((d, d)))
        rows["gained"].append((data.loss_of_zero - loss) / (data.loss_of_zero - top))
        slope = np.linalg.norm(gradient(W, one.v, data.averaged(e)), axis=(1, 2))
        length = np.linalg.norm(W, axis=(1, 2)) + unit**0.5
        rows["slope"].append(slope * length / data.loss_of_zero)
        gamma = -np.linalg.eigvalsh(hessian(W, one.v, data))[:, 0].clip(max=0.0)
        rows["bend"].append(gamma * unit / data.loss_of_zero)
        shares.append(float((gap > STUCK * data.loss_of_zero).mean()))
        tell(len(shares), len(counts))
    found = {name: np.array(each) for name, each in rows.items()}
    neurons = counts[:, None] * np.ones(found["gained"].shape)
    symbols = {"d": d, "k_plus": neurons, "k_minus": neurons,
               "slope": found["slope"], "bend": found["bend"]}  # fmt: skip
    least = 0.1 / c.trials
    series = {"share": np.array(shares).clip(least)}
    labels = {"share": f"share of {c.trials} starts (none: {least:g})"}
    title = heading(f"stuck networks, {c.optimiser}", c.data, {"n": data.n, "d": d})
    curve = Trajectory("neurons of each sign", counts, series, labels=labels, title=title,
                       axis="neurons of each sign $k_+ = k_-$", quantity="share stuck")  # fmt: skip
    notes = {"share_stuck": {int(k): share for k, share in zip(counts, shares, strict=True)}}
    return Measured({"gained": Sample(found["gained"], symbols, scale=1.0)}, curve, notes)
