"""Sparse deep ReLU regression: networks written down, covers, oracle inequality, wavelets."""
