"""The notebook of the docs: every cell runs, and what it leaves last shows itself in Jupyter."""

import ast
import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure

NOTEBOOK = Path(__file__).parent.parent / "docs" / "a-claim-of-your-own.ipynb"


def run(notebook):
    """Run the code cells one after the other: what each leaves last, and the names at the end."""
    names, left = {}, []
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]), f"cell {number}")
        last = None
        if isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, f"cell {number}", "exec"), names)
        if last is not None:
            left.append(eval(compile(last, f"cell {number}", "eval"), names))
    return left, names


@pytest.fixture(scope="module")
def ran():
    import matplotlib as mpl

    mpl.use("Agg")
    return run(json.loads(NOTEBOOK.read_text()))


def test_what_is_left_shows_itself(ran):
    left, names = ran
    claim, judgement, refuted, figure, outcome, drawn = left
    assert claim._repr_latex_().startswith("$$")
    for each, verdict in ((judgement, "HOLDS"), (refuted, "REFUTED"), (outcome, "HOLDS")):
        assert "<table>" in each._repr_html_()
        assert verdict in each._repr_html_()
    assert isinstance(figure, Figure)
    assert isinstance(drawn, Figure)
    assert drawn.axes
    assert len(figure.axes[0].lines) == 3
    assert names["judgement"].factor < 2


def test_it_is_a_notebook_without_outputs():
    notebook = json.loads(NOTEBOOK.read_text())
    assert notebook["nbformat"] == 4
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len(code) < len(notebook["cells"])


def test_a_cell_that_fails_is_named():
    broken = {"cells": [{"cell_type": "code", "source": ["x = 1\n", "x.nothing"]}]}
    with pytest.raises(AttributeError) as caught:
        run(broken)
    assert "cell 0" in {str(each.path) for each in caught.traceback}
