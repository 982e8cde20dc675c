"""The experiment of ReLU networks of one hidden layer on a line."""
