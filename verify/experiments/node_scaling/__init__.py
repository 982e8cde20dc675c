"""Unequal node scalings: certificates at the start, gradient flow and descent, feature learning."""
