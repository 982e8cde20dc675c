"""Statements as MathML, which browsers draw by themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree import ElementTree

from theory.language.claim import Claim
from theory.language.text import plain_text

TEXT = re.compile(r"(\\text\{[^{}]*\})")
PRIVATE, BACK = str.maketrans("<>", "\ue000\ue001"), str.maketrans("\ue000\ue001", "<>")
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def statement(claim: Claim) -> list[str]:
    """The lines of the statement: quantity, relation, bound; then the definitions."""
    written = claim.latex().splitlines()[1:-1]
    plain = claim.text().splitlines()
    lines = [line.removeprefix("& ").removesuffix(r" \\") for line in written]
    return [mathml(line, text) for line, text in zip(lines, plain, strict=True)]


def premises(claim: Claim) -> list[str]:
    """The premises, in the order of the statement."""
    return [mathml(claim.in_latex(p), plain_text(p)) for p in claim.statement.premises]


@lru_cache(maxsize=4096)
def mathml(latex: str, text: str = "") -> str:
    """A formula as a <math> element, `text` being what those hear who do not see it.

    ValueError if it cannot be written: the page would show a formula that is not the claim's.
    """
    from latex2mathml.converter import convert

    element = ElementTree.fromstring(convert(_escaped(latex)))
    for part in element.iter():
        part.tag = part.tag.removeprefix(NAMESPACE)  # pages of HTML need none
        part.text = (part.text or "").translate(BACK)
    unread = [part.text for part in element.iter() if "\\" in (part.text or "")]
    if unread:
        raise ValueError(f"no MathML for {', '.join(map(str, unread))} in {latex}")
    if text:
        element.set("alttext", text)
    return ElementTree.tostring(element, encoding="unicode")


def _escaped(latex: str) -> str:
    """< and > of formulas as commands, those inside of text as letters of private use.

    The converter writes both as they are, and <x, y> would open an element.
    """
    parts = TEXT.split(latex)
    parts[::2] = [part.replace("<", r"\lt ").replace(">", r"\gt ") for part in parts[::2]]
    parts[1::2] = [part.translate(PRIVATE) for part in parts[1::2]]
    return "".join(parts)
