"""A two-layer convolutional network between a signal to learn and noise to memorise."""
