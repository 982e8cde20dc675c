"""The kernel of infinitely wide deep networks with sigma(z) = erf(z/sqrt(2)), exactly.

    h^l = beta_l h^{l-1} + nu_l sigma(W^l h^{l-1}), nu_l = c_l/sqrt(m), entries N(0, 1), beta_1 = 0:

    S_1 = X X^T, S_{l+1} = beta_l S_l + c_l^2 E sigma sigma at S_l
    B_H = 1 1^T, B_{l-1} = beta_l B_l + c_l^2 B_l o E sigma' sigma' at S_l
    G_inf = S_{H+1} + sum_l c_l^2 B_l o S_l o E sigma' sigma' at S_l
    E sigma sigma = (2/pi) asin(S_ij/sqrt((1 + S_ii)(1 + S_jj)))
    E sigma' sigma' = (2/pi)/sqrt((1 + S_ii)(1 + S_jj) - S_ij^2)

The cross terms of a ResNet vanish, for sigma is odd. The last term of the sum is K^(H).

Source: the kernel of erf is that of Williams, Computing with Infinite Networks (NIPS 1996).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.language.errors import InvalidArgument


def deep_kernel(
    X: np.ndarray, beta: Sequence[float], c: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """G_inf and K^(H), (n, n), of rows X (n, d) and layers with beta_l and c_l = nu_l sqrt(m).

    InvalidArgument unless beta_1 = 0, both have the same length, and X is finite.
    """
    if not len(beta) or len(beta) != len(c) or beta[0] != 0:
        raise InvalidArgument("beta", tuple(beta), f"0 first, as long as c, {len(c)}")
    if X.ndim != 2 or not np.isfinite(X).all():
        raise InvalidArgument("X", X.shape, "(n, d), finite")
    S = [X @ X.T]
    for kept, added in zip(beta, c, strict=True):
        S.append(kept * S[-1] + added**2 * _values(S[-1]))
    B, found, last = np.ones_like(S[0]), S[-1], None
    for kept, added, at in zip(reversed(beta), reversed(c), reversed(S[:-1]), strict=True):
        slopes = added**2 * B * _slopes(at)
        found = found + slopes * at
        last = slopes * at if last is None else last
        B = kept * B + slopes
    assert last is not None
    return found, last


def _values(S: np.ndarray) -> np.ndarray:
    scale = np.sqrt(1 + np.diag(S))
    return 2 / np.pi * np.arcsin(S / np.outer(scale, scale))


def _slopes(S: np.ndarray) -> np.ndarray:
    sides = 1 + np.diag(S)
    return 2 / np.pi / np.sqrt(np.outer(sides, sides) - S**2)
