"""Oracles of gradient flow under the certificate, by explicit Jacobians."""

from __future__ import annotations

from functools import cached_property
from math import exp, sqrt

import numpy as np
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import brentq

from tests.oracles import Near
from tests.theorems.deep_networks import by_hand
from tests.theorems.deep_networks.paths import CLOSE, Paths


class Flows(Paths):
    """What gradient flow shows at the looks, eta k."""

    @cached_property
    def times(self):
        return self.column("eta") * np.array(self.looks)

    @cached_property
    def flows(self):
        """By seed: parameters, residuals, Jacobians and lengths at 0 and at the looks."""
        found = []
        for times, (_, _, net) in zip(self.times, self.certified, strict=True):
            T, E, lengths = by_hand.flowed(net, self.X, self.y, np.append(0.0, times))
            found.append((T, E, [net.at(t).jacobian(self.X) for t in T], lengths))
        return found

    def flowing(self, of):
        """(seeds, looks) of a function of T, E, J, lengths and time."""
        pairs = zip(self.flows, self.times, strict=True)
        return np.array([of(*path, times) for path, times in pairs])

    @cached_property
    def integration(self):
        """1e-9 of ||y|| on top of the rounding, over the tolerance of a sample."""
        return self.rounding + self.y_norm

    @property
    def flow_scale(self):
        return Near(self.y_norm + self.integration, **CLOSE)

    @property
    def flow_moved(self):
        return Near((self.y_norm + self.integration) / np.sqrt(self.column("lambda")), **CLOSE)

    @cached_property
    def parabolas_of_flow(self):
        """|e| = E_0 exp(-w) once int_0^w dv/(s_0 - L t)^2 is the time, |e| = E_0 exp(-v) at t."""
        rows = []
        for times, (_, at, _) in zip(self.times, self.certified, strict=True):
            s_0, L, E_0 = sqrt(at["lambda"]), at["L"], at["E_0"]

            def slowness(v, s_0=s_0, L=L, E_0=E_0):
                t = (s_0 - sqrt(s_0**2 - 2 * L * E_0 * (1 - exp(-v)))) / L
                return 1 / (s_0 - L * t) ** 2

            def late(w, time, slowness=slowness):
                return quad(slowness, 0, w, epsrel=1e-12)[0] - time

            most = [time * s_0**2 * 1.01 for time in times]
            found = [brentq(late, 0, end, args=(time,), xtol=1e-13)
                     for end, time in zip(most, times, strict=True)]  # fmt: skip
            rows.append(E_0 * np.exp(-np.array(found)))
        return np.array(rows)


def flow_fields(values, *, trivial=False, scale=None, path=True, moving=False):
    def fields(it):
        symbols = {}
        if path:
            lengths = it.flowing(lambda T, E, J, rho, times: rho[1:])
            symbols = {"rho": Near(lengths, **CLOSE), "time": Near(it.times, **CLOSE)}
        if moving:
            symbols |= {"D": Near(it.flowing(_distance), **CLOSE),
                        "M": Near(it.flowing(_least), **CLOSE)}  # fmt: skip
        found = {
            "values": Near(it.flowing(values(it)), absolute=1e-10 * it.y_norm, **CLOSE),
            "symbols": symbols,
            "scale": it.flow_scale if scale is None else scale(it),
        }
        if trivial:
            found["trivial"] = it.y_norm * np.ones((len(it.times), 1))
        return found

    return fields


def _distance(T, E, J, rho, times):
    return np.linalg.norm(T[1:] - T[0], axis=1)


def _least(T, E, J, rho, times):
    inverse = np.linalg.pinv(J[0])
    return [np.linalg.norm(inverse @ (e - E[0])) for e in E[1:]]


def _defect(T, E, J, rho, times):
    laws = [expm(-J[0] @ J[0].T * time) @ E[0] for time in times]
    return np.linalg.norm(E[1:] - np.array(laws), axis=1)


def _remainder(T, E, J, rho, times):
    return [np.linalg.norm(e - E[0] - J[0] @ (t - T[0])) for e, t in zip(E[1:], T[1:], strict=True)]


def _lowest(T, E, J, rho, times):
    return [np.linalg.svd(now, compute_uv=False)[-1] ** 2 for now in J[1:]]


def _change(T, E, J, rho, times):
    return [by_hand.spectral(now @ now.T - J[0] @ J[0].T) for now in J[1:]]


def _top(it):
    return Near(it.column("S_0") ** 2, **CLOSE)


SAMPLES = {
    "flow_path": flow_fields(lambda it: lambda T, E, J, rho, times: rho[1:], path=False,
                             scale=lambda it: it.flow_moved),
    "flow_residual": flow_fields(
        lambda it: lambda T, E, J, rho, times: np.linalg.norm(E[1:], axis=1), trivial=True),
    "flow_smallest_eigenvalue": flow_fields(lambda it: _lowest, scale=_top),
    "flow_kernel_change": flow_fields(lambda it: _change, scale=_top),
    "flow_parabola": lambda it: {
        "values": Near(it.parabolas_of_flow, absolute=1e-10 * it.y_norm, **CLOSE),
        "symbols": {"time": Near(it.times, **CLOSE)},
        "trivial": it.y_norm * np.ones((len(it.times), 1)),
        "scale": it.y_norm * np.ones((len(it.times), 1)),
    },
    "flow_defect": flow_fields(lambda it: _defect, trivial=True),
    "flow_distance": flow_fields(lambda it: _distance, moving=True,
                                 scale=lambda it: it.flow_moved),
    "flow_remainder": flow_fields(lambda it: _remainder, trivial=True, moving=True),
}  # fmt: skip
