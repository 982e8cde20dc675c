"""The data sets that scikit-learn ships, read without it: its import takes 0.9 s, and pandas."""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from verify.problems.columns import Table


@cache
def _shipped(file: str, **layout: Any) -> np.ndarray:
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("scikit-learn, which ships the data", name="sklearn")
    rows = np.loadtxt(Path(found.origin).parent / "datasets" / "data" / file, **layout)
    rows.flags.writeable = False  # every reader gets these
    return rows


def diabetes() -> Table:
    """Columns of mean 0 and norm 1, as `load_diabetes` of scikit-learn gives them."""
    X = _scaled(_shipped("diabetes_data_raw.csv.gz"))
    return Table(X / math.sqrt(len(X)), _shipped("diabetes_target.csv.gz"), [])


def digits() -> Table:
    return _labelled(_shipped("digits.csv.gz", delimiter=","))


def wine() -> Table:
    return _standardised(_shipped("wine_data.csv", delimiter=",", skiprows=1))


def cancer() -> Table:
    return _standardised(_shipped("breast_cancer.csv", delimiter=",", skiprows=1))


def _standardised(rows: np.ndarray) -> Table:
    """Features of mean 0 and variance 1: their units differ by factors of thousands."""
    table = _labelled(rows)
    return table._replace(X=_scaled(table.X))


def _labelled(rows: np.ndarray) -> Table:
    """The last column is the label, here of mean 0."""
    label = rows[:, -1]
    return Table(rows[:, :-1], label - label.mean(), [])


def _scaled(X: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = (X - X.mean(axis=0)) / X.std(axis=0)
    return scaled
