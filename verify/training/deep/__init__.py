"""Deep networks of smooth activation: features, kernels, gradient descent and flow, norms."""

from verify.training.deep.descent import Path, descend, states
from verify.training.deep.flow import Flow, flow
from verify.training.deep.network import Design, Network, Parameters, State
from verify.training.deep.norms import layers

__all__ = [
    "Design", "Flow", "Network", "Parameters", "Path", "State", "descend", "flow", "layers",
    "states",
]  # fmt: skip
