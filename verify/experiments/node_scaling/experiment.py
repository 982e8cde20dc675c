"""The experiment of unequal node scalings."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Experiment, Measured, Measurement, Progress, Trajectory
from verify.experiments.kit.slopes import slopes_of, sweep_curves, sweep_symbols
from verify.experiments.node_scaling import certificates, pruning, transfer
from verify.experiments.node_scaling.cases import homes, slips
from verify.experiments.node_scaling.configuration import Configuration
from verify.experiments.node_scaling.curves import drawn
from verify.experiments.node_scaling.setting import Setting, parts, prepare
from verify.judging.sample import TOLERANCE, Sample
from verify.training.gradient_descent import descend, flow

FLOW = {"flow_loss", "flow_distance", "flow_kernel", "convergence", "published_loss",
        "published_distance", "flow_pruned_output"}  # fmt: skip
DESCENT = {"descent_loss", "descent_distance"}
SLOPES = {
    f"slope_of_{kind}{name}": (name, f"node/{regime}-{name}")
    for kind, regime in (("", "ntk"), ("feature_", "feature"))
    for name in ("distance", "kernel")
}
"""By quantity: what is measured, and the claim."""
DRAWS = 8
"""Networks per width of a sweep, which takes their mean."""

SWEEP_STEPS = 60

INTEGRATION = 0.01
"""Share of the loss that its integration error should stay below."""


def certified(setting: Setting) -> Sample:
    """(B.6): whether the certificate of gradient flow exists, per trial."""
    required, network = parts("node/certificate", setting.symbols), setting.trial_networks
    found = [
        certificates.holds(network, i, required["lowest"], required["nu"], setting.symbols)
        for i in range(len(network.s))
    ]
    return Sample(np.array(found, dtype=np.float64), setting.symbols)


def trained_by_flow(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Pathwise samples (trials, times), events per trial; notes where the integration is coarse."""
    configuration, at = setting.configuration, setting.symbols
    network, best = setting.trial_networks, setting.certificates
    end = configuration.horizon / (at["gamma"] * at["lambda_0"])
    t = np.linspace(0, end, configuration.points + 1)
    path = flow(network, setting.y, t)
    values = {**at, "t": np.broadcast_to(t, path.loss.shape), **_columns(best, path.loss.shape)}
    ratios = (path.distance / network.s.abs().numpy()[:, None]).max(-1)
    e_0, tolerance = at["e0_sq"] ** 0.5, TOLERANCE["float64"]
    scale = path.loss + path.loss_error / tolerance
    # rounding, and an error of e for the time so far
    longest = np.maximum.accumulate(path.error, axis=1) * t
    moved = at["norm_X"] * (e_0 / (at["gamma"] * at["lambda_0"]) + longest / tolerance)
    required, published = parts("node/convergence", at), parts("node/published-loss", at)
    bound = np.exp(-at["gamma"] * required["lowest"] * t) * at["y_sq"]
    slow = np.exp(-published["rate"] * t) * at["e0_sq"]
    rounding = tolerance * scale
    events = {
        "convergence": (path.loss <= bound + rounding).all(1),
        "published_loss": (path.loss <= slow + rounding).all(1),
        "published_distance": (ratios <= published["distance"]).all(1),
    }
    samples = {
        "flow_loss": Sample(path.loss, values, trivial=at["e0_sq"], scale=scale),
        "flow_distance": Sample(ratios[:, 1:], _later(values), scale=moved[:, 1:]),
        "flow_kernel": Sample(path.lowest, values, scale=1.0),
    }
    samples |= {name: Sample(found.astype(np.float64), at) for name, found in events.items()}
    if "flow_pruned_output" in wanted:
        samples["flow_pruned_output"] = pruning.after_flow(setting, path.c)
    first = {name: v[0] if np.ndim(v) == 2 else v for name, v in values.items()}
    certified = registry.claim("node/flow-loss").evaluate(first, where=np.array(True)).bound
    curves = {"mean_loss": path.loss.mean(0), "bound_at_m_star": bound}
    curves["certificate_of_the_first_trial"] = certified
    errors = {"mean_loss": path.loss.std(0) / max(1, len(path.loss) - 1) ** 0.5}
    notes, coarse = {}, path.loss_error > INTEGRATION * path.loss
    if coarse.any():
        notes["integration"] = (
            f"integration error above {INTEGRATION:.0%} of the loss at {int(coarse.sum())} of "
            f"{coarse.size} points, where the loss is at most {path.loss[coarse].max():.1e}: there "
            f"the outputs are rounding"
        )
    details = {"integration_error": path.loss_error.max(0)}
    curve = Trajectory("time", t, curves, details, errors, **drawn(setting, "flow"))
    return Measured(samples, curve, notes)


def trained_by_descent(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Pathwise samples (trials, steps)."""
    network, best = setting.trial_networks, setting.certificates
    at, k = setting.symbols, np.arange(setting.configuration.steps + 1)
    path = descend(network, setting.y, at["eta"], len(k) - 1)
    values = {**at, "k": np.broadcast_to(k, path.loss.shape), **_columns(best, path.loss.shape)}
    ratios = (path.distance / network.s.abs().numpy()).max(-1)
    last = {name: v[:, -1] if np.ndim(v) == 2 else v for name, v in values.items()}
    samples = {
        "descent_loss": Sample(path.loss, values, trivial=at["e0_sq"], scale=at["e0_sq"]),
        "descent_distance": Sample(ratios, last),
    }
    curves = {"mean_loss": path.loss.mean(0)}
    return Measured(samples, Trajectory("step", k, curves, **drawn(setting, "descent")))


def _columns(best: list[dict[str, float]], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The certificate of every trial, along its path."""
    return {
        name: np.broadcast_to(np.array([values[name] for values in best])[:, None], shape)
        for name in best[0]
    }


def _later(values: dict[str, Any]) -> dict[str, Any]:
    """Without the start, where nothing has moved."""
    return {name: v[:, 1:] if np.ndim(v) == 2 else v for name, v in values.items()}


def sweep(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(B.8) to (B.11): one slope per sweep; median slopes with intervals go to the notes."""
    configuration = setting.configuration
    widths, sweeps = np.array(configuration.widths), configuration.sweeps
    listed: dict[str, list[np.ndarray]] = {"distance": [], "kernel": []}
    for number, width in enumerate(widths):
        network = setting.network(f"sweep {width}", int(width), 1.0, sweeps * DRAWS)
        eta = 0.5 / setting.symbols["norm_X"] ** 2
        path = descend(network, setting.y, eta, SWEEP_STEPS)
        for name, values in (("distance", path.distance.max(1)), ("kernel", path.change)):
            listed[name].append(values.reshape(sweeps, DRAWS).mean(1))
        tell(number + 1, len(widths))
    found = {name: np.array(values).T for name, values in listed.items()}
    slopes = {name: slopes_of(widths, values) for name, values in found.items()}
    curve = sweep_curves("width", widths, found, slopes, **drawn(setting, "sweep"))
    notes = {
        f"slope of {name}": dict(zip(("median", "low", "high"), interval, strict=True))
        for name, interval in curve.details.items()
    }
    symbols = setting.symbols | sweep_symbols(widths, configuration.tolerance)
    samples = {}
    for quantity, (name, claim) in SLOPES.items():
        between = parts(claim, symbols)
        near = (slopes[name] >= between["lowest"]) & (slopes[name] <= between["highest"])
        samples[quantity] = Sample(near.astype(np.float64), symbols)
    return Measured(samples, Trajectory("time", np.arange(2.0), {}, sweep=curve), notes)


def search(claim: str) -> Any:
    """Small problems of all sources."""
    from verify.experiments.node_scaling.strategies import configurations

    return configurations()


EXPERIMENT = Experiment(
    Configuration,
    prepare,
    (
        Measurement.of("certificate", certified, 0.1),
        Measurement.of(FLOW, trained_by_flow, 3.0),
        Measurement.of(DESCENT, trained_by_descent),
        Measurement.of(SLOPES, sweep, 3.0),
        Measurement.of({"pruned_output"}, pruning.after_descent),
        Measurement.of({"slope_of_pruning"}, pruning.powers),
        Measurement.of({"transfer"}, transfer.transferred),
    ),
    homes=homes,
    few={"trials": 1, "sweeps": 1, "points": 1, "horizon": 0.01},
    search=search,
    slips=slips,
)
