"""(FY8), measured: the size of the noise as the number of samples grows."""

from __future__ import annotations

import math
from collections.abc import Set

import numpy as np

from theory import registry
from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.kit.slopes import doubled, median_interval, slopes_of
from verify.experiments.single_index_models.configuration import CLIPPED_AT
from verify.experiments.single_index_models.links import link, moments
from verify.experiments.single_index_models.setting import Setting
from verify.judging.sample import Sample

NAMES = {"as_they_are": "index/heavy-tails", "clipped": "index/clipped"}
"""The claims on the slopes."""

NO_MOMENT = "a link with E f(Z)^4 < oo is needed: the slope is that of the tail of the noise"

DRAWS = 50
"""At every number of samples of a sweep, of which the median is taken."""


def sweeps(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """One slope for every sweep, of responses as they are and clipped."""
    c, rng = setting.configuration, setting.rng("sweeps")
    of_link = moments(c.link)
    if not math.isfinite(of_link.fourth):
        return Measured({}, out_of_regime=dict.fromkeys(wanted, NO_MOMENT))
    sizes = np.array(doubled(c.smallest, c.largest))
    tau = CLIPPED_AT if c.tau is None else c.tau
    plain, clipped = np.empty((c.sweeps, len(sizes))), np.empty((c.sweeps, len(sizes)))
    for sweep in range(c.sweeps):
        for at, n in enumerate(sizes):
            u = rng.standard_normal((DRAWS, n))
            y = link(c.link)(u) + c.noise * setting.heavy(rng, u)
            plain[sweep, at] = np.median(np.linalg.norm(y, axis=1) / n)
            y = y.clip(-tau, tau)
            clipped[sweep, at] = np.median(np.linalg.norm(y, axis=1) / n)
        tell(sweep + 1, c.sweeps)
    symbols = {"nu": c.tail, "smallest": c.smallest, "largest": int(sizes[-1]),
               "sizes": len(sizes), "tolerance": c.tolerance, "sigma": c.noise, "tau": tau,
               "f_sq": of_link.second, "f_4": of_link.fourth}  # fmt: skip
    samples, details = {}, {}
    for name, found in (("as_they_are", plain), ("clipped", clipped)):
        slopes = slopes_of(sizes, found)
        claim = registry.claim(NAMES[name])
        ends = claim.evaluate(symbols, where=np.array(True)).parts
        near = (slopes >= ends["lowest"]) & (slopes <= ends["highest"])
        samples[f"slope_{name}"] = Sample(near.astype(float), symbols)
        details[name] = np.array(median_interval(slopes))
    drawn = Trajectory(
        "samples", sizes,
        {"as_they_are": np.median(plain, axis=0), "clipped": np.median(clipped, axis=0)}, details,
        labels={"as_they_are": "as they are", "clipped": rf"clipped at $\tau = {tau:g}$"},
        axis="samples $n$", quantity="$a$, the size of the noise",
        title=heading("Heavy tails", f"link {c.link}", {r"\nu": c.tail, r"\sigma": c.noise}),
    )  # fmt: skip
    return Measured(samples, Trajectory("samples", sizes, {}, sweep=drawn))
