"""Points at which the claims of quadratic networks are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    d = 2 + seed
    D = d * (d + 1) // 2
    values = {
        "n": D + 1 + seed, "d": d, "t": 3 * seed, "k_plus": d + seed % 2, "k_minus": d + 1,
        "v_plus": 0.7, "v_minus": 0.9 + 0.1 * seed, "uneven": 0.0, "GW": -0.4 + 0.3 * seed,
        "SM": 0.3 - 0.2 * seed, "trace_plus": 0.8, "trace_minus": 0.5 + 0.1 * seed, "gamma": 0.3,
        "gap": 0.2, "slope": 0.0, "bend": 0.0,
        "sigma_plus": [0.01, 0.2, 0.4, 2.0][seed], "sigma_minus": 0.6,
        "G_plus": 0.5, "G_minus": 0.4, "t_max": 1.0 + 0.2 * seed, "rank": D, "s": 1.3,
        "eta": 0.01, "c": 0.8 + 0.1 * seed, "sign": 1.0 - 2.0 * (seed % 2), "entry": 1.7,
        "once": -0.6, "twice": 0.45, "crossed": 0.31, "walked": 0.9, "k": d, "c_n": 4.0,
        "c_r": 1e-3, "R_0": 1.0, "distance": 0.4, "L_0": 0.7, "time": 0.9 * seed, "g_0": 0.1,
        "sigma_d": 0.5, "norm_C": 0.9, "norm_M": 0.6 + 0.1 * seed, "t_min": 0.1,
    }  # fmt: skip
    if name in ("quadratic/threshold", "quadratic/published-size", "quadratic/minimum-law"):
        values |= {"gap": 0.0}
    if name == "quadratic/threshold":
        values |= {"n": D - 1, "rank": D - 1}
    if name == "quadratic/strict-saddle":
        values |= {"k_plus": d + 1}
    if name.startswith(("quadratic/smooth", "quadratic/basin", "quadratic/rank")):
        values |= {"n": 3 + seed, "k": 4, "q": 0.5, "kappa": 1.0, "b": 2.0, "ell": 0.1 * seed,
                   "e_0": 0.5, "f_0": 1.0, "eta": 0.1, "kappa_star": 0.9, "b_star": 1.8,
                   "r": 0.2}  # fmt: skip
    if name.startswith("quadratic/wide"):
        values |= {"n": 2 + seed, "d": 100 + seed, "delta": 0.2, "b_0": 0.3 + 0.1 * seed,
                   "v_sq": 2.0, "rest": 10.0, "eta": 1e-3}  # fmt: skip
    return values
