"""Convergence theorems as symbolic claims: bounds, premises, rates and neighbourhoods.

Sympy only; nothing here trains a network or imports torch. Names are imported when they are first
used, so that a command that only prints its help does not wait for sympy.
"""

from theory.language.public import offered

__getattr__, __dir__, __all__ = offered(__name__, __file__)
