"""Points at which the scaling laws are evaluated to 50 digits."""


def point(name, seed):
    """In-regime values of every symbol; a different small problem for each seed 0 to 3."""
    p = 2 + seed
    found = {
        "tolerance": 0.1 + 0.05 * seed, "smallest": 16, "largest": 256, "widths": 5, "theta": 1.0,
        "V": 0.0, "xi": 1 / p, "p": p, "r": 0.5, "K": 40,
        "transient": 0.0, "spread": 0.0,
    }  # fmt: skip
    return found | {"V": 0.1 * p} if name == "scaling/floors" else found
