"""Over-parameterised single index models: descent without a penalty against the lasso.

symbols       the vocabulary
trajectories  every coordinate by itself: its flow in closed form, descent, the stopping window
errors        what is drawn: laws of the statistic and of the error, selection, the lasso
matrices      low-rank matrices for sparse vectors
truncation    responses with heavy tails
"""

from theory.theorems.single_index_models import errors, matrices, trajectories, truncation

CLAIMS = (*trajectories.CLAIMS, *errors.CLAIMS, *matrices.CLAIMS, *truncation.CLAIMS)
