"""TensorSketch: CountSketches of two factors, convolved; and preconditioned conjugate gradients.

S adds entry (i, j) of a matrix to bucket h_1(i) + h_2(j) mod s with sign r_1(i) r_2(j).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Hashes:
    """Buckets h (draws, p) in 0..s-1 and signs r (draws, p) of the rows of one factor."""

    h: Array
    r: Array
    s: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, draws: int, p: int, s: int) -> Hashes:
        """Independent and uniform."""
        return cls(rng.integers(s, size=(draws, p)), rng.choice([-1.0, 1.0], (draws, p)), s)

    @classmethod
    def all(cls, p: int, s: int) -> Hashes:
        """Every one of the (2 s)^p."""
        every = np.indices((2 * s,) * p).reshape(p, -1).T
        return cls(every % s, np.where(every < s, 1.0, -1.0), s)

    def count_sketch(self, u: Array) -> Array:
        """C u, (draws, s)."""
        draws = len(self.h)
        place = self.h + self.s * np.arange(draws)[:, None]
        found = np.bincount(place.ravel(), (self.r * u).ravel(), self.s * draws)
        return np.asarray(found.reshape(draws, self.s))

    @property
    def spectrum(self) -> Array:
        """FFT of C as a matrix, (draws, s, p)."""
        turns = np.arange(self.s)[:, None] * self.h[:, None, :]
        return np.asarray(self.r[:, None, :] * np.exp(-2j * np.pi * turns / self.s))


def sketched(one: Hashes, two: Hashes, U: Array, V: Array) -> Array:
    """S of the matrices U_i V_i^T of rows U (n, p), V (n, q): (draws, s, n)."""
    found = [
        np.fft.irfft(np.fft.rfft(one.count_sketch(u)) * np.fft.rfft(two.count_sketch(v)), one.s)
        for u, v in zip(U, V, strict=True)
    ]
    return np.stack(found, axis=-1)


def inner_products(one: Hashes, two: Hashes, X: Array, Y: Array) -> Array:
    """<S X, S Y> of matrices (p, q) for every hash of one with every hash of two."""
    left, right = one.spectrum, two.spectrum

    def transformed(A: Array) -> Array:
        return np.einsum("aki,ij,bkj->abk", left, A, right, optimize=True)

    return np.asarray((transformed(X).conj() * transformed(Y)).real.mean(-1))


def sums(X: Array, Y: Array) -> tuple[float, float, float, float]:
    """The sums of the second moment of <S X, S Y>: columns, rows, entries, swapped."""
    X2, Y2, P = X**2, Y**2, X * Y
    T, U = X.T @ Y, X @ Y.T
    both = float((X2 * Y2).sum())
    row, column = float(X2.sum(1) @ Y2.sum(1)), float(X2.sum(0) @ Y2.sum(0))
    own_rows, own_columns = float((P.sum(1) ** 2).sum()), float((P.sum(0) ** 2).sum())

    def off(A: Array) -> float:
        return float((A**2 + A * A.T).sum() - 2 * (np.diag(A) ** 2).sum())

    squares = float(X2.sum() * Y2.sum()) - row - column + both
    products = float(P.sum() ** 2) - own_rows - own_columns + both
    across = float(((X @ X.T) * (Y @ Y.T)).sum()) - row - own_columns + both
    along = float(((X.T @ X) * (Y.T @ Y)).sum()) - column - own_rows + both
    return off(T), off(U), squares + products, across + along


def conjugate_gradients(K: Array, e: Array, M: Array, steps: int) -> Array:
    """Iterates (steps + 1, n) from 0 for K kappa = e, preconditioned by M."""
    kappa, r = np.zeros_like(e), e.copy()
    z = np.linalg.solve(M, r)
    p, found = z, [kappa]
    for _ in range(steps):
        Kp, rz = K @ p, r @ z
        curvature = p @ Kp
        if not (rz > 0 and curvature > 0):
            found.append(kappa)
            continue
        length = rz / curvature
        kappa, r = kappa + length * p, r - length * Kp
        z = np.linalg.solve(M, r)
        p = z + (r @ z) / rz * p
        found.append(kappa)
    return np.array(found)
