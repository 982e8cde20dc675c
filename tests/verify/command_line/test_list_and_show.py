"""The commands `list` and `show`."""

import re
import sys

import pytest

from tests.theory.language import keeping
from tests.verify.command_line import coins
from tests.verify.command_line.coins import TINY, call
from theory import registry
from theory.language import catalogue

coin, in_a_directory, sources = coins.coin, coins.in_a_directory, keeping.sources


def test_list(coin, monkeypatch):
    overview = call("list").stdout
    assert overview.index("coin") < overview.index("masked-training")
    for name in registry.theorems():
        count = len(registry.claims(name))
        assert re.search(rf"^{name} +{count} claims?$", overview, re.MULTILINE)
    assert (
        "\n    Coupled initialisation: how wide is enough, and how wide a network must be\n"
        in overview
    )
    assert re.search(r"^coin +\d+ claims\n\S", overview, re.MULTILINE)  # its module says nothing
    assert max(map(len, overview.splitlines())) <= 80
    result = call("list", "*")
    assert result.exit_code == 0
    text = result.stdout
    assert max(map(len, text.splitlines())) <= 80
    assert text.index("coin/true") < text.index("masked-training") < text.index("link-1/sharp")
    assert re.search(r"^coin/true +mean <= coin\n    a coin: true$", text, re.MULTILINE)
    for name in (*registry.claims("masked-training"), *registry.claims("coin")):
        assert re.search(rf"^{re.escape(name)}  +(mean|path|prob) [<=>]=", text, re.MULTILINE)
    monkeypatch.setenv("COLUMNS", "120")
    wide = call("list", "coin/*").stdout
    assert "link-1" not in wide
    assert re.search(r"^coin/true +mean <= coin +a coin: true$", wide, re.MULTILINE)
    only = call("list", "--theorem", "coin").stdout
    assert "coin/true" in only
    assert "link-1" not in only
    told = call("list", "--theorem", "coins")
    assert told.exit_code == 2
    assert told.stderr.startswith("error: --theorem = 'coins': must be one of coin, ")
    told = call("list", "coin/*", "coins/*")
    assert told.exit_code == 2
    assert told.stderr.startswith("error: pattern = 'coins/*': must be one that matches a claim, s")
    assert "coin/" in told.stderr


@pytest.mark.parametrize("text", ["VEMPALA", "2111.08706", "Garg & Vempala, How and When"])
def test_claims_are_found_by_their_source(text):
    listed = call("list", text).stdout
    assert "factorisation/fixed-point/error" in listed
    assert "masked-training" not in listed
    assert "coupled/" not in call("list", text, "main").stdout
    assert "\nmain " in call("list", text, "main").stdout


def test_a_name_is_no_text():
    """A pattern that matches a name is looked for nowhere else; an empty one nowhere at all."""
    assert call("list", "main").stdout.count("\n") == 4  # though summaries have the word
    assert call("list", " ").stderr.startswith("error: pattern = ' ': must be one that matches")


def test_show():
    text = call("show", "main").stdout
    for fragment in ("upper bound, in expectation", "rho > 0", "rho = 1 - ", "Liao", "(0, 1]",
                     "E[ ||e_k||^2 ; G_k ] <=", "smallest eigenvalue of the neural"):  # fmt: skip
        assert fragment in text
    assert "G ]: the mean of X, counted as 0 where" in text
    assert "G ]: the mean" not in call("show", "link-2").stdout
    assert "values (salt" not in text
    assert "for all but a share" not in text
    assert "for all but a share delta" in call("show", "published/theorem-3").stdout
    latex = call("show", "main", "--latex").stdout
    assert r"\begin{aligned}" in latex
    assert r"\rho > 0" in latex


def shown(names, widths, monkeypatch):
    """What `show` prints of the claims, as text and in LaTeX."""
    found = {}
    for width in widths:
        monkeypatch.setenv("COLUMNS", str(width))
        for name in names:
            found[width, name] = call("show", name).stdout
            found[width, name, "LaTeX"] = call("show", name, "--latex").stdout
    return found


@pytest.mark.parametrize("theorem", ["masked-training", "sparse-deep-regression"])
def test_show_prints_the_same_of_what_is_kept(theorem, sources, monkeypatch):
    names, widths = registry.claims(theorem), (50, 80)
    with monkeypatch.context() as nothing_kept:
        nothing_kept.setattr(catalogue, "_sources", lambda: None)
        expected = shown(names, widths, monkeypatch)
    assert all(
        f"{name}  {claim.summary}"[:20] in expected[80, name] for name, claim in names.items()
    )
    assert keeping.files() == []
    assert shown(names, widths[:1], monkeypatch).items() <= expected.items()
    assert len(keeping.files()) >= 2 * len(names)
    with monkeypatch.context() as nothing_built:
        nothing_built.setattr(registry, "claims", {}.get)
        assert shown(names, widths, monkeypatch) == expected
    for file in keeping.files():
        file.write_bytes(file.read_bytes()[:-9])
    assert shown(names, widths[:1], monkeypatch).items() <= expected.items()


def test_show_prints_what_is_kept(sources):
    """Of these sources, and not of those that they were."""
    of = "theory.theorems.masked_training main text"
    file = catalogue._file(of)
    call("show", "main")
    planted = file.read_text().partition("\n")[2].replace("rho > 0", "rho > 7")

    def plant(name):
        mark = catalogue.hashed(catalogue._sources(), name, planted)
        file.write_text(f"{mark}\n{planted}")

    plant(of)
    assert "rho > 7" in call("show", "main").stdout
    (sources / "claims.py").write_text("CLAIMS = (1,)")
    catalogue._sources.cache_clear()
    assert "rho > 0" in call("show", "main").stdout
    plant("theory.theorems.masked_training link-2 text")
    assert "rho > 0" in call("show", "main").stdout


def test_nothing_is_kept_of_a_theorem_of_ones_own(coin, sources, monkeypatch):
    """Its sources are not watched."""
    assert "coin: true" in call("show", "coin/true").stdout
    assert "0.9" in call("show", "coin/elsewhere", "--latex").stdout
    call("show", "main")
    assert keeping.files()
    assert not any("coin/" in file.read_text() for file in keeping.files())
    changed = [coins.upper(*of) for of in [("true", coins.b / 3), ("new", coins.b / 4)]]
    monkeypatch.setattr(sys.modules["coin_theorem"], "CLAIMS", changed)
    assert "b/3" in call("show", "coin/true").stdout
    assert "b/4" in call("show", "coin/new").stdout
    assert call("show", "coin/elsewhere").exit_code == 2


@pytest.mark.parametrize("name", ["mian", "ridge-overfitting", "coin/tru"])
def test_show_of_no_claim(name, coin, sources):
    """Asked first and again: suggestions come from what is kept, and nothing is kept of it."""
    first, again = call("show", name), call("show", name)
    assert first.exit_code == again.exit_code == 2
    assert first.output == again.output
    hint = "is a theorem, and `list --theorem" if name in registry.theorems() else "such as "
    assert f"error: claim = '{name}': must be a" in first.stderr
    assert hint in first.stderr.replace("\n  ", " ")
    assert not any('"statement"' in file.read_text() for file in keeping.files())


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
    assert "nothing is not measured" in result.stderr.replace("\n  ", " ")
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
