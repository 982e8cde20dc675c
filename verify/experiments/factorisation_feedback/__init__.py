"""Random feedback in low-rank matrix factorisation: paths, ends, and the mean over feedback."""
