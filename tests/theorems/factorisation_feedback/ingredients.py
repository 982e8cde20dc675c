"""Matrices, starts, paths and certificates of random feedback, by hand."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
from scipy.optimize import brentq

from tests.oracles import Near
from tests.theorems.factorisation_feedback import by_hand
from tests.theorems.factorisation_feedback.by_hand import frobenius, spectral
from verify.judging.seeds import numpy_generator


def frame(rows, columns, rng):
    """Orthonormal columns, by Gram and Schmidt."""
    G, found = rng.normal(size=(rows, columns)), []
    for g in G.T:
        for _ in range(2):
            g = g - sum((f * (f @ g) for f in found), np.zeros(rows))
        found.append(g / sqrt(g @ g))
    return np.array(found).T


@dataclass(frozen=True, eq=False)
class Ingredients:
    """Y, C, start and step size, drawn in the same order; everything else in loops."""

    configuration: Any
    salt: str

    @cached_property
    def drawn(self):
        """Y, the feedback, inputs and targets of the network."""
        c, rng = self.configuration, numpy_generator("factorisation", self.salt)
        if c.data == "synthetic":
            shapes = {"power": [1 / (i + 1) for i in range(c.rank)],
                      "geometric": [0.7**i for i in range(c.rank)]}  # fmt: skip
            sigma = c.signal * np.array(shapes[c.spectrum])
            left, right = frame(c.outputs, c.rank, rng), frame(c.inputs, c.rank, rng)
            Y = left @ np.diag(sigma) @ right.T
            X = sqrt(3 * c.inputs) * frame(3 * c.inputs, c.inputs, rng)
            noise = rng.normal(size=(len(X), c.outputs))
            T = X @ Y.T + noise - X @ np.linalg.solve(X.T @ X, X.T @ noise)
        else:
            from sklearn.datasets import load_diabetes
            from sklearn.decomposition import PCA

            raw, y = load_diabetes(return_X_y=True)
            pca = PCA(c.inputs, whiten=True, svd_solver="full")
            X = pca.fit_transform(raw)
            X *= [max(each, key=abs) / abs(max(each, key=abs)) for each in pca.components_]
            X *= sqrt(len(X) / (len(X) - 1))
            T = c.signal * ((y - y.mean()) / y.std())[:, None]
            Y = np.linalg.lstsq(X, T, rcond=None)[0].T
        units = max(c.hidden, c.largest_rank)
        if c.law == "signs":
            C = rng.choice((-1.0, 1.0), (units, len(Y)))
        else:
            C = rng.normal(size=(units, len(Y)))
        return Y, c.feedback_scale * C, X, T

    @property
    def Y(self):
        return self.drawn[0]

    @property
    def C(self):
        return self.drawn[1][: self.configuration.hidden]

    def start(self, r):
        """Z, W and eta with r hidden units."""
        c, C, Y = self.configuration, self.drawn[1][:r], self.Y
        Z, W = np.zeros((len(Y), r)), np.zeros((r, Y.shape[1]))
        if c.start == "gaussian":
            rng = numpy_generator("factorisation", "start", r, self.salt)
            Z = c.start_scale * rng.normal(size=Z.shape)
            W = c.start_scale * rng.normal(size=W.shape)
        if c.start == "feedback":
            Z = c.start_scale * C.T
        unit = (2 * spectral(C @ Y)) ** (2 / 3) + spectral(W) ** 2 + spectral(C @ Z)
        if self.gradient:
            unit = 2 * spectral(Y) + spectral(W) ** 2 + spectral(Z) ** 2
        return Z, W, c.step / unit

    @property
    def gradient(self):
        return self.configuration.rule == "gradient-descent"

    @property
    def transport(self):
        if not self.gradient:
            return 0.0
        return max(abs(z - c) for Z in self.path.Z
                   for z, c in zip(Z.T.ravel(), self.C.ravel(), strict=True))  # fmt: skip

    @property
    def zeta(self):
        return self.configuration.start_scale if self.configuration.start == "feedback" else 0.0

    @cached_property
    def at(self):
        return shared(self.Y, self.C, *self.start(self.configuration.hidden)) | {
            "zeta": self.zeta,
            "start": frobenius(self.start(self.configuration.hidden)[1])
            + frobenius(self.start(self.configuration.hidden)[0] - self.zeta * self.C.T),
        }

    @cached_property
    def path(self):
        Z, W, eta = self.start(self.configuration.hidden)
        back = None if self.gradient else self.C
        return Seen(
            self.Y, self.C, by_hand.feedback(self.Y, back, Z, W, eta, self.configuration.steps)
        )

    @cached_property
    def times(self):
        c, u = self.configuration, self.at["u"]
        last = c.horizon * 2 ** (1 / 3) / u[-1] ** (2 / 3)
        first = 5e-5 * 2 ** (1 / 3) / u[0] ** (2 / 3)
        return np.array([0.0, first] + [last * i / c.points for i in range(1, c.points + 1)])

    @cached_property
    def flow(self):
        Z, W, _ = self.start(self.configuration.hidden)
        return Seen(self.Y, self.C, by_hand.flow(self.Y, self.C, Z, W, self.times))

    @cached_property
    def phi(self):
        u = self.at["u"]
        return np.array([[by_hand.phi(t * (v * v / 2) ** (1 / 3)) for v in u] for t in self.times])

    @cached_property
    def star(self):
        c = self.configuration
        rng = numpy_generator("factorisation", "star", self.salt)
        W = c.start_scale * rng.normal(size=(c.hidden, self.Y.shape[1]))
        eta = c.step * spectral(W) / spectral(self.C) / spectral(self.Y)
        return Seen(self.Y, self.C, by_hand.optimal(self.Y, self.C, W, eta, c.steps)), eta

    @cached_property
    def modes(self):
        """w and q by step, with their recursions."""
        eta, u = self.at["eta"], self.at["u"]
        w, q = [0 * u], [0 * u]
        for _ in range(self.configuration.steps):
            lack = u - q[-1] * w[-1]
            w, q = [*w, w[-1] + eta * lack], [*q, q[-1] + eta * lack * w[-1]]
        return np.array(w), np.array(q)

    @cached_property
    def ends(self):
        """For r = 1, ..., the last iterate and the symbols."""
        c, found = self.configuration, []
        for r in range(1, c.largest_rank + 1):
            Z, W, eta = self.start(r)
            C = self.drawn[1][:r]
            back = None if self.gradient else C
            seen = Seen(self.Y, C, by_hand.feedback(self.Y, back, Z, W, eta, c.most_steps)[-1:])
            found.append((seen, shared(self.Y, C, Z, W, eta) | seen.near()[0]))
        return found

    @cached_property
    def certificate(self):
        """By a minimiser and root finders of scipy."""
        at, r = self.at, len(self.C)

        def bound(x, L):
            kap = at["K_F"] + 2 * at["eta"] * (at["L_0"] - L)
            return max(0, x * x / sqrt(r) - kap) ** 2 / 8 - at["U_F"] * x

        def least(L):
            kap = at["K_F"] + 2 * at["eta"] * (at["L_0"] - L)
            roots = np.roots([1, 0, -sqrt(r) * kap, -2 * r * at["U_F"]])
            x = max(root.real for root in roots if abs(root.imag) < 1e-9)
            assert bound(x, L) <= min(bound((1 + h) * x, L) for h in (-1e-3, 1e-3))
            return x, bound(x, L)

        L = brentq(lambda L: least(L)[1] - L, at["L_0"] - 1e3, at["L_0"])
        L -= 1e-9 * (abs(L) + abs(at["L_0"]) + at["U_F"])
        x = least(L)[0]
        return {
            "L_min": Near(L, 1e-8), "x": Near(x, 1e-7),
            "W_max": Near(brentq(lambda z: bound(z, L) - at["L_0"], x, 1e3) * (1 + 1e-9), 1e-8),
        }  # fmt: skip


def shared(Y, C, Z, W, eta):
    """The symbols of a problem, from definitions."""
    U, Q = by_hand.product(C, Y), by_hand.product(C, Z)
    squares, B = np.linalg.eigh(U.T @ U)
    kept = squares > 1e-12 * squares[-1]
    u, B = np.sqrt(squares[kept])[::-1], B[:, kept][:, ::-1]
    K = W @ W.T - Q - Q.T
    R = Y - by_hand.product(Z, W)
    k = int(np.linalg.matrix_rank(Y))
    return {
        "r": len(C), "k": k, "eta": eta, "u": u, "modes": len(u), "u_max": max(u), "u_min": min(u),
        "a": np.array([sum((Y @ b) ** 2) for b in B.T]), "floor_sq": by_hand.left(Y, C),
        "U_F": frobenius(U), "U_nuclear": sum(u), "Y_F": frobenius(Y), "C_F": frobenius(C),
        "sigma_U": min(u) if len(u) == len(C) else 0.0, "C_norm": spectral(C),
        "lambda_C": np.linalg.eigvalsh(C @ C.T)[0] if len(C) <= C.shape[1] else 0.0,
        "lift": spectral(Y @ np.linalg.pinv(U, rcond=1e-10)),
        "lambda_K": np.linalg.eigvalsh(K)[-1],
        "K_F": frobenius(K), "W0_sq": sum(W.ravel() ** 2), "W0_norm": spectral(W),
        "trQ_0": sum(np.diag(Q)), "L_0": sum(Q.ravel() ** 2) / 2 - sum((U * W).ravel()),
        "D_0": frobenius(C @ R), "UW_0": sum((U * W).ravel()),
    }  # fmt: skip


class Seen:
    """What can be seen of iterates, one after the other."""

    def __init__(self, Y, C, iterates):
        self.Y, self.C, self.iterates = Y, C, iterates
        self.Z, self.W = (np.array(each) for each in zip(*iterates, strict=True))
        self.R = np.array([Y - Z @ W for Z, W in iterates])
        self.D = np.array([C @ R for R in self.R])
        self.Q = np.array([C @ Z for Z in self.Z])
        self.K = np.array([W @ W.T - Q - Q.T for W, Q in zip(self.W, self.Q, strict=True)])
        self.size = len(iterates)

    def sums(self, term):
        """Of the terms of the steps before, for every step."""
        found = [0 * term(0)]
        for s in range(self.size - 1):
            found.append(found[-1] + term(s))
        return np.array(found)

    def DD(self):
        return self.sums(lambda s: self.D[s] @ self.D[s].T)

    def D_sq(self):
        return np.array([frobenius(D) ** 2 for D in self.D])

    def L(self):
        U = self.C @ self.Y
        return np.array([frobenius(Q) ** 2 / 2 - (U * W).sum()
                         for Q, W in zip(self.Q, self.W, strict=True)])  # fmt: skip

    def steady(self):
        return np.array([frobenius(W) ** 2 + 2 * frobenius(Q)
                         for W, Q in zip(self.W, self.Q, strict=True)])  # fmt: skip

    def symmetric(self, matrices):
        """Eigenvalues of the symmetric parts, in ascending order."""
        return np.array([np.linalg.eigvalsh((M + M.T) / 2) for M in matrices])

    def singular(self, t):
        """By its determinant."""
        size = np.prod([sqrt(row @ row) for row in self.Q[t]])
        return abs(np.linalg.det(self.Q[t])) <= 1e-14 * size

    def near(self):
        """The symbols of (LR3'), by step."""
        found = []
        for t in range(self.size):
            W = np.linalg.svd(self.W[t].T, compute_uv=False)
            found.append({
                "RW_F": frobenius(self.R[t] @ self.W[t].T), "R_norm": spectral(self.R[t]),
                "D_F": frobenius(self.D[t]), "DW_F": frobenius(self.D[t] @ self.W[t].T),
                "Q_norm": spectral(self.Q[t]), "Z_norm": spectral(self.Z[t]),
                "sigma_Q": 0.0 if self.singular(t)
                else Near(1 / spectral(np.linalg.inv(self.Q[t])), 1e-8),
                "sigma_W": min((x for x in W if x > 1e-12 * W[0]), default=np.inf),
            })  # fmt: skip
        return found

    def modes(self, P, matrices, Q):
        return np.array([np.diag(P.T @ M @ Q) for M in matrices])


def listed(rows, name):
    """A column of the table."""
    values = [row[name] for row in rows]
    if any(isinstance(v, Near) for v in values):
        plain = [v.value if isinstance(v, Near) else v for v in values]
        return Near(plain, 1e-8)
    return np.array(values)
