"""Deep networks: certificates at the start, training under them, sweeps of width, gain, depth."""
