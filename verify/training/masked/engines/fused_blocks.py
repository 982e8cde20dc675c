"""What the kernel of the engine `fused` does block by block in its one sweep of a round."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.training.masked.engines.fused_layout import (
    BERNOULLI,
    CATEGORICAL,
    GOLDEN,
    LANES,
    ONE,
    WORDS,
    ZERO,
    Problem,
    State,
    compiled,
    exact,
    mix,
    popcount,
    subtract_product,
)


@exact
def draw_block(problem: Problem, codes: Any, b: int, key: Any, given: Any) -> None:
    """Masks of block b as bits, (LANES,): those of `sample_masks`."""
    first, m = np.uint64(problem.first + b * LANES + 1), np.uint64(problem.m)
    codes.fill(ZERO)
    if problem.law == BERNOULLI:
        limit = np.uint64(np.ceil(problem.xi * 2.0**53))  # u < xi, in integers
        for l in range(problem.p):  # noqa: E741
            start, bit = first + np.uint64(l) * m, np.uint64(l)
            for r in range(LANES):
                number = mix(key + GOLDEN * (start + np.uint64(r))) >> np.uint64(11)
                codes[r] |= np.uint64(number < limit) << bit
    elif problem.law == CATEGORICAL:
        for r in range(LANES):
            number = mix(key + GOLDEN * (first + np.uint64(r))) >> np.uint64(11)
            codes[r] = ONE << np.uint64(np.float64(number) * 2.0**-53 * problem.p)
    else:
        for r in range(LANES):
            codes[r] = given[r]
    for r in range(max(len(problem.a) - b * LANES, 0), LANES):
        codes[r] = ZERO


@compiled
def signs_of(problem: Problem, b: int) -> Any:
    """a of block b, (LANES,)."""
    first = b * LANES
    if first + LANES <= len(problem.a):
        return problem.a[first : first + LANES]
    return problem.last


@compiled
def initial_block(problem: Problem, state: State, b: int) -> Any:
    """Z_0 of block b, (n, LANES): from memory, or computed into state.start."""
    if len(problem.Z_0):
        return problem.Z_0[b]
    W, z_0 = state.W, state.start
    first = b * LANES
    there = min(LANES, len(problem.a) - first)
    for i in range(len(W)):
        for r in range(there):
            W[i, r] = problem.W_0[i, first + r]
        for r in range(there, LANES):
            W[i, r] = 0.0
    z_0[:] = 0.0
    subtract_product(problem.opposite, W, z_0)
    return z_0


@compiled
def move(problem: Problem, z: Any, state: State) -> None:
    """Subtract from z (n, LANES) the step along state.V."""
    if len(state.T):
        state.T[:] = 0.0
        subtract_product(problem.back, state.V, state.T)
        subtract_product(problem.ahead, state.T, z)
    else:
        subtract_product(problem.ahead, state.V, z)


@compiled
def _shares(codes: Any, weights: Any, share: Any) -> None:
    """share[l] = m^l times the weights (LANES,)."""
    for l in range(len(share) - 1):  # noqa: E741
        bit = np.uint64(l)
        for r in range(LANES):
            share[l, r] = weights[r] if (codes[r] >> bit) & ONE else 0.0


@compiled
def end_block(
    problem: Problem, state: State, b: int, a: Any, minus_total: Any, who: Any, trained: Any
) -> None:
    """Average the changes of a round into block b."""
    z, codes, critical, V = state.Z[b], state.codes[b], state.critical[b], state.V
    if len(minus_total):
        weights = state.share[-1]
        for r in range(LANES):
            held = max(np.float64(popcount(codes[r])), 1.0)
            weights[r] = 0.0 if critical[r] else a[r] / held
        _shares(codes, weights, state.share)
        V[:] = 0.0
        subtract_product(minus_total, state.share[:-1], V)
        for i in range(len(z)):
            for r in range(LANES):
                V[i, r] = V[i, r] if z[i, r] > 0.0 else 0.0
        move(problem, z, state)
    for c in range(state.starts[b], state.starts[b + 1]):
        r = who[c] % LANES
        for i in range(len(z)):
            z[i, r] = trained[c, i] / np.float64(popcount(codes[r]))


@compiled
def measure_block(z: Any, z_0: Any, a: Any, u: Any) -> float:
    """Add sum_r a_r relu(z_r) to u (n,); returns sum_r |relu(z_r) - relu(z_0,r)|^2."""
    squares = 0.0
    for i in range(len(z)):
        out = 0.0
        for r in range(LANES):
            relu = max(z[i, r], 0.0)
            moved = relu - max(z_0[i, r], 0.0)
            out += a[r] * relu
            squares += moved * moved
        u[i] += out
    return squares


@compiled
def begin_block(
    problem: Problem, state: State, b: int, z_0: Any, a: Any, g: Any, noise: Any
) -> None:
    """Add block b to the surrogate outputs and the frozen noise; its planes."""
    z, codes, share = state.Z[b], state.codes[b], state.share
    _shares(codes, a, share)
    for r in range(LANES):
        share[-1, r] = a[r] * (np.float64(popcount(codes[r])) / (problem.p * problem.xi) - 1.0)
    for i in range(len(z)):
        frozen = 0.0
        for r in range(LANES):
            frozen += share[-1, r] * max(z_0[i, r], 0.0)
        noise[i] += frozen
        for l in range(len(g)):  # noqa: E741
            out = 0.0
            for r in range(LANES):
                out += share[l, r] * max(z[i, r], 0.0)
            g[l, i] += out
        for w in range(WORDS):
            word = ZERO
            for r in range(64):
                word |= np.uint64(z[i, 64 * w + r] > 0.0) << np.uint64(r)
            state.planes[i, b * WORDS + w] = word
