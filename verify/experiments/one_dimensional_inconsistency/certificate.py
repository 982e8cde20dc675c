"""The certificate that no kink will ever cross, from thirteen numbers and the neurons there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.experiments.one_dimensional_inconsistency.line import SINGULAR
from verify.experiments.one_dimensional_inconsistency.recursion import Moments

ROUNDS = 60
"""Of the iteration for U: what has not come to rest by then certifies nothing."""

ABOVE = 1e-9
"""U is taken larger by this share, so that the inequality holds in float64."""

FAR = 1e9
"""The reach of a neuron whose a may vanish."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """All numbers of the certificate, of N networks at T_0; U, ref (N, 2, 2), row (2, 2)."""

    lam_1: np.ndarray
    lam_max: np.ndarray
    eps: np.ndarray
    Z_r: np.ndarray
    Z_sq: np.ndarray
    ref: np.ndarray
    row: np.ndarray
    U: np.ndarray

    @property
    def needed(self) -> np.ndarray:
        """What U is to be above."""
        return _needed(self.ref, self.row, self.eps, self.lam_1, self.Z_r)

    @property
    def gap(self) -> np.ndarray:
        """The least entry of U - needed, over the largest of U; (N,)."""
        largest = np.maximum(self.U.max(axis=(1, 2)), 1e-300)
        return np.asarray(np.maximum((self.U - self.needed).min(axis=(1, 2)) / largest, -1.0))

    @property
    def growth(self) -> np.ndarray:
        return (self.U**2).sum(axis=-1).max(axis=-1)

    def reach(self, a: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
        """How far the kinks of neurons (N, m) may come, the farthest of each network (N,)."""
        U = np.where((a > 0)[..., None], self.U[:, :1], self.U[:, 1:])
        A, B, g = U[..., 0], U[..., 1], (U**2).sum(axis=-1)
        a, b, w = np.abs(a), np.abs(b), np.abs(w)
        along = A * a + B * b + w
        with np.errstate(divide="ignore", invalid="ignore"):
            least, most = a - A * along / (1 - g), b + B * along / (1 - g)
            found = np.where((least > 0) & (g < 1), most / least, FAR)
        return np.minimum(found.max(axis=1), FAR)


def certify(now: Moments, M: np.ndarray, h: np.ndarray, eta: float) -> Certificate:
    """The certificate of networks of these moments, whether or not it holds.

    It says nothing where M_s is singular: eigenvalues are kept away from 0 for all to be a number.
    """
    u = now.gradients(M, h).reshape(-1, 4)
    values, vectors = np.linalg.eigh(M)
    values = np.maximum(values, SINGULAR * values.max())
    R, inverse = np.zeros((4, 4)), np.zeros((4, 4))
    for s in (0, 1):
        at = slice(2 * s, 2 * s + 2)
        R[at, at] = vectors[s] * np.sqrt(values[s]) @ vectors[s].T
        inverse[at, at] = vectors[s] / np.sqrt(values[s]) @ vectors[s].T
    z = u @ inverse
    A = np.zeros((len(u), 4, 4))
    for s in (0, 1):
        at = slice(2 * s, 2 * s + 2)
        A[:, at, at] = now.S[:, s, :2, :2] + now.S[:, s, 2, 2, None, None] * np.eye(2)
    A[:, 1::2, 1::2] += 1.0
    lam, V = np.linalg.eigh(R @ A @ R)
    modified = (1 - np.abs(1 - eta * lam)) / eta
    lam_1 = modified.min(axis=1)
    k = np.abs(np.einsum("nij,ni->nj", V, z))
    some = modified > 0  # 0 where a side has no neurons
    weights = np.where(some, k / np.where(some, modified, 1.0), FAR)
    Z_r = weights.sum(axis=1)
    ref = np.einsum("nij,nj->ni", np.abs(R @ V), weights).reshape(-1, 2, 2)
    row = np.linalg.norm(R, axis=1).reshape(2, 2)
    U = ref * (1 + ABOVE)
    for _ in range(ROUNDS):
        larger = _needed(ref, row, _epsilon(U, now.S, R), lam_1, Z_r) * (1 + ABOVE)
        # what has left the domain certifies nothing, and stays where it is
        larger = np.where(np.isfinite(larger) & (larger < FAR), larger, U)
        if np.all(larger <= U):
            break
        U = np.maximum(U, larger)
    eps = _epsilon(U, now.S, R)
    eps = np.where(np.isfinite(eps), np.minimum(eps, FAR), FAR)
    return Certificate(lam_1, lam.max(axis=1), eps, Z_r, (z**2).sum(axis=1), ref, row, U)


def _epsilon(U: np.ndarray, S: np.ndarray, R: np.ndarray) -> np.ndarray:
    """|| |R| blockdiag(Delta) |R| ||, (N,); inf where A^2 + B^2 >= 1."""
    size, A, B = np.abs(S), U[..., 0], U[..., 1]
    K = np.zeros((*U.shape[:2], 3, 3))
    K[..., :2, 2] = K[..., 2, :2] = U
    g = (U**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        Dl = (K + K @ K) / (1 - g)[..., None, None]
        left = Dl @ size
        dS = left + np.swapaxes(left, -1, -2) + left @ np.swapaxes(Dl, -1, -2)
        more = size + dS
        along = dS[..., 2, 2] + A * more[..., 0, 2] + B * more[..., 1, 2]
    Delta = np.zeros((len(U), 4, 4))
    for s in (0, 1):
        at = slice(2 * s, 2 * s + 2)
        Delta[:, at, at] = dS[:, s, :2, :2] + along[:, s, None, None] * np.eye(2)
    bad = (g >= 1).any(axis=1) | ~np.isfinite(Delta).all(axis=(1, 2))
    Delta[bad] = 0.0
    size_R = np.abs(R)
    found = np.abs(np.linalg.eigvalsh(size_R @ Delta @ size_R)).max(axis=1)
    return np.where(bad, np.inf, found)


def _needed(
    ref: np.ndarray, row: np.ndarray, eps: np.ndarray, lam_1: np.ndarray, Z_r: np.ndarray
) -> np.ndarray:
    """ref + row (eps/lam_1) Z_r/(1 - eps/lam_1), (N, 2, 2); inf where eps >= lam_1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        extra = np.where(eps < lam_1, eps * Z_r / (lam_1 - eps), np.inf)
    return ref + row * extra[:, None, None]
