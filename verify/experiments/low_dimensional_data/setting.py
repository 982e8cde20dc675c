"""A configuration made concrete: data, the subspace and its complement, networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from theory.language.errors import InvalidArgument
from verify.experiments.kit import ProblemOptions
from verify.experiments.low_dimensional_data.configuration import Configuration
from verify.judging.seeds import numpy_generator, torch_generator
from verify.training.ensemble import Ensemble, Optimiser

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "softplus": nn.Softplus,
    "linear": nn.Identity,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Setting:
    """X (n, d) in the span of P (d, k), N (d, q) its complement, targets y (n,)."""

    configuration: Configuration
    X: np.ndarray
    y: np.ndarray
    P: np.ndarray
    N: np.ndarray
    description: str
    salt: str

    @property
    def notes(self) -> dict[str, Any]:
        k, q = self.P.shape[1], self.q
        return {"problem": f"{self.description}; in a subspace of dimension {k}, codimension {q}"}

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def d(self) -> int:
        return self.X.shape[1]

    @property
    def q(self) -> int:
        return self.N.shape[1]

    @property
    def tilt(self) -> float:
        """0 where the subspace is spanned by coordinate axes."""
        projector = self.P @ self.P.T
        return float(np.abs(projector - np.diag(np.diag(projector))).max())

    def rng(self, purpose: str) -> np.random.Generator:
        return numpy_generator("low-dimensional data", purpose, self.salt)

    def direction(self, purpose: str) -> np.ndarray:
        """A unit vector of M, (d,)."""
        inside = self.rng(purpose).standard_normal(self.P.shape[1])
        return self.P @ (inside / np.linalg.norm(inside))

    def mlp(self, depth: int, activation: str) -> Callable[[], nn.Module]:
        """What builds a network of the width that was asked for."""
        return partial(mlp, self.d, self.configuration.width, depth, activation)

    def ensemble(self, purpose: str, copies: int, build: Callable[[], nn.Module]) -> Ensemble:
        """Networks of any kind with W_1 from the law that was asked for.

        Every purpose draws its own. InvalidArgument where W_1, the first matrix among the
        parameters, is not one of the d inputs.
        """
        configuration = self.configuration
        salts = [f"{self.salt}/{purpose} {copy}" for copy in range(copies)]
        made = Ensemble.of(build, salts)
        if made.W_1.shape[-1] != self.d:
            raise InvalidArgument("build", build, f"of modules whose W_1 has {self.d} columns")
        sigma, rows = configuration.init_scale, []
        for salt in salts:
            generator = torch_generator("W_1", salt)
            shape = made.W_1.shape[1:]
            if configuration.initial == "gaussian":
                drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
            else:
                drawn = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.5
                drawn = drawn * math.sqrt(12)
            rows.append(sigma * drawn)
        return made.with_first(torch.stack(rows))

    @property
    def optimiser(self) -> Optimiser:
        """That of the options, for the parameters of an ensemble."""
        at = self.configuration
        rate: dict[str, Any] = {"lr": at.step, "weight_decay": at.weight_decay}
        if at.optimiser == "sgd":
            return partial(torch.optim.SGD, **rate, momentum=at.momentum)
        return partial(torch.optim.Adam if at.optimiser == "adam" else torch.optim.AdamW, **rate)

    def batches(self) -> list[torch.Tensor] | None:
        """Rows of each step, the same for all networks; None: all."""
        at = self.configuration
        if at.batch is None:
            return None
        rng, many = self.rng("batches"), min(at.batch, self.n)
        return [torch.tensor(rng.choice(self.n, many, replace=False)) for _ in range(at.steps)]


def mlp(inputs: int, width: int, depth: int, activation: str) -> nn.Module:
    """Linear layers with an activation between them: (n, inputs) to (n, 1)."""
    sizes = [inputs, *[width] * (depth - 1), 1]
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def prepare(configuration: Configuration, salt: str) -> Setting:
    """The rows in their subspace; InvalidArgument where no direction is left over."""
    if configuration.drawn:
        return _drawn(configuration, salt)
    problem = configuration.problem(salt)
    X = problem.X
    if configuration.subspace is None:
        inside = X.any(axis=0)
        axes = np.eye(X.shape[1])
        P, N = axes[:, inside], axes[:, ~inside]
        wish: tuple[str, object] = ("data", configuration.data)
    else:
        wish = ("subspace", configuration.subspace)
        k, basis = configuration.subspace, np.linalg.svd(X, full_matrices=True)[2].T
        P, N = basis[:, :k], basis[:, k:]
        X = X @ P @ P.T
    if not N.shape[1]:
        allowed = f"such that some of {X.shape[1]} directions is left over (subspace projects it)"
        raise InvalidArgument(*wish, allowed)
    return Setting(configuration, X, problem.y, P, N, problem.description, salt)


def _drawn(configuration: Configuration, salt: str) -> Setting:
    """Rows drawn in k dimensions, and embedded."""
    names = ("data", "target", "samples", "targets", "target_scale", "rescale")
    given = {name: getattr(configuration, name) for name in names}
    try:
        problem = ProblemOptions(**given, dimension=configuration.k).problem(salt)
    except InvalidArgument as error:
        if error.name != "dimension":
            raise
        raise InvalidArgument("subspace", configuration.k, error.allowed) from None
    basis = np.eye(configuration.dimension)
    if configuration.rotated:
        rng = numpy_generator("low-dimensional data", "basis", salt)
        basis = np.linalg.qr(rng.standard_normal(basis.shape))[0]
    P, N = basis[:, : configuration.k], basis[:, configuration.k :]
    X = problem.X @ P.T
    return Setting(configuration, X, problem.y, P, N, problem.description, salt)
