"""Two-layer networks with trainable biases that start large: sparse, and as fast as dense ones.

symbols         the vocabulary
kernel          the kernel of infinitely many neurons, and lower bounds on its least eigenvalue
training        certificates before training, the width that is enough, the exact law, the steps
generalisation  Rademacher complexity that falls with the share of active neurons
"""

from theory.theorems.trainable_biases import generalisation, kernel, training

CLAIMS = (*kernel.CLAIMS, *training.CLAIMS, *generalisation.CLAIMS)
