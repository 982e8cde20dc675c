"""Deep networks in numpy, one at a time: explicit Jacobians, flat parameters, norms by SVD.

Written from the formulas of the claims alone, with loops over samples, pixels and layers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, pi, sqrt
from typing import Any

import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf

from verify.judging.seeds import torch_generator

SIGMA: dict[str, Any] = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2),
    "erf": (lambda z: erf(z / sqrt(2)), lambda z: sqrt(2 / pi) * np.exp(-(z**2) / 2)),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
}
BOUNDS = {
    "tanh": (1.0, 4 / (3 * sqrt(3))),
    "erf": (sqrt(2 / pi), sqrt(2 / pi) * exp(-0.5)),
    "softplus": (1.0, 0.25),
}


def c_s(activation):
    """1/E sigma(z)^2 by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    return sqrt(2 * pi) / (weights * SIGMA[activation][0](nodes) ** 2).sum()


@dataclass(frozen=True, eq=False)
class Net:
    """One network: W^l (m_l, q m_{l-1}), a (p m_H,), beta and nu by layer."""

    W: Any
    a: np.ndarray
    beta: tuple[float, ...]
    nu: tuple[float, ...]
    activation: str
    kappa: float = 1.0
    pixels: int = 1
    patch: int = 1

    @property
    def t(self):
        """All parameters as one vector."""
        return np.concatenate([*(w.ravel() for w in self.W), self.a])

    def at(self, t):
        """The network at other parameters."""
        W, first = [], 0
        for w in self.W:
            W.append(t[first : first + w.size].reshape(w.shape))
            first += w.size
        return replace(self, W=W, a=t[first:])

    def gather(self, h):
        """Patches (pixels, q m) of features (pixels, m)."""
        rows = [[h[(i + s) % self.pixels] for s in range(self.patch)] for i in range(self.pixels)]
        return np.array([np.concatenate(row) for row in rows])

    def scatter(self, rows):
        """The transpose of `gather`."""
        m = rows.shape[1] // self.patch
        found = np.zeros((self.pixels, m))
        for i in range(self.pixels):
            for s in range(self.patch):
                found[(i + s) % self.pixels] += rows[i, s * m : (s + 1) * m]
        return found

    def forward(self, x):
        """Features h^0, .., h^H of one input, each (pixels, m), and z^1, .., z^H."""
        h, zs = [x.reshape(self.pixels, -1)], []
        for beta, nu, w in zip(self.beta, self.nu, self.W, strict=True):
            z = np.array([w @ patch for patch in self.gather(h[-1])])
            new = nu * SIGMA[self.activation][0](z)
            h.append(new + beta * h[-1] if beta else new)
            zs.append(z)
        return h, zs

    def backward(self, x):
        """g^1, .., g^H of one input."""
        _, zs = self.forward(x)
        g = [self.a.reshape(self.pixels, -1)]
        for at in range(len(self.W) - 1, 0, -1):
            slope = self.nu[at] * SIGMA[self.activation][1](zs[at]) * g[0]
            before = self.scatter(np.array([self.W[at].T @ row for row in slope]))
            g.insert(0, before + self.beta[at] * g[0] if self.beta[at] else before)
        return g

    def output(self, x):
        return float(self.kappa * self.a @ self.forward(x)[0][-1].ravel())

    def row(self, x):
        """The row of J of one input, (P,)."""
        h, zs = self.forward(x)
        parts = []
        for at, g in enumerate(self.backward(x)):
            slope = self.nu[at] * SIGMA[self.activation][1](zs[at]) * g
            patches = self.gather(h[at])
            parts.append(sum(np.outer(s, p) for s, p in zip(slope, patches, strict=True)).ravel())
        return self.kappa * np.concatenate([*parts, h[-1].ravel()])

    def jacobian(self, X):
        return np.array([self.row(x) for x in X])

    def outputs(self, X):
        return np.array([self.output(x) for x in X])


def drawn(architecture, activation, depth, m, d, c_res, salt, pixels=1, patch=1):
    """The network of that salt, at gain 1."""
    if architecture != "conv":
        pixels = patch = 1
    first = sqrt(c_s(activation) / m)
    later = first if architecture == "fc" else c_res / (depth * sqrt(m))
    kept = 0.0 if architecture == "fc" else 1.0
    generator = torch_generator("deep", salt)
    sizes = [d // pixels] + [m] * depth
    W = [
        torch.randn(m, patch * before, generator=generator, dtype=torch.float64).numpy()
        for before in sizes[:-1]
    ]
    a = torch.randn(pixels * m, generator=generator, dtype=torch.float64).numpy()
    beta, nu = (0.0,) + (kept,) * (depth - 1), (first,) + (later,) * (depth - 1)
    return Net(W, a, beta, nu, activation, 1.0, pixels, patch)


def spectral(M):
    return float(np.linalg.svd(np.atleast_2d(M), compute_uv=False)[0])


def lipschitz_by_norms(net, X, R):
    """(DG1) with patches, at unit gain: scalars and loops."""
    s1, s2 = BOUNDS[net.activation]
    H, root = len(net.W), sqrt(net.patch)
    h = [net.forward(x)[0] for x in X]
    g = [net.backward(x) for x in X]
    norm_W = [spectral(w) for w in net.W]
    g2 = [max(np.linalg.norm(one[at]) for one in g) for at in range(H)]
    top = [max(np.abs(one[at]).max() for one in g) for at in range(H)]
    k, kB, c, cB, before = np.zeros(H + 1), np.zeros(H + 1), [], [], []
    for at in range(H):
        om = root * (norm_W[at] + R)
        N = max(spectral(net.gather(one[at])) for one in h) + root * R * np.linalg.norm(k)
        together = np.concatenate([net.gather(one[at]) for one in h])
        B = spectral(together) + root * R * np.linalg.norm(kB)
        one = np.eye(H + 1)[at]
        c.append(om * k + N * one)
        cB.append(om * kB + B * one)
        before.append(kB)
        k = (net.beta[at] + net.nu[at] * s1 * om) * k + net.nu[at] * s1 * N * one
        kB = (net.beta[at] + net.nu[at] * s1 * om) * kB + net.nu[at] * s1 * B * one
    D = [0.0] * H
    D[H - 1] = R
    for at in range(H - 1, 0, -1):
        nu = net.nu[at]
        D[at - 1] = (
            root * R * nu * s1 * (g2[at] + D[at])
            + root * norm_W[at] * nu * (s2 * R * np.linalg.norm(c[at]) * top[at] + s1 * D[at])
            + net.beta[at] * D[at]
        )
    return _largest(net, H, root, s1, s2, D, g2, top, c, cB, before, kB)


def lipschitz_by_jacobians(net, X, R):
    """(DG1'): sums over layers, written out; layers numbered from 1."""
    s1, s2 = BOUNDS[net.activation]
    H = len(net.W)
    h = [net.forward(x)[0] for x in X]
    zs = [net.forward(x)[1] for x in X]
    g = [net.backward(x) for x in X]
    g2 = [max(np.linalg.norm(one[at]) for one in g) for at in range(H)]
    top = [max(np.abs(one[at]).max() for one in g) for at in range(H)]
    norm_W = [spectral(w) for w in net.W]

    def jacobian(i, last, j):
        """dh^last/dh^j of input i."""
        product = np.eye(len(h[i][j].ravel()))
        for at in range(j, last):
            slopes = np.diag(SIGMA[net.activation][1](zs[i][at].ravel()))
            layer = net.nu[at] * slopes @ net.W[at]
            if net.beta[at]:
                layer = layer + net.beta[at] * np.eye(len(layer))
            product = layer @ product
        return product

    every = range(len(X))
    p0 = {(last, j): max(spectral(jacobian(i, last, j)) for i in every)
          for last in range(1, H + 1) for j in range(1, last)}  # fmt: skip
    v0 = {(last, j): max(spectral(net.W[last - 1] @ jacobian(i, last - 1, j)) for i in every)
          for last in range(1, H + 1) for j in range(1, last)}  # fmt: skip
    p0 |= {(at, at): 1.0 for at in range(1, H + 1)}
    p, phi, N, B, c, cB, before = {}, {}, {}, {}, [], [], []
    k, kB = np.zeros(H + 1), np.zeros(H + 1)
    for at in range(1, H + 1):
        N[at - 1] = max(np.linalg.norm(one[at - 1]) for one in h) + R * np.linalg.norm(k)
        B[at - 1] = spectral([one[at - 1].ravel() for one in h]) + R * np.linalg.norm(kB)
        ci, cBi = np.zeros(H + 1), np.zeros(H + 1)
        for j in range(1, at):
            v = v0[at, j] + R * p[at - 1, j]
            v += sum(v0[at, i] * phi[i] * p[i - 1, j] for i in range(j + 1, at))
            ci[j - 1] = v * net.nu[j - 1] * s1 * N[j - 1]
            cBi[j - 1] = v * net.nu[j - 1] * s1 * B[j - 1]
        ci[at - 1], cBi[at - 1] = N[at - 1], B[at - 1]
        phi[at] = net.nu[at - 1] * R * (s1 + s2 * np.linalg.norm(ci) * norm_W[at - 1])
        for j in range(1, at):
            p[at, j] = p0[at, j] + sum(
                p0[at, i] * phi[i] * p[i - 1, j] for i in range(j + 1, at + 1)
            )
        p[at, at] = 1.0
        before.append(kB)
        k, kB = np.zeros(H + 1), np.zeros(H + 1)
        for j in range(1, at + 1):
            k[j - 1] = p[at, j] * net.nu[j - 1] * s1 * N[j - 1]
            kB[j - 1] = p[at, j] * net.nu[j - 1] * s1 * B[j - 1]
        c.append(ci)
        cB.append(cBi)
    D = []
    for at in range(1, H + 1):
        moved = R * p[H, at]
        for i in range(at + 1, H + 1):
            turned = s1 * g2[i - 1] + norm_W[i - 1] * s2 * np.linalg.norm(c[i - 1]) * top[i - 1]
            moved += p[i - 1, at] * net.nu[i - 1] * R * turned
        D.append(moved)
    return _largest(net, H, 1.0, s1, s2, D, g2, top, c, cB, before, kB)


def _largest(net, H, root, s1, s2, D, g2, top, c, cB, before, kB):
    M = np.zeros((H + 1, H + 1))
    for at in range(H):
        M += net.nu[at] * s2 * (top[at] + D[at]) * np.outer(c[at], cB[at])
        M[at] += 2 * root * net.nu[at] * s1 * (g2[at] + D[at]) * before[at]
    M[H] += 2 * kB
    return float(np.linalg.eigvalsh((M + M.T) / 2)[-1])


class Certified:
    """kappa*, R, L and the step size of one network, by scipy."""

    def __init__(self, net, X, y, lipschitz):
        self.net, self.X, self.E_0 = net, X, float(np.linalg.norm(y))
        J = net.jacobian(X)
        values = np.linalg.svd(J, compute_uv=False)
        self.s_0, self.S_0 = float(values[len(X) - 1]), float(values[0])
        known = {"L_norms": lipschitz_by_norms, "L_jacobians": lipschitz_by_jacobians}
        if net.pixels > 1:
            known["L_jacobians"] = lipschitz_by_norms
        names = {"best": list(known), "norms": ["L_norms"], "jacobians": ["L_jacobians"]}
        self.known, self.used = known, names[lipschitz]
        self.least = {name: self._least(known[name]) for name in self.used}
        self.kappa_star = min(star for star, _ in self.least.values())

    def room(self, bound, R):
        return self.s_0 * R - bound(self.net, self.X, R) * R**2 / 2

    def _least(self, bound):
        high = self.s_0 / bound(self.net, self.X, 0.0)
        found = minimize_scalar(lambda R: -self.room(bound, R), bounds=(0, high), method="bounded",
                                options={"xatol": 1e-10 * high})  # fmt: skip
        return self.E_0 / -found.fun, found.x

    def at(self, gain, step):
        """The symbols of the certificate, and the network with its gain."""
        kappa = gain * self.kappa_star
        radii = [
            brentq(lambda R, b=self.known[name]: kappa * self.room(b, R) - self.E_0, 0,
                   self.least[name][1], xtol=1e-15, rtol=1e-14)
            for name in self.used if kappa >= self.least[name][0]
        ]  # fmt: skip
        R = min(radii)
        found = {name: kappa * bound(self.net, self.X, R) for name, bound in self.known.items()}
        L, lam = min(found[name] for name in self.used), (kappa * self.s_0) ** 2
        end = 2 * self.E_0 / (kappa * self.s_0 + sqrt(lam - 2 * L * self.E_0))
        eta = step / (kappa * self.S_0 + L * end) ** 2
        symbols = {"lambda": lam, "S_0": kappa * self.S_0, "L": L, "R": R, "E_0": self.E_0,
                   "eta": eta, **found}  # fmt: skip
        return symbols, replace(self.net, kappa=kappa)


def descended(net, X, y, eta, steps, trained=None):
    """Parameters and residuals at steps 0..steps, (steps + 1, P) and (steps + 1, n)."""
    t, start = net.t, net.outputs(X)
    mask = np.ones_like(t) if trained is None else trained
    T, E = [], []
    for k in range(steps + 1):
        here = net.at(t)
        e = here.outputs(X) - start - y
        T.append(t)
        E.append(e)
        if k < steps:
            t = t - eta * mask * (here.jacobian(X).T @ e)
    return np.array(T), np.array(E)


def flowed(net, X, y, times):
    """Gradient flow of one network at the times, from 0: parameters, residuals, lengths."""
    start = net.outputs(X)

    def change(_, z):
        here = net.at(z[:-1])
        moved = -here.jacobian(X).T @ (here.outputs(X) - start - y)
        return np.append(moved, np.linalg.norm(moved))

    found = solve_ivp(change, (0, times[-1]), np.append(net.t, 0.0), "LSODA", times,
                      rtol=1e-12, atol=1e-14)  # fmt: skip
    T = found.y[:-1].T
    return T, np.array([net.at(t).outputs(X) - start - y for t in T]), found.y[-1]
