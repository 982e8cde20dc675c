"""The experiment of a theorem: options, a prepared setting, measurements, a home for every claim.

claim + configuration -> evaluated bound; configuration -> samples; both -> verdict -> report.
A theorem gives the parts; `observe` is the same for all. Nothing here knows any theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np

from theory.language.errors import InvalidArgument
from verify.experiments.kit.observations import Observations, Progress, Trajectory
from verify.judging.sample import Sample

Samples = Mapping[str, Sample | Sequence[Sample]]
"""By quantity; several where a claim may fail for a share of the initialisations, one for each."""


@dataclass(frozen=True)
class Measured:
    """What one measurement found. `incomplete` says why it stopped before its end, if it did.

    out_of_regime  by quantity: what the claims on it need that this configuration cannot give, such
                   as "Gaussian rows: the law is of the population". They are then OUT_OF_REGIME.
                   Of what can be measured a premise decides. What is neither measured nor named
                   here is missing, and its claims are not judged
    unmeasured     by quantity: why it is missing, if more is known

    ValueError for a quantity with a sample and a reason why it has none, and for an empty reason.
    """

    samples: Samples
    trajectory: Trajectory | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    incomplete: str = ""
    out_of_regime: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        both = self.samples.keys() & (self.out_of_regime.keys() | self.unmeasured.keys())
        both |= self.out_of_regime.keys() & self.unmeasured.keys()
        if both:
            raise ValueError(f"measured and not measured: {', '.join(sorted(both))}")
        if not all(why.strip() for why in (*self.out_of_regime.values(),
                                           *self.unmeasured.values())):  # fmt: skip
            raise ValueError("what is not measured needs a reason")

    @classmethod
    def outside(cls, quantities: Iterable[str], reason: str) -> Measured:
        """Nothing, for claims on these quantities cannot be in their regime here."""
        return cls({}, out_of_regime=dict.fromkeys(quantities, reason))

    @classmethod
    def lacking(cls, quantities: Iterable[str], reason: str) -> Measured:
        """Nothing, though claims may be in their regime: these quantities are missing."""
        return cls({}, unmeasured=dict.fromkeys(quantities, reason))


@dataclass(frozen=True)
class Measurement:
    """A function from a prepared setting to samples, and the quantities that it gives.

    measure     (setting, wanted quantities, progress) -> Measured
    quantities  the names it can give; it runs where one of them is wanted
    share       of the time of all measurements, roughly
    """

    measure: Callable[[Any, Set[str], Progress], Measured]
    quantities: frozenset[str]
    share: float = 1.0

    @classmethod
    def of(
        cls, quantities: str | Iterable[str], measure: Callable[..., Any], share: float = 1.0
    ) -> Measurement:
        """A measurement; a function of the setting alone may return the sample of one quantity."""
        if not isinstance(quantities, str):
            return cls(measure, frozenset(quantities), share)

        def one(setting: Any, wanted: Set[str], tell: Progress) -> Measured:
            return Measured({quantities: measure(setting)})

        return cls(one, frozenset((quantities,)), share)


@dataclass(frozen=True)
class Home:
    """Where a claim is judged unless something else is asked for: in its regime, and quick.

    initialisations  networks, each with a salt of its own, where a claim may fail for some of them
    unreachable      the symbol whose required value no machine affords, such as "m": as `few` is
                     trained as shows all symbols, and what the premises ask for is reported
    known_false      what is wrong with a statement as it is printed; it is refuted here
    """

    configuration: Any
    initialisations: int = 1
    unreachable: str = ""
    known_false: str = ""

    @property
    def training(self) -> Home:
        """The same for all homes whose claims are judged by the same training."""
        return replace(self, known_false="")


@dataclass(frozen=True, eq=False)
class Experiment:
    """The experiment of one theorem.

    configuration  a frozen dataclass of `Options`
    prepare        (configuration, salt) -> setting: data, and what is known before training;
                   InvalidArgument where the options do not go together
    measurements   in the order in which they run; the first with curves draws the picture
    homes          homes by claim, or by pattern: the first that matches; else the default
    few            fields of the configuration, with values that suffice to show all symbols
    search         claim -> a Hypothesis strategy of configurations where it can be informative
    slips          claim -> configurations in which slips in the claim show [its home]
    points         claim -> points at which mutants are compared without training
    """

    configuration: type
    prepare: Callable[[Any, str], Any]
    measurements: Sequence[Measurement]
    homes: Callable[[], Mapping[str, Home]] = dict
    few: Mapping[str, float] = field(default_factory=dict)
    search: Callable[[str], Any] | None = None
    slips: Callable[[str], Sequence[Any]] | None = None
    points: Callable[[str], Sequence[Mapping[str, Any]]] | None = None

    def observe(
        self,
        configuration: Any,
        *,
        salt: str,
        quantities: Set[str] | None = None,
        progress: Progress | None = None,
    ) -> Observations:
        """Prepare, then run the measurements that give what is wanted (default: everything).

        Where one fails, what the others before it found is kept, and the notes say so.
        """
        setting = self.prepare(configuration, salt)
        runs = [m for m in self.measurements if quantities is None or m.quantities & quantities]
        samples: dict[str, list[Sample]] = {}
        absent = {"out_of_regime": {}, "unmeasured": self._unknown(quantities or ())}
        curves: list[Trajectory] = []
        notes: dict[str, Any] = dict(getattr(setting, "notes", {}))
        told = _Told(progress, [m.share for m in runs])
        for run in runs:
            wanted = run.quantities if quantities is None else run.quantities & quantities
            try:
                found = run.measure(setting, wanted, told)
            except InvalidArgument:
                raise
            except Exception as error:
                if not samples:
                    raise
                notes |= _incomplete(wanted, error)
                break
            for name, each in found.samples.items():
                if name in wanted:
                    samples[name] = [each] if isinstance(each, Sample) else list(each)
            for kind, reasons in absent.items():
                own_reasons = getattr(found, kind)
                reasons |= {name: why for name, why in own_reasons.items() if name in wanted}
            notes |= found.notes
            curves += [] if found.trajectory is None else [found.trajectory]
            told.next()
            if found.incomplete:
                notes["incomplete"] = found.incomplete
                break
        return Observations(
            {name: each[0] for name, each in samples.items()},
            _together(curves),
            notes,
            {name: tuple(each[1:]) for name, each in samples.items() if len(each) > 1},
            **absent,
        )

    def _unknown(self, quantities: Collection[str]) -> dict[str, str]:
        """Of quantities that no measurement gives, which is another defect than one that failed."""
        found = {}
        for name in set(quantities) - self.quantities:
            close = get_close_matches(name, self.quantities, n=1)
            found[name] = "no measurement gives it" + (f" (one gives {close[0]})" if close else "")
        return found

    @property
    def quantities(self) -> frozenset[str]:
        """All that is measured."""
        return frozenset().union(*(m.quantities for m in self.measurements))

    def home(self, claim: str) -> Home:
        """Where the claim is judged unless something else is asked for."""
        for pattern, home in self._homes.items():
            if fnmatchcase(claim, pattern):
                return home
        return Home(self.configuration())

    @cached_property
    def _homes(self) -> Mapping[str, Home]:
        """Some homes are searched for: once for all claims."""
        return self.homes()

    def preview(self, configuration: Any) -> Any:
        """The configuration with as few seeds as give the values of all symbols."""
        few = {name: min(n, getattr(configuration, name)) for name, n in self.few.items()}
        return replace(configuration, **few)

    def strategy(self, claim: str) -> Any:
        """Configurations in which the claim can be informative; without a strategy its home."""
        if self.search is not None:
            return self.search(claim)
        from hypothesis import strategies as st

        return st.just(self.home(claim).configuration)

    def mutation_configurations(self, claim: str) -> Sequence[Any]:
        """Diverse configurations in which slips in that claim show; none: it is out of reach."""
        if self.slips is not None:
            return self.slips(claim)
        home = self.home(claim)
        return () if home.unreachable else (home.configuration,)

    def mutation_points(self, claim: str) -> Sequence[Mapping[str, Any]]:
        """Points of the claim's domain at which its mutants are compared without training."""
        return () if self.points is None else self.points(claim)


class _Told:
    """The progress of one measurement as that of all, by their shares of the time."""

    def __init__(self, progress: Progress | None, shares: Sequence[float]) -> None:
        self.progress, self.shares, self.at = progress, shares, 0

    def __call__(self, done: float, total: float) -> None:
        if self.progress:
            # one sum, not two: `sum` of floats compensates from Python 3.12 on
            finished = sum((*self.shares[: self.at], self.shares[self.at] * (done / total)))
            self.progress(finished, sum(self.shares))

    def next(self) -> None:
        self(1, 1)
        self.at += 1


def _together(curves: Sequence[Trajectory]) -> Trajectory:
    """The first with series, with the first sweep; other sweeps are panels beside the panels."""
    sweep, panels = None, []
    for own in curves:
        panels += ([own.sweep] if sweep and own.sweep else []) + [*own.panels]
        sweep = sweep or own.sweep
    first = next((each for each in curves if each.series), (*curves, _NO_CURVES)[0])
    return replace(first, sweep=sweep, panels=panels)


def nothing(quantities: Set[str], error: Exception) -> Observations:
    """What is left of measurements that failed before anything was found."""
    return Observations({}, _NO_CURVES, _incomplete(quantities, error))


_NO_CURVES = Trajectory("point", np.arange(2.0), {})


def _incomplete(quantities: Set[str], error: Exception) -> dict[str, Any]:
    """The note that says why measurements stopped before their end."""
    line = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    return {"incomplete": f"{', '.join(sorted(quantities))}: {line}"}
