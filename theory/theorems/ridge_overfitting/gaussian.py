"""Ridge regression on Gaussian rows: two-sided bounds of which nothing is measured; exponents.

Setting
    That of `certificates`, with rows N(0, Sigma), lam >= 0, chi ~ chi^2_{n-k}, for any t >= 0
        m_low = (sqrt(S1 - L) - sqrt(n L) - t sqrt(L))^2 + lam,
        m_high = (sqrt(S1) + sqrt(n L) + t sqrt(L))^2 + lam,
        s = (sqrt(n) - sqrt(k) - t)^2,   xi = min(|theta_1|_{Sigma_1} (sqrt(n) + t)/sqrt(m_low),
                                                  |theta_1|),
        w^2 = sum_{i<=k} theta_i^2/(1 + l_i s/m_high).

Statement
    (RO.9)  With probability at least 1 - 5 exp(-t^2/2)
            V <= (m_high/m_low) sum_{i<=k} 1/(s + m_high/l_i)
                 + (n S2 + sqrt(2 n S4) t + L^2 t^2)/m_low^2
    (RO.10) and B <= (w + xi)^2/(1/l_1 + s/m_high) + (|theta_1|_{Sigma_1} + sqrt(L) (xi + w))^2
    (RO.11) E V >= (1 - exp(-t^2/2)) sum_i E[ (l_i chi/(m_high + l_i chi))^2/(chi + k) ]
    Flat spectrum, Sigma = l I, at lam = 0:
    (RO.12) E V = n/(p - n - 1), for p > n + 1
    (RO.13) E B = (1 - n/p) |theta|^2_Sigma, for p >= n
    Exponents at lam = 0, with sqrt(n) spikes and a flat tail whose eigenvalues are small:
    (RO.14) benign: n^(3/2) directions in the tail; V falls like n^(-1/2)
    (RO.15) tempered: 3 n directions; V tends to 1/2. The dichotomy is R_k/n -> oo or not, with
            R_k = S1^2/S2.
    With (RO.9), (RO.11) V is known to a factor of 4 to 8 from n = 50 to 200.

    Proof. (RO.9), (RO.10) are (RO.4) to (RO.7) where five events hold, each but for exp(-t^2/2):
    the norms of X_1 from below and above (Gordon, Chevet; E |Sigma_1^(1/2) g| >= sqrt(S1 - L) by
    Poincare), the least singular value of Z_0 (Davidson & Szarek), tr(X_1 Sigma_1 X_1^T) (Laurent &
    Massart), |X_1 theta_1| (Lipschitz). (RO.11): (RO.1) and (RO.3); n - k eigenvalues of A_{-i}
    (A_{k,-i} in the tail) are at most m_high, and their eigenvectors do not know z_i; Jensen in
    the other k squares. (RO.12): the mean of an inverse Wishart matrix, and its variance
    2 n (p-1)/(d (d-1)^2 (d-3)), d = p - n. (RO.13): I - X^T A^-1 X projects on a random subspace.

    The ceiling with which (RO.11) is tested, for lam > 0: V_i <= l_i/(4 lam) in the head, and the
    tail adds at most L tr(A^-2 (A - lam I)) <= n L/(4 lam). At lam = 0 there is none: V has no
    variance close to p = n, and no number of designs refutes a mean.

Kind
    (RO.9), (RO.10): **lower bounds, with probability**; (RO.11): **lower bound, in expectation**;
    (RO.12), (RO.13): **equalities, in expectation**; (RO.14), (RO.15): **lower bounds, with
    probability**: of one sweep.

Premises
    Gaussian coordinates; k < n. (RO.9), (RO.10): an effective rank S1/L > 1 + (sqrt(n) + t)^2, and
    sqrt(n) > sqrt(k) + t: beyond, s is 0, not a square. (RO.12) is tested for p > n + 3, or its
    variance is infinite.

Slips that the slack hides
    The bounds of (RO.9), (RO.10) are 3 to 25 times what is measured. (RO.11): S1 for m_high.

Source
    Derived here, after Tsigler & Bartlett (arXiv 2009.14286) and Bartlett, Long, Lugosi & Tsigler
    (arXiv 1906.11300).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import EXACT_EXPECTATION, LOWER_EXPECTATION, LOWER_PROBABILITY
from theory.theorems.ridge_overfitting.certificates import Case, claims_of
from theory.theorems.ridge_overfitting.symbols import (
    S1,
    S2,
    S4,
    L,
    energy,
    excess,
    k,
    l,
    lam,
    n,
    n_first,
    n_last,
    n_sizes,
    node,
    nodes,
    norm_1,
    p,
    size_1,
    spread,
    t,
    theta,
    tolerance,
    weight,
)

_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j"))
_ROOT = sp.sqrt(n * L) + t * sp.sqrt(L)
LOW = sp.Max(0, sp.sqrt(S1 - L) - _ROOT) ** 2 + lam
HIGH = (sp.sqrt(S1) + _ROOT) ** 2 + lam
LEAST = sp.Max(0, sp.sqrt(n) - sp.sqrt(k) - t) ** 2
"""m_low, m_high and s."""

_OVER_HEAD = (_i, 0, k - 1)
VARIANCE = (
    HIGH / LOW * sp.Sum(1 / (LEAST + HIGH / l[_i]), _OVER_HEAD)
    + (n * S2 + sp.sqrt(2 * n * S4) * t + L**2 * t**2) / LOW**2
)
_XI = sp.Min(norm_1 * (sp.sqrt(n) + t) / sp.sqrt(LOW), size_1)
_W = sp.sqrt(sp.Sum(theta[_i] ** 2 / (1 + l[_i] * LEAST / HIGH), _OVER_HEAD))
BIAS = (
    sp.Min(k, 1) * (_W + _XI) ** 2 / (1 / l[0] + LEAST / HIGH)
    + (norm_1 + sp.sqrt(L) * (_XI + _W)) ** 2
)
"""What (RO.9) and (RO.10) allow."""

_GAUSSIAN = (sp.Eq(excess, 0), lam >= 0)
_DEVIATION = (
    *_GAUSSIAN,
    1 + (sp.sqrt(n) + t) ** 2 < S1 / L,
    sp.sqrt(n) > sp.sqrt(k) + t,
)
_FLAT = (sp.Eq(excess, 0), sp.Eq(spread, 0), sp.Eq(lam / l[0], 0))
_SWEEP = (sp.Eq(excess, 0), n_sizes >= 4, n_last >= 8 * n_first)


def deviation(allowed: sp.Expr) -> Statement:
    """(RO.9), (RO.10): the event is that the risk is at most what is allowed."""
    share = 1 - 5 * sp.exp(-(t**2) / 2)
    return Statement(share, _DEVIATION, parts={"allowed": allowed})


def at_least() -> Statement:
    """(RO.11), by quadrature over chi."""
    over = l[_i] * node[_j]
    each = weight[_j] * (over / (HIGH + over)) ** 2 / (node[_j] + k)
    total = sp.Sum(each, (_j, 0, nodes - 1), (_i, 0, p - 1))
    ceiling = (sp.Sum(l[_i], _OVER_HEAD) + n * L) / (4 * lam)
    bound = (1 - sp.exp(-(t**2) / 2)) * total
    return Statement(bound, (*_GAUSSIAN, k < n, k < p), ceiling=ceiling)


def flat_variance() -> Statement:
    """(RO.12)."""
    d = p - n
    variance = 2 * n * (p - 1) / (d * (d - 1) ** 2 * (d - 3))
    return Statement(n / (p - n - 1), (*_FLAT, p > n + 3), variance=variance)


def flat_bias() -> Statement:
    """(RO.13)."""
    return Statement((1 - n / p) * energy, (*_FLAT, p >= n), ceiling=energy)


def exponent(power: sp.Expr) -> Statement:
    """(RO.14), (RO.15)."""
    return Statement(
        sp.S.Half, _SWEEP,
        parts={"exponent": power, "lowest": power - tolerance, "highest": power + tolerance},
    )  # fmt: skip


def _event(name: str, text: str) -> Quantity:
    return Quantity(name, f"P({text})", rf"\mathbb{{P}}\left[\text{{{text}}}\right]")


_CASES: Mapping[str, Case] = {
    "gaussian-variance": (
        "RO.9", lambda: deviation(VARIANCE), LOWER_PROBABILITY,
        _event("variance_allowed", "V is at most what n, t and the spectrum allow"),
        "two-sided theorem, from above: nothing is measured",
    ),
    "gaussian-bias": (
        "RO.10", lambda: deviation(BIAS), LOWER_PROBABILITY,
        _event("bias_allowed", "B is at most what n, t, spectrum and target allow"),
        "the bias, from above: nothing is measured",
    ),
    "gaussian-at-least": (
        "RO.11", at_least, LOWER_EXPECTATION, Quantity("mean_variance", "V", "V", least=0.0),
        "two-sided theorem, from below",
    ),
    "flat-variance": (
        "RO.12", flat_variance, EXACT_EXPECTATION, Quantity("flat_variance", "V", "V"),
        "interpolation in isotropic noise",
    ),
    "flat-bias": (
        "RO.13", flat_bias, EXACT_EXPECTATION, Quantity("flat_bias", "B", "B"),
        "the share of the target that n samples miss",
    ),
    "benign": (
        "RO.14", lambda: exponent(-sp.S.Half), LOWER_PROBABILITY,
        _event("slope_of_benign", "|slope of V - (-1/2)| <= tolerance"),
        "benign overfitting: the variance vanishes",
    ),
    "tempered": (
        "RO.15", lambda: exponent(sp.S.Zero), LOWER_PROBABILITY,
        _event("slope_of_tempered", "|slope of V| <= tolerance"),
        "tempered overfitting: it stays",
    ),
}  # fmt: skip

CLAIMS = claims_of(_CASES)
