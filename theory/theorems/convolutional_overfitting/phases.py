"""What follows for the test loss: harmful below chi = 1, benign above, and a sharp transition.

Setting
    That of the dynamics, in the frame design, with H at the growth h_0 that is known before
    training, S_j(t) = (1/m) sum_r (v_jr(t)+)^q and the phase parameter of class j,
    chi_j = v_j^(q-2) ||mu||^2 sum_{i in class j} 1/(||xi_i||^2 u_i^(q-2)),
    0 where v_j <= 0, else infinite where some u_i <= 0. Test samples: a patch y mu, and a patch of
    noise orthogonal to mu of any law that does not depend on y, each under both labels.

Statement
    (CN4)  Where H chi_j < 1, at every step
           v_jr(t)+ <= v_jr+ (1 - H chi_j (v_jr+/v_j)^(q-2))^(-1/(q-2)), so S_j(t) <= s_j, the mean
           over r of the q-th powers. Where that is so for both classes, the test loss, of every
           patch under both labels, is at least log(1 + exp(-(s_1 + s_-1)/2)): that of a guess.
    (CN5)  Where chi_j > H, at every step S_j(t) >= min_{i in class j} y_i f_i(t) - nu_j,
           nu_j = max_i (1/m) sum_r (u_ri+)^q (1 - (H/chi_j)(u_ri+/u_i)^(q-2))^(-q/(q-2)).
           Where that is so for both classes, with Gaussian test noise, the test loss is at most
           (1/2) sum_j [ e^(nu_j) max_{i in j} l(y_i f_i) + O_j + Z_j ],
           O_j = (1/m) sum_r ((v_{-j r})-)^q at W_0,
           Z_j = M_q (sigma_p^q/m) sum_r ||P w_{-j r}(t)||^q,
           M_q = 2^(q/2-1) Gamma((q+1)/2)/sqrt(pi), P the projection off mu.
    (CN6)  For K > 1, w = max_i (1/m) sum_r (K u_ri+)^q + max_i N_i over the class and
           psi_i = H e^w u_i^(q-2) ||xi_i||^2/(n_j ||mu||^2 v_j^(q-2)): where psi_i <= 1 - K^-(q-2)
           for the whole class, u_ri(t)+ <= u_ri+ (1 - psi_i (u_ri+/u_i)^(q-2))^(-1/(q-2)), at every
           step. Where that is so for both classes the test loss is as in (CN5), with the mean of
           the losses of the class for the largest, nu' = max_i of the mean over r of the q-th
           powers of that limit, and
           ||P w_{-j r}(t)||^2 <= ||P w_{-j r}(0)||^2
             + sum_{i in class -j} (limit^2 - (u_ri+)^2)/||xi_i||^2:
           all of it but the training loss is known before training.
    (CN7)  With M the least margin of the class: S_j > theta implies
           H chi_j >= 1 - v_j^(q-2) theta^(-(q-2)/q), and S_j <= theta < M implies
           chi_j (1 - (max_i u_i)^(q-2) (M - theta)^(-(q-2)/q)) <= H, where the bracket is positive.
           chi_j is proportional to SNR^q: one threshold for each class. (Inside [H^(-1/q), H^(1/q)]
           of chi_j^(-1/q) it is only as W_0 shrinks: near q = 2 the transition is soft.)
    (CN8)  With Gaussian patches (CN3) has an error: the median over problems of
           |log(Q/sum P) - log(Q/sum P in the frame made of the same patches)| falls like d^(-1/2).
           P(|slope + 1/2| <= tolerance) >= 1/2, of one sweep over d.
    Published, form unverified, C not stated: (CN.P) n SNR^q >= C: test loss <= 6 epsilon +
           exp(-n^2) at training loss epsilon; 1/(n SNR^q) >= C: test loss >= 0.1.

    Proof. (CN4): (CN3) with P_i < u_i^-(q-2)/||xi_i||^2; f = Sig_y + N(xi) with Sig_1 <= S_1,
    -Sig_-1 <= S_-1; Jensen over y. (CN5): by (CN3) some sample of the class has used no more than
    H/chi_j of its capacity. (CN6): induction; margins of a class differ by at most w, so losses'
    slopes by e^w. (CN7): solve (CN4), (CN5) for chi_j.

Kind
    **Upper** and **lower bounds, pathwise**; **upper bounds in expectation** over test noise;
    **lower bound, with probability** (CN8, a scaling claim).

Premises
    Those of (CN2) and the phase. (CN8): three dimensions or more over a factor of at least 8.

Source
    Derived, after Cao, Chen, Belkin, Gu (arXiv 2202.06526): abstract quoted, conditions recalled.
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Quantity, Statement
from theory.language.kinds import (
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
)
from theory.language.numeric import MaxOver
from theory.language.tables import Case, claims_of, probability
from theory.theorems.convolutional_overfitting.dynamics import FRAME, LEARNING, MEMORY
from theory.theorems.convolutional_overfitting.symbols import (
    PUBLISHED,
    SOURCE,
    VOCABULARY,
    C,
    K,
    O,
    U,
    U_part,
    V,
    V_share,
    chi,
    chi_low,
    chi_top,
    d_high,
    d_low,
    eps,
    fit,
    fit_mean,
    fullest,
    gaussian,
    h_0,
    m,
    margin,
    mu2,
    n,
    n_j,
    off,
    off_most,
    q,
    row,
    share,
    shrink,
    sizes,
    slope_factor,
    snr,
    sp2,
    spread,
    step,
    theta,
    tolerance,
    top,
    u,
    u_top,
    v,
    worst,
    worst_class,
    xi2,
)

_r, _i = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("r", "i"))
H = sp.Symbol("H", positive=True)
KNOWN = {H: slope_factor(h_0)}
PREMISES = (*FRAME, q > 2, shrink <= 1)
_HARMFUL = H * chi < 1
_BENIGN = chi > H


def _grown(clock: sp.Expr, power: sp.Expr) -> sp.Expr:
    """(1 - clock)^(-power/(q-2)): how far a preactivation gets that has used so much."""
    return (1 - clock) ** (-power / (q - 2))


def _mean_over_filters(each: sp.Expr) -> sp.Expr:
    return sp.Sum(each, (_r, 0, m - 1)) / m


def harmful_filter() -> Statement:
    """(CN4), one filter."""
    limit = sp.Max(v, 0) * _grown(H * chi * share ** (q - 2), sp.S.One)
    return Statement(limit, (*PREMISES, _HARMFUL), KNOWN)


def harmful_signal() -> Statement:
    """(CN4), one class."""
    each = V[row, _r] ** q * _grown(H * chi * V_share[row, _r] ** (q - 2), q)
    return Statement(_mean_over_filters(each), (*PREMISES, _HARMFUL), KNOWN)


def harmful_test() -> Statement:
    """(CN4), the test loss."""
    return Statement(sp.log(1 + sp.exp(-worst / 2)), (*PREMISES, H * chi_top < 1), KNOWN)


def benign_signal() -> Statement:
    """(CN5), one class."""
    each = U[row, _i, _r] ** q * _grown(H / chi * U_part[row, _i, _r] ** (q - 2), q)
    nu = MaxOver(_mean_over_filters(each), (_i, 0, n - 1))
    return Statement(margin - nu, (*PREMISES, _BENIGN), KNOWN, parts={"nu": nu})


M_Q = 2 ** (q / 2 - 1) * sp.gamma((q + 1) / 2) / sp.sqrt(sp.pi)


def _noise_of_test(each: sp.Expr) -> sp.Expr:
    """The mean of Z_1 and Z_-1."""
    return M_Q * sp2 ** (q / 2) * sp.Sum(each, (_r, 0, 2 * m - 1)) / (2 * m)


def benign_test() -> Statement:
    """(CN5), the test loss."""
    Z = _noise_of_test(off[step, _r] ** q)
    premises = (*PREMISES, chi_low > H, sp.Eq(gaussian, 1))
    return Statement(fit + O + Z, premises, KNOWN, parts={"fit": fit, "Z": Z})


_PSI = H * sp.exp(spread) * sp.Max(u, 0) ** (q - 2) * xi2 / (n_j * mu2 * top ** (q - 2))


def benign_noise() -> Statement:
    """(CN6), one filter."""
    limit = sp.Max(u, 0) * _grown(_PSI, sp.S.One)
    premises = (*PREMISES, top > 0, K > 1, fullest <= 1 - K ** (2 - q))
    return Statement(limit, premises, KNOWN, parts={"psi": _PSI})


def benign_test_before() -> Statement:
    """(CN6), the test loss."""
    Z = _noise_of_test(off_most[0, _r] ** q)
    premises = (*PREMISES, K > 1, worst_class <= 1 - K ** (2 - q), sp.Eq(gaussian, 1))
    return Statement(fit_mean + O + Z, premises, KNOWN, parts={"fit": fit_mean, "Z": Z})


def learned() -> Statement:
    """(CN7), of classes whose signal is above theta."""
    least = 1 - sp.Max(top, 0) ** (q - 2) * theta ** (-(q - 2) / q)
    return Statement(least / H, PREMISES, KNOWN)


def not_learned() -> Statement:
    """(CN7), of the others."""
    bracket = 1 - u_top ** (q - 2) * (margin - theta) ** (-(q - 2) / q)
    premises = (*PREMISES, margin > theta, u_top**q < margin - theta)
    return Statement(H / bracket, premises, KNOWN)


def gaussian_patches() -> Statement:
    """(CN8)."""
    exponent = -sp.S.Half
    parts = {"exponent": exponent, "lowest": exponent - tolerance, "highest": exponent + tolerance}
    return Statement(sp.S.Half, (sizes >= 3, d_high >= 8 * d_low), parts=parts)


def published_benign() -> Statement:
    """(CN.P), form unverified."""
    return Statement(6 * eps + sp.exp(-(n**2)), (n * snr**q >= C, q > 2))


def published_harmful() -> Statement:
    """(CN.P), form unverified."""
    return Statement(sp.Rational(1, 10), (n * snr**q * C <= 1, q > 2))


_TEST = r"\mathbb{E}\,\ell(y f)"
_LOSS = Quantity("test_loss", "test loss", _TEST)
_PATCH = Quantity("patch_loss", "test loss of a patch under both labels", r"\ell(y f)", least=0.0)
_CLASS = Quantity("class_signal", "S_j(t)", "S_j(t)", least=0.0)
_CHI = r"\chi_j"
_CASES: dict[str, Case] = {
    "harmful-filter": (
        "CN4", harmful_filter, UPPER_PATHWISE, LEARNING, "below chi = 1 no filter learns",
    ),
    "harmful-signal": (
        "CN4", harmful_signal, UPPER_PATHWISE, _CLASS,
        "nor does the head",
    ),
    "harmful-test": ("CN4", harmful_test, LOWER_PATHWISE, _PATCH, "harmful: no more than a guess"),
    "benign-signal": (
        "CN5", benign_signal, LOWER_PATHWISE, _CLASS,
        "above chi = 1 the margin is due to the signal",
    ),
    "benign-test": ("CN5", benign_test, UPPER_EXPECTATION, _LOSS, "overfitting is benign"),
    "benign-noise": (
        "CN6", benign_noise, UPPER_PATHWISE, MEMORY, "noise is never memorised",
    ),
    "benign-test-before": (
        "CN6", benign_test_before, UPPER_EXPECTATION, _LOSS,
        "the test loss from W_0 and the training loss",
    ),
    "learned": (
        "CN7", learned, LOWER_PATHWISE,
        Quantity("chi_learned", "chi_j where the signal was learned", _CHI),
        "what is learned has chi of at least about 1",
    ),
    "not-learned": (
        "CN7", not_learned, UPPER_PATHWISE,
        Quantity("chi_not_learned", "chi_j where it was not", _CHI),
        "what is not has chi of at most about 1",
    ),
    "gaussian-patches": (
        "CN8", gaussian_patches, LOWER_PROBABILITY,
        probability("slope", "|slope of the error of conservation + 1/2| <= tolerance"),
        "patches that are not orthogonal come near in high dimension",
    ),
    "published-benign": (
        "CN.P", published_benign, UPPER_EXPECTATION,
        Quantity("last_test_loss", "test loss at the end", _TEST), "the published benign phase",
    ),
    "published-harmful": (
        "CN.P", published_harmful, LOWER_PATHWISE,
        Quantity("last_patch_loss", "test loss of a patch at the end", r"\ell(y f)", least=0.0),
        "the published harmful phase",
    ),
}  # fmt: skip

CLAIMS = claims_of("convolution", _CASES, VOCABULARY, SOURCE, PUBLISHED)
