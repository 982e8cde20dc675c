"""The command line: exit codes, messages, table, JSON, figure, list and show."""

import json
import math
import os
import re
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
import torch
from click.testing import CliRunner

from theory import registry
from theory.language.claim import EXACT_PATHWISE, UPPER_EXPECTATION, Claim
from theory.language.errors import InvalidArgument
from verify.command_line import progress as _progress
from verify.command_line.options import spelled
from verify.command_line.program import main
from verify.experiments.kit import (
    Experiment,
    Measured,
    Measurement,
    Options,
    Trajectory,
    option,
)
from verify.judging.sample import Sample
from verify.reporting import report
from verify.runs import check as run
from verify.runs import files as _atomic
from verify.runs.plain import plain
from verify.runs.text import broken

TINY = ["--samples", "3", "--width", "64", "--rounds", "3", "--seeds", "8", "--pilot-seeds", "4"]
ROUNDS = 3

k, b = sp.Symbol("k", integer=True, nonnegative=True), sp.Symbol("b", real=True)


def upper(name, bound, quantity="coin", **more):
    return Claim.of(
        f"coin/{name}", bound, kind=UPPER_EXPECTATION, source="here", quantity=quantity,
        summary=f"a coin: {name}", index=k, **more,
    )  # fmt: skip


COINS = (
    upper("true", sp.Rational(7, 10) + b / (10 * (k + 1)), parts={"floor": sp.Rational(7, 10)}),
    upper("false", sp.Rational(1, 5) + 0 * k * b),
    upper("vacuous/whatever-is-known", 2 + b * k),
    upper("elsewhere", 0.9 + b * k, premises=(sp.Gt(b, 3), sp.Gt(b, 4))),
    upper("unmeasured", sp.S.One, quantity="nothing"),
    upper("without-value", sp.Symbol("missing", real=True)),
    Claim.of("coin/exact", b, kind=EXACT_PATHWISE, source="here", quantity="constant"),
)


@dataclass(frozen=True)
class Toss(Options):
    seeds: int = option(400, "tosses", sp.Range(2, sp.oo))
    head_start: float = option(0.0, "added to every toss")
    fair: bool = option(True, "whether heads are as frequent as tails")
    side: str = option("both", "side", choices=("both", "heads"))
    late: float | None = option(None, "a number", sp.S.Reals)

    def check(self):
        super().check()
        if not 0 <= self.head_start <= 1:
            raise InvalidArgument("head_start", self.head_start, "in [0, 1] where fair is True")


class Coin:
    """What is measured; `error` is raised in place of it, `more` are further symbols."""

    def __init__(self):
        self.error, self.more = None, {}

    def __call__(self, setting, wanted, tell):
        if self.error is not None:
            raise self.error
        configuration, salt = setting
        rng = np.random.default_rng(list(salt.encode()))
        tosses = rng.integers(0, 2, (ROUNDS, configuration.seeds)) + configuration.head_start
        x = np.arange(ROUNDS)
        tell(1, 2)
        tell(2, 2)
        common = {"symbols": {"k": x, "b": 0.5, **self.more}, "trivial": 1.0}
        samples = {"coin": Sample(tosses, **common), "constant": Sample([0.5], **common)}
        mean, error = tosses.mean(1), tosses.std(1) / math.sqrt(configuration.seeds)
        fine = Trajectory("toss", np.linspace(0, 2, 5), {"fine": np.linspace(1, 2, 5)})
        curves = {"heads": mean, "limit": np.full(ROUNDS, 0.5)}
        details = {"odd": np.array([np.nan, np.inf, -np.inf])}
        trajectory = Trajectory("toss", x, curves, details, {"heads": error}, fine)
        return Measured(samples, trajectory, {"seeds": {"toss": 1}, "coin": "a coin"})


@pytest.fixture
def coin(monkeypatch):
    """A theorem about coins, registered beside the others for one test."""
    monkeypatch.setattr(registry, "_THEOREMS", dict(registry._THEOREMS))
    module = types.ModuleType("coin_theorem")
    measured = Coin()
    measurement = Measurement.of(("coin", "constant"), measured)
    module.CLAIMS, module.Configuration = COINS, Toss
    module.EXPERIMENT = Experiment(Toss, lambda *setting: setting, [measurement])
    monkeypatch.setitem(sys.modules, "coin_theorem", module)
    registry.register(registry.Theorem("coin", "coin_theorem", "coin_theorem"))
    return measured


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(_progress, "INTERVAL", math.inf)  # no line on stderr, however slow


def call(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args], prog_name="verify")


def at_home(*args):
    """Every claim at its home."""
    return call("check", "--theorem", "coin", *args)


def toss(*args):
    """In one configuration, for an option of it is given."""
    return at_home(*([] if "--seeds" in args else ["--seeds", 400]), *args)


def verdicts(path="o.json"):
    return {row["claim"]: row["verdict"] for row in strict(path)["claims"]}


def strict(path):
    def reject(constant):
        raise AssertionError(f"not JSON: {constant}")

    return json.loads(Path(path).read_text(), parse_constant=reject)


# ---- exit codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ("coin/true", 0),
        ("coin/true,coin/exact", 0),
        ("coin/t*", 0),
        ("coin/false", 1),
        ("coin/true,coin/false", 1),
        ("coin/vacuous*", 3),
        ("coin/true,coin/vacuous*", 3),
        ("coin/elsewhere", 3),
        ("coin/true,coin/elsewhere", 3),
        ("coin/unmeasured", 3),
        ("coin/true,coin/unmeasured", 3),
        ("coin/true,coin/without-value", 3),
        ("coin/false,coin/unmeasured", 1),
    ],
)
def test_exit_code_of_named_claims(coin, claims, code):
    result = toss("--no-figure", "--json", "o.json", "--claims", claims)
    assert result.exit_code == code, result.output
    assert strict("o.json")["exit_code"] == code


def test_exit_code_without_names(coin, monkeypatch):
    assert toss("--no-figure").exit_code == 1  # coin/false

    def code(*names):
        chosen = tuple(claim for claim in COINS if claim.name.removeprefix("coin/") in names)
        assert len(chosen) == len(names)
        monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", chosen)
        return toss("--no-figure").exit_code

    assert code("true") == code("true", "exact") == 0
    assert code("true", "elsewhere") == 0  # what is out of its regime does not count
    assert code("elsewhere") == 3
    for silent in ("vacuous/whatever-is-known", "unmeasured", "without-value"):
        assert code("true", silent) == 3
        assert code("true", "false", silent) == 1
    monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", COINS[:1] + COINS[-1:])
    assert toss("--no-figure", "--seeds", 4).exit_code == 3  # UNDERPOWERED beside HOLDS


def test_underpowered_is_no_pass(coin):
    result = toss("--no-figure", "--json", "o.json", "--claims", "coin/true", "--seeds", 4)
    assert verdicts() == {"coin/true": "UNDERPOWERED"}
    assert result.exit_code == 3


def test_interrupt(coin):
    coin.error = KeyboardInterrupt()
    result = toss("--no-figure")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_a_bug_is_not_a_refutation(coin):
    coin.error = RuntimeError("a bug")
    result = toss("--no-figure")
    assert result.exit_code == 4
    assert "not finished: RuntimeError: a bug" in result.output


def test_out_of_memory_without_traceback(coin):
    coin.error = RuntimeError("DefaultCPUAllocator: can't allocate memory")
    result = toss("--no-figure")
    assert result.exit_code == 4
    assert "can't allocate memory" in result.output
    assert "Traceback" not in result.output


# ---- wrong usage ---------------------------------------------------------------------------------

WRONG = {
    "n": (["--samples", 0], ["--samples = 0: must be an integer >= 1"]),
    "xi 0": (["--xi", 0], ["xi = 0.0: must be in (0, 1]", "--xi"]),
    "xi > 1": (["--xi", 1.5], ["--xi = 1.5: must be in (0, 1]"]),
    "xi nan": (["--xi", "nan"], ["--xi = nan: must be in (0, 1]"]),
    "p": (["--surrogates", 0], ["--surrogates = 0: must be an integer >= 1"]),
    "tau": (["--local-steps", 0], ["--local-steps = 0: must be an integer >= 1"]),
    "zeta": (["--zeta-lambda", 1.5], ["--zeta-lambda = 1.5: must be in (0, 1]"]),
    "both": (["--zeta-lambda", 0.5, "--eta", 1], ["--eta = 1.0", "where --zeta-lambda is given"]),
    "eta": (["--eta", 1000], ["--eta = 1000.0: must be at most 1.0"]),
    "no file": (["--data", "none.npz"], ["--data = 'none.npz': must be a file"]),
    "no npz": (["--data", "bad.npz"], ["--data = 'bad.npz': must be a readable .npz"]),
    "no csv": (["--data", "bad.csv"], ["--data = 'bad.csv'", "line 2, column 2"]),
    "nan": (["--data", "nan.npz"], ["--data = 'nan.npz'", "finite"]),
    "parallel": (["--data", "parallel.npz"], ["--data = 'parallel.npz'", "parallel", "row 1"]),
    "source": (["--data", "diabets"], ["--data = 'diabets'", "diabetes"]),
    "law": (["--law", "poisson"], ["--law", "poisson", "bernoulli"]),
    "number": (["--width", "wide"], ["--width", "wide", "integer"]),
    "device": (["--device", "tpu9"], ["--device = 'tpu9': must be cpu, cuda or cuda:N"]),
    "claim": (["--claims", "mian"], ["--claims = 'mian'", "main"]),
    "claim 2": (["--claims", "main,zzz*"], ["--claims = 'zzz*': must be a claim, or a pattern"]),
    "no claim": (["--claims", ","], ["--claims = ','"]),
    "theorem": (["--theorem", "nope"], ["theorem = 'nope': must be one of masked-training"]),
    "budget": (["--budget", 0], ["--budget = 0.0: must be in (0, 1)"]),
    "json": (["--json", "none/o.json"], ["--json = 'none/o.json'", "No such file"]),
    "directory": (["--json", "."], ["--json = '.'", "directory"]),
    "figure": (["--figure", "none/o.png"], ["--figure = 'none/o.png'"]),
    "suffix": (["--figure", "o.txt"], ["--figure = 'o.txt': must be a file .png"]),
    "one file": (["--figure", "o.png", "--json", "o.png"], ["--figure = 'o.png'", "--json"]),
    "one file 2": (["--figure", "o.png", "--json", "./o.png"], ["--figure = 'o.png'", "--json"]),
    "input": (["--data", "ok.csv", "--json", "./ok.csv"], ["--json = './ok.csv'", "--data"]),
    "rescale": (["--data", "ok.csv", "--no-rescale"], ["--data = 'ok.csv'", "norms at most 1"]),
    "int64": (["--width", 10**30], ["--width", "1000000000", "below 2**63"]),
    "xi tiny": (["--xi", 1e-300], ["--xi = 1e-300: must be at least 1e-50"]),
    "salt": (["--salt", "\udcff"], ["--salt = '\\udcff': must be text"]),
    "p huge": (["--surrogates", 10**9], ["the options give p = 1000000000: must be at most 4096"]),
    "capitals": (["--claims", "MAIN"], ["--claims = 'MAIN': must be a claim", "such as main"]),
    "huge scale": (
        ["--init-scale", 1e308],
        ["--init-scale = 1e+308: must be in [1e-50, 1e+50]"],
    ),
    "option": (["--widht", 3], ["--widht", "--width"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage(name):
    args, fragments = WRONG[name]
    Path("bad.npz").write_bytes(b"not an archive")
    Path("bad.csv").write_text("1,2,3\n1,x,2\n")
    Path("ok.csv").write_text("1,2,3\n2,1,2\n4,1,2\n")
    X, y = np.eye(3) + 0.1, np.ones(3)
    np.savez("nan.npz", X=np.where(np.eye(3) > 0, np.nan, X), y=y)
    np.savez("parallel.npz", X=np.stack([X[0], X[1], -2 * X[1]]), y=y)
    before = set(os.listdir())
    result = call("check", *TINY, *args)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
    for fragment in fragments:
        assert fragment in result.stderr
    assert set(os.listdir()) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu():
    result = call("check", *TINY, "--device", "cuda")
    assert result.exit_code == 2
    assert "error: --device = 'cuda': must be cpu: 0 GPUs are present" in result.stderr


def test_flags_in_messages():
    error = InvalidArgument("a_b", 1, "below a_c and size = 3, as size matters, where on is True")
    flags = {"a_b": "--a-b", "a_c": "--a-c", "size": "--size", "on": "--on"}
    assert spelled(error, flags) == (
        "--a-b = 1: must be below --a-c and --size = 3, as size matters, where --on"
    )


@pytest.mark.parametrize("flag", ["--json", "--figure"])
def test_unwritable_output_is_found_before_training(coin, flag):
    coin.error = AssertionError("trained")
    result = toss(flag, "none/o.png")
    assert result.exit_code == 2
    assert "trained" not in result.output


# ---- options -------------------------------------------------------------------------------------


def test_options_are_the_fields_of_the_configuration(coin):
    text = re.sub(r"\s+", " ", call("check", "--theorem", "coin", "--help").output)
    assert "--head-start FLOAT added to every toss [default: 0.0]" in text
    assert "--fair / --no-fair" in text
    assert "--side [both|heads]" in text
    assert "--width" not in text
    args = ["--seeds", 300, "--head-start", 0.1, "--no-fair", "--side", "heads", "--late", 2]
    toss("--no-figure", "--json", "o.json", *args)
    wanted = {"seeds": 300, "head_start": 0.1, "fair": False, "side": "heads", "late": 2.0}
    assert strict("o.json")["configuration"] == wanted
    assert "--head-start = 3.0: must be in [0, 1] where --fair" in toss("--head-start", 3).stderr


def test_theorem_with_an_equals_sign(coin):
    assert call("check", "--theorem=coin", "--claims", "coin/true").exit_code == 0


def test_salt_is_used(coin):
    for salt in ("a", "b", "a"):
        toss("--no-figure", "--salt", salt, "--json", f"{salt}.json")
    assert strict("a.json")["trajectory"] != strict("b.json")["trajectory"]
    assert strict("a.json")["salt"] == "a"


def test_budget_is_split(coin):
    toss("--no-figure", "--json", "o.json", "--claims", "coin/true,coin/vacuous*,coin/unmeasured",
         "--budget", 1e-4)  # fmt: skip
    assert [row["level"] for row in strict("o.json")["claims"]] == [5e-5, 5e-5]


# ---- outputs -------------------------------------------------------------------------------------


def test_table(coin):
    result = toss("--no-figure")
    lines = result.stdout.splitlines()
    text = re.sub(r"\s+", " ", result.stdout)
    rows = [line.split()[1] for line in lines if line.startswith("coin/")]
    assert rows == ["REFUTED", "HOLDS", "HOLDS", "VACUOUS"]
    assert max(map(len, lines[:-1])) <= 80  # the line of summary may be longer
    assert (
        "OUT_OF_REGIME, and the first premise that fails coin/elsewhere: b > 3 fails at b" in text
    )
    assert text.count("coin/elsewhere") == 1
    assert "b > 4" not in text  # the first failing premise is enough
    assert re.search(r"REFUTED coin/false: measured 0\.\d+ <= 0.2 fails at toss \d", text)
    assert "NOT JUDGED coin/unmeasured: nothing is not measured" in text
    assert "NOT JUDGED coin/without-value: no value of missing" in text
    counts = "2 hold, 1 refuted, 1 vacuous, 0 underpowered, 1 out of regime, 2 not judged"
    assert f"{counts}; 400 seeds, salt theorem-gate, budget 1e-06" in text
    assert re.search(r"^coin/vacuous/whatever-is-known +VACUOUS ", result.stdout, re.MULTILINE)
    row = next(line for line in lines if line.startswith("coin/true"))
    assert re.fullmatch(r"coin/true +HOLDS +0\.\d+ 0\.\d+ ±5e-2 +1\.\d+ +1\.\d+ 1\.00", row)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_table_is_as_wide_as_the_terminal(coin, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    *lines, _ = toss("--no-figure").stdout.splitlines()
    assert max(map(len, lines)) <= width, max(lines, key=len)
    assert not any("…" in line for line in lines)
    whole = any(line.startswith("coin/vacuous/whatever-is-known ") for line in lines)
    assert whole == (width > 60)


LONG = tuple(sp.Symbol(f"a_long_name_{i}", real=True) for i in range(9))


@pytest.mark.parametrize("count", [1, 6])
def test_long_premises_are_cut_on_the_screen_but_not_in_the_json(coin, monkeypatch, count):
    premise = b >= sum(LONG)
    names = [f"elsewhere-{i}" for i in range(count)]
    claims = [upper(name, b + k, premises=(premise,)) for name in names]
    monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", (*COINS[:1], *claims))
    coin.more = {str(s): 1000.0 for s in LONG}
    *lines, _, _ = toss("--no-figure", "--json", "o.json").stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("OUT_OF_REGIME"))
    reason = lines[start + 1 :]
    text = re.sub(r"\s+", " ", " ".join(reason))
    assert len(reason) <= (2 if count == 1 else 3)
    assert max(map(len, reason)) <= 80
    assert all(f"coin/{name}" in text for name in names)
    assert text.endswith(" … fails: 0.5 < 9000")
    row = strict("o.json")["claims"][-1]
    assert all(f"{s} = 1000" in row["reason"] for s in LONG)


def test_progress(coin, monkeypatch):
    monkeypatch.setattr(_progress, "INTERVAL", 0)
    result = toss("--no-figure")
    assert re.match(r"training: 50%, about \d+ s left\ntraining: 100%, about 0 s", result.stderr)
    assert "training" not in result.stdout


def test_quiet(coin, monkeypatch):
    monkeypatch.setattr(_progress, "INTERVAL", 0)
    result = toss("--quiet")
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == ""
    assert Path("check.png").exists()


def test_json(coin):
    toss("--no-figure", "--json", "o.json")
    content = strict("o.json")
    assert set(content) >= {
        "claims", "trajectory", "configuration", "notes", "environment", "salt", "seeds",
        "exit_code", "budget", "not_judged",
    }  # fmt: skip
    by_name = {row["claim"]: row for row in content["claims"]}
    row = by_name["coin/true"]
    assert set(row) >= {
        "claim", "verdict", "bound", "measured", "lower_confidence", "tightness", "reason",
        "standard_error", "share", "level", "kind", "source", "position", "checkpoints",
        "informative",
    }  # fmt: skip
    assert row["tightness"] == pytest.approx(row["bound"] / row["measured"])
    assert row["lower_confidence"] < row["measured"] < row["bound"]
    assert by_name["coin/elsewhere"]["bound"] is None
    assert set(content["not_judged"]) == {"coin/unmeasured", "coin/without-value"}
    trajectory = content["trajectory"]
    assert trajectory["toss"] == [0, 1, 2]
    assert len(trajectory["heads"]) == len(trajectory["limit"]) == ROUNDS
    assert trajectory["details"]["odd"] == [None, "inf", "-inf"]
    assert len(trajectory["within"]["fine"]) == 5
    assert content["seeds"] == {"toss": 1}
    assert content["environment"].keys() >= {
        "python", "torch", "numpy", "sympy", "platform", "cpu_count", "device", "commit",
    }  # fmt: skip


def test_figure(coin):
    assert toss().exit_code == 1
    assert Path("check.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    toss("--figure", "other.svg", "--claims", "coin/true,coin/exact,coin/elsewhere")
    text = Path("other.svg").read_text()
    for label in (
        "coin/true: HOLDS",
        "heads",
        "±2 standard errors",
        "limit",
        "fine",
        "inside each toss",
    ):
        assert label in text
    assert "coin/exact" not in text  # no curve over the index
    assert "coin/elsewhere" not in text  # out of its regime
    assert not list(Path().glob(".*"))


def test_no_figure(coin):
    toss("--no-figure")
    assert not os.listdir()


def full(*_):
    raise OSError(28, "No space left on device")


def test_full_disk(coin, monkeypatch):
    Path("o.json").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    result = toss("--no-figure", "--claims", "coin/true", "--json", "o.json")
    assert "coin/true" in result.stdout
    assert result.stderr == "error: o.json was not written: No space left on device\n"
    assert "written: o.json" not in result.stdout
    assert result.exit_code == 4
    assert Path("o.json").read_text() == "old"
    assert os.listdir() == ["o.json"]


def test_full_disk_where_nothing_is_informative(coin, monkeypatch):
    monkeypatch.setattr(os, "fsync", full)
    result = toss("--claims", "coin/vacuous*", "--json", "o.json")
    assert "o.json was not written" in result.stderr
    assert "check.png was not written" in result.stderr
    assert "written:" not in result.stdout
    assert result.exit_code == 4
    assert toss("--no-figure", "--claims", "coin/false", "--json", "o.json").exit_code == 1


def test_one_of_two_files_is_written(coin, monkeypatch):
    monkeypatch.setattr("verify.reporting.figure.draw", full)
    result = toss("--claims", "coin/true", "--json", "o.json")
    assert result.stdout.splitlines()[-1] == "written: o.json"
    assert result.exit_code == 4


def test_files_are_written_though_the_table_cannot_be(coin, monkeypatch):
    monkeypatch.setattr(report, "show", full)
    result = toss("--no-figure", "--claims", "coin/true", "--json", "o.json")
    assert verdicts() == {"coin/true": "HOLDS"}
    assert result.exit_code == 4
    assert result.stderr.splitlines()[-1].startswith("error: not finished: OSError: [Errno 28]")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_are_written_and_not_replaced(monkeypatch):
    monkeypatch.setattr(_atomic, "_beside", None)  # no file may appear beside them
    os.mkfifo("pipe")
    end = os.open("pipe", os.O_RDWR)  # so that a writer finds a reader
    try:
        _atomic.check_writable("json", "pipe")
        _atomic.write("pipe", b"content")
        assert Path("pipe").is_fifo()
        assert os.read(end, 99) == b"content"
    finally:
        os.close(end)


def test_a_failed_figure_leaves_table_and_json(coin, monkeypatch):
    monkeypatch.setattr("verify.reporting.figure.draw", lambda *_: 1 / 0)
    result = toss("--claims", "coin/true", "--json", "o.json")
    assert "coin/true" in result.stdout
    assert "check.png was not written" in result.stderr
    assert result.exit_code == strict("o.json")["exit_code"] == 4


def test_files_are_replaced_whole(monkeypatch):
    path = Path("o.json")
    path.write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        _atomic.write("o.json", b"new")
    assert path.read_text() == "old"
    assert os.listdir() == ["o.json"]


def test_plain():
    value = {"a": np.array([1.5, np.nan]), 2: (np.float32(np.inf), None, True, np.int64(3))}
    assert plain(value) == {"a": [1.5, None], "2": ["inf", None, True, 3]}


def test_names_are_broken_at_slashes():
    assert broken("a/bc/def", 4) == "a/\n bc/\n def"
    assert broken("a/bc", 4) == "a/bc"


# ---- list and show -------------------------------------------------------------------------------


def test_list(coin, monkeypatch):
    result = call("list")
    assert result.exit_code == 0
    text = result.stdout
    assert max(map(len, text.splitlines())) <= 80
    assert text.index("coin/true") < text.index("masked-training") < text.index("link-1/sharp")
    assert re.search(r"^coin/true +mean <= coin\n    a coin: true$", text, re.MULTILINE)
    for name in (*registry.claims("masked-training"), *registry.claims("coin")):
        assert re.search(rf"^{re.escape(name)}  +(mean|path|prob) [<=>]=", text, re.MULTILINE)
    monkeypatch.setenv("COLUMNS", "120")
    wide = call("list").stdout
    assert re.search(r"^coin/true +mean <= coin +a coin: true$", wide, re.MULTILINE)
    only = call("list", "--theorem", "coin").stdout
    assert "coin/true" in only
    assert "link-1" not in only
    assert call("list", "--theorem", "nope").exit_code == 2


def test_show():
    text = call("show", "main").stdout
    for fragment in ("upper bound, in expectation", "rho > 0", "rho = 1 - ", "Liao", "(0, 1]",
                     "E[ ||e_k||^2 ; G_k ] <=", "smallest eigenvalue of the neural"):  # fmt: skip
        assert fragment in text
    assert "values (salt" not in text
    assert "for all but a share" not in text
    assert "for all but a share delta" in call("show", "published/theorem-3").stdout
    latex = call("show", "main", "--latex").stdout
    assert r"\begin{aligned}" in latex
    assert r"\rho > 0" in latex


@pytest.mark.parametrize("args", [["--values"], ["--head-start", "0.0"]])
def test_show_values(coin, args):
    text = call("show", "coin/true", *args).stdout
    assert "b = 0.5" in text
    assert "k = 0: bound = 0.75, floor = 0.7" in text
    assert "k = 1: bound = 0.725" in text
    assert "k = 2: bound = 0.71666667" in text
    (error,) = re.findall(r"off the value to 50 digits by (\S+),", text)
    assert 0 < float(error) < 1e-15


def test_formulas_are_written_as_people_write_them():
    text = re.sub(r"\s+", " ", call("show", "main").stdout)
    assert "r = theta*(1 - (1 - lambda*zeta)**tau)" in text
    assert "rho = 1 - alpha**2*(1 + 1/c) - (1 - r)**2*(1 + c)" in text
    assert "sum(Phi[i, i], i = 0..n-1)" in text
    for name in registry.claims("masked-training"):
        text = registry.claim(name).text()
        assert not re.search(r"\(-|-1 \+|oo|Sum|Max|MaxOver|Eq\(", text), text


def test_show_values_out_of_regime(coin):
    text = call("show", "coin/elsewhere", "--values").stdout
    assert "FAILS  b > 3  (b = 0.5)" in text
    assert "out of its regime" in text


def test_show_wrong(coin):
    assert "coin/true" in call("show", "coin/tru").stderr
    assert call("show", "coin/tru").exit_code == 2
    result = call("show", "coin/unmeasured", "--values")
    assert result.exit_code == 2
    assert "nothing is not measured" in result.stderr
    assert "--seeds = 1" in call("show", "coin/true", "--seeds", 1).stderr


@pytest.mark.parametrize("claim", ["link-1/sharp", "limit-law", "main", "link-2"])
def test_show_values_of_masked_training(claim):
    result = call("show", claim, *TINY[:6])
    assert result.exit_code == 0, result.output
    assert "values (salt theorem-gate)" in result.stdout
    for error in re.findall(r"off the value to 50 digits by (\S+),", result.stdout):
        assert float(error) < 1e-12


def test_recursions_are_checked_beyond_the_first_rounds():
    args = ["--samples", 2, "--width", 64, "--rounds", 12]
    assert "relative up to k = 10" in call("show", "link-1/scalar", *args).stdout
    assert "relative up to k = 12" not in call("show", "link-1/scalar", *args).stdout


# ---- the program itself --------------------------------------------------------------------------


LONG_ENOUGH = 600
"""Seconds after which a process counts as hanging."""


def program(*args, **more):
    environment = {**os.environ, "COLUMNS": "80", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "verify", *args], env=environment, text=True, capture_output=True,
        timeout=LONG_ENOUGH, **more,
    )  # fmt: skip


def test_masked_training_end_to_end():
    done = program("check", *TINY, "--claims", "identity/noise-variance,identity/surrogate-loss",
                   "--json", "o.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = re.compile(r"training: \d+%, (about \d+ s left|no estimate yet)")  # on a slow machine
    assert all(told.fullmatch(line) for line in done.stderr.splitlines()), done.stderr
    content = strict("o.json")
    assert set(verdicts().values()) == {"HOLDS"}
    trajectory = content["trajectory"]
    assert trajectory["round"] == [0, 1, 2, 3]
    assert len(trajectory["mean_loss"]) == len(trajectory["limit_law"]) == 4
    assert trajectory["mean_loss"][0] == pytest.approx(trajectory["limit_law"][0])
    assert content["configuration"]["width"] == 64
    assert set(content["seeds"]) == {"data", "W_0", "pilot", "test"}
    assert Path("check.png").stat().st_size > 10_000


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_interrupted_while_training():
    """Ctrl-C in a real process: the trainer says that it runs, then it is stopped."""
    code = """if True:
        import signal, time
        from verify.command_line.program import main
        from verify.experiments.masked_training.experiment import EXPERIMENT

        def observe(*_, **__):
            print("runs", flush=True)
            time.sleep(600)

        signal.signal(signal.SIGINT, signal.default_int_handler)
        type(EXPERIMENT).observe = staticmethod(observe)
        main(["check", "--no-figure"])
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stdout.readline() == "runs\n"
            process.send_signal(2)
            stderr = process.communicate(timeout=LONG_ENOUGH / 2)[1]  # before it has slept
        finally:
            process.kill()
    assert process.returncode == 130
    assert stderr.strip() == "interrupted"


def test_help_loads_no_trainer():
    code = "import sys, verify.command_line.program"
    code += "; assert not {'torch', 'scipy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    done = program("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("check", "list", "show"))


def test_select():
    assert list(run.select("masked-training", ["main*"])) == ["main", "main/displayed"]
    known = list(registry.claims("masked-training"))
    assert list(run.select("masked-training")) == known
    both = run.select("masked-training", ["main", "link-1/sharp", "main"])
    assert list(both) == [name for name in known if name in ("main", "link-1/sharp")]
