"""The experiment of the criterion for gradient descent."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory.mathematics.positive_networks import CRITERIA
from verify.experiments.descent_criterion.cases import homes, slips
from verify.experiments.descent_criterion.comparisons import floor, race
from verify.experiments.descent_criterion.configuration import Configuration
from verify.experiments.descent_criterion.scaling import QUANTITIES, sweep
from verify.experiments.descent_criterion.setting import Setting, Start, prepare
from verify.experiments.descent_criterion.training import OVERFLOW, law, train
from verify.experiments.kit import Experiment, Measured, Measurement, Progress, Trajectory, heading
from verify.judging.sample import Sample

PATHS = {"loss", "path", "remaining", "residual", "singular_value", "initial_gram", "defect",
         "fresh"}  # fmt: skip
DRAWN: Any = {
    "labels": {
        "loss": "the first network",
        "law": "linear regression with its kernel at the start",
        "residual": r"its residual $\Vert e_k\Vert$",
    },
    "axis": "steps $k$ of gradient descent",
    "quantity": r"squared residual $\Vert e_k\Vert^2$",
}
PROFILE: Any = {
    "labels": {
        "s": "$s(r)$, certified at the start",
        "integral": r"$\int_0^R s$ at its smallest radius $R$",
        "ball": "$R\\,s(R)$ at its smallest radius $R$",
    },
    "axis": "radius $r$",
    "quantity": "smallest singular value of $J$",
}
"""What the pictures write."""

EIGENVALUE = 1e-3
"""Rounding of eigenvalues, as a share of the tolerance of trajectories: 1e-12 of the largest."""


def trained(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Every path with the certificate of its network: one sample per trial."""
    c, shared, starts = setting.configuration, setting.shared, setting.starts
    certificates = [setting.certificate(start) for start in starts]
    eta = np.array([each["eta"] for each in certificates])
    spectra = not wanted.isdisjoint({"singular_value", "initial_gram"})
    run = train(setting, starts, eta, c.steps, spectra=spectra)
    k, path, left = np.arange(c.steps + 1), run.path, run.remaining
    E = np.linalg.norm(run.e, axis=-1)
    expected = law(setting, starts, eta, c.steps)
    defect = np.linalg.norm(run.e - expected, axis=-1)
    gram = setting.X @ setting.X.T
    fitted = (run.e[:, -1] + setting.y) @ np.linalg.pinv(setting.X).T @ setting.fresh.T
    found: dict[str, list[Sample]] = {name: [] for name in PATHS}
    for i, (start, own) in enumerate(zip(starts, certificates, strict=True)):
        E_0, R = shared["E_0"], own["R"]
        at = {**shared, **own, "k": k}
        along = {**at, "rho": path[i]}
        found["loss"].append(Sample(E[i] ** 2, at, trivial=E_0**2, scale=E_0**2))
        found["path"].append(Sample(path[i][1:], {**at, "k": k[1:]}))
        found["remaining"].append(Sample(left[i], at, scale=R))
        found["residual"].append(Sample(E[i], along, trivial=E_0, scale=E_0))
        if spectra:
            found["initial_gram"].append(
                Sample(run.gram[i], {**shared, **own, "gram": gram}, scale=own["S_0"] ** 2)
            )
            lost = EIGENVALUE * own["S_0"] ** 2 / max(run.singular[i].min(), 1e-6 * own["S_0"])
            found["singular_value"].append(Sample(run.singular[i], along, scale=lost))
        if "defect" in wanted:
            known = {**shared, **own, **setting.law(start, own["eta"])}
            found["defect"].append(Sample(defect[i][1:], known, trivial=E_0, scale=E_0))
        overflow = 1e10 if E[i].max() >= OVERFLOW else 1.0  # then all is rounding
        size = max(E_0, np.abs(run.e[i, -1]).max()) * overflow
        at_end = {**shared, **own, "fitted": fitted[i]}
        found["fresh"].append(Sample(run.fresh[i], at_end, scale=size))
    tell(1, 1)
    curves = {"loss": E[0] ** 2, "law": (expected[0] ** 2).sum(-1), "residual": E[0]}
    first = {"n": shared["n"], "H": shared["H"], r"\Vert a\Vert": starts[0].norm}
    A_star = setting.smallest_scales[c.criterion]
    if A_star < np.inf:
        first[r"A^{\ast}"] = A_star
    title = heading(f"positive weights, {c.activation}", c.data, first)
    panels = profile(setting, starts[0])
    found = {name: samples for name, samples in found.items() if samples}
    return Measured(found, Trajectory("step", k, curves, panels=panels, title=title, **DRAWN))


def profile(setting: Setting, start: Start) -> list[Trajectory]:
    """s(r) of a network and the areas of both criteria, where they are met."""
    c, E_0, net = setting.configuration, setting.shared["E_0"], start.net
    radii = {each: net.radius(E_0, c.epsilon, start.norm, each) for each in CRITERIA}
    radii = {each: R for each, R in radii.items() if np.isfinite(R)}
    if not radii:
        return []
    r = np.linspace(0, 1.2 * max(radii.values()), 240)
    s = net.lower_bound(r, start.norm)
    heights = {
        each: s if each == "integral" else net.lower_bound(np.array(R), start.norm)
        for each, R in radii.items()
    }
    areas = {each: np.where(r <= R, heights[each], 0) for each, R in radii.items()}
    title = heading(f"what the criteria ask for: areas above {E_0 / (1 - c.epsilon):.3g}", c.data,
                    {"n": setting.shared["n"], r"\Vert a\Vert": start.norm})  # fmt: skip
    return [Trajectory("radius", r, {"s": s, **areas}, areas=tuple(areas), title=title, **PROFILE)]


def one_layer(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.10): the ball of the closed form, and the step size there."""
    c, shared, starts = setting.configuration, setting.shared, setting.starts
    known = [setting.closed_form(start) for start in starts]
    run = train(setting, starts, np.array([each["eta"] for each in known]), c.steps, spectra=False)
    k, loss, top = np.arange(c.steps + 1), (run.e**2).sum(-1), shared["E_0"] ** 2
    samples = [
        Sample(loss[i], {**shared, **own, "k": k}, trivial=top, scale=top)
        for i, own in enumerate(known)
    ]
    return Measured({"one_layer_loss": samples}, Trajectory("step", k, {}))


def published(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(C.P1), (C.P2): the published step size, with L_1, L_2 from S_0, L on the ball of 2 R."""
    c, shared, starts = setting.configuration, setting.shared, setting.starts
    found: dict[str, list[Sample]] = {"published_loss": [], "published_distance": []}
    known = [setting.certificate(start) | setting.published(start) for start in starts]
    eta = np.array([each["eta"] for each in known])
    run, k = train(setting, starts, eta, c.steps, spectra=False), np.arange(c.steps + 1)
    E_0, loss = shared["E_0"], (run.e**2).sum(-1)
    for i, own in enumerate(known):
        at = {**shared, **own, "k": k}
        found["published_loss"].append(Sample(loss[i], at, trivial=E_0**2, scale=E_0**2))
        found["published_distance"].append(Sample(run.to_last[i], at, scale=own["R"]))
    return Measured(found, Trajectory("step", k, {}))


def search(claim: str) -> Any:
    """Small problems of all sources."""
    from verify.experiments.descent_criterion.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of(PATHS, trained, 3.0),
        Measurement.of({"one_layer_loss"}, one_layer),
        Measurement.of({"published_loss", "published_distance"}, published),
        Measurement.of(QUANTITIES, sweep, 3.0),
        Measurement.of("floor", floor, 3.0),
        Measurement.of({"race"}, race, 3.0),
    ),
    homes=homes,
    few={"trials": 1, "sweeps": 1, "floors": 1, "races": 1},
    search=search,
    slips=slips,
)
