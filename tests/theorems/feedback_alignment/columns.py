"""Shapes of what oracles of feedback alignment return."""

import numpy as np

from tests.oracles import Near

norm = np.linalg.norm


def rows(values, shape):
    """One number per network, along its path."""
    return np.array(values, dtype=float).reshape(-1, *[1] * (len(shape) - 1)) * np.ones(shape)


def columns(starts, shape):
    rounding = {"atol": 1e-9, "rtol": 1e-7, "absolute": 1e-12}
    return {name: Near(rows([at[name] for at in starts], shape), **rounding) for name in starts[0]}


def steps(shape):
    return np.arange(shape[1]) * np.ones(shape)


def each(paths, number):
    """(trials, steps + 1, ...)."""
    return np.array([[number(net) for net in path] for path in paths])


def transport(it, paths):
    return {"transport": Near(it.moved(paths), 1e-9)}
