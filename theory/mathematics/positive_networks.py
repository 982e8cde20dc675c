"""Networks with first layer 0 and positive weights: how far their Jacobian stays nonsingular.

h^l = sigma(W_l h^{l-1}), l = 1..H, h^0 = x, f(x) = <a, h^H>, with W_1 = 0, all entries of W_2, ..,
W_H and a = A b positive, ||b|| = 1, sigma(0) = 0, 0 < sigma' <= s1. Where the rows of X are
linearly independent every singular value of the Jacobian J of (f(x_1), .., f(x_n)) is at least
s(r) > 0 on a ball of radius r around the start:

    The block of W_1 of J J^T is (X X^T) o (<q_i, q_j>), q_i = D_1 W_2^T D_2 .. D_H a, and
    lambda_min(P o Q) >= lambda_min(P) min_i Q_ii (Schur). With sig(Z) the smallest sigma' on
    [-Z, Z] and |z^l| <= Z_l: ||q_i|| >= sig(Z_1) <a, D_H W_H .. D_2 W_2 1>/sqrt(m_1). Positive
    vectors lo and hi bound W_l .. D_2 W_2 1 from below and above: each entry of W_l v moves by at
    most r ||v||. s(r) = 0 once an entry of lo is not positive.

A criterion asks that e0 < (1-eps) r s(r) ("ball"), or that e0 < (1-eps) int_0^r s ("integral") for
some r. s grows with A, and e0 = ||y|| does not, so there is a smallest A that meets it: A*.

Source: derived; the initialisation is that of Chatterjee (arXiv 2203.16462).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from theory.language.errors import InvalidArgument
from theory.mathematics.activations import smooth

CELLS = 128
"""Cells of equal length into which [0, r] is cut: an integral is that of right end points."""

RADII, HALVINGS = 64, 45
"""Radii among which the smallest that meets a criterion is looked for, then halvings."""

LARGEST = 1e100
"""Output scales beyond which A* is not looked for: products of weights underflow there."""

CRITERIA = ("integral", "ball")


def _sech_squared(Z: np.ndarray) -> np.ndarray:
    falling = np.exp(-Z)
    return np.asarray((2 * falling / (1 + falling**2)) ** 2)


_LOWEST: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": _sech_squared,
    "centred-softplus": lambda Z: np.exp(-np.logaddexp(0.0, Z)),
    "asinh": lambda Z: 1 / np.hypot(1.0, Z),
    "leaky-tanh": lambda Z: 0.1 + 0.9 * _sech_squared(Z),
    "identity": np.ones_like,
}
ACTIVATIONS = tuple(_LOWEST)
"""Those with sigma(0) = 0."""


def lowest_slope(activation: str, Z: np.ndarray) -> np.ndarray:
    """sig(Z), the smallest sigma' on [-Z, Z], for Z in [0, inf] of any shape."""
    if activation not in _LOWEST:
        raise InvalidArgument("activation", activation, "one of " + ", ".join(ACTIVATIONS))
    return _LOWEST[activation](np.asarray(Z, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Positive:
    """Hidden weights W_2, .., W_H, the direction b (m_H,) of the output layer, and the inputs.

    lowest   smallest singular value of X, 0 where its rows are dependent
    longest  max_i ||x_i||

    InvalidArgument for weights that are not positive, or whose shapes do not follow.
    """

    hidden: tuple[np.ndarray, ...]
    b: np.ndarray
    activation: str
    lowest: float
    longest: float

    def __post_init__(self) -> None:
        layers = [*self.hidden, self.b[None]]
        for W, after in pairwise(layers):
            if W.ndim != 2 or len(W) != after.shape[1]:
                raise InvalidArgument(
                    "hidden", W.shape, f"({after.shape[1]}, m) before {after.shape}"
                )
        if not all((W > 0).all() for W in layers):
            raise InvalidArgument("hidden", min(W.min() for W in layers), "positive in every entry")

    @property
    def q(self) -> np.ndarray:
        """The Jacobian at the start has J J^T = A^2 |q|^2 X X^T: sigma'(0)^H W_2^T .. W_H^T b."""
        found = self.b
        for W in reversed(self.hidden):
            found = W.T @ found
        return found * float(lowest_slope(self.activation, np.array(0.0))) ** (1 + len(self.hidden))

    @cached_property
    def _norms(self) -> list[np.floating]:
        """Spectral norms of W_2, .., W_H."""
        return [np.linalg.norm(W, 2) for W in self.hidden]

    def lower_bound(self, r: np.ndarray, A: float) -> np.ndarray:
        """s(r) at radii of any shape, for the output scale A; 0 where its numbers overflow."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.nan_to_num(self._lower_bound(r, A), nan=0.0, posinf=0.0)

    def _lower_bound(self, r: np.ndarray, A: float) -> np.ndarray:
        r = np.asarray(r, dtype=np.float64)
        s1, first = smooth(self.activation).s1, r * self.longest
        sig = lowest_slope(self.activation, first)
        if not self.hidden:
            return self.lowest * sig * np.maximum(A - r, 0.0)
        m = self.hidden[0].shape[1]
        lo = hi = np.ones((*r.shape, m))
        n, positive = s1 * first, np.ones(r.shape, dtype=bool)
        for W, norm in zip(self.hidden, self._norms, strict=True):
            reach = (r * np.linalg.norm(hi, axis=-1))[..., None]
            lo, hi = lo @ W.T - reach, hi @ W.T + reach
            positive &= (lo > 0).all(-1)
            Z = (norm + r) * n
            lo, hi, n = lowest_slope(self.activation, Z)[..., None] * lo, s1 * hi, s1 * Z
        least = A * (lo @ self.b) - r * np.linalg.norm(hi, axis=-1)
        return np.where(positive, self.lowest * sig * np.maximum(least, 0.0) / math.sqrt(m), 0.0)

    def cells(self, r: float, A: float) -> np.ndarray:
        """s at the right ends of the cells of [0, r], (CELLS,)."""
        return self.lower_bound(r * np.arange(1, CELLS + 1) / CELLS, A)

    def reach(self, r: np.ndarray, A: float, criterion: str) -> np.ndarray:
        """r s(r) or int_0^r s, the latter from below; radii of any shape."""
        r = np.asarray(r, dtype=np.float64)
        if criterion == "ball":
            return r * self.lower_bound(r, A)
        if criterion != "integral":
            raise InvalidArgument("criterion", criterion, "one of " + ", ".join(CRITERIA))
        ends = r[..., None] * np.arange(1, CELLS + 1) / CELLS
        return r * self.lower_bound(ends, A).mean(-1)

    def radius(self, e0: float, eps: float, A: float, criterion: str) -> float:
        """The smallest radius that meets the criterion, a little above it; inf: none does.

        None beyond 4 e0/((1-eps) s(0)) is looked at.
        """
        low, high = self._bracket(e0, eps, A, criterion)
        for _ in range(HALVINGS if high < math.inf else 0):
            middle = (low + high) / 2
            if _enough(self.reach(np.array(middle), A, criterion), e0, eps):
                high = middle
            else:
                low = middle
        return high

    def smallest_scale(self, e0: float, eps: float, criterion: str) -> float:
        """A*, from above: the smallest output scale for which a radius meets the criterion.

        inf where the rows of X are dependent, or nearly: there is none.
        """
        if not self.lowest > 0:
            return math.inf
        # At A' < A each of the radii is A/A' times as large, and s is smaller there: the criterion
        # has at most A/A' times as much. Where that is too little nothing need be computed.
        most = np.full(RADII, math.inf)

        def meets(A: float) -> bool:
            radii = self._radii(e0, eps, A)[1:]
            near = np.flatnonzero((1 - eps) * most / A > e0 * (1 - 1e-9))
            reach = self.reach(radii[near], A, criterion)
            found = _enough(reach, e0, eps).any()
            if found:
                most[near] = A * reach
            return bool(found)

        high = 1.0
        while self._bracket(e0, eps, high, "ball")[1] == math.inf:  # either criterion is met there
            if high > LARGEST:
                return math.inf
            high *= 2
        low = high
        while meets(low):
            low, high = low / 2, low
        for _ in range(HALVINGS // 2):
            middle = math.sqrt(low * high)
            low, high = (low, middle) if meets(middle) else (middle, high)
        return high

    def _bracket(self, e0: float, eps: float, A: float, criterion: str) -> tuple[float, float]:
        """Neighbours among the radii: the second is the first that meets the criterion, or inf."""
        radii = self._radii(e0, eps, A)
        meets = np.flatnonzero(_enough(self.reach(radii[1:], A, criterion), e0, eps))
        if not len(meets):
            return 0.0, math.inf
        return float(radii[meets[0]]), float(radii[meets[0] + 1])

    def _radii(self, e0: float, eps: float, A: float) -> np.ndarray:
        """Those among which the first is looked for, from 0 on; only 0 where s(0) is 0."""
        start = float(self.lower_bound(np.array(0.0), A))
        if not start > 0:
            return np.zeros(RADII + 1)
        with np.errstate(over="ignore"):
            return np.asarray(4 * e0 / ((1 - eps) * start) * np.arange(RADII + 1) / RADII)


def _enough(reach: np.ndarray, e0: float, eps: float) -> np.ndarray:
    return np.asarray(e0 * (1 + 1e-12) < (1 - eps) * reach)


def positive(
    X: np.ndarray, hidden: Sequence[np.ndarray], b: np.ndarray, activation: str
) -> Positive:
    """The network on inputs X (n, d)."""
    singular = np.linalg.svd(X, compute_uv=False)
    independent = len(X) <= X.shape[1] and singular[-1] > 1e-12 * singular[0]
    longest = float(np.linalg.norm(X, axis=1).max())
    return Positive(
        tuple(hidden), b, activation, float(singular[-1]) if independent else 0.0, longest
    )
