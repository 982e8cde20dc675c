"""Feedback alignment: training with fixed random weights that carry the error back.

symbols      the vocabulary
identities   exact laws of every step
convergence  rates that are certified before training; no alignment without decay
decay        alignment by decay, and what it costs
"""

from theory.theorems.feedback_alignment import convergence, decay, identities

CLAIMS = (*identities.CLAIMS, *convergence.CLAIMS, *decay.CLAIMS)
