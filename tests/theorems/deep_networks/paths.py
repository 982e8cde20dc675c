"""Oracles of certificates and of what descends under them, by explicit Jacobians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from tests.oracles import Near, OnAProblem
from tests.theorems.deep_networks import by_hand

CLOSE = {"rtol": 2e-8, "atol": 1e-9}
"""Searches by another method end within this."""


@dataclass(frozen=True, eq=False)
class Paths(OnAProblem):
    """The problem, the networks of the main run, and their paths."""

    @property
    def y_norm(self):
        return float(np.linalg.norm(self.y))

    @property
    def norm_X(self):
        return by_hand.spectral(self.X)

    def net(self, name, architecture, activation, depth, m):
        c = self.configuration
        return by_hand.drawn(architecture, activation, depth, m, self.X.shape[1], c.c_res,
                             f"{self.salt}/{name}", c.pixels, c.patch)  # fmt: skip

    @cached_property
    def certified(self):
        """By seed: the certificate, its symbols and the network with its gain."""
        c = self.configuration
        found = []
        for i in range(c.seeds):
            net = self.net(f"seed {i}", c.architecture, c.activation, c.depth, c.width)
            one = by_hand.Certified(net, self.X, self.y, c.lipschitz)
            found.append((one, *one.at(c.gain, c.step)))
        return found

    def column(self, name):
        return np.array([[symbols[name]] for _, symbols, _ in self.certified])

    @cached_property
    def looks(self):
        c = self.configuration
        wanted = [round(float(x)) for x in np.geomspace(1, c.steps, c.looks)]
        return sorted(set(wanted))

    @cached_property
    def paths(self):
        """By seed: parameters, residuals, Jacobians at 0 and at the looks."""
        found = []
        for _, symbols, net in self.certified:
            T, E = by_hand.descended(net, self.X, self.y, symbols["eta"], self.configuration.steps)
            J = [net.at(T[k]).jacobian(self.X) for k in (0, *self.looks)]
            found.append((T, E, J))
        return found

    def each(self, of):
        """(seeds, ...) of a function of (T, E, J), symbols, net."""
        pairs = zip(self.paths, self.certified, strict=True)
        return np.array([of(*path, symbols, net) for path, (_, symbols, net) in pairs])

    @cached_property
    def E(self):
        return self.each(lambda T, E, J, at, net: np.linalg.norm(E, axis=1))

    @cached_property
    def rho(self):
        def lengths(T, E, J, at, net):
            steps = np.linalg.norm(np.diff(T, axis=0), axis=1)
            return [steps[:k].sum() for k in range(len(T))]

        return self.each(lengths)

    @cached_property
    def D(self):
        return self.each(lambda T, E, J, at, net: np.linalg.norm(T[self.looks] - T[0], axis=1))

    @cached_property
    def M(self):
        def least(T, E, J, at, net):
            inverse = np.linalg.pinv(J[0])
            return [np.linalg.norm(inverse @ (E[k] - E[0])) for k in self.looks]

        return self.each(least)

    @cached_property
    def C(self):
        """max_K sqrt(a) sum_j (1-a)^j c_{K-1-j}, the sum as it stands."""
        found = []
        for _, at, _ in self.certified:
            a = at["eta"] * (at["lambda"] - 2 * at["L"] * at["E_0"])
            steps = self.configuration.steps
            c = [(2 * i / (2 * i + 1)) ** i / sqrt(2 * i + 1) for i in range(steps)]
            sums = [sum((1 - a) ** j * c[K - 1 - j] for j in range(K)) for K in range(1, steps + 1)]
            found.append([sqrt(a) * max(sums)])
        return np.array(found)

    @cached_property
    def rounding(self):
        """1e-13 of the sizes whose sum is an output, over the tolerance of a sample."""
        found = []
        for _, _, net in self.certified:
            largest = max(np.linalg.norm(net.forward(x)[0][-1]) for x in self.X)
            size = net.kappa * np.linalg.norm(net.a) * largest * sqrt(len(self.X))
            found.append([1e-4 * size])
        return np.array(found)

    @property
    def scale(self):
        return Near(self.y_norm + self.rounding, **CLOSE)

    @property
    def moved(self):
        return Near((self.y_norm + self.rounding) / np.sqrt(self.column("lambda")), **CLOSE)

    def law(self, E, J, eta):
        """(I - eta G_0)^k e_0 at the looks, by repeated multiplication."""
        step, now, found = np.eye(len(self.y)) - eta * J[0] @ J[0].T, -self.y, []
        for k in range(max(self.looks) + 1):
            if k in self.looks:
                found.append(now)
            now = step @ now
        return np.array(found)

    @cached_property
    def parabolas(self):
        found = []
        for _, at, _ in self.certified:
            s_0, t, row = sqrt(at["lambda"]), 0.0, []
            for _ in range(self.configuration.steps + 1):
                e = s_0 * t - at["L"] * t * t / 2 - at["E_0"]
                row.append(abs(e))
                t -= at["eta"] * (s_0 - at["L"] * t) * e
            found.append(row)
        return np.array(found)


def near(name):
    return lambda it: Near(it.column(name), **CLOSE)


SYMBOLS = {name: near(name) for name in
           ("lambda", "S_0", "L", "R", "E_0", "eta", "L_norms", "L_jacobians")} | {
    "C": lambda it: Near(it.C, **CLOSE),
    "k": lambda it: np.tile(np.arange(it.configuration.steps + 1), (len(it.paths), 1)),
    "q": lambda it: it.configuration.patch if it.configuration.architecture == "conv" else 1,
    "D": lambda it: Near(it.D, **CLOSE),
    "M": lambda it: Near(it.M, **CLOSE),
    "E": lambda it: Near(it.E[:, :-1], **CLOSE),
}  # fmt: skip


def residual(it):
    return {"values": Near(it.E, **CLOSE), "trivial": it.y_norm * np.ones((len(it.E), 1)),
            "scale": it.scale, "symbols": {"rho": Near(it.rho, **CLOSE)}}  # fmt: skip


def seen(values, *, trivial=False, scale=None, more=None):
    def fields(it):
        each = it.each(lambda *path: values(it, *path))
        rounding = 1e-12 * it.y_norm if trivial else 0.0  # small differences of residuals
        found = {"values": Near(each, absolute=rounding, **CLOSE),
                 "symbols": {"rho": Near(it.rho[:, it.looks], **CLOSE)},
                 "scale": it.scale if scale is None else Near(scale(it), **CLOSE)}  # fmt: skip
        if trivial:
            found["trivial"] = it.y_norm * np.ones((len(it.E), 1))
        return found

    return fields


def change(it, T, E, J, at, net):
    return [by_hand.spectral(now - J[0]) for now in J[1:]]


def kernel_change(it, T, E, J, at, net):
    return [by_hand.spectral(now @ now.T - J[0] @ J[0].T) for now in J[1:]]


def lowest(it, T, E, J, at, net):
    return [np.linalg.svd(now, compute_uv=False)[-1] ** 2 for now in J[1:]]


def defect(it, T, E, J, at, net):
    return np.linalg.norm(E[it.looks] - it.law(E, J, at["eta"]), axis=1)


def remainder(it, T, E, J, at, net):
    return [np.linalg.norm(E[k] + it.y - J[0] @ (T[k] - T[0])) for k in it.looks]


def one_path(rows, *, exact=False):
    """Fields of the samples of each network."""

    def fields(it):
        steps = np.arange(it.configuration.steps + 1)
        return [
            {"values": Near(row, **CLOSE), "trivial": it.y_norm,
             "scale": Near(it.y_norm + (0.0 if exact else it.rounding[i, 0]), **CLOSE),
             "symbols": {**{name: Near(value, **CLOSE)
                            for name, value in it.certified[i][1].items()}, "k": steps}}
            for i, row in enumerate(rows(it))
        ]  # fmt: skip

    return fields


PATH, PARABOLA = one_path(lambda it: it.E), one_path(lambda it: it.parabolas, exact=True)


SAMPLES = {
    "residual": residual,
    "residual_of_convolution": residual,
    "path": lambda it: {"values": Near(it.rho, **CLOSE), "scale": it.moved},
    "next_residual": lambda it: {
        "values": Near(it.E[:, 1:], **CLOSE), "trivial": Near(it.E[:, :-1], **CLOSE),
        "scale": it.scale,
    },
    "residual_path": lambda it: PATH(it)[0],
    "parabola": lambda it: PARABOLA(it)[0],
    "jacobian_change": seen(change, scale=lambda it: it.column("S_0")),
    "kernel_change": seen(kernel_change, scale=lambda it: it.column("S_0") ** 2),
    "smallest_eigenvalue": seen(lowest, scale=lambda it: it.column("S_0") ** 2),
    "defect": seen(defect, trivial=True),
    "remainder": seen(remainder, trivial=True),
    "distance": lambda it: {"values": Near(it.D, **CLOSE), "scale": it.moved,
                            "symbols": {"rho": Near(it.rho[:, it.looks], **CLOSE)}},
}  # fmt: skip
INITIALISATIONS = {
    "residual_path": lambda it: PATH(it)[1:],
    "parabola": lambda it: PARABOLA(it)[1:],
}
