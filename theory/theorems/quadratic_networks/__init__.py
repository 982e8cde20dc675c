"""Quadratic and smooth shallow networks: certified gaps, a global rate, certificates at W_0.

landscape     networks of z^2: the gap, its minimum, exact dynamics, the published landscape
global_rate   gradient descent and flow from W_0, with every constant
certificates  any smooth activation: rate and path from W_0, ranks, wide inputs
"""

from theory.theorems.quadratic_networks import certificates, global_rate, landscape

CLAIMS = (*landscape.CLAIMS, *global_rate.CLAIMS, *certificates.CLAIMS)
