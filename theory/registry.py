"""The theorems of the harness. A new theorem is one line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from theory.claim import Claim
from theory.errors import InvalidArgument


@dataclass(frozen=True)
class Theorem:
    """A theorem: the module that lists its claims, and the module that runs its experiments.

    `claims` names a module with CLAIMS (a tuple of Claim), `experiment` one with EXPERIMENT
    (see `verify.experiment`). Both are imported when first used, so the symbolic side never
    loads a trainer.
    """

    name: str
    claims: str
    experiment: str

    def load_claims(self) -> tuple[Claim, ...]:
        return tuple(import_module(self.claims).CLAIMS)

    def load_experiment(self) -> Any:
        return import_module(self.experiment).EXPERIMENT


_THEOREMS = {
    theorem.name: theorem
    for theorem in (
        Theorem("masked-training", "theory.masked_training", "verify.masked_training"),
        Theorem("width-requirement", "theory.width_requirement", "verify.width_requirement"),
        Theorem("scaling-laws", "theory.scaling_laws", "verify.scaling_laws"),
        Theorem(
            "coupled-initialisation",
            "theory.coupled_initialisation",
            "verify.coupled_initialisation",
        ),
        Theorem("node-scaling", "theory.node_scaling", "verify.node_scaling"),
    )
}


def theorems() -> tuple[str, ...]:
    """The names of the registered theorems."""
    return tuple(_THEOREMS)


def theorem(name: str) -> Theorem:
    """The theorem of that name; InvalidArgument lists the known ones."""
    if name not in _THEOREMS:
        raise InvalidArgument("theorem", name, "one of " + ", ".join(_THEOREMS))
    return _THEOREMS[name]


def register(new: Theorem) -> None:
    """Add a theorem that lives outside this package."""
    if new.name in _THEOREMS:
        raise InvalidArgument("theorem", new.name, "a name that is not yet registered")
    _THEOREMS[new.name] = new


def claims(of: str | None = None) -> dict[str, Claim]:
    """All claims by name, or those of one theorem."""
    return {claim.name: claim for claim in _claims(of)}


def claim(name: str) -> Claim:
    """The claim of that name; InvalidArgument suggests the closest ones."""
    known = claims()
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name, known, n=3, cutoff=0.3)
        hint = f"such as {', '.join(close)}" if close else "as listed by `python -m verify list`"
        raise InvalidArgument("claim", name, f"a registered claim, {hint}")
    return known[name]


def _claims(of: str | None) -> Iterator[Claim]:
    seen: set[str] = set()
    for name in theorems() if of is None else (of,):
        for found in theorem(name).load_claims():
            if found.name in seen:
                raise ValueError(f"two claims are named {found.name}")
            seen.add(found.name)
            yield found
