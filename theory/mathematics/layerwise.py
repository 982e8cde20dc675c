"""The Lipschitz constant of the Jacobian of a deep network, from norms of its layers at the start.

    h^l = beta_l h^{l-1} + nu_l sigma(W^l Phi(h^{l-1})), l = 1..H,  u = kappa <a, h^H>,
    Phi the identity, or patches of q pixels (||Phi(h)|| = sqrt(q) ||h||)

All parameters t = (W^1, ..., W^H, a) in a ball of radius R around the start. L(R) bounds the second
derivative of sum_i v_i u_i for unit vectors v, so ||J(t) - J(t')|| <= L(R) ||t - t'|| there.

`by_norms` multiplies norms of layers; `by_jacobians` uses the true Jacobians dh^l/dh^j at the
start, which do not grow with depth as products of norms do. Both are convex and increasing in R.

    L(R) = kappa lambda_max(sym M), M a nonnegative (H+1) x (H+1) matrix over (delta^1.., delta_a):
    M = sum_l nu_l s2 Gi_l c_l cB_l^T + 2 sqrt(q) nu_l s1 G2_l 1_l kB_{l-1}^T + 2 1_a kB_H^T
    c_l, cB_l  <c_l, (||delta^j||)_j> bounds ||dz^l_i|| of each sample, cB_l that of all (Frobenius)
    k_l, kB_l  the same for h^l
    G2_l, Gi_l bound ||g^l_i|| and its largest entry, g^l = d<a, h^H>/dh^l

Proof. The second derivative along delta of u_i is sum_l nu_l <g^l_i, sigma'' (z')^2> + 2 sum_l nu_l
<g^l_i, sigma' delta^l Phi(h')^{l-1}> + 2 <delta_a, h'^H>. In the first sum the largest entry of g
meets ||z'||^2; sums over i with weights v are at most one norm per sample times one of the batch.
The Jacobians of layers in the ball differ from those of the start by a telescoping sum.

Least gain. kappa scales L, s_0 and S_0, not E_0 = ||y||. A certificate asks for R with q(R) <= 0,
q(r) = E_0 - s_0 r + L(R) r^2/2: it exists if and only if kappa >= kappa* = E_0/max_R (s_0 R - L(R)
R^2/2) at unit gain. As L(R) R^2 is convex the maximum is found by golden-section search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

SEARCH, BISECTIONS = 100, 60
"""Steps of the searches: GOLDEN^100 = 1e-21 and 2^-60 of the first interval remain."""

NARROW = 1e-12
"""Share of a radius below which an interval is searched no further.

Near its largest value a function of float64 tells radii apart to 1e-8 of them.
"""

GOLDEN = (5**0.5 - 1) / 2

SPARE = 1e-10
"""Share by which a radius exceeds the smallest, so that R >= R_star holds beyond rounding."""

TINY = 1e-300

Bound = Callable[[Array], Array]
"""L at unit gain, for radii (S,)."""


@dataclass(frozen=True, eq=False)
class Layers:
    """Norms of S networks at their start; arrays over layers l = 1..H have shape (S, H).

    beta, nu  (H,)
    s1, s2    sup |sigma'|, sup |sigma''|
    W         spectral norm of W^l
    N, B      of Phi(h^{l-1}), spectral: largest over samples; of the batch as one matrix
    g2, g_max largest ||g^l_i||; largest entry of |g^l|
    patch     q
    p0, v0    (S, H, H): largest spectral norms over samples of dh^l/dh^j and W^l dh^{l-1}/dh^j for
              j < l (p0 is 1 at j = l); only without patches, None where not computed
    """

    beta: Array
    nu: Array
    s1: float
    s2: float
    W: Array
    N: Array
    B: Array
    g2: Array
    g_max: Array
    patch: int = 1
    p0: Array | None = None
    v0: Array | None = None

    @property
    def depth(self) -> int:
        return len(self.nu)


def by_norms(at: Layers, R: Array) -> Array:
    """L(R) at unit gain from products of norms; R (S,)."""
    S, H = at.W.shape
    root = np.sqrt(at.patch)
    k, kB = np.zeros((S, H + 1)), np.zeros((S, H + 1))
    c: list[Array] = []
    cB: list[Array] = []
    kB_before: list[Array] = []
    for i in range(H):
        unit = np.eye(H + 1)[i]
        om = root * (at.W[:, i] + R)
        N = at.N[:, i] + root * R * _norm(k)
        B = at.B[:, i] + root * R * _norm(kB)
        c.append(om[:, None] * k + N[:, None] * unit)
        cB.append(om[:, None] * kB + B[:, None] * unit)
        kB_before.append(kB)
        k = at.beta[i] * k + at.nu[i] * at.s1 * c[-1]
        kB = at.beta[i] * kB + at.nu[i] * at.s1 * cB[-1]
    D = [R]
    for i in reversed(range(1, H)):
        G2, W = at.g2[:, i] + D[0], root * at.W[:, i] * at.nu[i]
        turned = at.s2 * R * _norm(c[i]) * at.g_max[:, i] + at.s1 * D[0]
        D.insert(0, root * R * at.nu[i] * at.s1 * G2 + W * turned + at.beta[i] * D[0])
    return _largest(at, np.stack(D, 1), c, cB, kB_before, kB)


def by_jacobians(at: Layers, R: Array) -> Array:
    """L(R) at unit gain from the layer Jacobians of the start; R (S,)."""
    assert at.p0 is not None
    assert at.v0 is not None
    S, H = at.W.shape
    p, phi = np.zeros((S, H, H)), np.zeros((S, H))
    k, kB = np.zeros((S, H + 1)), np.zeros((S, H + 1))
    c: list[Array] = []
    cB: list[Array] = []
    kB_before: list[Array] = []
    N, B = np.zeros((S, H)), np.zeros((S, H))
    for i in range(H):
        N[:, i], B[:, i] = at.N[:, i] + R * _norm(k), at.B[:, i] + R * _norm(kB)
        through = at.nu * at.s1
        v = at.v0[:, i] * (np.arange(H) < i)
        if i:  # sum over the layers between, from j+1 on: p is 0 before its diagonal
            between = _through(at.v0[:, i, 1:i] * phi[:, 1:i], p[:, : i - 1])
            v = v + R[:, None] * p[:, i - 1] + between
        for made, first in ((c, N), (cB, B)):
            row = np.zeros((S, H + 1))
            row[:, :i] = v[:, :i] * through[:i] * first[:, :i]
            row[:, i] = first[:, i]
            made.append(row)
        phi[:, i] = at.nu[i] * R * (at.s1 + at.s2 * _norm(c[-1]) * at.W[:, i])
        below = at.p0[:, i] * (np.arange(H) < i)
        p[:, i] = below + _through(at.p0[:, i, 1 : i + 1] * phi[:, 1 : i + 1], p[:, :i])
        p[:, i, i] = 1.0
        kB_before.append(kB)
        k, kB = np.zeros((S, H + 1)), np.zeros((S, H + 1))
        k[:, :H], kB[:, :H] = p[:, i] * through * N, p[:, i] * through * B
    lengths = np.stack([_norm(each) for each in c], 1)
    turned = at.s1 * at.g2 + at.W * at.s2 * lengths * at.g_max
    gained = at.nu * R[:, None] * turned
    D = R[:, None] * p[:, H - 1]
    D = D + np.stack([(p[:, j:-1, j] * gained[:, j + 1 :]).sum(1) for j in range(H)], 1)
    return _largest(at, D, c, cB, kB_before, kB)


def least_gain(bound: Bound, s_0: Array, E_0: Array) -> tuple[Array, Array]:
    """kappa* and the radius R at which it is attained; s_0, the root of lambda_min at unit gain."""
    low, high = np.zeros_like(s_0), s_0 / np.maximum(bound(np.zeros_like(s_0)), TINY)

    def room(R: Array) -> Array:
        return s_0 * R - bound(R) * R**2 / 2

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = room(left), room(right)
    for _ in range(SEARCH):  # of each two points one stays
        if (high - low <= NARROW * low).all():
            break
        rising = at_left < at_right
        low, high = np.where(rising, left, low), np.where(rising, high, right)
        new = np.where(rising, low + GOLDEN * (high - low), high - GOLDEN * (high - low))
        at_new = room(new)
        left, right = np.where(rising, right, new), np.where(rising, new, left)
        at_left, at_right = (
            np.where(rising, at_right, at_new), np.where(rising, at_new, at_left)
        )  # fmt: skip
    R = (low + high) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room(R) > 0, E_0 / room(R), np.inf), R


def radius(bound: Bound, s_0: Array, E_0: Array, kappa: Array, peak: Array | None = None) -> Array:
    """The smallest R with q(R) <= 0, rounded up; where kappa < kappa*, that at which kappa* is.

    peak  the latter, where `least_gain` has found it before
    """
    if peak is None:
        _, peak = least_gain(bound, s_0, E_0)
    low, high = np.zeros_like(peak), peak
    for _ in range(BISECTIONS):
        R = (low + high) / 2
        enough = kappa * (s_0 * R - bound(R) * R**2 / 2) >= E_0
        low, high = np.where(enough, low, R), np.where(enough, R, high)
    return np.minimum(peak, high * (1 + SPARE))


def _largest(
    at: Layers, D: Array, c: list[Array], cB: list[Array], kB_before: list[Array], kB: Array
) -> Array:
    """lambda_max of the symmetric part of M."""
    S, H = at.W.shape
    M = np.zeros((S, H + 1, H + 1))
    for i in range(H):
        curved = at.nu[i] * at.s2 * (at.g_max[:, i] + D[:, i])
        M += curved[:, None, None] * c[i][:, :, None] * cB[i][:, None, :]
        twice = 2 * np.sqrt(at.patch) * at.nu[i] * at.s1 * (at.g2[:, i] + D[:, i])
        M[:, i] += twice[:, None] * kB_before[i]
    M[:, H] += 2 * kB
    return np.linalg.eigvalsh((M + M.swapaxes(1, 2)) / 2)[:, -1]


def _through(weights: Array, p: Array) -> Array:
    """sum_i weights_i p_{i-1, j}: (S, i), (S, i, H) -> (S, H)."""
    return np.einsum("si,sij->sj", weights, p)


def _norm(rows: Array) -> Array:
    return np.sqrt((rows**2).sum(-1))
