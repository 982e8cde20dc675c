"""A configuration made concrete: data, networks, their output scales and certificates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from theory import registry
from theory.mathematics import layerwise
from theory.mathematics.defect import defect_constant
from theory.mathematics.positive_networks import CRITERIA, Positive, lowest_slope, positive
from verify.experiments.descent_criterion.configuration import OTHERWISE, Configuration
from verify.judging.seeds import numpy_generator
from verify.training.deep import Design, Network, Parameters, layers

FRESH = 8
"""Fresh inputs, of norm 1."""


@dataclass(frozen=True, eq=False)
class Start:
    """One network at its start: W_1 = 0, positive weights, ||a|| = norm."""

    net: Positive
    norm: float

    @property
    def q_sq(self) -> float:
        """|q|^2, with J_0 J_0^T = |q|^2 X X^T."""
        return float(self.norm**2 * (self.net.q @ self.net.q))


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) and targets y (n,); `shared`: values common to all claims."""

    configuration: Configuration
    X: np.ndarray
    y: np.ndarray
    shared: dict[str, Any]
    salt: str
    problem: str

    @property
    def notes(self) -> dict[str, Any]:
        """The data, and the output scales that the criteria ask for, of the first network."""
        return {"problem": self.problem, "smallest output scale": self.smallest_scales}

    @cached_property
    def smallest_scales(self) -> dict[str, float]:
        """By criterion: A* of the first network; inf where no ||a|| meets it."""
        net, known = self._drawn("trial 0", self.configuration.layers), self.shared
        return {name: net.smallest_scale(known["E_0"], known["epsilon"], name) for name in CRITERIA}

    @cached_property
    def starts(self) -> list[Start]:
        """The networks of all trials, each with ||a|| as the options say."""
        return [self.start(f"trial {i}") for i in range(self.configuration.trials)]

    def start(self, purpose: str, norm: float | None = None) -> Start:
        """One network; every purpose draws its own. Without a norm, that of the options."""
        c = self.configuration
        net, norm = self._drawn(purpose, c.layers), norm or c.output_norm
        if norm is not None:
            return Start(net, norm)
        if purpose == "trial 0":
            A_star = self.smallest_scales[c.criterion]
        else:
            A_star = net.smallest_scale(self.shared["E_0"], c.epsilon, c.criterion)
        return Start(net, c.scale * A_star if A_star < math.inf else OTHERWISE)

    def shaped(self, widths: Sequence[int]) -> Positive:
        """A network of other widths."""
        return self._drawn(f"widths {','.join(map(str, widths))}", widths)

    def _drawn(self, purpose: str, widths: Sequence[int]) -> Positive:
        rng, typical = numpy_generator("positive", f"{self.salt}/{purpose}"), (0.5, 1.5)
        weight = self.configuration.hidden_weight
        hidden = [
            weight * rng.uniform(*typical, (after, before)) for before, after in pairwise(widths)
        ]
        b = rng.uniform(*typical, widths[-1])
        return positive(self.X, hidden, b / np.linalg.norm(b), self.configuration.activation)

    def network(self, starts: Sequence[Start]) -> Network:
        """The networks as a batch."""
        d, m = self.X.shape[1], self.configuration.layers[0]
        W = [torch.zeros(len(starts), m, d, dtype=torch.float64)]
        hidden = zip(*(start.net.hidden for start in starts), strict=True)
        W += [torch.tensor(np.stack(each)) for each in hidden]
        a = torch.tensor(np.stack([start.norm * start.net.b for start in starts]))
        design = Design.plain(len(W), self.configuration.activation)
        return Network(
            design, torch.tensor(self.X), Parameters(tuple(W), a), torch.ones(len(a)).double()
        )

    @cached_property
    def fresh(self) -> np.ndarray:
        """Fresh inputs (FRESH, d)."""
        drawn = numpy_generator("fresh", self.salt).standard_normal((FRESH, self.X.shape[1]))
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    def certificate(self, start: Start) -> dict[str, Any]:
        """The ball and the profile of one network, L and S_0 there, and its step size."""
        c, E_0 = self.configuration, self.shared["E_0"]
        return self._in_ball(start, start.net.radius(E_0, c.epsilon, start.norm, c.criterion))

    def closed_form(self, start: Start) -> dict[str, Any]:
        """The same in the ball of (C.10)."""
        values = self.shared | self.geometry(start) | {"R": 1.0, "L": 0.0, "eta": 1.0, "k": 0}
        found = registry.claim("criterion/one-layer").evaluate(values, where=np.array(True))
        return self._in_ball(start, float(found.parts["radius"]))

    def _in_ball(self, start: Start, R: float) -> dict[str, Any]:
        c, known = self.configuration, self.shared
        if not 0 < R < math.inf:  # there is none: a premise of the claim fails, whatever the ball
            R = 1.0
        found = self.geometry(start) | {"R": R, "s": start.net.cells(R, start.norm)}
        found["L"] = self.lipschitz(start, R)
        hessian = (found["S_0"] + found["L"] * R) ** 2 + found["L"] * known["E_0"]
        return found | {"eta": c.step * 2 * c.epsilon / hessian, "cells": len(found["s"])}

    def geometry(self, start: Start) -> dict[str, Any]:
        """What the claims need of the Jacobian at the start."""
        lam = start.q_sq * self.shared["lambda_X"]
        return {
            "norm_a": start.norm,
            "q_sq": start.q_sq,
            "S_0": math.sqrt(start.q_sq) * float(np.linalg.norm(self.X, 2)),
            "lambda": lam,
        }

    def published(self, start: Start) -> dict[str, float]:
        """L_1, L_2, p and the published step size, in the ball of the certificate."""
        own = self.certificate(start)
        R, E_0 = own["R"], self.shared["E_0"]
        network = self.network([start])
        p = sum(W[0].numel() for W in network.start.W) + network.start.a.shape[1]
        L = self.lipschitz(start, 2 * R)
        slope = own["S_0"] + 2 * L * R
        left = E_0 + 2 * R * slope
        L_1, L_2 = 2 * slope * left, 2 * (slope**2 + L * left)
        half = min(R / (L_1 * math.sqrt(p)), 2 * self.configuration.epsilon / (L_2 * p))
        return {"L_1": L_1, "L_2": L_2, "p": p, "eta": 2 * half * self.configuration.step}

    def lipschitz(self, start: Start, R: float) -> float:
        """L on the ball of radius R."""
        known = layers(self.network([start]))
        return float(layerwise.by_norms(known, np.array([R]))[0])

    def law(self, start: Start, eta: float) -> dict[str, float]:
        """The radius of the linear law, L there, and C; where there is none the premise fails."""
        found = self.geometry(start)
        known = layers(self.network([start]))

        def bound(R: np.ndarray) -> np.ndarray:
            return layerwise.by_norms(known, R)

        s_0, E_0 = np.array([math.sqrt(found["lambda"])]), np.array([self.shared["E_0"]])
        R = float(layerwise.radius(bound, s_0, E_0, np.ones(1))[0]) if s_0 > 0 else 1.0
        L = self.lipschitz(start, R)
        a = np.array(eta * (found["lambda"] - 2 * L * self.shared["E_0"]))
        return {"R": R, "L": L, "C": float(defect_constant(a, self.configuration.steps))}


def prepare(configuration: Configuration, salt: str) -> Setting:
    """Load the data and evaluate what is known before a network is drawn."""
    problem = configuration.problem(salt, nonzero=True)
    X, y = np.array(problem.X), np.array(problem.y)
    singular = np.linalg.svd(X, compute_uv=False)
    independent = len(X) <= X.shape[1] and singular[-1] > 1e-12 * singular[0]
    activation = configuration.activation
    shared = {
        "n": problem.n,
        "d": problem.d,
        "H": len(configuration.layers),
        "E_0": float(np.linalg.norm(y)),
        "epsilon": configuration.epsilon,
        "lambda_X": float(singular[-1] ** 2) if independent else 0.0,
        "gamma": float(lowest_slope(activation, np.array(np.inf))),
        "odd": int(activation != "centred-softplus"),
        "linear": int(activation == "identity"),
        "tolerance": configuration.tolerance,
        "share": configuration.share,
    }
    return Setting(configuration, X, y, shared, salt, problem.description)
