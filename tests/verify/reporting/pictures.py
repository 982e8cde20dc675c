"""What is wrong with a picture: what its readers would trip over, as a list of words."""

import re
from collections import Counter
from itertools import combinations

from matplotlib.colors import to_hex
from matplotlib.text import Annotation, Text

MATHEMATICS = re.compile(r"(?<!\\)\$.*?(?<!\\)\$")


def faults(figure):
    """Curves that look alike, identifiers, axes without words, texts that collide or are cut."""
    figure.draw_without_rendering()
    return [*_alike(figure), *_identifiers(figure), *_nameless(figure), *_collisions(figure)]


def unlabelled(trajectory):
    """Series without words of their own, of the trajectory and its parts; axes without a name."""
    parts = (trajectory, trajectory.within, *trajectory.all_panels)
    for part in [part for part in parts if part is not None]:
        yield from (name for name in part.series if not part.labels.get(name))
        if part.series and not (part.axis and part.quantity and part.title):
            yield f"axes of {part.index}"


def _alike(figure):
    for axes in figure.axes:
        looks = Counter(
            (to_hex(line.get_color()), line.get_linestyle(), line._dash_pattern, line.get_marker())
            if line.get_linestyle() == "None"
            else (to_hex(line.get_color()), str(line._unscaled_dash_pattern))
            for line in axes.get_lines()
            if len(line.get_xdata()) > 2 or line.get_label()[:1] != "_"
        )
        yield from (f"alike: {look}" for look, count in looks.items() if count > 1)


def _identifiers(figure):
    for text in figure.findobj(Text):
        if "_" in MATHEMATICS.sub("", text.get_text()):
            yield f"identifier: {text.get_text()}"


def _nameless(figure):
    for axes in figure.axes:
        for name, label in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())):
            # names of claims or configurations at the ticks need no label
            words = any(
                t.get_text().strip("$0123456789.-⁻⁰¹²³⁴⁵⁶⁷⁸⁹") for t in axes.get_yticklabels()
            )
            if not label.strip() and not (name == "y" and words):
                yield f"no label on {name}"


def _collisions(figure):
    boxes, inside = {}, {}
    for number, axes in enumerate(figure.axes):
        notes = (text for text in axes.texts if isinstance(text, Annotation))  # cells are none
        headings = [text for text in notes if text.get_position() == (0, 4)]
        inside |= {
            f"{text.get_text()} {number}": text.get_window_extent()
            for text in axes.texts if isinstance(text, Annotation) and text not in headings
        }  # fmt: skip
        parts = {"title": axes._left_title, "x": axes.xaxis.label, "y": axes.yaxis.label}
        parts |= {f"heading {i}": text for i, text in enumerate(headings)}
        parts |= {"legend": axes.get_legend()} if axes.get_legend() else {}
        boxes |= {f"{name} {number}": part.get_window_extent() for name, part in parts.items()}
        boxes[f"axes {number}"] = axes.patch.get_window_extent()
        boxes[f"ticks x {number}"] = _around(axes.xaxis)
        boxes[f"ticks y {number}"] = _around(axes.yaxis)
    for legend in figure.legends:
        boxes["legend over all"] = legend.get_window_extent()
    if figure._suptitle is not None:
        boxes["title over all"] = figure._suptitle.get_window_extent()
    boxes = {name: box for name, box in boxes.items() if box.width > 0 and box.height > 0}
    for name, box in (boxes | inside).items():
        if box.x0 < -1 or box.y0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1:
            yield f"cut off: {name}"
    for (first, one), (second, other) in combinations(boxes.items(), 2):
        # ticks touch their own axes, and those of x and y meet in the corner
        names = first.split()[0], second.split()[0]
        if first[-1] == second[-1] and "ticks" in names and set(names) <= {"ticks", "axes"}:
            continue
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        along = min(one.y1, other.y1) - max(one.y0, other.y0)
        if across > 2 and along > 2:
            yield f"collide: {first}, {second}"


def _around(axis):
    """The tick labels of an axis, which may reach over its ends."""
    from matplotlib.transforms import Bbox

    labels = [t for t in axis.get_ticklabels() if t.get_text() and t.get_visible()]
    inside = [
        t.get_window_extent()
        for tick, t in zip(axis.get_major_ticks(), labels, strict=False)
        if axis.get_view_interval()[0] <= tick.get_loc() <= axis.get_view_interval()[1]
    ]
    return Bbox.union(inside) if inside else Bbox.null()
