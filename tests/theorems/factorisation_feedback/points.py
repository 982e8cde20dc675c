"""Points at which the claims of random feedback are evaluated to 50 digits."""

import numpy as np


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    modes, r = 2 + seed, 3 + seed
    u = 1.7 / np.arange(1, modes + 1)
    curves = np.linspace(0.1, 0.9, 6 * modes).reshape(6, modes) ** (1 + seed)
    values = {
        "r": r, "k": r, "units": r, "N": 40, "t": 2 + seed, "j": seed,
        "time": 0.3 + 0.2 * seed, "eta": 0.07,
        "transport": 0.0, "start": 0.0, "zeta": 0.0,
        "modes": modes, "u": u, "a": 0.3 + 0.1 * np.arange(modes),
        "w": curves, "q": curves[::-1] / 2, "phi": curves, "u_max": u[0], "u_min": u[-1],
        "u_i": 0.4 + seed, "w_i": 0.3, "q_i": 0.2 * seed, "floor_sq": 0.21 + seed,
        "K_0": -0.3 + seed, "DD": 1.1, "R_t": 0.7 - seed, "RWW": 0.2, "ZD": -0.4, "YP": 0.33,
        "P": 0.45, "Y": -0.6, "G_0": 0.9, "A_0": -0.2, "matrix_product": 0.17,
        "U_F": 2.3, "sigma_U": 0.6, "Y_F": 1.9, "C_F": 3.1, "C_norm": 2.2, "lambda_C": 0.4,
        "D_F": 0.8, "D_0": 1.4, "DW_F": 0.5, "WD_F": 0.6, "RW_F": 0.9, "R_norm": 0.7,
        "Q_norm": 1.3, "sigma_Q": 0.42, "lambda_Q": 0.2, "Z_norm": 0.8, "sigma_W": 0.4,
        "lift": 0.9, "lambda_K": 0.3, "W_sq": 3.0, "W0_sq": 0.7, "trQ_0": -0.2, "S_1": 2.6,
        "S_2": 1.5, "rho": 0.4, "U_nuclear": 4.4, "W0_norm": 0.8, "UW_0": -0.5, "least": -0.1,
        "advanced": 0.6, "tail": 3.0 / np.arange(1, 50), "sigma": 1.0 / np.arange(1, 41),
        "J": 0.4 / np.arange(1, 41), "p": 2, "s": 5.0 + 3 * seed, "tau": 0.7, "c": seed,
        "f": 0.2 + np.arange(32).reshape(4, 8) / 7, "epsilon": 0.1 + seed, "tolerance": 0.2,
        "smallest": 2, "largest": 16, "widths": 4,
    }  # fmt: skip
    values |= _certificate(values)
    return values | _own(name.partition("/")[2], values)


def _certificate(at):
    """L_min and W_max far on their safe side, and x where the potential is least."""
    L0, L_min = 0.4, -60.0
    values = {"K_F": 1.2, "L_0": L0, "L_min": L_min, "eta": 1e-3}
    kap, root, rhs = 1.2 + 2e-3 * (L0 - L_min), at["r"] ** 0.5, 2 * at["r"] * at["U_F"]
    (x,) = (z.real for z in np.roots([1, 0, -root * kap, -rhs]) if z.real > 0)
    for _ in range(3):  # Newton, for the last digits
        x -= (x**3 - root * kap * x - rhs) / (3 * x**2 - root * kap)
    return values | {"x": x, "W_max": 3 * x}


def _own(name, at):
    """What single claims need beside."""
    reached = {"RW_F": 1e-13, "D_F": 1e-13, "DW_F": 1e-13}
    special = {
        "rate": {"zeta": 0.3},
        "flow/cosine-start": {"time": 1e-5},
        "flow/cosine-end": {"time": 90.0},
        "expected-error/one-unit": {"r": 1},
        "separation/law": {"p": 1},
        "separation/strong-signal": {"p": at["r"]},
        "full-rank": reached,
    }
    full = {"k": at["modes"]} if name.endswith("full-rank") else {}
    return full | (reached if name.startswith("fixed-point") else special.get(name, {}))
