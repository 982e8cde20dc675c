"""Claims of one theorem by short names, on samples of its experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from theory import claim, registry
from theory.language.claim import Claim
from theory.language.kinds import Mode
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, Verdict, judge, judge_initialisations

LEVEL = 1e-8


def verdict(claim: Claim, found: Sample | Sequence[Sample]) -> Verdict:
    """On a sample, or on one per initialisation."""
    samples = [found] if isinstance(found, Sample) else found
    return judge_initialisations(claim, samples, _level(claim, LEVEL)).verdict


def of_twins(twins: Mapping[str, Any], observe: Callable[[Any, set[str]], Any]):
    """configuration -> what `observe` gives of all claims with a false twin there, observed once.

    twins  what is wrong -> (claim, configuration, ..)
    """

    @cache
    def right(configuration: Any) -> Any:
        return observe(configuration, {n for n, c, *_ in twins.values() if c == configuration})

    return right


def _level(claim: Claim, level: float) -> float:
    """Chance plays no part in claims on every path, whatever the initialisation."""
    return 0.0 if claim.kind.mode is Mode.PATHWISE and not claim.confidence else level


@dataclass(frozen=True)
class Bench:
    """Of the theorem, whose claims are `prefix/name`; the salt is that of its samples."""

    theorem: str
    prefix: str
    salt: str = field(default="")

    @cached_property
    def experiment(self):
        return registry.theorem(self.theorem).load_experiment()

    @cached_property
    def pathwise(self) -> list[str]:
        """The names of claims that hold on every path, but for published ones."""
        return [name.partition("/")[2] for name, each in registry.claims(self.theorem).items()
                if each.kind.mode is Mode.PATHWISE and "published" not in name]  # fmt: skip

    def claim(self, name: str) -> Claim:
        return claim(f"{self.prefix}/{name}")

    def observed(
        self, configuration: Any, names: Iterable[str], salt: str | None = None
    ) -> dict[str, Sample]:
        """The first sample of each; it must be there."""
        found = self.everywhere(configuration, names, salt)
        return {name: samples[0] for name, samples in found.items()}

    def everywhere(
        self, configuration: Any, names: Iterable[str], salt: str | None = None
    ) -> dict[str, list[Sample]]:
        """The samples of each, one per initialisation; they must be there."""
        names = list(names)
        found = self.available(configuration, names, salt)
        assert found.keys() == set(names), "not measured"
        return found

    def measured(
        self, configuration: Any, names: Iterable[str], salt: str | None = None
    ) -> dict[str, Sample]:
        """The first sample of each that the configuration gives."""
        found = self.available(configuration, names, salt)
        return {name: samples[0] for name, samples in found.items()}

    def available(
        self, configuration: Any, names: Iterable[str], salt: str | None = None
    ) -> dict[str, list[Sample]]:
        """The samples of each that the configuration gives; a quantity may serve several."""
        wanted = {name: self.claim(name).quantity.name for name in names}
        found = self.experiment.observe(
            configuration, salt=self.salt or self.prefix if salt is None else salt,
            quantities=set(wanted.values()),
        )  # fmt: skip
        return {name: found.of(of) for name, of in wanted.items() if of in found.samples}

    def first(self, configuration: Any, name: str, salt: str | None = None) -> Sample:
        return self.observed(configuration, [name], salt)[name]

    def every(self, configuration: Any, name: str, salt: str | None = None) -> list[Sample]:
        return self.everywhere(configuration, [name], salt)[name]

    def judged(self, name: str, sample: Sample, level: float = LEVEL) -> Judgement:
        return judge(self.claim(name), sample, _level(self.claim(name), level))

    def changed(
        self, name: str, put: Any = None, *, bound: Any = None, premises: Any = None,
        without: Any = (), definitions: Mapping[Any, Any] | None = None,
    ) -> Claim:  # fmt: skip
        """A false twin: symbols replaced everywhere; then another bound, or other premises.

        bound        an expression, or a function of the bound; a band goes with the one it replaces
        without      premises that are left out (all: every one)
        definitions  symbols and what they stand for now
        """
        original = self.claim(name)
        new = original.build().subs(put or {})
        if bound is not None:
            new = replace(new, bound=bound(new.bound) if callable(bound) else bound, band=None)
        if without is all:
            premises = ()
        elif without:
            premises = [p for p in new.premises if p not in without]
        if premises is not None:
            new = replace(new, premises=tuple(premises))
        if definitions:
            new = replace(new, definitions={**new.definitions, **definitions})
        return replace(original, build=lambda: new)

    def hold(self, gate: Any, configuration: Any, names: Iterable[str], detail: str, *salt: Any):
        """Every one of the claims holds in all initialisations, and is informative."""
        for name, samples in self.everywhere(configuration, names, gate.seed(*salt)).items():
            one = self.claim(name)
            for sample in [samples] if one.confidence else samples:
                gate.check(one, sample, detail=detail)
