"""One neuron with adversarial labels: stationary points, a warm start, a certificate."""
