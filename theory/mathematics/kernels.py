"""Arc-cosine kernels, and the infinite-width kernels of a one-hidden-layer ReLU network.

For rows x, x' at angle psi and w ~ N(0, I), the kernels of degree 0 and 1:
    P(<w, x> > 0 and <w, x'> > 0)      = (pi - psi)/(2 pi)
    E[relu(<w, x>) relu(<w, x'>)]      = |x| |x'| (sin psi + (pi - psi) cos psi)/(2 pi)
For rows x_i, x_j and w ~ N(0, kappa^2 I):
    H_ij   = <x_i, x_j> P(<w, x_i> > 0 and <w, x_j> > 0)
    Phi_ij = E[relu(<w, x_i>) relu(<w, x_j>)] = kappa^2 (the kernel of degree 1)

When H is singular: sum_i c_i x_i 1{<w, x_i> > 0} = 0 for almost every w. The jump across the
plane normal to x_i must vanish, so c_i = 0 unless another row lies on the same line. Two rows of
the same direction are always dependent. An opposite pair x, -x leaves one function, the constant
c x, so opposite pairs make H singular exactly where their directions are linearly dependent.

Source: arc-cosine kernels of degree 0 and 1, Cho & Saul, Kernel Methods for Deep Learning
(NIPS 2009).
"""

from __future__ import annotations

import numpy as np

from theory.language.errors import InvalidArgument

BLOCK = 2**16
"""Numbers of the sums of rows that are held at once."""


def limiting_kernels(X: np.ndarray, kappa: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The neural tangent kernel H and the output covariance Phi at infinite width.

    X: rows of any norm, shape (n, d). Returns two symmetric float64 arrays of shape (n, n).
    InvalidArgument for X that is not 2-D, empty or not finite, and for kappa <= 0.
    """
    X = _rows(X)
    if not (np.isfinite(kappa) and kappa > 0):
        raise InvalidArgument("kappa", kappa, "a positive number")
    norms = np.linalg.norm(X, axis=1)
    apart, psi = _angles(X, X)
    H = np.outer(norms, norms) * np.cos(psi) * _degree_0(apart)
    Phi = kappa**2 * np.outer(norms, norms) * _degree_1(apart, psi)
    return H, Phi


def arc_cosine(X: np.ndarray, Y: np.ndarray | None = None, *, degree: int) -> np.ndarray:
    """The arc-cosine kernel of degree 0 (step) or 1 (ReLU) between two sets of rows.

    X: (n, d); Y: (m, d), left out: X itself. Returns (n, m) in float64, symmetric without Y. A
    zero row counts as orthogonal to all in degree 0. InvalidArgument for rows that are not 2-D,
    empty, not finite or of unlike lengths, and for another degree.
    """
    X = _rows(X)
    if degree not in (0, 1):
        raise InvalidArgument("degree", degree, "0 or 1")
    other = X if Y is None else _rows(Y, "Y")
    if other.shape[1] != X.shape[1]:
        raise InvalidArgument("Y", f"shape {other.shape}", f"(m, {X.shape[1]}), as X has it")
    apart, psi = _angles(X, other)
    if degree == 0:
        return _degree_0(apart)
    norms, others = (np.linalg.norm(rows, axis=1) for rows in (X, other))
    return np.outer(norms, others) * _degree_1(apart, psi)


def lambda_0(X: np.ndarray) -> float:
    """Smallest eigenvalue of the limiting H; 0 up to rounding where H is singular (see above)."""
    return float(np.linalg.eigvalsh(limiting_kernels(X)[0])[0])


def _rows(X: np.ndarray, name: str = "X") -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or not X.size:
        raise InvalidArgument(name, f"shape {X.shape}", "(n, d) with n, d >= 1")
    finite = np.isfinite(X).all(axis=1)
    if not finite.all():
        bad = np.flatnonzero(~finite).tolist()
        listed = ", ".join(map(str, bad[:3])) + (", ..." if len(bad) > 3 else "")
        raise InvalidArgument(name, f"rows {listed}", "finite in every row")
    return X


def _degree_0(apart: np.ndarray) -> np.ndarray:
    return apart / (2 * np.pi)


def _degree_1(apart: np.ndarray, psi: np.ndarray) -> np.ndarray:
    """Of unit rows; near psi = pi the terms cancel to the third order in pi - psi: kept >= 0."""
    return np.maximum(np.sin(psi) + apart * np.cos(psi), 0) / (2 * np.pi)


def _angles(X: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """pi - psi and psi for every row of X with every row of Y.

    From the sides |a + b| and |a - b| of the rhombus of two unit rows (Kahan), accurate to
    rounding at 0 and at pi, where arccos of the cosine loses half the digits. A zero row
    counts as orthogonal to all.
    """
    A, B = _unit(X), _unit(Y)
    block = max(1, BLOCK // B.size)
    starts = range(0, len(A), block)
    sums, differences = (
        np.concatenate([_norms(A[at : at + block, None] + sign * B) for at in starts])
        for sign in (1, -1)
    )
    return 2 * np.arctan2(sums, differences), 2 * np.arctan2(differences, sums)


def _norms(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.einsum("...i,...i", vectors, vectors)))


def _unit(X: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    return X / np.where(norms > 0, norms, 1)
