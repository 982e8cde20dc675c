"""Concept classes: explicit norms, regret and guarantees of ReLU networks, random signs."""
