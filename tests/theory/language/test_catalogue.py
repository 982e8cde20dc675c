"""Names and kinds that are kept between processes."""

import json
from types import SimpleNamespace

import pytest

from theory import registry
from theory.language import catalogue
from theory.language.kinds import LOWER_PROBABILITY

CLAIM = SimpleNamespace(name="a", kind=LOWER_PROBABILITY, quantity=SimpleNamespace(name="share"),
                        summary="all is well")  # fmt: skip
ENTRY = catalogue.Entry("a", "prob >= share", "all is well")
MODULE = "theory.theorems.made_up"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where entries are kept: of a package in a folder of its own."""
    sources = tmp_path / "sources"
    sources.mkdir()
    monkeypatch.setattr(catalogue, "SOURCES", sources)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    catalogue._sources.cache_clear()
    yield catalogue._file(MODULE)
    catalogue._sources.cache_clear()


def never():
    raise AssertionError("what is kept was not used")


def load():
    return (CLAIM,)


@pytest.mark.parametrize("name", registry.theorems())
def test_entries_are_those_of_the_claims(name):
    loaded = registry.theorem(name).load_claims()
    assert registry.entries(name) == catalogue.of_claims(loaded)
    assert all(registry.theorem_of(claim.name) == name for claim in loaded)


def test_kept_once(file):
    assert catalogue.kept(MODULE, load) == (ENTRY,)
    assert file.is_file()
    assert catalogue.kept(MODULE, never) == (ENTRY,)


def test_a_source_that_was_changed_is_seen(file):
    catalogue.kept(MODULE, load)
    (catalogue.SOURCES / "laws.py").write_text("")
    catalogue._sources.cache_clear()
    with pytest.raises(AssertionError, match="not used"):
        catalogue.kept(MODULE, never)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', "NaN", None])
def test_what_cannot_be_read_is_made_again(file, text):
    catalogue.kept(MODULE, load)
    if text is None:
        text = json.dumps({**json.loads(file.read_text()), "claims": [["a"]]})
    file.write_text(text)
    assert catalogue.kept(MODULE, load) == (ENTRY,)
    assert catalogue.kept(MODULE, never) == (ENTRY,)


def test_two_packages_keep_their_own(file, tmp_path, monkeypatch):
    catalogue.kept(MODULE, load)
    monkeypatch.setattr(catalogue, "SOURCES", tmp_path)
    assert catalogue._file(MODULE) != file


def test_a_folder_that_cannot_be_written(file):
    file.parents[2].write_text("a file in the place of the folder")
    assert catalogue.kept(MODULE, load) == (ENTRY,)
