"""Points on a circle by hand: margins by symmetry, sign changes by arcs, features by programs."""

from functools import cached_property
from math import cos, log, pi, sin, sqrt

import numpy as np
from scipy.optimize import linprog

from tests.oracles import Near, Satisfies
from tests.verify.training.gradient_descent import by_hand
from verify.experiments.coupled_initialisation import circle
from verify.experiments.kit.slopes import median_interval
from verify.judging.seeds import numpy_generator

DRAWS, TRAINED = 4, 8
"""Draws of features in a mean; networks of every width that are trained."""


def points(n):
    """x_i and alternating labels."""
    X = np.array([[cos(2 * pi * i / n), sin(2 * pi * i / n)] for i in range(n)])
    return X, np.array([(-1.0) ** i for i in range(n)])


def margin(n):
    """By symmetry all weights are equal: sqrt(y^T H y)/n; 0 where n is no multiple of 4."""
    X, y = points(n)
    return sqrt(max(0.0, y @ by_hand.limiting_kernel(X) @ y)) / n


def changes(W, s):
    """Sign changes: between kinks f = a cos + b sin, whose zeros are known."""
    ends = sorted(
        {(np.arctan2(w[1], w[0]) + side * pi / 2) % (2 * pi) for w in W for side in (1, -1)}
    )
    cuts = list(ends)
    for start, end in zip(ends, [*ends[1:], ends[0] + 2 * pi], strict=True):
        middle = np.array([cos((start + end) / 2), sin((start + end) / 2)])
        a, b = sum((r * w for r, w in zip(s, W, strict=True) if w @ middle > 0), np.zeros(2))
        zero = np.arctan2(-a, b)
        cuts += [x for x in (zero + k * pi for k in range(-3, 5)) if start < x < end]
    cuts = np.sort(np.array(cuts) % (2 * pi))
    size = sum(abs(r) * np.linalg.norm(w) for r, w in zip(s, W, strict=True))
    signs = []
    for start, end in zip(cuts, [*cuts[1:], cuts[0] + 2 * pi], strict=True):
        x = np.array([cos((start + end) / 2), sin((start + end) / 2)])
        f = sum(r * max(w @ x, 0.0) for r, w in zip(s, W, strict=True))
        signs += [np.sign(f)] if abs(f) > 1e-12 * size else []
    return sum(one != other for one, other in zip(signs, signs[1:] + signs[:1], strict=True))


def separable(X, y, W):
    """Whether some v_s have y_i sum_s 1{<w_s, x_i> > 0} <v_s, x_i> >= 1 for all i."""
    features = np.array([np.concatenate([x * float(w @ x > 0) for w in W]) for x in X])
    found = linprog(np.zeros(features.shape[1]), -y[:, None] * features, -np.ones(len(X)),
                    bounds=(None, None))  # fmt: skip
    return found.status == 0


class Circle:
    """What the oracles of (A.15) to (A.17) compute from; a part of the ingredients."""

    @cached_property
    def sizes(self):
        c, found = self.configuration, set()
        for power in range(20):
            found |= {c.circle_fewest * 2**power, c.circle_fewest * 2**power * 3 // 2}
        return sorted(n for n in found if n <= c.circle_most)

    @property
    def swept(self):
        return [n for n in self.sizes if n % 4 == 0]

    @cached_property
    def fitted(self):
        """By number of points: m, and risk and weights after training, of every network."""
        c, found = self.configuration, {}
        for n in (n for n in self.sizes if n <= c.circle_trained):
            X, y = points(n)
            pairs = sorted({int(np.ceil(n / 8 * sqrt(2) ** j - 1e-9)) for j in range(9)})
            rows = []
            for N in pairs:
                for trial in range(TRAINED):
                    drawn = by_hand.gaussians(2, pairs[-1], f"{self.salt}/circle {n} {trial}")[:N]
                    signs = np.array([1, -1] * N) / sqrt(2 * N)
                    net = by_hand.Network(X, np.repeat(drawn, 2, 0), signs)
                    eta = c.logistic_step * n
                    run = by_hand.descend(net, y, eta, c.circle_steps, by_hand.logistic_slope)
                    risk = by_hand.risks(run.outputs[-1:], y)[0]
                    rows.append((2 * N, risk, run.W[-1], signs))
            found[n] = rows
        return found

    @cached_property
    def all_networks(self):
        """n, m, risk, W, s: those that are made, then those that are trained."""
        found = []
        for m in circle.SHARPEST:
            W, s = circle.sharpest(m)
            found.append((2 * m, m, 0.0, W, s))
        rng = numpy_generator("circle", self.salt)
        for m in range(1, 21):
            W, s = rng.normal(size=(10, m, 2)), rng.normal(size=(10, m))
            X, y = points(4)
            for w, r in zip(W, s, strict=True):
                f = np.array([sum(r * np.maximum(w @ x, 0)) for x in X])
                found.append((4, m, by_hand.risks(f[None], y)[0], w, r))
        for n, rows in self.fitted.items():
            found += [(n, *row) for row in rows]
        return found

    @cached_property
    def separable_widths(self):
        """By number of points: widths of the sweeps, means over draws."""
        found = {}
        for n in self.swept:
            X, y = points(n)
            least = []
            for i in range(self.configuration.sweeps * DRAWS):
                W = by_hand.gaussians(2, 16 * n, f"{self.salt}/features {n} {i}")
                N = next(N for N in range(1, 16 * n) if separable(X, y, W[:N]))
                least.append(2 * N)
            found[n] = np.array(least).reshape(-1, DRAWS).mean(1)
        return found

    @cached_property
    def width_slopes(self):
        x = [1 / margin(n) for n in self.swept]
        rows = np.array([self.separable_widths[n] for n in self.swept]).T
        return np.array([by_hand.slope(x, row) for row in rows])

    @cached_property
    def trained_widths(self):
        """The smallest that fits, by initialisation, for the sizes that are swept."""
        found = {}
        for n in (n for n in self.swept if n in self.fitted):
            fits = [[m for m, risk, *_ in self.fitted[n][trial::TRAINED] if risk < log(2) / n]
                    for trial in range(TRAINED)]  # fmt: skip
            found[n] = [min(widths, default=np.inf) for widths in fits]
        return found


def sign_changes(it):
    found = [changes(W, s) for *_, W, s in it.all_networks]
    return {"values": found, "symbols": {"m": [m for _, m, *_ in it.all_networks]}}


def width_that_fits(it):
    n = [row[0] for row in it.all_networks]
    gamma = {count: margin(count) for count in set(n)}
    risk = [row[2] for row in it.all_networks]
    symbols = {
        "n": n,
        "R": Near(risk, 1e-8, absolute=1e-15),
        "gamma_inf": Near([gamma[count] for count in n], absolute=1e-6),
    }
    return {"values": [row[1] for row in it.all_networks], "symbols": symbols}


def circle_margin(it):
    values = Near([margin(n) for n in it.sizes], absolute=1e-6)
    return {"values": values, "scale": 1.0, "symbols": {"n": it.sizes}}


def slope_of_features(it):
    symbols = {"fewest": min(it.swept), "most": max(it.swept), "sizes": len(it.swept)}
    return {"values": [float(1 <= slope <= 2) for slope in it.width_slopes], "symbols": symbols}


SAMPLES = {
    "sign_changes": sign_changes, "width_that_fits": width_that_fits,
    "circle_margin": circle_margin, "slope_of_features": slope_of_features,
}  # fmt: skip


def interval(slopes):
    """The median with its interval: see the test of `median_interval` for its coverage."""
    return median_interval(np.array(slopes))


def trained_curve(it):
    medians = [np.median(it.trained_widths[n]) if n in it.trained_widths else np.nan
               for n in it.swept]  # fmt: skip
    return Satisfies(f"{medians}", lambda found, _: np.array_equal(found, medians, equal_nan=True))


def trained_slopes(it):
    x = [1 / margin(n) for n in it.trained_widths]
    return interval(
        [by_hand.slope(x, row) for row in zip(*it.trained_widths.values(), strict=True)]
    )


CURVES = {
    "sweep/x": lambda it: [1 / margin(n) for n in it.swept],
    "sweep/separable": lambda it: [np.median(it.separable_widths[n]) for n in it.swept],
    "sweep/trained": trained_curve,
    "sweep/at_least": lambda it: [n / 2 for n in it.swept],
    "sweep/enough": lambda it: [log(n / it.configuration.delta) / margin(n) ** 2 for n in it.swept],
    "sweep/details/separable": lambda it: interval(it.width_slopes),
    "sweep/details/trained": trained_slopes,
}
"""Of the picture of the circle."""
