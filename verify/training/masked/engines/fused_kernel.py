"""The compiled kernel of the engine `fused`. See there, and `sample_space` for the mathematics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from verify.training.masked.engines.fused_blocks import (
    begin_block,
    draw_block,
    end_block,
    initial_block,
    measure_block,
    signs_of,
)
from verify.training.masked.engines.fused_layout import (
    GIVEN,
    GOLDEN,
    LANES,
    WORDS,
    Problem,
    State,
    compiled,
    entry,
    mix,
    uncached,
)
from verify.training.masked.engines.fused_steps import (
    add_linear,
    add_outputs,
    add_up,
    count_pairs,
    enlist,
    gather,
    guess,
    local_step,
    members,
    reach_of,
    select,
    short_enough,
)


@compiled
def _sweep(
    problem: Problem, state: State, k: int, rounds: int, key: Any, given: Any,
    minus_total: Any, who: Any, trained: Any, g: Any, u: Any, noise: Any,
) -> float:  # fmt: skip
    """End round k - 1 and begin round k: adds to g (p, n), u and noise (n,).

    Returns sum_r |relu(z_r) - relu(z_0,r)|^2.
    """
    squares = 0.0
    for b in range(len(state.Z)):
        z, z_0, a = state.Z[b], initial_block(problem, state, b), signs_of(problem, b)
        if k == 0:
            z[:] = z_0
        else:
            end_block(problem, state, b, a, minus_total, who, trained)
            squares += measure_block(z, z_0, a, u)
        if k < rounds:
            draw_block(problem, state.codes[b], b, key, given[min(b, len(given) - 1)])
            begin_block(problem, state, b, z_0, a, g, noise)
    return squares


def _partial_sums(
    problem: Problem, state: State, seed: Any, given: Any, sums: Any,
    local_out: Any, outputs_out: Any, noise_out: Any, displacement_out: Any,
) -> Iterator[int]:  # fmt: skip
    """All rounds of one seed, up to the next sum over neurons.

    Yields how many entries of `sums` are to be replaced by the sums over all processes, or 0 at
    the begin of a round whose masks, as bits, are wanted in `given` (blocks, LANES). The last
    four arguments are the fields of a Trajectory.
    """
    rounds, n, p, m = len(outputs_out), len(problem.y), problem.p, problem.m
    words, root = len(state.Z) * WORDS, np.sqrt(np.float64(m))
    held, counts = np.empty(words, np.uint64), np.empty((p, n, n))
    who, trained = np.empty(0, np.int64), np.empty((0, n))
    local, signs, own = np.empty((0, n, LANES)), np.empty((0, LANES)), np.empty(0, np.int64)
    begin, blocks = np.empty(p, np.int64), np.empty(p, np.int64)
    first, out, e = np.empty((p, n)), np.empty((p, n)), np.empty(n)
    length, total, path = np.empty((p, n)), np.empty((p, n)), np.empty((p, n))
    minus_total, linear = np.empty((n, p)), False
    whole, parts = sums[: p * n].reshape(p, n), sums.reshape(p + 3, n)
    u, noise = parts[p], parts[p + 1]

    for k in range(rounds + 1):
        if problem.law == GIVEN and k < rounds:
            yield 0
        key = mix(mix(seed) + GOLDEN * np.uint64(k + 1))
        sums.fill(0.0)
        ended = minus_total[: n if linear else 0]
        sums[(p + 2) * n] = _sweep(
            problem, state, k, rounds, key, given, ended, who, trained, whole, u, noise
        )
        yield (p + 2) * n + 1
        if k > 0:
            outputs_out[k - 1] = u / root
            displacement_out[k - 1] = np.sqrt(sums[(p + 2) * n]) / root
        if k == rounds:
            break
        noise_out[k] = noise / root
        g = whole * problem.scale
        guess(problem, g, length)
        certain = False
        while not certain:
            reach = reach_of(problem, length) if problem.most > 0.0 else np.inf
            count = select(state, reach)
            sums[0] = np.float64(count) if reach < np.inf else np.inf
            yield 1
            linear = sums[0] <= problem.most * m
            if linear:
                count_pairs(state, held, counts)
            else:
                count = select(state, np.inf)
            if count > len(who):
                who, trained = np.empty(count, np.int64), np.empty((count, n))
            enlist(state, who)
            trained[:count].fill(0.0)
            total.fill(0.0)
            path.fill(0.0)
            for start in range(0, p, problem.together):
                stop = min(start + problem.together, p)
                room = 0
                for l in range(start, stop):  # noqa: E741
                    begin[l] = room
                    room += (members(state, who, count, np.uint64(l)) + LANES - 1) // LANES
                if room > len(local):
                    room += room // 4
                    local, signs = np.empty((room, n, LANES)), np.empty((room, LANES))
                    own = np.empty(room * LANES + 1, np.int64)
                for l in range(start, stop):  # noqa: E741
                    at = begin[l]
                    blocks[l] = gather(
                        problem, state, who, count, np.uint64(l),
                        local[at:], signs[at:], own[at * LANES :],
                    )  # fmt: skip
                    first[l] = 0.0
                    for b in range(at, at + blocks[l]):
                        add_outputs(local[b], signs[b], first[l])
                for t in range(problem.tau + 1):
                    if t > 0:
                        for l in range(start, stop):  # noqa: E741
                            part = whole[l - start]
                            for i in range(n):
                                part[i] = problem.scale * (out[l, i] - first[l, i])
                            if linear:
                                add_linear(problem, counts[l], total[l], part)
                        yield (stop - start) * n
                    for l in range(start, stop):  # noqa: E741
                        for i in range(n):
                            moved = whole[l - start, i] if t > 0 else 0.0
                            local_out[k, t, l, i] = g[l, i] + moved
                            e[i] = g[l, i] + moved - problem.y[i]
                        if t < problem.tau:
                            for i in range(n):
                                total[l, i] += e[i]
                                path[l, i] += abs(e[i])
                            at = begin[l]
                            local_step(problem, state, local[at:], signs[at:], blocks[l], e, out[l])
                for l in range(start, stop):  # noqa: E741
                    at = begin[l]
                    add_up(local[at:], blocks[l], own[at * LANES :], trained)
            certain = not linear
            if linear:
                sums[0] = 0.0 if short_enough(problem, path, length) else 1.0
                yield 1
                certain = sums[0] == 0.0
        for l in range(p):  # noqa: E741
            for i in range(n):
                minus_total[i, l] = -total[l, i]


partial_sums: Any = entry(_partial_sums)
_inner: Any = uncached(_partial_sums)
"""The same: numba compiles nothing against a generator that comes from its cache."""


@entry
def train_seed(
    problem: Problem, state: State, seed: Any, given: Any, sums: Any,
    local_out: Any, outputs_out: Any, noise_out: Any, displacement_out: Any,
) -> None:  # fmt: skip
    """All rounds of one seed where this process has all neurons and draws the masks here."""
    for _ in _inner(
        problem, state, seed, given, sums, local_out, outputs_out, noise_out, displacement_out
    ):
        pass
