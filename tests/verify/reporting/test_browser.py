"""Pages in a real browser, which `TEST_BROWSER=chromium` asks for.

Those of a small site, and with `TEST_SITE=FOLDER` all of one that `report` has written. Pictures of
the pages are kept in `TEST_SHOTS=FOLDER`, for those who look at them.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.verify.reporting import test_site
from tests.verify.reporting.test_site import site

urn = test_site.urn

WIDTHS = (360, 768, 1280)
"""A phone, a tablet, a screen; in frames, for windows of browsers have a least width."""
HEIGHT = int(os.environ.get("TEST_HEIGHT", "1200"))

FRAMES = """<!DOCTYPE html><html><body style="margin: 0; white-space: nowrap"><script>
const found = {};
addEventListener("message", event => {
  const told = JSON.parse(event.data);
  found[told.inner] = told;
  document.title = JSON.stringify(found);
});
</script>""" + "".join(
    f'<iframe src="PAGE" width="{width}" height="{HEIGHT}" style="border: 0"></iframe>'
    for width in WIDTHS
)

MEASURE = """<script>addEventListener("load", () => {
const size = e => e.getBoundingClientRect();
const shown = e => size(e).width >= 2 && size(e).height >= 2 && e.naturalWidth !== 0;
const all = query => [...document.querySelectorAll(query)];
parent.postMessage(JSON.stringify({
  inner: innerWidth,
  flat: all("math, svg, img").filter(e => !shown(e)).length,
  formulas: all("math").length, pictures: all("img").length,
  empty: all("table").filter(e => !e.tBodies[0].rows.length).length,
  wide: document.documentElement.scrollWidth - innerWidth }), "*");
});</script></body>"""


def seen(browser, page, folder):
    """What the browser measures of a page by width, and whether its console is silent.

    A picture of the page at all widths is left in the folder.
    """
    measured = page.with_name(f"measured-{page.name}")
    measured.write_text(page.read_text().replace("</body>", MEASURE))
    frames = page.with_name(f"frames-{page.name}")
    frames.write_text(FRAMES.replace("PAGE", measured.name))
    shot = Path(folder, f"{page.stem}.png").absolute()
    try:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom",
             f"--screenshot={shot}", f"--window-size={sum(WIDTHS) + 40},{HEIGHT}",
             frames.absolute().as_uri()],
            capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
    finally:
        measured.unlink()
        frames.unlink()
    found = json.loads(re.search("<title>(.*?)</title>", done.stdout)[1])
    assert shot.stat().st_size > 5000
    return {int(width): told for width, told in found.items()}, "CONSOLE" not in done.stderr


def faults(browser, page, folder):
    """What is wrong with a page."""
    found, silent = seen(browser, page, folder)
    wrong = [] if silent else ["the console speaks"]
    for width in WIDTHS:
        told = found.get(width)
        if told is None:
            wrong.append(f"nothing shown at {width}")
            continue
        wrong += ["a formula or picture without size"] * bool(told["flat"])
        wrong += ["an empty table"] * bool(told["empty"])
        wrong += [f"wider than {width}"] * (told["wide"] > 0)
        of_theorem = page.name != "index.html"
        wrong += ["without formulas"] * (of_theorem and not told["formulas"])
        wrong += ["without a picture"] * (of_theorem and not told["pictures"])
    return list(dict.fromkeys(wrong))


if "TEST_BROWSER" in os.environ:  # such as chromium; asked for and absent, these tests fail
    BROWSER = shutil.which(os.environ["TEST_BROWSER"])
    GIVEN = Path(os.environ["TEST_SITE"]) if "TEST_SITE" in os.environ else None
    PAGES = sorted(GIVEN.glob("*.html")) if GIVEN else []

    @pytest.fixture
    def shots(tmp_path):
        folder = Path(os.environ.get("TEST_SHOTS", tmp_path))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def test_the_browser_is_there():
        assert BROWSER is not None, os.environ["TEST_BROWSER"]

    @pytest.mark.parametrize("name", ["index.html", "urn.html"])
    def test_a_browser_shows_every_page(urn, shots, name):
        assert sorted(each for each in site("o.json") if "html" in each) == [
            "index.html",
            "urn.html",
        ]
        assert faults(BROWSER, Path("site", name), shots) == []

    @pytest.mark.parametrize(
        ("before", "after", "wrong"),
        [
            ("</main>", "<script>console.error('no')</script></main>", "the console speaks"),
            ("</main>", "<math></math></main>", "a formula or picture without size"),
            ("</main>", "<div style='width: 900px'>x</div></main>", "wider than 360"),
            ('src="urn.svg"', 'src="nothing.svg"', "a formula or picture without size"),
            ("<tbody>", "<tbody></tbody><tbody>", "an empty table"),
            ("<img ", "<hr ", "without a picture"),
        ],
    )
    def test_the_browser_sees_what_is_wrong(urn, shots, before, after, wrong):
        page = Path("site/urn.html")
        site("o.json")
        assert before in page.read_text()
        page.write_text(page.read_text().replace(before, after))
        found = faults(BROWSER, page, shots)
        assert wrong in found

    if GIVEN is not None:

        def test_the_given_site_has_pages():
            assert GIVEN / "index.html" in PAGES
            assert len(PAGES) > 1

        @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
        def test_a_browser_shows_every_page_of_the_given_site(shots, page):
            assert faults(BROWSER, page, shots) == []
