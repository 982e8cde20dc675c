"""(ST1), (ST2), (ST4), measured: neurons that fire at the start, and the first sparse step."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from verify.experiments.kit import Measured, Progress
from verify.experiments.subquadratic_training.setting import Array, Setting, parts
from verify.judging.sample import Sample
from verify.training.shifted import Counter, Network, sparse_step

NEVER = 1e-300
"""The norm of activations none of which fires: the next layer stays below its threshold."""


def started(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One sparse step of `trials` networks, each from a start of its own."""
    c, X, y = setting.configuration, setting.X, setting.y
    rng = setting.rng("starts")
    fired, seen, forward = [], [], []
    for trial in range(c.trials):
        net = Network.drawn(rng, X.shape[1], c.width, c.layers, setting.b)
        count = Counter()
        seen.append(np.linalg.norm(net.layers(X[:1])[-2]))
        fired.append(sparse_step(net, X, y, c.step, count).fired)
        forward.append(count.of["forward"])
        tell(trial + 1, c.trials)
    number = np.array(fired, dtype=np.float64)
    symbols = setting.symbols
    most = c.width ** (1 - c.sparsity)
    chance = {**symbols, "C_e": c.published_chance, "C_f": c.published_fired}
    published = number[:, 0].max(1) <= float(parts("published-fired", chance)["most"])
    first = {"norm_h": float(np.linalg.norm(X[0]))}
    return Measured({
        "fired_first": Sample(number[None, :, 0, 0], {**symbols, **first}),
        "fired_last": Sample(
            number[:, -1, 0], {**symbols, "norm_h": np.maximum(seen, NEVER)}
        ),
        "fired_many": Sample((number[:, 0].max(1) > most).astype(np.float64), symbols),
        "published_fired": Sample(published.astype(np.float64), chance),
        "forward": Sample(np.array(forward, dtype=np.float64)[None], symbols),
    })  # fmt: skip


def kept_pairs(setting: Setting) -> Sample:
    """(ST2): pairs above b - rho, rho that of (ST5e), which no weight tells."""
    c, x = setting.configuration, setting.X[0]
    reach = float(parts("width", setting.newton_symbols)["rho"])
    norm = float(np.linalg.norm(x))
    half = setting.rng("kept").standard_normal((c.trials, c.width // 2, len(x)))
    number: Array = (half @ x > setting.b_newton - reach * norm).sum(1)
    symbols = {"pairs": c.width // 2, "b": setting.b_newton, "norm_h": norm, "reach": reach}
    return Sample(number.astype(np.float64), symbols)
