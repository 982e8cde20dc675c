"""Weights, signs and biases of a shallow network, from finitely many of its values.

subspace    Hessians span the w_k w_k^T; finite differences; thresholds in m against D^2
directions  power iteration in that span, and how near a weight its end is
biases      signs by algebra, biases by gradient descent, the pipeline
"""

from theory.theorems.network_identification import biases, directions, subspace

CLAIMS = (*subspace.CLAIMS, *directions.CLAIMS, *biases.CLAIMS)
