"""Copies of one torch module, trained side by side: their parameters are stacked, one per copy.

Any `torch.nn.Module` that maps rows (n, d) to outputs (n,) or (n, 1), and any optimiser of
`torch.optim` that works entry by entry: then every copy is trained as it would be alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap

from theory.language.errors import InvalidArgument
from verify.judging.seeds import seed_of
from verify.training.divergence import check_finite

Parameters = dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Stacked parameters, (copies, ...) each, of one module.

    first  the name of W_1, (copies, m, d): the first parameter that is a matrix
    """

    module: nn.Module
    parameters: Parameters
    first: str

    @classmethod
    def of(cls, build: Callable[[], nn.Module], salts: Sequence[object]) -> Ensemble:
        """One copy per salt, built in float64 with torch's generator seeded by its salt.

        InvalidArgument where the module has no matrix, or keeps buffers.
        """
        modules = []
        with torch.random.fork_rng(devices=[]):
            for salt in salts:
                # torch.manual_seed would seed all devices, and note the stack for each
                torch.default_generator.manual_seed(seed_of("ensemble", salt))
                modules.append(build().double())
        matrices = [name for name, p in modules[0].named_parameters() if p.ndim == 2]
        if not matrices or any(True for _ in modules[0].buffers()):
            raise InvalidArgument("build", build, "of modules with a matrix W_1, and no buffers")
        stacked, _ = stack_module_state(modules)
        return cls(modules[0], {k: v.detach().clone() for k, v in stacked.items()}, matrices[0])

    @property
    def W_1(self) -> torch.Tensor:
        return self.parameters[self.first]

    def copy(self) -> Ensemble:
        """The parameters as they are now."""
        now = {name: value.detach().clone() for name, value in self.parameters.items()}
        return Ensemble(self.module, now, self.first)

    def with_first(self, W_1: torch.Tensor) -> Ensemble:
        """The same with another W_1, (copies, m, d)."""
        changed = {**self.parameters, self.first: W_1.detach().clone()}
        return Ensemble(self.module, changed, self.first)

    def outputs(self, X: torch.Tensor) -> torch.Tensor:
        """f(x) of the rows of X (n, d), (copies, n)."""
        return vmap(self._rows, in_dims=(0, None))(self.parameters, X)

    def input_gradients(self, X: torch.Tensor) -> torch.Tensor:
        """grad f(x) at the rows of X, (copies, n, d)."""
        at = vmap(grad(self._row, argnums=1), in_dims=(None, 0))
        return vmap(at, in_dims=(0, None))(self.parameters, X)

    def sensitivities(self, X: torch.Tensor) -> torch.Tensor:
        """J(x) = df/dz at z = W_1 x + b_1, (copies, n, m), by df/dW_1 = J x^T; no row is 0."""
        at = vmap(grad(self._row, argnums=0), in_dims=(None, 0))
        by_first = vmap(at, in_dims=(0, None))(self.parameters, X)[self.first]
        return torch.einsum("snmd,nd->snm", by_first, X) / (X**2).sum(1)[:, None]

    def _rows(self, parameters: Parameters, X: torch.Tensor) -> torch.Tensor:
        return functional_call(self.module, parameters, (X,)).reshape(len(X))

    def _row(self, parameters: Parameters, x: torch.Tensor) -> torch.Tensor:
        return self._rows(parameters, x[None])[0]


Optimiser = Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]
Watch = Callable[[int, Ensemble, torch.Tensor], None]
"""Gets the step, the copies before it, and their residuals on its rows, (copies, rows)."""


def train(
    ensemble: Ensemble,
    X: torch.Tensor,
    y: torch.Tensor,
    steps: int,
    optimiser: Optimiser,
    *,
    batches: Sequence[torch.Tensor] | None = None,
    watch: Watch | None = None,
    rates: Sequence[float] | None = None,
) -> Ensemble:
    """The copies after `steps` on the mean of (f - y)^2/2; y (n,) or (copies, n).

    Raises Diverged where a parameter leaves the range of float64.

    batches  rows of each step, the same for all copies (default: all rows)
    rates    step sizes of the steps (default: that of the optimiser)
    """
    leaves = {k: v.detach().clone().requires_grad_() for k, v in ensemble.parameters.items()}
    now = Ensemble(ensemble.module, leaves, ensemble.first)
    made = optimiser(list(leaves.values()))
    targets = y.expand(len(ensemble.W_1), len(X))
    for step in range(steps):
        rows = slice(None) if batches is None else batches[step]
        made.zero_grad()
        residual = now.outputs(X[rows]) - targets[:, rows]
        if watch is not None:
            with torch.no_grad():
                watch(step, now, residual.detach())
        if rates is not None:
            for group in made.param_groups:
                group["lr"] = rates[step]
        (residual**2).mean(1).sum().div(2).backward()  # type: ignore[no-untyped-call]
        made.step()
    check_finite(*(v.detach().numpy() for v in leaves.values()))
    return Ensemble(ensemble.module, {k: v.detach() for k, v in leaves.items()}, ensemble.first)
