"""The site: pages that are well-formed, complete, and made of one honest file."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sympy as sp
from click.testing import CliRunner

from tests.verify.urn import CLAIMS, KNOWN, Draws, of_mean, registered, share
from theory import UPPER_EXPECTATION, UPPER_PROBABILITY, Claim, registry
from verify.command_line.program import main
from verify.experiments.kit import Home
from verify.reporting import as_json
from verify.reporting.site import formulas, pages

EXTERNAL = re.compile(r"""(?:src|href|action|data)\s*=\s*["'](?:[a-z]+:)?//|url\(|@import""", re.I)


@pytest.fixture
def urn(monkeypatch, tmp_path):
    """The only theorem; its check is in o.json."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_THEOREMS", {})
    claims = (*CLAIMS, of_mean("published", share * 2, summary="as printed, <or nearly>"))
    found = registered(monkeypatch, "urn", claims)
    assert call("check", "--no-figure", "--json", "o.json").exit_code == 0
    return found


def call(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def site(*args):
    done = call("report", *args)
    assert done.exit_code == 0, done.output
    return {path.name: path.read_text() for path in Path("site").iterdir()}


def parsed(page):
    """The page as a tree: what browsers forgive is an error."""
    return ElementTree.fromstring(page)


def text(element):
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def resealed(path, change):
    """The file after a change, with the digest of what it then says."""
    whole = json.loads(Path(path).read_text())
    change(whole)
    whole["digest"] = as_json.digest(whole)
    Path("changed.json").write_text(json.dumps(whole))
    return "changed.json"


# ---- pages ---------------------------------------------------------------------------------------


def problems(found):
    """What is wrong with the pages, such as links that lead nowhere."""
    trees = {name: parsed(page) for name, page in found.items() if name.endswith(".html")}
    anchors = {
        name: [e.get("id") for e in tree.iter() if e.get("id")] for name, tree in trees.items()
    }
    wrong = []
    for name, tree in trees.items():
        wrong += [f"{name}: {EXTERNAL.pattern}"] * bool(EXTERNAL.search(found[name]))
        wrong += [f"{name}: id twice"] * (len(set(anchors[name])) < len(anchors[name]))
        if tree.get("lang") is None or len(list(tree.iter("h1"))) != 1:
            wrong.append(f"{name}: language or heading")
        for element in tree.iter():
            link = element.get("href") or element.get("src")
            if link and link != "data:,":
                file, _, anchor = link.partition("#")
                file = file or name
                if file not in found or (anchor and anchor not in anchors[file]):
                    wrong.append(f"{name}: {link} leads nowhere")
            if element.tag == "img" and not element.get("alt"):
                wrong.append(f"{name}: a picture without words")
            if element.tag == "svg" and not element.get("aria-label"):
                wrong.append(f"{name}: a bar without words")
            if element.tag == "math" and not element.get("alttext"):
                wrong.append(f"{name}: a formula without words")
        for table in tree.iter("table"):
            if table.find("caption") is None or any(
                cell.get("scope") is None for cell in table.iter("th")
            ):
                wrong.append(f"{name}: a table without headings")
    return wrong


def test_claims_that_the_file_does_not_speak_of_are_not_judged(urn):
    """A page of some claims would look like one on which all hold."""
    assert call("check", "--claims", "urn/true", "--no-figure", "--json", "o.json").exit_code == 0
    found = site("o.json")
    assert problems(found) == []
    assert f"1 holds, {len(registry.claims('urn')) - 1} not judged" in text(
        parsed(found["index.html"])
    )
    page = text(parsed(found["urn.html"]))
    assert "urn/few the file of the check does not speak of it" in page
    assert "urn/true the file" not in page


def test_pages_are_complete(urn):
    found = site("o.json")
    assert sorted(found) == ["index.html", "style.css", "urn.html", "urn.svg"]
    assert problems(found) == []
    front, page = text(parsed(found["index.html"])), parsed(found["urn.html"])
    assert "5 hold what was measured" in front
    assert "5 hold, 1 false as printed" in front  # in the table
    assert "in all" in front
    assert "e-0" not in front
    bars = {row[0].find("a").get("href"): [e.get("aria-label") for e in row.iter("svg")]
            for row in page.iter("tr") if row[0].find("a") is not None}  # fmt: skip
    assert bars["#urn-printed"] == ["measured beyond the bound"]
    assert bars["#urn-true"][0].startswith("sharp to")
    assert "1 false as printed" in front
    assert KNOWN in front
    sections = {e.get("id"): text(e) for e in page.iter("section")}
    assert list(sections) == [claim.name.replace("/", "-") for claim in registry.claims().values()]
    assert "holds" in sections["urn-true"]
    assert "python -m verify check --theorem urn --claims urn/true" in sections["urn-true"]
    assert "m >= 2.5e+16" in sections["urn-wide"]
    assert "64 ≥ 2.5 × 10¹⁶" in sections["urn-wide"]
    assert "fails" in sections["urn-wide"]
    assert "as printed, <or nearly>" in sections["urn-published"]  # escaped in the page
    formulas_of = {e.get("id"): [m.get("alttext") for m in e.iter("math")]
                   for e in page.iter("section")}  # fmt: skip
    for claim in registry.claims().values():
        lines = claim.text().splitlines()
        assert formulas_of[claim.name.replace("/", "-")][: len(lines)] == lines


def test_trials_are_no_checkpoints_and_exceptions_are_told(monkeypatch, tmp_path):
    """Of 400 balls none is a checkpoint; one draw says nothing of a claim that may fail in some."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_THEOREMS", {})
    event = Claim.of("urn/event", share * 1.1, kind=UPPER_PROBABILITY, source="-", quantity="white")
    often = replace(CLAIMS[0], name="urn/often", confidence="delta")
    registered(monkeypatch, "urn", (CLAIMS[0], event, often))
    assert call("check", "--no-figure", "--json", "o.json").exit_code == 3
    page = parsed(site("o.json")["urn.html"])
    told = {e.get("id"): text(e) for e in page.iter("section")}
    assert "trials 400" in told["urn-event"]
    assert "checkpoint" not in told["urn-event"]
    assert "checkpoints 1, of which" in told["urn-true"]
    assert "initialisations" not in told["urn-true"]
    assert "in expectation; for all but a share delta of the initialisations" in told["urn-often"]


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ('href="index.html"', 'href="https://example.org/x.html"', "leads nowhere"),
        ('href="index.html"', 'href="index.html#nothing"', "leads nowhere"),
        ('id="content"', 'id="urn-true"', "id twice"),
        (' alttext="', ' data-alttext="', "a formula without words"),
        (' scope="col"', "", "without headings"),
        ('role="img" aria-label', "data-label", "a bar without words"),
        (' lang="en"', "", "language"),
    ],
)
def test_the_checks_of_pages_can_fail(urn, before, after, wrong):
    found = site("o.json")
    assert before in found["urn.html"]
    spoiled = found | {"urn.html": found["urn.html"].replace(before, after)}
    assert any(wrong in each for each in problems(spoiled))


def test_a_page_that_is_not_well_formed_is_seen(urn):
    page = site("o.json")["urn.html"]
    for before, after in (("</section>", ""), ("&lt;or nearly&gt;", "<or nearly>")):
        assert before in page
        with pytest.raises(ElementTree.ParseError):
            parsed(page.replace(before, after, 1))


def test_scores_of_mutants_and_stale_ones(urn):
    fingerprints = {row["claim"]: row["fingerprint"] for row in json.loads(
        Path("o.json").read_text())["claims"]}  # fmt: skip
    fresh = {"refuted": 3, "survived": 1, "score": 0.75, "fingerprint": fingerprints["urn/true"]}
    stale = {"refuted": 2, "survived": 0, "score": 1.0, "fingerprint": "of another statement"}
    Path("b.json").write_text(json.dumps({"mutation": {"urn/true": fresh, "urn/few": stale}}))
    sections = {e.get("id"): text(e) for e in parsed(
        site("o.json", "--baseline", "b.json")["urn.html"]).iter("section")}  # fmt: skip
    assert "mutation score 0.75 (3 of 4 slips caught)" in sections["urn-true"]
    assert "mutation score 1.00 (2 of 2 slips caught), stale" in sections["urn-few"]
    assert "mutation score" not in sections["urn-twin"]


def mutated(**changes):
    row = {"claim": "urn/true", "fingerprint": "0" * 16, "score": 0.6, "finished": True,
           "counts": {"refuted": 3, "same": 1, "survived": 1, "slack": 7}}  # fmt: skip
    return {"rules": 5, "claims": [row | changes]}


@pytest.mark.parametrize(
    ("changes", "shows"),
    [
        ({}, "0.60 (3 of 5 slips caught), stale"),
        ({"finished": False}, ""),
        ({"counts": {"refuted": 0, "same": 0, "survived": 0}, "score": None},
         "none of its slips is false"),
    ],
)  # fmt: skip
def test_scores_of_a_file_of_mutate(urn, changes, shows):
    Path("m.json").write_text(json.dumps(mutated(**changes)))
    page = parsed(site("o.json", "--baseline", "m.json")["urn.html"])
    (section,) = [e for e in page.iter("section") if e.get("id") == "urn-true"]
    assert f"mutation score {shows}" in text(section) if shows else "score" not in text(section)


def test_a_score_of_some_slips_is_no_score(urn):
    args = ("mutate", "urn/true", "--json", "m.json", "--quiet", "--every")
    for every, code in (1, 0), (2, 2):
        assert call(*args, every).exit_code == 0
        done = call("report", "o.json", "--baseline", "m.json")
        assert done.exit_code == code, done.output
    assert "scores of all slips: `mutate` without --every" in " ".join(done.output.split())


def test_what_mutate_writes_gives_scores(urn):
    urn.homes["urn/printed"] = Home(Draws())  # taken for true, it implies every slip
    assert call("mutate", "urn/true", "--json", "m.json", "--quiet").exit_code == 0
    (row,) = json.loads(Path("m.json").read_text())["claims"]
    assert set(row) >= set(mutated()["claims"][0])
    assert row["score"] is None  # its four slips are true
    page = parsed(site("o.json", "--baseline", "m.json")["urn.html"])
    (section,) = [e for e in page.iter("section") if e.get("id") == "urn-true"]
    assert "mutation score none of its slips is false" in text(section)


def test_what_changed_since(urn):
    assert "What changed" not in text(parsed(site("o.json")["index.html"]))
    shutil.copy("o.json", "old.json")
    page = parsed(site("o.json", "--baseline", "old.json")["index.html"])
    assert "Nothing: the same claims" in text(page)

    def change(whole):
        rows = {row["claim"]: row for row in whole["claims"]}
        rows["urn/few"]["state"] = "UNDERPOWERED"
        rows["urn/true"]["tightness"] *= 2
        rows["urn/black"]["tightness"] *= 1.01
        rows["urn/wide"]["claim"] = "urn/narrow"
        rows["urn/twin"]["fingerprint"] = "another"

    found = site("o.json", "--baseline", resealed("old.json", change))
    listed = [text(e) for e in parsed(found["index.html"]).iter("li")]
    assert sorted(each.partition(":")[0] for each in listed) == [
        "urn/few", "urn/narrow", "urn/true", "urn/twin", "urn/wide"
    ]  # fmt: skip
    assert "urn/few: was underpowered, now holds" in listed
    assert "urn/narrow: no longer there" in listed
    assert "urn/wide: new, now out of reach" in listed
    assert problems(found) == []


def test_without_a_file_everything_is_checked(urn):
    done = call("report")
    assert done.exit_code == 0, done.output
    assert "urn: 5 hold" in done.output
    assert problems({p.name: p.read_text() for p in Path("site").iterdir()}) == []
    del urn.homes["urn/printed"]  # it is refuted, and nobody knows why
    done = call("report")
    assert done.exit_code == 1
    assert "1 refuted" in text(parsed(Path("site/index.html").read_text()))


@pytest.mark.parametrize("theorem", registry.theorems())
def test_titles_are_sentences(theorem):
    title = pages.TheoremView({"theorem": theorem}, None).title
    assert 10 < len(title) < 160
    assert title[-1].isalnum() or title[-1] in ")*"


# ---- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("theorem", registry.theorems())
def test_every_statement_has_its_formulas(theorem):
    for claim in registry.claims(theorem).values():
        for each in (*formulas.statement(claim), *formulas.premises(claim)):
            tree = ElementTree.fromstring(each)
            assert tree.tag == "math"
            assert "\\" not in text(tree)
            assert text(tree)


def test_comparisons_in_formulas_and_in_words():
    x, y = sp.symbols("x y")
    written = formulas.mathml(r"\text{<a, b> > 0} < y", "<a, b> > 0 < y")
    assert text(ElementTree.fromstring(written)).replace(" ", "") == "<a,b>>0<y"
    claim = Claim.of("a", x, kind=UPPER_EXPECTATION, source="here", premises=[x > y + 1])
    (premise,) = formulas.premises(claim)
    assert text(ElementTree.fromstring(premise)) in ("x>1+y", "x>y+1")


def test_a_formula_that_cannot_be_written_is_an_error():
    with pytest.raises(ValueError, match="no MathML for"):
        formulas.mathml(r"\unheardof{x}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.5, "0.5"), (3.0, "3"), (123456.0, "123456"), (1.5e-7, "1.5 × 10⁻⁷"), (2.5e16, "2.5 × 10¹⁶"),
     (None, "none"), ("inf", "inf"), (0.12345, "0.123")],
)  # fmt: skip
def test_numbers(value, expected):
    assert pages.shown(value) == expected


# ---- files that are refused ----------------------------------------------------------------------


def cut(path):
    content = Path(path).read_text()
    Path("cut.json").write_text(content[: len(content) // 2])
    return "cut.json"


def by_hand(path):
    content = Path(path).read_text()
    Path("hand.json").write_text(content.replace('"verdict": "REFUTED"', '"verdict": "HOLDS"'))
    return "hand.json"


def other(**changes):
    return lambda path: resealed(path, lambda whole: whole.update(changes))


def of_another_version(path):
    return resealed(path, lambda whole: whole["environment"].update({"theorem-gate": "0.0.1"}))


def stated_otherwise(path):
    return resealed(path, lambda whole: whole["claims"][0].update(fingerprint="0" * 16))


def not_json(path):
    Path("o.txt").write_text("urn/true HOLDS")
    return "o.txt"


def of_another_command(path):
    """As that of `reproduce`: sealed in the same way, without what a check says."""
    return resealed(path, lambda whole: (whole.pop("title"), whole.pop("homes")))


def too_deep(path):
    Path("deep.json").write_text("[" * 100_000)
    return "deep.json"


def a_list(path):
    Path("list.json").write_text("[1]")
    return "list.json"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut, "JSON, whole"),
        (not_json, "JSON, whole"),
        (a_list, "what `check --all --json`"),
        (by_hand, "unchanged since (its digest differs)"),
        (other(format=0), "its format is 0"),
        (of_another_version, "it was written by 0.0.1"),
        (stated_otherwise, "as they are stated here, not urn/true"),
        (other(theorem="vase"), "known here, not vase"),
        (lambda path: "nowhere.json", "a file that can be read (No such file"),
        (of_another_command, "another command wrote it"),
        (too_deep, "JSON, whole"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(urn, spoil, said):
    done = call("report", spoil("o.json"))
    assert done.exit_code == 2
    (line,) = done.output.replace("\n  ", " ").splitlines()
    assert said in line
    assert not Path("site").exists()


@pytest.mark.parametrize(
    "spoiled",
    [
        {"mutation": 3},
        {"mutation": {"urn/true": {}}},
        {"mutation": {"urn/true": {"refuted": 3, "survived": 1, "score": 0.9, "fingerprint": ""}}},
        {"rules": 1},
        mutated(score=1.0),
        mutated(counts={}),
        {"claims": []},
    ],
)
def test_a_baseline_that_cannot_be_read_is_refused(urn, spoiled):
    Path("b.json").write_text(json.dumps(spoiled))
    done = call("report", "o.json", "--baseline", "b.json")
    assert done.exit_code == 2
    assert done.output.startswith("error: baseline = 'b.json': must be an earlier file of")
    assert not Path("site").exists()


def test_an_earlier_file_of_another_command_is_refused(urn):
    def change(whole):
        whole["claims"] = [{"claim": "urn/true", "verdict": "HOLDS"}]

    done = call("report", "o.json", "--baseline", resealed("o.json", change))
    assert (done.exit_code, "an earlier file of" in done.output) == (2, True)


def test_usage(urn, tmp_path):
    call("check", "--seeds", 50, "--no-figure", "--json", "given.json")
    for args, said in (
        (("given.json",), "it is of one given configuration"),
        (("o.json", "--salt", "x"), "salt = 'x': must be left out where FILE is given"),
        (("o.json", "--baseline", "given.json", "--out", "o.json"), "a folder"),
        (("o.json", "--baseline", "nowhere.json"), "baseline = 'nowhere.json': must be a file"),
        (("o.json", "--baseline", by_hand("o.json")), "an earlier file of `check --json`"),
    ):
        done = call("report", *args)
        assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not Path("site").exists()


@pytest.mark.parametrize("out", ["/proc/nothing", "taken", "link/site"])
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(urn, out):
    Path("taken/index.html").mkdir(parents=True)
    Path("link").symlink_to("nowhere")
    runs = len(urn.runs)
    done = call("report", "--out", out)
    (line,) = done.output.replace("\n  ", " ").splitlines()
    assert done.exit_code == 2
    assert line.startswith(f"error: out = '{out}")
    assert len(urn.runs) == runs


def test_replay_reads_the_same_file(urn):
    assert call("replay", "o.json").exit_code == 0
