"""Problems to train on: inputs X (n, d) and targets y (n,), drawn, shipped or read from a file."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from theory.language.errors import InvalidArgument, unknown
from verify.problems import shipped
from verify.problems.columns import Table
from verify.problems.files import KINDS, is_file_name, read_table

DEFAULT_SAMPLES = 8
TEACHER_NEURONS = 5
CLUSTERS = 3
PARALLEL = 1e-7  # rows are parallel when the sine of their angle is at most this
NORM_LIMIT = 1 + 1e-12
TARGETS = ("auto", "data", "noise", "teacher")


@dataclass(frozen=True, eq=False)
class Problem:
    """Inputs X (n, d) and targets y (n,), both float64, finite and read-only.

    InvalidArgument names X or y, and the rows, if they are not that.
    """

    X: np.ndarray
    y: np.ndarray
    name: str
    description: str

    def __post_init__(self) -> None:
        X, y = _arrays(self.X, self.y)
        for field, array in (("X", X), ("y", y)):
            array.setflags(write=False)
            object.__setattr__(self, field, array)

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.X.shape[0])

    @property
    def d(self) -> int:
        """Input dimension."""
        return int(self.X.shape[1])


def load_problem(
    data: str,
    *,
    samples: int | None,
    at_most: bool = False,
    dimension: int = 8,
    targets: str = "auto",
    target_scale: float = 0.5,
    rescale: bool = True,
    bounded: bool = True,
    distinct: bool = True,
    spread: float = 0.1,
    target: str | None = None,
    rng: np.random.Generator,
) -> Problem:
    """A problem of `samples` rows; the same state of `rng` gives the same problem.

    data          a name in SOURCES, or the path of a file:
                  .npz            arrays X (n, d) and y (n,), no pickles
                  .npy            a matrix, one column of which is y
                  .parquet, .feather
                  any other       a table as text; what separates its cells, its header, decimal
                                  mark, quotes and encoding are found out, and told in the
                                  description; a column that only numbers the rows is left out
    samples       rows; of real data and files a random choice without replacement, in their order
                  (None: 8, or all there are)
    at_most       a source that holds fewer rows than `samples` gives all it has
    dimension     d of the synthetic sources; real data and files have their own
    targets       data (what the source holds), noise (standard normal), teacher (a random ReLU
                  network of 5 neurons), auto (data if the source holds them, else teacher)
    target_scale  root mean square of y, unless y is all zero
    rescale       rows to norm 1 and y to target_scale; False takes X and y as they are, and then
                  a norm above 1 is an error
    bounded       False: with rescale False, norms above 1 are none
    distinct      False: with rescale False, rows that are zero or parallel are none
    spread        in (0, 1]: distance of the rows of `clustered` from their centre, roughly
    target        the column of a table that is y, by its name, else by its number from 1, from the
                  end if negative (None: the last)

    InvalidArgument for any argument outside its domain; for `data` also if a chosen row is zero or
    two are parallel (same or opposite direction), with the rows counted from 0 or their csv lines.
    """
    samples = None if samples is None else _count("samples", samples)
    dimension = _count("dimension", dimension)
    if not 0 < target_scale < math.inf:
        raise InvalidArgument("target_scale", target_scale, "a finite number > 0")
    if not 0 < spread <= 1:
        raise InvalidArgument("spread", spread, "in (0, 1]")
    if targets not in TARGETS:
        raise InvalidArgument("targets", targets, "one of " + ", ".join(TARGETS))

    source, name = _source(data, target), os.path.basename(data)
    y: np.ndarray | None = None
    where: Sequence[str] = ()
    read = ""
    if isinstance(source, Drawn):
        X = source.draw(samples, dimension, spread, rng)
        origin = f"drawn from {name}"
    else:
        table = source.load()
        with _blamed_on(data):
            X, y = _arrays(table.X, table.y)
        wanted = min(samples, len(X)) if at_most and samples is not None else samples
        rows = _choose(len(X), wanted, name, rng)
        origin = f"of the {len(X)} of {name}"
        read = f"; read as {table.description}" if table.description else ""
        where = [table.where[row] if table.where else f"row {row}" for row in rows]
        X, y = X[rows], y[rows]
    if distinct or rescale:
        with _blamed_on(data):
            check_rows(X, where)

    if rescale:
        X = _directions(X)
    elif bounded:
        with _blamed_on(data):
            _check_norms(X, where)
    y, kind = _targets(targets, X, y, data, rng)
    if rescale:
        y = target_scale * _unit_rms(y)
    size = f"{len(X)} {'row' if len(X) == 1 else 'rows'}"
    return Problem(X, y, name, f"{size} {origin}, d = {X.shape[1]}, targets: {kind}{read}")


def held(data: str, target: str | None = None) -> Table:
    """All rows of a source that holds inputs and targets, or of a file, as finite float64.

    InvalidArgument for sources that draw their rows, and as `load_problem` does.
    """
    source = _source(data, target)
    if isinstance(source, Drawn):
        names = (name for name, each in SOURCES.items() if isinstance(each, Held))
        raise unknown("data", data, names, f", or a file: {KINDS}")
    table = source.load()
    with _blamed_on(data):
        X, y = _arrays(table.X, table.y)
    return table._replace(X=X, y=y)


def check_rows(X: ArrayLike, where: Sequence[str] = ()) -> None:
    """Raise InvalidArgument("X") if a row of X (n, d) is zero or two rows are parallel.

    Parallel: same or opposite direction, sin(angle) <= 1e-7. `where` names the rows in the message.
    """
    X = _matrix(X)
    zero = np.flatnonzero(~X.any(axis=1))
    if zero.size:
        raise InvalidArgument("X", _some(X, zero), f"free of zero rows ({_listed(zero, where)})")
    U = _directions(X)
    near = _alike(U)
    left, right = U[near[:, 0]], U[near[:, 1]]
    chord = np.minimum(*(np.linalg.norm(left + sign * right, axis=1) for sign in (-1, 1)))
    parallel = near[chord <= PARALLEL]
    if parallel.size:
        pair = _listed(parallel[0], where, " and ")
        more = f" and {len(parallel) - 1} more pairs" if len(parallel) > 1 else ""
        raise InvalidArgument("X", _some(X, parallel[0]), f"free of parallel rows ({pair}{more})")


def _alike(U: np.ndarray) -> np.ndarray:
    """Pairs (pairs, 2) of unit rows that may be parallel, in their order: all that are, few others.

    Rows that are parallel have the same length along any direction, here along one at random.
    """
    along = np.abs(U @ _directions(np.random.default_rng(0).standard_normal((1, U.shape[1])))[0])
    order = np.argsort(along)
    along, pairs = along[order], [np.zeros((0, 2), dtype=np.intp)]
    for lag in range(1, len(U)):
        close = np.flatnonzero(along[lag:] - along[:-lag] <= 2 * PARALLEL)
        if not close.size:
            break
        pairs.append(np.sort(np.stack([order[close], order[close + lag]], axis=1), axis=1))
    found = np.concatenate(pairs)
    return found[np.lexsort(found.T[::-1])]


# ---- sources -------------------------------------------------------------------------------------


def _sphere(samples: int | None, d: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    n = samples or DEFAULT_SAMPLES
    _not_a_line(n, d)
    return _directions(rng.standard_normal((n, d)))


def _orthogonal(samples: int | None, d: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    n = samples or min(d, DEFAULT_SAMPLES)
    if n > d:
        raise InvalidArgument("samples", n, f"at most dimension = {d} for orthogonal rows")
    Q, R = np.linalg.qr(rng.standard_normal((d, n)))
    return (Q * np.sign(np.diag(R))).T  # the signs make the law uniform


def _clustered(samples: int | None, d: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    n = samples or DEFAULT_SAMPLES
    _not_a_line(n, d)
    clusters = max(1, min(CLUSTERS, n // 2))  # two rows or more in each
    centres = _directions(rng.standard_normal((clusters, d)))
    noise = rng.standard_normal((n, d)) / math.sqrt(d)
    return _directions(centres[np.arange(n) % clusters] + spread * noise)


class Drawn(NamedTuple):
    """A source that draws its rows, from (samples, dimension, spread, rng)."""

    description: str
    draw: Callable[[int | None, int, float, np.random.Generator], np.ndarray]


class Held(NamedTuple):
    """A source that holds inputs and targets."""

    description: str
    load: Callable[[], Table]


SOURCES: dict[str, Drawn | Held] = {
    "sphere": Drawn("rows uniform on the unit sphere", _sphere),
    "orthogonal": Drawn("random orthonormal rows, samples <= dimension", _orthogonal),
    "clustered": Drawn("unit rows around one to three centres: a small lambda_0", _clustered),
    "diabetes": Held(
        "scikit-learn: 442 patients, 10 features, disease progression", shipped.diabetes
    ),
    "digits": Held("scikit-learn: 1797 images of 64 pixels, digit minus its mean", shipped.digits),
    "wine": Held(
        "scikit-learn: 178 wines, 13 standardised features, class (0, 1, 2) minus its mean",
        shipped.wine,
    ),
    "cancer": Held(
        "scikit-learn: 569 tumours of the breast, 30 standardised features, class minus its mean",
        shipped.cancer,
    ),
}


def _source(data: str, target: str | None) -> Drawn | Held:
    if data not in SOURCES and is_file_name(data):
        return Held(data, lambda: read_table(data, target))
    if data not in SOURCES:
        raise unknown("data", data, SOURCES, f", or a file: {KINDS}")
    if target is not None:
        raise InvalidArgument("target", target, f"left out: {data} has no columns to choose from")
    return SOURCES[data]


def _choose(n: int, samples: int | None, name: str, rng: np.random.Generator) -> np.ndarray:
    samples = min(n, DEFAULT_SAMPLES) if samples is None else samples
    if samples > n:
        raise InvalidArgument("samples", samples, f"at most {n}, the number of rows of {name}")
    return np.sort(rng.choice(n, samples, replace=False))


def _targets(
    targets: str, X: np.ndarray, y: np.ndarray | None, data: str, rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    if targets == "auto":
        targets = "teacher" if y is None else "data"
    if targets == "noise":
        return rng.standard_normal(len(X)), targets
    if targets == "teacher":
        V = rng.standard_normal((X.shape[1], TEACHER_NEURONS))
        signs = rng.choice([-1.0, 1.0], TEACHER_NEURONS)
        return np.maximum(X @ V, 0) @ signs / math.sqrt(TEACHER_NEURONS), targets
    if y is None:
        raise InvalidArgument("targets", targets, f"teacher or noise: {data} has no targets")
    return y, targets


# ---- checks and scales ---------------------------------------------------------------------------


@contextmanager
def _blamed_on(data: str) -> Iterator[None]:
    try:
        yield
    except InvalidArgument as error:
        allowed = f"a source whose {error.name} is {error.allowed}"
        raise InvalidArgument("data", data, allowed) from None


def _arrays(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    X, y = _matrix(X), _real("y", y)
    if y.shape != X.shape[:1]:
        allowed = f"of shape ({len(X)},), one target per row of X, not {y.shape}"
        raise InvalidArgument("y", y.tolist(), allowed)
    return X, _finite("y", y)


def _matrix(X: Any) -> np.ndarray:
    X = _real("X", X)
    if X.ndim != 2 or not X.size:
        raise InvalidArgument("X", X.tolist(), f"of shape (n, d) with n, d >= 1, not {X.shape}")
    return _finite("X", X)


def _real(name: str, value: Any) -> np.ndarray:
    """A float64 copy."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        raise InvalidArgument(name, value, "an array of real numbers") from None
    if array.dtype.kind not in "biuf":
        raise InvalidArgument(name, value, f"an array of real numbers, not of {array.dtype}")
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def _finite(name: str, array: np.ndarray) -> np.ndarray:
    bad = np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1))
    if bad.size:
        raise InvalidArgument(name, _some(array, bad), f"finite (not in {_listed(bad)})")
    return array


def _check_norms(X: np.ndarray, where: Sequence[str]) -> None:
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(X, axis=1)
    large = np.flatnonzero(norms > NORM_LIMIT)
    if large.size:
        allowed = f"of row norms at most 1 ({_listed(large, where)}: {norms[large].max():.6g})"
        raise InvalidArgument("X", _some(X, large), f"{allowed} unless rescale is True")


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InvalidArgument(name, value, "an integer >= 1")
    return int(value)


def _not_a_line(n: int, d: int) -> None:
    if n > 1 and d == 1:
        raise InvalidArgument("dimension", d, f">= 2: on a line {n} rows are parallel")


def _sizes(X: np.ndarray) -> np.ndarray:
    """Largest absolute entry of each row, 1 for a zero row: divided by it, no square overflows."""
    largest = np.abs(X).max(axis=1)
    return np.where(largest > 0, largest, 1.0)


def _directions(X: np.ndarray) -> np.ndarray:
    X = X / _sizes(X)[:, None]
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def _unit_rms(y: np.ndarray) -> np.ndarray:
    y = y / _sizes(y[None])
    return y / (np.sqrt(np.mean(y**2)) or 1.0)


def _some(array: np.ndarray, rows: np.ndarray) -> Any:
    return array[rows[:3]].tolist()


def _listed(rows: np.ndarray, where: Sequence[str] = (), joint: str = ", ") -> str:
    names = [where[row] if len(where) else f"row {row}" for row in rows[:5]]
    return joint.join(names) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
