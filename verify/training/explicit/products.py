"""The networks that multiply: x(1-x) by sawtooth functions, x y, and trees of products.

T^k(x) = min(x/2, 2^{1-2k} - x/2) = relu(x/2) - relu(x - 2^{1-2k}), R^k = T^k o ... o T^1, and
x(1-x) is nearly S_m = R^1 + ... + R^m; x y = g(a) - g(b) + b - 1/4 with g(x) = x(1-x),
a = (x-y+1)/2, b = (x+y)/2 (after Schmidt-Hieber, arXiv 1708.06633).
"""

from __future__ import annotations

import math

import numpy as np

from theory.language.errors import InvalidArgument
from verify.training.explicit.network import Part, ReluNetwork, side_by_side


def sawtooth(m: int) -> ReluNetwork:
    """S_m on [0, 1]: (..., 1) -> (..., 1), with m hidden layers and widths <= 3."""
    check_count("m", m)
    part = Part.affine(np.array([[1.0], [0.0]]))  # R^0, S_0
    for k in range(1, m + 1):
        W = np.array([[0.5, 0.0], [1.0, 0.0], [0.0, 1.0]])[: 2 if k == 1 else 3]
        part = part.relu(W, np.array([0.0, 2.0 ** (1 - 2 * k), 0.0])[: len(W)])
        part = part.read(np.array([[1.0, -1.0, 0.0], [1.0, -1.0, 1.0]])[:, : len(W)])
    return part.read(np.array([[0.0, 1.0]])).network()


def multiplication(m: int) -> ReluNetwork:
    """Mult_m on [0, 1]^2: (..., 2) -> (..., 1), in [0, 1], within 4^{-(m+1)} of x y.

    m + 4 hidden layers, widths <= 6, 16 m + 7 nonzeros in [-1, 1]. InvalidArgument for m < 1.
    """
    return product_tree(2, m)


def product_tree(r: int, m: int) -> ReluNetwork:
    """The product of r factors in [0, 1]: (..., r) -> (..., 1), by a binary tree of Mult_m.

    q (m + 4) hidden layers and at most (2^q - 1)(16 m + 6) + 1 nonzeros, q = ceil log2 r: factors
    are padded with ones. InvalidArgument for r < 1 or m < 1.
    """
    return product(r, m).network()


def product(r: int, m: int) -> Part:
    """`product_tree` in the making."""
    check_count("r", r)
    check_count("m", m)
    leaves = 2 ** math.ceil(math.log2(r))
    part = Part.affine(np.eye(leaves, r), (np.arange(leaves) >= r).astype(float))
    while len(part.A) > 1:
        part = part.then(side_by_side([mult(m)] * (len(part.A) // 2)))
    return part


def mult(m: int) -> Part:
    """Mult_m in the making: of the readout, R and S are the running R^k(a) and S_k(a), those of b
    are R^k(b) and b - S_k(b)."""
    part = Part.affine(np.eye(2)).relu([[0.5, -0.5], [0.5, 0.5]], np.array([-0.5, 0.0]))
    part = part.read([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    W = np.array([[0.5, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0],
                  [0, 0, 0.5, 0], [0, 0, 1, 0], [0, 0, 0, 1]])  # fmt: skip
    out = np.array([[1.0, -1, 0, 0, 0, 0], [1, -1, 1, 0, 0, 0],
                    [0, 0, 0, 1, -1, 0], [0, 0, 0, -1, 1, 1]])  # fmt: skip
    for k in range(1, m + 1):
        used = np.arange(6) != 2 if k == 1 else np.arange(6) >= 0  # S_0(a) = 0 is no neuron
        v = 2.0 ** (1 - 2 * k) * np.array([0, 1, 0, 0, 1, 0])
        part = part.relu(W[used], v[used]).read(out[:, used])
    part = part.relu([[0.0, 1.0, 0.0, 1.0]], 0.25)
    return part.relu([[-1.0]], -1.0).relu([[-1.0]], -1.0)  # 1 - relu(1 - u) = min(u, 1)


def check_count(name: str, value: int) -> None:
    """InvalidArgument unless the value is an integer >= 1."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InvalidArgument(name, value, "an integer >= 1")
