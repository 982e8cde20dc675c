"""Trainers of other theorems against peers: descent in sample space, flow, shifted ReLU, ridges.

A contest is the same work done by several: the first is the trainer, all must return its numbers.
`least` is what the trainer's work consists of and nothing else, the limit of this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.machine import clocks, seconds
from verify.judging.seeds import numpy_generator, torch_generator
from verify.training import shifted
from verify.training.gradient_descent.descent import descend
from verify.training.gradient_descent.flow import flow
from verify.training.gradient_descent.network import Network
from verify.training.ridge import smoother

Run = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Contest:
    """Runs by peer, the trainer's first.

    least  a part of the work that no trainer of this kind can spare, and its name
    rtol   to which the numbers of peers agree
    error  a bound of the trainer's own error, in the unit of its largest number; 0 is rounding
    """

    title: str
    runs: dict[str, Run]
    least: Callable[[], object]
    spared: str
    rtol: float = 1e-8
    error: float = 0.0


def _shallow(n: int, d: int, pairs: int, trials: int) -> tuple[Network, torch.Tensor]:
    """Coupled networks on the sphere, and targets."""
    X = torch.randn(n, d, generator=torch_generator("X"), dtype=torch.float64)
    y = torch.randn(n, generator=torch_generator("y"), dtype=torch.float64)
    X = X / X.norm(dim=1, keepdim=True)
    return Network.coupled(X, pairs, 1.0, [f"benchmark {i}" for i in range(trials)]), y


def descent(
    n: int = 16, d: int = 16, pairs: int = 1024, trials: int = 8, steps: int = 100
) -> Contest:
    """Gradient descent of shallow networks: the losses after every step."""
    network, y = _shallow(n, d, pairs, trials)
    eta = 0.5 / float(torch.linalg.eigvalsh(network.H).max())
    W_0 = torch.linalg.pinv(network.X) @ network.Z_0  # (trials, d, m)

    def autograd() -> np.ndarray:
        W, losses = W_0.clone().requires_grad_(), []
        for _ in range(steps + 1):
            f = ((network.X @ W).relu() * network.s[:, None]).sum(-1)
            loss = (f - y).square().sum(-1)
            losses.append(loss.detach())
            (slope,) = torch.autograd.grad(0.5 * loss.sum(), W)
            W = (W - eta * slope).detach().requires_grad_()
        return torch.stack(losses, dim=1).numpy()

    def products() -> None:
        c, out = torch.ones_like(network.Z_0[0]), torch.empty_like(network.Z_0[0])
        for _ in range(steps * trials):
            torch.mm(network.G, c, out=out)

    runs: dict[str, Run] = {"sample space": lambda: descend(network, y, eta, steps).loss}
    if find_spec("jax"):
        runs["JAX"] = _jax_descent(network, y, eta, steps, W_0)
    runs["autograd"] = autograd
    title = f"descent: n = {n}, d = {d}, m = {2 * pairs}, {trials} networks, {steps} steps"
    return Contest(title, runs, products, "products with G")


def _jax_descent(
    network: Network, y: torch.Tensor, eta: float, steps: int, W_0: torch.Tensor
) -> Run:
    """jit of vmap over networks and scan over steps, in weight space, gradients by grad."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, targets, start, signs = (jnp.asarray(t.numpy()) for t in (network.X, y, W_0, network.s))

    def loss(W, s):
        return 0.5 * jnp.sum((jnp.maximum(X @ W, 0.0) @ s - targets) ** 2)

    def train(W, s):
        def step(W, _):
            now, slope = jax.value_and_grad(loss)(W, s)
            return W - eta * slope, 2 * now

        return jax.lax.scan(step, W, None, length=steps + 1)[1]

    whole = jax.jit(jax.vmap(train))
    return lambda: np.asarray(jax.block_until_ready(whole(start, signs)))


def gradient_flow(
    n: int = 8,
    d: int = 8,
    pairs: int = 32,
    trials: int = 2,
    tolerances: Sequence[float] = (1e-4, 1e-6),
) -> Contest:
    """Gradient flow of shallow networks: the losses at some times.

    The flow goes from kink to kink, without an error of time steps. The solver of scipy knows no
    kinks: while a neuron is held at one its steps shrink in proportion to the tolerance, so that
    it is shown with a loose one and with one that reaches about five digits.
    """
    from scipy.integrate import solve_ivp

    network, y = _shallow(n, d, pairs, trials)
    G, s = network.G.numpy(), network.s.numpy()
    times = np.linspace(0.0, 30.0 / float(torch.linalg.eigvalsh(network.H).max()), 20)

    def solver(tolerance: float) -> np.ndarray:
        losses = []
        for Z_0, signs in zip(network.Z_0.numpy(), s, strict=True):

            def residual(z, signs=signs):
                return np.maximum(z, 0.0) @ signs - y.numpy()

            def velocity(_, z, signs=signs, residual=residual):
                z = z.reshape(n, -1)
                return -(G @ ((z > 0) * signs * residual(z)[:, None])).ravel()

            found = solve_ivp(
                velocity,
                (0.0, times[-1]),
                Z_0.ravel(),
                "RK45",
                times,
                rtol=tolerance,
                atol=tolerance,
            )
            losses.append([(residual(z.reshape(n, -1)) ** 2).sum() for z in found.y.T])
        return np.array(losses)

    def events() -> np.ndarray:
        return flow(network, y, times).loss

    with patch.object(np.linalg, "eigh", wraps=np.linalg.eigh) as eigh:
        events()
    calls = eigh.call_count
    exact = flow(network, y, times)
    H = network.H[0].numpy()
    title = f"flow: n = {n}, d = {d}, m = {2 * pairs}, {trials} networks, {calls} spectra"
    return Contest(
        title,
        {"events": events}
        | {f"RK45, {tolerance:.0e}": partial(solver, tolerance) for tolerance in tolerances},
        lambda: [eigh(H) for _ in range(calls)],
        "spectra",
        rtol=1e-2,
        error=float(exact.loss_error.max() / exact.loss.max()),
    )


def shifted_relu(
    n: int = 4, d: int = 16, m: int = 1024, layers: int = 2, c: float = 0.5, steps: int = 50
) -> Contest:
    """Gradient descent of a network in which few neurons fire: outputs before every step.

    The trainer touches the weights of neurons that fire, its peers all of them. The least is what
    the trainer counts of multiply-adds, in products of m columns, one per step.
    """
    rng = numpy_generator("benchmark", "shifted")
    X = rng.standard_normal((n, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    y, eta = rng.standard_normal(n), 1.0
    network = shifted.Network.drawn(rng, d, m, layers, shifted.threshold(m, c))

    def by(step: Callable[..., shifted.Step], count: shifted.Counter) -> np.ndarray:
        trained = network.copy()
        return np.array([step(trained, X, y, eta, count).outputs for _ in range(steps)])

    def autograd() -> np.ndarray:
        weights = [torch.tensor(W, requires_grad=True) for W in network.weights]
        inputs, targets, signs = (torch.tensor(each) for each in (X, y, network.signs))
        seen = []
        for _ in range(steps):
            h = inputs
            for W in weights[:-1]:
                h = (h @ W.T - network.b).relu() / network.size
            f = (h @ weights[-1].T - network.b).relu() @ signs / m**0.5
            seen.append(f.detach())
            slopes = torch.autograd.grad(0.5 * (f - targets).square().sum(), weights)
            with torch.no_grad():
                for W, slope in zip(weights, slopes, strict=True):
                    W -= eta * slope
        return torch.stack(seen).numpy()

    counted, dense = shifted.Counter(), shifted.Counter()
    by(shifted.sparse_step, counted)
    by(shifted.dense_step, dense)
    columns = max(1, round(counted.total / (steps * n * m)))
    A, B, out = np.ones((n, m)), np.ones((m, columns)), np.empty((n, columns))

    def products() -> None:
        for _ in range(steps):
            np.matmul(A, B, out=out)

    runs: dict[str, Run] = {
        "sparse step": lambda: by(shifted.sparse_step, shifted.Counter()),
        "dense step": lambda: by(shifted.dense_step, shifted.Counter()),
    }
    if find_spec("jax"):
        runs["JAX"] = _jax_shifted(network, X, y, eta, steps)
    runs["autograd"] = autograd
    title = (
        f"shifted: n = {n}, d = {d}, m = {m}, {layers} layers, {steps} steps, "
        f"{counted.total / dense.total:.1%} of the multiply-adds of the dense step"
    )
    return Contest(title, runs, products, "products of as many multiply-adds")


def _jax_shifted(
    network: shifted.Network, X: np.ndarray, y: np.ndarray, eta: float, steps: int
) -> Run:
    """jit of scan over steps, gradients by grad."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    signs, start = jnp.asarray(network.signs), [jnp.asarray(W) for W in network.weights]

    def loss(weights):
        h = X
        for W in weights[:-1]:
            h = jnp.maximum(h @ W.T - network.b, 0.0) / network.size
        f = jnp.maximum(h @ weights[-1].T - network.b, 0.0) @ signs / network.m**0.5
        return 0.5 * jnp.sum((f - y) ** 2), f

    def step(weights, _):
        (_, f), slopes = jax.value_and_grad(loss, has_aux=True)(weights)
        return [W - eta * slope for W, slope in zip(weights, slopes, strict=True)], f

    train = jax.jit(lambda weights: jax.lax.scan(step, weights, None, length=steps)[1])
    return lambda: np.asarray(jax.block_until_ready(train(start)))


def ridge_path(n: int = 200, p: int = 600, ridges: int = 20) -> Contest:
    """Weights of ridge regression for every row, along a path of ridges."""
    from sklearn.linear_model import ridge_regression

    X = numpy_generator("benchmark", "ridge").standard_normal((n, p))
    lam = np.logspace(-3, 3, ridges)
    rows = np.eye(n)

    def peer() -> np.ndarray:
        return np.stack([ridge_regression(X, rows, each, solver="cholesky") for each in lam])

    def products() -> None:
        # a factor of n^3/3 multiplications and two triangular solutions, at the rate of a product
        A, out = rows + 1.0, np.empty((n, p))
        for _ in range(ridges):
            np.matmul(A, X, out=out)

    title = f"ridge: n = {n}, p = {p}, {ridges} ridges"
    runs = {"smoother": lambda: smoother(X[None], lam), "scikit-learn": peer}
    return Contest(title, runs, products, "as many products (n, n) (n, p)")


CONTESTS: dict[str, Callable[[], Contest]] = {
    "descent": descent,
    "flow": gradient_flow,
    "shifted": shifted_relu,
    "ridge": ridge_path,
}


def measure(contest: Contest, repeats: int) -> dict[str, Any]:
    """Milliseconds by peer: median on the wall, best of all cores; ratios and share in turns.

    The share is that of `least` in the trainer's time. Errors are the trainer's own bound, and how
    far the others are from it, over its largest number.

    Raises AssertionError where a peer arrives at other numbers than the trainer.
    """
    first = next(iter(contest.runs))
    expected = contest.runs[first]()
    scale, errors = np.abs(expected).max(), {first: contest.error}
    for name, run in contest.runs.items():
        found = run()
        np.testing.assert_allclose(
            found, expected, rtol=contest.rtol, atol=contest.rtol * scale, err_msg=name
        )
        if name != first:
            errors[name] = float(np.abs(found - expected).max() / scale)
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in contest.runs}
    least = []
    for _ in range(repeats):
        for name, run in contest.runs.items():
            turns[name].append(clocks(run))
        least.append(seconds(contest.least))
    wall = {name: [each for each, _ in turn] for name, turn in turns.items()}
    return {
        "title": contest.title,
        "milliseconds": {name: 1e3 * median(each) for name, each in wall.items()},
        "core": {name: 1e3 * min(core for _, core in turn) for name, turn in turns.items()},
        "ratio": {
            name: median(theirs / ours for theirs, ours in zip(each, wall[first], strict=True))
            for name, each in wall.items()
        },
        "error": errors,
        "share": median(part / ours for part, ours in zip(least, wall[first], strict=True)),
        "spared": contest.spared,
    }
