"""Coupled initialisation: trials of its lemmas, and training at the width and scale it asks for."""
