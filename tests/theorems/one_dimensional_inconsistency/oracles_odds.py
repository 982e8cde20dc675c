"""Oracles of how likely a kink crosses: networks one by one, and matrix exponentials."""

import numpy as np
import scipy.linalg
from scipy.stats import beta

from tests.oracles import Near
from tests.theorems.one_dimensional_inconsistency.by_hand import Halves

CLOSE = 1e-8
ROUGH = 3e-4
"""What is left of averages over angles and of maxima over time."""


def one_by_one(it):
    """The share of initialisations that the certificate holds for."""
    c = it.configuration
    starts = zip(*it.start(it.rng("certified"), c.draws, c.width), strict=True)
    count = 0
    for start in starts:
        half = Halves(it, *start)
        proof = half.certificate
        count += proof.holds and proof.reach < it.xi and half.room(c.certify_at) > 0
    return beta.ppf(1e-9, count, c.draws - count + 1) if count else 0.0


def stays(it):
    c = it.configuration
    symbols = {"certified": one_by_one(it), "m": c.width}
    return {"values": it.stays("draws", c.draws, c.width), "symbols": symbols}


def sizes(it):
    return it.configuration.smallest * np.array([1, 4, 16])


def shares(it, words, shift):
    """(3, trials)."""
    n, copies = it.configuration.trials, it.configuration.copies
    return np.array([it.stays(f"{words} {m}", n, int(m), float(shift(m)), copies)
                     for m in sizes(it)])  # fmt: skip


class Law:
    """(HS6), (HS7) by matrix exponentials."""

    def __init__(self, it):
        M, _ = it.sums(it.full)
        self.xi, self.chi = it.xi, M[:, 0, 1] / M[:, 0, 0]
        self.D = M[:, 1, 1] - M[:, 0, 1] ** 2 / M[:, 0, 0]
        self.generator = self.D[:, None] * np.array([[2.0, 1.0], [1.0, 2.0]])

    def paths(self, tau, count=400):
        times = np.linspace(0, tau, count)
        return np.array([scipy.linalg.expm(-self.generator * t) for t in times])

    def reach(self, tau):
        angles = (np.arange(3001) + 0.5) * 2 * np.pi / 3001
        p = np.array([np.cos(angles), np.sin(angles)])
        B = abs(self.paths(tau) @ (self.chi[:, None] * p)).max(0) / self.xi
        up, down = np.maximum(p + B, 0), np.maximum(B - p, 0)
        return np.sqrt(np.pi) * (up + down).mean(1)  # E|p| of N(0, 2 I) is sqrt(pi)

    def drift(self, tau):
        end = np.linalg.inv([[2, 1], [1, 2]]) @ [1, 1]
        return max(abs(np.array([end - P @ end for P in self.paths(tau)])[:, 0])), max(
            abs(np.array([end - P @ end for P in self.paths(tau)])[:, 1])
        )


def scaled_crossing(it):
    crossing = 1 - shares(it, "width", lambda m: 0.0)
    reach = Law(it).reach(it.configuration.horizon)
    symbols = {"E_plus": Near(reach[0], ROUGH), "E_minus": Near(reach[1], ROUGH), "m": sizes(it),
               "narrowest": min(sizes(it))}  # fmt: skip
    return {"values": np.sqrt(sizes(it))[:, None] * crossing, "symbols": symbols}


def crossing_constant(it):
    law = Law(it)
    tau = it.configuration.horizon
    C = np.array([law.reach(t).sum() / (2 * np.pi) for t in (0.0, tau / 10, tau)])
    chi = {"chi_plus": abs(law.chi[0]), "chi_minus": abs(law.chi[1])}
    return {"values": Near(C, ROUGH), "symbols": chi, "scale": Near(1e5 * C, ROUGH)}


def stays_shifted(it):
    c, law = it.configuration, Law(it)
    drift, reach = law.drift(c.horizon), law.reach(c.horizon)
    symbols = {"b_plus": Near(drift[0], CLOSE), "b_minus": Near(drift[1], CLOSE), "m": sizes(it),
               "D_plus": Near(law.D[0], CLOSE), "D_minus": Near(law.D[1], CLOSE),
               "E_plus": Near(reach[0], ROUGH), "E_minus": Near(reach[1], ROUGH),
               "narrowest": min(sizes(it))}  # fmt: skip
    return {"values": shares(it, "shifted", lambda m: c.shift / np.sqrt(m)), "symbols": symbols}
