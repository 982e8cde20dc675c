"""Masked training of shallow ReLU networks.

One module per theorem:

symbols               the vocabulary
laws                  mask laws and their moments
limit_law             the infinite-width law of the residual (exact)
stochastic_recursion  Link I and the main theorem
lazy_regime           Link II, the linearisation defect
corollaries           gradient descent, dropout, multi-sample dropout, IST
identities            exact identities of masks and surrogates
published             the statements as printed, in their own symbols
inequalities          the algebra in the proofs, for `verify.audit.proof`
"""

from theory.theorems.masked_training import (
    corollaries,
    identities,
    inequalities,
    lazy_regime,
    limit_law,
    published,
    stochastic_recursion,
)

CLAIMS = (
    *limit_law.CLAIMS,
    *stochastic_recursion.CLAIMS,
    *lazy_regime.CLAIMS,
    *corollaries.CLAIMS,
    *identities.CLAIMS,
    *published.CLAIMS,
)
INEQUALITIES, UNPROVED = inequalities.build, inequalities.UNPROVED
