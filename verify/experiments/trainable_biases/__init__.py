"""The experiment of two-layer networks with trainable biases."""
