"""Claims by their names, or by patterns such as 'ridge/*'."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

from theory import registry
from theory.language.claim import Claim
from theory.language.errors import InvalidArgument, suggestion


def select(theorem: str, patterns: Collection[str] = ()) -> dict[str, Claim]:
    """The claims of the theorem whose names match; every pattern must match one."""
    known = registry.claims(theorem)
    found = dict.fromkeys(known, False) if patterns else dict.fromkeys(known, True)
    for pattern in patterns:
        matches = [name for name in known if name == pattern or fnmatchcase(name, pattern)]
        if not matches:
            hint = suggestion(pattern, known)
            raise InvalidArgument("claims", pattern, f"a claim of {theorem}, {hint}")
        found |= dict.fromkeys(matches, True)
    return {name: known[name] for name, wanted in found.items() if wanted}


def matching(patterns: Collection[str]) -> dict[str, str]:
    """The claims of any theorem whose names match, with their theorems; every pattern must match.

    InvalidArgument for the name of two claims, too.
    """
    found: dict[str, str] = {}
    for pattern in patterns:
        homes = theorems_with(pattern)
        if not homes:
            raise InvalidArgument("claim", pattern, _unknown(pattern))
        for theorem in homes:
            for name in select(theorem, [pattern]):
                if found.setdefault(name, theorem) != theorem:
                    both = f"{found[name]} and {theorem}"
                    raise InvalidArgument("claim", name, f"of one theorem: {both} have one each")
    return found


def theorems_with(pattern: str) -> list[str]:
    """The theorems that have a claim of that name, or one that matches."""
    return [
        theorem
        for theorem in registry.theorems()
        if any(name == pattern or fnmatchcase(name, pattern) for name in _names(theorem))
    ]


def one_theorem(patterns: Collection[str]) -> str:
    """The theorem, the first registered of several, in which every pattern matches a claim."""
    homes = {pattern: theorems_with(pattern) for pattern in patterns}
    for pattern, names in homes.items():
        if not names:
            raise InvalidArgument("claims", pattern, _unknown(pattern))
    for theorem in registry.theorems():
        if all(theorem in names for names in homes.values()):
            return theorem
    told = "; ".join(f"{pattern} is of {', '.join(names)}" for pattern, names in homes.items())
    raise InvalidArgument("claims", ",".join(patterns), f"claims of one theorem ({told})")


def _names(theorem: str) -> list[str]:
    return [entry.name for entry in registry.entries(theorem)]


def _unknown(pattern: str) -> str:
    known = [name for theorem in registry.theorems() for name in _names(theorem)]
    return f"a claim, or a pattern that matches one, {suggestion(pattern, known)}"
