"""Oracles of deep networks: every symbol, field and event, by explicit Jacobians."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import asin, ceil, exp, log, pi, sqrt

import numpy as np
import torch

from tests.oracles import Near, OnAProblem, Oracles
from tests.theorems.deep_networks import by_hand
from verify.judging.seeds import torch_generator

DRAWS, SWEEP_STEPS, SWEEP_LOOKS = 4, 60, (0, 2, 5, 10, 20, 40, 60)
DEPTHS = (1, 2, 3, 4, 6, 8)
WIDTHS = {"slope_of_gain": (None, -0.15), "slope_of_defect": (-1.0, None),
          "slope_of_kernel": (-1.0, None), "slope_of_start": (-0.5, None)}  # fmt: skip
OF_DEPTH = {
    "slope_of_resnet": ("resnet", "tanh", "best", True, (-np.inf, 1.5)),
    "slope_of_resnet_softplus": ("resnet", "softplus", "best", True, (-np.inf, 1.5)),
    "slope_of_fc_norms": ("fc", "tanh", "norms", False, (log(2), np.inf)),
    "slope_of_fc_jacobians": ("fc", "tanh", "jacobians", True, (-np.inf, 3.0)),
    "slope_of_softplus": ("fc", "softplus", "jacobians", False, (log(2), np.inf)),
}
CLOSE = {"rtol": 2e-8, "atol": 1e-9}
"""Searches by another method end within this."""


def erf_kernel(X, beta, c):
    """G_inf and K^(H), entry by entry."""
    n = len(X)
    S = [X @ X.T]
    for kept, added in zip(beta, c, strict=True):
        at, new = S[-1], np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                inside = at[i, j] / sqrt((1 + at[i, i]) * (1 + at[j, j]))
                new[i, j] = kept * at[i, j] + added**2 * 2 / pi * asin(inside)
        S.append(new)
    B, total, last = np.ones((n, n)), S[-1].copy(), None
    for at in range(len(c) - 1, -1, -1):
        slopes = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                sides = (1 + S[at][i, i]) * (1 + S[at][j, j]) - S[at][i, j] ** 2
                slopes[i, j] = 2 / pi / sqrt(sides)
        part = c[at] ** 2 * B * S[at] * slopes
        last = part if last is None else last
        total += part
        B = beta[at] * B + c[at] ** 2 * B * slopes
    return total, last


def slope(x, values):
    """Of log values on x, by least squares."""
    return float(np.polyfit(x, np.log(values), 1)[0])


@dataclass(frozen=True, eq=False)
class Ingredients(OnAProblem):
    """The problem and the networks, by hand."""

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

    # --- the main run ---

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

    # --- two layers ---

    @cached_property
    def two(self):
        """Symbols of (DG5), and its events."""
        c, X, n = self.configuration, self.X, len(self.X)
        K = [[2 / pi * X[i] @ X[j] / sqrt((1 + X[i] @ X[i]) * (1 + X[j] @ X[j]) - (X[i] @ X[j])**2)
              for j in range(n)] for i in range(n)]  # fmt: skip
        lam0 = float(np.linalg.eigvalsh(np.array(K))[0])
        low = (1 - c.epsilon) * lam0
        s2 = sqrt(2 / pi) * exp(-0.5)
        chernoff = (1 - c.epsilon) * log(1 - c.epsilon) + c.epsilon
        needed = max(
            4 / pi * self.norm_X**2 * log(n / c.delta) / (lam0 * chernoff),
            (4 * s2 * self.norm_X * self.y_norm / low) ** 2,
        )
        m = 2 * ceil(needed / 2)
        eta = c.step / (2 / pi * self.norm_X**2)
        L = s2 * self.norm_X / sqrt(m)
        A = low - 2 * L * self.y_norm
        z = [exp(-A * eta * k) for k in range(c.steps + 1)]
        bound = [A * self.y_norm * x / (A - 2 * L * self.y_norm * (x - 1)) for x in z]
        self.__dict__["bound_of_two"] = bound
        events = {"width": [], "width_kernel": []}
        for trial in range(c.trials):
            generator = torch_generator("pairs", f"{self.salt}/trial {trial}")
            half = torch.randn(m // 2, X.shape[1], generator=generator, dtype=torch.float64).numpy()
            net = by_hand.Net([np.repeat(half, 2, axis=0)], np.array([1.0, -1.0] * (m // 2)),
                              (0.0,), (m**-0.5,), "erf")  # fmt: skip
            hidden = np.r_[np.ones(m * X.shape[1]), np.zeros(m)]
            J = net.jacobian(X) * hidden
            events["width_kernel"].append(np.linalg.eigvalsh(J @ J.T)[0] >= low)
            _, E = by_hand.descended(net, X, self.y, eta, c.steps, hidden)
            kept = np.linalg.norm(E, axis=1) <= np.array(bound) * (1 + 1e-9)
            events["width"].append(kept.all())
        symbols = {"lambda_0": lam0, "eta": eta, "m": m, "n": n, "norm_X": self.norm_X,
                   "y_norm": self.y_norm, "row_norm_deviation": 0.0, "delta": c.delta,
                   "epsilon": c.epsilon}  # fmt: skip
        return symbols, {name: np.array(each, dtype=float) for name, each in events.items()}

    def published(self, name):
        c, n = self.configuration, len(self.X)
        architecture = "resnet" if name == "published_residual" else "fc"
        nets = [self.net(f"{name} {i}", architecture, "erf", c.depth, c.width)
                for i in range(c.trials)]  # fmt: skip
        scales = [nu * sqrt(c.width) for nu in nets[0].nu]
        last = float(np.linalg.eigvalsh(erf_kernel(self.X, nets[0].beta, scales)[1])[0])
        eta = last * c.depth**2 / n**2 if architecture == "resnet" else last / (n**2 * 2**c.depth)
        events = []
        for net in nets:
            _, E = by_hand.descended(net, self.X, self.y, eta, c.steps)
            loss = (E**2).sum(1)
            rate = [(1 - eta * last / 2) ** k for k in range(c.steps + 1)]
            events.append((loss <= np.array(rate) * loss[0] * (1 + 1e-9)).all())
        symbols = {"n": n, "m": c.width, "H": c.depth, "delta": c.delta, "C_m": 1.0, "C_eta": 1.0,
                   "C_H": 1.0, "l": last, "eta": eta}  # fmt: skip
        return {"values": np.array(events, dtype=float), "symbols": symbols}

    # --- sweeps ---

    @cached_property
    def widths(self):
        c, found = self.configuration, []
        m = c.smallest
        while m <= c.largest:
            found.append(m)
            m *= 2
        return found

    def departure(self, net, kappa):
        """max ||e_k - el_k||/||y|| and max ||G_k - G_0||, at eta = 1/S_0^2 of gain kappa."""
        net = replace(net, kappa=kappa)
        J = net.jacobian(self.X)
        G_0 = J @ J.T
        eta = 1 / np.linalg.eigvalsh(G_0)[-1]
        T, E = by_hand.descended(net, self.X, self.y, eta, SWEEP_STEPS)
        step, now, defects = np.eye(len(self.y)) - eta * G_0, -self.y, []
        changes = []
        for k in range(SWEEP_STEPS + 1):
            if k in SWEEP_LOOKS:
                defects.append(np.linalg.norm(E[k] - now))
                J = net.at(T[k]).jacobian(self.X)
                changes.append(by_hand.spectral(J @ J.T - G_0))
            now = step @ now
        return max(defects) / self.y_norm, max(changes)

    def erf_net(self, name, m):
        c = self.configuration
        return self.net(name, "fc" if c.architecture == "fc" else "resnet", "erf", c.depth, m)

    @cached_property
    def limit(self):
        net = self.erf_net("limit", 4)
        return erf_kernel(self.X, net.beta, [nu * 2 for nu in net.nu])[0]

    @cached_property
    def swept(self):
        """By quantity: (widths, sweeps, draws)."""
        c, found = self.configuration, {}
        for name in ("slope_of_gain", "slope_of_defect", "slope_of_kernel", "slope_of_start",
                     "kernel_at_start"):  # fmt: skip
            found[name] = np.zeros((len(self.widths), c.sweeps * DRAWS))
        for row, m in enumerate(self.widths):
            for i in range(c.sweeps * DRAWS):
                net = self.net(f"width {m} {i}", c.architecture, c.activation, c.depth, m)
                one = by_hand.Certified(net, self.X, self.y, c.lipschitz)
                found["slope_of_gain"][row, i] = one.kappa_star
                both = self.departure(net, 1.0)
                found["slope_of_defect"][row, i], found["slope_of_kernel"][row, i] = both
                J = self.erf_net(f"width {m} {i}", m).jacobian(self.X)
                found["slope_of_start"][row, i] = by_hand.spectral(J @ J.T - self.limit)
                along = np.linalg.norm(J.T @ self.y) ** 2 / self.y_norm**2
                found["kernel_at_start"][row, i] = along
        return found

    def width_slopes(self, name):
        c = self.configuration
        rows = self.swept[name].reshape(len(self.widths), c.sweeps, DRAWS).mean(2)
        return np.array([slope(np.log(self.widths), rows[:, i]) for i in range(c.sweeps)])

    def width_events(self, name):
        c = self.configuration
        exponent, highest = WIDTHS[name]
        low = -0.5 - c.tolerance if exponent is None else exponent - c.tolerance
        high = exponent + c.tolerance if highest is None else highest
        slopes = self.width_slopes(name)
        return ((slopes >= low) & (slopes <= high)).astype(float)

    @cached_property
    def gain_slopes(self):
        c, found = self.configuration, []
        for i in range(c.sweeps):
            net = self.net(f"gain {i}", c.architecture, c.activation, c.depth, c.smallest)
            values = [self.departure(net, kappa)[0] for kappa in (1.0, 2.0, 4.0, 8.0)]
            found.append(slope(np.log([1, 2, 4, 8]), values))
        return np.array(found)

    @property
    def gain_events(self):
        return (abs(self.gain_slopes + 1) <= self.configuration.tolerance).astype(float)

    @cached_property
    def depths(self):
        return [H for H in DEPTHS if self.configuration.deepest >= H]

    @lru_cache(None)  # noqa: B019 - ingredients live as long as a test
    def depth_slopes(self, name):
        architecture, activation, how, logs, _ = OF_DEPTH[name]
        c, found = self.configuration, []
        for i in range(c.sweeps):
            stars = []
            for H in self.depths:
                net = self.net(f"depth {H} {i}", architecture, activation, H, c.smallest)
                stars.append(by_hand.Certified(net, self.X, self.y, how).kappa_star)
            found.append(slope(np.log(self.depths) if logs else self.depths, stars))
        return np.array(found)

    def depth_events(self, name):
        low, high = OF_DEPTH[name][-1]
        slopes = self.depth_slopes(name)
        return ((slopes >= low) & (slopes <= high)).astype(float)

    def sizes(self, sizes):
        return {"smallest": float(sizes[0]), "largest": float(sizes[-1]), "sizes": len(sizes),
                "tolerance": self.configuration.tolerance}  # fmt: skip


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


def event(values, symbols):
    return lambda it: {"values": values(it), "symbols": symbols(it)}


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
    "width": lambda it: {"values": it.two[1]["width"], "symbols": it.two[0]},
    "width_kernel": lambda it: {"values": it.two[1]["width_kernel"], "symbols": it.two[0]},
    "published_fully_connected": lambda it: it.published("published_fully_connected"),
    "published_residual": lambda it: it.published("published_residual"),
    "kernel_at_start": lambda it: {
        "values": it.swept["kernel_at_start"],
        "symbols": {"m": it.widths, "G_y": it.y @ it.limit @ it.y / it.y_norm**2},
    },
    "slope_of_defect_in_gain": lambda it: {
        "values": it.gain_events, "symbols": it.sizes((1.0, 2.0, 4.0, 8.0))
    },
} | {
    name: event(lambda it, n=name: it.width_events(n), lambda it: it.sizes(it.widths))
    for name in WIDTHS
} | {
    name: event(lambda it, n=name: it.depth_events(n), lambda it: it.sizes(it.depths))
    for name in OF_DEPTH
}  # fmt: skip

ORACLES = Oracles(
    ingredients=Ingredients,
    symbols=SYMBOLS,
    samples=SAMPLES,
    initialisations={
        "residual_path": lambda it: PATH(it)[1:],
        "parabola": lambda it: PARABOLA(it)[1:],
    },
)
