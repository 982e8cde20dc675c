"""Concept classes by stochastic gradient descent: an explicit norm of the target, and no width.

symbols     the vocabulary
complexity  the norm of a target from its coefficients, and the comparator of finite width
regret      the ReLU network itself: regret, the guarantee before training, slopes
signs       three layers: the second-order kernel under random signs, no bad local minima
"""

from theory.theorems.concept_classes import complexity, regret, signs

CLAIMS = (*complexity.CLAIMS, *regret.CLAIMS, *signs.CLAIMS)
