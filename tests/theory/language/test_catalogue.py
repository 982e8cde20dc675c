"""Names, kinds and statements that are kept between processes."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.theory.language import keeping
from theory import registry
from theory.language import catalogue
from theory.language.kinds import LOWER_PROBABILITY

sources = keeping.sources

CLAIM = SimpleNamespace(name="a", kind=LOWER_PROBABILITY, quantity=SimpleNamespace(name="share"),
                        summary="all is well", source="us, 2026")  # fmt: skip
ENTRY = catalogue.Entry("a", "prob >= share", "all is well", "us, 2026")
MODULE = "theory.theorems.made_up"
WRITTEN = ("a", ("b", ("1 <= \u03bb", '"\\\n')), ())


def never(*_):
    raise AssertionError("what is kept was not used")


def make():
    return WRITTEN


@pytest.mark.parametrize("name", registry.theorems())
def test_entries_are_those_of_the_claims(name):
    loaded = registry.theorem(name).load_claims()
    assert registry.entries(name) == catalogue.of_claims(loaded)
    assert all(registry.theorem_of(claim.name) == name for claim in loaded)


@pytest.mark.parametrize("latex", [False, True], ids=["text", "latex"])
@pytest.mark.parametrize("theorem", ["masked-training", "ridge-overfitting"])
def test_written_as_the_claims_are(theorem, latex, sources, monkeypatch):
    """When they are built, and when they are read."""
    claims = registry.claims(theorem)
    made = {name: registry.written(name, latex=latex) for name in claims}
    monkeypatch.setattr(registry, "claims", never)
    read = {name: registry.written(name, latex=latex) for name in claims}
    assert made == read
    assert made == {name: catalogue.of_claim(c, latex=latex) for name, c in claims.items()}
    for name, claim in claims.items():
        (title, lines), *_ = read[name].blocks
        assert title == "statement"
        assert "\n".join(lines) == (claim.latex() if latex else claim.text())


def test_what_is_written_of_a_claim():
    """Of a claim that has every part but a ceiling, and one with it."""
    words = catalogue.of_claim(registry.claim("published/theorem-3"), latex=False)
    titles = [title for title, _ in words.blocks]
    assert titles == ["statement", "premises", "parts", "confidence"]
    symbols = {name: (meaning, domain) for name, meaning, domain in words.symbols}
    assert symbols["xi"][1] == "in (0, 1]"
    assert symbols["n"][1] == "integer >= 1"
    assert symbols["B_1"] == ("neighbourhood of Theorem 3", "")
    assert "mu" not in symbols  # the vocabulary has it, and other claims use it
    words = catalogue.of_claim(registry.claim("main"), latex=False)
    assert "notation" in dict(words.blocks)
    assert ("mu", "eigenvalues of H at W_0, increasing", "each in [0, inf)") in words.symbols


def test_entries_are_of_what_is_loaded():
    assert catalogue.of_claims([CLAIM]) == (ENTRY,)


def test_kept_once(sources):
    assert catalogue.kept(MODULE, make) == WRITTEN
    assert keeping.files() == [catalogue._file(MODULE)]
    assert catalogue.kept(MODULE, never) == WRITTEN
    with pytest.raises(AssertionError, match="not used"):
        catalogue.kept(f"{MODULE} a", never)


def another_source(sources, monkeypatch):
    (sources / "laws.py").write_text("")


def edited_source(sources, monkeypatch):
    """To a text of the same length, in the second after."""
    file = sources / "claims.py"
    second = file.stat().st_mtime_ns + 10**9
    file.write_text(file.read_text().replace("()", "{}"))
    os.utime(file, ns=(second, second))


def another_python(sources, monkeypatch):
    monkeypatch.setattr(sys, "version", f"{sys.version}+")


def another_sympy(sources, monkeypatch):
    monkeypatch.setattr(catalogue, "_version", lambda library: f"{library} 0.1")


@pytest.mark.parametrize("change", [another_source, edited_source, another_python, another_sympy])
def test_what_it_was_made_from_is_seen(sources, change, monkeypatch):
    catalogue.kept(MODULE, make)
    change(sources, monkeypatch)
    catalogue._sources.cache_clear()
    with pytest.raises(AssertionError, match="not used"):
        catalogue.kept(MODULE, never)
    assert catalogue.kept(MODULE, lambda: ("new",)) == ("new",)
    assert catalogue.kept(MODULE, never) == ("new",)


def test_versions_of_libraries(tmp_path, monkeypatch):
    package = tmp_path / "symbols_of_mine"
    package.mkdir()
    (package / "__init__.py").write_text("from symbols_of_mine.release import __version__")
    (package / "release.py").write_text('__version__ = "1.13"')
    monkeypatch.syspath_prepend(tmp_path)
    first = catalogue._version("symbols_of_mine")
    (package / "release.py").write_text('__version__ = "1.14"')  # of the same length
    assert catalogue._version("symbols_of_mine") != first
    assert "symbols_of_mine" not in sys.modules
    assert len({catalogue._version(name) for name in catalogue.LIBRARIES}) == 2
    for name in catalogue.LIBRARIES:
        version = __import__(name).__version__.encode()
        place = Path(sys.modules[name].__file__)
        said = [place.with_name(each) for each in catalogue.VERSIONS]
        assert any(version in file.read_bytes() for file in said if file.is_file())


def without_sources(sources, monkeypatch):
    (sources / "claims.py").unlink()


def without_versions(sources, monkeypatch):
    monkeypatch.setattr(catalogue, "LIBRARIES", ("a_library_that_is_missing",))


def younger_than_the_process(sources, monkeypatch):
    """Its modules may be of before the change."""
    monkeypatch.undo()
    monkeypatch.setattr(catalogue, "SOURCES", sources)


@pytest.mark.parametrize("how", [without_sources, without_versions, younger_than_the_process])
def test_nothing_is_kept_of_what_is_not_known(sources, tmp_path, how, monkeypatch):
    how(sources, monkeypatch)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    catalogue._sources.cache_clear()
    assert catalogue.kept(MODULE, make) == WRITTEN
    assert keeping.files() == []


def another_name(file, text):
    catalogue.kept(f"{MODULE} a", lambda: ("of another",))
    return catalogue._file(f"{MODULE} a").read_bytes()


DAMAGES = {
    "empty": lambda file, text: b"",
    "no mark": lambda file, text: text.partition(b"\n")[2],
    "no content": lambda file, text: text.partition(b"\n")[0],
    "cut": lambda file, text: text[:-1],
    "one letter": lambda file, text: text.replace(b"1 <=", b"2 <="),
    "JSON alone": lambda file, text: b'{"sources": "", "claims": []}',
    "no text": lambda file, text: b"\xff\xfe" + text,
    "of another name": another_name,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_was_damaged_is_made_again(sources, damage):
    catalogue.kept(MODULE, make)
    file = catalogue._file(MODULE)
    text = file.read_bytes()
    file.write_bytes(damage(file, text))
    assert file.read_bytes() != text
    assert catalogue.kept(MODULE, make) == WRITTEN
    assert catalogue.kept(MODULE, never) == WRITTEN


def test_two_packages_keep_their_own(sources, tmp_path, monkeypatch):
    file = catalogue._file(MODULE)
    monkeypatch.setattr(catalogue, "SOURCES", tmp_path)
    assert catalogue._file(MODULE).parent != file.parent


def test_a_folder_that_cannot_be_written(sources, tmp_path):
    (tmp_path / "cache").write_text("a file in the place of the folder")
    assert catalogue.kept(MODULE, make) == WRITTEN
    assert catalogue.kept(MODULE, make) == WRITTEN


def test_a_folder_in_the_place_of_the_file(sources):
    catalogue._file(MODULE).mkdir(parents=True)
    assert catalogue.kept(MODULE, make) == WRITTEN
