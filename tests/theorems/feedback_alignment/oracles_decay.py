"""Oracles of feedback alignment with decay."""

from itertools import pairwise

import numpy as np

from tests.oracles import Near
from tests.theorems.feedback_alignment.columns import columns, each, norm, rows, steps, transport


def late(it, shape):
    known = columns(it.starts, shape)
    return {"t": np.array(it.late) * np.ones(shape), "B2": known["B2"],
            "W_p_theta": known["W_p_theta"]}  # fmt: skip


def tangent(it):
    def tan(net):
        off = net.beta - net.b * (net.b @ net.beta) / (net.b @ net.b)
        along = net.b @ net.beta / norm(net.b)
        return norm(off) / along if along > 0 else 1e300

    values = each(it.aligned, tan)
    return {"values": Near(values, 1e-4), "scale": 1e-6, "symbols": late(it, values.shape)}


def pull(it):
    values = each(it.aligned, lambda net: norm(it.X.T @ net.e))
    return {"values": Near(values, 1e-4, absolute=1e-8), "scale": 1e-6,
            "symbols": late(it, values.shape)}  # fmt: skip


def decay_scale(it, shape):
    return rows([at["e_0"] + norm(it.inside(it.y)) for at in it.starts], shape)


def decayed_step(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    m, ends = it.configuration.width, [[], []]
    for path in it.paths:
        spectra = [
            np.linalg.eigvalsh(net.W.T @ net.W / m + (new.b @ new.beta) / m * np.eye(len(it.X.T)))
            for net, new in pairwise(path)
        ]
        ends[0].append([one[0] for one in spectra])
        ends[1].append([one[-1] for one in spectra])
    symbols = {"e_before": Near(values[:, :-1], 1e-8, 1e-9), **transport(it, it.paths)}
    symbols |= {"low_A": Near(np.array(ends[0]), 1e-7, 1e-8, 1e-12),
                "high_A": Near(np.array(ends[1]), 1e-7, 1e-8, 1e-12)}  # fmt: skip
    shape = values[:, 1:].shape
    return {"values": Near(values[:, 1:], 1e-8, 1e-9), "scale": decay_scale(it, shape),
            "symbols": symbols}  # fmt: skip


def decayed_error(it):
    values = each(it.paths, lambda net: norm(it.inside(net.e)))
    last = values.shape[1] - 1
    starts = [
        {**at, "a": it.best(at, it.linear, lambda at, a: it.lasts(at, a, last))} for at in it.starts
    ]
    symbols = {**columns(starts, values.shape), "k": steps(values.shape),
               **transport(it, it.paths)}  # fmt: skip
    if max(at["a"] for at in starts) < 1e-20:
        symbols["a"] = Near(rows([at["a"] for at in starts], values.shape), absolute=1e-12)
    return {"values": Near(values, 1e-8, 1e-9), "scale": decay_scale(it, values.shape),
            "symbols": symbols}  # fmt: skip


def after_decay(it, shape):
    starts = []
    for path in it.stopped:
        at = it.start(path[0])
        starts.append({**at, "a": it.best(at, it.linear)})
    moved = max(abs(path[0].beta - net.beta).max()
                for path, net in zip(it.stopped, it.nets, strict=True))  # fmt: skip
    return {**columns(starts, shape), "k": steps(shape), "lambda": 0.0,
            "transport": Near(moved if it.back else 0.0, 1e-8)}  # fmt: skip


def stopped_error(it):
    values = each(it.stopped, lambda net: norm(it.inside(net.e)))
    e_0 = rows(values[:, 0], values.shape)
    return {"values": Near(values, 1e-7, 1e-8), "trivial": Near(e_0, 1e-7),
            "scale": Near(e_0 + norm(it.inside(it.y)), 1e-7),
            "symbols": after_decay(it, values.shape)}  # fmt: skip


def stopped_alignment(it):
    values = each(it.stopped, lambda net: net.cosine)
    return {"values": Near(values, 1e-7, 1e-8), "scale": 1.0,
            "symbols": after_decay(it, values.shape)}  # fmt: skip


def saturated(it):
    found = {name: [] for name in ("B2", "B2_A", "z_p", "silent", "lost", "leaving")}
    x = it.X[0]
    for path in it.paths:
        first, end = path[0], path[-1]
        active = [r for r in range(end.m) if end.W[r] @ x > 0]
        A = [r for r in active if end.b[r] * it.y[0] > 0]
        b, z = end.b[A], first.W[A] @ x
        found["B2"].append(sum(end.b**2))
        found["B2_A"].append(sum(b**2))
        found["z_p"].append(norm(z - b * (b @ z) / (b @ b)) if A else 0.0)
        dead = [r for r in range(end.m) if r not in active]
        found["silent"].append(sum(end.beta[dead] ** 2) / sum(end.beta**2))
        found["lost"].append(sum(any(net.W[r] @ x <= 0 for net in path) for r in A))
        found["leaving"].append(len(active) - len(A))
    symbols = {name: Near(np.array(values, float), 1e-8, absolute=1e-12)
               for name, values in found.items()}  # fmt: skip
    symbols |= {
        "t": it.eta * it.configuration.steps,
        "others": len(it.X) - 1,
        **transport(it, it.paths),
    }
    values = np.array([path[-1].cosine for path in it.paths])
    return {"values": Near(values, 1e-8, 1e-9), "trivial": 1.0, "scale": 1.0, "symbols": symbols}
