"""Sparse networks for Hoelder functions: hats around knots times Taylor polynomials.

f~ = 2 B sum_l (prod_i h_l(x_i)) (1/2 + P_l(x)/(2 B)) - B with knots l/M, hats h_l(x) =
relu(1 - |M x - l|), products by `product_tree`, polynomials P_l in powers of x, and B the largest
sum of absolute coefficients (after Schmidt-Hieber, arXiv 1708.06633).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from theory.language.errors import InvalidArgument
from verify.training.explicit.network import Array, Part, ReluNetwork, side_by_side
from verify.training.explicit.products import check_count, product


def hoelder_sieve(
    coefficients: Array, exponents: Sequence[Sequence[int]], knots: int, m: int
) -> ReluNetwork:
    """The network of the polynomials P_l, on [0, 1]^r: (..., r) -> (..., 1).

    coefficients  ((M+1)^r, monomials), a row for every knot (the last variable runs fastest)
    exponents     of the monomials, r each, such as [(0,), (1,), (2,)] for 1, x, x^2
    knots         M: the knots of each variable are 0, 1/M, ..., 1
    m             of the networks that multiply

    All parameters are in [-1, 1]. InvalidArgument for shapes that do not fit, and where all
    coefficients are 0.
    """
    c, powers = np.asarray(coefficients, dtype=np.float64), [tuple(e) for e in exponents]
    r = len(powers[0]) if powers else 0
    if not r or any(len(e) != r or min(e) < 0 for e in powers):
        raise InvalidArgument("exponents", exponents, "as many integers >= 0 for every monomial")
    check_count("knots", knots)
    shape = ((knots + 1) ** r, len(powers))
    if c.shape != shape or not np.isfinite(c).all():
        raise InvalidArgument("coefficients", c.shape, f"finite, of shape {shape}")
    B = float(np.abs(c).sum(1).max())
    if not B > 0:
        raise InvalidArgument("coefficients", B, "not all 0")
    monomials, factors = _monomials(powers, m)
    parts = [hats(knots)] * r + [monomials]
    depth = max(len(part.layers) for part in parts)
    part = Part.affine(np.vstack([np.eye(r), np.eye(r)])).then(
        side_by_side([each.carried(depth) for each in parts])
    )
    part = part.read(*_factors(c / (2 * B), factors, knots, r))
    count = len(c)
    part = part.then(side_by_side([product(r + 1, m)] * count))
    part = part.read(np.ones((1, count)), -0.5).relu([[1.0], [-1.0]])
    return part.grown(2 * B).read([[1.0, -1.0]]).network()


def hats(knots: int) -> Part:
    """h_0, ..., h_M of one variable: 1 -> M + 1."""
    ones, at = np.ones((knots + 1, 1)), np.arange(knots + 1) / knots
    part = Part.affine(np.eye(1)).relu(np.vstack([ones, -ones]), np.concatenate([at, -at]))
    both = np.hstack([np.eye(knots + 1), np.eye(knots + 1)])  # |x - l/M|
    return part.relu(-both, -1.0 / knots).grown(knots)


def _monomials(powers: Sequence[tuple[int, ...]], m: int) -> tuple[Part, Array]:
    """Those of degree 1 or more, r -> as many; and for every monomial its place, -1: constant."""
    r, degrees = len(powers[0]), [sum(e) for e in powers]
    places = np.cumsum([d > 0 for d in degrees]) - 1
    found = np.where(np.array(degrees) > 0, places, -1)
    leaves = 2 ** max(0, math.ceil(math.log2(max(1, *degrees))))
    A, c = [], []
    for e in powers:
        if sum(e):
            own = np.repeat(np.arange(r), e)
            A.append(np.eye(r)[own])
            A.append(np.zeros((leaves - len(own), r)))
            c.append((np.arange(leaves) >= len(own)).astype(float))
    if not A:
        return Part.affine(np.zeros((0, r))), found
    part = Part.affine(np.vstack(A), np.concatenate(c))
    if leaves == 1:
        return part, found
    return part.then(side_by_side([product(leaves, m)] * len(c))), found


def _factors(weights: Array, places: Array, knots: int, r: int) -> tuple[Array, Array]:
    """For every knot its r hats and 1/2 + P_l/(2B), of the hats and the monomials."""
    width = r * (knots + 1)
    A = np.zeros((len(weights), r + 1, width + places.max(initial=-1) + 1))
    c = np.zeros((len(weights), r + 1))
    for at, knot in enumerate(itertools.product(range(knots + 1), repeat=r)):
        A[at, np.arange(r), np.arange(r) * (knots + 1) + np.array(knot)] = 1.0
        for weight, place in zip(weights[at], places, strict=True):
            if place < 0:
                c[at, r] += weight
            else:
                A[at, r, width + place] += weight
    c[:, r] += 0.5
    return A.reshape(-1, A.shape[-1]), c.reshape(-1)
