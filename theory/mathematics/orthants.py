"""Probabilities that a Gaussian vector sees two or three rows, and the angles they depend on.

For w ~ N(0, I) and rows at the angles psi (any norm, none of them 0):
    P(<w, a> > 0, <w, b> > 0) = (pi - psi_ab)/(2 pi)
    P(<w, a> > 0, <w, b> > 0, <w, c> > 0) = 1/2 - (psi_ab + psi_bc + psi_ac)/(4 pi)
Rows may coincide or be opposite.

Proof. The first is an angle. The indicators of three half spaces have the signs' product as their
only odd moment of order three, which is 0: the third moment follows from the second ones.

Source: Sheppard (1899); three dimensions is Girard's area of a spherical triangle.
"""

from __future__ import annotations

import numpy as np

from theory.mathematics.kernels import arc_cosine


def angles(X: np.ndarray, Y: np.ndarray | None = None) -> np.ndarray:
    """Angles between the rows of X (n, d) and of Y (p, d) (or of X), float64 (n, p), in [0, pi].

    To absolute rounding, also at 0 and at pi, where arccos of the cosine loses half the digits.
    Raises what `arc_cosine` raises.
    """
    return np.asarray(np.pi - 2 * np.pi * arc_cosine(X, Y, degree=0))


def two(psi: np.ndarray) -> np.ndarray:
    """The probability of two rows at the angle psi."""
    return (np.pi - np.asarray(psi)) / (2 * np.pi)


def three(psi: np.ndarray, phi: np.ndarray, chi: np.ndarray) -> np.ndarray:
    """The probability of three rows by their three angles, which broadcast."""
    return 0.5 - (np.asarray(psi) + phi + chi) / (4 * np.pi)


def seen_through(T: np.ndarray, psi: np.ndarray) -> np.ndarray:
    """E (D T D)^2 for D the diagonal matrix of what w sees of n rows, (n, n).

    T (n, n) is symmetric, psi (n, n) has the angles of the rows:
    entry ij is sum_k T_ik T_kj P(i, k, j).
    """
    bent = (T * psi) @ T
    square = T @ T
    return square / 2 - (bent + bent.T + square * psi) / (4 * np.pi)
