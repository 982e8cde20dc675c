"""Scaling laws of the lazy regime: how fast what linearisation misses falls with the width.

Setting
    Masked training of networks of growing width, everything else equal. One sweep draws W_0 and
    masks afresh at every width; its slope is that of the least squares line of the logarithm of
    what is measured (largest over rounds and masks) on the logarithm of the width. Sweeps are
    independent of each other.

Statement
    The median slope lies within `tolerance` of the exponent:
    (S.1) defect alpha = max_k ||Delta_k||/rho_k                              exponent -1/2
    (S.2) weight nu of the neurons that flipped                               exponent -1/2
    (S.3) distance max_r ||w_r - w_{0,r}|| that a neuron travels              exponent -1/2
    (S.4) displacement (sum_r ||phi_r - phi_{0,r}||^2)^{1/2} of the outputs   exponent -1/2
    (S.5) loss of Independent Subnet Training after many rounds               exponent -1
    (S.6) floor of Bernoulli masks over (L.2), for p and 1, tau and 1, xi and 2 xi/3: ratio 1
    An order in O(.) notation says this at infinite width; `tolerance` leaves room for finite ones.
    Stated as P(|slope - exponent| <= tolerance) >= 1/2, a claim on a frequency, it is tested
    exactly, whatever the law of the slopes. (S.6): all ratios within `tolerance` of 1, likewise.

Kind
    **Lower bounds, with probability**: of one sweep.

Premises
    At least three widths over a factor of at least 8. (S.2): masks or steps move the network.
    (S.5): categorical masks of at least two surrogates, and what is left of the initial loss at
    the contraction r of Link I is below the O(1/m) that is looked for: (1-r)^K <= 1/(10 m).
    (S.6): no width is swept; Bernoulli masks, what (L.1) has besides the floor is small, and so
    is the standard error of the measured floors (by the variance of the limit law, for the mean
    over mask sequences alone).

Source
    Link II and III; Independent Subnet Training: the neighbourhood (2 alpha sigma/r)^2 of the
    main theorem, Liao & Kyrillidis (arXiv 2112.02668v1).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import LOWER_PROBABILITY
from theory.language.vocabulary import COUNT, NONNEGATIVE, OPEN_UNIT, Vocabulary
from theory.theorems.masked_training.symbols import VOCABULARY as MASKED_TRAINING
from theory.theorems.masked_training.symbols import K, V, p, r, theta, xi

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol
tolerance = _s("tolerance", "distance allowed from an exponent, or of a ratio from 1", OPEN_UNIT)
smallest = _s("smallest", "smallest width of a sweep", COUNT)
largest = _s("largest", "largest width of a sweep", COUNT)
widths = _s("widths", "widths of a sweep", COUNT)
transient = _s(
    "transient",
    "largest share of the limit law that is not floor in the rounds averaged",
    NONNEGATIVE,
)
spread = _s("spread", "largest relative standard error of a measured floor", NONNEGATIVE)

_SWEEP = (widths >= 3, largest >= 8 * smallest)
_SUBNETS = (
    sp.Eq(theta, 1),
    sp.Eq(V, 0),
    sp.Eq(xi, 1 / p),
    p > 1,
    (1 - r) ** K <= 1 / (10 * largest),
)
"""For (S.5)."""

_CASES: Mapping[str, tuple[str, sp.Expr, tuple[sp.Basic, ...], str, str]] = {
    "defect": ("S.1", -sp.S.Half, (), "alpha", "the linearisation defect"),
    "flips": ("S.2", -sp.S.Half, (), "nu", "the weight of neurons that flipped"),
    "distance": ("S.3", -sp.S.Half, (), "max ||w - w_0||", "how far a neuron travels"),
    "displacement": ("S.4", -sp.S.Half, (), "||phi - phi_0||", "how far the outputs travel"),
    "subnet-floor": ("S.5", sp.Integer(-1), _SUBNETS, "||e_K||^2", "the neighbourhood of subnets"),
}


def exponent(name: str) -> float:
    """The exponent of the claim `scaling/<name>`."""
    return float(_CASES[name][1])


def _statement(power: sp.Expr, premises: tuple[sp.Basic, ...]) -> Statement:
    return Statement(
        bound=sp.S.Half,
        premises=(*_SWEEP, *premises),
        parts={"exponent": power, "lowest": power - tolerance, "highest": power + tolerance},
    )


def _claim(name: str) -> Claim:
    equation, power, premises, text, words = _CASES[name]
    quantity = Quantity(
        f"slope_of_{name.replace('-', '_')}",
        f"P(|slope of {text} - ({power})| <= tolerance)",
        rf"\mathbb{{P}}\left[\left|\text{{slope of {text}}} - ({sp.latex(power)})\right|"
        r"\le\text{tolerance}\right]",
    )
    source = f"equation ({equation}); the lazy regime of Liao & Kyrillidis (arXiv 2112.02668v1)"
    return Claim(
        f"scaling/{name}", source, LOWER_PROBABILITY, quantity,
        lambda: _statement(power, premises), {**MASKED_TRAINING, **VOCABULARY}, words,
    )  # fmt: skip


def floors() -> Statement:
    """(S.6)."""
    small = (transient <= tolerance / 10, spread <= tolerance / 2)
    return Statement(bound=sp.S.Half, premises=(V > 0, xi < 1, *small))


FLOORS = Claim(
    "scaling/floors",
    "equation (S.6); the infinite-width limit of the dynamics in Liao & Kyrillidis "
    "(arXiv 2112.02668v1)",
    LOWER_PROBABILITY,
    Quantity(
        "ratio_of_floors",
        "P(|floor/law - 1| <= tolerance)",
        r"\mathbb{P}\left[\left|\text{floor/law} - 1\right|\le\text{tolerance}\right]",
    ),
    floors,
    {**MASKED_TRAINING, **VOCABULARY},
    "the noise floor, as p, tau and xi change",
)

CLAIMS = (*map(_claim, _CASES), FLOORS)
