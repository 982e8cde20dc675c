"""Who is timed: the engines, and the same training written with other tools.

A peer takes what a workload builds, and returns a function that trains all seeds and returns the
residual norms ||e_K|| (S,), so that a run also shows that all do the same work: masks are drawn in
it, and the local outputs of all steps, frozen noise and displacement are computed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import torch

from verify.training.masked.engines import choose, displacement, frozen_noise, seeds_at_once
from verify.training.masked.network import Network
from verify.training.masked.trainer import Algorithm

Run = Callable[[], np.ndarray]
Peer = Callable[[Network, Algorithm, int, torch.Tensor], Run]


def engine(name: str) -> Peer:
    """An engine by its name."""

    def peer(network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor) -> Run:
        train = choose(network, algorithm, name)
        size = seeds_at_once(train, network, algorithm)

        def run() -> np.ndarray:
            norms = []
            for chunk in torch.split(seeds, size):
                *_, last = train(network, algorithm, rounds, chunk)
                norms.append((last.outputs - network.y).norm(dim=1))
            return torch.cat(norms).numpy()

        return run

    return peer


def autograd(network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor) -> Run:
    """What one writes first: loops over seeds and surrogates, gradients by torch.autograd."""
    X, y, a = network.X, network.y, network.a
    scale = 1 / (algorithm.xi * network.m**0.5)
    draw = algorithm.masks(network.m)

    def outputs(W: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.relu(X @ W) @ (a * mask) * scale

    def run() -> np.ndarray:
        norms = []
        for seed in torch.split(seeds, 1):
            W = network.W_0
            for k in range(rounds):
                masks = draw(seed, k)[0].to(W)
                change = torch.zeros_like(W)
                for mask in masks:
                    local = W.clone().requires_grad_()
                    for _ in range(algorithm.tau):
                        loss = 0.5 * (outputs(local, mask) - y).square().sum()
                        (gradient,) = torch.autograd.grad(loss, local)
                        local = (local - algorithm.eta * gradient).detach().requires_grad_()
                    outputs(local.detach(), mask)
                    change += mask * (local.detach() - W)
                W = W + change / masks.sum(0).clamp(min=1)
                frozen_noise(network, algorithm, masks[None])
                Z = X @ W
                displacement(network, Z[None])
            norms.append((network.outputs(Z) - y).norm())
        return torch.stack(norms).numpy()

    return run


def jax(network: Network, algorithm: Algorithm, rounds: int, seeds: torch.Tensor) -> Run:
    """jit of vmap over seeds and surrogates and scan over rounds and steps, gradients by grad."""
    import jax as jax_
    import jax.numpy as jnp

    jax_.config.update("jax_enable_x64", True)
    X, y, W_0, a = (jnp.asarray(t.numpy()) for t in (network.X, network.y, network.W_0, network.a))
    m, p, xi, tau, eta = network.m, algorithm.p, algorithm.xi, algorithm.tau, algorithm.eta
    relu_0 = jnp.maximum(X @ W_0, 0.0)
    golden = jnp.uint64(0x9E3779B97F4A7C15)

    def mix(z):
        z = (z ^ (z >> jnp.uint64(30))) * jnp.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> jnp.uint64(27))) * jnp.uint64(0x94D049BB133111EB)
        return z ^ (z >> jnp.uint64(31))

    def uniforms(seed, k, rows):
        key = mix(mix(seed) + golden * (k + 1).astype(jnp.uint64))
        bits = mix(key + golden * jnp.arange(1, rows * m + 1, dtype=jnp.uint64))
        return ((bits >> jnp.uint64(11)).astype(jnp.float64) * 2.0**-53).reshape(rows, m)

    def draw(seed, k):
        if algorithm.law.name == "categorical":
            home = jnp.floor(uniforms(seed, k, 1) * p)
            return (home == jnp.arange(p)[:, None]).astype(jnp.float64)
        return (uniforms(seed, k, p) < xi).astype(jnp.float64)

    def outputs(W, mask):
        return jnp.maximum(X @ W, 0.0) @ (a * mask) / (xi * m**0.5)

    def loss(W, mask):
        g = outputs(W, mask)
        return 0.5 * jnp.sum((g - y) ** 2), g

    def local_steps(W, mask):
        def step(W, _):
            gradient, g = jax_.grad(loss, has_aux=True)(W, mask)
            return W - eta * gradient, g

        L, g = jax_.lax.scan(step, W, None, length=tau)
        return L, jnp.concatenate([g, outputs(L, mask)[None]])

    def one_round(W, k, seed):
        masks = draw(seed, k)
        L, local = jax_.vmap(local_steps, in_axes=(None, 0))(W, masks)
        held = masks.sum(0)
        W = W + ((L - W) * masks[:, None]).sum(0) / jnp.maximum(held, 1.0)
        relu = jnp.maximum(X @ W, 0.0)
        noise = relu_0 @ ((held / (p * xi) - 1) * a) / m**0.5
        moved = jnp.sqrt(((relu - relu_0) ** 2).sum() / m)
        return W, (local, relu @ a / m**0.5, noise, moved)

    def train(seed):
        return jax_.lax.scan(lambda W, k: one_round(W, k, seed), W_0, jnp.arange(rounds))[1]

    all_seeds = jax_.jit(jax_.vmap(train))
    numbers = jnp.asarray(seeds.numpy().view(np.uint64))

    def run() -> np.ndarray:
        _, u, _, _ = jax_.block_until_ready(all_seeds(numbers))
        return np.linalg.norm(np.asarray(u[:, -1] - y), axis=1)

    return run


PEERS: dict[str, Peer] = {
    "fused": engine("fused"),
    "torch": engine("torch"),
    "plain": engine("plain"),
    "jax": jax,
    "autograd": autograd,
}


def available() -> dict[str, Peer]:
    """The peers whose packages are installed."""
    needs = {"fused": "numba", "jax": "jax"}
    return {name: peer for name, peer in PEERS.items() if find_spec(needs.get(name, "torch"))}
