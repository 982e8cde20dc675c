"""Planting a bug, and asking checks whether they see it.

A check is a test of the suite, called with the arguments of one of its cases, or a claim, judged on
a run of its experiment. It must pass without the bug; with it the test must fail, the claim be
refuted: an error of another kind is no catch.
"""

import inspect
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import pytest

from theory import claim
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import masked_training
from verify.judging import verdict
from verify.training.masked.trainer import train

LEVEL = 1e-8
EXPERIMENT = masked_training(train)
"""On the trainer itself, for that is where bugs are planted."""


@dataclass(frozen=True)
class ByTest:
    """A test of the suite at some arguments."""

    test: Callable[..., None]
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.test.__module__}::{self.test.__name__}"

    def passes(self) -> bool:
        with pytest.MonkeyPatch.context() as monkeypatch:
            wanted = inspect.signature(self.test).parameters
            fixtures = {"monkeypatch": monkeypatch} if "monkeypatch" in wanted else {}
            try:
                self.test(*self.arguments, **fixtures)
            except (AssertionError, pytest.fail.Exception):
                return False
        return True


@dataclass(frozen=True)
class ByClaim:
    """A claim on a run of its experiment: it HOLDS, or is REFUTED; no other verdict will do."""

    name: str
    configuration: Configuration
    salt: str = "planted"

    def __str__(self) -> str:
        return f"claim {self.name}"

    def passes(self) -> bool:
        judged = claim(self.name)
        what = judged.quantity.name
        run = EXPERIMENT.observe(self.configuration, salt=self.salt, quantities={what})
        found = verdict.judge(judged, run.samples[what], LEVEL).verdict
        assert found in (verdict.Verdict.HOLDS, verdict.Verdict.REFUTED), found
        return found is verdict.Verdict.HOLDS


@dataclass(frozen=True)
class Bug:
    """`bug` in place of `attribute` of a module or class, and the checks that see it."""

    owner: Any
    attribute: str
    bug: Any
    caught_by: tuple[ByTest | ByClaim, ...]


def by_test(test: Callable[..., None], *arguments: Any) -> ByTest:
    return ByTest(test, arguments)


passes_without_bug = lru_cache(lambda check: check.passes())


def modules():
    """What bugs reach: all but the tables, which keep what they replace."""
    ours = {name: m for name, m in sys.modules.items() if name.split(".")[0] in ("verify", "tests")}
    return {name: m for name, m in ours.items() if not name.startswith(f"{__package__}.")}


@contextmanager
def planted(bug: Bug):
    """As if the source had the bug: it also replaces what modules have imported by name."""
    original, before = inspect.getattr_static(bug.owner, bug.attribute), modules()
    assert not isinstance(original, int | str), "such objects are shared by names of other meaning"
    with ExitStack() as stack:
        stack.enter_context(patch.object(bug.owner, bug.attribute, bug.bug))
        for module in before.values():
            for attribute, value in list(vars(module).items()):
                if value is original:
                    stack.enter_context(patch.object(module, attribute, bug.bug))
        yield
    assert modules().keys() == before.keys(), "a module imported now would keep the bug"
