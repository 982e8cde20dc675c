"""Data to train on: synthetic, shipped with scikit-learn, from files."""
