"""Training on data in a subspace: exact laws for what training can never see.

symbols   the vocabulary
networks  any network: the untrained part, the law of the transversal gradient, the mean off M
linear    linear networks: the depth law, the escape from the origin
noise     noise in the codimension: least squares, the crossover, a speed limit
"""

from theory.theorems.low_dimensional_data import linear, networks, noise

CLAIMS = (*networks.CLAIMS, *linear.CLAIMS, *noise.CLAIMS)
