"""The width requirement of masked training, with every constant.

link_3        m* and its conditions, the theorem without a measured premise, the lemmas
claims        their names, kinds and quantities
inequalities  the algebra in the proofs, for `verify.audit.proof`
"""

from theory.theorems.width_requirement import claims, inequalities

CLAIMS = claims.CLAIMS
INEQUALITIES, UNPROVED = inequalities.build, inequalities.UNPROVED
