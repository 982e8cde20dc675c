"""Descent of wide ReLU networks on a line ends in a bad local minimum: certificates and odds.

symbols      the vocabulary
dynamics     thirteen numbers that move alike at every width; the way of every kink
certificate  no kink will ever cross a data point: known from a few steps; the bad minimum
odds         how likely that is: against the certificate, the width, an offset of the targets
"""

from theory.theorems.one_dimensional_inconsistency import certificate, dynamics, odds

CLAIMS = (*dynamics.CLAIMS, *certificate.CLAIMS, *odds.CLAIMS)
