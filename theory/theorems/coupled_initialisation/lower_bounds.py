"""Lower bounds on the width: points on a circle with alternating labels.

Setting
    Inputs on the unit circle, no biases: f(x) = sum_r s_r relu(<w_r, x>) with m neurons, whatever
    s_r and w_r, trained or not. The family: n equally spaced points with alternating labels.
    gamma_inf is the margin at infinite width, R the logistic risk.

Statement
    (A.15) As x goes round the circle f changes sign at most 2m times; so R < log(2)/n asks for
           m >= floor(n/2).
    (A.16) n a multiple of 4: gamma_inf = 1/(n cos(pi/n))
    (A.17) So m >= 1/(2 gamma_inf) there, while gamma_inf^-2 log(n/delta) neurons suffice (A.11):
           the exponent is between 1 and 2. Networks of frozen activations fit once the features
           at the start are separable: P(1 <= slope <= 2) >= 1/2 for the slope of the smallest
           number of pairs with separable features against 1/gamma_inf.

    Proof. A neuron has kinks where <w_r, x> = 0, at two antipodal points: K <= m lines, 2K arcs of
    length at most pi, on each of which f is a sinusoid of period 2 pi. Two zeros of a sinusoid are
    pi apart, so an arc has one zero inside, or zeros at its ends, or f = 0 on it. Counting what is
    at an end with the arc that follows, there are at most 2K changes. R < log(2)/n: all n labels
    are right, and an even number of them alternates n times. (A.16): by symmetry the weights are
    equal, gamma_inf^2 = (1/n) sum_k (-1)^k h(2 pi k/n), h(t) = cos(t) (pi - t)/(2 pi); the discrete
    transform of a triangle at odd frequencies q is 1/(n sin(pi q/n)^2), here at n/2 +- 1.

Sharp
    2m is attained by m = 6, 8, 10, ... neurons along equally spaced lines, of signs s_r that
    alternate and w_r on the sides +--++--+..., so that sum_r s_r w_r is nearly 0: then f is half of
    sum_r s_r |<w_r, x>|, a zigzag with a zero between any two kinks. One neuron has 0 changes, two
    have 2.

Kind
    (A.15): **upper bound, pathwise**, and **lower bound, pathwise**, of the width; (A.16):
    **equality, pathwise**; (A.17): **lower bound, pathwise**, and **with probability**.

Premises
    (A.16), (A.17): n a multiple of 4. For n = 6, 10, ... opposite points have opposite labels, odd
    frequencies above 1 are not in the span of relu without bias, and gamma_inf = 0. The exponent:
    n >= 8, for four points take more features than the law has for them (slope 0.8 from n = 4).

Remarks
    With kappa = 1 training moves activations, and is near the lower bound: medians of 10 to 16
    neurons for n = 8, 12, 16, where n/2 is 4, 6, 8. No exponent shows there, so the slope is
    reported, and nothing is claimed of it.

Source
    After Munteanu, Omlor, Song, Woodruff (ICML 2022, arXiv 2206.12802), whose abstract has lower
    bounds that are best possible under certain assumptions; statements and proofs are derived here,
    form unverified.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE, LOWER_PATHWISE, LOWER_PROBABILITY, UPPER_PATHWISE
from theory.language.vocabulary import COUNT, NONNEGATIVE, Vocabulary

VOCABULARY = Vocabulary()
_s = VOCABULARY.symbol

n = _s("n", "points on the circle", COUNT)
m = _s("m", "neurons", COUNT)
risk = _s("R", "logistic risk of the network", NONNEGATIVE)
gamma_inf = _s("gamma_inf", "margin at infinite width", NONNEGATIVE, latex=r"\gamma_\infty")
fewest = _s("fewest", "points of the smallest problem of a sweep, all multiples of 4", COUNT)
most = _s("most", "points of the largest problem of a sweep", COUNT)
sizes = _s("sizes", "problems of a sweep", COUNT)

SEPARABLE = sp.Eq(sp.Mod(n, 4), 0)
FITTED = risk < sp.log(2) / n


def circle_margin() -> Statement:
    """(A.16)."""
    return Statement(1 / (n * sp.cos(sp.pi / n)), (SEPARABLE,))


def power() -> Statement:
    """(A.17), the exponent."""
    premises = (fewest >= 8, most >= 8 * fewest, sizes >= 3)
    return Statement(sp.S.Half, premises, parts={"lowest": sp.S.One, "highest": sp.Integer(2)})


_SOURCE = "after Munteanu et al., Coupled Initialization (ICML 2022, arXiv 2206.12802)"
_WIDTH = Quantity("width_that_fits", "m of a network with R < log(2)/n", "m")

CLAIMS = (
    Claim(
        "coupled/sign-changes", f"equation (A.15); {_SOURCE}", UPPER_PATHWISE,
        Quantity("sign_changes", "sign changes of f on the circle", r"\#\{f = 0\}"),
        lambda: Statement(2 * m), VOCABULARY, "how often a network can change its sign",
    ),
    Claim(
        "coupled/least-width", f"equation (A.15); {_SOURCE}", LOWER_PATHWISE, _WIDTH,
        lambda: Statement(sp.floor(n / 2), (FITTED,)), VOCABULARY,
        "how wide a network must be to fit alternating labels",
    ),
    Claim(
        "coupled/circle-margin", f"equation (A.16); {_SOURCE}", EXACT_PATHWISE,
        Quantity("circle_margin", "margin at infinite width", r"\gamma_\infty"),
        circle_margin, VOCABULARY, "the margin of alternating labels",
    ),
    Claim(
        "coupled/width-by-margin", f"equation (A.17); {_SOURCE}", LOWER_PATHWISE, _WIDTH,
        lambda: Statement(1 / (2 * gamma_inf), (FITTED, SEPARABLE)), VOCABULARY,
        "how wide it must be, by the margin",
    ),
    Claim(
        "coupled/features-power", f"equation (A.17); {_SOURCE}", LOWER_PROBABILITY,
        Quantity("slope_of_features", "P(1 <= slope of the separable width <= 2)",
                 r"\mathbb{P}\left[\text{1 <= slope of the separable width <= 2}\right]"),
        power, VOCABULARY, "the exponent of the margin is between 1 and 2",
    ),
)  # fmt: skip
