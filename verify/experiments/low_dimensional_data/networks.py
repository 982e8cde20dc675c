"""(LD1) to (LD3), measured: networks of any kind, trained on the subspace."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import numpy as np
import torch
from scipy.special import ndtr

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.low_dimensional_data.setting import Setting
from verify.judging.sample import Sample
from verify.training.divergence import Diverged, check_finite
from verify.training.ensemble import Ensemble, train

UNIFORM_KURTOSIS = -1.2
DISTANCES = 6
"""Distances from the subspace, in powers of 2 up to the largest."""

ROUNDING = 1e-9
"""Distance from the subspace of a row that lies on it."""

TINY = 1e-300

LARGEST = 1e6
"""W_1 over that at the start: beyond it what is untrained is lost in rounding."""

HIDDEN = 2
"""Layers of the network of (LD3)."""


def of_optimiser(setting: Setting) -> dict[str, Any]:
    """What the premises on the optimiser speak of."""
    at = setting.configuration
    return {
        "rates": at.rates, "omega": at.weight_decay, "momentum": at.momentum,
        "adaptive": int(at.optimiser != "sgd"), "coupled": int(at.optimiser != "adamw"),
        "tilt": setting.tilt, "sigma": at.init_scale,
    }  # fmt: skip


def decayed(setting: Setting, steps: int) -> float:
    """f_t after so many steps."""
    at = setting.configuration
    return math.prod(1 - rate * at.weight_decay for rate in at.rates[:steps])


def trained(setting: Setting, start: Ensemble, times: list[int]) -> list[Ensemble]:
    """The networks after so many steps each of the optimiser that was asked for."""
    found: list[Ensemble] = []

    def watch(step: int, now: Ensemble, residual: torch.Tensor) -> None:
        if step in times:
            found.append(now.copy())

    X, y = torch.tensor(setting.X), torch.tensor(setting.y)
    end = train(start, X, y, times[-1], setting.optimiser, batches=setting.batches(), watch=watch,
                rates=setting.configuration.rates)  # fmt: skip
    return [*found, end]


def training(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD1), (LD2): at the middle and at the end, (times, networks, ...)."""
    at = setting.configuration
    build = setting.mlp(at.depth, at.activation)
    start = setting.ensemble("networks", at.networks, build)
    return on_path(setting, start, trained(setting, start, at.times))


def on_path(setting: Setting, start: Ensemble, path: list[Ensemble]) -> Measured:
    """(LD1), (LD2) of networks of any kind: a sample for every time of the options.

    With networks of one's own: start = setting.ensemble("own", 150, build), and then path =
    trained(setting, start, setting.configuration.times).
    """
    at, N = setting.configuration, torch.tensor(setting.N)
    points = torch.tensor(setting.X[[0, -1]])
    across = np.array([(now.input_gradients(points) @ N).numpy() for now in path])
    J = np.array([now.sensitivities(points).numpy() for now in path])
    squares = (J**2).sum(-1)
    with np.errstate(over="ignore"):
        check_finite(across**2, squares**2)
    if max(now.W_1.abs().max() for now in path) > LARGEST * start.W_1.abs().max():
        raise Diverged(f"W_1 grew {LARGEST:g} times: smaller steps are needed")
    together, t = (J.sum(2) ** 2).sum(-1), np.array(at.times)
    shared = of_optimiser(setting)
    off = float(np.linalg.norm(points.numpy() @ setting.N))
    of_law = {
        **shared, "q": setting.q,
        "kurtosis": 0.0 if at.initial == "gaussian" else UNIFORM_KURTOSIS,
        "off": off if off > ROUNDING else 0.0,
    }  # fmt: skip
    gradient = (across[:, :, 0] ** 2).sum(-1)
    samples: dict[str, Sample | list[Sample]] = {
        "untrained_part": [
            Sample(
                (now.W_1 @ N).numpy(),
                {**shared, "t": step, "w_0": (start.W_1 @ N).numpy()},
                scale=now.W_1.abs().amax((1, 2), keepdim=True).numpy(),
            )
            for step, now in zip(at.times, path, strict=True)
        ],
        "gradient": [
            Sample(_over(above, below), {**of_law, "t": step, "J_sq": below})
            for step, above, below in zip(at.times, gradient, squares[..., 0], strict=True)
        ],
        "sum_of_gradients": [
            Sample(_over(above, below), {**of_law, "t": step, "J_sq": one, "J_sum": below})
            for step, above, below, one in zip(
                at.times, (across.sum(2) ** 2).sum(-1), together, squares[..., 0], strict=True
            )
        ],
    }
    kept = np.array([decayed(setting, step) for step in at.times])
    law = setting.q * (at.init_scale * kept) ** 2 * squares[..., 0].mean(1)
    curve = Trajectory(
        "step", t, {"measured": gradient.mean(1), "law": law},
        errors={"measured": gradient.std(1) / math.sqrt(max(1, at.networks - 1))},
        labels={"measured": "mean over the networks",
                "law": r"$q\,\sigma^2 f_t^2\,\Vert J_t\Vert^2$, mean over the networks"},
        axis="steps $t$", quantity=r"$\Vert N^\top\nabla f_t\Vert^2$",
        title=drawn(setting, f"{at.depth} layers, {at.activation}", {"m": at.width}),
    )  # fmt: skip
    return Measured(samples, curve)


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The ratio; 0 where J = 0, which the claims leave out."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def off_subspace(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(LD3): one trained network, the untrained part drawn again and again; (distances, redraws).

    A redraw is what the same training from another W_1(0) N ends at.
    """
    at = setting.configuration
    (end,) = trained(setting, setting.ensemble("off", 1, setting.mlp(HIDDEN, "relu")), [at.steps])
    W, b, a, c = (value[0].numpy() for value in end.parameters.values())
    a, x = a[0], setting.X[0]
    kept = decayed(setting, at.steps)
    shape = (at.redraws, at.width, setting.q)
    fresh = kept * at.init_scale * setting.rng("redraws").standard_normal(shape)
    rows = W @ setting.P @ setting.P.T + fresh @ setting.N.T
    inside = setting.rng("normal").standard_normal(setting.q)
    normal = setting.N @ (inside / np.linalg.norm(inside))
    s = at.distance * 2.0 ** -np.arange(DISTANCES)[::-1]
    z = W @ x + b
    radius = np.abs(at.init_scale * kept * s)[:, None]
    hidden = np.array([np.maximum(rows @ (x + far * normal) + b, 0.0) for far in s])
    values = {**of_optimiser(setting), "t": at.steps, "s": s}
    parts = []
    for sign in (1, -1):
        mine = sign * a > 0
        if mine.any():
            here = {"a_part": abs(a[mine]), "z_part": z[mine], "m_part": int(mine.sum())}
            scale = (abs(z[mine]) + radius) @ abs(a[mine])  # of what cancels in the bound
            parts.append(Sample(hidden[:, :, mine] @ abs(a[mine]), {**values, **here}, scale=scale))
    f = hidden @ a + c
    ratio = z / np.maximum(radius, TINY)
    shape_of = z * ndtr(ratio) + radius * np.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
    mean = shape_of @ a + c
    deviation = (f - mean[:, None]) ** 2
    samples: dict[str, Sample | list[Sample]] = {
        "part_off_subspace": parts,
        "squared_deviation": Sample(
            deviation,
            {**values, "a": a, "z": z, "m": at.width},
            scale=(abs(z) + radius) ** 2 @ a**2,
        ),
    }
    band = np.sqrt(deviation.mean(1))
    curve = Trajectory(
        "distance", s, {"measured": np.abs(f.mean(1)), "mean": np.abs(mean), "band": band},
        errors={"measured": f.std(1) / math.sqrt(at.redraws),
                "band": band / math.sqrt(2 * at.redraws)},
        labels={"measured": r"$|$mean over the redraws of $W_1N|$", "mean": r"$|E\,f(x + sn)|$",
                "band": "standard deviation over the redraws"},
        axis="distance $s$ along a unit normal", quantity="$f(x + sn)$",
        title=drawn(setting, "off the subspace", {"m": at.width}),
    )  # fmt: skip
    return Measured({name: each for name, each in samples.items() if each}, curve)


def drawn(setting: Setting, words: str, values: dict[str, Any]) -> str:
    """The title of a picture."""
    sizes = {"n": setting.n, "d": setting.d, "k": setting.P.shape[1]}
    return heading(words, setting.configuration.data, {**sizes, **values})
