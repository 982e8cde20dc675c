"""Subquadratic training: neurons that fire, counted steps, Gauss-Newton, sketches."""
