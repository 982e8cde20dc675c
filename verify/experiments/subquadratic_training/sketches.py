"""(ST7), (ST8), measured: sketches of matrices and of a real Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

import numpy as np

from verify.experiments.kit import Measured, Progress, Trajectory, heading
from verify.experiments.subquadratic_training.setting import Array, Setting, parts
from verify.judging.sample import Sample
from verify.training.tensor_sketch import (
    Hashes,
    conjugate_gradients,
    inner_products,
    sketched,
    sums,
)

SHAPES = ((2, 2, 1), (2, 2, 2), (2, 2, 4), (2, 3, 2), (3, 2, 3), (3, 3, 2), (2, 2, 3))
"""(rows, columns, buckets) of the matrices of which all sketches are enumerated."""

PAIRS = 3
"""Pairs of matrices of every shape; the second is the first one in the last of them."""

SINGULAR = 1e-10
"""Eigenvalues of K below this share of the largest are 0."""

CHUNK = 100
"""Gaussian sketches at once."""


def enumerated(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Variances over all hashes and signs, (shapes x PAIRS,)."""
    rng = setting.rng("enumerated")
    ones, pairs = [], []
    for p, q, s in SHAPES:
        left, right = Hashes.all(p, s), Hashes.all(q, s)

        def variance(X: Array, Y: Array, left: Hashes = left, right: Hashes = right) -> float:
            return float(((inner_products(left, right, X, Y) - (X * Y).sum()) ** 2).mean())

        for pair in range(PAIRS):
            u, u2, v, v2 = (rng.standard_normal(size) for size in (p, p, q, q))
            X, Y = rng.standard_normal((2, p, q))
            if pair == PAIRS - 1:
                u2, v2, Y = u, v, X
            k, N = [(u**2 * u2**2).sum(), (v**2 * v2**2).sum()], [u @ u * (u2 @ u2)]
            N.append(v @ v * (v2 @ v2))
            ones.append((variance(np.outer(u, v), np.outer(u2, v2)), u @ u2, v @ v2, *k, *N, s))
            pairs.append((variance(X, Y), *sums(X, Y), s))
    value, c_1, c_2, k_1, k_2, N_1, N_2, s = np.array(ones).T
    one = {"c_1": c_1, "c_2": c_2, "k_1": k_1, "k_2": k_2, "N_1": N_1, "N_2": N_2, "s": s}
    found = np.array(pairs).T
    names = ("columns", "rows", "entries", "swapped", "s")
    return Measured({
        "sketch_variance": Sample(value, one, scale=N_1 * N_2),
        "matrix_variance": Sample(
            found[0], dict(zip(names, found[1:], strict=True)), scale=np.abs(found[1:-1]).sum(0)
        ),
    })  # fmt: skip


@dataclass(frozen=True)
class Jacobian:
    """J^T of the first network by factors U (n, m), V (n, d), its rows scaled.

    K (n, n) is J J^T, e (n,) the first residual; J^T half are the columns of Q, as many as the
    rank r: half is (n, r).
    """

    U: Array
    V: Array
    K: Array
    e: Array
    half: Array

    @classmethod
    def of(cls, setting: Setting) -> Jacobian:
        c, X = setting.configuration, setting.X
        nets, W = setting.networks("networks", 1, c.width)
        z = nets.preactivations(W)
        scales = np.exp(setting.rng("stretch").uniform(-c.stretch, c.stretch, len(X)))
        U = (z[0] > nets.b).T * nets.a[0] / np.sqrt(nets.m) * scales[:, None]
        K = (U @ U.T) * (X @ X.T)
        values, vectors = np.linalg.eigh(K)
        kept = values > SINGULAR * values[-1]
        if not kept.any():
            raise NoneFires
        e = (nets.outputs(z)[0] - setting.y) * scales
        return cls(U, X, K, e, vectors[:, kept] / np.sqrt(values[kept]))

    @property
    def rank(self) -> int:
        """r."""
        return int(self.half.shape[1])

    @property
    def matrices(self) -> Array:
        """The columns of J^T, (n, m, d)."""
        return np.asarray(self.U[:, :, None] * self.V[:, None, :])

    @property
    def basis(self) -> Array:
        """Those of Q, (r, m, d)."""
        return np.asarray(np.einsum("imd,ir->rmd", self.matrices, self.half))


class NoneFires(Exception):
    """No neuron fires: the Jacobian is 0, and there is nothing to sketch."""


Measure = Callable[[Setting, Set[str], Progress], Measured]


def unless_none_fires(measure: Measure) -> Measure:
    """Out of the regime of all claims where the Jacobian is 0."""

    def measured(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
        try:
            return measure(setting, wanted, tell)
        except NoneFires:
            return Measured.outside(wanted, "no neuron fires: the Jacobian is 0")

    return measured


def subspace(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """||Q^T S^T S Q - I||_F^2 of `trials` TensorSketches."""
    c, J = setting.configuration, Jacobian.of(setting)
    Q, rng = J.basis, setting.rng("sketches")
    one, two = (Hashes.drawn(rng, c.trials, p, c.rows) for p in (J.U.shape[1], J.V.shape[1]))
    SQ = sketched(one, two, J.U, J.V) @ J.half
    square = ((np.swapaxes(SQ, 1, 2) @ SQ - np.eye(J.rank)) ** 2).sum((1, 2))
    total = np.array([sums(A, B) for A in Q for B in Q]).sum(0)
    names = ("columns", "rows", "entries", "swapped")
    symbols = {
        "n": J.rank, "s": c.rows, "far": c.far, **dict(zip(names, map(float, total), strict=True)),
    }  # fmt: skip
    return Measured({
        "sketch_moment": Sample(square[None], symbols),
        "sketch_far": Sample((square > c.far**2).astype(np.float64), symbols),
    })  # fmt: skip


def preconditioned(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """Errors (n + 1, networks) of conjugate gradients, one sketch each, in the norm of K.

    Where K is singular, or a sketch has too few rows, gamma is 1 and K + I preconditions.
    """
    c, J = setting.configuration, Jacobian.of(setting)
    n, (m, d) = len(J.K), (J.U.shape[1], J.V.shape[1])
    rng = setting.rng("preconditioner")
    if c.sketch == "tensor":
        one, two = (Hashes.drawn(rng, c.networks, p, c.rows) for p in (m, d))
        SJ = sketched(one, two, J.U, J.V)
    else:
        G = rng.standard_normal((c.networks, c.rows, m * d)) / np.sqrt(c.rows)
        SJ = G @ J.matrices.reshape(n, -1).T
    singular = np.linalg.svd(SJ @ J.half, compute_uv=False)
    gamma = np.maximum(1 - singular[:, -1], singular[:, 0] - 1)
    if c.rows < n or J.rank < n:
        gamma = np.maximum(gamma, 1.0)
    errors, right = [], np.linalg.pinv(J.K) @ J.e
    for run in range(c.networks):
        M = SJ[run].T @ SJ[run] if gamma[run] < 1 else J.K + np.eye(n)
        found = conjugate_gradients(J.K, J.e, M, n) - right
        errors.append(np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", found, J.K, found), 0)))
    energy = np.array(errors).T
    t, shape = np.arange(n + 1), np.ones_like(energy)
    symbols = {"t": t[:, None] * shape, "gamma": gamma * shape, "E_0": energy[0] * shape}
    drawn = np.maximum(energy[:, 0], 1e-17 * energy[0, 0])
    bound = np.minimum(2 * gamma[0] ** t, 1.0) * energy[0, 0]
    curve = Trajectory(
        "step", t, {"energy": drawn, "bound": np.maximum(bound, 1e-300)},
        labels={"energy": f"{c.sketch} sketch", "bound": r"$2 \gamma^t$ times the first"},
        axis="steps $t$", quantity="error in the norm of $K$",
        title=heading("Conjugate gradients", c.data, {"n": n, "s": c.rows}),
    )  # fmt: skip
    energies = Sample(energy, symbols, scale=energy[0] * shape, trivial=energy[0] * shape)
    return Measured({"energy": energies}, curve)


def gaussian_singular(rng: np.random.Generator, draws: int, s: int, Q: Array) -> Array:
    """Singular values (draws, r) of S Q, Q (p, r), S with s rows of variance 1/s."""
    S = rng.standard_normal((draws, s, len(Q)))
    return np.asarray(np.linalg.svd(S @ Q / np.sqrt(s), compute_uv=False))


def gaussian(setting: Setting, wanted: Set[str], tell: Progress) -> Measured:
    """(ST8): whether the singular values of S Q are within gamma of 1, by trial."""
    c, J = setting.configuration, Jacobian.of(setting)
    n, Q = J.rank, J.basis.reshape(J.rank, -1).T
    symbols = {"n": n, "s": c.rows, "delta": c.delta}
    gamma = float(parts("gaussian-sketch", symbols)["gamma"])
    rng, events = setting.rng("gaussian"), []
    for done in range(0, c.trials, CHUNK):
        singular = gaussian_singular(rng, min(CHUNK, c.trials - done), c.rows, Q)
        events.append((np.abs(singular - 1) <= gamma).all(1))
    return Measured({
        "gaussian_close": Sample(np.concatenate(events).astype(np.float64), symbols)
    })  # fmt: skip
