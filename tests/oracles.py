"""A walk over all that an experiment hands to claims: nothing goes without an oracle.

An oracle is an independent, slow and obvious computation from raw ingredients: inputs, targets,
initial weights, signs, masks, options; never from the code under test. A theorem gives `Oracles`:
functions by name. `walk` observes the experiment once and goes over all claims of the theorem,
all their symbols, and all fields of every sample. It fails for what has no oracle, for what
differs from it, and for a configuration on which a slip would not show.

    ORACLES = Oracles(
        ingredients=draw,                          # (configuration, salt) -> anything
        symbols={"n": lambda it: len(it.X)},       # by symbol, the same in every sample
        samples={"loss": lambda it: {"values": losses(it), "given": 1}},
        shows={"unequal rates": lambda it: min(np.diff(rates(it))) > 0.1},
    )

    def test_oracles():
        walk("my-theorem", ORACLES, Configuration(...))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from theory import registry
from verify.experiments.kit import Observations, Trajectory
from verify.judging.sample import TOLERANCE, Sample
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

RTOL, ATOL = 1e-9, 1e-12
"""Rounding allowed: relative to an entry, and to the largest entry."""


@dataclass(frozen=True)
class Near:
    """An oracle's value with a rounding of its own: relative to an entry, to the largest, absolute.

    None: that of the walk. gaps: nan, where a curve is not drawn, must be at the same places.
    """

    value: Any
    rtol: float | None = None
    atol: float | None = None
    absolute: float | np.ndarray = 0.0
    gaps: bool = False


@dataclass(frozen=True)
class Satisfies:
    """What an oracle says where no one value is right: a certified limit, vectors up to sign.

    `test` gets the value found, and the symbols of its sample.
    """

    text: str
    test: Callable[[Any, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Oracles:
    """The oracles of a theorem: functions of the ingredients.

    ingredients      (configuration, salt) -> what the oracles compute from
    symbols          by symbol: its value in every sample
    samples          by quantity: fields of its sample. `values` must be among them. A field left
                     out must have the default of `Sample`, `dtype` that of float64 values;
                     `symbols` are those that this sample alone has, or has another value of.
                     None: there must be no sample
    initialisations  by quantity: the same for each further sample of it
    shows            by its words: what the configuration must have for slips to show
    curves           of the picture: by place, such as "mean_loss", "errors/mean_loss",
                     "sweep/x", "sweep/details/kernel", "panels/0/x". Each must have one, and each
                     of them must be shown
    """

    ingredients: Callable[[Any, str], Any]
    symbols: Mapping[str, Callable[[Any], Any]]
    samples: Mapping[str, Callable[[Any], Mapping[str, Any] | None]]
    initialisations: Mapping[str, Callable[[Any], Sequence[Mapping[str, Any]]]] = field(
        default_factory=dict
    )
    shows: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    curves: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class OnAProblem:
    """What oracles of a theorem on a problem start from: its X (n, d) and y (n,)."""

    configuration: Any
    salt: str

    @cached_property
    def problem(self):
        c = self.configuration
        return load_problem(
            c.data, samples=c.samples, dimension=c.dimension, targets=c.targets,
            target_scale=c.target_scale, rng=numpy_generator("data", self.salt),
        )  # fmt: skip

    @property
    def X(self):
        return self.problem.X

    @property
    def y(self):
        return self.problem.y


def walk(
    theorem: str,
    oracles: Oracles,
    configuration: Any,
    salt: str = "oracles",
    *,
    quantities: Set[str] | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Fail where the experiment of a theorem departs from its oracles, with every place.

    With `quantities` (of a configuration that shows more of these alone) only they are observed.
    """
    experiment = registry.theorem(theorem).load_experiment()
    ingredients = _ingredients(oracles.ingredients, configuration, salt)
    blind = [words for words, test in oracles.shows.items() if not test(ingredients)]
    assert not blind, f"slips may hide, for the configuration lacks: {'; '.join(blind)}"
    observed = experiment.observe(configuration, salt=salt, quantities=quantities)
    if quantities is not None:
        kept = {name: oracle for name, oracle in oracles.samples.items() if name in quantities}
        oracles = replace(oracles, samples=kept)
    found = discrepancies(
        theorem, observed, oracles, ingredients, quantities=quantities, rtol=rtol, atol=atol
    )
    assert not found, f"{theorem}: {len(found)} discrepancies\n" + "\n".join(found)


@lru_cache(8)
def _ingredients(draw: Callable[[Any, str], Any], configuration: Any, salt: str) -> Any:
    """Kept for the next test of the same configuration: they are slow."""
    return draw(configuration, salt)


def discrepancies(
    theorem: str,
    observed: Observations,
    oracles: Oracles,
    ingredients: Any,
    *,
    quantities: Set[str] | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> list[str]:
    """Every symbol and field that has no oracle, or another value than its oracle."""
    needed: dict[str, set[str]] = {}
    for claim in registry.claims(theorem).values():
        if quantities is not None and claim.quantity.name not in quantities:
            continue
        names = {*claim.variables, claim.confidence} - {""}
        needed.setdefault(claim.quantity.name, set()).update(names)
    symbol = lru_cache(None)(lambda name: oracles.symbols.get(name, _no_oracle)(ingredients))
    found = []
    for quantity in sorted(needed.keys() | observed.samples.keys() | oracles.samples.keys()):
        if quantity not in oracles.samples:
            found.append(f"{quantity}: no oracle")
            continue
        first = oracles.samples[quantity](ingredients)
        if (first is None) != (quantity not in observed.samples):
            found.append(f"{quantity}: {'no sample' if first is not None else 'a sample'}")
        if first is None or quantity not in observed.samples:
            continue
        more = oracles.initialisations.get(quantity, lambda _: ())(ingredients)
        expected, samples = [first, *more], observed.of(quantity)
        if len(samples) != len(expected):
            found.append(f"{quantity}: {len(samples)} samples, oracle {len(expected)}")
        for i, (sample, right) in enumerate(zip(samples, expected, strict=False)):
            at = f"{quantity} {i}" if i else quantity
            texts = _sample(sample, needed.get(quantity, set()), right, symbol, (rtol, atol))
            found += [f"{at}: {text}" for text in texts]
    strays = observed.initialisations.keys() - observed.samples.keys()
    strays = strays if quantities is None else strays & quantities
    found += [f"{name}: initialisations without a sample" for name in sorted(strays)]
    shown = _places(observed.trajectory)
    for place, values in sorted(shown.items()):
        right = oracles.curves.get(place, _no_oracle)(ingredients)
        if right is NONE:
            found.append(f"curve {place} has no oracle")
        else:
            found += _compared(f"curve {place}", values, right, {}, (rtol, atol))
    lost = oracles.curves.keys() - shown.keys()
    return found + [f"curve {place} is missing" for place in sorted(lost)]


def _places(trajectory: Trajectory, before: str = "") -> dict[str, Any]:
    """All numbers of a picture, by their place in it."""
    found: dict[str, Any] = {f"{before}x": trajectory.x} if trajectory.series else {}
    groups = {"": trajectory.series, "details/": trajectory.details, "errors/": trajectory.errors}
    for group, curves in groups.items():
        found |= {f"{before}{group}{name}": values for name, values in curves.items()}
    if len(trajectory.heights):
        found[f"{before}heights"] = trajectory.heights
    inner = {"within": trajectory.within, "sweep": trajectory.sweep}
    inner |= {f"panels/{i}": panel for i, panel in enumerate(trajectory.panels)}
    for name, panel in inner.items():
        if panel is not None:
            found |= _places(panel, f"{before}{name}/")
    return found


def alone(theorem: str, configuration: Any, salt: str = "oracles") -> None:
    """Fail where a quantity asked for alone has another sample than where all are asked for."""
    experiment = registry.theorem(theorem).load_experiment()
    every = experiment.observe(configuration, salt=salt)
    for quantity in every.samples:
        one = experiment.observe(configuration, salt=salt, quantities={quantity})
        assert set(one.samples) == {quantity}, quantity
        pairs = zip(one.of(quantity), every.of(quantity), strict=True)
        for i, (sample, same) in enumerate(pairs):
            expected = {each.name: getattr(same, each.name) for each in fields(Sample)}
            found = _sample(sample, set(same.symbols), expected, _no_oracle, (RTOL, ATOL))
            assert not found, f"{quantity} {i} alone: {found}"


def unseen(
    theorem: str,
    oracles: Oracles,
    configuration: Any,
    salt: str = "oracles",
    *,
    quantities: Set[str] | None = None,
) -> list[str]:
    """Where a slip would pass: every symbol and field is changed a little, the oracle must differ.

    The first and the last number of each are changed by a millionth of the largest, or doubled
    where the oracle is a condition; what is no number takes another value.
    """
    ingredients = _ingredients(oracles.ingredients, configuration, salt)
    experiment = registry.theorem(theorem).load_experiment()
    observed = experiment.observe(configuration, salt=salt, quantities=quantities)
    symbol = lru_cache(None)(lambda name: oracles.symbols.get(name, _no_oracle)(ingredients))
    found = []
    for quantity, sample in observed.samples.items():
        right = oracles.samples[quantity](ingredients)
        assert right is not None, quantity
        own = right.get("symbols", {})
        for name, value in sample.symbols.items():
            expected = own[name] if name in own else symbol(name)
            for wrong in _slips(value, 1.0 if isinstance(expected, Satisfies) else 1e-6):
                if not _differs(wrong, expected, {**sample.symbols, name: wrong}):
                    found.append(f"{quantity}: symbol {name}")
        for each in fields(Sample):
            if each.name != "symbols":
                expected = right.get(each.name, DEFAULTS.get(each.name, NONE))
                for wrong in _slips(getattr(sample, each.name), 1e-6):
                    if not _differs(wrong, expected, sample.symbols):
                        found.append(f"{quantity}: {each.name}")
    return sorted(set(found))


def unnoticed(
    theorem: str,
    oracles: Oracles,
    configuration: Any,
    mistakes: Mapping[str, tuple[str, Callable[[Any], Any]]],
    salt: str = "oracles",
    *,
    quantities: Set[str] | None = None,
) -> list[str]:
    """The mistakes that would pass: a place of the picture, and what it would show, by words.

    One of another shape does not count: it is seen whatever its numbers are.
    """
    ingredients = _ingredients(oracles.ingredients, configuration, salt)
    experiment = registry.theorem(theorem).load_experiment()
    shown = _places(experiment.observe(configuration, salt=salt, quantities=quantities).trajectory)
    found = []
    for words, (place, mistaken) in mistakes.items():
        wrong = mistaken(ingredients)
        value = wrong.value if isinstance(wrong, Near) else wrong
        alike = isinstance(wrong, Satisfies) or np.shape(value) == np.shape(shown[place])
        if not (alike and _compared(place, shown[place], wrong, {}, (RTOL, ATOL))):
            found.append(words)
    return found


def _slips(value: Any, by: float) -> list[Any]:
    """Values that a slip may give."""
    if value is None:
        return [0.0]
    if isinstance(value, str):
        return [next(name for name in TOLERANCE if name != value)]
    if isinstance(value, bool):
        return [not value]
    slips = []
    for at in (0, -1):
        array = np.array(value, dtype=np.float64)
        size = np.abs(array[np.isfinite(array)]).max(initial=0.0)
        entry, away = array.flat[at], by * (size or 1.0)
        wrong = entry + (away if entry >= 0 else -away) if np.isfinite(entry) else 1.0
        array.flat[at] = wrong
        slips.append(array)
    return slips


Rounding = tuple[float, float]
NONE = object()
DEFAULTS = {each.name: each.default for each in fields(Sample) if each.default is not MISSING}
DEFAULTS["dtype"] = "float64"  # what a sample makes of values in float64


def _no_oracle(ingredients: Any) -> Any:
    return NONE


def _sample(
    sample: Sample,
    needed: set[str],
    expected: Mapping[str, Any],
    symbol: Callable[[str], Any],
    rounding: Rounding,
) -> list[str]:
    """What is wrong with one sample."""

    def compared(name: str, value: Any, right: Any) -> list[str]:
        return _compared(name, value, right, sample.symbols, rounding)

    own = dict(expected.get("symbols", {}))
    found = []
    for name in sorted(needed | sample.symbols.keys() | own.keys()):
        if name not in sample.symbols:
            found.append(f"symbol {name} is missing")
            continue
        right = own[name] if name in own else symbol(name)
        if right is NONE:
            found.append(f"symbol {name} has no oracle")
        else:
            found += compared(f"symbol {name}", sample.symbols[name], right)
    for each in fields(Sample):
        if each.name == "symbols":
            continue
        if each.name in expected:
            right = expected[each.name]
        elif each.name in DEFAULTS:
            right = DEFAULTS[each.name]
        else:
            found.append(f"{each.name} has no oracle")
            continue
        found += compared(each.name, getattr(sample, each.name), right)
    unknown = expected.keys() - {each.name for each in fields(Sample)}
    return found + [f"{name} is no field of a sample" for name in sorted(unknown)]


def _compared(
    name: str, found: Any, right: Any, symbols: Mapping[str, Any], rounding: Rounding
) -> list[str]:
    if not _differs(found, right, symbols, rounding):
        return []
    if isinstance(right, Satisfies):
        return [f"{name} = {found}, oracle: {right.text}"]
    return [f"{name} = {found}, oracle {right.value if isinstance(right, Near) else right}"]


def _differs(
    found: Any, right: Any, symbols: Mapping[str, Any], rounding: Rounding = (RTOL, ATOL)
) -> bool:
    """Whether a value is not that of its oracle; without one nothing differs."""
    if isinstance(right, Satisfies):
        return not right.test(found, symbols)
    if right is NONE:
        return False
    return not _equal(found, right if isinstance(right, Near) else Near(right), rounding)


def _equal(found: Any, near: Near, rounding: Rounding) -> bool:
    right = near.value
    plain = (str, bool, type(None))
    if isinstance(found, plain) or isinstance(right, plain):
        return type(found) is type(right) and bool(found == right)
    a, b = np.asarray(found, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        return False
    if np.isnan(b).any() and not near.gaps:
        return False
    a, b = a[~np.isnan(b)], b[~np.isnan(b)]
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite]) or not np.isfinite(a[finite]).all():
        return False
    a, b = a[finite], b[finite]
    rtol, atol = (
        r if own is None else own for own, r in zip((near.rtol, near.atol), rounding, strict=True)
    )
    allowed = rtol * np.abs(b) + atol * np.abs(b).max(initial=0.0) + near.absolute
    return bool((np.abs(a - b) <= allowed).all())
