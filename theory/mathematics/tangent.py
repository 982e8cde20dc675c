"""Functions of frozen activations on the sphere, f(x) = sum_l 1{<w_l, x> > 0} <b_l, x>.

These are the functions that ReLU networks can learn in their tangent space at the weights w_l. For
x uniform on sqrt(d) S^{d-1}, and unit w, w' at the angle psi (closed forms, no test inputs):
    E 1{<w, x> > 0, <w', x> > 0} x x^T = (pi - psi)/(2 pi) I
        + [w w'^T + w' w^T - cos psi (w w^T + w' w'^T)]/(2 pi sin psi)
    E 1{<w, x> > 0} <b, x> Q_k(<x, z>/sqrt d) = sqrt d [<b, w> S(t) + (<b, z> - t <b, w>) S'(t)]
        with |z| = 1, t = <w, z>, S = rho_k Q_k/B_k and relu(t) = sum_k rho_k Q_k(t).

Proof. The first is an integral over a wedge of opening pi - psi in the plane of w and w', in which
the second moments along and across its bisector are (pi - psi +- sin psi)/(2 pi). The left side of
the second is the derivative along b of E relu(<w, x>) Q_k, and by Funk-Hecke that is
sqrt d |w| S(<w, z>/|w|).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from theory.mathematics.gegenbauer import coefficients, derivative, multiplicities, series
from theory.mathematics.orthants import two

PARALLEL = 1e-7
"""Sines below this count as 0: the term that they divide is of their order."""


def step_kernel(t: np.ndarray) -> np.ndarray:
    """K(t) = t (pi - arccos t)/(2 pi), the mean of all products of two features."""
    t = np.clip(t, -1, 1)
    return np.asarray(t * two(np.arccos(t)))


def squared_norm(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """E f(x)^2 for weights W and b, both (..., N, d), W of any norm: (...,)."""
    W = W / np.linalg.norm(W, axis=-1, keepdims=True)
    same = np.eye(W.shape[-2], dtype=bool)
    cos = np.where(same, 1.0, np.clip(W @ np.swapaxes(W, -1, -2), -1, 1))
    sin = np.sqrt(1 - cos**2)
    H = b @ np.swapaxes(W, -1, -2)
    H_t, h = np.swapaxes(H, -1, -2), np.diagonal(H, axis1=-2, axis2=-1)
    left, right = h[..., :, None], h[..., None, :]
    plane = left * right + H * H_t - cos * (left * H_t + H * right)
    plane = np.divide(plane, sin, where=sin > PARALLEL, out=np.zeros(plane.shape))
    gram = b @ np.swapaxes(b, -1, -2)
    return np.asarray((two(np.arccos(cos)) * gram + plane / (2 * np.pi)).sum((-1, -2)))


def overlap(W: np.ndarray, b: np.ndarray, Z: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """E f(x) sum_k gamma_k Q_k(<x, z>/sqrt d) for every row z of Z, of norm 1.

    W and b (..., N, d), Z (n, d) or (..., n, d): (..., n). gamma has the degrees from 0 on.
    """
    d = W.shape[-1]
    W = W / np.linalg.norm(W, axis=-1, keepdims=True)
    S = gamma * _relu(d, len(gamma) - 1) / multiplicities(d, len(gamma) - 1)
    Z_t = np.swapaxes(Z, -1, -2)
    t, along = W @ Z_t, (b * W).sum(-1, keepdims=True)
    terms = along * series(d, S, t) + (b @ Z_t - t * along) * series(d + 2, derivative(d, S), t)
    return np.asarray(np.sqrt(d) * terms.sum(-2))


@lru_cache(maxsize=32)
def _relu(d: int, degree: int) -> np.ndarray:
    """rho_k up to that degree."""
    return coefficients(lambda t: np.maximum(t, 0), d, degree)
