"""The local steps of the engine `fused`: which neurons are critical, and how they go."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.training.masked.engines.fused_blocks import move, signs_of
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
def select(problem: Problem, state: State, reach: Any) -> int:
    """Mark the neurons of some mask that can meet a kink within `reach` (2, n); their number."""
    count, room = 0, np.empty(LANES)
    for b in range(len(state.Z)):
        state.starts[b] = count
        z, a = state.Z[b], signs_of(problem, b)
        room[:] = np.inf
        for i in range(len(z)):
            down, up = reach[0, i], reach[1, i]
            if down > 0.0 or up > 0.0:  # else it does not move, and may be 0
                for r in range(LANES):
                    signed = a[r] * z[i, r]
                    room[r] = min(room[r], max(signed - down, -signed - up))
        for r in range(LANES):
            near = state.codes[b, r] != ZERO and not room[r] > 0.0
            state.critical[b, r] = near
            count += near
    state.starts[len(state.Z)] = count
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
    """Lengths (2, p, n) of the paths from outputs g (p, n) if the kernel were that at W_0."""
    n = len(problem.y)
    e, descent = np.empty(n), np.empty(n)
    length[:] = 0.0
    for l in range(len(g)):  # noqa: E741
        mean = 0.0
        for i in range(n):
            e[i] = g[l, i] - problem.y[i]
        for _ in range(problem.tau):
            for i in range(n):
                length[0 if e[i] > 0.0 else 1, l, i] += abs(e[i])
                mean += abs(e[i]) / n
                descent[i] = problem.eta / problem.xi * row_product(problem.H, e, i)
            for i in range(n):
                e[i] -= descent[i]
        for i in range(n):
            for way in range(2):
                length[way, l, i] = problem.headroom * (length[way, l, i] + 0.1 * mean)


@compiled
def reach_of(problem: Problem, length: Any, reach: Any) -> bool:
    """How far paths (2, p, n) can move a_r z_i, down and up: reach (2, n); whether it is finite."""
    factor = problem.eta * problem.scale
    reach[:] = 0.0
    for l in range(length.shape[1]):  # noqa: E741
        for i in range(len(problem.y)):
            down, up = 0.0, 0.0
            for j in range(len(problem.y)):
                same, other = max(problem.G[i, j], 0.0), max(-problem.G[i, j], 0.0)
                down += same * length[0, l, j] + other * length[1, l, j]
                up += same * length[1, l, j] + other * length[0, l, j]
            if not down + up < np.inf:
                return False
            reach[0, i] = max(reach[0, i], factor * down)
            reach[1, i] = max(reach[1, i], factor * up)
    return True


@compiled
def short_enough(problem: Problem, path: Any, length: Any) -> bool:
    """Whether no path (2, p, n) is longer than was guessed; else guesses longer ones."""
    enough = True
    for way in range(2):
        for l in range(path.shape[1]):  # noqa: E741
            for i in range(path.shape[2]):
                enough &= path[way, l, i] * problem.slack <= length[way, l, i]
    if not enough:
        for way in range(2):
            for l in range(path.shape[1]):  # noqa: E741
                for i in range(path.shape[2]):
                    longer = 2.0 * max(length[way, l, i], path[way, l, i])
                    length[way, l, i] = longer if path[way, l, i] < np.inf else np.inf
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
    n, blocks = local.shape[1], (size + LANES - 1) // LANES
    z, place = state.Z.ravel(), np.empty(LANES, np.int64)
    for b in range(blocks):
        there = min(LANES, size - b * LANES)
        for r in range(there):
            neuron = who[own[b * LANES + r]]
            signs[b, r] = problem.a[neuron]
            place[r] = neuron // LANES * n * LANES + neuron % LANES
        for i in range(n):  # row by row: neighbours share what the cache takes at a time
            row = z[i * LANES :]
            for r in range(there):
                local[b, i, r] = row[place[r]]
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
    """Add sum_r a_r relu(z_ir) of one block to out (n,); z (n, LANES), signs (LANES,)."""
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
