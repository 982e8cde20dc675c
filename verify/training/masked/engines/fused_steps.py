"""The local steps of the engine `fused`: which neurons are critical, and how they go."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.training.masked.engines.fused_blocks import move
from verify.training.masked.engines.fused_layout import (
    LANES,
    ONE,
    WORDS,
    ZERO,
    Problem,
    State,
    compiled,
    popcount,
    row_product,
)


@compiled
def select(state: State, reach: float) -> int:
    """Mark the neurons of some mask whose margin is not beyond reach; their number."""
    count, codes = 0, state.codes
    for b in range(len(codes)):
        state.starts[b] = count
        for r in range(LANES):
            near = codes[b, r] != ZERO and not state.margin[b, r] > reach  # NaN too
            state.critical[b, r] = near
            count += near
    state.starts[len(codes)] = count
    return count


@compiled
def enlist(state: State, who: Any) -> None:
    """The neurons that are marked, in their order: who (count,)."""
    for b in range(len(state.codes)):
        c = state.starts[b]
        if state.starts[b + 1] > c:
            for r in range(LANES):
                if state.critical[b, r]:
                    who[c] = b * LANES + r
                    c += 1


@compiled
def members(state: State, who: Any, count: int, bit: Any) -> int:
    """How many of the listed neurons one mask has."""
    size = 0
    for c in range(count):
        size += (state.codes[who[c] // LANES, who[c] % LANES] >> bit) & ONE
    return int(size)


@compiled
def count_pairs(state: State, held: Any, counts: Any) -> None:
    """counts[l, i, j]: neurons of mask l, not critical, active on both x_i and x_j."""
    planes = state.planes
    n, words = planes.shape
    for l in range(len(counts)):  # noqa: E741
        bit = np.uint64(l)
        for w in range(words):
            b, first = w // WORDS, w % WORDS * 64
            word = ZERO
            for r in range(64):
                free = ZERO if state.critical[b, first + r] else ONE
                word |= ((state.codes[b, first + r] >> bit) & free) << np.uint64(r)
            held[w] = word
        for i in range(n):
            for j in range(i + 1):
                pairs = ZERO
                for w in range(words):
                    pairs += popcount(planes[i, w] & planes[j, w] & held[w])
                counts[l, i, j] = counts[l, j, i] = np.float64(pairs)


@compiled
def guess(problem: Problem, g: Any, length: Any) -> None:
    """Lengths of the paths from outputs g (p, n) if the kernel were that at W_0."""
    n = len(problem.y)
    e, descent = np.empty(n), np.empty(n)
    for l in range(len(g)):  # noqa: E741
        mean = 0.0
        for i in range(n):
            e[i], length[l, i] = g[l, i] - problem.y[i], 0.0
        for _ in range(problem.tau):
            for i in range(n):
                length[l, i] += abs(e[i])
                mean += abs(e[i]) / n
                descent[i] = problem.eta / problem.xi * row_product(problem.H, e, i)
            for i in range(n):
                e[i] -= descent[i]
        for i in range(n):
            length[l, i] = problem.headroom * (length[l, i] + 0.1 * mean)


@compiled
def reach_of(problem: Problem, length: Any) -> float:
    """How far these paths (p, n) can move a pre-activation, in the unit of the margins."""
    reach = 0.0
    for l in range(len(length)):  # noqa: E741
        for i in range(len(problem.y)):
            moved = 0.0
            for j in range(len(problem.y)):
                moved += abs(problem.G[i, j]) * length[l, j]
            if not moved < np.inf:
                return np.inf
            reach = max(reach, problem.eta * problem.scale * moved * problem.inverse[i])
    return reach


@compiled
def short_enough(problem: Problem, path: Any, length: Any) -> bool:
    """Whether no path (p, n) is longer than was guessed; then guesses longer ones."""
    enough = True
    for l in range(len(path)):  # noqa: E741
        for i in range(path.shape[1]):
            enough &= path[l, i] * problem.slack <= length[l, i]
            longer = 2.0 * max(length[l, i], path[l, i])
            length[l, i] = longer if path[l, i] < np.inf else np.inf
    return enough


@compiled
def gather(
    problem: Problem, state: State, who: Any, count: int, bit: Any,
    local: Any, signs: Any, own: Any,
) -> int:  # fmt: skip
    """Copy the critical neurons of one mask together; returns the number of blocks."""
    size, codes = 0, state.codes
    for c in range(count):
        own[size] = c
        if (codes[who[c] // LANES, who[c] % LANES] >> bit) & ONE:
            size += 1
    # unsigned indices: no check for negative ones
    n, stride = np.uint64(local.shape[1]), np.uint64(LANES)
    z, out = state.Z.ravel(), local.ravel()
    for q in range(np.uint64(size)):
        neuron = np.uint64(who[own[q]])
        b, r = neuron // stride, neuron % stride
        to, at = q // stride, q % stride
        signs[to, at] = problem.a[neuron]
        source, target = b * n * stride + r, to * n * stride + at
        for _ in range(n):
            out[target] = z[source]
            source += stride
            target += stride
    blocks = (size + LANES - 1) // LANES
    for q in range(size, blocks * LANES):
        local[q // LANES, :, q % LANES] = 0.0
        signs[q // LANES, q % LANES] = 0.0
        own[q] = -1
    return blocks


@compiled
def add_up(local: Any, blocks: int, own: Any, trained: Any) -> None:
    """trained[c] += the pre-activations of critical neuron c in `local`."""
    n, stride = np.uint64(local.shape[1]), np.uint64(LANES)
    z, out = local.ravel(), trained.ravel()
    for q in range(np.uint64(blocks) * stride):
        if own[q] >= 0:
            source, target = q // stride * n * stride + q % stride, np.uint64(own[q]) * n
            for i in range(n):
                out[target + i] += z[source]
                source += stride


@compiled
def add_outputs(z: Any, signs: Any, out: Any) -> None:
    for i in range(len(z)):
        u = 0.0
        for r in range(LANES):
            u += signs[r] * max(z[i, r], 0.0)
        out[i] += u


@compiled
def local_step(
    problem: Problem, state: State, local: Any, signs: Any, blocks: int, e: Any, out: Any
) -> None:
    """One gradient step of the neurons in `local`, and their outputs after it."""
    out[:] = 0.0
    for b in range(blocks):
        z, V = local[b], state.V
        for i in range(len(e)):
            step = e[i]
            for r in range(LANES):
                V[i, r] = step * signs[b, r] if z[i, r] > 0.0 else 0.0
        move(problem, z, state)
        add_outputs(z, signs[b], out)


@compiled
def add_linear(problem: Problem, counts: Any, total: Any, part: Any) -> None:
    """Add the change of the outputs (n,) by neurons that are not critical."""
    factor = problem.eta * problem.scale * problem.scale
    for i in range(len(part)):
        rest = 0.0
        for j in range(len(part)):
            rest += counts[i, j] * problem.G[i, j] * total[j]
        part[i] -= factor * rest
