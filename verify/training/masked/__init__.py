"""Training through random masks: networks, mask laws, engines, what is measured."""
