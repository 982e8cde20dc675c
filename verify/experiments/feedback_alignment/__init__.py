"""Feedback alignment: certified convergence, no alignment without decay, alignment with it."""
