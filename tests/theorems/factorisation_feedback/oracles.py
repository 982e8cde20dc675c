"""Oracles of random feedback: every symbol and field, by hand."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.factorisation_feedback import oracles_drawn as drawn
from tests.theorems.factorisation_feedback.by_hand import frobenius, spectral
from tests.theorems.factorisation_feedback.ingredients import Ingredients, listed


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
            dW += np.outer((Z.T if it.gradient else it.C) @ e, x) / len(X)
        Z, W = Z + eta * dZ, W + eta * dW
        found.append(Z @ W)
    matrices = np.array([z @ w for z, w in it.path.iterates[1:]])
    return {
        "values": np.array(found), "scale": frobenius(Y), "symbols": {"matrix_product": matrices}
    }  # fmt: skip


GROUPS = {
    steps: ("K", "residual", "forward_modes", "feedback_modes", "squared_error", "lyapunov", "path",
            "slowest", "weights", "update", "inner_product", "alignment_eigenvalues", "distance",
            "full_distance", "cosine"),
    flows: ("flow_K", "flow_squared_error", "lag", "flow_lyapunov", "decay", "flow_update",
            "flow_cosine", "first_cosine", "last_cosine"),
    stars: ("star_gram", "star_alignment", "star_least", "star_path", "star_update"),
    endings: ("end_error", "end_product", "representation", "full_product"),
    drawn.levels: ("excess", "excess_of_one", "mean_excess", "ratio"),
    drawn.overlaps: ("overlap", "equal_error", "isotropic_overlap"),
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
        "transport": lambda it: it.transport,
        **{
            name: lambda it, name=name: Near(it.at[name], 1e-9, 1e-12, absolute=1e-13)
            for name in COMMON
        },
    },
    samples={
        **{name: of(group, name) for group, names in GROUPS.items() for name in names},
        "network_product": network,
        "drawn_error": drawn.drawn_error,
        "one_unit_error": drawn.one_unit_error,
        "slope_of_ratio": drawn.slope_of_ratio,
    },
)
