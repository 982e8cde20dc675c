"""Hypothesis strategies for masked training: configurations over the domain of the theorem.

`configurations` covers the domain, tiny widths included. Most of it is honest but uninformative
for the expectation claims (a noise floor above the initial loss, defects above r/4), so
`informative` moves a configuration to where a claim can fail: it chooses the initial scale, the
width and the number of rounds by what the claim needs, from pilot seeds of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theory import registry
from theory.theorems.masked_training.laws import LAWS
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.setting import Setting, pilot, prepare
from verify.judging.seeds import seed_tensor
from verify.training.masked.good_event import Thresholds
from verify.training.masked.measure import measure

CASES = ("general", "gradient-descent", "dropout", "multi-sample-dropout", "ist")
SYNTHETIC = ("sphere", "orthogonal", "clustered")
REAL = ("diabetes", "digits")
PATHWISE = (
    "link-2",
    "identity/surrogate-loss",
    "identity/noise-variance",
    "identity/aggregation",
    "identity/dispersion",
)
"""Claims that are deterministic: any width will do."""
PROBE = 512
"""Width at which the needs of a configuration are probed."""
MAX_STEPS = 1e9 / 128
"""Largest number of pre-activations that one seed may update: a few seconds for 128 of them."""
MOST_CONTRACTION = 0.999
"""Largest r of an informative example."""
NARROWEST, WIDER = 4096, 4.0
"""Smallest width of an informative example; how much wider than needed it is, if affordable."""


@st.composite
def configurations(
    draw: st.DrawFn,
    /,
    *,
    case: str = "general",
    max_width: int = 512,
    max_samples: int = 6,
    max_rounds: int = 8,
    data: tuple[str, ...] = SYNTHETIC + REAL,
    **fixed: Any,
) -> Configuration:
    """Configurations of one case of the theorem; `fixed` fields are taken as given."""
    source = draw(st.sampled_from(data))
    samples = draw(st.integers(1, max_samples))
    dimension = draw(st.integers(max(2, samples) if source == "orthogonal" else 2, 12))
    law, p, xi, tau = _algorithm(draw, case)
    options: dict[str, Any] = {
        "data": source,
        "samples": samples,
        "dimension": dimension,
        "targets": draw(st.sampled_from(("auto", "noise", "teacher"))),
        "target_scale": draw(st.sampled_from((0.1, 0.5, 1.0, 3.0))),
        "law": law,
        "xi": xi,
        "surrogates": p,
        "local_steps": tau,
        "zeta_lambda": draw(st.floats(0.05, 1.0)),
        "width": draw(st.one_of(st.integers(1, 32), st.integers(1, max_width))),
        "init_scale": draw(st.sampled_from((0.03, 0.1, 0.3, 1.0, 3.0))),
        "rounds": draw(st.integers(1, max_rounds)),
        "seeds": 8,
        "pilot_seeds": 4,
    }
    return Configuration(**options | fixed)


def _algorithm(draw: st.DrawFn, case: str) -> tuple[str, int, float | None, int]:
    """Law, p, xi and tau of a case."""
    some_xi = st.one_of(st.sampled_from((0.1, 0.5, 0.9)), st.floats(0.05, 1.0))
    tau = draw(st.integers(1, 6))
    p = draw(st.integers(1, 6))
    if case == "gradient-descent":
        return "bernoulli", p, 1.0, tau
    if case == "dropout":
        return "bernoulli", 1, draw(some_xi), 1
    if case == "multi-sample-dropout":
        return "bernoulli", p, draw(some_xi), 1
    if case == "ist":
        return "categorical", p, None, tau
    law = draw(st.sampled_from(sorted(LAWS)))
    return law, p, None if law == "categorical" else draw(some_xi), tau


@st.composite
def noisy(draw: st.DrawFn, /) -> Configuration:
    """Where the limit law is nearly all noise, and seen sharply enough to refute twice the noise.

    Large steps on orthogonal inputs forget W_0 at once, and an initial scale of 3 drowns the
    targets. Elsewhere the envelope is mostly wider than the noise at an affordable width: a slip
    in V hides there.
    """
    samples = draw(st.integers(8, 12))
    return Configuration(
        data="orthogonal",
        samples=samples,
        dimension=draw(st.integers(samples, 16)),
        targets=draw(st.sampled_from(("auto", "noise"))),
        target_scale=draw(st.sampled_from((0.1, 1.0, 3.0))),
        xi=draw(st.sampled_from((0.6, 0.8))),
        surrogates=draw(st.integers(1, 4)),
        local_steps=draw(st.integers(2, 3)),
        zeta_lambda=0.9,
        width=8192,
        init_scale=3.0,
        rounds=draw(st.integers(2, 5)),
        seeds=1000,
        pilot_seeds=12,
    )


def for_claim(claim: str) -> st.SearchStrategy[Configuration]:
    """Configurations in which the claim can be informative, at an affordable width."""
    if claim.startswith("published/"):
        from verify.experiments.masked_training.published_cases import in_regime

        return in_regime(claim)
    claim = claim.partition("~")[0]
    if claim in PATHWISE:
        case = "ist" if claim in ("identity/aggregation", "identity/dispersion") else "general"
        return configurations(case=case, max_width=2048)
    case = claim.removeprefix("corollary/") if claim.startswith("corollary/") else "general"
    need = "limit-law" if claim == "limit-law" else "main/displayed"
    chosen = configurations(case=case).map(lambda c: informative(c, repr(c), need=need))
    affordable = chosen.filter(lambda pair: pair[1]).map(lambda pair: pair[0])
    return st.one_of(noisy(), affordable) if claim == "limit-law" else affordable


def informative(
    configuration: Configuration, salt: str, *, need: str = "main/displayed", seeds: int = 128
) -> tuple[Configuration, bool]:
    """The configuration with kappa, K, m and seeds chosen so that the claim `need` can fail.

    kappa: both terms of the neighbourhood are at most an eighth of ||y||^2 (they grow like
    kappa^2). K: the bound has time to fall. m: what a pilot at width PROBE shows, extrapolated by
    m^{-1/2}: alpha <= r/10 for the theorem, an envelope of a tenth for the limit law; WIDER times
    that. seeds: as many as narrow networks afford. Also returns whether it is within MAX_STEPS.
    """
    probe = replace(configuration, width=PROBE, init_scale=1.0, pilot_seeds=12)
    setting = prepare(probe, f"{salt}/scale")
    r, noise = _contraction_and_noise(setting)
    xi, tr_Phi = setting.algorithm.xi, float(setting.network.Phi.trace())
    y_sq = float(setting.problem.y @ setting.problem.y)
    # at kappa = 1: 2 s^2/r, and (2 alpha sigma/r)^2 at alpha = r/10
    region = max(2 * noise / max(r, 1e-300), (1 - xi) / xi * tr_Phi / 25, 1e-300)
    kappa = float(np.clip(np.sqrt(y_sq / (8 * region)), 0.02, 1.0))
    K = int(np.clip(np.ceil(2 / r), 2, 15)) if r > 0 else 2
    probe = replace(probe, init_scale=kappa, rounds=K)
    setting = prepare(probe, f"{salt}/width")
    pilot_seeds = seed_tensor(4, "probe", salt)
    measured = measure(setting.network, setting.algorithm, K, pilot_seeds, lazy=False)
    thresholds = pilot(setting, measured)
    needed = PROBE * _excess(setting, thresholds, need) ** 2
    tau, p = configuration.local_steps, configuration.surrogates
    affordable = MAX_STEPS / (tau * p * configuration.samples * K)
    width = int(np.clip(WIDER * needed, NARROWEST, max(affordable, NARROWEST)))
    # one sample: a loss that is all noise is a chi square with one degree of freedom
    most = 16 * seeds if configuration.samples == 1 else 4 * seeds
    seeds = int(np.clip(most * NARROWEST / width, seeds, most))
    return replace(probe, width=width, seeds=seeds), WIDER * needed <= width


def promising(configuration: Configuration, salt: str) -> bool:
    """Whether at the W_0 of this salt the displayed bound can fall below the initial loss.

    With alpha = r/10 and R = 0, so from what is known before training. It fails where the
    initial outputs happen to lie near the targets: there is nothing to bound then. And whether
    a round leaves more than defects, whose squares are so heavy-tailed that no mean is seen.
    """
    setting = prepare(configuration, salt)
    r, noise = _contraction_and_noise(setting)
    xi, e0_sq = setting.algorithm.xi, setting.symbols()["e0_sq"]
    sigma_sq = (1 - xi) / xi * float(setting.network.Phi.trace())
    bound = (1 - 0.8 * r) ** configuration.rounds * e0_sq + 2 * noise / max(r, 1e-300)
    return bool(r < MOST_CONTRACTION and bound + sigma_sq / 25 < 0.8 * e0_sq)


def _excess(setting: Setting, thresholds: Thresholds, need: str) -> float:
    """By how much the defects at width PROBE exceed what the claim needs."""
    if need == "limit-law":
        symbols = setting.symbols() | {"alpha_j": thresholds.alpha, "R": thresholds.R}
        claim = registry.claim(need)
        if not claim.regime(symbols).holds.all():
            return np.inf
        law = claim.evaluate(symbols)
        assert law.upper is not None
        return float(10 * (np.sqrt(law.upper / np.maximum(law.bound, 1e-300)) - 1)[1:].min())
    r, _ = _contraction_and_noise(setting)
    return float(10 * thresholds.alpha.max() / r) if r > 0 else np.inf


def _contraction_and_noise(setting: Setting) -> tuple[float, float]:
    """r and s^2 at R = 0 (from their definitions, for choosing a configuration only)."""
    symbols = setting.symbols()
    q = 1 - (1 - symbols["zeta"] * symbols["mu"]) ** symbols["tau"]
    noise = symbols["theta"] ** 2 * symbols["V"] * np.sum(q**2 * np.diag(symbols["Phi"]))
    return float(symbols["theta"] * q.min()), float(noise)
