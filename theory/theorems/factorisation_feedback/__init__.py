"""Random feedback in low-rank matrix factorisation."""

from theory.theorems.factorisation_feedback import descent, endpoint, separation, star

CLAIMS = (*endpoint.CLAIMS, *descent.CLAIMS, *separation.CLAIMS, *star.CLAIMS)
