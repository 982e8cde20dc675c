"""The theorems of the harness. A new theorem is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from theory.language.catalogue import Entry, Written, kept, of_claim, of_claims
from theory.language.errors import InvalidArgument, suggestion, unknown

if TYPE_CHECKING:
    from theory.algebra.inequalities import Inequality, Unproved
    from theory.language.claim import Claim


@dataclass(frozen=True)
class Theorem:
    """A theorem: the module that lists its claims, and the one that runs its experiments.

    claims      a module with CLAIMS (a tuple of Claim)
    experiment  a module with EXPERIMENT (see `verify.experiments.kit`), or a package whose modules
                `experiment` and `configuration` hold EXPERIMENT and the class Configuration

    They are imported when first used, so the symbolic side never loads a trainer.
    """

    name: str
    claims: str
    experiment: str

    @classmethod
    def of_this_package(cls, name: str) -> Theorem:
        module = name.replace("-", "_")
        return cls(name, f"theory.theorems.{module}", f"verify.experiments.{module}")

    @property
    def shipped(self) -> bool:
        """Whether it is one of this package, whose sources do not change while it is used."""
        return self == Theorem.of_this_package(self.name)

    def load_claims(self) -> tuple[Claim, ...]:
        return tuple(import_module(self.claims).CLAIMS)

    def load_configuration(self) -> Any:
        """The class of the experiment's options; of a package this loads no trainer."""
        found = _part(self.experiment, "configuration")
        return getattr(found, "Configuration", None) or found.EXPERIMENT.configuration

    def load_experiment(self) -> Any:
        return _part(self.experiment, "experiment").EXPERIMENT

    def load_published(self) -> tuple[Any, ...]:
        """PUBLISHED, experiments to run again: in a package of its module `published`, if any."""
        found = import_module(self.experiment)
        if hasattr(found, "__path__"):
            if find_spec(f"{self.experiment}.published") is None:
                return ()
            found = import_module(f"{self.experiment}.published")
        return tuple(getattr(found, "PUBLISHED", ()))


Named = TypeVar("Named", "Claim", Entry)


def _part(module: str, name: str) -> ModuleType:
    """Of a package the module of that name, else the module itself."""
    found = import_module(module)
    return import_module(f"{module}.{name}") if hasattr(found, "__path__") else found


_NAMES = (
    "masked-training",
    "width-requirement",
    "scaling-laws",
    "coupled-initialisation",
    "node-scaling",
    "feedback-alignment",
    "factorisation-feedback",
    "deep-networks",
    "descent-criterion",
    "quadratic-networks",
    "low-dimensional-data",
    "one-dimensional-inconsistency",
    "multiple-random-features",
    "single-index-models",
    "single-neuron",
    "convolutional-overfitting",
    "ridge-overfitting",
    "tangent-ridge",
    "concept-classes",
    "subquadratic-training",
    "network-identification",
    "sparse-deep-regression",
    "trainable-biases",
)
_THEOREMS = {name: Theorem.of_this_package(name) for name in _NAMES}


def theorems() -> tuple[str, ...]:
    """The names of the registered theorems."""
    return tuple(_THEOREMS)


def theorem(name: str) -> Theorem:
    """The theorem of that name; InvalidArgument lists the known ones."""
    if name not in _THEOREMS:
        raise unknown("theorem", name, _THEOREMS)
    return _THEOREMS[name]


def register(new: Theorem) -> None:
    """Add a theorem that lives outside this package; it comes first, as what commands take."""
    if new.name in _THEOREMS:
        raise InvalidArgument("theorem", new.name, "a name that is not yet registered")
    others = dict(_THEOREMS)
    _THEOREMS.clear()
    _THEOREMS.update({new.name: new, **others})


def claims(of: str | None = None) -> dict[str, Claim]:
    """All claims by name, or those of one theorem."""
    names = theorems() if of is None else (of,)
    return {name: claim for name, (_, claim) in _distinct(names, _load).items()}


def claim(name: str) -> Claim:
    """The claim of that name; InvalidArgument suggests the closest ones."""
    return claims(theorem_of(name))[name]


def theorem_of(claim: str) -> str:
    """The theorem that has a claim of that name; InvalidArgument suggests the closest names."""
    found = [name for name in theorems() if claim in _names(name)]
    if len(found) == 1:
        return found[0]
    known = _distinct(theorems(), entries)  # two of one name are told
    allowed = f"a registered claim, {suggestion(claim, known)}"
    if claim in theorems():
        allowed = f"a claim: {claim} is a theorem, and `list --theorem {claim}` tells its claims"
    raise InvalidArgument("claim", claim, allowed)


def entries(of: str) -> tuple[Entry, ...]:
    """Names, kinds and summaries of the claims of a theorem, whose statements are not built."""
    found = theorem(of)
    if found.shipped:
        return _read(found)
    return of_claims(found.load_claims())


@cache
def _read(found: Theorem) -> tuple[Entry, ...]:
    """Once in a process: the module of a theorem of this package does not change."""
    read = kept(found.claims, lambda: of_claims(found.load_claims()))
    return tuple(Entry(*each) for each in read)


def subject(of: str) -> str:
    """What a theorem is about: the first sentence of the module with its claims; empty: none."""
    found = theorem(of)

    def make() -> tuple[str, ...]:
        paragraph = (import_module(found.claims).__doc__ or "").strip().partition("\n\n")[0]
        return (" ".join(paragraph.split()).partition(". ")[0].rstrip("."),)

    return str((kept(f"{found.claims} subject", make) if found.shipped else make())[0])


def written(name: str, *, latex: bool = False) -> Written:
    """The claim of that name written out, which is built where that is not kept.

    Nothing is kept of a theorem that lives outside this package: its sources are not watched.
    """
    found = theorem(theorem_of(name))

    def make() -> Written:
        return of_claim(claims(found.name)[name], latex=latex)

    if found.shipped:
        return Written(*kept(f"{found.claims} {name} {'latex' if latex else 'text'}", make))
    return make()


def _names(of: str) -> frozenset[str]:
    """The names of its claims, which `claim` asks of all theorems each time."""
    found = theorem(of)
    if found.shipped:
        return _kept_names(found)
    return frozenset(entry.name for entry in entries(of))


@cache
def _kept_names(found: Theorem) -> frozenset[str]:
    return frozenset(entry.name for entry in _read(found))


def _load(of: str) -> tuple[Claim, ...]:
    return theorem(of).load_claims()


def _distinct(
    among: Iterable[str], named: Callable[[str], Iterable[Named]]
) -> dict[str, tuple[str, Named]]:
    """By name: its theorem, and what has the name; InvalidArgument where two have one."""
    found: dict[str, tuple[str, Named]] = {}
    for theorem in among:
        for each in named(theorem):
            if each.name in found:
                both = f"{found[each.name][0]}, {theorem}"
                allowed = f"the name of one claim: two are named so, of {both}"
                raise InvalidArgument("claim", each.name, allowed)
            found[each.name] = theorem, each
    return found


def inequalities(of: str | None = None) -> tuple[Inequality, ...]:
    """The lemmas, then INEQUALITIES() of all theorems or of one (of the module with its claims)."""
    from theory.algebra.lemmas import lemmas

    found = (*lemmas(), *(entry for build in _listed(of, "INEQUALITIES") for entry in build()))
    _check_names(found)
    return found


def unproved(of: str | None = None) -> tuple[Unproved, ...]:
    """The steps, of all theorems or of one, that are not algebra: UNPROVED."""
    return tuple(entry for steps in _listed(of, "UNPROVED") for entry in steps)


def _listed(of: str | None, name: str) -> Iterator[Any]:
    for each in theorems() if of is None else (of,):
        module = import_module(theorem(each).claims)
        if hasattr(module, name):
            yield getattr(module, name)


def _check_names(found: Iterable[Inequality]) -> None:
    seen: set[str] = set()
    for entry in found:
        if missing := sorted({use.name for use in entry.given} - seen):
            raise ValueError(f"{entry.name} cites {', '.join(missing)}, not listed before it")
        if entry.name in seen:
            raise ValueError(f"two inequalities are named {entry.name}")
        seen.add(entry.name)
