"""One theorem per module: its claims, their derivations in the docstring, its inequalities."""
