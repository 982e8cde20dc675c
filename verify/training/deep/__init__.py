"""Deep networks of smooth activation: features, kernels, gradient descent, norms at the start."""

from verify.training.deep.descent import Path, descend, states
from verify.training.deep.network import Design, Network, Parameters, State
from verify.training.deep.norms import layers

__all__ = ["Design", "Network", "Parameters", "Path", "State", "descend", "layers", "states"]
