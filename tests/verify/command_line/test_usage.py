"""Wrong usage is told in one line; options are those of the theorem."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.verify.command_line import coins
from tests.verify.command_line.coins import TINY, call, strict, toss
from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.options import WrongUsage, spelled
from verify.command_line.program import COMMANDS, main

coin, in_a_directory = coins.coin, coins.in_a_directory


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
    "no npz": (["--data", "bad.npz"], ["--data = 'bad.npz': must be a NumPy archive"]),
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
    "theorem as a word": (
        ["scaling-laws"],
        ["'scaling-laws'; did you mean --theorem scaling-laws?"],
    ),
    "claim as a word": (["main*"], ["'main*'; did you mean --claims 'main*'?"]),
    "a word": (["mian"], ["unexpected argument 'mian'\n"]),
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
        assert fragment in result.stderr.replace("\n  ", " ")
    assert set(os.listdir()) == before


def test_commands_are_listed():
    result = CliRunner().invoke(main, ["rport"], prog_name="verify")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: command = 'rport': must be one of report, ")
    assert result.stderr.endswith(" did you mean report?\ntry: verify --help\n")
    assert set(COMMANDS) <= set(re.findall(r"[a-z]+", result.stderr))


def test_the_help_that_is_named_lists_the_options_of_the_theorem():
    """Of the first theorem it needs no name; that of another one is known from its claims, too."""

    def told(*args):
        result = call("check", *args, "--widht", 3)
        assert result.exit_code == 2
        return result.stderr.splitlines()[-1].partition(" check")[2]

    assert told() == told("--theorem", "masked-training") == " --help"
    assert told("--theorem", "node-scaling") == " --theorem node-scaling --help"
    assert told("--claims", "node/certificate") == " --theorem node-scaling --help"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu():
    result = call("check", *TINY, "--device", "cuda")
    assert result.exit_code == 2
    assert "error: --device = 'cuda': must be cpu: 0 GPUs are present" in result.stderr


SALTED = sorted(
    name for name in COMMANDS
    if any(option.name == "salt" for option in main.get_command(None, name).params)
)  # fmt: skip


@pytest.mark.parametrize("name", SALTED)
def test_a_salt_is_the_same_option_everywhere(name, monkeypatch):
    """Drawn and told, refused where processes would differ, or no text: before anything runs."""
    command = main.get_command(None, name)
    monkeypatch.setattr(command, "callback", lambda **options: print(f"used {options['salt']}"))
    words = {name: ["main"] for name in ("mutate", "search", "show")} | {"reproduce": ["a"]}
    words = words.get(name, [])

    def called(salt):
        return CliRunner().invoke(main, [name, *words, "--salt", salt])

    found = [called("random") for _ in range(2)]
    drawn = [re.fullmatch(r"salt ([0-9a-f]{16})\n", each.stderr).group(1) for each in found]
    assert [each.stdout for each in found] == [f"used {salt}\n" for salt in drawn]
    assert drawn[0] != drawn[1]
    assert called("\udcff").stderr.startswith("error: --salt = '\\udcff': must be text")
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(WrongUsage, match="--salt = random: must be the same"):
        command.make_context(name, [*words, "--salt", "random"])
    assert command.make_context(name, [*words, "--salt", "0"]).params["salt"] == "0"


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


def test_what_is_wrong_with_a_claim_is_no_option():
    """A symbol has its value from the options; what a claim is made of has not."""
    assert registry.claims("masked-training")  # so that the language is loaded
    flags = {"slope": "--slope"}
    for name in ("premises", "bound", "definitions[r]"):
        error = InvalidArgument(name, None, "a list of relations in toy")
        assert spelled(error, flags) == f"{name} = None: must be a list of relations in toy"
    error = InvalidArgument("p", 9, "at most 8")
    assert spelled(error, flags) == "the options give p = 9: must be at most 8"


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
