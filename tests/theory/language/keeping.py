"""A cache of a test's own, of a package whose sources the test may change."""

import math

import pytest

from theory.language import catalogue


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """The folder with the sources, which are older than the process as far as it can tell."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "claims.py").write_text("CLAIMS = ()")
    monkeypatch.setattr(catalogue, "SOURCES", folder)
    monkeypatch.setattr(catalogue, "STARTED", math.inf)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    catalogue._sources.cache_clear()
    yield folder
    catalogue._sources.cache_clear()


def files():
    """All that is kept."""
    return sorted(catalogue._file("").parent.glob("*"))
