"""Points at which the claims on one neuron are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    b = 0.7 + 0.4 * seed
    return {
        "opt": (1e-4 + 1e-4 * seed) * b**2, "Q": 0.4 + seed, "I_w": 0.3 - 0.1 * seed,
        "pull": 0.2 - 0.3 * seed, "cross": -0.02 + 0.03 * seed, "astray": 0.01 + 0.02 * seed,
        "B": 0.3 + 0.1 * seed, "noise": -0.1 + 0.07 * seed, "both": 0.5 + seed,
        "wrong": 0.1 * seed, "silent": 0.2 + 0.3 * seed,
        "b": b, "omega": [1e-3, 0.05, 0.2, 0.6][seed], "r": [0.99, 0.9, 0.5, 1.4][seed],
        "theta": [0.02, 0.2, 1.3, 0.7][seed], "slope": 1e-12, "uneven": 0.0,
        "C_w": 1.5 + seed, "symmetric": 1, "skewed": 1e-15, "eta": 0.1 + 0.05 * seed,
        "k": 3 + seed, "c": 0.25 + 0.03 * seed, "rho": 0.3, "r_0": 0.2 * b,
        "r_k": 0.1 * b, "B_r": 0.01 + 0.01 * seed, "grad": 0.1 + 0.02 * seed,
        "start": -0.3 + 0.25 * seed, "behind": 0.5 + seed, "power": 0.4, "leak": 0.0,
        "C": 3.0 + seed, "epsilon": 0.01 + 0.01 * seed, "function": 1, "smallest": 1e-4,
        "largest": 0.02 + seed, "sizes": 4 + seed, "tolerance": 0.1 + 0.02 * seed,
    }  # fmt: skip
