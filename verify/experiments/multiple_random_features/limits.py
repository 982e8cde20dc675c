"""(DR2), (DR5): what the limit itself satisfies, at no finite size."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from theory.mathematics.random_features import limit, threshold
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.multiple_random_features.setting import Setting
from verify.judging.sample import Sample

HALVINGS = 2.0 ** np.arange(4)
"""Sizes of (DR5), over the smallest: of 1/sqrt(lam), and of 1/e."""

HEIGHT, WIDTH = 50.0, 100.0
"""The smallest 1/e."""

RIDGELESS = 1e-12
"""lam over e^2 b where lam -> 0 comes first."""

BISECTIONS = 60


def problems(setting: Setting, count: int) -> dict[str, np.ndarray]:
    """Random a, b, psi (count, K), c and lam (count,); every other one at its threshold."""
    rng, K = setting.rng("problems"), len(setting.kinds)
    a, b, psi = rng.exponential(size=(3, count, K))
    c = psi.sum(1) * np.where(np.arange(count) % 2, 1.0, rng.uniform(0.2, 5.0, count))
    return {"a": a, "b": b, "psi": psi, "c": c, "lam": 10 ** rng.uniform(-8, 1, count)}


def identities(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR2), of random problems: the balance (draws,), changed risks (changes, draws)."""
    at = setting.configuration
    given = problems(setting, at.draws)
    found = limit(**given)
    root, more = np.sqrt(given["lam"]), found.p.sum(1)
    total = given["psi"].sum(1)
    balance = Sample(
        root * (more - found.q), {"total": total, "c": given["c"], "lam": given["lam"]},
        scale=root * (more + found.q) + total + given["c"],
    )  # fmt: skip
    risks = np.array([
        limit(**changed).risk(at.signal, at.noise) for changed in changes(setting, given)
    ])  # fmt: skip
    risk = np.broadcast_to(found.risk(at.signal, at.noise), risks.shape)
    # the variance is g/(1 - g): rounding of g counts 1/(1 - g) times
    scale = risk * (1 + np.broadcast_to(found.variance, risks.shape))
    return Measured({"mass": balance, "changed_risk": Sample(risks, {"R_0": risk}, scale=scale)})


def changes(setting: Setting, of: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """The same problems: scaled, one type split, with a type that has no features, or is 0."""
    rng, count = setting.rng("changes"), len(of["c"])
    e_sq, part = rng.exponential(size=(2, count, 1))
    part = part / (1 + part)

    def more(a: np.ndarray, b: np.ndarray, psi: np.ndarray) -> dict[str, np.ndarray]:
        types = {"a": a, "b": b, "psi": psi}
        return {**of, **{name: np.hstack([of[name], new]) for name, new in types.items()}}

    first, any_a, any_b, any_psi = of["psi"][:, :1], *rng.exponential(size=(3, count, 1))
    split = more(of["a"][:, :1], of["b"][:, :1], part * first)
    split["psi"][:, :1] *= 1 - part
    return [
        {**of, "a": e_sq * of["a"], "b": e_sq * of["b"], "lam": e_sq[:, 0] * of["lam"]},
        split,
        more(any_a, any_b, 0 * any_psi),
        more(0 * any_a, 0 * any_b, any_psi),
    ]


def peak(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR5): sqrt(lam) var of the limit at falling lam, (sizes, 1)."""
    a, b, psi, c = setting.a, setting.b, setting.psi, setting.c
    lam = 1e-4 * (b.min() or 1.0) / HALVINGS**2
    var = limit(a, b, psi, c, lam).variance
    q, s = map(float, threshold(a, b, psi)) if b.all() else (1.0, 0.0)
    values = {
        "K": len(a), "a": a, "b": b, "psi": psi, "c": c, "total": float(psi.sum()), "q": q, "s": s,
        "b_min": b.min(), "small": lam**-0.5,
    }  # fmt: skip
    samples = {"peak": Sample((np.sqrt(lam) * var)[:, None], values, deterministic=True)}
    if not b.all() or sum(setting.configuration.counts) != setting.configuration.rows:
        return Measured(samples)  # no such peak here
    curve = Trajectory(
        "ridge", lam**-0.5, {"variance": var, "law": c / (2 * q) * lam**-0.5},
        labels={"variance": "limit of the variance", "law": r"$c/(2 q\sqrt{\lambda})$"},
        axis=r"$1/\sqrt{\lambda}$", quantity="variance at $N = n$", scale="log",
        title=of_limit(setting, "the highest peak"),
    )  # fmt: skip
    return Measured(samples, beside(curve))


def second_peak(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(DR5): e var at N_1 = n and w/e, (sizes, 1), for two types of the first activation."""
    counts, b = setting.configuration.counts, setting.b[0]
    share = counts[1] / counts[0] if len(counts) > 1 else 1.0
    values = {"b_min": b, "share": share}
    e = 1 / (HEIGHT * HALVINGS)
    height = variance_near(setting, e, share, np.ones_like(e))
    narrow = 1 / (WIDTH * HALVINGS)
    width = width_of_peak(setting, narrow, share)
    samples = {
        "second_height": Sample(
            (e * height)[:, None], values | {"inverse_e": 1 / e}, deterministic=True
        ),
        "second_width": Sample(
            (width / narrow)[:, None], values | {"inverse_e": 1 / narrow}, deterministic=True
        ),
    }
    if not b:
        return Measured(samples)  # no such peak here
    curve = Trajectory(
        "scale", 1 / e, {"variance": height, "law": 1 / (2 * e * share**0.5)},
        labels={"variance": "limit of the variance", "law": r"$\sqrt{N_1/N_2}/(2e)$"},
        axis="$1/e$, $e$ the scale of the second type", quantity="variance at $N_1 = n$",
        title=of_limit(setting, "the peak of strong features"), scale="log",
    )  # fmt: skip
    return Measured(samples, beside(curve))


def of_limit(setting: Setting, words: str) -> str:
    """The heading of a picture of the limit alone."""
    return heading(words, "the limit", {"n/d": setting.c})


def beside(curve: Trajectory) -> Trajectory:
    """A panel, beside the curves of what is trained."""
    return Trajectory("point", np.arange(2.0), {}, panels=(curve,))


def variance_near(setting: Setting, e: np.ndarray, share: float, x: np.ndarray) -> np.ndarray:
    """The limit of the variance at N_1/n = x and N_2 = share N_1, for each e, as lam -> 0."""
    squares = np.stack([np.ones_like(e), e**2], axis=-1)
    a, b = setting.a[0] * squares, setting.b[0] * squares
    psi = setting.c * x[:, None] * np.array([1.0, share])
    return limit(a, b, psi, setting.c, RIDGELESS * e**2 * (setting.b[0] or 1.0)).variance


def width_of_peak(setting: Setting, e: np.ndarray, share: float) -> np.ndarray:
    """The width in N_1/n at half of the height at N_1 = n, for each e."""
    half = np.tile(variance_near(setting, e, share, np.ones_like(e)) / 2, 2)
    both, side = np.tile(e, 2), np.repeat([1.0, -1.0], len(e))
    inside, outside = np.zeros_like(both), 9 * both
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        high = variance_near(setting, both, share, 1 + side * middle) > half
        inside, outside = np.where(high, middle, inside), np.where(high, outside, middle)
    return np.asarray(inside.reshape(2, -1).sum(0))
