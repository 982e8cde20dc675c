"""Full-batch gradient descent of shallow ReLU networks, for any output weights and loss."""

from verify.training.gradient_descent.descent import Iterate, Path, descend, endpoint, iterates
from verify.training.gradient_descent.flow import Flow, flow
from verify.training.gradient_descent.losses import LOGISTIC, SQUARED, Loss
from verify.training.gradient_descent.margin import Margin, margin
from verify.training.gradient_descent.network import Network

__all__ = [
    "LOGISTIC", "SQUARED", "Flow", "Iterate", "Loss", "Margin", "Network", "Path", "descend",
    "endpoint", "flow", "iterates", "margin",
]  # fmt: skip
