"""The curves of the pictures of quadratic and smooth networks, by hand."""

from functools import lru_cache, partial
from math import sqrt

import numpy as np

from tests.oracles import Near
from tests.theorems.quadratic_networks.by_hand import largest
from tests.theorems.quadratic_networks.oracles_quadratic import curved, sized
from tests.theorems.quadratic_networks.oracles_smooth import discriminant, errors

CLOSE = partial(Near, rtol=1e-7, absolute=1e-14)


def floor(it):
    """Gaps below it are rounding: 1e-20 of the largest squared outputs at the start."""
    return 1e-20 * max(it.quadratic.size(W) for W in it.starts)


def gaps(it):
    """(points, seeds), along descent."""
    return np.maximum(it.over(it.descents, it.quadratic.gap), floor(it))


def global_rate(it, seed=0):
    """(Q.10) of one seed."""
    c, q, eta = it.configuration.output, it.quadratic, it.eta[seed]
    (g_0, sigma_d, norm_C), (t_min, t_max) = it.at_start[:, seed], q.spectrum
    low, high = sigma_d - eta * g_0, norm_C + eta * g_0
    mu = (largest(q.best) + sqrt(2 * g_0 / t_min)) / c
    beta, r = (mu + sqrt(mu**2 + 4 * high**2)) / 2, sqrt(2 * t_max * g_0)
    left = 1 - eta * c * r - 4 * eta * c**2 * t_max * beta * (1 + eta * c * r) ** 2
    rate = 1 - 16 * left * eta * c**2 * t_min * low**2 / beta
    return [rate**t * g_0 for t in it.t]


def certified_gap(it, seed=0):
    """(Q.2) of one seed."""
    q, at, found = it.quadratic, curved(it)["symbols"], []
    values, v = np.linalg.eigvalsh(q.best), it.v.numpy()
    trace = {"plus": values[values > 0].sum(), "minus": -values[values < 0].sum()}
    least = {"plus": min(v[v > 0]), "minus": min(-v[v < 0])}
    count = {"plus": sum(v > 0), "minus": sum(v < 0)}
    for point in range(len(it.t)):
        here = {name: near.value[point, seed] for name, near in at.items()}
        bound = here["GW"] / 4
        for s in ("plus", "minus"):
            gamma, sigma, G = here["gamma"], here[f"sigma_{s}"], here[f"G_{s}"]
            if count[s] > q.d or sigma < 1e-14:
                end = gamma / (2 * least[s])
            else:
                end = min((gamma + 4 * sigma**2 * q.spectrum[1]) / (2 * least[s]), G / (2 * sigma))
            bound += trace[s] * end / 2
        found.append(max(bound, floor(it)))
    return found


def law(it):
    """The mean of the least loss of labels that are noise."""
    d, s = it.quadratic.d, it.configuration.target_scale
    D = d * (d + 1) // 2
    return [max((n - D) / (2 * n), 1e-12) * s**2 for n, *_ in sized(it)]


def final(it):
    s = it.configuration.target_scale
    return CLOSE([max(losses.mean(), 1e-12 * s**2) for _, _, losses, _ in sized(it)])


@lru_cache
def stuck(it):
    """Shares of networks of 1, 2, ... neurons of each sign that end above a millionth of L_y."""
    c, q, found = it.configuration, it.quadratic, []
    X, y = q.X.numpy(), q.y.numpy()
    for count in range(1, q.d + 2):
        other = it.other(positive=count, negative=count, start="independent")
        ends = [levenberg_marquardt(W.numpy(), other.v.numpy(), X, y, c.steps)
                for W in other.weights(f"stuck {count}", c.trials)]  # fmt: skip
        gap = [((f(W, other.v.numpy(), X) - y) ** 2).sum() / (2 * q.n) - q.loss_of_best
               for W in ends]  # fmt: skip
        found.append(np.mean([g > 1e-6 * (y @ y) / (2 * q.n) for g in gap]))
    return np.array(found)


def f(W, v, X):
    return np.array([sum(a * (w @ x) ** 2 for a, w in zip(v, W, strict=True)) for x in X])


def levenberg_marquardt(W, v, X, y, steps):
    """By the normal equations in the weights, towards the best outputs that a network can have."""
    rows = np.array([np.outer(x, x).ravel() for x in X])
    y, damping = rows @ np.linalg.pinv(rows, rcond=1e-12) @ y, 1e-2
    for _ in range(steps):
        J = np.array([[2 * a * (w @ x) * x for a, w in zip(v, W, strict=True)] for x in X])
        J = J.reshape(len(X), -1)
        e = f(W, v, X) - y
        if e @ e <= 1e-24 * (y @ y):
            return W
        level = np.trace(J @ J.T) / len(X)
        step = np.linalg.solve(J.T @ J + damping * level * np.eye(W.size), J.T @ e)
        new = W - step.reshape(W.shape)
        better = sum((f(new, v, X) - y) ** 2) < e @ e
        W, damping = (new, damping / 4) if better else (W, damping * 3)
        damping = min(max(damping, 1e-10), 1e6)
    return W


def smooth_rate(it, seed=0):
    """(Q.15) of one seed."""
    q, at = it.configuration.q, it.certificates[seed][2]
    disc = at["kappa"] ** 2 - 2 * at["ell"] * at["e_0"] / q
    return CLOSE([(1 - at["eta"] * q * disc) ** t * at["e_0"] for t in it.t])


def radius(it):
    """Means over the planted networks."""
    r = discriminant(it)["symbols"]["r"].value / it.configuration.reach
    return CLOSE(np.maximum(r.mean(1), 1e-12))


OF_DESCENT = {
    "x": lambda it: it.t,
    "first_gap": lambda it: CLOSE(gaps(it)[:, 0]),
    "mean_gap": lambda it: CLOSE(gaps(it).mean(1)),
    "bound_of_the_first": lambda it: CLOSE(global_rate(it)),
}
OF_CURVATURE = {
    "x": lambda it: it.t,
    "first_gap": lambda it: CLOSE(np.maximum(curved(it)["gap"].value[:, 0], floor(it))),
    "bound": lambda it: CLOSE(certified_gap(it)),
}
OF_SIZES = {"x": lambda it: [n for n, *_ in sized(it)], "mean_loss": final, "law": law}
OF_STUCK = {
    "x": lambda it: range(1, it.quadratic.d + 2),
    "share": lambda it: np.maximum(stuck(it), 0.1 / it.configuration.trials),
}
OF_CERTIFICATE = {
    "x": lambda it: it.t,
    "first_error": lambda it: CLOSE(errors(it)[:, 0]),
    "mean_error": lambda it: CLOSE(errors(it).mean(1)),
    "bound_of_the_first": smooth_rate,
}
OF_BASIN = {"x": lambda it: discriminant(it)["symbols"]["n"].value[:, 0], "radius": radius}
