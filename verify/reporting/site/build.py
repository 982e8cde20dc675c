"""The files of a site: pages from templates, and the style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from typing import Any

from verify.reporting.figure import drawn
from verify.reporting.site.pages import SiteView, TheoremView, shown
from verify.reporting.site.source import PACKAGE, Before
from verify.runs.environment import version


def built(contents: Sequence[Mapping[str, Any]], before: Before) -> dict[str, bytes]:
    """The files of the site by name, from checks at homes (see `source.theorems`)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader(__package__, "templates")
    jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined,
                        trim_blocks=True)  # fmt: skip
    theorems = [TheoremView(content, before) for content in contents]
    site = SiteView(theorems, before)
    jinja.globals |= {"version": version(PACKAGE), "when": dict(site.facts)["measured"],
                      "shown": shown}  # fmt: skip
    style = resources(__package__).joinpath("templates/style.css").read_bytes()
    pages = {"index.html": jinja.get_template("index.html").render(site=site)}
    for theorem in theorems:
        pages[theorem.file] = jinja.get_template("theorem.html").render(theorem=theorem)
    pictures = {theorem.picture: drawn(theorem.content, "svg") for theorem in theorems}
    encoded = {name: page.encode() for name, page in pages.items()}
    return {"style.css": style, **encoded, **pictures}
