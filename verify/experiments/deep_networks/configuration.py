"""The options of deep networks."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, OPEN_UNIT, POSITIVE, UNIT
from theory.mathematics.activations import NAMES
from verify.experiments.kit import ProblemOptions, SweepOptions, option

ARCHITECTURES = ("fc", "resnet", "conv")
LIPSCHITZ = ("best", "norms", "jacobians")


@dataclass(frozen=True)
class Configuration(
    SweepOptions, ProblemOptions, samples=6, smallest=32, largest=128, tolerance=0.25
):
    """The options of one run."""

    architecture: str = option("resnet", "fully connected, ResNet, or convolutional ResNet",
                               choices=ARCHITECTURES)  # fmt: skip
    activation: str = option("tanh", "activation", choices=NAMES)
    depth: int = option(3, "hidden layers (H)", COUNT)
    width: int = option(128, "neurons per layer (m)", COUNT)
    c_res: float = option(1.0, "scale of what a layer of a ResNet adds", POSITIVE)
    pixels: int = option(4, "conv: pixels of an input (p); they divide its dimension", COUNT)
    patch: int = option(2, "conv: pixels of a patch (q)", COUNT)
    gain: float = option(1.5, "gain of the output, as a multiple of kappa*", POSITIVE)
    lipschitz: str = option(
        "best", "L by norms of layers, by their Jacobians, or the less", choices=LIPSCHITZ
    )
    step: float = option(1.0, "step size as a share of the largest certified", UNIT)
    steps: int = option(300, "steps of gradient descent (K)", COUNT)
    looks: int = option(30, "steps at which kernels are looked at", COUNT)
    seeds: int = option(4, "networks", COUNT)
    delta: float = option(0.5, "failure probability of claims on the width", OPEN_UNIT)
    epsilon: float = option(
        0.25, "share of lambda_0 that the kernel at the start may lose", OPEN_UNIT
    )
    trials: int = option(32, "networks of two layers, for claims on the width", COUNT)
    sweeps: int = option(40, "sweeps of width, of gain, and of depth", COUNT)
    deepest: int = option(6, "largest depth of a sweep", COUNT)

    def check(self) -> None:
        super().check()
        if self.architecture != "conv":
            return
        if self.patch > self.pixels:
            raise InvalidArgument("patch", self.patch, f"at most pixels = {self.pixels}")
        if self.lipschitz == "jacobians":
            allowed = "norms or best: Jacobians of layers with patches are not bounded"
            raise InvalidArgument("lipschitz", self.lipschitz, allowed)

    @property
    def depths(self) -> list[int]:
        """The depths of a sweep."""
        return [H for H in (1, 2, 3, 4, 6, 8, 12, 16) if self.deepest >= H]
