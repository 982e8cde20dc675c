"""The configurations in which mutants are judged, each trained once, and their samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from theory.language.claim import Claim
from verify.experiments.kit import Experiment
from verify.judging.sample import Sample
from verify.runs.check import salts_of

Job = tuple[Any, str]
"""A configuration and the salt of its seeds."""


class Supply:
    """The configurations of each claim, and their samples."""

    def __init__(
        self, claims: Mapping[str, Claim], experiment: Experiment, salt: str, level: float
    ) -> None:
        self.claims, self.experiment, self.salt, self.level = claims, experiment, salt, level
        self.configurations: dict[str, Sequence[Any]] = {}
        self._wanted: dict[Any, set[str]] = {}
        self._observed: dict[Job, Mapping[str, Sample]] = {}
        for name, claim in claims.items():
            found = experiment.mutation_configurations(name)
            self.configurations[name] = found or (experiment.configuration(),)
            for configuration in self.configurations[name]:
                self._wanted.setdefault(configuration, set()).add(claim.quantity.name)

    def samples(self, claim: Claim, configuration: Any) -> list[Sample]:
        """One sample; several, with initialisations of their own, if some of these may fail."""
        jobs: list[Job] = [(configuration, self.salt)]
        first = self._observe(*jobs[0], claim.quantity.name).get(claim.quantity.name)
        if first is None:
            return []
        jobs += self._more(claim, configuration, first)
        return [self._observe(*job, claim.quantity.name)[claim.quantity.name] for job in jobs]

    def jobs(self) -> Iterator[Job]:
        """All that is not trained yet; first one salt of each configuration, then the others."""
        first = [(c, self.salt) for c in self._wanted if (c, self.salt) not in self._observed]
        if first:
            yield from first
            return
        more: dict[Job, None] = {}
        for name, claim in self.claims.items():
            for configuration in self.configurations[name]:
                sample = self._observed[configuration, self.salt].get(claim.quantity.name)
                if sample is not None:
                    more |= dict.fromkeys(self._more(claim, configuration, sample))
        yield from (job for job in more if job not in self._observed)

    def train(self, job: Job) -> tuple[Job, Mapping[str, Sample]]:
        """The samples of a job, for `keep`."""
        configuration, salt = job
        wanted = self._wanted[configuration]
        if salt != self.salt:  # one of several initialisations
            wanted = wanted & {c.quantity.name for c in self.claims.values() if c.confidence}
        return job, self.experiment.observe(configuration, salt=salt, quantities=wanted).samples

    def keep(self, found: Iterable[tuple[Job, Mapping[str, Sample]]]) -> None:
        self._observed |= dict(found)

    def _more(self, claim: Claim, configuration: Any, first: Sample) -> list[Job]:
        """So many initialisations that a claim which fails in all of them would be refuted."""
        if not claim.confidence:
            return []
        delta = float(np.max(first.symbols[claim.confidence]))
        count = int(np.ceil(np.log(self.level / 4) / np.log(delta)))
        return [(configuration, salt) for salt in salts_of(self.salt, count)[1:]]

    def _observe(self, configuration: Any, salt: str, quantity: str) -> Mapping[str, Sample]:
        self._wanted.setdefault(configuration, set()).add(quantity)
        if (configuration, salt) not in self._observed:
            self.keep([self.train((configuration, salt))])
        return self._observed[configuration, salt]
