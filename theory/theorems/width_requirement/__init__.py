"""The width requirement of masked training, with every constant.

link_3        m* and its conditions, the theorem without a measured premise, the lemmas
inequalities  the algebra in the proofs, for `verify.audit.proof`
"""

from theory.theorems.width_requirement import inequalities, link_3

CLAIMS = link_3.CLAIMS
INEQUALITIES, UNPROVED = inequalities.build, inequalities.UNPROVED
