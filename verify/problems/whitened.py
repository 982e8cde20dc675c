"""Linear regression on whitened inputs: what a data set asks of a two-layer linear network.

With inputs of covariance I the squared loss of x -> Z W x is ||Y - Z W||_F^2/2 and a constant,
where Y = E[y x^T]: the network learns the matrix Y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.language.errors import InvalidArgument
from verify.problems.data import held

CLASSES = ("digits", "wine")
"""Data with more than two classes."""

NEGLIGIBLE = 1e-9
"""Principal components whose standard deviation is a smaller share of the largest are none."""


@dataclass(frozen=True, eq=False)
class Regression:
    """Inputs X (samples, m) with X^T X/samples = I, and targets T (samples, n) of mean 0.

    description  of a file: what was taken for what
    """

    X: np.ndarray
    T: np.ndarray
    description: str = ""

    @property
    def Y(self) -> np.ndarray:
        """The least squares solution, T^T X/samples, (n, m)."""
        return np.asarray(self.T.T @ self.X / len(self.X))


def whitened(data: str, components: int, target: str | None = None) -> Regression:
    """The leading principal components of a data set or file, each of variance 1.

    The largest loading of each is positive. Of more components than there are, all are taken.
    Targets: of CLASSES the classes as unit vectors, else the one number scaled to variance 1.
    Of a file `target` is the column of targets [default: the last]. InvalidArgument for data that
    hold no inputs, and for inputs or targets that are all the same.
    """
    table = held(data, target)
    X, y = table.X - table.X.mean(axis=0), table.y
    for name, array in (("input", X), ("target", y - y.mean())):
        if not np.abs(array).max() > 0:
            raise InvalidArgument("data", data, f"a source whose {name}s are not all the same")
    left, size, right = np.linalg.svd(X, full_matrices=False)
    left = left * np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    kept = min(components, int((size > NEGLIGIBLE * size[0]).sum()))
    classes = (y[:, None] == np.unique(y)).astype(np.float64)
    T = classes if data in CLASSES else y[:, None] / y.std()
    inputs = np.sqrt(len(X)) * left[:, :kept]
    return Regression(inputs, T - T.mean(axis=0), table.description)
