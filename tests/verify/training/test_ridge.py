"""Ridge regression against explicit inverses, samples of the noise, and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from theory import InvalidArgument
from verify.training import ridge

RNG = np.random.default_rng(0)
SHAPES = {"wide": (6, 15), "tall": (15, 6)}
_half = RNG.standard_normal((15, 15))
MIXED = _half @ _half.T / 15
"""A covariance with correlated directions; its corners are those of fewer."""


def design(shape, batch=3):
    return np.random.default_rng(1).standard_normal((batch, *SHAPES[shape]))


def inverse(X, lam):
    """W by the primal inverse, design by design; by the pseudo-inverse where lam = 0."""
    if lam == 0:
        return np.array([np.linalg.pinv(one).T for one in X])
    return np.array([one @ np.linalg.inv(one.T @ one + lam * np.eye(one.shape[1])) for one in X])


@pytest.mark.parametrize("method", ridge.METHODS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lam", [0.0, 0.7, -0.2])
def test_smoother(shape, lam, method):
    X = design(shape)
    found = ridge.smoother(X, lam, method)
    assert np.allclose(found, inverse(X, lam), atol=1e-10)
    each = ridge.smoother(X, np.array([lam, 1.0, 2.0]), method)
    assert np.allclose(each[0], found[0])
    assert np.allclose(each[2], inverse(X, 2.0)[2])


@pytest.mark.parametrize("shape", SHAPES)
def test_scikit_learn(shape):
    """Its alpha is lam, not n lam."""
    X, lam = design(shape)[0], 0.3
    y = X[:, 0] + np.arange(len(X))
    theirs = Ridge(alpha=lam, fit_intercept=False).fit(X, y).coef_
    assert np.allclose(ridge.smoother(X, lam).T @ y, theirs)
    assert not np.allclose(ridge.smoother(X, len(X) * lam).T @ y, theirs)


@pytest.mark.parametrize("lam", [0.0, 0.7, -0.2])
def test_descent_in_the_dual(lam):
    X = design("wide")
    y = np.random.default_rng(2).standard_normal(X.shape[:2])
    solution = (np.swapaxes(inverse(X, lam), 1, 2) @ y[..., None])[..., 0]
    assert np.allclose(ridge.descend(X, y, lam, 4000), solution, atol=1e-9)
    assert np.allclose(ridge.descend(X, y, lam, 4000, step=1.9), solution, atol=1e-9)
    assert not np.allclose(ridge.descend(X, y, lam, 3), solution, atol=1e-2)
    assert not ridge.descend(X, y, lam, 0).any()
    first = (X.swapaxes(1, 2) @ y[..., None])[..., 0]
    largest = np.linalg.norm(X @ X.swapaxes(1, 2) + lam * np.eye(6), 2, axis=(1, 2))
    assert np.allclose(ridge.descend(X, y, lam, 1), first / largest[:, None])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("diagonal", [True, False])
def test_risk(shape, diagonal):
    """Against the definition: the risk of W^T (X theta + noise), all entries of noise and signs."""
    X, lam = design(shape), 0.4
    p = X.shape[-1]
    full = np.diag(np.arange(1.0, p + 1)) if diagonal else MIXED[:p, :p]
    Sigma = np.diag(full) if diagonal else full
    W, theta = ridge.smoother(X, lam), np.linspace(-1, 2, p)
    for one, w, B, V, each, mean in zip(
        X, W, ridge.bias(X, W, Sigma, theta), ridge.variance(W, Sigma),
        ridge.variances(W, Sigma), ridge.mean_bias(X, W, Sigma, theta**2), strict=True,
    ):  # fmt: skip
        errors = [w.T @ (one @ theta) - theta]
        assert pytest.approx(errors[0] @ full @ errors[0]) == B
        assert sum(w[a] @ full @ w[a] for a in range(len(w))) == pytest.approx(V)
        assert each.sum() == pytest.approx(V)
        M = np.eye(p) - one.T @ w
        by_direction = [theta[j] ** 2 * (M[:, j] @ full @ M[:, j]) for j in range(p)]
        assert sum(by_direction) == pytest.approx(mean)
        hats = [one[:, j] @ np.linalg.solve(one @ one.T + lam * np.eye(len(one)), one[:, j])
                for j in range(p)]  # fmt: skip
        assert np.allclose(ridge.leverages(one, w), hats)


def test_singular_designs_are_nan_alone():
    X = design("wide").copy()
    X[1, 0] = X[1, 1]
    W = ridge.smoother(X, 0.0)
    assert np.isnan(W[1]).all()
    assert np.allclose(W[[0, 2]], inverse(X, 0.0)[[0, 2]])
    assert np.allclose(ridge.smoother(X, 0.0, "svd"), inverse(X, 0.0))
    assert np.isnan(ridge.variance(W, np.ones(15))[1])


def test_svd_keeps_what_normal_equations_lose():
    """Columns of size 1 and 1e-9: their squares are below rounding."""
    X, lam = np.array([[1.0, 0.0], [0.0, 1e-9]]), 1e-20
    right = X / (np.diag(X) ** 2 + lam)
    assert np.allclose(ridge.smoother(X, lam, "svd"), right, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ridge.smoother(np.ones(3), 1.0), "X"),
        (lambda: ridge.smoother(np.full((2, 3), np.nan), 1.0), "X"),
        (lambda: ridge.smoother(np.ones((2, 3)), np.inf), "lam"),
        (lambda: ridge.smoother(np.ones((2, 3)), 1.0, "guess"), "method"),
        (lambda: ridge.descend(np.ones((2, 3)), np.ones(2), 1.0, 5, step=2.0), "step"),
        (lambda: ridge.descend(np.ones((2, 3)), np.ones(2), 1.0, -1), "steps"),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert caught.value.name == name
