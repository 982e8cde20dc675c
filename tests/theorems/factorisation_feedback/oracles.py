"""Oracles of random feedback: every symbol and field, by hand."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import sqrt
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from tests.oracles import Near, Oracles
from tests.theorems.factorisation_feedback import by_hand
from tests.theorems.factorisation_feedback.by_hand import frobenius, spectral
from verify.judging.seeds import numpy_generator

ROUNDING = 1e-10


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
        return Z, W, c.step / unit

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
        return Seen(
            self.Y, self.C, by_hand.feedback(self.Y, self.C, Z, W, eta, self.configuration.steps)
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
            seen = Seen(self.Y, C, by_hand.feedback(self.Y, C, Z, W, eta, c.most_steps)[-1:])
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


# --- samples -------------------------------------------------------------------------------------


def steps(it):
    """By quantity: the fields of the samples in steps."""
    p, at, T = it.path, it.at, it.configuration.steps
    t, eta = np.arange(T + 1), at["eta"]
    D_sq = p.D_sq()
    S1 = p.sums(lambda s: frobenius(p.D[s]) ** 2)
    S2 = p.sums(lambda s: frobenius(p.D[s] @ p.W[s].T) ** 2)
    A, u, Bt = np.linalg.svd(it.C @ it.Y, full_matrices=False)
    A, B = A[:, : len(at["u"])], Bt[: len(at["u"])].T
    w, q = p.modes(A, p.W, B), p.modes(A, p.Q, A)
    w_rule, q_rule = it.modes
    curves = {"w": w_rule, "q": q_rule, "t": t}
    near = p.near()
    seen = {name: listed(near, name) for name in near[0]} | {"t": t}
    entries = p.K[1:].shape
    error = np.array([frobenius(R) ** 2 for R in p.R])
    later = {**it.certificate, "t": t[1:]}
    YP = it.Y @ np.linalg.pinv(it.C @ it.Y) @ it.C @ it.Y
    ZD = np.array([p.Z[i + 1] @ p.D[i] for i in range(T)])
    order = p.symmetric(p.Q)
    mode = {"u_i": np.tile(at["u"], (T, 1)), "w_i": Near(w[:-1], absolute=1e-12),
            "q_i": Near(q[:-1], absolute=1e-12)}  # fmt: skip
    norm_W = np.array([frobenius(W) for W in p.W])
    found = {
        "K": {
            "values": p.K[1:],
            "scale": np.broadcast_to(p.steady()[1:, None, None], entries),
            "symbols": {"K_0": np.tile(p.K[0], (T, 1, 1)), "DD": p.DD()[1:]},
        },
        "residual": {
            "values": p.R[1:], "scale": at["Y_F"] + eta * abs(ZD),
            "symbols": {
                "R_t": p.R[:-1], "ZD": ZD,
                "RWW": np.array([p.R[i] @ p.W[i].T @ p.W[i] for i in range(T)]),
            },
        },
        "forward_modes": {"values": w[1:], "scale": max(u) ** (1 / 3), "symbols": mode},
        "feedback_modes": {"values": q[1:], "scale": max(u) ** (2 / 3), "symbols": mode},
        "squared_error": {"values": error, "scale": at["Y_F"] ** 2, "symbols": curves},
        "lyapunov": {
            "values": p.L()[0] - p.L()[1:],
            "scale": np.array([frobenius(Q) ** 2 / 2 for Q in p.Q])[1:] + at["U_F"] * norm_W[1:],
            "symbols": later | {"S_1": S1[1:], "S_2": S2[1:]},
        },
        "path": {"values": eta * S1[1:], "symbols": later},
        "slowest": {
            "values": [min(D_sq[:i]) for i in t[1:]], "symbols": later, "trivial": at["D_0"] ** 2,
        },
        "weights": {"values": norm_W[1:], "symbols": later},
        "update": {
            "values": np.sqrt(D_sq), "symbols": {"t": t}, "trivial": at["D_0"],
            "scale": at["D_0"],
        },
        "inner_product": {
            "values": Near([sum(np.diag(Q)) for Q in p.Q[1:]], absolute=1e-12),
            "scale": p.steady()[1:], "symbols": {"W_sq": norm_W[1:] ** 2, "S_1": S1[1:]},
        },
        "alignment_eigenvalues": {
            "values": Near(order[1:], absolute=1e-12), "scale": abs(order).max(),
            "symbols": {"rho": Near(order[:-1], absolute=1e-12)},
        },
        "distance": {
            "values": [frobenius(Z @ W - YP) for Z, W in p.iterates], "scale": at["Y_F"],
            "symbols": seen,
        },
        "full_distance": {
            "values": np.sqrt(error), "scale": at["Y_F"], "symbols": seen,
        },
        "cosine": None,
    }  # fmt: skip
    if frobenius(p.Z[min(2, T)]) > 0:
        found["cosine"] = {
            "values": [cosine(it.C, Z) for Z in p.Z[2:]], "scale": 1.0,
            "symbols": curves | {"t": t[2:]},
        }  # fmt: skip
    return found


def cosine(C, Z):
    return sum((C.T * Z).ravel()) / frobenius(C) / frobenius(Z)


def flows(it):
    """The same of the flow."""
    p, at, times = it.flow, it.at, it.times
    T = len(times) - 1
    A, _, Bt = np.linalg.svd(it.C @ it.Y, full_matrices=False)
    A, B = A[:, : len(at["u"])], Bt[: len(at["u"])].T
    w, q = p.modes(A, p.W, B), p.modes(A, p.Q, A)
    D_sq = p.D_sq()
    by_time = {"time": times, "j": np.arange(T + 1), "phi": Near(it.phi, 1e-8)}
    later = {**by_time, "time": times[1:], "j": np.arange(1, T + 1)}
    spread = [len(at["u"]), 1]
    falls, scale, DW, WD = [], [], [], []
    for i in range(T + 1):
        D, Q, W = p.D[i], p.Q[i], p.W[i]
        R = p.R[i]
        velocity = -it.C @ (R @ W.T) @ W - Q @ it.C @ R
        falls.append(-2 * (D * velocity).sum())
        DW.append(frobenius(D @ W.T))
        WD.append(frobenius(W.T @ D))
        scale.append(2 * DW[-1] ** 2 + (2 * frobenius(Q) + at["K_F"]) * D_sq[i])
    loose = {"rtol": 1e-8, "atol": 1e-9}
    found = {
        "flow_K": {
            "values": Near(p.K[1:], **loose, absolute=1e-10), "scale": Near(max(p.steady()), 1e-8),
            "symbols": {"K_0": np.tile(p.K[0], (T, 1, 1))},
        },
        "flow_squared_error": {
            "values": Near([frobenius(R) ** 2 for R in p.R], **loose), "scale": at["Y_F"] ** 2,
            "symbols": by_time,
        },
        "lag": {
            "values": Near(1 - np.cbrt(q * w / at["u"])[1:], 1e-7, absolute=1e-9), "scale": 1.0,
            "symbols": {"u_i": np.tile(at["u"], (T, 1)),
                        "time": np.tile(times[1:, None], (1, spread[0]))},
        },
        "flow_lyapunov": {
            "values": Near(-p.L()[1:], **loose), "scale": Near(abs(p.L()).max(), 1e-8),
            "symbols": later,
        },
        "decay": {
            "values": Near(falls, **loose), "scale": Near(scale, **loose),
            "symbols": {"DW_F": Near(DW, **loose), "WD_F": Near(WD, **loose),
                        "D_F": Near(np.sqrt(D_sq), **loose)},
        },
        "flow_update": {
            "values": Near(D_sq, **loose), "trivial": at["D_0"] ** 2, "scale": at["D_0"] ** 2,
            "symbols": by_time,
        },
        "flow_cosine": None, "first_cosine": None, "last_cosine": None,
    }  # fmt: skip
    if p.Z[1].any():
        angles = [cosine(it.C, Z) for Z in p.Z[1:]]
        found["flow_cosine"] = {"values": Near(angles, 1e-8), "scale": 1.0, "symbols": later}
        for name, i in (("first_cosine", 0), ("last_cosine", -1)):
            one = {**later, "time": later["time"][i], "j": later["j"][i]}
            found[name] = {"values": Near([angles[i]], 1e-8), "scale": 1.0, "symbols": one}
    return found


def stars(it):
    """The same of FA*."""
    p, eta = it.star
    T, U, at = p.size - 1, it.C @ it.Y, it.at
    aligned = np.array([U @ W.T for W in p.W])
    order = p.symmetric(aligned)[:, 0]
    own = {"eta": eta, "W0_norm": spectral(p.W[0]), "UW_0": (U * p.W[0]).sum()}
    norm_W = np.array([frobenius(W) for W in p.W])
    gram = np.array([W @ W.T for W in p.W])
    size = at["U_F"] * norm_W[1:]
    D = np.sqrt(p.D_sq())
    advanced = [frobenius(d - eta * Q @ d) for d, Q in zip(p.D, p.Q, strict=True)]

    def across(values):
        return np.broadcast_to(values[:, None, None], gram[1:].shape)

    return {
        "star_gram": {
            "values": gram[1:], "scale": across(norm_W[1:] ** 2),
            "symbols": own | {"G_0": np.tile(gram[0], (T, 1, 1)), "DD": p.DD()[1:]},
        },
        "star_alignment": {
            "values": aligned[1:], "scale": across(size),
            "symbols": own | {"A_0": np.tile(aligned[0], (T, 1, 1)), "DD": p.DD()[1:]},
        },
        "star_least": {
            "values": order[1:], "scale": size, "symbols": own | {"least": order[:-1]},
        },
        "star_path": {
            "values": eta * p.sums(lambda s: D[s] ** 2)[1:],
            "symbols": own | {"t": np.arange(1, T + 1)},
            "scale": Near(at["U_nuclear"] * spectral(p.W[0]), 1e-9),
        },
        "star_update": {
            "values": D[1:], "scale": at["C_F"] * at["Y_F"],
            "symbols": own | {
                "t": np.arange(T), "advanced": advanced[:-1], "D_F": D[:-1],
                "lambda_Q": p.symmetric(p.Q)[:-1, 0], "Q_norm": [spectral(Q) for Q in p.Q[:-1]],
            },
        },
    }  # fmt: skip


ENDS = ("r", "k", "modes", "floor_sq", "sigma_U", "Y_F", "lift")


def endings(it):
    """The same of the ends."""
    seen = [s for s, _ in it.ends]
    at = {name: listed([row for _, row in it.ends], name) for name in (*ENDS, *seen[0].near()[0])}
    at["floor_sq"] = Near(at["floor_sq"], absolute=1e-14)
    products = np.array([s.Z[0] @ s.W[0] for s in seen])
    spans, reached, P = [], [], []
    for s in seen:
        Q = np.linalg.qr(s.W[0].T)[0][:, : np.linalg.matrix_rank(s.W[0], 1e-9)]
        spans.append(Q @ Q.T)
        U = s.C @ it.Y
        P.append(np.linalg.pinv(U, rcond=1e-10) @ U)
        reached.append(it.Y @ P[-1])

    def across(shape):
        return {
            name: replace(v, value=np.broadcast_to(np.reshape(v.value, (-1, 1, 1)), shape))
            if isinstance(v, Near) else np.broadcast_to(v[:, None, None], shape)
            for name, v in at.items()
        }  # fmt: skip

    entries = across(products.shape)
    size = frobenius(it.Y)
    return {
        "end_error": {"values": [frobenius(s.R[0]) for s in seen], "scale": size, "symbols": at},
        "end_product": {
            "values": products, "scale": size, "symbols": entries | {"YP": np.array(reached)},
        },
        "representation": {
            "values": np.array(spans), "scale": 1.0,
            "symbols": across(np.shape(P)) | {"P": np.array(P)},
        },
        "full_product": {
            "values": products, "scale": size,
            "symbols": entries | {"Y": np.tile(it.Y, (len(seen), 1, 1))},
        },
    }  # fmt: skip


def network(it):
    """A network on the inputs, example by example, and the matrices."""
    Y, _, X, T = it.drawn
    Z, W, eta = it.start(it.configuration.hidden)
    found = []
    for _ in range(it.configuration.steps):
        dZ, dW = 0 * Z, 0 * W
        for x, y in zip(X, T, strict=True):
            e = y - Z @ (W @ x)
            dZ += np.outer(e, W @ x) / len(X)
            dW += np.outer(it.C @ e, x) / len(X)
        Z, W = Z + eta * dZ, W + eta * dW
        found.append(Z @ W)
    matrices = np.array([z @ w for z, w in it.path.iterates[1:]])
    return {
        "values": np.array(found), "scale": frobenius(Y), "symbols": {"matrix_product": matrices}
    }  # fmt: skip


# --- over Gaussian feedback ----------------------------------------------------------------------


def gaussian(it, purpose, units, N):
    rng = numpy_generator("factorisation", purpose, it.salt)
    return rng.normal(size=(it.configuration.draws, units, N))


def spectrum(c):
    return c.signal * np.array([1 / (i + 1) for i in range(c.size)])


def drawn_error(it):
    c, sigma = it.configuration, spectrum(it.configuration)
    C = gaussian(it, "mean", max(2, c.largest_rank), c.size)
    r = range(2, max(2, c.largest_rank) + 1)
    left = [[by_hand.left(np.diag(sigma), each[:units]) for each in C] for units in r]
    total = sum(sigma**2)
    tail = [sum(sigma[i:] ** 2) for i in range(c.size + 1)]
    return {
        "values": Near(left, 1e-9, absolute=1e-12), "trivial": total, "scale": total,
        "symbols": {"units": np.array(r), "N": c.size, "tail": tail, "sigma": sigma},
    }  # fmt: skip


def one_unit_error(it):
    c, sigma = it.configuration, spectrum(it.configuration)
    C = gaussian(it, "mean", max(2, c.largest_rank), c.size)
    values = [sum(sigma**2) - sum((s * x) ** 2 * s**2 for s, x in zip(sigma, row[0], strict=True))
              / sum((sigma * row[0]) ** 2) for row in C]  # fmt: skip
    tail = [sum(sigma[i:] ** 2) for i in range(c.size + 1)]

    def integral(one):
        def density(t):
            return 1 / (1 + 2 * t * one**2) / np.prod(np.sqrt(1 + 2 * t * sigma**2))

        return quad(density, 0, np.inf, epsrel=1e-11, limit=400)[0]

    return {
        "values": values, "scale": sum(sigma**2),
        "symbols": {"r": 1, "N": c.size, "tail": tail, "sigma": sigma,
                    "J": Near([integral(one) for one in sigma], 1e-8)},
    }  # fmt: skip


def levels(it):
    """By quantity, two levels."""
    c = it.configuration
    N, r, p, tau = c.size, c.hidden, c.spikes, c.signal**2
    s = c.spike * tau
    C = gaussian(it, "levels", r, N)
    Y = np.diag([sqrt(s)] * p + [sqrt(tau)] * (N - p))
    left = np.array([by_hand.left(Y, each) for each in C])
    best = sum(sorted(np.diag(Y) ** 2)[: N - r])
    f = []
    for each in C:
        inverse = np.linalg.inv(each[:, p:] @ each[:, p:].T)
        f.append(np.linalg.eigvalsh(each[:, :p].T @ inverse @ each[:, :p])[::-1])
    at = {"N": N, "r": r, "p": p, "s": s, "tau": tau}
    one = at | {"f": Near(f, 1e-8), "c": np.arange(c.draws)}
    scale, near = N * sqrt(s * tau), {"rtol": 1e-9, "absolute": 1e-10}
    return {
        "excess": {"values": Near(left - best, **near), "scale": scale, "symbols": one},
        "excess_of_one": {"values": Near(left - best, **near), "scale": scale, "symbols": at},
        "mean_excess": {"values": Near(left - best, **near), "scale": scale, "symbols": at},
        "ratio": {"values": Near(left / best, **near), "scale": scale / best, "symbols": one},
    }


def slope_of_ratio(it):
    c, slopes = it.configuration, []
    for sweep in range(c.sweeps):
        medians = []
        for r in (2, 4, 8, 16):
            rng = numpy_generator("factorisation", "growth", r, sweep, it.salt)
            Y = np.diag([1e3] * r + [1.0] * (7 * r))
            ratios = [by_hand.left(Y, C) / (7 * r) for C in rng.normal(size=(75, r, 8 * r))]
            medians.append(np.median(ratios))
        slopes.append(np.polyfit(np.log([2, 4, 8, 16]), np.log(medians), 1)[0])
    near = [float(abs(slope - 1) <= c.tolerance) for slope in slopes]
    symbols = {"smallest": 2, "largest": 16, "widths": 4, "tolerance": c.tolerance}
    return {"values": near, "symbols": symbols}


def overlaps(it):
    """By quantity, at nearly equal error."""
    c, r = it.configuration, it.configuration.hidden
    sizes = [c.size, 2 * c.size, 4 * c.size]
    rows = {"overlap": [], "error": [], "fixed": []}
    for N in sizes:
        Y = np.diag([sqrt(1 + c.excess)] * r + [1.0] * (N - r))
        top = np.diag([1.0] * r + [0.0] * (N - r))
        C = gaussian(it, f"overlap {N}", r, N)
        P = [np.linalg.pinv(each @ Y) @ each @ Y for each in C]
        rows["overlap"].append([np.trace(top @ one) / r for one in P])
        rows["error"].append([by_hand.left(Y, each) / (N - r) for each in C])
        C = gaussian(it, f"isotropic {N}", r, N)
        P = [np.linalg.pinv(each) @ each for each in C]
        rows["fixed"].append([np.trace(top @ one) / r for one in P])
    at = {"r": r, "epsilon": c.excess}
    every = np.tile(np.array(sizes)[:, None], (1, c.draws))
    return {
        "overlap": {"values": rows["overlap"], "trivial": 1.0, "symbols": at | {"N": sizes}},
        "equal_error": {
            "values": rows["error"], "scale": max(sizes), "symbols": at | {"N": every},
        },
        "isotropic_overlap": {"values": rows["fixed"], "symbols": at | {"N": sizes}},
    }  # fmt: skip


GROUPS = {
    steps: ("K", "residual", "forward_modes", "feedback_modes", "squared_error", "lyapunov", "path",
            "slowest", "weights", "update", "inner_product", "alignment_eigenvalues", "distance",
            "full_distance", "cosine"),
    flows: ("flow_K", "flow_squared_error", "lag", "flow_lyapunov", "decay", "flow_update",
            "flow_cosine", "first_cosine", "last_cosine"),
    stars: ("star_gram", "star_alignment", "star_least", "star_path", "star_update"),
    endings: ("end_error", "end_product", "representation", "full_product"),
    levels: ("excess", "excess_of_one", "mean_excess", "ratio"),
    overlaps: ("overlap", "equal_error", "isotropic_overlap"),
}  # fmt: skip


def of(group, name):
    cached = lru_cache(None)(group)
    return lambda it: cached(it)[name]


COMMON = (
    "r", "k", "eta", "u", "modes", "u_max", "u_min", "a", "floor_sq", "U_F", "U_nuclear", "Y_F",
    "C_F", "sigma_U", "C_norm", "lambda_C", "lift", "lambda_K", "K_F", "W0_sq", "W0_norm", "trQ_0",
    "L_0", "D_0", "UW_0", "zeta", "start",
)  # fmt: skip

ORACLES = Oracles(
    ingredients=lru_cache(Ingredients),
    symbols={
        name: lambda it, name=name: Near(it.at[name], 1e-9, 1e-12, absolute=1e-13)
        for name in COMMON
    },
    samples={
        **{name: of(group, name) for group, names in GROUPS.items() for name in names},
        "network_product": network,
        "drawn_error": drawn_error,
        "one_unit_error": one_unit_error,
        "slope_of_ratio": slope_of_ratio,
    },
)
