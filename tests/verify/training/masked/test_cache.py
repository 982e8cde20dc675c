"""Compiled code without a place to keep it, and installations of numba that do not work."""

import importlib.util
import shutil

import pytest

pytest.importorskip("numba")

import numba

from tests.verify.training.masked.problems import algorithm, network
from theory import InvalidArgument
from verify.training.masked.engines import choice as engine
from verify.training.masked.engines import fused_layout, plain

SOURCE = "def f(x):\n    return x * x\n"


@pytest.fixture(autouse=True)
def told_once(tmp_path, monkeypatch):
    """Every test is told for the first time; the cache is a folder of its own."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    for cached in (fused_layout._tell_uncached, engine._broken):
        cached.cache_clear()
    yield
    for cached in (fused_layout._tell_uncached, engine._broken):
        cached.cache_clear()


def made(tmp_path):
    """A function of a file, as if a new process had imported it."""
    path = tmp_path / "own.py"
    if not path.exists():
        path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("own", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def notes(capsys):
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(capsys):
    """numba finds no place for what has no file, as where home and package are read-only."""
    names = {}
    exec(SOURCE, names)
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(names["f"])
    assert fused_layout._njit()(names["f"])(3.0) == 9.0
    assert fused_layout._njit()(names["f"])(2.0) == 4.0
    (line,) = notes(capsys)
    assert "neither the home nor the installation can be written" in line
    assert "NUMBA_CACHE_DIR" in line


def test_a_place_that_is_a_file_is_not_the_place(tmp_path, monkeypatch, capsys):
    """NUMBA_CACHE_DIR that is a file: the code is kept beside the source, and nothing is said."""
    (tmp_path / "cache").touch()
    assert fused_layout._njit()(made(tmp_path))(3.0) == 9.0
    assert list((tmp_path / "__pycache__").glob("own.f*.nbi"))
    assert not notes(capsys)


@pytest.mark.parametrize("bare", [True, False])
def test_a_place_that_is_lost_costs_the_time_to_compile(tmp_path, capsys, bare):
    """It could be written at first, and not when the code was there: a full disk, a quota."""
    decorate = numba.njit(cache=True) if bare else fused_layout._njit()
    function = decorate(made(tmp_path))
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").touch()
    if bare:  # must fail: numba by itself
        with pytest.raises(OSError, match="cache"):
            function(3.0)
        return
    assert function(3.0) == 9.0
    (line,) = notes(capsys)
    assert "directory" in line.lower() or "exists" in line.lower()


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_a_damaged_file_is_made_again(tmp_path, capsys, kind):
    def hits():
        function = fused_layout._njit()(made(tmp_path))
        assert function(3.0) == 9.0
        return sum(function.stats.cache_hits.values())

    def damage():
        (damaged,) = (tmp_path / "cache").rglob(f"*.{kind}")
        damaged.write_bytes(damaged.read_bytes()[:-40])

    def bare():
        return numba.njit(cache=True, nogil=True, error_model="numpy")(made(tmp_path))(3.0)

    assert bare() == 9.0
    damage()
    with pytest.raises(Exception, match=r"truncated|Ran out of input|pickle"):
        bare()
    assert (hits(), hits()) == (0, 1)
    damage()
    assert (hits(), hits()) == (0, 1)
    assert not notes(capsys)


def test_what_another_source_of_the_kernel_changes_is_compiled_again(tmp_path, monkeypatch):
    def hits():
        function = fused_layout._njit()(made(tmp_path))
        assert function(3.0) == 9.0
        return sum(function.stats.cache_hits.values())

    assert (hits(), hits()) == (0, 1)
    monkeypatch.setattr(fused_layout, "_sources", lambda: "changed")
    assert (hits(), hits()) == (0, 1)


def test_a_numba_that_fails_is_left_out(monkeypatch, capsys):
    def broken():
        raise ImportError("Numba needs NumPy 2.2 or less.\nGot NumPy 2.4.")

    net = network(m=20)
    assert engine.choose(net, algorithm(net)) is not plain
    engine._broken.cache_clear()
    monkeypatch.setattr(engine, "_fused", broken)
    assert engine.choose(net, algorithm(net)) is plain
    assert engine.choose(net, algorithm(net)) is plain
    (line,) = notes(capsys)
    assert line == (
        "note: the engine fused is left out, for numba fails: Numba needs NumPy 2.2 or less."
    )
    with pytest.raises(InvalidArgument, match=r"fused needs a numba that works \(Numba needs"):
        engine.choose(net, algorithm(net), "fused")
