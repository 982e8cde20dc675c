"""The command `reproduce`: files, exit codes, bad input, and a run that is killed and goes on."""

import json
import math
import os
import re
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.verify.runs import toy
from theory import registry
from verify.command_line import progress as _progress
from verify.command_line.program import main
from verify.reporting import reproduced
from verify.runs import cluster as _cluster
from verify.runs import reproduction, sweep
from verify.runs import sweep_files as store
from verify.runs.cluster import _why

LONG_ENOUGH = 600
"""Seconds after which a process counts as hanging."""


@pytest.fixture(autouse=True)
def registered(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    registry.register(toy.THEOREM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_progress, "INTERVAL", math.inf)


@pytest.fixture
def here(monkeypatch):
    """Points are measured in this process, without a cluster: gives their indices."""
    seen = []

    def results(plan, points, client, progress):
        for done, point in enumerate(points):
            seen.append(point.index)
            try:
                rows = plan.measure(point.configuration, theorem=registry.theorem(plan.theorem),
                                    patterns=plan.patterns, salt=plan.salt, budget=plan.level,
                                    expected=sweep.versions())  # fmt: skip
            except OSError as error:
                rows = plan.failed(point, _why(error))
            yield point, rows
            progress(done + 1, len(points))

    monkeypatch.setattr(_cluster, "connected", lambda *_: nullcontext())
    monkeypatch.setattr(_cluster, "results", results)
    return seen


def call(*args):
    return CliRunner().invoke(main, ["reproduce", *map(str, args)], prog_name="verify")


def strict(path):
    def reject(constant):
        raise AssertionError(f"not JSON: {constant}")

    return json.loads(Path(path).read_text(), parse_constant=reject)


# ---- lists ---------------------------------------------------------------------------------------


def test_without_a_name_all_are_listed():
    result = call()
    assert result.exit_code == 0
    for theorem, each in reproduction.every():
        (head,) = [line for line in result.stdout.splitlines() if line.startswith(f"{each.name} ")]
        told = re.fullmatch(rf"{each.name} \({theorem}; (\d+) (minute|second)s?\)", head)
        minutes = int(told[1]) / {"minute": 1, "second": 60}[told[2]]
        assert minutes == pytest.approx(each.minutes, rel=0.3)
        said = result.stdout.partition(f"{head}\n")[2].replace("\n  ", " ")
        assert said.startswith(f"  {each.words} {each.paper}; {each.figure}\n")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "on 2 cores" in result.stdout


def test_the_list_loads_no_trainer():
    code = "import sys; from verify.command_line.program import main\n"
    code += "try: main(['reproduce'])\nfinally: print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True,
                          timeout=LONG_ENOUGH)  # fmt: skip
    assert "masked-error-over-masks" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"


# ---- results -------------------------------------------------------------------------------------


def test_files_and_verdicts(here):
    result = call("toy-map")
    assert result.exit_code == 0, result.output
    assert (
        "HOLDS toy-map/falls-in-balls: shows in 100% of 384 trials, claimed: 75%" in result.stdout
    )
    assert "measured by predicted: " in result.stdout
    assert sorted(here) == list(range(12))
    table = pq.read_table("toy-map.parquet")
    assert table.num_rows == 12 * 2 * toy.REPETITIONS
    assert {"balls", "size", "series", "repetition", "value"} <= set(table.column_names)
    assert Path("toy-map.png").read_bytes().startswith(b"\x89PNG")
    found = strict("toy-map.json")
    assert found["exit_code"] == 0
    assert [each["verdict"] for each in found["trends"]] == ["HOLDS", "HOLDS"]
    assert (found["paper"], found["figure"]) == ("A. Toy (2020)", "figure 1")


def test_a_reversed_trend_is_refuted(here):
    result = call("toy-reversed")
    assert result.exit_code == 1, result.output
    assert "REFUTED toy-reversed/rises-in-balls: shows in 0%" in result.stdout
    assert strict("toy-reversed.json")["exit_code"] == 1


def test_a_point_that_fails_is_told_and_run_again(here):
    result = call("toy-broken")
    assert result.exit_code == 4
    assert "ERROR toy-broken at (balls=2 size=0.5): OSError: the urn is broken" in result.output
    assert "not judged: 3 points failed" in result.output
    assert strict("toy-broken.json")["trends"] == []
    here.clear()
    assert call("toy-broken").exit_code == 4
    assert sorted(here) == [3, 4, 5]


def test_too_few_trials_are_no_pass(here):
    result = call("toy-map", "--quick", "--budget", 1e-200)
    assert result.exit_code == 3
    assert "UNDERPOWERED" in result.stdout
    assert Path("toy-map-quick.parquet").exists()
    assert sorted(here) == list(range(6))


def test_claims_and_curves(here):
    result = call("toy-claims")
    assert result.exit_code == 0, result.output
    assert "toy/mean: HOLDS at 3 points" in result.stdout
    result = call("toy-curves")
    assert result.exit_code == 1, result.output
    assert "toy/false: REFUTED at 2 points" in result.stdout
    assert [row["verdict"] for row in strict("toy-curves.json")["claims"]] == [
        "HOLDS",
        "REFUTED",
    ] * 2


@pytest.mark.parametrize("name", ["toy-map", "toy-lines", "toy-claims", "toy-curves"])
def test_every_number_of_the_picture_is_in_the_json(here, monkeypatch, name):
    drawn = {}
    encoded = reproduced.drawing.encoded

    def kept(figure, kind):
        drawn["figure"] = figure
        return encoded(figure, kind)

    monkeypatch.setattr(reproduced.drawing, "encoded", kept)
    call(name)
    known = np.array(list(_numbers(strict(f"{name}.json")["panels"])))
    shown = []
    for axes in drawn["figure"].axes:
        shown += [v for line in axes.lines for v in np.ravel(line.get_xydata())]
        shown += [v for mesh in axes.collections if mesh.get_array() is not None
                  for v in np.ravel(mesh.get_array())]  # fmt: skip
    shown = np.array([float(v) for v in shown if np.isfinite(v)])
    assert shown.size >= 6
    assert (abs(shown[:, None] - known).min(axis=1) <= 1e-12 * abs(shown)).all()


def _numbers(found):
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _numbers(each)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield float(found)


def test_a_map_has_the_predicted_one_and_the_ratio(here):
    call("toy-map")
    measured, predicted, ratio = strict("toy-map.json")["panels"]
    for name, panel in (("measured", measured), ("predicted", predicted)):
        rows = [panel[f"{name} at balls={b}"] for b in (1, 2, 3, 4)]
        np.testing.assert_allclose(rows, np.outer([1, 1 / 2, 1 / 3, 1 / 4], [0.5, 1, 2]), rtol=0.05)
    quotient = ratio["measured by predicted at balls=3"]
    expected = np.divide(measured["measured at balls=3"], predicted["predicted at balls=3"])
    np.testing.assert_allclose(quotient, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
)
def test_kinds_of_pictures(here, kind, start):
    assert call("toy-lines", "--figure", f"p.{kind}", "--json", "o.json").exit_code == 0
    assert Path(f"p.{kind}").read_bytes().startswith(start)
    assert strict("o.json")["panels"]


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["toy-mop"], "one of toy-map, toy-reversed"),
        (["toy-mop"], "did you mean toy-map?"),
        (["toy-map", "--out", "no/where.parquet"], "a file that can be written"),
        (["toy-map", "--json", "no/where.json"], "a file that can be written"),
        (["toy-map", "--figure", "p.gif"], "a file .png, .pdf or .svg"),
        (["toy-map", "--figure", "no/p.png"], "a file that can be written"),
        (["toy-map", "--out", "o.json", "--json", "o.json"], "another file than --json"),
        (["toy-map", "--budget", "0"], "in (0, 1)"),
        (["toy-reversed", "--data", "x.csv"], "toy-reversed has data of its own"),
        (["masked-error-over-masks", "--data", "nothing.csv"], "nothing.csv"),
        (["toy-map", "--workers", "0"], "0 is not in the range"),
    ],
)
def test_refused_before_any_work(here, args, message):
    result = call(*args)
    assert result.exit_code == 2
    assert message in result.output
    assert here == []
    assert os.listdir() == []


def test_what_another_run_left_is_kept(here):
    assert call("toy-map").exit_code == 0
    before = Path("toy-map.parquet").read_bytes()
    for other in (["--salt", "other"], ["--quick"]):
        result = call("toy-map", *other, "--out", "toy-map.parquet")
        assert result.exit_code == 2
        assert "is of one with " in result.output
    assert call("toy-lines", "--out", "toy-map.parquet").exit_code == 2
    assert Path("toy-map.parquet").read_bytes() == before


def test_no_output_replaces_the_data(here):
    Path("o.png").write_text("1,2\n")
    result = call("toy-map", "--data", "o.png", "--figure", "o.png")
    assert result.exit_code == 2
    assert "another file than that of --data" in result.output


def test_a_run_with_a_random_salt_goes_on_with_it(here, monkeypatch):
    """As it was begun, until it is finished: then a fresh salt is another run."""
    write = store.files.write

    def full(path, content):
        if path.endswith(".parquet") and len(here) == 3:
            raise OSError(28, "No space left on device")
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(store.files, "write", full)
        first = call("toy-map", "--salt", "random")
    assert first.exit_code == 4
    drawn = re.match(r"salt ([0-9a-f]{16})\n", first.stderr)[1]
    again = call("toy-map", "--salt", "random")
    assert again.exit_code == 0, again.output
    assert f"note: toy-map.parquet.parts is not finished, and goes on: salt {drawn}" in again.stderr
    assert "2 of 12 points were finished before" in again.stderr
    assert f"salt {drawn}, " in again.stdout
    assert {row["salt"] for row in pq.read_table("toy-map.parquet").to_pylist()} == {drawn}
    other = call("toy-map", "--salt", "random")
    assert other.exit_code == 2
    assert f'salt = "{drawn}", not' in other.stderr.replace("\n  ", " ")


def test_another_salt_does_not_go_on(here, monkeypatch):
    """One that is given, or parts that are of no use."""
    Path("toy-map.parquet.parts").mkdir()
    plan = Path("toy-map.parquet.parts/sweep.json")
    for content in (b"{", b"[]", b"{}", b'{"salt": 1}'):
        plan.write_bytes(content)
        assert store.begun("toy-map.parquet") is None
    plan.write_bytes(b'{"salt": "a"}')
    assert store.begun("toy-map.parquet") == "a"
    assert call("toy-map", "--salt", "b").exit_code == 2
    Path("toy-map.parquet").touch()
    assert store.begun("toy-map.parquet") is None


def test_without_dask_points_are_measured_here(monkeypatch):
    """The same numbers, one point after the other; one that fails is told."""
    assert call("toy-map", "--quick", "--workers", "1", "--out", "there.parquet").exit_code == 0
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = call("toy-map", "--quick", "--out", "here.parquet")
    assert done.exit_code == 0, done.output
    assert "note: one point after the other, for dask.distributed is missing\n" in done.stderr
    here, there = (pq.read_table(f"{x}.parquet").drop(["seconds"]) for x in ("here", "there"))
    assert here.equals(there)
    assert call("toy-broken").exit_code == 4
    assert "OSError: the urn is broken" in call("toy-broken").output
    several = call("toy-map", "--workers", "2")
    assert several.exit_code == 2
    assert "--workers or --scheduler needs dask.distributed" in several.stderr


def test_a_killed_run_goes_on(here):
    """SIGKILL while the third point is written, in processes of dask; then the rest is run here."""
    code = """if True:
        import os, signal, sys
        from tests.verify.runs import toy
        from theory import registry
        from verify.command_line.program import main

        if __name__ == "__main__":
            replace, count = os.replace, 0

            def killed(source, target):
                global count
                count += str(target).endswith(".parquet")
                if count == 3:
                    os.kill(os.getpid(), signal.SIGKILL)
                replace(source, target)

            os.replace = killed
            registry.register(toy.THEOREM)
            main(["reproduce", "toy-map", "--workers", "1"])
    """
    Path("killed.py").write_text(code)
    root = str(Path(toy.__file__).parents[3])
    done = subprocess.run([sys.executable, "killed.py"], text=True, capture_output=True,
                          timeout=LONG_ENOUGH, env={**os.environ, "PYTHONPATH": root})  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list(Path("toy-map.parquet.parts").glob("*.parquet"))) == 2
    assert not Path("toy-map.parquet").exists()
    result = call("toy-map")
    assert result.exit_code == 0, result.output
    assert "2 of 12 points were finished before" in result.output
    assert len(here) == 10
    resumed = pq.read_table("toy-map.parquet").drop(["seconds"])
    assert call("toy-map", "--out", "whole.parquet").exit_code == 0
    assert resumed.equals(pq.read_table("whole.parquet").drop(["seconds"]))
