"""Points at which the claims on the criterion are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    cells = 3 + seed
    s = 9.0 - np.linspace(0.5, 4.0 - 0.5 * seed, cells)
    shifted = name in ("criterion/scaling-defect", "criterion/scaling-fresh")
    linear = name in ("criterion/scaling-defect-linear", "criterion/fresh-identity")
    alone = name in ("criterion/one-layer", "criterion/scaling-defect-linear")
    return {
        "k": 3 * seed, "E_0": 1.1 + 0.1 * seed, "E": 0.9, "epsilon": 0.2 + 0.1 * seed, "eta": 2e-3,
        "R": 0.7 + 0.1 * seed, "rho": 0.15 * seed, "L": 0.4 + 0.3 * seed, "S_0": 11.0 + seed,
        "s": s, "cells": cells, "lambda": 60.0 + seed, "C": 0.5 + 0.1 * seed, "q_sq": 7.3 + seed,
        "gram": 0.3 * seed - 0.4, "fitted": 0.2 * seed - 0.3, "norm_a": 300.0 + 7 * seed,
        "lambda_X": 0.04 + 0.01 * seed, "gamma": 0.3 + 0.2 * seed, "H": 1 if alone else 2 + seed,
        "odd": int(not shifted), "linear": int(linear), "tolerance": 0.2, "share": 0.05,
        "smallest": 16.0, "largest": 128.0, "scales": 4, "n": 9 + seed, "d": 7, "p": 6 + seed,
        "L_1": 40.0, "L_2": 55.0 + seed,
    }  # fmt: skip
