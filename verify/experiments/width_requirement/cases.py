"""Configurations in which a slip in a claim of the width requirement shows.

The lemmas are trained at the width they ask for, where some events fail visibly on few inputs. The
theorem is affordable without masks only (m* is above 1e6 with them): of its noise nothing is seen.
"""

from __future__ import annotations

from dataclasses import replace

from verify.experiments.kit import Home
from verify.experiments.width_requirement.configuration import Configuration

_ONE = Configuration(samples=1, dimension=1, targets="noise", trials=600)
_MASKED = Configuration(
    samples=2, dimension=3, targets="noise", law="bernoulli", xi=0.6, surrogates=3, local_steps=2,
    rounds=4, trials=60, delta=0.6,
)  # fmt: skip
_THEOREM = replace(_ONE, trials=1, rounds=6)

_BY_NAME = {
    "good-event": (
        replace(_ONE, trials=60),
        replace(
            _THEOREM,
            samples=2,
            dimension=3,
            surrogates=3,
            local_steps=2,
            rounds=4,
            init_scale=3.0,
            trials=30,
            delta=0.6,
        ),
    ),
    "loss": (
        _THEOREM,
        replace(_THEOREM, local_steps=2, step=0.1, target_scale=2.0, init_scale=4.0, rounds=3),
        replace(_THEOREM, samples=2, dimension=3, rounds=4, step=0.3, init_scale=2.0),
    ),
    "kernel": (
        replace(_ONE, delta=0.62, epsilon=0.999),  # asks for one neuron, dead half of the time
        replace(_ONE, delta=0.9, epsilon=0.1, local_steps=2),
        replace(_ONE, samples=4, dimension=4, delta=0.91, epsilon=0.999),
    ),
    "near": (replace(_ONE, delta=0.9), _MASKED),
    "active": (_MASKED, replace(_MASKED, samples=1, dimension=1, delta=0.9, trials=200)),
    "trace": (
        replace(_ONE, delta=0.9),
        replace(_ONE, samples=3, dimension=4, delta=0.6, local_steps=2),
    ),
    "initial-loss": (
        replace(_ONE, delta=0.9, init_scale=3.0),
        replace(_ONE, samples=4, dimension=4, delta=0.9, target_scale=0.1),
    ),
    "averaging": (_MASKED, replace(_MASKED, samples=1, dimension=1, delta=0.9, trials=200)),
    "curvature": (_MASKED, replace(_MASKED, samples=1, dimension=1, delta=0.9, trials=200)),
    "residuals": (
        _MASKED,
        replace(_MASKED, samples=1, dimension=1, delta=0.9, trials=200, xi=0.3, step=0.1),
    ),
    "distance": (
        replace(_MASKED, width=256, trials=4),
        replace(_MASKED, width=64, trials=4, xi=0.3, local_steps=4, init_scale=0.3, step=0.3),
        replace(_MASKED, width=1024, trials=4, law="categorical", xi=None, surrogates=4),
        replace(_ONE, width=128, trials=4, local_steps=1, target_scale=2.0),
    ),
}


def slips(claim: str) -> tuple[Configuration, ...]:
    """The configurations for mutants of the claim `width/...`."""
    return _BY_NAME[claim.partition("/")[2]]


def homes() -> dict[str, Home]:
    """The theorem and most lemmas at m*, where it can be trained; masks at the widths they need."""
    return dict.fromkeys(("width/active", "width/averaging", "width/curvature"), Home(_MASKED))
