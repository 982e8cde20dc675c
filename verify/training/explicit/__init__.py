"""Networks that are written down, not trained, and what they are made of, counted.

    from verify.training.explicit import multiplication, size_of

    product = multiplication(5)           # a torch module: (..., 2) -> (..., 1)
    print(size_of(product))               # layers, widths, nonzeros: counted in its parameters

All are `ReluNetwork`s, of the class F(L, p, s) of sparse networks with parameters in [-1, 1]
(Schmidt-Hieber, arXiv 1708.06633).
"""

from verify.training.explicit.network import ReluNetwork, Size, size_of
from verify.training.explicit.products import multiplication, product_tree, sawtooth
from verify.training.explicit.sieves import hoelder_sieve

__all__ = [
    "ReluNetwork",
    "Size",
    "hoelder_sieve",
    "multiplication",
    "product_tree",
    "sawtooth",
    "size_of",
]
