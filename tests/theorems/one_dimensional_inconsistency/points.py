"""Points at which the claims on networks on a line are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; different ones for each seed 0 to 3."""
    del name
    s = 0.1 * seed
    return {
        "m": 4 + 12 * seed, "t": 9 + seed, "T_0": 4 + seed, "eta": 0.01 + 0.1 * s, "crossed": 0,
        "b_start": 0.0, "xi": 0.9 + s, "M_min": 0.03, "part": 0.0,
        "entry": 1.7 - s, "once": -0.6 + s, "twice": 0.45, "c_before": 0.02 * (seed - 1),
        "be_plus": 0.3, "be_minus": -0.5 + s, "M_1": 1.1, "M_2": -0.4 + s, "h": 0.7 * s,
        "S_13": 0.8 - s, "S_23": 0.02 * seed, "c": -0.03 + s, "F_1": 0.98, "F_2": 0.03 * s,
        "F_3": -0.1 + s, "a_0": 1.3 - s, "b_0": 0.0, "w_0": 0.2 * (seed - 2),
        "rho": 0.4 * (seed - 1), "F_11": 1.02, "F_13": -0.03 + 0.2 * s, "F_21": 0.01 * s,
        "F_23": 0.06 - s, "low_plus": -5.0, "low_minus": -6.0, "high_plus": 4.0 - 2 * seed,
        "high_minus": 7.0, "least_plus": -2.0, "least_minus": -1.0, "most_plus": 1.0,
        "most_minus": 2.0, "a": -1.2 + s, "b": 0.05 * s, "w": 0.3, "al": 0.7 - s, "be": 0.2,
        "room": 0.3, "lam_1": 0.2, "lam_max": 2.0, "epsilon": 0.01 * (1 + seed), "Z_r": 0.4,
        "Z_sq": 1.2 + s, "ref": 0.05, "row": 1.4, "gap": 1e-9, "growth": 0.1, "reach": 0.5,
        "A": 0.05 * (1 + seed), "B": 0.07, "abs_a": 1.4, "abs_b": 0.02 * s, "abs_w": 0.2 + s,
        "L_aff": 0.8 - s, "farthest": 0.4, "turned": 0, "u_plus": 0.2 + s, "u_minus": 0.35,
        "fewest": 5, "n": 4 + seed, "ties": 0, "certified": 0.4 + s, "he": 1, "step": 0.9,
        "v_opt": 0.0, "tau": 0.5 * seed, "E_plus": 1.6 + s, "E_minus": 2.1, "chi_plus": 0.4 + s,
        "chi_minus": 0.6, "kappa": 1.0 + seed, "b_plus": 0.3, "b_minus": 0.2 + s,
        "D_plus": 0.07 + s, "D_minus": 0.07 + s, "C": 0.9 + s, "gamma": 0.45 - s,
        "narrowest": 4 + 12 * seed,
    }  # fmt: skip
