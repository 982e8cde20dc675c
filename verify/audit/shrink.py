"""The simplest configuration in which a mutant is still refuted, found by Hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from theory.language.errors import InvalidArgument

EXAMPLES = 60
"""Configurations that Hypothesis draws before it shrinks."""

KEPT = 12
"""Weight of a field's own value: most draws differ from the configuration in few fields."""


def shrink(configuration: Any, refuted: Callable[[Any], bool]) -> Any:
    """The simplest configuration that `refuted` accepts; the given one is accepted."""

    def accepted(candidate: Any) -> bool:
        return candidate is not None and refuted(candidate)

    quick = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(simpler(configuration), accepted, settings=quick, random=random.Random(0))
    except NoSuchExample:
        return configuration


def simpler(configuration: Any) -> st.SearchStrategy[Any]:
    """Configurations with some numbers replaced by 1, 2, half of them, or their defaults.

    None stands for a combination that is no configuration.
    """
    values = {f.name: getattr(configuration, f.name) for f in fields(configuration)}
    choices = {
        f.name: st.sampled_from(_simpler(values[f.name], f.default) + [values[f.name]] * KEPT)
        for f in fields(configuration)
        if f.init and _simpler(values[f.name], f.default)
    }

    def changed(chosen: dict[str, Any]) -> Any:
        try:
            return replace(configuration, **chosen)
        except InvalidArgument:
            return None

    return st.fixed_dictionaries(choices).map(changed)


def _simpler(value: Any, default: Any) -> list[Any]:
    """Simpler values, the simplest first."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [] if isinstance(value, list | tuple) or value == default else [default]
    if isinstance(value, int):
        return [v for v in dict.fromkeys((1, 2, value // 4, value // 2)) if 1 <= v < value]
    return [v for v in (1.0, 0.5) if v != value]
