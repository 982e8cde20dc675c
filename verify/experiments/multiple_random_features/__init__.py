"""Ridge regression on random features of several types: what is measured."""
