"""The table of times, from the report of a run."""

import pytest

from tests import times

REPORT = """<testsuites><testsuite>
<testcase classname="tests.theorems.deep.test_a" name="a[0]" time="1.5"/>
<testcase classname="tests.theorems.deep.test_b" name="b" time="2.5"/>
<testcase classname="tests.verify.training.masked.test_c.TestC" name="c" time="15.0"/>
<testcase classname="tests.test_docs" name="d" time="1.0"/>
</testsuite></testsuites>"""


def rows(report):
    return [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in times.table(report).split("\n")
    ]


def test_folders_by_their_time():
    _, _, *found, whole, _ = rows(REPORT)
    assert found == [
        ["`verify/training/`", "1", "15", "75 %"],
        ["`theorems/deep/`", "2", "4", "20 %"],
        ["`test_*.py`", "1", "1", "5 %"],
    ]
    assert whole[1:3] == ["4", "20"]


@pytest.mark.parametrize(
    "report",
    [REPORT.replace('name="b" time="2.5"/>', f'name="b" time="2.5"><{what}/></testcase>')
     for what in ("failure", "error", "skipped")] + ["<testsuites/>"],
)  # fmt: skip
def test_a_run_that_did_not_pass_has_no_table(report):
    with pytest.raises(ValueError, match="that passed"):
        times.table(report)


def test_the_page_gets_it(tmp_path, monkeypatch):
    page, report = tmp_path / "README.md", tmp_path / "times.xml"
    page.write_text(times.README.read_text())
    report.write_text(REPORT)
    monkeypatch.setattr(times, "README", page)
    times.main(str(report))
    written = page.read_text()
    assert times.table(REPORT) in written
    times.main(str(report))
    assert page.read_text() == written
