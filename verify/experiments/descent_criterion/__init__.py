"""The criterion for gradient descent: networks of fixed width, their certificates, their training."""
