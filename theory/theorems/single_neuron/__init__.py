"""One ReLU neuron learned by gradient descent from labels of an adversary.

symbols     the vocabulary
structure   what is left of the risk at a stationary point: on any data
population  rotation-invariant inputs: the constant factor, as a function of the noise
descent     a warm start, a certificate for all steps, a start that never recovers, scaling
"""

from theory.theorems.single_neuron import descent, population, structure

CLAIMS = (*structure.CLAIMS, *population.CLAIMS, *descent.CLAIMS)
