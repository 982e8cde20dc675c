"""A refuted claim in a test: its message holds the shrunk example, and its file replays it."""

import json
import re
import subprocess
import sys

from hypothesis import given, settings

from verify.experiments.kit import as_dict
from verify.experiments.masked_training.configuration import Configuration
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.experiments.masked_training.strategies import configurations
from verify.judging.verdict import Verdict, judge
from verify.runs.counterexample import described
from verify.runs.replay import claim_named

FALSE = "link-2~everywhere: nu -> 0"

SEARCHING = f"""
import json
import pytest
from hypothesis import Phase, given, settings
from verify.experiments.masked_training.experiment import EXPERIMENT
from verify.experiments.masked_training.strategies import configurations
from verify.runs.replay import Case, claim_named

@pytest.mark.claims(checks=100, share=0.01)
@settings(max_examples=100, derandomize=True, deadline=None, database=None,
          phases=(Phase.generate, Phase.shrink))
@given(configuration=configurations(max_width=64))
def test_search(gate, configuration):
    salt = gate.seed(configuration)
    observed = EXPERIMENT.observe(configuration, salt=salt, quantities={{"defect"}})
    case = Case("masked-training", configuration, salt)
    judgement = gate.check(claim_named({FALSE!r}), observed.samples["defect"], case=case)
"""


SIZES = ("width", "rounds", "samples", "surrogates", "local_steps")


def size(fields):
    """What shrinking makes small."""
    return sum(fields[name] for name in SIZES)


def drawn(count):
    """Configurations as the test draws them, in which the claim is refuted."""
    found = []
    false = claim_named(FALSE)

    @settings(max_examples=count, derandomize=True, database=None)
    @given(configurations(max_width=64))
    def draw(configuration):
        observed = EXPERIMENT.observe(configuration, salt="drawn", quantities={"defect"})
        if judge(false, observed.samples["defect"], 0.0).verdict is Verdict.REFUTED:
            found.append(as_dict(configuration))

    draw()
    return found


def test_the_shrunk_example_is_shown_and_replayed(pytester):
    pytester.makepyfile(test_searching=SEARCHING)
    result = pytester.runpytest_inprocess("--claims-cases=cases", "-n", "1")
    result.assert_outcomes(failed=1)
    shown = result.stdout.str()
    (path,) = pytester.path.joinpath("cases").glob("*.json")
    assert f"python -m verify replay {path}" in shown
    assert "premises    Lambda*zeta <= 1: " in shown
    smallest = json.loads(path.read_text())["configuration"]
    others = drawn(count=100)
    assert len(others) > 10
    assert sum(size(each) <= size(smallest) for each in others) < len(others) / 2
    (configuration,) = set(re.findall(r"  case +(Configuration\(.*\))", shown))
    assert configuration == described(Configuration(**smallest))
    replayed = subprocess.run(
        [sys.executable, "-m", "verify", "replay", str(path)], capture_output=True, text=True
    )
    assert replayed.returncode == 1, replayed.stderr
    assert configuration in replayed.stdout
    measured = re.compile(r"measured +(.*)")
    assert measured.search(replayed.stdout)[1] == measured.search(shown)[1]
