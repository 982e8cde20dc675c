"""Pictures are the same whatever the user has set in matplotlib; looks are told apart."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import islice

import matplotlib
import pytest
from matplotlib.colors import to_rgb

from verify.reporting import drawing

HOSTILE = {
    "axes.facecolor": "black",
    "axes.labelsize": "xx-large",
    "axes.spines.left": "False",
    "axes.xmargin": "0.4",
    "figure.dpi": "61",
    "figure.facecolor": "red",
    "figure.figsize": "2, 2",
    "font.family": "monospace",
    "font.size": "23",
    "legend.fontsize": "5",
    "lines.linewidth": "7",
    "mathtext.fontset": "cm",
    "savefig.bbox": "tight",
    "savefig.dpi": "17",
    "savefig.transparent": "True",
    "svg.fonttype": "path",
    "text.usetex": "True",
    "xtick.direction": "in",
    "ytick.labelsize": "5",
}
"""A file of settings; with no TeX on the machine `usetex` alone stops every picture."""

SCRIPT = """
import sys
from verify.reporting import drawing

def picture():
    with drawing.fixed_style():
        figure = drawing.canvas(3, 2)
        axes = figure.subplots()
        for height, look in zip((1, 2), drawing.looks()):
            axes.plot([0, 1], [0, height], label=f"curve $x^{height}$", **look)
        axes.set(title="a title", xlabel="$k$", ylabel="loss")
        drawing.legend_below(axes, axes.get_lines(), 0.4, 3.0)
        return {kind: drawing.encoded(figure, kind) for kind in ("png", "svg", "pdf")}

if __name__ == "__main__":
    import pathlib
    for kind, content in picture().items():
        pathlib.Path(sys.argv[1], f"found.{kind}").write_bytes(content)
"""


def here():
    space = {"__name__": "here"}
    exec(SCRIPT, space)
    return space["picture"]()


def elsewhere(folder, **environment):
    """What a process writes that starts in the folder with that environment."""
    script = folder / "script.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, script, folder], cwd=folder, check=True, timeout=300,
                   env={**os.environ, **environment})  # fmt: skip
    return {kind: (folder / f"found.{kind}").read_bytes() for kind in ("png", "svg", "pdf")}


def settings(folder):
    file = folder / "matplotlibrc"
    file.write_text("".join(f"{name}: {value}\n" for name, value in HOSTILE.items()))
    return str(file)


def test_a_file_of_settings_and_a_backend_that_is_missing(tmp_path):
    found = elsewhere(tmp_path, MATPLOTLIBRC=settings(tmp_path), MPLBACKEND="no-such-backend")
    assert found == here()


def test_settings_of_the_process(tmp_path):
    plain = here()
    with matplotlib.rc_context(fname=settings(tmp_path)):
        before = dict(matplotlib.rcParams)
        assert here() == plain
        assert dict(matplotlib.rcParams) == before


def test_must_fail_without_the_fixed_style(tmp_path, monkeypatch):
    """The settings are such that a picture drawn with them is another one, or none."""
    plain = here()
    monkeypatch.setattr(drawing, "fixed_style", matplotlib.rc_context)
    with matplotlib.rc_context(fname=settings(tmp_path)):
        matplotlib.rcParams["text.usetex"] = False
        assert here()["png"] != plain["png"]


def test_looks_are_told_apart():
    for colours in (drawing.BOUNDS, drawing.OTHERS):
        found = [(look["color"], look["linestyle"]) for look in islice(drawing.looks(colours), 28)]
        assert len(set(found)) == 28
    every = [drawing.BLACK, *drawing.BOUNDS, *drawing.OTHERS]
    assert len(set(every)) == len(every)


# Machado, Oliveira and Fernandes (2009): linear RGB as seen without L, M or S cones
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
APART = 0.08
"""Distance of colours in linear RGB, of a cube of side 1."""


def _nearest(colours, kind):
    def seen(colour):
        linear = [
            ((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in to_rgb(colour)
        ]
        return [sum(a * b for a, b in zip(row, linear, strict=True)) for row in BLINDNESS[kind]]

    found = list(map(seen, colours))
    return min(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
               for i, one in enumerate(found) for other in found[:i])  # fmt: skip


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colours_of_claims_for_every_kind_of_vision(kind):
    assert _nearest((drawing.BLACK, *drawing.BOUNDS, drawing.SKY), kind) > APART


@pytest.mark.parametrize("kind", ["protan", "deutan"])
def test_must_fail_red_and_green(kind):
    assert _nearest(("#c00000", "#5a7000", "#806000"), kind) < APART


@dataclass(frozen=True)
class _Options:
    local_steps: int = field(default=3, metadata={"help": "steps per round (tau) [default: 1]"})
    width: int = field(default=64, metadata={"help": "hidden width (m)"})
    law: str = field(default="a_b $c$", metadata={"help": "mask law"})
    step_size: float = field(default=0.5, metadata={"help": "step [default: (x)]"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("local_steps", r"$\tau = 3$"), ("width", "$m = 64$"), ("law", r"a_b \$c\$"),
     ("step_size", "step size 0.5")],
)  # fmt: skip
def test_options_in_words(name, text):
    assert drawing.in_words(_Options(), name) == text
