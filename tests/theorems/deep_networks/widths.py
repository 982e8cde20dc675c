"""Oracles of claims on the width alone: two layers of erf, and the published forms."""

from __future__ import annotations

from functools import cached_property
from math import ceil, exp, log, pi, sqrt

import numpy as np
import torch

from tests.theorems.deep_networks import by_hand
from tests.theorems.deep_networks.kernels import erf_kernel
from tests.theorems.deep_networks.paths import Paths
from verify.judging.seeds import torch_generator


class Widths(Paths):
    """Events of two layers at the width that is asked for, and of the published rates."""

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


SAMPLES = {
    "width": lambda it: {"values": it.two[1]["width"], "symbols": it.two[0]},
    "width_kernel": lambda it: {"values": it.two[1]["width_kernel"], "symbols": it.two[0]},
    "published_fully_connected": lambda it: it.published("published_fully_connected"),
    "published_residual": lambda it: it.published("published_residual"),
}
