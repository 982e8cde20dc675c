"""Oracles of what the convolutional network learns: signals, memories, losses of tests."""

from functools import partial
from math import exp, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.convolutional_overfitting.by_hand import loss, plus

LOOSE = partial(Near, rtol=1e-7, atol=1e-9)
LARGEST = 1e300
BOTH = (0, 1)


def of(it, name, shape, axis=1):
    return LOOSE(it.each(lambda run: getattr(run, name), shape, axis))


def signal_part(it):
    values = it.at(lambda run, W: np.maximum(run.signals(W), 0))
    shape = values.shape

    def per(measure):
        return LOOSE(it.each(lambda run: [measure(run, j) for j in BOTH], shape))

    share = it.each(
        lambda run: [[plus(v) / max(plus(max(row)), 1e-300) for v in row] for row in run.v], shape
    )
    symbols = {"v": of(it, "v", shape), "chi": per(lambda run, j: run.chi(j)),
               "share": LOOSE(share), "eta": of(it, "eta", shape),
               "shrink": of(it, "shrink", shape),
               "n_j": per(lambda run, j: len(run.members(j))),
               "N_top": per(lambda run, j: run.N_top(j))}  # fmt: skip
    return {"values": LOOSE(values), "symbols": symbols}


def class_signal(it):
    values = it.at(lambda run, W: [run.S(W, j) for j in BOTH])
    V, V_share, U, U_part = [], [], [], []
    for run in it.runs:
        for j in BOTH:
            most = max(run.v[j])
            V.append([plus(v) for v in run.v[j]])
            V_share.append([plus(v) / most if most > 0 else 0.0 for v in run.v[j]])
            rows = [i in run.members(j) for i in range(run.n)]
            U.append([[plus(u) * own for u in run.u[i]] for i, own in enumerate(rows)])
            U_part.append([[plus(u) / max(max(run.u[i]), 1e-300) * own for u in run.u[i]]
                           for i, own in enumerate(rows)])  # fmt: skip
    margin = it.at(lambda run, W: [min(run.margins(W)[i] for i in run.members(j)) for j in BOTH])
    chi = it.each(lambda run: [run.chi(j) for j in BOTH], values.shape)
    row = np.arange(2 * len(it.runs)).reshape(-1, 2)
    symbols = {"V": LOOSE(V), "V_share": LOOSE(V_share), "U": LOOSE(U), "U_part": LOOSE(U_part),
               "margin": LOOSE(margin), "chi": LOOSE(chi),
               "shrink": of(it, "shrink", values.shape),
               "row": np.broadcast_to(row, values.shape)}  # fmt: skip
    return {"values": LOOSE(values), "symbols": symbols}


def memory(it):
    values = it.at(lambda run, W: np.maximum(run.memories(W), 0))
    shape, K = values.shape, it.configuration.reach

    def per(measure):
        return LOOSE(it.each(lambda run: [measure(run, i) for i in range(run.n)], shape))

    symbols = {"u": of(it, "u", shape), "eta": of(it, "eta", shape),
               "shrink": of(it, "shrink", shape), "xi_sq": of(it, "xi_sq", shape),
               "N": per(lambda run, i: run.N(i)), "w": per(lambda run, i: run.w(run.head(i), K)),
               "fullest": per(lambda run, i: run.fullest(run.head(i), K)),
               "n_j": per(lambda run, i: len(run.members(run.head(i)))),
               "top": per(lambda run, i: max(run.v[run.head(i)]))}  # fmt: skip
    return {"values": LOOSE(values), "symbols": symbols}


def patch_loss(it):
    values = it.at(lambda run, W: run.test(W, it.tests))
    worst = it.each(lambda run: min(run.s(0) + run.s(1), LARGEST), values.shape)
    chi = it.each(lambda run: max(run.chi(0), run.chi(1)), values.shape)
    symbols = {"worst": LOOSE(worst), "chi_top": LOOSE(chi),
               "shrink": of(it, "shrink", values.shape)}  # fmt: skip
    return {"values": LOOSE(values), "symbols": symbols}


def chosen(it):
    """The run with the smallest of the largest psi."""
    K = it.configuration.reach
    return min(it.runs, key=lambda run: max(run.fullest(j, K) for j in BOTH))


def guess(it):
    run = chosen(it)
    return LOOSE(np.mean(run.test(run.W, it.tests)))


def test_loss(it):
    run, K = chosen(it), it.configuration.reach
    values = [run.test(run.path[k], it.tests) for k in it.keep]
    limits = np.array([[run.limit(i, r, K) for r in range(run.m)] for i in range(run.n)])
    fit, fit_mean, off = [], [], []
    for k in it.keep:
        losses = [loss(z) for z in run.margins(run.path[k])]
        rows = [[losses[i] for i in run.members(j)] for j in BOTH]
        most = [max((limits[i] ** run.q).mean() for i in run.members(j)) for j in BOTH]
        fit.append(sum(exp(run.nu(j)) * max(rows[j]) for j in BOTH) / 2)
        fit_mean.append(sum(exp(most[j]) * np.mean(rows[j]) for j in BOTH) / 2)
        off.append([sqrt(w[:-1] @ w[:-1]) for w in run.path[k].reshape(-1, run.X.shape[1])])
    off_most = []
    for j in BOTH:
        for r in range(run.m):
            size = run.W[j, r, :-1] @ run.W[j, r, :-1]
            size += sum((limits[i, r] ** 2 - plus(run.u[i, r]) ** 2) / run.xi_sq[i]
                        for i in run.members(j))  # fmt: skip
            off_most.append(sqrt(size))
    symbols = {
        "fit": LOOSE(np.minimum(fit, LARGEST)), "fit_mean": LOOSE(np.minimum(fit_mean, LARGEST)),
        "off": LOOSE(off), "off_most": LOOSE(np.minimum([off_most], LARGEST)),
        "O": LOOSE(np.mean([plus(-v) ** run.q for v in run.v.ravel()])),
        "chi_low": LOOSE(min(run.chi(0), run.chi(1))), "step": np.arange(len(it.keep)),
        "worst_class": LOOSE(max(run.fullest(j, K) for j in BOTH)), "shrink": LOOSE(run.shrink),
    }  # fmt: skip
    return {"values": LOOSE(values), "trivial": guess(it), "given": 1, "symbols": symbols}


def last_test_loss(it):
    run = chosen(it)
    epsilon = np.mean([loss(z) for z in run.margins(run.path[-1])])
    return {"values": LOOSE([run.test(run.path[-1], it.tests)]), "trivial": guess(it),
            "symbols": {"epsilon": LOOSE(epsilon)}}  # fmt: skip


def last_patch_loss(it):
    return {"values": LOOSE([run.test(run.path[-1], it.tests) for run in it.runs])}
