"""(DK7), measured: how far from w* descent ends, in the noise and in the number of samples."""

from __future__ import annotations

import math
from collections.abc import Set

import numpy as np

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, slopes_of, sweep_curves
from verify.experiments.single_neuron.configuration import LAWS
from verify.experiments.single_neuron.neuron import (
    RANDOM,
    at,
    last,
    noise_of,
    relu,
    warm,
    whiten,
)
from verify.experiments.single_neuron.setting import Setting, direction, drawn
from verify.judging.sample import Sample

DRAWS = 12
"""Data sets at every point of a sweep, of which the median is taken."""

NOISES = 5
"""Sizes of the noise; each is four times the one before."""

SEEN = 1e-20
"""Noise (omega) that rounding does not hide."""

STEP, STEPS = 0.5, 40
"""Of descent, which is at its end by then."""

CLAIMS = {"noise": "scaling-noise", "independent": "scaling-independent",
          "adversary": "scaling-adversary"}  # fmt: skip


def distances(setting: Setting, rng: np.random.Generator, n: int, omega: float,
              adversary: str) -> np.ndarray:  # fmt: skip
    """||w - w*|| at the end of descent from the warm start, on DRAWS data sets of pairs."""
    c = setting.configuration
    law = c.data if c.data in LAWS else "gaussian"
    X = whiten(drawn(law, rng, (DRAWS, n, c.dimension)))
    X = np.concatenate([X, -X], axis=1)
    star = direction(rng, (DRAWS, c.dimension))
    v = direction(rng, (DRAWS, c.dimension))
    z = at(X, star)
    y = relu(z) + noise_of(adversary, X, z, v, rng, size=math.sqrt(omega), cut=c.cut)
    w = last(X, y, warm(X, y)[:, None], STEP, STEPS)[:, 0]
    return np.asarray(np.linalg.norm(w - star, axis=-1))


def sweeps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One slope for every sweep: in the noise, and in n, for independent noise and adversary.

    The draws of a sweep over the noise are the same at every size of it.
    """
    c = setting.configuration
    enough = -(-2 * c.dimension // c.smallest)
    sizes = np.array(doubled(c.smallest, c.largest)) * enough
    noises = c.quietest * 4.0 ** np.arange(NOISES)
    omega = c.omega if c.omega >= SEEN else c.quietest
    kept = ["noise"] if "slope_noise" in wanted else []
    kept += ["independent", "adversary"] if wanted - {"slope_noise"} else []
    found = {name: np.empty((c.sweeps, NOISES if name == "noise" else len(sizes)))
             for name in kept}  # fmt: skip
    for i in range(c.sweeps):
        for name in kept:
            law = "independent" if name == "independent" else c.adversary
            rng = setting.rng(f"{name} {i}")
            if name == "noise":
                for j, each in enumerate(noises):
                    again = setting.rng(f"{name} {i}")
                    far = distances(setting, again, int(sizes[-1]), each, law)
                    found[name][i, j] = np.median(far)
            else:
                for j, n in enumerate(sizes):
                    far = distances(setting, rng, int(n), omega, law)
                    found[name][i, j] = np.median(far**2)
        tell(i + 1, c.sweeps)
    shared = {"tolerance": c.tolerance, "function": int(c.adversary not in RANDOM)}
    samples, slopes = {}, {}
    for name, values in found.items():
        x = noises if name == "noise" else sizes
        slopes[name] = slopes_of(x, values)
        symbols = shared | {"smallest": x[0], "largest": x[-1], "sizes": len(x)}
        claim = registry.claim(f"neuron/{CLAIMS[name]}")
        ends = claim.evaluate(symbols, where=np.array(True)).parts
        near = (slopes[name] >= ends["lowest"]) & (slopes[name] <= ends["highest"])
        samples[f"slope_{name}"] = Sample(near.astype(np.float64), symbols)
    in_n = {name: values for name, values in found.items() if name != "noise"}
    if not in_n:
        return Measured(samples)
    curve = sweep_curves(
        "samples", sizes, in_n, {name: slopes[name] for name in in_n},
        labels={"independent": "independent noise", "adversary": f"adversary: {c.adversary}"},
        axis="samples $n$, in pairs $x, -x$", quantity="squared distance from the neuron",
        title=heading("More samples", c.data, {r"\omega": omega, "d": c.dimension}),
    )  # fmt: skip
    return Measured(samples, Trajectory("samples", sizes, {}, sweep=curve))
