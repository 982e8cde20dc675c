"""Training in subquadratic time: shifted ReLUs that seldom fire, Gauss-Newton, sketches.

symbols    the vocabulary
firing     how many neurons fire, and what a step costs that touches only these
newton     Gauss-Newton: what a step leaves, a certificate, a width
sketching  TensorSketch and preconditioners
"""

from theory.theorems.subquadratic_training import firing, newton, sketching

CLAIMS = (*firing.CLAIMS, *newton.CLAIMS, *sketching.CLAIMS)
