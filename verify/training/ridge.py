"""Ridge regression and interpolation, over batches of designs: weights, risk, descent in the dual.

theta_hat = X^T (X X^T + lam I)^-1 y = W^T y, W = (X X^T + lam I)^-1 X. The ridge lam is added to
X X^T, not to an average, and may be negative. Rows of X have the covariance Sigma; the risk is
|theta_hat - theta|^2_Sigma, exact given X: no test sample.

Arrays of designs are (..., n, p), all in float64. Sigma is (p, p), or its diagonal (p,).
"""

from __future__ import annotations

import numpy as np

from theory.language.errors import InvalidArgument

METHODS = ("solve", "svd")


def smoother(X: np.ndarray, lam: np.ndarray | float, method: str = "solve") -> np.ndarray:
    """W (..., n, p) for designs X (..., n, p) and lam (...): theta_hat = W^T y.

    solve  linear systems of the smaller of n and p: where X has this rank lam = 0 interpolates
           (p >= n) or is least squares (p <= n)
    svd    slower; for lam so small that X X^T + lam I loses it. Singular values below rounding
           are 0, and lam = 0 gives the pseudo-inverse

    nan for designs whose matrix is singular. InvalidArgument for shapes that do not fit, numbers
    that are not finite, an unknown method.
    """
    X, lam = _designs(X), np.asarray(lam, dtype=np.float64)
    if not np.isfinite(lam).all():
        raise InvalidArgument("lam", lam, "finite")
    if method not in METHODS:
        raise InvalidArgument("method", method, f"one of {', '.join(METHODS)}")
    lam = lam[..., None, None]
    if method == "svd":
        U, s, Vt = np.linalg.svd(X, full_matrices=False)
        kept = s > max(X.shape[-2:]) * np.finfo(np.float64).eps * s[..., :1]
        squares = s**2 + lam[..., 0]
        shrunk = np.divide(s, squares, where=kept & (squares != 0), out=np.where(
            kept & (squares == 0), np.nan, np.zeros(np.broadcast_shapes(s.shape, squares.shape))
        ))  # fmt: skip
        return np.asarray((U * shrunk[..., None, :]) @ Vt)
    Xt = np.swapaxes(X, -1, -2)
    if X.shape[-2] <= X.shape[-1]:
        return _solved(X @ Xt + lam * np.eye(X.shape[-2]), X)
    return np.swapaxes(_solved(Xt @ X + lam * np.eye(X.shape[-1]), Xt), -1, -2)


def leverages(X: np.ndarray, W: np.ndarray) -> np.ndarray:
    """h_i = x_i^T (X X^T + lam I)^-1 x_i of the columns x_i: (..., p)."""
    return np.asarray((X * W).sum(-2))


def variance(W: np.ndarray, Sigma: np.ndarray) -> np.ndarray:
    """V = tr(W Sigma W^T), the risk per unit of noise variance: (...)."""
    return np.asarray(variances(W, Sigma).sum(-1))


def variances(W: np.ndarray, Sigma: np.ndarray) -> np.ndarray:
    """V direction by direction: (..., p), of the sum V."""
    return np.asarray((W * _times(W, Sigma)).sum(-2))


def bias(X: np.ndarray, W: np.ndarray, Sigma: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """B = |theta - W^T X theta|^2_Sigma, the risk without noise, for theta (p,) or (..., p)."""
    fitted = (X @ theta[..., None])[..., 0]
    error = theta - (np.swapaxes(W, -1, -2) @ fitted[..., None])[..., 0]
    return np.asarray((error * _times(error, Sigma)).sum(-1))


def mean_bias(X: np.ndarray, W: np.ndarray, Sigma: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """The mean of B over theta with independent entries of mean 0 and these squares (p,): (...).

    Independent random signs, or a Gaussian prior.
    """
    return np.asarray(mean_biases(X, W, Sigma, squares).sum(-1))


def mean_biases(X: np.ndarray, W: np.ndarray, Sigma: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """The same entry by entry: squares_j [M^T Sigma M]_jj, M = I - X^T W: (..., p)."""
    S = np.diag(Sigma) if np.ndim(Sigma) == 2 else Sigma
    XS = _times(X, Sigma)
    G = XS @ np.swapaxes(X, -1, -2)
    return np.asarray((S - 2 * (XS * W).sum(-2) + (W * (G @ W)).sum(-2)) * squares)


def descend(
    X: np.ndarray, y: np.ndarray, lam: np.ndarray | float, steps: int, step: float = 1.0
) -> np.ndarray:
    """theta_hat (..., p) after gradient descent in the dual from 0, for labels y (..., n).

    alpha <- alpha - eta (A alpha - y), A = X X^T + lam I, eta = step/lambda_max(A), step < 2;
    theta_hat = X^T alpha. It converges where A is positive definite, at the rate 1 - eta
    lambda_min(A), to the solution of least norm. (Descent on theta with lam < 0 would blow rounding
    errors up in the directions that no row has.)

    InvalidArgument for shapes that do not fit and unless 0 < step < 2, steps >= 0.
    """
    X = _designs(X)
    if not 0 < step < 2:
        raise InvalidArgument("step", step, "between 0 and 2")
    if steps < 0:
        raise InvalidArgument("steps", steps, "at least 0")
    lam = np.asarray(lam, dtype=np.float64)[..., None, None]
    A = X @ np.swapaxes(X, -1, -2) + lam * np.eye(X.shape[-2])
    eta = step / np.abs(np.linalg.eigvalsh(A)).max(-1)[..., None, None]
    y = np.broadcast_to(y, (*A.shape[:-2], A.shape[-1]))[..., None]
    alpha = np.zeros_like(y)
    for _ in range(steps):
        alpha = alpha - eta * (A @ alpha - y)
    return np.asarray((np.swapaxes(X, -1, -2) @ alpha)[..., 0])


def _designs(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim < 2 or not X.size:
        raise InvalidArgument("X", f"shape {X.shape}", "(..., n, p) with n, p >= 1")
    if not np.isfinite(X).all():
        raise InvalidArgument("X", "not finite", "finite in every entry")
    return X


def _times(rows: np.ndarray, Sigma: np.ndarray) -> np.ndarray:
    """Rows (..., p) times Sigma."""
    return np.asarray(rows @ Sigma if np.ndim(Sigma) == 2 else rows * Sigma)


def _solved(A: np.ndarray, X: np.ndarray) -> np.ndarray:
    """A^-1 X, nan where A is singular."""
    try:
        return np.asarray(np.linalg.solve(A, X))
    except np.linalg.LinAlgError:
        flat = np.broadcast_to(X, (*A.shape[:-2], *X.shape[-2:])).reshape(-1, *X.shape[-2:])
        found = np.full(flat.shape, np.nan)
        for at, one in enumerate(A.reshape(-1, *A.shape[-2:])):
            if np.linalg.matrix_rank(one) == len(one):
                found[at] = np.linalg.solve(one, flat[at])
        return found.reshape(*A.shape[:-2], *X.shape[-2:])
