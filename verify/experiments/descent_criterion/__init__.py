"""The criterion for gradient descent: networks of fixed width that meet it, trained."""
