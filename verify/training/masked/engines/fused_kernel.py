"""The compiled kernel of the engine `fused`. See there, and `sample_space` for the mathematics.

`train_seed` is compiled as a whole where one process has all neurons. Over processes the same
source runs in Python, `part_by_part()`: only its parts are compiled, and it sums between them.

Arrays are copied in loops: numba compiles an assignment of one to a slice of another together with
the text of its error, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
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
    GOLDEN,
    LANES,
    WORDS,
    Problem,
    State,
    compiled,
    entry,
    from_python,
    mix,
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
    problem: Problem, state: State, k: int, rounds: int, seed: Any, given: Any,
    minus_total: Any, who: Any, trained: Any, sums: Any,
) -> None:  # fmt: skip
    """End round k - 1 and begin round k.

    sums: scaled surrogate outputs (p, n), outputs and frozen noise (n,) times sqrt(m), and
    sum_r |relu(z_r) - relu(z_0,r)|^2.
    """
    p, n = problem.p, len(problem.y)
    key = mix(mix(seed) + GOLDEN * np.uint64(k + 1))
    sums[:] = 0.0
    parts = sums.reshape(p + 3, n)
    g, u, noise, squares = parts[:p], parts[p], parts[p + 1], 0.0
    for b in range(len(state.Z)):
        z, z_0, a = state.Z[b], initial_block(problem, state, b), signs_of(problem, b)
        if k == 0:
            for i in range(n):
                for r in range(LANES):
                    z[i, r] = z_0[i, r]
        else:
            end_block(problem, state, b, a, minus_total, who, trained)
            squares += measure_block(z, z_0, a, u)
        if k < rounds:
            draw_block(problem, state.codes[b], b, key, given[min(b, len(given) - 1)])
            begin_block(problem, state, b, z_0, a, g, noise)
    parts[p + 2, 0] = squares
    for l in range(p):  # noqa: E741
        for i in range(n):
            g[l, i] *= problem.scale


@compiled
def _guess(problem: Problem, g: Any, length: Any) -> None:
    guess(problem, g, length)


@compiled
def _near(problem: Problem, state: State, length: Any, reach: Any) -> float:
    """Marks the neurons that paths of this length make critical; their number, inf for all."""
    if problem.most > 0.0 and reach_of(problem, length, reach):
        return np.float64(select(problem, state, reach))
    return np.inf


@compiled
def _rest(problem: Problem, state: State, linear: bool, reach: Any, held: Any, counts: Any) -> int:
    """What of the neurons goes by the linear recursion, if any; the number of the others."""
    if linear:
        count_pairs(state, held, counts)
        return int(state.starts[-1])
    reach[:] = np.inf
    return int(select(problem, state, reach))


@compiled
def _room(state: State, who: Any, count: int, start: int, surrogates: int) -> int:
    """Blocks that hold the critical neurons of some surrogates."""
    if surrogates == 1:
        return (count + LANES - 1) // LANES  # more than it has: cheaper than to count them
    room = 0
    for q in range(surrogates):
        room += (members(state, who, count, np.uint64(start + q)) + LANES - 1) // LANES
    return room


@compiled
def _collect(
    problem: Problem, state: State, who: Any, count: int, start: int, begin: Any,
    local: Any, signs: Any, own: Any, first: Any,
) -> None:  # fmt: skip
    """Copy the critical neurons of each surrogate, from block `begin` on, and their outputs."""
    begin[0] = 0
    for q in range(len(begin) - 1):
        at = begin[q]
        begin[q + 1] = at + gather(
            problem, state, who, count, np.uint64(start + q),
            local[at:], signs[at:], own[at * LANES :],
        )  # fmt: skip
        first[q] = 0.0
        for b in range(at, begin[q + 1]):
            add_outputs(local[b], signs[b], first[q])


@compiled
def _moved(
    problem: Problem, linear: bool, counts: Any, total: Any, out: Any, first: Any, moved: Any
) -> None:
    """How the outputs of surrogates have moved by the local steps so far."""
    for q in range(len(moved)):
        for i in range(moved.shape[1]):
            moved[q, i] = problem.scale * (out[q, i] - first[q, i])
        if linear:
            add_linear(problem, counts[q], total[q], moved[q])


@compiled
def _step(
    problem: Problem, state: State, t: int, g: Any, moved: Any, outputs: Any, total: Any,
    path: Any, begin: Any, local: Any, signs: Any, out: Any,
) -> None:  # fmt: skip
    """Note the outputs of surrogates at time t, and take the local step unless it is the end."""
    n = len(problem.y)
    e = np.empty(n)
    for q in range(len(moved)):
        for i in range(n):
            outputs[q, i] = g[q, i] + moved[q, i]
            e[i] = outputs[q, i] - problem.y[i]
        if t < problem.tau:
            for i in range(n):
                total[q, i] += e[i]
                path[0 if e[i] > 0.0 else 1, q, i] += abs(e[i])
            at, end = begin[q], begin[q + 1]
            local_step(problem, state, local[at:], signs[at:], end - at, e, out[q])


@compiled
def _collected(begin: Any, local: Any, own: Any, trained: Any) -> None:
    """Add up over surrogates what became of the critical neurons."""
    for q in range(len(begin) - 1):
        at = begin[q]
        add_up(local[at:], begin[q + 1] - at, own[at * LANES :], trained)


@compiled
def _longer(problem: Problem, path: Any, length: Any) -> float:
    """1 where a path is longer than was guessed, and then guesses longer ones; else 0."""
    return 0.0 if short_enough(problem, path, length) else 1.0


@compiled
def _enlist(state: State, who: Any) -> None:
    enlist(state, who)


@entry
def train_seed(
    problem: Problem, state: State, seed: Any, given: Any, sums: Any,
    local_out: Any, outputs_out: Any, noise_out: Any, displacement_out: Any,
    draw: Any, everywhere: Any,
) -> None:  # fmt: skip
    """All rounds of one seed; the `_out` are the fields of a Trajectory.

    sums ((p + 3) n,) is what is summed over neurons. In Python alone, else None:
    draw(k)            puts the masks of round k, as bits, into given (blocks, LANES)
    everywhere(count)  replaces the first entries of `sums` by their sums over all processes, of
                       which all surrogates go side by side
    """
    rounds, n, p, m = len(outputs_out), len(problem.y), problem.p, problem.m
    root, together = np.sqrt(np.float64(m)), problem.together
    held, counts = np.empty(len(state.Z) * WORDS, np.uint64), np.empty((p, n, n))
    who, trained = np.empty(0, np.int64), np.empty((0, n))
    local, signs, own = np.empty((0, n, LANES)), np.empty((0, LANES)), np.empty(0, np.int64)
    first, out = np.empty((p, n)), np.empty((p, n))
    length, path = np.empty((2, p, n)), np.empty((2, p, n))
    reach, total = np.empty((2, n)), np.empty((p, n))
    minus_total, linear = np.empty((n, p)), False
    parts = sums.reshape(p + 3, n)

    for k in range(rounds + 1):
        if draw is not None and k < rounds:
            draw(k)
        ended = minus_total[: n if linear else 0]
        _sweep(problem, state, k, rounds, seed, given, ended, who, trained, sums)
        if everywhere is not None:
            everywhere((p + 2) * n + 1)
        if k > 0:
            for i in range(n):
                outputs_out[k - 1, i] = parts[p, i] / root
            displacement_out[k - 1] = np.sqrt(parts[p + 2, 0]) / root
        if k == rounds:
            break
        for i in range(n):
            noise_out[k, i] = parts[p + 1, i] / root
        g = parts[:p].copy()
        _guess(problem, g, length)
        certain = False
        while not certain:
            # every process for itself: only whether paths are long enough must all agree on
            linear = _near(problem, state, length, reach) <= problem.most * len(problem.a)
            count = _rest(problem, state, linear, reach, held, counts)
            if count > len(who):
                who, trained = np.empty(count, np.int64), np.empty((count, n))
            _enlist(state, who)
            trained[:count] = 0.0
            total[:] = 0.0
            path[:] = 0.0
            sums[p * n] = 0.0  # whether a path is longer: told with the outputs after the last step
            for start in range(0, p, together):
                some = slice(start, min(start + together, p))
                moved = parts[: some.stop - start]
                begin = np.empty(len(moved) + 1, np.int64)
                room = _room(state, who, count, start, len(moved))
                if room > len(local):
                    room += room // 4
                    local, signs = np.empty((room, n, LANES)), np.empty((room, LANES))
                    own = np.empty(room * LANES + 1, np.int64)
                _collect(problem, state, who, count, start, begin, local, signs, own, first[some])
                moved[:] = 0.0
                for t in range(problem.tau + 1):
                    if t > 0:
                        _moved(
                            problem, linear, counts[some], total[some],
                            out[some], first[some], moved,
                        )  # fmt: skip
                        if linear and t == problem.tau and some.stop == p:
                            sums[p * n] = _longer(problem, path, length)
                        if everywhere is not None:
                            everywhere(p * n + 1)
                    _step(
                        problem, state, t, g[some], moved, local_out[k, t, some], total[some],
                        path[:, some], begin, local, signs, out[some],
                    )  # fmt: skip
                _collected(begin, local, own, trained)
            certain = sums[p * n] == 0.0
        for l in range(p):  # noqa: E741
            for i in range(n):
                minus_total[i, l] = -total[l, i]


@cache
def part_by_part() -> Callable[..., None]:
    """`train_seed` in Python, its parts compiled each for itself."""
    driver = train_seed.py_func
    names = [name for name in driver.__code__.co_names if hasattr(globals().get(name), "py_func")]
    parts = {name: from_python(globals()[name]) for name in names}
    return FunctionType(driver.__code__, {**globals(), **parts}, driver.__name__)
