"""The claims of Link III: names, kinds and quantities of its statements."""

from __future__ import annotations

from collections.abc import Mapping

from theory.language.claim import Claim, Quantity
from theory.language.kinds import LOWER_PROBABILITY, UPPER_EXPECTATION, UPPER_PATHWISE
from theory.language.tables import Case, probability
from theory.theorems.masked_training.symbols import VOCABULARY as MASKED_TRAINING
from theory.theorems.masked_training.symbols import (
    kappa,
    lam0,
    n,
    tau,
    xi,
)  # fmt: skip
from theory.theorems.width_requirement.link_3 import (
    VOCABULARY,
    active,
    distance,
    eps,
    good_event,
    initial_loss,
    lemma,
    loss,
    near,
    residuals,
    thresholds,
)

_LOSS = Quantity(
    "loss_on_good_event", "E[ ||e_k||^2 ; G_K ]", r"\mathbb{E}[\lVert e_k\rVert^2; G_K]"
)
_DISTANCE = Quantity("distance", "max_r ||w_r - w_{0,r}||", r"\max_r\lVert w_r - w_{0,r}\rVert")

_CASES: Mapping[str, Case] = {
    "width/good-event": (
        "III.1", good_event, LOWER_PROBABILITY,
        probability("good_event", "G_K with alpha = r/4"),
        "the good event of the theorem, from the width alone",
    ),
    "width/loss": (
        "III.2", loss, UPPER_EXPECTATION, _LOSS,
        "the theorem with no measured premise",
    ),
    "width/kernel": (
        "III.3", lambda: lemma("kernel", (1 - eps) * lam0), LOWER_PROBABILITY,
        probability("kernel", "lambda_min(H) >= (1 - epsilon) lambda_0"),
        "the kernel at W_0 is nearly that of infinite width",
    ),
    "width/near": (
        "III.4", near, LOWER_PROBABILITY,
        probability("near", "at most 2 m q neurons within R_w of each kink"),
        "few neurons start near a kink",
    ),
    "width/active": (
        "III.5", active, LOWER_PROBABILITY,
        probability("active", "their weight in masks is at most nu in K rounds"),
        "masks do not concentrate on them",
    ),
    "width/trace": (
        "III.6", lambda: lemma("trace", kappa**2 * n), LOWER_PROBABILITY,
        probability("trace", "tr Phi <= kappa^2 n"),
        "the outputs of single neurons are small",
    ),
    "width/initial-loss": (
        "III.7", initial_loss, LOWER_PROBABILITY,
        probability("initial_loss", "||e_0||^2 <= (||y||^2 + kappa^2 n/2)/delta"),
        "the loss at W_0",
    ),
    "width/averaging": (
        "III.8", lambda: lemma("averaging", thresholds()[0], xi < 1), LOWER_PROBABILITY,
        probability("averaging", "epsilon_B <= t_B in K rounds"),
        "averaging kernels stay near their mean",
    ),
    "width/curvature": (
        "III.9", lambda: lemma("curvature", thresholds()[1], xi < 1, tau > 1), LOWER_PROBABILITY,
        probability("curvature", "epsilon_A <= t_A in K rounds"),
        "masked kernels stay near their mean",
    ),
    "width/residuals": (
        "III.11", residuals, LOWER_PROBABILITY,
        probability("residuals", "the residuals on the good event sum to at most S"),
        "what moves the neurons adds up to little",
    ),
    "width/distance": (
        "III.10", distance, UPPER_PATHWISE, _DISTANCE,
        "how far a neuron travels",
    ),
}  # fmt: skip

CLAIMS = tuple(
    Claim(
        name,
        f"Link III, equation ({equation}); explicit form of Theorem 3, Liao & Kyrillidis "
        "(arXiv 2112.02668v1)",
        kind,
        quantity,
        build,
        {**MASKED_TRAINING, **VOCABULARY},
        summary,
        confidence="delta" if quantity is _LOSS else "",
    )
    for name, (equation, build, kind, quantity, summary) in _CASES.items()
)
