"""Rademacher complexity of networks near a sparse start: it falls with the share of active neurons.

Setting
    As in `kernel`. The class: all (W, b) within R of the start, ||(W, b) - (W_0, B)||_F <= R, and
    each neuron within R_w. p is the share of active neurons at the start over neurons and samples,
    z_ri = <w_r(0), x_i> - B. R_S = E_s sup (1/n) sum_i s_i f(x_i) over the class, s uniform signs;
    the output at the start cancels in the mean, so f less that output is measured.

Statement
    (TB7)  the linear part: E_s (R/n) sqrt(s^T H s) <= R sqrt((1+tau) p/n);
           R_S <= R sqrt((1+tau) p/n) + (1/(n sqrt(m))) sum_ri (sqrt(1+tau) R_w - |z_ri|)_+;
           in the mean over the start, too: E R_S <= R sqrt((1+tau) Q(B)/n) + sqrt(m) (1+tau) R_w^2
           phi(max(0, |B| - sqrt(1+tau) R_w)), whose first term falls like exp(-B^2/4)
    (TB8)  loss l = min(|f - y|, 1), R and R_w fixed before the sample is seen: for all but a share
           delta of the samples E l <= mean l + 2 R_S + 3 sqrt(log(2/delta)/(2 n)), f in the class
    Published: R_S <= R sqrt(8 exp(-B^2/2)/n) + C R^2/sqrt(m), lower order, C not stated, B >= 0

    Proof. Jensen, and tr H = (1+tau) n p. relu(z') - relu(z) - 1{z > 0}(z' - z) = |z'| where z
    changes its sign, else 0, so at most (|z' - z| - |z|)_+. The mean of (a - |z|)_+ for z of
    density at most q on [-a, a] is at most a^2 q. (TB8): symmetrisation, McDiarmid and contraction,
    all of textbooks.

Kind
    (TB7): **upper bounds, in expectation** over signs, and over the start; (TB8): **upper bound,
    pathwise**, for a share 1 - delta of the samples.

What is no claim
    A bound that counts neurons near their kink in place of the sum of margins: 9 to 50 times the
    supremum. That (TB8) beats the zero predictor: it does not in what was tried; it is below 1.

Slips that hide
    A supremum is found by ascent, so a bound below it by less than what the ascent misses is not
    seen. The term of margins is a small one: halved it is mostly not seen. (TB8) is loose by 2 to
    5.

Source
    After Yang, Jiang, Zhang, Wang & Liang (arXiv 2301.00327): a bound that depends on sparsity is
    theirs (quoted: abstracts), its form recalled and unverified; (TB7) is derived here. Bartlett &
    Mendelson (2002) for (TB8).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import UPPER_EXPECTATION, UPPER_PATHWISE
from theory.language.tables import Case, claims_of
from theory.theorems.trainable_biases.kernel import PUBLISHED, SOURCE
from theory.theorems.trainable_biases.symbols import (
    NORM,
    R_S,
    VOCABULARY,
    B,
    C,
    Q,
    R,
    R_w,
    delta,
    m,
    mean_loss,
    n,
    p,
    phi,
    t,
    z,
)

_i, _r = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "r"))


def linear() -> Statement:
    """(TB7), the linear part."""
    return Statement(R * sp.sqrt((1 + t) * p / n))


def complexity() -> Statement:
    """(TB7), on a sample, with the start at hand."""
    soft = sp.Sum(sp.Max(0, NORM * R_w - sp.Abs(z[_i, _r])), (_i, 0, n - 1), (_r, 0, m - 1))
    bent = soft / (n * sp.sqrt(m))
    return Statement(R * sp.sqrt((1 + t) * p / n) + bent, parts={"bent": bent})


def mean_complexity() -> Statement:
    """(TB7), over the start."""
    bent = sp.sqrt(m) * (1 + t) * R_w**2 * phi(sp.Max(0, sp.Abs(B) - NORM * R_w))
    return Statement(R * sp.sqrt((1 + t) * Q / n) + bent, parts={"bent": bent})


def risk() -> Statement:
    """(TB8)."""
    return Statement(mean_loss + 2 * R_S + 3 * sp.sqrt(sp.log(2 / delta) / (2 * n)))


def published() -> Statement:
    """Published, form unverified."""
    return Statement(R * sp.sqrt(8 * sp.exp(-(B**2) / 2) / n) + C * R**2 / sp.sqrt(m), (B >= 0,))


_SUPREMUM = r"\sup \tfrac1n \sum_i s_i (f - f_0)(x_i)"

CASES: dict[str, Case] = {
    "linear": (
        "TB7", linear, UPPER_EXPECTATION,
        Quantity("linear", "sup over the class of (1/n) sum_i s_i <gradient f(x_i), change>",
                 r"\tfrac{R}{n} \sqrt{s^\top H s}"),
        "complexity of the linearised network, by the share of active neurons",
    ),
    "complexity": (
        "TB7", complexity, UPPER_EXPECTATION,
        Quantity("supremum", "sup over the class of (1/n) sum_i s_i (f - f_0)(x_i)", _SUPREMUM),
        "and of the network",
    ),
    "mean-complexity": (
        "TB7", mean_complexity, UPPER_EXPECTATION,
        Quantity("supremum_of_starts", "the same, over signs and starts", _SUPREMUM),
        "which a large bias makes small",
    ),
    "published-complexity": (
        "TB7.P", published, UPPER_EXPECTATION,
        Quantity("supremum_of_starts", "the same, over signs and starts", _SUPREMUM),
        "published, with a constant of one's own",
    ),
}  # fmt: skip

RISK = Claim(
    "bias/risk", f"equation (TB8); {SOURCE}", UPPER_PATHWISE,
    Quantity("risk", "E l", r"\mathbb{E}\,\ell"),
    risk, VOCABULARY, "a bound of the risk, for all but a share delta of the samples",
    confidence="delta",
)  # fmt: skip

CLAIMS = (*claims_of("bias", CASES, VOCABULARY, SOURCE, PUBLISHED), RISK)
