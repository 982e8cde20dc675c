"""Claims of one theorem by short names, on samples of its experiment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from theory import claim, registry
from theory.language.claim import Claim
from theory.language.kinds import Mode
from verify.judging.sample import Sample
from verify.judging.verdict import Judgement, judge

LEVEL = 1e-8


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
        wanted = {name: self.claim(name).quantity.name for name in names}
        found = self.experiment.observe(
            configuration, salt=self.salt or self.prefix if salt is None else salt,
            quantities=set(wanted.values()),
        )  # fmt: skip
        return {name: found.samples[quantity] for name, quantity in wanted.items()}

    def first(self, configuration: Any, name: str, salt: str | None = None) -> Sample:
        return self.observed(configuration, [name], salt)[name]

    def judged(self, name: str, sample: Sample, level: float = LEVEL) -> Judgement:
        path = self.claim(name).kind.mode is Mode.PATHWISE
        return judge(self.claim(name), sample, 0 if path else level)

    def hold(self, gate: Any, configuration: Any, names: Iterable[str], detail: str, *salt: Any):
        """Every one of the claims holds, and is informative."""
        for name, sample in self.observed(configuration, names, gate.seed(*salt)).items():
            gate.check(self.claim(name), sample, detail=detail)
