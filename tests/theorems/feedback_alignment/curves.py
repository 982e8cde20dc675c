"""The curves of the pictures of feedback alignment, by hand."""

from dataclasses import replace
from functools import lru_cache
from math import exp, log10, nan, sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.feedback_alignment.columns import each, norm
from tests.theorems.feedback_alignment.ingredients import Ingredients
from tests.theorems.feedback_alignment.oracles import deviations, slopes, widths
from tests.theorems.feedback_alignment.oracles_decay import saturated
from verify.experiments.kit.slopes import median_interval


def mean(rows, rtol=1e-8):
    """Over the initialisations; nothing where one of them has nothing."""
    found = [sum(column) / len(column) for column in zip(*rows, strict=True)]
    return Near(found, rtol, absolute=rtol * 1e-3, gaps=True)


def error(rows, rtol=1e-8):
    """Of the mean."""
    spread = np.std(rows, axis=0, ddof=1) / sqrt(len(rows))
    return Near(spread, rtol, absolute=rtol * np.max(np.abs(rows)))


def steps(it):
    return range(it.configuration.steps + 1)


def certified(it, starts, row, holds=lambda at: True):
    """A row per initialisation, NaN where its rate is no certificate."""
    allowed = it.linear and it.configuration.decay == 0
    return mean([row(at) if allowed and it.certifies(at, at["a"]) and holds(at)
                 else [nan] * len(row(at)) for at in starts])  # fmt: skip


# --- errors ---


def errors(it, rule):
    """||e_k|| by initialisation; of linear networks that of the part in the range of X."""
    c = it.configuration
    paths = it.paths
    if rule != c.rule:
        paths = [net.train(it.eta, c.decay, c.steps, not it.back) for net in it.nets]
    return each(paths, lambda net: norm(it.inside(net.e) if c.activation == "linear" else net.e))


def certified_error(it):
    def row(at):
        return [(1 - it.eta * at["a"] * it.mu) ** k * at["e_0"] for k in steps(it)]

    return certified(it, it.starts, row)


def certified_relu_error(it):
    found = [it.relu_certificate(net) for net in it.nets]
    return mean([[(1 - it.eta * at["a"]) ** k * at["e_0"] if holds else nan for k in steps(it)]
                 for at, holds in found])  # fmt: skip


RULES = ("feedback", "backpropagation")
OF_ERRORS = {
    "x": steps,
    **{rule: lambda it, rule=rule: mean(errors(it, rule)) for rule in RULES},
    **{f"errors/{rule}": lambda it, rule=rule: error(errors(it, rule)) for rule in RULES},
}
OF_LINEAR_ERRORS = OF_ERRORS | {"certified": certified_error}
OF_RELU_ERRORS = OF_ERRORS | {"certified": certified_relu_error}

# --- alignment ---


def cosines(it, decay):
    paths = [net.train(it.eta, decay, it.configuration.steps, it.back) for net in it.nets]
    return abs(each(paths, lambda net: net.cosine))


def misaligned(it, at):
    """What |cos| never exceeds."""
    R, B2, s = it.radius(at, at["a"]), at["B2"], at["s_0"]
    most = max(abs(it.least(at, at["a"])), abs(at["overlap"] + B2 / 2 * ((s + R) ** 2 - s**2)))
    off = at["beta_p"] - at["W_p"] * R
    return most / sqrt(most**2 + B2 * off**2) if off > 0 else nan


def certified_cosine(it):
    return certified(it, it.starts, lambda at: [misaligned(it, at) for _ in steps(it)])


def of_alignment(*decays):
    found = {"x": steps, "certified": certified_cosine}
    for decay in decays:
        found[f"decay {decay:g}"] = lambda it, decay=decay: mean(cosines(it, decay))
        found[f"errors/decay {decay:g}"] = lambda it, decay=decay: error(cosines(it, decay))
    return found


@lru_cache
def at_width(it, width):
    """The same without decay, with other networks of that width."""
    other = replace(it.configuration, width=width, decay=0.0, rule="feedback")
    return Ingredients(other, it.salt, f"alignment {width}")


def largest_cosine(it, decay):
    """On the path, in the mean, by width; of linear networks under feedback alignment."""
    every = [cosines(at_width(it, width), decay) for width in widths(it)]
    return Near([rows.max(1).mean() for rows in every], 1e-8)


def certified_by_width(it):
    """1 where nothing is certified."""
    found = []
    for width in widths(it):
        at = at_width(it, width)
        U = [misaligned(at, start) if at.certifies(start, start["a"]) else 1.0
             for start in at.starts]  # fmt: skip
        found.append(np.mean(np.nan_to_num(U, nan=1.0)))
    return Near(found, 1e-8)


def of_widths(decay):
    return {
        "sweep/x": widths,
        "sweep/decay 0": lambda it: largest_cosine(it, 0.0),
        f"sweep/decay {decay:g}": lambda it: largest_cosine(it, decay),
        "sweep/certified": certified_by_width,
    }


# --- flows ---


def certified_flow(it):
    """exp(-a_0 mu t) ||e_0||, where a_0 > 0."""
    rows, c = [], it.configuration
    for at, flow in zip(it.starts, it.flows, strict=True):
        a_0 = at["low"] + (at["overlap"] - at["B2"] * at["s_0"] ** 2 / 2) / c.width
        holds = a_0 > 0 and c.activation == "linear" and c.decay == 0
        rows.append([exp(-a_0 * it.mu * t) * flow[0] if holds else nan for t in it.times])
    return mean(rows)


OF_FLOW = {
    "x": lambda it: it.times,
    "mean": lambda it: mean(it.flows, 1e-6),
    "errors/mean": lambda it: error(it.flows, 1e-6),
    "certified": certified_flow,
}


def unit(it):
    return it.t_a if it.configuration.decay else 1 / it.mu


def late_x(it):
    return [log10(t / unit(it)) for t in it.drawn_times]


def late_cosines(it):
    return abs(each(it.flowing, lambda net: net.cosine))


def late_tangents(it):
    return np.tan(np.arccos(late_cosines(it)))


def late_pulls(it):
    return each(it.flowing, lambda net: norm(it.X.T @ net.e))


def other_cosines(it, decay):
    """At the same multiples of its own t_a, the early ones alone."""
    t_a = sqrt(it.configuration.width) / (3 * decay * norm(it.theta))
    flows = [net.flow([0.0, *(t_a * x for x in it.early)], decay)[1:] for net in it.nets]
    found = abs(each(flows, lambda net: net.cosine)).mean(0)
    return Near([*found, *[nan] * (len(it.drawn_times) - len(found))], 1e-5, gaps=True)


def tangent_law_rows(it):
    lam, m, theta = it.configuration.decay, it.configuration.width, norm(it.theta)
    return [[
        at["W_p_theta"] / ((3 * lam * sqrt(at["B2"])) ** (1 / 3) * m ** (1 / 6) * theta ** (4 / 3))
        * t ** (-1 / 3) for t in it.drawn_times] for at in it.starts]  # fmt: skip


def pull_law(it):
    lam, m, theta = it.configuration.decay, it.configuration.width, norm(it.theta)
    return mean([[
        theta * m / 3 / at["B2"] * (3 * lam * at["B2"] ** 2 / m / theta**2 * t**-2) ** (1 / 3)
        for t in it.drawn_times] for at in it.starts])  # fmt: skip


def law(it):
    """The cosine of that angle."""
    tangents = np.mean(tangent_law_rows(it), axis=0)
    return Near(1 / np.sqrt(1 + tangents**2), 1e-8)


def plateau(it):
    """|X^T e| of ridge regression."""
    decay = it.configuration.decay * np.eye(it.X.shape[1])
    theta = np.linalg.solve(it.X.T @ it.X + decay, it.X.T @ it.y)
    return np.full(len(it.drawn_times), norm(it.X.T @ (it.X @ theta - it.y)))


FLOWS = 1e-4
"""Relative rounding of late times by another integrator."""
LATE = {
    "x": late_x,
    "tangent": lambda it: mean(late_tangents(it), FLOWS),
    "pull": lambda it: mean(late_pulls(it), FLOWS),
    "errors/tangent": lambda it: error(late_tangents(it), FLOWS),
    "errors/pull": lambda it: error(late_pulls(it), FLOWS),
}
LAWS = {"tangent law": lambda it: mean(tangent_law_rows(it)), "pull law": pull_law,
        "plateau": plateau}  # fmt: skip


def of_late(decay, at=0):
    """The panel of that number."""
    panel = LATE | LAWS if decay else LATE
    return {f"panels/{at}/{name}": curve for name, curve in panel.items()}


def of_aligned(decay):
    own = f"decay {decay:g}"
    found = {"x": late_x, own: lambda it: mean(late_cosines(it), FLOWS),
             f"errors/{own}": lambda it: error(late_cosines(it), FLOWS)}  # fmt: skip
    if decay:
        found["law"] = law
        for other in {0.1, 1.0} - {decay}:
            found[f"decay {other:g}"] = lambda it, other=other: other_cosines(it, other)
    return found | of_late(decay)


# --- decay in steps ---


def certified_with_decay(it):
    """Level by level, as long as the best rate for the last step lasts."""
    rows = []
    c, y = it.configuration, norm(it.inside(it.y))
    for at in it.starts:
        a = it.best(at, it.linear, lambda at, a: it.lasts(at, a, c.steps))
        level, row = at["e_0"], []
        for k in steps(it):
            row.append(level if it.linear and it.lasts(at, a, k) else nan)
            level = (1 - it.eta * (c.decay + a * it.mu)) * level + it.eta * c.decay * y
        rows.append(row)
    return mean(rows)


OF_STEPS = {
    "x": steps,
    "error": lambda it: mean(each(it.paths, lambda net: norm(it.inside(net.e)))),
    "certified": certified_with_decay,
}


def seen_before(it):
    """Steps with decay that are drawn, 100 or a few more."""
    return range(0, it.before, max(1, it.before // 100))


def stopped_cosines(it):
    c, rows = it.configuration, []
    for net, after in zip(it.nets, it.stopped, strict=True):
        path = net.train(it.eta, c.decay, it.before, it.back)
        rows.append([abs(net.cosine) for net in [*(path[k] for k in seen_before(it)), *after]])
    return mean(rows)


def certified_after(it):
    rows, gap = [], [nan] * len(seen_before(it))
    for path in it.stopped:
        at = it.start(path[0])
        a = it.best(at, it.linear)
        least = it.least(at, a)
        off = at["beta_p"] + at["W_p"] * it.radius(at, a)
        holds = it.linear and it.certifies(at, a) and least > 0
        U = least / sqrt(least**2 + at["B2"] * off**2) if holds else nan
        rows.append(gap + [U] * len(path))
    return mean(rows)


OF_STOPPED = {
    "x": lambda it: [*seen_before(it), *(it.before + k for k in steps(it))],
    "cosine": stopped_cosines,
    "certified": certified_after,
}


def seen_steps(it):
    return steps(it)[:: max(1, it.configuration.steps // 100)]


def allowed(it):
    """By the neurons that are active at the end and push to y, of all."""
    found = saturated(it)["symbols"]
    share = np.mean(np.sqrt(found["B2_A"].value / found["B2"].value))
    return np.full(len(seen_steps(it)), share)


OF_SATURATED = {
    "x": seen_steps,
    "cosine": lambda it: mean([[abs(path[k].cosine) for k in seen_steps(it)] for path in it.paths]),
    "limit": allowed,
}


def of_deviations(place):
    return {
        f"{place}/x": widths,
        f"{place}/deviation": lambda it: Near(np.median(deviations(it), axis=0), 1e-6),
        f"{place}/details/deviation": lambda it: Near(median_interval(np.array(slopes(it))), 1e-6),
    }
