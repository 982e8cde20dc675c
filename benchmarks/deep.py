"""Deep networks: the trainer by matrices of features against JAX, autograd and the machine.

All train the same networks, fully connected tanh, all weights, for the same steps of gradient
descent, and return the residual norms ||e_K|| (S,), which must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from benchmarks.machine import clocks, gemm, seconds, stream
from verify.judging.seeds import torch_generator
from verify.training.deep import Design, Network, Parameters, states
from verify.training.deep.descent import at_once

Run = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Work:
    """n inputs in R^d, H layers of m neurons, S networks, K steps."""

    n: int = 16
    d: int = 64
    m: int = 512
    H: int = 3
    seeds: int = 8
    steps: int = 20

    def build(self) -> tuple[Network, torch.Tensor, torch.Tensor]:
        """The networks, targets (n,) and step sizes (S,)."""
        X = torch.randn(self.n, self.d, generator=torch_generator("X"), dtype=torch.float64)
        X = X / X.norm(dim=1, keepdim=True)
        design = Design.fully_connected(self.H, self.m, "tanh")
        salts = [f"benchmark {i}" for i in range(self.seeds)]
        start = Parameters.gaussian(design, self.d, [self.m] * self.H, salts)
        network = Network(design, X, start, torch.full((self.seeds,), 3.0, dtype=torch.float64))
        top = torch.linalg.eigvalsh(network.initial.kernel())[:, -1]
        y = torch.randn(self.n, generator=torch_generator("y"), dtype=torch.float64)
        return network, y, 0.5 / top

    @property
    def flops(self) -> float:
        """Of one step of one network: forward, backward, and the change of the weights."""
        square, first = self.m * self.m * (self.H - 1), self.d * self.m
        return 2.0 * self.n * (3 * square + 2 * first)

    @property
    def bytes(self) -> float:
        """Weights read forward and backward, read and written when they change."""
        return 8.0 * (4 * self.m * self.m * (self.H - 1) + 3 * self.d * self.m)


def matrices(network: Network, y: torch.Tensor, eta: torch.Tensor, steps: int) -> Run:
    """The trainer."""

    def run() -> np.ndarray:
        norms, size = [], at_once(network)
        for first in range(0, len(eta), size):
            part = slice(first, first + size)
            for _, e in states(network.part(part), y, eta[part], steps):
                last = e
            norms.append(last.norm(dim=1))
        return torch.cat(norms).numpy()

    return run


def autograd(network: Network, y: torch.Tensor, eta: torch.Tensor, steps: int) -> Run:
    """What one writes first: a loop over networks, gradients by torch.autograd."""
    nu, f_0 = network.design.nu, network.initial.f

    def run() -> np.ndarray:
        norms = []
        for i in range(len(eta)):
            parameters = [W[i].clone().requires_grad_() for W in network.start.W]
            parameters.append(network.start.a[i].clone().requires_grad_())
            for k in range(steps + 1):
                h = network.X
                for scale, W in zip(nu, parameters[:-1], strict=True):
                    h = scale * torch.tanh(h @ W.T)
                e = network.kappa[i] * (h @ parameters[-1] - f_0[i]) - y
                if k < steps:
                    found = torch.autograd.grad(0.5 * e.square().sum(), parameters)
                    with torch.no_grad():
                        for each, slope in zip(parameters, found, strict=True):
                            each -= eta[i] * slope
            norms.append(e.detach().norm())
        return torch.stack(norms).numpy()

    return run


def jax(
    network: Network, y: torch.Tensor, eta: torch.Tensor, steps: int, *, batched: bool = True
) -> Run:
    """jit of vmap over networks of scan over steps, gradients by grad; or a loop over networks."""
    import jax as jax_
    import jax.numpy as jnp

    jax_.config.update("jax_enable_x64", True)
    X, targets, nu = jnp.asarray(network.X.numpy()), jnp.asarray(y.numpy()), network.design.nu
    start = [jnp.asarray(W.numpy()) for W in network.start.W]
    start.append(jnp.asarray(network.start.a.numpy()))
    gains, sizes = jnp.asarray(network.kappa.numpy()), jnp.asarray(eta.numpy())
    shifts = jnp.asarray(network.initial.f.numpy())

    def residual(parameters, kappa, f_0):
        h = X
        for scale, W in zip(nu, parameters[:-1], strict=True):
            h = scale * jnp.tanh(h @ W.T)
        return kappa * (h @ parameters[-1] - f_0) - targets

    def train(parameters, kappa, f_0, size):
        def loss(now):
            return 0.5 * jnp.sum(residual(now, kappa, f_0) ** 2)

        def step(now, _):
            slopes = jax_.grad(loss)(now)
            return [p - size * s for p, s in zip(now, slopes, strict=True)], None

        last, _ = jax_.lax.scan(step, parameters, None, length=steps)
        return jnp.linalg.norm(residual(last, kappa, f_0))

    def loop(*networks):
        return jax_.lax.map(lambda one: train(*one), networks)

    whole = jax_.jit(jax_.vmap(train) if batched else loop)

    def run() -> np.ndarray:
        return np.asarray(jax_.block_until_ready(whole(start, gains, shifts, sizes)))

    return run


PEERS: dict[str, Callable[..., Callable[[], np.ndarray]]] = {
    "matrices": matrices,
    "jax vmap": jax,
    "jax map": partial(jax, batched=False),
    "autograd": autograd,
}


def available() -> list[str]:
    """The peers whose packages are installed."""
    return [name for name in PEERS if not name.startswith("jax") or find_spec("jax")]


def product(work: Work) -> Callable[[], float]:
    """GFLOP/s of features times weights, (n, m) (m, m), over the layers of one network."""
    h = torch.randn(work.n, work.m, dtype=torch.float64)
    W = [torch.randn(work.m, work.m, dtype=torch.float64) for _ in range(work.H - 1)]
    out = torch.empty_like(h)

    def run() -> None:
        for each in W:
            torch.mm(h, each.T, out=out)

    return lambda: 2e-9 * work.n * work.m**2 * len(W) / seconds(run)


def measure(repeats: int, work: Work | None = None) -> dict[str, Any]:
    """Milliseconds per step and network by peer, in turns; GFLOP/s against those of products.

    Shares are medians over turns of what the trainer reached, over what the machine did just after:
    `gemm`, one square product of m x m; `same_shape`, the layers' own products; `stream`.

    Raises AssertionError where a peer arrives at other residuals than the trainer.
    """
    work = work or Work()
    network, y, eta = work.build()
    runs = {name: PEERS[name](network, y, eta, work.steps) for name in available()}
    first = {name: run() for name, run in runs.items()}
    for name, norms in first.items():
        np.testing.assert_allclose(norms, first["matrices"], rtol=1e-8, err_msg=name)
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    square, same, band = gemm(work.m, work.m), product(work), stream()
    machine = []
    for _ in range(repeats):
        for name, run in runs.items():
            turns[name].append(clocks(run))
        machine.append((square(), same(), band()))
    unit = 1e3 / (work.steps * work.seeds)
    walls = {name: np.array([wall for wall, _ in turn]) for name, turn in turns.items()}
    ours = unit * walls["matrices"]
    reached = 1e-6 * np.stack([work.flops / ours, work.flops / ours, work.bytes / ours], axis=1)
    best, most = reached.max(0), np.max(machine, axis=0)
    names = ("gemm", "same_shape", "stream")
    return {
        "milliseconds": {name: unit * float(np.median(wall)) for name, wall in walls.items()},
        "core": {name: unit * min(core for _, core in turn) for name, turn in turns.items()},
        "ratio": {
            name: float(np.median(wall / walls["matrices"])) for name, wall in walls.items()
        },
        "gflops": float(best[0]), "gigabytes": float(best[2]),
        **dict(zip(names, most.tolist(), strict=True)),
        "shares": dict(zip(names, np.median(reached / machine, axis=0).tolist(), strict=True)),
    }  # fmt: skip
