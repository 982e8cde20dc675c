"""The compiled kernel of the engine `fused`. See there, and `sample_space` for the mathematics."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.training.masked.fused_layout import (
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
    entry,
    exact,
    mix,
    popcount,
    row_product,
    subtract_product,
)


@exact
def _draw_block(problem: Problem, codes: Any, b: int, key: Any, given: Any) -> None:
    """Masks of block b as bits, (LANES,): those of `sample_masks`."""
    first, m = np.uint64(b * LANES + 1), np.uint64(problem.m)
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
    for r in range(max(problem.m - b * LANES, 0), LANES):
        codes[r] = ZERO


@compiled
def _move(problem: Problem, z: Any, state: State) -> None:
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
def _end_block(problem: Problem, state: State, b: int, minus_total: Any, trained: Any) -> None:
    """Average the changes of a round into block b."""
    z, codes, critical, V = state.Z[b], state.codes[b], state.critical[b], state.V
    if len(minus_total):
        weights = state.share[-1]
        for r in range(LANES):
            held = max(np.float64(popcount(codes[r])), 1.0)
            weights[r] = 0.0 if critical[r] else problem.a[b, r] / held
        _shares(codes, weights, state.share)
        V[:] = 0.0
        subtract_product(minus_total, state.share[:-1], V)
        for i in range(len(z)):
            for r in range(LANES):
                V[i, r] = V[i, r] if z[i, r] > 0.0 else 0.0
        _move(problem, z, state)
    for c in range(state.starts[b], state.starts[b + 1]):
        r = state.who[c] % LANES
        for i in range(len(z)):
            z[i, r] = trained[c, i] / np.float64(popcount(codes[r]))


@compiled
def _measure_block(problem: Problem, state: State, b: int, u: Any) -> float:
    """Add sum_r a_r relu(z_r) to u (n,); returns sum_r |relu(z_r) - relu(z_0,r)|^2."""
    z, z_0, a, squares = state.Z[b], problem.Z_0[b], problem.a[b], 0.0
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
def _begin_block(problem: Problem, state: State, b: int, g: Any, noise: Any) -> None:
    """Add block b to the surrogate outputs and the frozen noise; its planes and margins."""
    z, z_0, a, codes = state.Z[b], problem.Z_0[b], problem.a[b], state.codes[b]
    margin, share = state.margin[b], state.share
    _shares(codes, a, share)
    margin[:] = np.inf
    for r in range(LANES):
        share[-1, r] = a[r] * (np.float64(popcount(codes[r])) / (problem.p * problem.xi) - 1.0)
    for i in range(len(z)):
        unit, frozen = problem.inverse[i], 0.0
        if unit > 0.0:  # else x_i = 0, and its pre-activation stays 0
            for r in range(LANES):
                margin[r] = min(margin[r], abs(z[i, r]) * unit)
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


@compiled
def _select(state: State, reach: float) -> int:
    """List the neurons of some mask whose margin is not beyond reach; their number."""
    count, codes = 0, state.codes
    for b in range(len(codes)):
        state.starts[b] = count
        for r in range(LANES):
            near = codes[b, r] != ZERO and not state.margin[b, r] > reach  # NaN too
            state.critical[b, r] = near
            if near:
                state.who[count] = b * LANES + r
                count += 1
    state.starts[len(codes)] = count
    return count


@compiled
def _count_pairs(state: State, held: Any, counts: Any) -> None:
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
def _guess(problem: Problem, g: Any, length: Any) -> None:
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
def _reach(problem: Problem, length: Any) -> float:
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
def _gather(
    problem: Problem, state: State, count: int, bit: Any, local: Any, signs: Any, own: Any
) -> int:
    """Copy the critical neurons of one mask together; returns the number of blocks."""
    size, codes, who = 0, state.codes, state.who
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
        signs[to, at] = problem.a[b, r]
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
def _add_up(local: Any, blocks: int, own: Any, trained: Any) -> None:
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
def _add_outputs(z: Any, signs: Any, out: Any) -> None:
    for i in range(len(z)):
        u = 0.0
        for r in range(LANES):
            u += signs[r] * max(z[i, r], 0.0)
        out[i] += u


@compiled
def _local_step(
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
        _move(problem, z, state)
        _add_outputs(z, signs[b], out)


@compiled
def _local_steps(
    problem: Problem, state: State, count: int, counts: Any, g: Any,
    local: Any, signs: Any, own: Any, trained: Any, total: Any, path: Any, outputs: Any,
) -> None:  # fmt: skip
    """The tau steps of every surrogate from outputs g (p, n): critical neurons and linear rest.

    total and path (p, n) get sum_t e_t and sum_t |e_t|, outputs (tau + 1, p, n) the g^l.
    """
    n = len(problem.y)
    scale = problem.scale
    factor = problem.eta * scale * scale
    e, out, first, rest = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    trained[:count].fill(0.0)
    total.fill(0.0)
    path.fill(0.0)
    for l in range(len(g)):  # noqa: E741
        blocks = _gather(problem, state, count, np.uint64(l), local, signs, own)
        first.fill(0.0)
        rest.fill(0.0)
        for b in range(blocks):
            _add_outputs(local[b], signs[b], first)
        for i in range(n):
            out[i] = first[i]
        for t in range(problem.tau + 1):
            for i in range(n):
                outputs[t, l, i] = g[l, i] + scale * (out[i] - first[i]) - rest[i]
                e[i] = outputs[t, l, i] - problem.y[i]
            if t == problem.tau:
                break
            for i in range(n):
                total[l, i] += e[i]
                path[l, i] += abs(e[i])
            if len(counts):
                for i in range(n):
                    rest[i] = 0.0
                    for j in range(n):
                        rest[i] += factor * counts[l, i, j] * problem.G[i, j] * total[l, j]
            _local_step(problem, state, local, signs, blocks, e, out)
        _add_up(local, blocks, own, trained)


@compiled
def _short_enough(problem: Problem, path: Any, length: Any) -> bool:
    """Whether no path (p, n) is longer than was guessed; then guesses longer ones."""
    enough = True
    for l in range(len(path)):  # noqa: E741
        for i in range(path.shape[1]):
            enough &= path[l, i] * problem.slack <= length[l, i]
            longer = 2.0 * max(length[l, i], path[l, i])
            length[l, i] = longer if path[l, i] < np.inf else np.inf
    return enough


@entry
def train_seed(
    problem: Problem, state: State, seed: Any, given: Any,
    local_out: Any, outputs_out: Any, noise_out: Any, displacement_out: Any,
) -> None:  # fmt: skip
    """All rounds of one seed.

    given (rounds, blocks, LANES): masks as bits, for laws that are not drawn here; the rest are
    the fields of a Trajectory.
    """
    rounds, p, m, most = len(outputs_out), problem.p, problem.m, problem.most
    blocks, n = problem.Z_0.shape[0], problem.Z_0.shape[1]
    root = np.sqrt(np.float64(m))
    held, counts = np.empty(blocks * WORDS, np.uint64), np.empty((p, n, n))
    local, signs = np.empty((0, n, LANES)), np.empty((0, LANES))
    own, trained = np.empty(0, np.int64), np.empty((0, n))
    g, length = np.empty((p, n)), np.empty((p, n))
    total, path, minus_total = np.empty((p, n)), np.empty((p, n)), np.empty((n, p))
    u, noise, linear = np.empty(n), np.empty(n), False

    for k in range(rounds + 1):
        key = mix(mix(seed) + GOLDEN * np.uint64(k + 1))
        squares = 0.0
        u.fill(0.0)
        g.fill(0.0)
        noise.fill(0.0)
        for b in range(blocks):
            if k > 0:
                _end_block(problem, state, b, minus_total[: n if linear else 0], trained)
                squares += _measure_block(problem, state, b, u)
            if k < rounds:
                _draw_block(problem, state.codes[b], b, key, given[min(k, len(given) - 1), b])
                _begin_block(problem, state, b, g, noise)
        for i in range(n):
            if k > 0:
                outputs_out[k - 1, i] = u[i] / root
            if k < rounds:
                noise_out[k, i] = noise[i] / root
            for l in range(p):  # noqa: E741
                g[l, i] *= problem.scale
        if k > 0:
            displacement_out[k - 1] = np.sqrt(squares) / root
        if k == rounds:
            break
        _guess(problem, g, length)
        certain = False
        while not certain:
            reach = _reach(problem, length) if most > 0.0 else np.inf
            count = _select(state, reach)
            linear = reach < np.inf and count <= most * m
            if linear:
                _count_pairs(state, held, counts)
            else:
                count = _select(state, np.inf)
            room = (count + LANES - 1) // LANES
            if room > len(local):
                room += room // 4
                local, signs = np.empty((room, n, LANES)), np.empty((room, LANES))
                own, trained = np.empty(room * LANES, np.int64), np.empty((room * LANES, n))
            _local_steps(
                problem, state, count, counts[: p if linear else 0], g, local, signs, own,
                trained, total, path, local_out[k],
            )  # fmt: skip
            certain = not linear or _short_enough(problem, path, length)
        for l in range(p):  # noqa: E741
            for i in range(n):
                minus_total[i, l] = -total[l, i]
