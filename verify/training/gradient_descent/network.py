"""Shallow ReLU networks in sample space: f(x) = sum_r s_r relu(<w_r, x>)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from theory.language.errors import InvalidArgument
from verify.judging.seeds import torch_generator


@dataclass(frozen=True, eq=False)
class Network:
    """A batch of networks on common inputs, by their pre-activations.

    X (n, d); Z_0 (trials, n, m), pre-activations at the start; s (trials, m), output weights; all
    float64. Neurons that cancel stand side by side: outputs are summed in pairs first.
    """

    X: torch.Tensor
    Z_0: torch.Tensor
    s: torch.Tensor

    def __post_init__(self) -> None:
        n, (trials, m) = self.X.shape[0], self.s.shape
        if self.Z_0.shape != (trials, n, m):
            raise InvalidArgument("Z_0", tuple(self.Z_0.shape), f"of shape ({trials}, {n}, {m})")

    @classmethod
    def coupled(cls, X: torch.Tensor, pairs: int, kappa: float, salts: Sequence[str]) -> Network:
        """Pairs of equal neurons of opposite sign, s = +-m^{-1/2}; one network per salt."""
        drawn = [gaussian(X, pairs, salt) for salt in salts]
        Z = kappa * torch.stack(drawn).repeat_interleave(2, dim=-1)
        signs = torch.tensor([1.0, -1.0], dtype=X.dtype).repeat(len(salts), pairs)
        return cls(X, Z, signs / (2 * pairs) ** 0.5)

    @classmethod
    def scaled(
        cls, X: torch.Tensor, scalings: torch.Tensor, kappa: float, salts: Sequence[str]
    ) -> Network:
        """Coupled pairs with s = +-sqrt(scalings), (pairs,); one network per salt."""
        made = cls.coupled(X, len(scalings), kappa, salts)
        return cls(X, made.Z_0, made.s.sign() * scalings.sqrt().repeat_interleave(2))

    @classmethod
    def independent(cls, X: torch.Tensor, m: int, kappa: float, salts: Sequence[str]) -> Network:
        """Independent neurons and signs, s = +-m^{-1/2}; one network per salt."""
        Z = kappa * torch.stack([gaussian(X, m, salt) for salt in salts])
        drawn = [torch.randint(0, 2, (m,), generator=torch_generator("s", salt)) for salt in salts]
        return cls(X, Z, (2.0 * torch.stack(drawn).to(X) - 1.0) / m**0.5)

    @property
    def n(self) -> int:
        return self.X.shape[0]

    @property
    def m(self) -> int:
        return self.s.shape[-1]

    @cached_property
    def G(self) -> torch.Tensor:
        """Gram matrix X X^T, (n, n)."""
        return self.X @ self.X.T

    @cached_property
    def f_0(self) -> torch.Tensor:
        """Outputs at the start, (trials, n)."""
        return summed(self.Z_0.clamp(min=0.0) * self.s[:, None])

    @cached_property
    def H(self) -> torch.Tensor:
        """The kernel sum_r s_r^2 D_r G D_r at the start, (trials, n, n)."""
        return self.kernel(self.Z_0 > 0)

    def kernel(self, active: torch.Tensor) -> torch.Tensor:
        """The kernel at activation patterns (trials, n, m)."""
        D = active.to(self.Z_0)
        return (D * self.s.square()[:, None]) @ D.mT * self.G


def gaussian(X: torch.Tensor, count: int, salt: str) -> torch.Tensor:
    """<g_r, x_i> for g_r ~ N(0, I_d), r = 1..count: (n, count), a function of the salt."""
    g = torch.randn(X.shape[1], count, generator=torch_generator("W_0", salt), dtype=X.dtype)
    return X @ g


def summed(terms: torch.Tensor) -> torch.Tensor:
    """Sums over the last axis, neighbours first."""
    if terms.shape[-1] % 2 == 0:
        terms = terms[..., ::2] + terms[..., 1::2]
    return terms.sum(-1)
