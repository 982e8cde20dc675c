"""Coupled initialisation: how wide is enough, and how wide a network must be.

convergence   upper bounds on the width: pairs that cancel, and training that follows an exact law
lower_bounds  lower bounds: points on a circle with alternating labels
"""

from theory.theorems.coupled_initialisation import convergence, lower_bounds

CLAIMS = (*convergence.CLAIMS, *lower_bounds.CLAIMS)
