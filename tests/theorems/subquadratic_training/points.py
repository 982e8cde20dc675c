"""Points at which the claims on subquadratic training are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    wide, claim = name == "subquadratic/width", name.partition("/")[2]
    known = _values(name, seed, wide)
    if claim in ("fired-slope", "slope-lazy"):
        known["c"] = [0.1, 0.25, 0.4, 0.3][seed]
    if claim in ("slope-lazy", "slope-sparse"):
        known["L"] = 1
    if claim == "slope-dense":
        known["L"] = 2 + seed
    if claim in ("slope-width", "slope-order"):
        known |= {"norm_y": 1.0, "b": 0.5 + 0.1 * seed, "smallest": 256, "largest": 4096}
    if claim == "slope-order":
        known |= {"m": 20_000, "smallest": 0.125, "largest": 1.0}
    return known


def _values(name, seed, wide):
    return {
        "n": 2 + seed, "d": 4 + seed, "m": [4000, 9000, 20_000, 10**6][seed] if wide else 64 + seed,
        "L": 2 if "leading" in name else 1 + seed, "c": [0.1, 0.25, 0.4, 0.7][seed],
        "b": [0.7, 1.5, 2.5, 0.1][seed] if wide else 4.0 + 0.1 * seed,
        "norm_h": [1.0, 0.8, 1.7, 3.0][seed], "long": 1.0, "short": 1.0,
        "near": 5 + seed, "pairs": 30 + seed, "reach": 0.1 * seed, "dense": 0.3 - 0.2 * seed,
        "grown": 1 + seed, "into": 20 + seed, "blocks": 300 + seed, "top": 9 + seed,
        "bottom": 8 + 3 * seed, "t": 1 + seed, "kinks": 0.3 - 0.2 * seed, "nu_t": 0.01 * seed,
        "g": 1.3 + 0.1 * seed, "least": 0.2 + 0.1 * seed, "e_t": 0.4 + seed, "e_0": 0.3 + seed,
        "lambda": 0.3 + 0.05 * seed, "nu": 0.02 + 0.01 * seed, "norm_X": 1.1 + 0.1 * seed,
        "first": 0.05 + 0.01 * seed, "close": 1, "single": 0, "sure": 7 + seed,
        "lambda_b": [0.3, 0.2, 0.1, 0.4][seed], "norm_G": 1.2 + 0.2 * seed,
        "norm_y": [1e-2, 1e-3, 1e-4, 0.1][seed], "epsilon": [0.5, 0.4, 0.6, 0.3][seed],
        "delta": [0.2, 0.1, 0.05, 0.01][seed], "epsilon_0": 0.1 * seed,
        "s": [31, 64, 1000, 257][seed], "c_1": 0.3 - 0.2 * seed, "c_2": 0.5 + 0.1 * seed,
        "k_1": 0.2 + 0.1 * seed, "k_2": 0.3 + 0.1 * seed, "N_1": 1.5 + seed, "N_2": 2.5 + seed,
        "columns": 2.0 + seed, "rows": 3.0 + seed, "entries": 1.7 - 0.3 * seed,
        "swapped": -0.4 + 0.5 * seed, "far": 0.5 + 0.2 * seed, "gamma": 0.2 + 0.15 * seed,
        "E_0": 1.5 + seed, "smallest": 64, "largest": 1024 * (1 + seed), "sizes": 4 + seed,
        "tolerance": 0.1 + 0.05 * seed, "C_f": 0.5 + seed, "C_e": 0.1 + 0.1 * seed,
        "C_m": 50.0, "C_c": 3.0 + seed, "alpha": 0.1 + 0.1 * seed,
    }  # fmt: skip
