"""Training through random masks: networks, mask laws, engines, what is measured."""

ENGINES = ("auto", "plain", "torch", "fused")
"""Ways to train that give the same numbers (see `engines`); auto takes the fastest that fits."""
