"""Trainers of other theorems against a peer each: descent in sample space, flow, ridge paths.

A contest is the same work done by several: the first is the trainer, all must return its numbers.
`least` is what the trainer's work consists of and nothing else, the limit of this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.machine import clocks, seconds
from verify.judging.seeds import numpy_generator, torch_generator
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
    """

    title: str
    runs: dict[str, Run]
    least: Callable[[], object]
    spared: str
    rtol: float = 1e-8


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


def gradient_flow(n: int = 8, d: int = 8, pairs: int = 32, trials: int = 2) -> Contest:
    """Gradient flow of shallow networks: the losses at some times.

    The flow goes from kink to kink, without an error of time steps. The solver of scipy knows no
    kinks: where a neuron is held at one its steps are as short as its tolerance, here 1e-4.
    """
    from scipy.integrate import solve_ivp

    network, y = _shallow(n, d, pairs, trials)
    G, s = network.G.numpy(), network.s.numpy()
    times = np.linspace(0.0, 30.0 / float(torch.linalg.eigvalsh(network.H).max()), 20)

    def solver() -> np.ndarray:
        losses = []
        for Z_0, signs in zip(network.Z_0.numpy(), s, strict=True):

            def residual(z, signs=signs):
                return np.maximum(z, 0.0) @ signs - y.numpy()

            def velocity(_, z, signs=signs, residual=residual):
                z = z.reshape(n, -1)
                return -(G @ ((z > 0) * signs * residual(z)[:, None])).ravel()

            found = solve_ivp(
                velocity, (0.0, times[-1]), Z_0.ravel(), "RK45", times, rtol=1e-4, atol=1e-4
            )
            losses.append([(residual(z.reshape(n, -1)) ** 2).sum() for z in found.y.T])
        return np.array(losses)

    def events() -> np.ndarray:
        return flow(network, y, times).loss

    eigh, calls = np.linalg.eigh, 0

    def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return eigh(*args)

    np.linalg.eigh = counted
    try:
        events()
    finally:
        np.linalg.eigh = eigh
    H = network.H[0].numpy()
    title = f"flow: n = {n}, d = {d}, m = {2 * pairs}, {trials} networks, {calls} spectra"
    return Contest(
        title,
        {"events": events, "scipy RK45": solver},
        lambda: [eigh(H) for _ in range(calls)],
        "spectra",
        rtol=1e-2,
    )


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
    "ridge": ridge_path,
}


def measure(contest: Contest, repeats: int) -> dict[str, Any]:
    """Milliseconds by peer: median on the wall, best of all cores; ratios and share in turns.

    The share is that of `least` in the trainer's time.

    Raises AssertionError where a peer arrives at other numbers than the trainer.
    """
    first = next(iter(contest.runs))
    expected = contest.runs[first]()
    for name, run in contest.runs.items():
        scale = np.abs(expected).max()
        np.testing.assert_allclose(
            run(), expected, rtol=contest.rtol, atol=contest.rtol * scale, err_msg=name
        )
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
        "share": median(part / ours for part, ours in zip(least, wall[first], strict=True)),
        "spared": contest.spared,
    }
