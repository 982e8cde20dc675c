"""Points at which the claims on concept classes are evaluated to 50 digits."""

DEGREES = (0, 1, 3, 5)


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    found = {
        "rho": [-1.0, -0.3, 0.6, 1.0][seed], "terms": 3.0 + seed, "norm_var": 5.0 + seed,
        "F": -0.3 + 0.2 * seed, "half_2": 0.9 + 0.1 * seed, "half_3": 0.2 - 0.3 * seed,
        "half_4": 4.0 + seed, "mixed": 0, "d": 4 + seed, "p": 1 + seed, "OPT": 0.01 * seed,
        "N": 50 * (seed + 1), "kappa": 1e12, "eta": 0.2 + 0.1 * seed, "T": 100 * (seed + 1),
        "delta": 0.05 + 0.1 * seed, "coupled": 1, "euler": 0.4 - 0.3 * seed,
        "compared": 0.02 * seed, "start": 4.0 + seed, "end": 3.0 - 0.5 * seed,
        "gradients": 0.8 + seed, "labels": 20.0 + seed, "C_s": 3.4 + seed, "C": 0.5 + seed,
        "smallest": 100 * (seed + 1), "largest": 1600 * (seed + 1), "sizes": 5,
        "tolerance": 0.1 + 0.1 * seed, "f_0": 0.5 - 0.4 * seed, "second": 0.01 * (seed - 2),
        "room_1": 0.1 + seed, "room_2": 0.2 + seed, "L": 0.8 + seed, "L_star": 0.01 * seed,
        "C_1": 0.1 + 0.05 * seed, "slope": 0.2 - 0.1 * seed, "product": 0.03 * (seed - 1),
        "size": 7.0 + seed, "power": 10.0 + seed,
    }  # fmt: skip
    for i, k in enumerate(DEGREES):
        found |= {f"phi_{k}": 0.7 - 0.3 * i + 0.2 * seed, f"psi_{k}": -0.4 + 0.3 * i - 0.1 * seed,
                  f"q_{k}": 0.3 + 0.2 * i + 0.1 * seed, f"r_{k}": 0.1 + 0.1 * i * seed}  # fmt: skip
    return found
