"""Points of the domain of the claims, at which mutants are compared without training.

Data, law, kernel and outputs are those of a narrow network at W_0, so the symbols that belong
together do; what the claims leave free (alpha_j, R, c, the columns of Link II, the width) is drawn
over several orders of magnitude, zero included.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.laws import LAWS
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.setting import best_c, prepare
from verify.judging.seeds import numpy_generator

POINTS = 128
"""Points per claim."""

UNIT_ROWS = ("sphere", "orthogonal", "clustered")


def points(claim: str, count: int = POINTS) -> tuple[dict[str, Any], ...]:
    """Values of all symbols of the claim at points of its regime, or near it."""
    if claim.startswith("identity/"):  # on enumerated masks: nothing is left free
        return ()
    found = []
    for number in range(count):
        rng = numpy_generator("domain", claim, number)
        try:
            configuration = _configuration(claim, rng)
            values = prepare(configuration, f"domain/{claim}/{number}").symbols()
        except InvalidArgument:  # a law that does not have this xi
            continue
        values |= _residual(values, rng)
        found.append(values | _free(claim, values, rng))
    return tuple(found)


def _configuration(claim: str, rng: np.random.Generator) -> Configuration:
    case = claim.partition("/")[2] if claim.startswith(("corollary/", "published/")) else ""
    p, tau = (int(rng.choice((1, 2, 3, 5, 8))) for _ in range(2))
    law, xi = str(rng.choice(sorted(LAWS))), float(rng.choice((0.1, 0.3, 0.5, 0.8, 0.95, 1.0)))
    if claim.startswith("published/"):
        law = "bernoulli"
    if case == "gradient-descent":
        law, xi = "bernoulli", 1.0
    if case in ("dropout", "corollary-4"):
        law, p, tau = "bernoulli", 1, 1
    if case in ("multi-sample-dropout", "corollary-5"):
        law, tau = "bernoulli", 1
    if case == "ist" or case.startswith("theorem-7"):
        law = "categorical"
    samples, dimension = int(rng.integers(1, 6)), int(rng.integers(2, 9))
    return Configuration(
        data=str(rng.choice(UNIT_ROWS if dimension >= samples else UNIT_ROWS[::2])),
        samples=samples,
        dimension=dimension,
        targets=str(rng.choice(("noise", "teacher"))),
        target_scale=float(rng.choice((0.1, 1.0, 3.0))),
        law=law,
        xi=None if law == "categorical" else xi,
        surrogates=p,
        local_steps=tau,
        zeta_lambda=float(rng.choice((0.02, 0.1, 0.3, 0.7, 1.0))),
        width=int(rng.choice((32, 256, 2048))),
        init_scale=float(10 ** rng.uniform(-1.5, 0.7)),
        rounds=int(rng.choice((1, 2, 3, 5, 25))),
    )


def _residual(values: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Another initial residual: the targets may be anything."""
    shape = values["c_j"].shape
    c = 10 ** rng.uniform(-2.5, 1) * rng.normal(size=shape) * 10 ** rng.uniform(-2, 0, shape)
    return {"c_j": c, "c_sq": c**2, "e0_sq": float(c @ c)}


def _free(claim: str, values: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Values for the symbols that W_0 does not determine."""

    def size(low: float, high: float) -> float:
        return 0.0 if rng.uniform() < 0.1 else float(10 ** rng.uniform(low, high))

    K = values["K"]
    r = values["theta"] * (1 - (1 - values["zeta"] * values["lambda"]) ** values["tau"])
    alpha = min(size(-3, 0), 0.25) * max(r, 1e-6) * rng.uniform(0.3, 1, K)
    free: dict[str, Any] = {
        "alpha_j": alpha,
        "alpha": float(alpha.max()),
        "R": size(-3, 0.5) * float(np.sqrt(np.trace(values["Phi"]))),
        "excess": 0.0,
    }
    free["c"] = best_c(values | free) * float(10 ** rng.choice((0.0, rng.uniform(-1, 1))))
    if claim == "link-2":
        scale = 10 ** rng.uniform(-2, 2)
        free |= {"nu": size(-3, 0), "rho_k": float(scale), "displacement": size(-2, 0)}
        free |= {"epsilon_A": size(-3, 1), "epsilon_B": size(-3, 0)}
        free |= {"stability_A": rng.uniform(), "stability_B": rng.uniform(), "kernel_min": 0.0}
    if claim.startswith("published/"):
        free |= _published(claim, values, rng)
    return free


def _published(claim: str, values: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """In the regime: constants that allow any width and step, and the scales it prescribes."""
    free: dict[str, Any] = {"C_m": 1e-30, "C_eta": 1e30, "displacement": 0.0}
    free |= {"C_B": float(10 ** rng.uniform(-2, 1)), "gamma": float(rng.uniform(0.05, 0.95))}
    free["m"] = int(10 ** rng.uniform(2, 12))
    if "corollary" in claim:
        n = values["n"] + int(rng.integers(0, 4))
        K, d = min(values["K"], n), min(values["d"], n)
        free |= {"n": n, "K": K, "k": np.arange(K + 1), "d": d}
        free["kappa"] = values["xi"] / np.sqrt(n)
    return free
