"""Exact identities of masks and surrogates, at any width.

Setting
    One round of masked training from weights W with residual e and output covariance Phi.
    z^l = g^l - u is the sampling noise of surrogate l, zbar its mean over the p surrogates.

Statement
    (E.1) E||g^l - y||^2 = ||e||^2 + ((1-xi)/xi) tr Phi                (the dropout regulariser)
    (E.2) E||zbar||^2 = V tr Phi                                        (trace of Cov zbar = V Phi)
    For categorical masks, where each neuron lives in exactly one surrogate:
    (E.3) ||e_{k+1}||^2 = (1/p) sum_l ||g^l_tau - y||^2
                          - (1/p^2) sum_{l'<l} ||g^l_tau - g^{l'}_tau||^2            (Lemma 20)
    (E.4) sum_l ||u_k - g^l_k||^2 = (1/p) sum_{l'<l} ||g^l_k - g^{l'}_k||^2          (Lemma 21)

Kind
    **Exact**: (E.1) and (E.2) as means over all masks (by enumeration), (E.3) and (E.4) pathwise.

Premises
    (E.2): V > 0, else there is no noise. (E.3), (E.4): theta = 1, V = 0, xi = 1/p (categorical
    masks); (E.4): p > 1, else there is one subnetwork and no spread.

Source
    (E.1), (E.2): the moments of the mask law. (E.3), (E.4): Lemmas 20 and 21 of Liao & Kyrillidis
    (arXiv 2112.02668v1).
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.language.claim import Claim, Quantity, Statement
from theory.language.kinds import EXACT_PATHWISE
from theory.language.vocabulary import NONNEGATIVE
from theory.theorems.masked_training.symbols import VOCABULARY, V, p, theta, xi

_s = VOCABULARY.symbol
e_sq = _s("e_sq", "squared residual ||e||^2 before the round", NONNEGATIVE)
tr_Phi = _s("tr_Phi", "trace of the output covariance at the current weights", NONNEGATIVE)
local_loss = _s("local_loss", "mean over surrogates of ||g^l_tau - y||^2", NONNEGATIVE)
spread = _s("spread", "sum over pairs of surrogates of ||g^l - g^l'||^2", NONNEGATIVE)

_CATEGORICAL = (sp.Eq(theta, 1), sp.Eq(V, 0), sp.Eq(xi, 1 / p))


def surrogate_loss() -> Statement:
    return Statement(e_sq + (1 - xi) / xi * tr_Phi)


def noise_variance() -> Statement:
    # without noise both sides are rounding errors
    return Statement(V * tr_Phi, (sp.Rational(1, 10**12) < V,))


def aggregation() -> Statement:
    return Statement(local_loss - spread / p**2, _CATEGORICAL)


def dispersion() -> Statement:
    return Statement(spread / p, (*_CATEGORICAL, p > 1))


def _claim(
    name: str, equation: str, text: str, latex: str, build: Callable[[], Statement], words: str
) -> Claim:
    source = f"equation ({equation}), Liao & Kyrillidis (arXiv 2112.02668v1)"
    quantity = Quantity(name.split("/")[1].replace("-", "_"), text, latex)
    return Claim(name, source, EXACT_PATHWISE, quantity, build, VOCABULARY, words)


CLAIMS = (
    _claim(
        "identity/surrogate-loss",
        "E.1",
        "E ||g^l - y||^2",
        r"\mathbb{E}\lVert g^l - y\rVert^2",
        surrogate_loss,
        "the expected loss of a surrogate: the dropout regulariser",
    ),
    _claim(
        "identity/noise-variance",
        "E.2",
        "E ||zbar||^2",
        r"\mathbb{E}\lVert\bar z\rVert^2",
        noise_variance,
        "the variance of the averaged sampling noise",
    ),
    _claim(
        "identity/aggregation",
        "E.3: Lemma 20",
        "||e_{k+1}||^2",
        r"\lVert e_{k+1}\rVert^2",
        aggregation,
        "averaging subnetworks lowers the loss by their spread",
    ),
    _claim(
        "identity/dispersion",
        "E.4: Lemma 21",
        "sum_l ||u_k - g^l_k||^2",
        r"\sum_l\lVert u_k - g^l_k\rVert^2",
        dispersion,
        "distance of the subnetworks from the network, from their spread",
    ),
)
