"""Two-layer networks, and a step of feedback alignment or backpropagation (numpy, float64).

f(x) = m^{-1/2} sum_r beta_r psi(<w_r, x>), loss ||f - y||^2/2. Both layers are updated from the
values before the step, W with the error carried back by b (feedback alignment) or beta
(backpropagation). The decay acts on beta alone. This is the update of Song, Xu, Lafferty (2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from verify.judging.seeds import numpy_generator

LARGEST = 1e6
"""Growth of a residual beyond which a network is not trained on."""

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Activation:
    """psi, psi' (from the left at a kink), the jump of psi' at 0, and max |psi''| beside it."""

    psi: Function
    slope: Function
    kink: float
    curvature: float


def _squared_sech(z: np.ndarray) -> np.ndarray:
    return 1 - np.tanh(z) ** 2


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(z / 2)) / 2


LEAK = 0.1
"""Slope of the leaky ReLU below 0."""

ACTIVATIONS = {
    "linear": Activation(lambda z: z, np.ones_like, 0.0, 0.0),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 1.0, 0.0),
    "leaky-relu": Activation(
        lambda z: np.maximum(z, LEAK * z), lambda z: np.where(z > 0, 1.0, LEAK), 1 - LEAK, 0.0
    ),
    "tanh": Activation(np.tanh, _squared_sech, 0.0, 4 / 27**0.5),
    "sigmoid": Activation(_sigmoid, lambda z: _squared_sech(z / 2) / 4, 0.0, 1 / 108**0.5),
}


@dataclass(frozen=True, eq=False)
class Network:
    """S networks on one problem.

    X (n, d), y (n,); W (S, m, d), beta (S, m); b (S, m): the weights that carry the error back
    """

    X: np.ndarray
    y: np.ndarray
    W: np.ndarray
    beta: np.ndarray
    b: np.ndarray
    activation: Activation

    @classmethod
    def drawn(
        cls,
        X: np.ndarray,
        y: np.ndarray,
        width: int,
        salts: Sequence[str],
        *,
        activation: str = "linear",
        beta_scale: float = 1.0,
        feedback: str = "gaussian",
    ) -> Network:
        """One network per salt: W ~ N(0, 1), beta ~ N(0, beta_scale^2), b by its law."""
        parts = [_drawn(salt, width, X.shape[1], feedback) for salt in salts]
        W, beta, b = (np.array(arrays) for arrays in zip(*parts, strict=True))
        return cls(X, y, W, beta_scale * beta, b, ACTIVATIONS[activation])

    @cached_property
    def inputs(self) -> np.ndarray:
        """<w_r, x_i>, (S, n, m)."""
        return self.X @ self.W.transpose(0, 2, 1)

    @cached_property
    def hidden(self) -> np.ndarray:
        """psi(<w_r, x_i>), (S, n, m)."""
        return self.activation.psi(self.inputs)

    @cached_property
    def outputs(self) -> np.ndarray:
        """f(x_i), (S, n)."""
        return (self.hidden @ self.beta[..., None])[..., 0] / self.root

    @property
    def residual(self) -> np.ndarray:
        """e = f - y, (S, n)."""
        return self.outputs - self.y

    @property
    def root(self) -> float:
        """sqrt(m)."""
        return float(self.W.shape[1]) ** 0.5

    @property
    def overlap(self) -> np.ndarray:
        """<b, beta>, (S,)."""
        return np.asarray((self.b * self.beta).sum(-1))

    @property
    def cosine(self) -> np.ndarray:
        """cos(b, beta), (S,); 0 where beta = 0."""
        norms = np.linalg.norm(self.b, axis=1) * np.linalg.norm(self.beta, axis=1)
        return np.divide(self.overlap, norms, out=np.zeros_like(norms), where=norms > 0)


def _drawn(
    salt: str, width: int, d: int, feedback: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = numpy_generator("feedback", salt)
    W, beta, b = rng.normal(size=(width, d)), rng.normal(size=width), rng.normal(size=width)
    signs = np.where(b < 0, -1.0, 1.0)
    laws = {"gaussian": b, "signs": signs, "initial": beta}
    return W, beta, laws[feedback]


def step(
    network: Network, eta: float, decay: float = 0.0, back: np.ndarray | None = None
) -> Network:
    """The networks after one step; `back` (S, m) carries the error [b; beta: backpropagation]."""
    e, rate = network.residual, eta / network.root
    carried = e[:, :, None] * network.activation.slope(network.inputs)  # (S, n, m)
    moved = (network.b if back is None else back)[..., None] * (
        carried.transpose(0, 2, 1) @ network.X
    )
    data = (e[:, None, :] @ network.hidden)[:, 0]
    beta = (1 - eta * decay) * network.beta - rate * data
    return replace(network, W=network.W - rate * moved, beta=beta)


def train(
    network: Network, eta: float, decays: Iterable[float], *, backpropagation: bool = False
) -> Iterator[Network]:
    """The networks at the start and after every step, one per entry of `decays`.

    It ends early where a network diverges: where a residual is a million times that at the start.
    """
    start = np.linalg.norm(network.residual, axis=1) + np.linalg.norm(network.y)
    yield network
    for decay in decays:
        network = step(network, eta, decay, network.beta if backpropagation else None)
        if not (np.linalg.norm(network.residual, axis=1) <= LARGEST * start).all():
            return
        yield network
