"""The pictures of `verify width`: words and mathematics, looks told apart, valid files."""

from functools import lru_cache

import pytest

from tests.verify.reporting import pictures
from verify.experiments.width_requirement import study
from verify.experiments.width_requirement.configuration import Configuration
from verify.reporting import drawing, slack_map, width_study

STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-"}


@lru_cache
def found():
    return {
        width_study: study.run(Configuration(), salt="pictures", largest=64),
        slack_map: tuple(
            slack_map.run(
                Configuration(), {"local_steps": (1, 2), "init_scale": (0.5,)},
                salt="pictures", largest=64,
            )
        ),
    }  # fmt: skip


@pytest.mark.parametrize("of", [width_study, slack_map])
def test_pictures_can_be_read(of):
    with drawing.fixed_style():
        figure = of.picture(found()[of])
        assert pictures.faults(figure) == []
    texts = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    texts += [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    plain = [pictures.MATHEMATICS.sub("", text) for text in texts]
    assert not [text for text in plain if set(text) & set("*|=<")]


def test_bars_are_named_by_symbols():
    with drawing.fixed_style():
        (axes,) = slack_map.picture(found()[slack_map]).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        r"$\tau = 1$, $\kappa = 0.5$", r"$\tau = 2$, $\kappa = 0.5$",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", STARTS)
@pytest.mark.parametrize("of", [width_study, slack_map])
def test_files_are_valid(of, kind):
    content = of.draw(found()[of], kind)
    assert content.startswith(STARTS[kind])
    if kind == "svg":  # of all kinds: see the pictures of checks, which are written the same way
        assert content == of.draw(found()[of], kind)
