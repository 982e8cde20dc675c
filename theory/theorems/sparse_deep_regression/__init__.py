"""Sparse deep ReLU networks for regression: networks written down, covers, oracle inequality,
wavelets.

symbols    the vocabulary
networks   networks that multiply, and networks for Hoelder functions
oracle     how many networks there are, and what the best of them risks
wavelets   Haar series against networks where the target is a composition
"""

from theory.theorems.sparse_deep_regression import networks, oracle, wavelets

CLAIMS = (*networks.CLAIMS, *oracle.CLAIMS, *wavelets.CLAIMS)
