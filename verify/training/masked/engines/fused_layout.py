"""What the kernel of the engine `fused` is made of: arrays, options, generator, products.

Numba knows a cached kernel by the file of its entry alone; here it is known by all files of this
folder, for the kernel is compiled from several.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

import numpy as np

LANES = 128
"""Neurons of a block."""
WORDS = LANES // 64
BERNOULLI, CATEGORICAL, GIVEN = 0, 1, 2

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
ONE, ZERO = np.uint64(1), np.uint64(0)
_27, _30, _31 = np.uint64(27), np.uint64(30), np.uint64(31)


class Problem(NamedTuple):
    """What all seeds share: network and algorithm, in the layout of the kernel.

    W_0 (d, neurons) and a (neurons,) hold the neurons of this process, which begin at `first`, of
    m in all; `last` (LANES,) is the a of the last block, filled up with 0. Z_0 (blocks, n, LANES)
    is kept of networks that are small, else (0, n, LANES), and computed from opposite = -X.
    y (n,), G and H (n, n); scale = 1/(xi sqrt(m)). most, headroom and slack are those of
    `sample_space`; `together` is how many surrogates go through their local steps side by side.
    A step is Z -= ahead V with ahead = eta scale G, or through the weights where that is less
    work: Z += ahead (back V) with ahead = X, back = -eta scale X^T.
    """

    W_0: Any
    Z_0: Any
    a: Any
    last: Any
    opposite: Any
    y: Any
    G: Any
    H: Any
    ahead: Any
    back: Any
    first: int
    m: int
    p: int
    xi: float
    tau: int
    eta: float
    scale: float
    law: int
    most: float
    headroom: float
    slack: float
    together: int


class State(NamedTuple):
    """One seed between two passes: pre-activations, masks as bits, and what they say.

    Z         pre-activations (blocks, n, LANES)
    planes    activation patterns as bits, neuron by neuron (n, words)
    critical  neurons that go step by step, block by block from `starts` in their list
    share     masks times signs of a block; W, start, T, V other products of a block
    """

    Z: Any
    codes: Any
    planes: Any
    critical: Any
    starts: Any
    share: Any
    W: Any
    start: Any
    T: Any
    V: Any

    @classmethod
    def empty(cls, problem: Problem) -> State:
        blocks, n = -(-len(problem.a) // LANES), len(problem.y)
        return cls(
            np.empty((blocks, n, LANES)),
            np.zeros((blocks, LANES), np.uint64),
            np.empty((n, blocks * WORDS), np.uint64),
            np.zeros((blocks, LANES), np.bool_),
            np.zeros(blocks + 1, np.int64),
            np.empty((problem.p + 1, LANES)),
            np.empty((len(problem.W_0), LANES)),
            np.empty((n, LANES)),
            np.empty((len(problem.back), LANES)),
            np.empty((n, LANES)),
        )


F = TypeVar("F", bound=Callable[..., Any])
numba: Any = import_module("numba")  # typed alike whether it is installed or not
_OPTIONS = {"nogil": True, "error_model": "numpy"}
_INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_FAST = {"reassoc", "contract", "nsz"}


@cache
def _tell_uncached(why: str) -> None:
    """Once: every process compiles for itself, which takes a while."""
    line = f"note: numba keeps no compiled code ({why}); NUMBA_CACHE_DIR names a place for it"
    print(line, file=sys.stderr)


def _njit(**options: Any) -> Callable[[F], F]:
    """numba.njit with its cache, and without where home and installation are read-only."""

    def decorate(function: F) -> F:
        try:
            found: F = numba.njit(cache=True, **_OPTIONS, **options)(function)
        except RuntimeError as error:
            if "cache" not in str(error):
                raise
            _tell_uncached("neither the home nor the installation can be written")
            return numba.njit(**_OPTIONS, **options)(function)
        if hasattr(found, "_cache"):
            _spare(found._cache)
        return found

    return decorate


@cache
def _sources() -> str:
    """A digest of the files that the kernel is compiled from."""
    files = sorted(Path(__file__).parent.glob("fused*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _spare(kept: Any) -> None:
    """A cache that is stale or fails later costs the time to compile.

    Stale: another source of the kernel has changed. Failing: a full disk, a file that is damaged.
    """
    load, save = kept.load_overload, kept.save_overload
    with suppress(AttributeError):  # of a numba that keeps it elsewhere
        kept._cache_file._source_stamp = kept._cache_file._source_stamp, _sources()

    def loaded(*args: Any) -> Any:
        try:
            return load(*args)
        except Exception:  # what is no pickle makes pickle raise almost anything
            with suppress(OSError):
                kept.flush()
            return None

    def saved(*args: Any) -> None:
        try:
            save(*args)
        except OSError as error:
            _tell_uncached(error.strerror or str(error))

    kept.load_overload, kept.save_overload = loaded, saved


exact: Callable[[F], F] = _njit(**_INNER)
compiled: Callable[[F], F] = _njit(**_INNER, fastmath=_FAST)
entry: Callable[[Callable[..., Any]], Any] = _njit(fastmath=_FAST)
"""Decorators: `exact` keeps the order of every operation, `entry` can be called from Python."""


def from_python(part: Any) -> Any:
    """A `compiled` function as one that can be called from Python, under a name of its own.

    Half of the time that a short part takes to compile goes into this; one process needs none.
    """
    code, scope = part.py_func.__code__, part.py_func.__globals__
    copy = FunctionType(code, scope, f"{part.py_func.__name__}_from_python")
    copy.__qualname__ = copy.__name__  # by which the cache tells the two apart
    return entry(copy)


def _count_bits(context: Any, word: Any) -> Any:
    """Bits set in an unsigned 64-bit integer: one instruction."""
    uint64 = numba.types.uint64
    return uint64(uint64), lambda c, builder, s, arguments: builder.ctpop(arguments[0])


popcount: Any = import_module("numba.extending").intrinsic(_count_bits)


@exact
def mix(z: Any) -> Any:
    """The SplitMix64 finaliser (see `verify.judging.seeds`)."""
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return z ^ (z >> _31)


@compiled
def subtract_product(A: Any, V: Any, Z: Any) -> None:
    """Z -= A V for A (n, q), V (q, LANES), Z (n, LANES): tiles of 4 by 4 stay in registers."""
    n, q = A.shape
    z, v = Z.ravel(), V.ravel()  # fixed strides let the compiler use vectors
    for i in range(0, n - 3, 4):
        rows = z[i * LANES : (i + 4) * LANES]
        for j in range(0, q - 3, 4):
            a00, a01, a02, a03 = A[i, j], A[i, j + 1], A[i, j + 2], A[i, j + 3]
            a10, a11, a12, a13 = A[i + 1, j], A[i + 1, j + 1], A[i + 1, j + 2], A[i + 1, j + 3]
            a20, a21, a22, a23 = A[i + 2, j], A[i + 2, j + 1], A[i + 2, j + 2], A[i + 2, j + 3]
            a30, a31, a32, a33 = A[i + 3, j], A[i + 3, j + 1], A[i + 3, j + 2], A[i + 3, j + 3]
            columns = v[j * LANES : (j + 4) * LANES]
            for r in range(LANES):
                v0, v1 = columns[r], columns[r + LANES]
                v2, v3 = columns[r + 2 * LANES], columns[r + 3 * LANES]
                rows[r] -= a00 * v0 + a01 * v1 + a02 * v2 + a03 * v3
                rows[r + LANES] -= a10 * v0 + a11 * v1 + a12 * v2 + a13 * v3
                rows[r + 2 * LANES] -= a20 * v0 + a21 * v1 + a22 * v2 + a23 * v3
                rows[r + 3 * LANES] -= a30 * v0 + a31 * v1 + a32 * v2 + a33 * v3
    for i in range(n):
        for j in range(q // 4 * 4 if i < n // 4 * 4 else 0, q):
            factor = A[i, j]
            for r in range(LANES):
                Z[i, r] -= factor * V[j, r]


@compiled
def row_product(A: Any, x: Any, i: int) -> float:
    """(A x)_i."""
    out = 0.0
    for j in range(len(x)):
        out += A[i, j] * x[j]
    return out
