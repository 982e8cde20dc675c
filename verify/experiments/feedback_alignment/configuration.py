"""The options of feedback alignment."""

from __future__ import annotations

from dataclasses import dataclass

from theory.language.errors import InvalidArgument
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, POSITIVE
from verify.experiments.kit import ProblemOptions, SweepOptions, option


@dataclass(frozen=True)
class Configuration(
    SweepOptions, ProblemOptions, data="sphere", samples=4, dimension=6, targets="noise",
    target_scale=1.0, smallest=128, largest=2048,
):  # fmt: skip
    """The options of one run."""

    components: int | None = option(
        None, "train a linear network on so many principal components of the inputs", COUNT
    )
    whiten: bool = option(False, "scale those components to mean square 1")
    rule: str = option(
        "feedback",
        "what carries the error back in steps: fixed random weights, or the second layer "
        "(flows and width sweeps: fixed weights)",
        choices=("feedback", "backpropagation"),
    )  # fmt: skip
    activation: str = option(
        "linear", "activation", choices=("linear", "relu", "leaky-relu", "tanh", "sigmoid")
    )
    width: int = option(800, "hidden neurons (m)", COUNT)
    feedback: str = option(
        "gaussian", "law of the feedback weights b; initial: b = beta_0 at scale 1",
        choices=("gaussian", "signs", "initial"),
    )  # fmt: skip
    beta_scale: float = option(1.0, "standard deviation of beta_0", NONNEGATIVE)
    step: float = option(0.1, "step size as eta ||X||^2", POSITIVE)
    steps: int = option(300, "steps", COUNT)
    decay: float = option(0.0, "decay of the second layer (lambda)", NONNEGATIVE)
    stop: float = option(
        10.0, "end of the decay in runs that stop it, in units of sqrt m/(3 lambda |theta*|)",
        POSITIVE,
    )  # fmt: skip
    horizon: float = option(8.0, "time of the flow, in units of 1/mu", POSITIVE)
    points: int = option(40, "times of the flow that are looked at", COUNT)
    trials: int = option(8, "initialisations", COUNT)
    draws: int = option(400, "initialisations per width of a sweep", COUNT)
    delta: float = option(0.5, "failure probability of claims with probability", OPEN_UNIT)
    constant: float = option(1.0, "constant C of the published width", POSITIVE)

    def check(self) -> None:
        super().check()
        if self.components is not None and self.activation != "linear":
            allowed = "linear with --components: other networks see single samples"
            raise InvalidArgument("activation", self.activation, allowed)
        if self.whiten and self.components is None:
            raise InvalidArgument("whiten", self.whiten, "left out without components")
