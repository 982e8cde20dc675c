"""Benign and harmful overfitting in a two-layer convolutional network.

symbols   the vocabulary
dynamics  what descent does: decomposition, upper bounds, the conservation law
phases    what follows for the test loss: the phase parameter chi on either side of 1
"""

from theory.theorems.convolutional_overfitting import dynamics, phases

CLAIMS = (*dynamics.CLAIMS, *phases.CLAIMS)
