"""What a shifted ReLU neuron sees: P(X > b, Y > b) for standard normal X, Y of any correlation.

For unit rows at the angle psi and w ~ N(0, I), with Q(b) = P(X > b):
    L_b = P(<w, x> > b and <w, x'> > b) = Q(b) - 2 T(b, tan(psi/2)),   T Owen's function
        = sum_k c_k^2 cos(psi)^k,   c_0 = Q(b),  c_k = phi(b) He_{k-1}(b)/sqrt(k!)
    dL_b/d cos(psi) = exp(-b^2/(1 + cos psi))/(2 pi sin psi)

Source: Owen, Tables for computing bivariate normal probabilities (1956); the series is Mehler's
for the step 1{z > b}, whose coefficients in normalised Hermite polynomials are the c_k.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def tail(b: ArrayLike) -> np.ndarray:
    """Q(b) = P(X > b)."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-np.asarray(b, dtype=np.float64)))


def owen(b: float, psi: ArrayLike) -> np.ndarray:
    """Owen's T(b, tan(psi/2)) for angles in [0, pi], same shape; P(X > b, Y > b) is Q(b) - 2 T.

    In angles, for the cosine loses half the digits at both ends.
    """
    from scipy.special import owens_t

    return np.asarray(owens_t(b, np.tan(np.asarray(psi, dtype=np.float64) / 2)))


def both_above(b: float, psi: ArrayLike) -> np.ndarray:
    """L_b of rows at the angles psi, same shape."""
    return np.maximum(tail(b) - 2 * owen(b, psi), 0.0)


def hermite(b: float, top: int) -> np.ndarray:
    """c_0, ..., c_top: the coefficients of the step 1{z > b}, (top + 1,).

    By the recursion of the normalised polynomials h_k = He_k/sqrt(k!):
    sqrt(k + 1) h_{k+1} = b h_k - sqrt(k) h_{k-1}.
    """
    density = math.exp(-(b**2) / 2) / math.sqrt(2 * math.pi)
    found = [float(tail(b))]
    before, now = 0.0, density
    for k in range(top):
        found.append(now / math.sqrt(k + 1))
        before, now = now, (b * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    return np.array(found)
