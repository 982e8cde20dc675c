"""The floor of training under masks, against the limit law, where p, tau and xi change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from theory.language.claim import Claim, Statement
from theory.language.kinds import EXACT_PATHWISE
from theory.theorems.masked_training import limit_law
from theory.theorems.masked_training.stochastic_recursion import STABLE, spectrum_of_P
from theory.theorems.masked_training.symbols import VOCABULARY
from theory.theorems.scaling_laws import FLOORS
from verify.experiments.kit import Measured, Progress
from verify.experiments.scaling_laws.setting import Setting, prepare
from verify.judging.sample import Sample
from verify.training.masked.trials import last_third, measured, network_symbols

if TYPE_CHECKING:
    from verify.experiments.scaling_laws.configuration import Configuration


@dataclass(frozen=True)
class Law:
    """What the limit law says of one network: (L.2); the largest share of (L.1) that is no floor
    in the rounds averaged; the standard deviation of the loss there, relative to the floor."""

    floor: float
    transient: float
    deviation: float


def variants(configuration: Configuration) -> Iterator[Configuration]:
    """p and 1, tau and 1, xi and 2 xi/3, in every combination."""
    p, tau, xi = configuration.surrogates, configuration.local_steps, configuration.activity
    for p_, tau_, xi_ in itertools.product({p, 1}, {tau, 1}, (xi, 2 * xi / 3)):
        yield replace(configuration, surrogates=p_, local_steps=tau_, xi=xi_)


@cache
def limit() -> Claim:
    """The limit law without its envelope at finite width, for which every round is needed."""
    parts = {"floor": limit_law.floor(), "deviation": sp.sqrt(limit_law.gaussian_variance())}
    statement = Statement(limit_law.mean_square(), (STABLE,), spectrum_of_P(), parts)
    return Claim("limit", "equation (L.1)", EXACT_PATHWISE, limit_law.LINEARISED_LOSS,
                 lambda: statement, VOCABULARY)  # fmt: skip


def predicted(setting: Setting, width: int, trial: int) -> Law:
    """The law of the network of that trial, over the last third of the rounds."""
    K = setting.rounds
    network = setting.network(trial, width, "sweep")
    projected = (network.spectrum[1].T @ network.e_0).cpu().numpy()
    symbols = {
        **network_symbols(setting, network),
        "c_j": projected, "c_sq": projected**2, "k": np.arange(K + 1)[last_third(K)],
    }  # fmt: skip
    law = limit().evaluate(symbols)
    floor, deviation = (law.parts[name] for name in ("floor", "deviation"))
    transient = np.abs(law.bound / floor - 1)
    return Law(float(floor[-1]), float(transient.max()), float((deviation / floor).max()))


def measure(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """An event per trial: measured floor over (L.2) is within the tolerance of 1 in every variant;
    and these ratios, (trials, variants), in the notes.

    The mean loss is that of all mask sequences and the last third of the rounds. Nothing is
    trained where a premise fails.
    """
    found, ratios = sample(setting, tell)
    return Measured({FLOORS.quantity.name: found}, notes={"floor_ratios": ratios})


def sample(setting: Setting, tell: Progress) -> tuple[Sample, np.ndarray]:
    """The events and the ratios; no ratios where a premise fails."""
    configuration = setting.configuration
    trials, width = configuration.trials, configuration.largest
    symbols = {**setting.symbols, "tolerance": configuration.tolerance}
    symbols |= {"transient": np.inf, "spread": np.inf}
    nothing = np.full((trials, 0), np.nan)
    if configuration.law != "bernoulli" or configuration.activity == 1.0:
        return Sample(np.zeros(trials), symbols), nothing
    settings = [prepare(variant, setting.salt) for variant in variants(configuration)]
    laws = [[predicted(one, width, trial) for one in settings] for trial in range(trials)]
    every = [law for row in laws for law in row]
    symbols["transient"] = max(law.transient for law in every)
    symbols["spread"] = max(law.deviation for law in every) / np.sqrt(configuration.masks)
    if not FLOORS.regime(symbols).holds:
        return Sample(np.zeros(trials), symbols), nothing
    ratios = np.empty((trials, len(settings)))
    for trial, row in enumerate(laws):
        for at, (one, law) in enumerate(zip(settings, row, strict=True)):
            found = measured(one, width, trial, configuration.masks, lazy=False)
            ratios[trial, at] = found["floor"] / law.floor
        tell(trial + 1, trials)
    near = np.asarray(np.abs(ratios - 1).max(axis=1) <= configuration.tolerance)
    return Sample(near.astype(np.float64), symbols), ratios
