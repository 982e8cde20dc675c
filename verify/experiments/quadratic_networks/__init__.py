"""Quadratic networks: gaps, minima and rates; and certificates for smooth activations."""
