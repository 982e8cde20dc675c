"""Points at which the claims of network identification are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; another small network for each seed 0 to 3."""
    D = 3 + seed
    values = {
        "D": D, "m": D + seed % 2, "N": 2 * D + 2, "a": 1 - 0.2 * seed, "b": 0.5 + 0.3 * seed,
        "S": 4.0 + seed, "eps": [0.1, 0.02, 1e-3, 1e-4][seed], "nu": 1e-12 * seed,
        "E": 1e-3 * seed, "s_m": 0.3 + seed, "gamma": [0.5, 0.6, 2.0, 7.0][seed],
        "F": [0.0, 0.3, 0.9, 1.0][seed], "y": [0.6, 1.0, 2.95, 8.0][seed],
        "rest": [0.0, 0.01, 1e-4, 1e-9][seed], "theta": [1e-3, 1e-3, 0.0, 1e-10][seed],
        "s_k": 0.4 + 0.2 * seed, "tangent": 0.01 * seed, "delta": 0.1 + 0.2 * seed, "C": 3.0,
        "z": -2.0 + 1.7 * seed, "sign": 1.0 - 2.0 * (seed % 2), "R": 0.8 + 0.4 * seed,
        "tau": -0.4 + 0.3 * seed, "dual": 1.1 + seed, "t": 5 * seed, "eta": 0.1 + 0.05 * seed,
        "lam": 0.05 + 0.01 * seed, "Lam": 1.0 + seed, "d": 1e-3 * seed, "d_0": 2e-3 * seed,
        "p": 0.0 if name in ("identification/slowest", "identification/basin") else 1e-5 * seed,
        "zeta": 1e-3 * seed, "M": 20 + seed, "sizes": 3 + seed, "widest": 0.1, "narrowest": 0.01,
        "tolerance": 0.1, "faintest": 0.01 + 0.1 * seed, "starts": 60, "fewest": 200 + seed,
        "tau_max": 0.5,
    }  # fmt: skip
    if name in ("identification/weights-order", "identification/biases-order"):
        values |= {"nu": 0.0, "m": D, "R": 0.8 + 0.2 * seed}
    if name == "identification/signs":
        values |= {"eps": [0.1, 0.02, 1e-2, 1e-3][seed]}
    return values
