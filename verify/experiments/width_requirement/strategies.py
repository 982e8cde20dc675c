"""Hypothesis strategies for the width requirement."""

from __future__ import annotations

from hypothesis import strategies as st

from verify.experiments.kit.strategies import small_trials
from verify.experiments.width_requirement.configuration import Configuration


def configurations() -> st.SearchStrategy[Configuration]:
    """Small problems of every law, at widths where trials are cheap."""
    widths = st.integers(16, 2048)
    return st.builds(lambda f, width: Configuration(**f, width=width), small_trials(), widths)
