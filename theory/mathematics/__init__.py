"""Closed forms that several theorems share."""
