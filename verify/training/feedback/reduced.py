"""Linear networks under feedback alignment by 2d + 2 numbers, at any width: steps, and the flow.

W_t = W_0 + b s^T and beta_t = q beta_0 + W_0 v + c b. The residual needs s (d,), v (d,), q, c and
the Gram matrix of (W_0, beta_0, b) alone, so the width does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from verify.training.feedback.network import Network

RTOL, ATOL = 1e-11, 1e-14
"""Of the flow."""

MOST = 1_000_000
"""Steps of the flow from one time to the next, at most."""


class Numbers(NamedTuple):
    """s (S, d), v (S, d), q (S,), c (S,); or with further axes in front."""

    s: np.ndarray
    v: np.ndarray
    q: np.ndarray
    c: np.ndarray


@dataclass(frozen=True, eq=False)
class Reduced:
    """The Gram matrices of S networks of width m: WW (S, d, d), Wbeta, Wb (S, d), the rest (S,)."""

    X: np.ndarray
    y: np.ndarray
    m: int
    WW: np.ndarray
    Wbeta: np.ndarray
    Wb: np.ndarray
    beta_beta: np.ndarray
    beta_b: np.ndarray
    bb: np.ndarray

    @classmethod
    def of(cls, network: Network) -> Reduced:
        W, beta, b = network.W, network.beta, network.b
        return cls(
            network.X, network.y, W.shape[1], W.transpose(0, 2, 1) @ W,
            np.einsum("smd,sm->sd", W, beta), np.einsum("smd,sm->sd", W, b),
            (beta * beta).sum(-1), (beta * b).sum(-1), (b * b).sum(-1),
        )  # fmt: skip

    @property
    def start(self) -> Numbers:
        count, d = self.Wb.shape
        zeros = np.zeros((count, d))
        return Numbers(zeros, zeros, np.ones(count), np.zeros(count))

    def W_beta(self, at: Numbers) -> np.ndarray:
        """W_0^T beta_t, (..., S, d)."""
        Wv = np.einsum("sde,...se->...sd", self.WW, at.v)
        return at.q[..., None] * self.Wbeta + Wv + at.c[..., None] * self.Wb

    def overlap(self, at: Numbers) -> np.ndarray:
        """<b, beta_t>, (..., S)."""
        return np.asarray(at.q * self.beta_b + (self.Wb * at.v).sum(-1) + at.c * self.bb)

    def beta_sq(self, at: Numbers) -> np.ndarray:
        """|beta_t|^2, (..., S)."""
        Wv = np.einsum("sde,...se->...sd", self.WW, at.v)
        cross = at.q[..., None] * self.Wbeta + at.c[..., None] * self.Wb
        squares = at.q**2 * self.beta_beta + at.c**2 * self.bb + (at.v * Wv).sum(-1)
        return np.asarray(squares + 2 * at.q * at.c * self.beta_b + 2 * (at.v * cross).sum(-1))

    def cosine(self, at: Numbers) -> np.ndarray:
        """cos(b, beta_t), (..., S); 0 where beta_t = 0."""
        norms = np.sqrt(np.maximum(self.beta_sq(at), 0) * self.bb)
        return np.divide(self.overlap(at), norms, out=np.zeros_like(norms), where=norms > 0)

    def theta(self, at: Numbers) -> np.ndarray:
        """W_t^T beta_t/sqrt m, (..., S, d)."""
        moved = self.W_beta(at) + at.s * self.overlap(at)[..., None]
        return np.asarray(moved / self.m**0.5)

    def residual(self, at: Numbers) -> np.ndarray:
        """e = X theta - y, (..., S, n)."""
        return np.asarray(self.theta(at) @ self.X.T - self.y)

    def steps(self, eta: float, decays: np.ndarray) -> Iterator[Numbers]:
        """The numbers at the start and after every step."""
        at, rate = self.start, eta / self.m**0.5
        yield at
        for decay in decays:
            kept = 1 - eta * decay
            h = -self.residual(at) @ self.X
            c = kept * at.c + rate * (at.s * h).sum(-1)
            at = Numbers(at.s + rate * h, kept * at.v + rate * h, kept * at.q, c)
            yield at

    def flow(self, times: np.ndarray, decay: float) -> Numbers:
        """The numbers of gradient flow at the times (T,), one network after the other."""
        from scipy.integrate import odeint

        rows, d = [], self.X.shape[1]
        for i in range(len(self.bb)):
            path, found = odeint(self._change(i, decay), np.zeros(2 * d + 1), times, tfirst=True,
                                 rtol=RTOL, atol=ATOL, mxstep=MOST, full_output=True)  # fmt: skip
            if not np.isfinite(path).all() or "successful" not in found["message"]:
                raise ArithmeticError(f"the flow was not integrated: {found['message']}")
            rows.append(path)
        together = np.stack(rows, axis=1)  # (T, S, 2d + 1)
        return self._numbers(together, np.exp(-decay * times)[:, None] * np.ones(len(rows)))

    def _numbers(self, z: np.ndarray, q: np.ndarray) -> Numbers:
        d = self.X.shape[1]
        return Numbers(z[..., :d], z[..., d : 2 * d], q, z[..., -1])

    def _change(self, i: int, decay: float) -> Callable[[float, np.ndarray], np.ndarray]:
        """d(s, v, c)/dt of network i; formulas of one network, as integrators ask often."""
        d, Wb = self.X.shape[1], self.Wb[i]
        # W_0^T beta_t and <b, beta_t>: of W_0 v + c b, and of q beta_0
        products = np.block([[self.WW[i], Wb[:, None]], [Wb, self.bb[i]]])
        of_beta = np.append(self.Wbeta[i], self.beta_b[i])
        gram, pull = self.X.T @ self.X / self.m, self.y @ self.X / self.m**0.5

        def change(t: float, z: np.ndarray) -> np.ndarray:
            found = products @ z[d:] + math.exp(-decay * t) * of_beta
            h = pull - gram @ (found[:d] + z[:d] * found[d])
            new = -decay * z
            new[:d] = h
            new[d:-1] += h
            new[-1] += z[:d] @ h
            return new

        return change

    def growth(self, at: Numbers) -> np.ndarray:
        """(||W_t||^2 - ||W_0||^2)/2, (..., S)."""
        return np.asarray((self.Wb * at.s).sum(-1) + (at.s**2).sum(-1) * self.bb / 2)
