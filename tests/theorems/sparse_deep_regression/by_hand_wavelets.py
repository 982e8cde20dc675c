"""Haar series and least squares over hats by hand: inner products, integrals, design matrices."""

from functools import lru_cache
from itertools import product as every
from math import pi

import numpy as np


def haar(e, j, place, x):
    """A tensor Haar function at rows x (n, d); along what is no direction of e it is constant."""
    found = np.full(len(x), 2.0 ** (j * len(e) / 2))
    for i, along in enumerate(e):
        z = 2**j * x[:, i] - place[i]
        found = found * ((z >= 0) & (z < 1))
        if along:
            found = found * np.where(z < 0.5, 1.0, -1.0)
    return found


def functions(d, J):
    """All Haar functions of levels below J, the constant first."""
    found = [lambda x: np.ones(len(x))]
    for j in range(J):
        for e in every((0, 1), repeat=d):
            if any(e):
                found += [lambda x, e=e, j=j, k=k: haar(e, j, k, x)
                          for k in every(range(2**j), repeat=d)]  # fmt: skip
    return found


def of_mean(d, J):
    """Their coefficients of the mean of the inputs: middles of cells are exact."""
    size = 2 ** (J + 1)
    grid = np.array(list(every((np.arange(size) + 0.5) / size, repeat=d)))
    return np.array([(grid.mean(1) * psi(grid)).mean() for psi in functions(d, J)])


def levels(d, noise):
    return next(J for J in range(60) if 2.0 ** (-J * (d + 2)) <= 16 * d * d * noise)


def h(u, alpha):
    return sum(2.0 ** (-alpha * k) * np.cos(2 * pi * 2.0**k * u) for k in range(20))


def density(d, u):
    if d == 1:
        return np.ones_like(u)
    if d == 2:
        return np.where(u < 0.5, 4 * u, 4 * (1 - u))
    s = 3 * u
    middle = (-2 * s**2 + 6 * s - 3) / 2
    return 3 * np.where(s < 1, s**2 / 2, np.where(s < 2, middle, (3 - s) ** 2 / 2))


def least_squares(u, Y, M):
    hats = np.maximum(0, 1 - abs(M * u[:, None] - np.arange(M + 1)))
    return np.linalg.pinv(hats.T @ hats, rcond=1e-11, hermitian=True) @ (hats.T @ Y)


def haar_squares(alpha):
    """Squared coefficients, d = 1, levels below 15: integrals of cosines over halves of cells."""
    k = np.arange(20)
    omega, weight = 2 * pi * 2.0**k, 2.0 ** (-alpha * k)

    def primitive(x):
        return (weight * np.sin(omega * x[:, None]) / omega).sum(1)

    squares = [primitive(np.array([0.0, 1.0])) @ [-1, 1]]
    for j in range(15):
        ends = primitive(np.arange(2 ** (j + 1) + 1) / 2 ** (j + 1))
        squares += list(2 ** (j / 2) * (2 * ends[1::2] - ends[:-1:2] - ends[2::2]))
    return np.array(squares) ** 2


def least_haar_risk(alpha, noise):
    """d = 1, levels below 15."""
    squares, energy = haar_squares(alpha), (4.0 ** (-alpha * np.arange(20))).sum() / 2
    return np.minimum(squares, noise).sum() + max(0.0, energy - squares.sum())


LEVELS = {2: 9, 3: 6}


@lru_cache
def squares_of_mean(d, alpha):
    """The same for d = 2, 3, of h of the mean: waves are products over the directions."""
    k = np.arange(20)
    rate, weight = 2 * pi * 2.0 ** k[:, None] / d, 2.0 ** (-alpha * k)

    def waves(j):
        """Integrals of exp(i rate x) times the constant and the Haar function, (20, 2^j) each."""
        at = np.exp(1j * rate * np.arange(2 ** (j + 1) + 1) / 2 ** (j + 1)) / (1j * rate)
        parts = np.diff(at) * 2 ** (j / 2)
        return parts[:, ::2] + parts[:, 1::2], parts[:, ::2] - parts[:, 1::2]

    def coefficients(parts):
        letters = "abc"[:d]
        formula = ",".join(f"k{x}" for x in letters) + f",k->{letters}"
        return np.einsum(formula, *parts, weight, optimize=True).real.ravel()

    found = [coefficients([waves(0)[0]] * d)]
    for j in range(LEVELS[d]):
        found += [coefficients([waves(j)[i] for i in e]) for e in every((0, 1), repeat=d) if any(e)]
    return np.concatenate(found) ** 2


def energy_of_mean(d, alpha):
    """E h^2, wave by wave."""
    k, total = np.arange(20), 0.0
    for i, j in every(k, repeat=2):
        for rate in (2 * pi * (2.0**i - 2.0**j) / d, 2 * pi * (2.0**i + 2.0**j) / d):
            mean = ((np.exp(1j * rate) - 1) / (1j * rate)) ** d if rate else 1.0
            total += 2.0 ** (-alpha * (i + j)) * np.real(mean) / 2
    return total


def least_haar_risk_of_mean(d, alpha, noise):
    squares = squares_of_mean(d, alpha)
    return np.minimum(squares, noise).sum() + max(0.0, energy_of_mean(d, alpha) - squares.sum())
