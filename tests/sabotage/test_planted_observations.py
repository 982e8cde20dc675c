"""Bugs planted where configurations become symbols and measurements samples: each is caught."""

import pytest

from tests.sabotage.observations import BUGS
from tests.sabotage.test_planted_bugs import is_caught


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_observations(bug):
    is_caught(bug)
