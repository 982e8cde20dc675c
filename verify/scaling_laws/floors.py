"""The floor of training under masks, against the limit law, where p, tau and xi change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from theory import registry
from verify.sample import Sample
from verify.width_requirement.setting import Setting, prepare
from verify.width_requirement.study import measured, network_symbols

if TYPE_CHECKING:
    from verify.scaling_laws.experiment import Configuration


def variants(configuration: Configuration) -> Iterator[Configuration]:
    """p and 1, tau and 1, xi and 2 xi/3, in every combination."""
    p, tau, xi = configuration.surrogates, configuration.local_steps, configuration.activity
    for p_, tau_, xi_ in itertools.product({p, 1}, {tau, 1}, (xi, 2 * xi / 3)):
        yield replace(configuration, surrogates=p_, local_steps=tau_, xi=xi_)


def ratios(configuration: Configuration, salt: str) -> tuple[np.ndarray, float]:
    """Measured floor over (L.2), (trials, variants); the largest share of (L.1) that is not floor.

    The mean loss is that of all mask sequences and the last third of the rounds.
    """
    found, transient = [], 0.0
    for variant in variants(configuration):
        setting = prepare(variant, salt)
        of_variant = []
        for trial in range(configuration.trials):
            one = measured(setting, configuration.largest, trial, configuration.masks, lazy=False)
            floor, share = predicted(setting, configuration.largest, trial)
            of_variant.append(one["floor"] / floor)
            transient = max(transient, share)
        found.append(of_variant)
    return np.array(found).T, transient


def predicted(setting: Setting, width: int, trial: int) -> tuple[float, float]:
    """(L.2) of the network of that trial, and the share of the transient in the rounds averaged."""
    K = setting.configuration.rounds
    network = setting.network(trial, width, "sweep")
    vectors = network.spectrum[1]
    projected = (vectors.T @ network.e_0).cpu().numpy()
    symbols = {
        **network_symbols(setting, network),
        "c_j": projected, "c_sq": projected**2, "alpha_j": np.zeros(K), "R": 0.0, "excess": 0.0,
        "K": K, "k": np.arange(K + 1),
    }  # fmt: skip
    law = registry.claim("limit-law").evaluate(symbols)
    floor = float(law.parts["floor"][-1])
    return floor, float(abs(law.bound[-max(1, K // 3) :] / floor - 1).max())


def sample(configuration: Configuration, setting: Setting, salt: str) -> tuple[Sample, np.ndarray]:
    """An event per trial: every ratio is within the tolerance of 1; and the ratios."""
    symbols = {**setting.symbols, "tolerance": configuration.tolerance, "transient": np.inf}
    if configuration.law != "bernoulli" or configuration.activity == 1.0:
        return Sample(np.zeros(configuration.trials), symbols), np.full((0, 0), np.nan)
    found, symbols["transient"] = ratios(configuration, salt)
    near = (np.abs(found - 1) <= configuration.tolerance).all(axis=1)
    return Sample(near.astype(np.float64), symbols), found
