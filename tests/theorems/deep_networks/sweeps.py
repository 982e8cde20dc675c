"""Oracles of sweeps of width, gain and depth, network by network."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from math import log

import numpy as np

from tests.theorems.deep_networks import by_hand
from tests.theorems.deep_networks.kernels import erf_kernel
from tests.theorems.deep_networks.paths import Paths

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


def slope(x, values):
    """Of log values on x, by least squares."""
    return float(np.polyfit(x, np.log(values), 1)[0])


class Sweeps(Paths):
    """Slopes, and which are within their limits."""

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

    def in_width(self, name):
        """Means over the draws, (sweeps, widths)."""
        return self.swept[name].reshape(len(self.widths), -1, DRAWS).mean(2).T

    def width_slopes(self, name):
        return np.array([slope(np.log(self.widths), row) for row in self.in_width(name)])

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
    def in_depth(self, name):
        """kappa*, (sweeps, depths)."""
        architecture, activation, how, *_ = OF_DEPTH[name]
        return np.array([
            [by_hand.Certified(net, self.X, self.y, how).kappa_star for net in row]
            for row in self.of_depths(architecture, activation)
        ])  # fmt: skip

    @lru_cache(None)  # noqa: B019
    def defects_in_depth(self, architecture):
        """At kappa = 1, with tanh, (sweeps, depths)."""
        return np.array([[self.departure(net, 1.0)[0] for net in row]
                         for row in self.of_depths(architecture, "tanh")])  # fmt: skip

    def of_depths(self, architecture, activation):
        c = self.configuration
        return [[self.net(f"depth {H} {i}", architecture, activation, H, c.smallest)
                 for H in self.depths] for i in range(c.sweeps)]  # fmt: skip

    def depth_slopes(self, name):
        x = np.log(self.depths) if OF_DEPTH[name][3] else self.depths
        return np.array([slope(x, row) for row in self.in_depth(name)])

    def depth_events(self, name):
        low, high = OF_DEPTH[name][-1]
        slopes = self.depth_slopes(name)
        return ((slopes >= low) & (slopes <= high)).astype(float)

    def sizes(self, sizes):
        return {"smallest": float(sizes[0]), "largest": float(sizes[-1]), "sizes": len(sizes),
                "tolerance": self.configuration.tolerance}  # fmt: skip


def event(values, symbols):
    return lambda it: {"values": values(it), "symbols": symbols(it)}


SAMPLES = {
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
