"""Networks on data in a subspace: what training never sees, depth, noise in the codimension."""
