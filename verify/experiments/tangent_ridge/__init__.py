"""The experiment of ridge regression in the tangent space of a ReLU network."""
