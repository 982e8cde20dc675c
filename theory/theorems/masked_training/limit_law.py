"""The limit law: the exact second moment of the residual at infinite width.

Setting
    Masked training at width m -> infinity. With Q = I - zeta H, P = I - Q^tau, M = I - theta P
    the residual obeys e_{k+1} = M e_k - theta P zbar_k with zbar_k ~ N(0, V Phi) independent of
    the past. H and Phi are taken at W_0, which makes the law conditional on W_0 and sharper at
    finite m. In the eigenvectors of H: q_j = 1 - (1 - zeta mu_j)^tau, M_j = 1 - theta q_j.

Statement
    (L.1) E||e_k||^2 = sum_j [ M_j^{2k} c_j^2
                               + theta^2 q_j^2 V Phi_jj (1 - M_j^{2k})/(1 - M_j^2) ]
    (L.2) its limit k -> infinity, the floor: V sum_j Phi_jj theta q_j/(2 - theta q_j)
    At finite m the residual that follows the linear recursion from the round in which it leaves
    the good event of Link I (with the noise of W_0) has a root mean square within
    D_k = sum_{j<k} (max_i M_i^{k-1-j}) alpha_j sqrt(b_j + sigma^2)
          + theta sqrt(V) R sqrt(sum_{j<k} (max_i M_i^j q_i)^2)
    of the root of (L.1), b_j being the square of the same upper end in round j: Minkowski's
    inequality, for the defects and, as Phi_k differs from Phi by at most R in the root of a
    trace, for the noise. The law is tested as an equality up to that envelope, which is
    O(m^{-1/2}). The test from below needs Var||e_k||^2. Its standard deviation is taken to be at
    most twice that of the Gaussian limit (in the variance a factor 2 for the fourth cumulant of
    the noise, which the premise on `excess` keeps below the Gaussian variance, and 2 for the
    third, by the Cauchy-Schwarz inequality) plus what the envelope allows to the mean: an
    allowance, not a bound; over 300 random configurations at most 0.4 of it was used.

Kind
    **Exact, in expectation** over the masks, W_0 and a given.

Premises
    zeta Lambda <= 1; excess <= 1/n: enough neurons change sides in a round for the noise to be
    nearly Gaussian (it fails for xi within about n/m of 0 or 1).

Source
    The infinite-width limit of the dynamics in Liao & Kyrillidis (arXiv 2112.02668v1).
"""

from __future__ import annotations

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_EXPECTATION
from theory.language.numeric import MaxOver, Vector
from theory.theorems.masked_training.stochastic_recursion import (
    STABLE,
    M_i,
    noise,
    over_eigenpairs,
    q_i,
    spectrum_of_P,
)
from theory.theorems.masked_training.symbols import (
    VOCABULARY,
    K,
    Phi,
    R,
    V,
    alpha_j,
    c_sq,
    c_vec,
    e0_sq,
    excess,
    i,
    j,
    k,
    n,
    sigma,
    theta,
)

LINEARISED_LOSS = Quantity("linearised_loss", "E ||e_k||^2", r"\mathbb{E}\lVert e_k\rVert^2")


def mean_square() -> sp.Expr:
    """Equation (L.1), with 1 - M^2 = theta q (2 - theta q) divided out."""
    decayed = M_i[j] ** (2 * k) * c_sq[j]
    injected = V * Phi[j, j] * theta * q_i[j] * (1 - M_i[j] ** (2 * k)) / (2 - theta * q_i[j])
    return over_eigenpairs(decayed + injected, j)


def floor() -> sp.Expr:
    """Equation (L.2)."""
    return V * over_eigenpairs(Phi[j, j] * theta * q_i[j] / (2 - theta * q_i[j]), j)


def gaussian_variance() -> sp.Expr:
    """Var ||e_k||^2 of the Gaussian limit: 2 tr(C^2) + 4 mean^T C mean."""
    decay = M_i[i] * M_i[j]
    total = sp.Max(1 - decay, sp.Rational(1, 10**300))  # 0/0 = 0 where the kernel is singular
    covariance = theta**2 * V * q_i[i] * q_i[j] * Phi[i, j] * (1 - decay**k) / total
    fluctuation = 2 * covariance**2 + 4 * decay**k * c_vec[i] * c_vec[j] * covariance
    return sp.Sum(fluctuation, (i, 0, n - 1), (j, 0, n - 1))


def law() -> Statement:
    """The law and its finite-width envelope; the envelope's upper end is its own history."""
    b = sp.IndexedBase("b", real=True, nonnegative=True)
    t_j, w_j = sp.IndexedBase("t", nonnegative=True), sp.IndexedBase("w", nonnegative=True)
    spectrum, past, rounds = (i, 0, n - 1), (j, 0, k - 1), (j, 0, K - 1)
    defects = sp.Sum(t_j[k - 1 - j] * alpha_j[j] * sp.sqrt(b[j] + sigma**2), past)
    envelope = defects + theta * sp.sqrt(V) * R * sp.sqrt(sp.Sum(w_j[j] ** 2, past))
    root = sp.sqrt(mean_square())
    upper = (root + envelope) ** 2
    return Statement(
        bound=mean_square(),
        premises=(STABLE, excess <= 1 / n),
        definitions={
            sigma: noise()[sigma],
            **spectrum_of_P(),
            t_j: Vector(MaxOver(M_i[i] ** j, spectrum), rounds),
            w_j: Vector(MaxOver(M_i[i] ** j * q_i[i], spectrum), rounds),
        },
        parts={"floor": floor()},
        band=(sp.Max(root - envelope, 0) ** 2, upper),
        variance=(2 * sp.sqrt(gaussian_variance()) + upper - mean_square()) ** 2,
        history=b,
        initial=e0_sq,
        index=k,
    )


CLAIMS = (
    Claim(
        "limit-law",
        "equation (L.1); infinite-width limit of Liao & Kyrillidis (arXiv 2112.02668v1)",
        EXACT_EXPECTATION,
        LINEARISED_LOSS,
        law,
        VOCABULARY,
        "the exact law of the loss at infinite width, with its finite-width envelope",
    ),
)
